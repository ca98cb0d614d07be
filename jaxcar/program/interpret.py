"""Statements and calls: the predicated execution of a checked tree.

Every statement runs on every path, under the predicate that it is reached: assignments join the new
value with the old one, `return`, `break` and `continue` switch the rest of their block off, loops
are written out turn by turn. The program's text is never executed; only JAX operations are traced.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.lang.resolve import ResolvedModule
from jaxcar.program.builtins_api import iterate
from jaxcar.program.expressions import evaluate, library_value
from jaxcar.program.faults import Fault
from jaxcar.program.indexing import set_item
from jaxcar.program.merge import merge
from jaxcar.program.operators import BINARY, binary, cast, truth_of
from jaxcar.program.predicate import Bit, both, either, literal, negate, same, traced
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    UNSET,
    ClassValue,
    FunctionValue,
    Instance,
    LibraryName,
    ListValue,
    Tensor,
    as_tensor,
    describe,
    dtype_bounds,
)


class Interpreter:
    """Execute one program's tree while JAX traces.

    Args:
        trace: where the tracing stands, and its faults.
        program: the checked module; its functions, classes and constants are bound at once.

    Attributes:
        module: the module's scope.
    """

    def __init__(self, trace: Trace, program: ResolvedModule) -> None:
        self.trace = trace
        self.module = Scope(None)
        self.scopes = [self.module]
        for alias, path in program.imports.items():
            self.module.variables[alias] = library_value(path)
        # Loggers and typing aliases are assignments too, but not constants.
        body = [
            statement
            for statement in program.tree.body
            if not isinstance(statement, ast.Assign) or statement in program.constants
        ]
        self.block(body, self.module, True)

    def call(
        self, function: FunctionValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Any:
        """Call a function of the program and return its value."""
        scope = self.enter(function, arguments, keywords)
        return self.finish(scope)

    def enter(
        self, function: FunctionValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Scope:
        """Run a function's body and return its scope, which knows what was returned where."""
        node = function.node
        scope = Scope(function.closure, _bound_names(node), self.trace.path)
        self._bind_arguments(function, list(arguments), keywords, scope)
        trace = self.trace
        outer, trace.local = (trace.path, trace.local), True
        self.scopes.append(scope)
        try:
            self.block(node.body, scope, True)
        finally:
            self.scopes.pop()
            trace.path, trace.local = outer
        return scope

    def finish(self, scope: Scope) -> Any:
        """Return what a call returned; None where it fell off its end."""
        if scope.returned is False:
            return None
        return merge(scope.returned, self.trace.read(scope.value, "the returned value"), None)

    def instantiate(
        self, cls: ClassValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Instance:
        """Make an object and run its `__init__`."""
        instance = Instance(cls, {})
        if "__init__" in cls.functions:
            self.call(cls.functions["__init__"], [instance, *arguments], keywords)
        elif arguments or keywords:
            self.trace.refuse("JC402", f"`{cls.node.name}` takes no arguments")
        return instance

    def _bind_arguments(
        self,
        function: FunctionValue,
        arguments: list[Any],
        keywords: dict[str, Any],
        scope: Scope,
    ) -> None:
        node = function.node
        names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        only = [arg.arg for arg in node.args.kwonlyargs]
        defaults = dict(
            zip(names[len(names) - len(function.defaults) :], function.defaults, strict=True)
        )
        defaults.update(function.keyword_defaults)
        given = dict(zip(names, arguments, strict=False))
        positional = {arg.arg for arg in node.args.posonlyargs}
        unknown = [k for k in keywords if k not in (*names, *only) or k in given or k in positional]
        if len(arguments) > len(names) or unknown:
            what = (
                f"an unexpected argument `{unknown[0]}`"
                if unknown
                else f"{len(arguments)} arguments"
            )
            self.trace.refuse(
                "JC402", f"`{node.name}` is called with {what}, it takes {len(names)}"
            )
        for name in (*names, *only):
            value = given.get(name, keywords.get(name, defaults.get(name, UNSET)))
            if value is UNSET:
                self.trace.refuse("JC402", f"`{node.name}` is called without its argument `{name}`")
            scope.variables[name] = value

    def block(self, body: Sequence[ast.stmt], scope: Scope, path: Bit) -> None:
        """Run statements under `path`, counted from the start of the call."""
        trace = self.trace
        outer = trace.path, trace.local
        for statement in body:
            live = both(path, negate(scope.left()))
            if live is False:
                break
            trace.path, trace.local = both(scope.base, live), live
            with trace.at(statement):
                _STATEMENTS[type(statement)](self, statement, scope, live)
        trace.path, trace.local = outer

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Assign to a name, field, element or a tuple of them on the present path."""
        trace = self.trace
        if isinstance(target, ast.Name):
            old = scope.variables.get(target.id, UNSET)
            scope.variables[target.id] = merge(trace.local, value, old)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, lambda t, v: self.assign(t, v, scope))
        elif isinstance(target, ast.Attribute):
            owner = trace.present(evaluate(self, target.value, scope))
            if not isinstance(owner, Instance):
                trace.refuse("JC404", f"an attribute of {describe(owner)} cannot be assigned")
            old = owner.fields.get(target.attr, UNSET)
            owner.fields[target.attr] = merge(trace.path, value, old)
        elif isinstance(target, ast.Subscript):
            self._assign_element(target, value, scope)
        else:
            trace.refuse("JC311", "this form of assignment is not supported yet", node=target)

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Bind the names of a comprehension's turn, which no other path sees."""
        if isinstance(target, ast.Name):
            scope.variables[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, lambda t, v: self.bind(t, v, scope))
        else:
            self.trace.refuse(
                "JC312", "this form of loop variable is not supported yet", node=target
            )

    def _unpack(
        self, target: ast.Tuple | ast.List, value: Any, store: Callable[[ast.expr, Any], None]
    ) -> None:
        items = [item for _, item in iterate(self.trace, value)]
        if len(items) != len(target.elts):
            self.trace.refuse(
                "JC407",
                f"{len(items)} values are unpacked into {len(target.elts)} names",
                node=target,
            )
        for element, item in zip(target.elts, items, strict=True):
            store(element, item)

    def _assign_element(self, target: ast.Subscript, value: Any, scope: Scope) -> None:
        owner = evaluate(self, target.value, scope)
        index = evaluate(self, target.slice, scope)
        if isinstance(owner, np.ndarray):
            self._check_sole_owner(owner)
        replaced = set_item(self.trace, owner, index, value)
        if replaced is not None:
            self._replace(owner, replaced)

    def _check_sole_owner(self, array: np.ndarray) -> None:
        """A known array becomes a traced one when it is written: no view of it may stay behind."""
        others = [v for scope in self.scopes for v in scope.variables.values()]
        shared = any(
            isinstance(v, np.ndarray) and v is not array and np.may_share_memory(v, array)
            for v in others
        )
        if shared or array.base is not None or array in _Identity(self.module.variables.values()):
            self.trace.refuse(
                "JC312",
                "writing into an array that another name may share is not supported yet",
                fix="write into a copy: b = a.copy()",
            )

    def _replace(self, old: Any, new: Any) -> None:
        places = [scope.variables for scope in self.scopes]
        places += [v.fields for p in list(places) for v in p.values() if isinstance(v, Instance)]
        for place in places:
            for name, value in place.items():
                if value is old:
                    place[name] = new

    def count_trip(self, node: ast.AST) -> None:
        """Count a turn of a loop that is written out; too many are refused."""
        self.trace.trips += 1
        if self.trace.trips > self.trace.limits.loop_trips:
            self.trace.refuse(
                "JC504",
                f"the loops turn more than {self.trace.limits.loop_trips} times in all",
                node=node if hasattr(node, "lineno") else None,
                fix="work on whole arrays, e.g. np.any(mask), np.sum(mask, axis=0)",
            )

    def check_fits(self, value: Tensor, dtype: np.dtype) -> None:
        """Record OverflowError where a Python int does not fit a NumPy dtype."""
        limits = dtype_bounds(dtype)
        if limits is None or value.bounds is None:
            return
        low, high = max(limits[0], value.bounds[0]), min(limits[1], value.bounds[1])
        if (low, high) != value.bounds:
            outside = (value.value < low) | (value.value > high)
            self.trace.raise_where(Fault.OVERFLOW, both(value.python, literal(outside)))


class _Identity:
    """Membership by identity, for arrays, which compare elementwise."""

    def __init__(self, values: Any) -> None:
        self.ids = {id(value) for value in values}

    def __contains__(self, value: Any) -> bool:
        return id(value) in self.ids


def _bound_names(node: ast.FunctionDef) -> frozenset[str]:
    """Return the names that a function binds itself."""
    names: set[str] = set()

    def walk(child: ast.AST) -> None:
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
            names.add(child.id)
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            names.add(child.name)
            return
        if isinstance(child, (ast.ListComp, ast.GeneratorExp)):
            return
        for grandchild in ast.iter_child_nodes(child):
            walk(grandchild)

    for statement in node.body:
        walk(statement)
    return frozenset(names)


def _assign(run: Interpreter, node: ast.Assign, scope: Scope, path: Bit) -> None:
    value = evaluate(run, node.value, scope)
    for target in node.targets:
        run.assign(target, value, scope)


def _annotated(run: Interpreter, node: ast.AnnAssign, scope: Scope, path: Bit) -> None:
    if node.value is not None:
        run.assign(node.target, evaluate(run, node.value, scope), scope)


def _augmented(run: Interpreter, node: ast.AugAssign, scope: Scope, path: Bit) -> None:
    target = node.target
    if isinstance(target, ast.Name):
        # The augmented name is read where CPython reads it: before the value.
        old = run.trace.read(scope.find(target.id), target.id)
    else:
        source = ast.copy_location(_as_load(target), target)
        old = evaluate(run, source, scope)
    value = evaluate(run, node.value, scope)
    name = BINARY[type(node.op)]
    if isinstance(old, ListValue) and name == "add":
        _extend(run, old, value)
        return
    new = binary(run.trace, name, old, value)
    if _is_array(old):
        new = _stored_in_place(run, old, new)
        if new is None:
            return
    run.assign(target, new, scope)


def _as_load(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load(), lineno=0, col_offset=0)
    assert isinstance(target, ast.Subscript)
    return ast.Subscript(target.value, target.slice, ast.Load(), lineno=0, col_offset=0)


def _is_array(value: Any) -> bool:
    return isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0


def _stored_in_place(run: Interpreter, old: Any, new: Any) -> Any:
    """NumPy's `a += b` writes into a: the dtype stays, and so do other names of the array."""
    result = as_tensor(new)
    if result.shape != old.shape or not np.can_cast(result.dtype, old.dtype, "same_kind"):
        run.trace.refuse(
            "JC404",
            f"the result, {describe(result)}, cannot be stored in {describe(old)} in place",
            fix="assign to a new name: c = a + b",
        )
    if not isinstance(old, Tensor) or old.viewed:
        run.trace.refuse(
            "JC312",
            "changing an array in place that another name may share is not supported yet",
            fix="assign to a new name: c = a + b",
        )
    stored = cast(run.trace, result, old.dtype)
    old.bounds = dtype_bounds(old.dtype)
    wide = Tensor(old.value, old.dtype, False, old.bounds).value
    fresh = Tensor(stored.value, old.dtype, False, old.bounds).value
    old.value = fresh if run.trace.path is True else jnp.where(traced(run.trace.path), fresh, wide)
    return None


def _extend(run: Interpreter, old: ListValue, value: Any) -> None:
    if not same(run.trace.path, old.born):
        run.trace.refuse("JC312", "extending a list on some paths only is not supported yet")
    old.items.extend(item for _, item in iterate(run.trace, value))


def _expression(run: Interpreter, node: ast.Expr, scope: Scope, path: Bit) -> None:
    evaluate(run, node.value, scope)


def _if(run: Interpreter, node: ast.If, scope: Scope, path: Bit) -> None:
    test = truth_of(run.trace, evaluate(run, node.test, scope))
    run.block(node.body, scope, both(path, test))
    run.block(node.orelse, scope, both(path, negate(test)))


def _for(run: Interpreter, node: ast.For, scope: Scope, path: Bit) -> None:
    sequence = run.trace.present(evaluate(run, node.iter, scope))
    items = iterate(run.trace, sequence)
    loop = Loop()
    scope.loops.append(loop)
    outer = run.trace.path, run.trace.local
    for present, item in items:
        turn = both(both(path, present), negate(either(loop.broken, scope.returned)))
        if turn is False:
            continue
        run.count_trip(node)
        run.trace.path, run.trace.local = both(scope.base, turn), turn
        run.assign(node.target, item, scope)
        run.trace.path, run.trace.local = outer
        run.block(node.body, scope, turn)
        loop.continued = False
    scope.loops.pop()
    if isinstance(sequence, ListValue) and len(sequence.items) != len(items):
        run.trace.refuse("JC312", "changing the list that a loop goes through is not supported yet")
    run.block(node.orelse, scope, both(path, negate(loop.broken)))


def _break(run: Interpreter, node: ast.Break, scope: Scope, path: Bit) -> None:
    scope.loops[-1].broken = either(scope.loops[-1].broken, path)


def _continue(run: Interpreter, node: ast.Continue, scope: Scope, path: Bit) -> None:
    scope.loops[-1].continued = either(scope.loops[-1].continued, path)


def _return(run: Interpreter, node: ast.Return, scope: Scope, path: Bit) -> None:
    value = None if node.value is None else evaluate(run, node.value, scope)
    scope.returns.append(describe(value))
    scope.value = merge(path, value, scope.value)
    scope.returned = either(scope.returned, path)


def _assert(run: Interpreter, node: ast.Assert, scope: Scope, path: Bit) -> None:
    test = truth_of(run.trace, evaluate(run, node.test, scope))
    run.trace.raise_where(Fault.ASSERTION, negate(test))


def _function(run: Interpreter, node: ast.FunctionDef, scope: Scope, path: Bit) -> None:
    scope.variables[node.name] = make_function(run, node, scope)


def make_function(run: Interpreter, node: ast.FunctionDef, scope: Scope) -> FunctionValue:
    """Return a function of the program with its defaults evaluated."""
    defaults = tuple(evaluate(run, default, scope) for default in node.args.defaults)
    keyword_defaults = {
        arg.arg: evaluate(run, default, scope)
        for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is not None
    }
    return FunctionValue(node, scope, defaults, keyword_defaults)


def _class(run: Interpreter, node: ast.ClassDef, scope: Scope, path: Bit) -> None:
    body = Scope(scope, base=run.trace.path)
    functions: dict[str, FunctionValue] = {}
    static: set[str] = set()
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            # A method does not see its class's names: it closes over what is around the class.
            functions[statement.name] = make_function(run, statement, scope)
            if statement.decorator_list:
                static.add(statement.name)
        else:
            run.block([statement], body, True)
    scope.variables[node.name] = ClassValue(node, functions, frozenset(static), body.variables)


def _import(run: Interpreter, node: ast.Import, scope: Scope, path: Bit) -> None:
    for alias in node.names:
        root = alias.name.partition(".")[0]
        bound, name = (alias.asname, alias.name) if alias.asname else (root, root)
        scope.variables[bound] = LibraryName(name)


def _import_from(run: Interpreter, node: ast.ImportFrom, scope: Scope, path: Bit) -> None:
    for alias in node.names:
        scope.variables[alias.asname or alias.name] = library_value(f"{node.module}.{alias.name}")


def _pass(run: Interpreter, node: ast.stmt, scope: Scope, path: Bit) -> None:
    return None


_STATEMENTS: dict[type[ast.stmt], Callable[[Interpreter, Any, Scope, Bit], None]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.Break: _break,
    ast.ClassDef: _class,
    ast.Continue: _continue,
    ast.Expr: _expression,
    ast.For: _for,
    ast.FunctionDef: _function,
    ast.Global: _pass,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Pass: _pass,
    ast.Return: _return,
}
