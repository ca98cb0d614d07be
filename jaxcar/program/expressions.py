"""Expressions: every node of the language's syntax that has a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxcar.lang.rules import BUILTINS
from jaxcar.program import (
    dicts,
    lists,
    math_api,
    numpy_api,
    opencv_api,
    sets,
)
from jaxcar.program import libraries as libraries  # they register their functions
from jaxcar.program.builtins_api import TYPES
from jaxcar.program.calls import apply
from jaxcar.program.choices import distribute, has_choice
from jaxcar.program.comparison import compare
from jaxcar.program.comprehensions import collected, is_long, searched
from jaxcar.program.faults import Fault
from jaxcar.program.host import Host
from jaxcar.program.indexing import get_item
from jaxcar.program.iteration import iterate, known_items
from jaxcar.program.merge import merge
from jaxcar.program.methods import attribute
from jaxcar.program.operators import BINARY, binary, unary
from jaxcar.program.predicate import Bit, both, either, excludes, implies, literal, negate
from jaxcar.program.scope import Scope
from jaxcar.program.trace import AbandonedError, Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import from_bit
from jaxcar.program.values import (
    BOOL,
    INERT,
    UNSET,
    BoundMethod,
    ClassValue,
    DictValue,
    EnumMember,
    FunctionValue,
    Inert,
    Instance,
    LazyItems,
    LibraryName,
    ListValue,
    Maybe,
    Record,
    RecordType,
    Tensor,
    Text,
    ValueMethod,
    as_tensor,
    is_static,
    unwrap_static,
)
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

CONSTANTS: dict[str, Any] = {
    **{f"numpy.{name}": getattr(np, name) for name in ("pi", "e", "inf", "nan", "newaxis")},
    **math_api.CONSTANTS,
    **opencv_api.CONSTANTS,
    **{f"numpy.{name}": kind for name, kind in numpy_api.TYPES.items()},
}


def library_value(path: str) -> Any:
    """Return a library's constant or type, or the name itself for a function or module."""
    return CONSTANTS[path] if path in CONSTANTS else LibraryName(path)


