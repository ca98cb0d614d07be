"""Expressions: every node of the language's syntax that has a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxcar.lang.rules import BUILTINS
from jaxcar.program import math_api, numpy_api, opencv_api, registry
from jaxcar.program.builtins_api import TYPES
from jaxcar.program.calls import apply
from jaxcar.program.comparison import compare
from jaxcar.program.indexing import get_item
from jaxcar.program.iteration import iterate
from jaxcar.program.merge import merge
from jaxcar.program.methods import attribute
from jaxcar.program.operators import BINARY, binary, unary
from jaxcar.program.predicate import Bit, both, either, excludes, implies, negate
from jaxcar.program.scope import Scope
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import from_bit
from jaxcar.program.values import (
    BOOL,
    INERT,
    UNSET,
    BoundMethod,
    ClassValue,
    DictValue,
    Inert,
    Instance,
    LazyItems,
    LibraryName,
    ListValue,
    Maybe,
    Tensor,
    Text,
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
    owner = run.trace.present(evaluate(run, node.value, scope))
    if isinstance(owner, LibraryName):
        return library_value(f"{owner.path}.{node.attr}")
    return field(run, owner, node.attr)


def field(run: Interpreter, owner: Any, name: str) -> Any:
    """Return an attribute of an object, class or value."""
    if isinstance(owner, Instance):
        return _field(run, owner, name)
    if isinstance(owner, ClassValue):
        if name in owner.constants:
            return run.trace.read(owner.constants[name], name)
        if name in owner.functions:
            return owner.functions[name]
        run.trace.refuse("JC409", f"the class has no attribute `{name}`")
    return attribute(run.trace, owner, name)


def _field(run: Interpreter, owner: Instance, name: str) -> Any:
    if name in owner.fields:
        value = run.trace.settle(owner.fields[name])
        if isinstance(value, Maybe) and name in owner.cls.constants:
            # Where the object has no such attribute, the class's is found.
            value = merge(value.defined, value.value, owner.cls.constants[name])
        return run.trace.read(value, f"self.{name}")
    if name in owner.cls.functions:
        function = owner.cls.functions[name]
        return function if name in owner.cls.static else BoundMethod(owner, function)
    if name in owner.cls.constants:
        return owner.cls.constants[name]
    run.trace.refuse("JC409", f"the object has no attribute `{name}` when it is read here")


def _subscript(run: Interpreter, node: ast.Subscript, scope: Scope) -> Any:
    owner = evaluate(run, node.value, scope)
    index = evaluate(run, node.slice, scope)
    return get_item(run.trace, owner, index)


def _slice(run: Interpreter, node: ast.Slice, scope: Scope) -> slice:
    parts = (node.lower, node.upper, node.step)
    return slice(*(None if part is None else evaluate(run, part, scope) for part in parts))


def _tuple(run: Interpreter, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
    return run.trace.bounded(tuple(evaluate(run, item, scope) for item in node.elts))


def _list(run: Interpreter, node: ast.List, scope: Scope) -> ListValue:
    items = [evaluate(run, item, scope) for item in node.elts]
    return run.trace.bounded(ListValue(items, run.trace.path))


def _dict(run: Interpreter, node: ast.Dict, scope: Scope) -> DictValue:
    entries: dict[Any, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            run.trace.refuse("JC312", "`**` in a dict is not supported yet")
        name = evaluate(run, key, scope)
        if not is_static(name) or isinstance(name, (ListValue, np.ndarray)):
            run.trace.refuse("JC406", "a dict key must be a constant", node=key)
        entries[unwrap_static(name)] = evaluate(run, value, scope)
    return run.trace.bounded(DictValue(entries))


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
    test = truth_of(run.trace, evaluate(run, node.test, scope))
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
    return value


def _generate(
    run: Interpreter, generators: list[ast.comprehension], scope: Scope, element: ast.expr
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
            items = iterate(run.trace, evaluate(run, clause.iter, inner))
        for occurs, item in items:
            run.count_trip(clause)
            turn, here = Scope(inner, comprehension=True), both(present, occurs)
            with run.trace.under(here):
                run.bind(clause.target, item, turn)
            for condition in clause.ifs:
                with run.trace.under(here):
                    here = both(here, truth_of(run.trace, evaluate(run, condition, turn)))
            if here is not False:
                yield from walk(depth + 1, turn, here)

    yield from walk(0, Scope(scope, comprehension=True), True)


def _generator(run: Interpreter, node: ast.GeneratorExp, scope: Scope) -> LazyItems:
    return LazyItems(_generate(run, node.generators, scope, node.elt))


def _list_comprehension(run: Interpreter, node: ast.ListComp, scope: Scope) -> Any:
    lazy = LazyItems(_generate(run, node.generators, scope, node.elt))
    return registry.call(run.trace, "builtins.list", [lazy], {})


def _call(run: Interpreter, node: ast.Call, scope: Scope) -> Any:
    function = run.trace.present(evaluate(run, node.func, scope))
    arguments = [evaluate(run, argument, scope) for argument in node.args]
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            run.trace.refuse("JC312", "unpacking with `**` is not supported yet")
        keywords[keyword.arg] = evaluate(run, keyword.value, scope)
    return apply(run, function, arguments, keywords)


_HANDLERS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.GeneratorExp: _generator,
    ast.IfExp: _conditional,
    ast.JoinedStr: _formatted,
    ast.List: _list,
    ast.ListComp: _list_comprehension,
    ast.Name: _name,
    ast.NamedExpr: _named,
    ast.Slice: _slice,
    ast.Subscript: _subscript,
    ast.Tuple: _tuple,
    ast.UnaryOp: _unary,
}