def evaluate(run: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """Return the value of an expression on the present path."""
    with run.trace.at(node):
        value = _HANDLERS[type(node)](run, node, scope)
        if not run.trace.known_arrays and isinstance(value, np.ndarray) and value.ndim > 0:
            return as_tensor(value)
        return value


def evaluate_truth(run: Interpreter, node: ast.expr, scope: Scope) -> Bit:
    """Return the truth of an expression where nothing else of its value is wanted.

    `and` and `or` return an operand: a list and a bool that meet so have no common value, but each
    has its truth.
    """
    trace = run.trace
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        with trace.at(node):
            return negate(evaluate_truth(run, node.operand, scope))
    if not isinstance(node, ast.BoolOp):
        return truth_of(trace, evaluate(run, node, scope))
    conjunction = isinstance(node.op, ast.And)
    result: Bit = conjunction
    with trace.at(node):
        for operand in node.values:
            # What follows is reached only where what came before leaves it open.
            onward = result if conjunction else negate(result)
            if onward is False or excludes(trace.path, onward):
                break
            with trace.under(onward):
                here = evaluate_truth(run, operand, scope)
            result = both(result, here) if conjunction else either(result, here)
    return result


def _constant(run: Interpreter, node: ast.Constant, scope: Scope) -> Any:
    return node.value


def _name(run: Interpreter, node: ast.Name, scope: Scope) -> Any:
    value = scope.find(node.id)
    if value is UNSET and scope.binds(node.id):
        return run.trace.read(value, node.id)
    if value is UNSET and node.id in TYPES:
        return TYPES[node.id]
    if value is UNSET and node.id in BUILTINS:
        return LibraryName(f"builtins.{node.id}")
    return run.trace.read(value, node.id)


def _attribute(run: Interpreter, node: ast.Attribute, scope: Scope) -> Any:
    owner = run.trace.present(evaluate(run, node.value, scope), Fault.ATTRIBUTE)
    if isinstance(owner, LibraryName):
        return library_value(f"{owner.path}.{node.attr}")
    return field(run, owner, node.attr)


def field(run: Interpreter, owner: Any, name: str) -> Any:
    """Return an attribute of an object, class or value."""
    if isinstance(owner, Instance):
        return _field(run, owner, name)
    if isinstance(owner, ClassValue):
        return _class_field(run, owner, name)
    if isinstance(owner, RecordType):
        if name == "_fields":
            return owner.fields
        if name in owner.functions:
            return owner.functions[name]
        run.trace.refuse("JC409", f"the namedtuple has no attribute `{name}`")
    if isinstance(owner, Record):
        return _record_field(run, owner, name)
    if isinstance(owner, Host):
        return owner.attribute(name)
    if owner is dict and name == "fromkeys":
        return ValueMethod(name, lambda keys, value=None: dicts.from_keys(run.trace, keys, value))
    if isinstance(owner, EnumMember):
        if name in ("name", "value"):
            return getattr(owner, name)
        run.trace.refuse("JC409", f"an enum's member has no attribute `{name}`")
    if isinstance(owner, Text) and isinstance(owner.options[0], EnumMember):
        members = [field(run, member, name) for member in owner.options]
        result = members[0]
        for place, member in enumerate(members[1:], start=1):
            result = merge(literal(owner.index == place), member, result)
        return result
    if has_choice(owner):
        made = [(bit, field(run, option, name)) for bit, option in owner.options]
        if all(isinstance(option, (ValueMethod, BoundMethod)) for _, option in made):
            return _method_of_choice(run, name, made)
        return distribute(run.trace, lambda x: field(run, x, name), owner)
    return attribute(run.trace, owner, name)


def _method_of_choice(
    run: Interpreter, name: str, options: list[tuple[Bit, Any]]
) -> ValueMethod:
    def call(*arguments: Any, **keywords: Any) -> Any:
        result: Any = UNSET
        for bit, method in options:
            with run.trace.under(bit):
                if run.trace.path is False:
                    continue
                try:
                    made = apply(run, method, list(arguments), keywords)
                except AbandonedError:
                    continue
            result = made if result is UNSET else merge(bit, made, result)
        return result

    return ValueMethod(name, call)


def _class_field(run: Interpreter, owner: ClassValue, name: str) -> Any:
    if name in owner.constants:
        return run.trace.read(owner.constants[name], name)
    if name in owner.class_methods:
        return BoundMethod(owner, owner.functions[name])
    if name in owner.functions:
        return owner.functions[name]
    run.trace.refuse("JC409", f"the class has no attribute `{name}`")


def _record_field(run: Interpreter, owner: Record, name: str) -> Any:
    kind = owner.type
    if name in kind.fields:
        return owner[kind.fields.index(name)]
    if name in kind.properties:
        return run.call(kind.functions[name], [owner], {})
    if name in kind.functions:
        return BoundMethod(owner, kind.functions[name])
    if name == "_replace":
        return ValueMethod(name, lambda **changes: replaced(run.trace, owner, changes))
    if name == "_asdict":
        return ValueMethod(name, lambda: DictValue(dict(zip(kind.fields, owner, strict=True))))
    return attribute(run.trace, owner, name)


def replaced(trace: Trace, record: Record, changes: dict[str, Any]) -> Record:
    """Return a namedtuple with some fields changed."""
    unknown = [name for name in changes if name not in record.type.fields]
    if unknown:
        trace.refuse("JC402", f"the namedtuple has no field `{unknown[0]}`")
    pairs = zip(record.type.fields, record, strict=True)
    return Record([changes.get(name, value) for name, value in pairs], record.type)


def _field(run: Interpreter, owner: Instance, name: str) -> Any:
    cls = owner.cls
    if name in cls.properties:
        return run.call(cls.functions[name], [owner], {})
    if name in owner.fields:
        value = run.trace.settle(owner.fields[name])
        if isinstance(value, Maybe) and name in cls.constants:
            # Where the object has no such attribute, the class's is found.
            value = merge(value.defined, value.value, cls.constants[name])
        return run.trace.read(value, f"self.{name}", Fault.ATTRIBUTE)
    if name == "__init__" and name not in cls.functions:
        return ValueMethod(name, lambda *a, **k: run.set_up(owner, list(a), k))
    if name in cls.functions:
        function = cls.functions[name]
        if name in cls.class_methods:
            return BoundMethod(cls, function)
        return function if name in cls.static else BoundMethod(owner, function)
    if name in cls.constants:
        return cls.constants[name]
    run.trace.give_up(
        Fault.ATTRIBUTE, "JC409", f"the object has no attribute `{name}` when it is read here"
    )


def _subscript(run: Interpreter, node: ast.Subscript, scope: Scope) -> Any:
    owner = evaluate(run, node.value, scope)
    index = evaluate(run, node.slice, scope)
    return get_item(run.trace, owner, index)


def _slice(run: Interpreter, node: ast.Slice, scope: Scope) -> slice:
    parts = (node.lower, node.upper, node.step)
    return slice(*(None if part is None else evaluate(run, part, scope) for part in parts))


def spread(run: Interpreter, nodes: list[ast.expr], scope: Scope) -> list[Any]:
    """Return the values of expressions, those with a star one by one."""
    values: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = evaluate(run, node.value, scope)
            values += known_items(run.trace, inner, "unpacking something")
        else:
            values.append(evaluate(run, node, scope))
    return values


def _tuple(run: Interpreter, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
    return run.trace.bounded(tuple(spread(run, node.elts, scope)))


def _list(run: Interpreter, node: ast.List, scope: Scope) -> ListValue:
    if any(isinstance(item, ast.Starred) for item in node.elts):
        made = ListValue([], run.trace.path)
        for item in node.elts:
            if isinstance(item, ast.Starred):
                lists.extend(run.trace, made, evaluate(run, item.value, scope))
            else:
                lists.append(run.trace, made, evaluate(run, item, scope))
        return made
    return run.trace.bounded(ListValue(spread(run, node.elts, scope), run.trace.path))


def _set(run: Interpreter, node: ast.Set, scope: Scope) -> DictValue:
    return sets.from_items(run.trace, iter([(True, x) for x in spread(run, node.elts, scope)]))


def _dict(run: Interpreter, node: ast.Dict, scope: Scope) -> DictValue:
    made = DictValue({})
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            dicts.update(run.trace, made, evaluate(run, value, scope))
            continue
        name = evaluate(run, key, scope)
        item = evaluate(run, value, scope)
        plain = dicts.checked_key(run.trace, name)
        if dicts.is_known_key(made, plain):
            made.entries[plain] = item
        else:
            dicts.put(run.trace, made, plain, (plain, item))
    return made if made.rows is not None else run.trace.bounded(made)


def _formatted(run: Interpreter, node: ast.JoinedStr, scope: Scope) -> Any:
    parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    for part in parts:
        _format(run, part, scope)
    if not parts:
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return INERT


def _format(run: Interpreter, part: ast.FormattedValue, scope: Scope) -> None:
    """Evaluate what is formatted, for its faults; Python checks whether the format fits."""
    value = evaluate(run, part.value, scope)
    if part.format_spec is None or part.conversion != -1:
        return
    spec = evaluate(run, part.format_spec, scope)
    value = run.trace.present(value)
    sample: Any = unwrap_static(value) if is_static(value) else None
    if isinstance(value, (Text, Inert)):
        sample = "text"
    if isinstance(value, Tensor) and value.ndim == 0 and value.mixed is None:
        python = value.python is not False
        sample = value.dtype.type(1).item() if python else value.dtype.type(1)
    try:
        if sample is None or not isinstance(spec, str) or re.search(r"\d{4}", spec):
            raise ValueError("the format is not a short constant")
        format(sample, spec)
    except (ValueError, TypeError) as error:
        words = repr(spec) if isinstance(spec, str) else describe(spec)
        run.trace.refuse("JC404", f"{describe(value)} is formatted with {words}: {error}")


def _binary(run: Interpreter, node: ast.BinOp, scope: Scope) -> Any:
    left = evaluate(run, node.left, scope)
    right = evaluate(run, node.right, scope)
    return binary(run.trace, BINARY[type(node.op)], left, right)


def _unary(run: Interpreter, node: ast.UnaryOp, scope: Scope) -> Any:
    return unary(run.trace, node.op, evaluate(run, node.operand, scope))


def _boolean(run: Interpreter, node: ast.BoolOp, scope: Scope) -> Any:
    """`and` and `or` return an operand; what follows is reached only where it is needed."""
    conjunction = isinstance(node.op, ast.And)

    def rest(operands: list[ast.expr]) -> Any:
        value = evaluate(run, operands[0], scope)
        if len(operands) == 1:
            return value
        truth = truth_of(run.trace, value)
        onward = truth if conjunction else negate(truth)
        if excludes(run.trace.path, onward):
            return value
        with run.trace.under(onward):
            other = rest(operands[1:])
        return _chosen(run, onward, other, value)

    return rest(node.values)


def _is_python_bool(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.dtype == BOOL and value.python is True
    return isinstance(value, bool)


def _compare(run: Interpreter, node: ast.Compare, scope: Scope) -> Any:
    """Chained comparisons evaluate each operand once, and none after the first false one."""
    left = evaluate(run, node.left, scope)
    result = None
    path: Bit = True
    for index, (op, operand) in enumerate(zip(node.ops, node.comparators, strict=True)):
        with run.trace.under(path):
            right = evaluate(run, operand, scope)
            found = compare(run.trace, op, left, right)
        result = found if index == 0 else _chosen(run, path, found, result)
        if index + 1 < len(node.ops):
            path = both(path, truth_of(run.trace, found))
            if path is False:
                return result
        left = right
    return result


def _chosen(run: Interpreter, onward: Bit, other: Any, value: Any) -> Any:
    """Return `other` where evaluation went onward, else `value`, whose truth sent it or not."""
    if _is_python_bool(value) and _is_python_bool(other):
        # Keep the logic of the path, not only its traced value.
        first, second = truth_of(run.trace, value), truth_of(run.trace, other)
        return from_bit(either(both(onward, second), both(negate(onward), first)))
    return merge(onward, other, value)


def _conditional(run: Interpreter, node: ast.IfExp, scope: Scope) -> Any:
    test = evaluate_truth(run, node.test, scope)
    if isinstance(test, bool):
        return evaluate(run, node.body if test else node.orelse, scope)
    if excludes(run.trace.path, test) or implies(run.trace.path, test):
        body = implies(run.trace.path, test)
        return evaluate(run, node.body if body else node.orelse, scope)
    with run.trace.under(test):
        first = evaluate(run, node.body, scope)
    with run.trace.under(negate(test)):
        second = evaluate(run, node.orelse, scope)
    return merge(test, first, second)


def _named(run: Interpreter, node: ast.NamedExpr, scope: Scope) -> Any:
    if scope.comprehension:
        run.trace.refuse(
            "JC312",
            "`:=` inside a comprehension or generator is not supported yet",
            fix="write a `for` loop",
        )
    value = evaluate(run, node.value, scope)
    run.assign(node.target, value, scope)
    run.trace.note(node.target, value)
    return value


def _generate(
    run: Interpreter,
    generators: list[ast.comprehension],
    scope: Scope,
    element: ast.expr,
    ordered: bool = True,
    first: Any = UNSET,
) -> Iterator[tuple[Bit, Any]]:
    """Yield each element with whether it occurs; no path is held open while it waits."""

    def walk(depth: int, inner: Scope, present: Bit) -> Iterator[tuple[Bit, Any]]:
        if depth == len(generators):
            with run.trace.under(present):
                value = evaluate(run, element, inner)
            yield present, value
            return
        clause = generators[depth]
        with run.trace.under(present):
            known = depth == 0 and first is not UNSET
            source = first if known else evaluate(run, clause.iter, inner)
            items = iterate(run.trace, source, ordered)
        for occurs, item in items:
            run.count_trip(clause)
            turn, here = Scope(inner, comprehension=True), both(present, occurs)
            with run.trace.under(here):
                run.bind(clause.target, item, turn)
            for condition in clause.ifs:
                with run.trace.under(here):
                    here = both(here, evaluate_truth(run, condition, turn))
            if here is not False:
                yield from walk(depth + 1, turn, here)

    yield from walk(0, Scope(scope, comprehension=True), True)


# What these make of their elements does not depend on the order.
_ORDER_FREE = frozenset(
    f"builtins.{name}" for name in ("sum", "any", "all", "min", "max", "sorted", "set", "len")
)


def _argument(run: Interpreter, function: Any, node: ast.expr, scope: Scope) -> Any:
    """Return the only argument of a call, which may make the order of a generator immaterial."""
    path = function.path if isinstance(function, LibraryName) else ""
    free = path in _ORDER_FREE or function is set
    if not isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return evaluate(run, node, scope)
    with run.trace.at(node):
        if isinstance(node, ast.ListComp):
            return _collect(run, node, scope, node.elt, ordered=not free)
        if path in ("builtins.any", "builtins.all"):
            sequence = evaluate(run, node.generators[0].iter, scope)
            if is_long(run, node, sequence, node.elt):
                wanted = path == "builtins.any"
                found = searched(run, node, sequence, node.elt, scope, wanted)
                return (found if wanted else unary(run.trace, ast.Not(), found),)
            return LazyItems(_generate(run, node.generators, scope, node.elt, False, sequence))
        if free or path in _EAGER or function in (list, tuple):
            return _items(run, node, scope, ordered=not free)
        return _generator(run, node, scope)


# What these do with a generator, they do with all of its elements at once.
_EAGER = frozenset(
    ["builtins.frozenset", "numpy.fromiter", "collections.deque", "builtins.dict", "math.fsum"]
)


def _items(run: Interpreter, node: ast.GeneratorExp, scope: Scope, ordered: bool) -> Any:
    """Return the elements of a generator that is used up at once."""
    source = node.generators[0].iter
    if isinstance(source, ast.GeneratorExp):
        sequence = _items(run, source, scope, ordered)
    else:
        sequence = evaluate(run, source, scope)
    if is_long(run, node, sequence, node.elt):
        return collected(run, node, sequence, node.elt, scope)
    return LazyItems(_generate(run, node.generators, scope, node.elt, ordered, sequence))


def _collect(
    run: Interpreter, node: Any, scope: Scope, element: ast.expr, ordered: bool = True
) -> ListValue:
    """Return the elements of a comprehension as a list."""
    sequence = evaluate(run, node.generators[0].iter, scope)
    if is_long(run, node, sequence, element):
        return collected(run, node, sequence, element, scope)
    items = _generate(run, node.generators, scope, element, ordered, sequence)
    return lists.from_items(run.trace, list(items))


def _generator(run: Interpreter, node: ast.GeneratorExp, scope: Scope) -> LazyItems:
    return LazyItems(_generate(run, node.generators, scope, node.elt))


def _list_comprehension(run: Interpreter, node: ast.ListComp, scope: Scope) -> Any:
    return _collect(run, node, scope, node.elt)


def _set_comprehension(run: Interpreter, node: ast.SetComp, scope: Scope) -> Any:
    made = _collect(run, node, scope, node.elt, ordered=False)
    return sets.from_items(run.trace, iterate(run.trace, made))


def _dict_comprehension(run: Interpreter, node: ast.DictComp, scope: Scope) -> Any:
    pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
    made = DictValue({})
    for bit, (key, value) in iterate(run.trace, _collect(run, node, scope, pair)):
        with run.trace.under(bit):
            if run.trace.path is not False:
                dicts.set_entry(run.trace, made, key, value)
    return made


def _lambda(run: Interpreter, node: ast.Lambda, scope: Scope) -> FunctionValue:
    return make_function(run, node, scope)


def make_function(
    run: Interpreter, node: ast.FunctionDef | ast.Lambda, scope: Scope
) -> FunctionValue:
    """Return a function value: its defaults are evaluated now."""
    defaults = tuple(evaluate(run, default, scope) for default in node.args.defaults)
    keyword = {
        arg.arg: evaluate(run, default, scope)
        for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is not None
    }
    return FunctionValue(node, scope, defaults, keyword)


def _call(run: Interpreter, node: ast.Call, scope: Scope) -> Any:
    function = run.trace.present(evaluate(run, node.func, scope))
    if isinstance(function, Host):
        return function.call(run.trace, node, lambda x: evaluate(run, x, scope))
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        only = _argument(run, function, node.args[0], scope)
        arguments = [only]
    else:
        arguments = spread(run, node.args, scope)
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(run, keyword.value, scope)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        if not isinstance(value, DictValue) or any(
            isinstance(entry, Maybe) or not isinstance(key, str)
            for key, entry in value.entries.items()
        ):
            run.trace.refuse("JC404", f"{describe(value)} is unpacked with `**`")
        keywords.update(value.entries)
    return apply(run, function, arguments, keywords)


def _stray_star(run: Interpreter, node: ast.Starred, scope: Scope) -> Any:
    run.trace.refuse("JC312", "a star is not supported here", node=node)


_HANDLERS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _generator,
    ast.IfExp: _conditional,
    ast.JoinedStr: _formatted,
    ast.Lambda: _lambda,
    ast.List: _list,
    ast.ListComp: _list_comprehension,
    ast.Name: _name,
    ast.NamedExpr: _named,
    ast.Set: _set,
    ast.SetComp: _set_comprehension,
    ast.Slice: _slice,
    ast.Starred: _stray_star,
    ast.Subscript: _subscript,
    ast.Tuple: _tuple,
    ast.UnaryOp: _unary,
}
