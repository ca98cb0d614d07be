"""Statements and calls: the predicated execution of a checked tree.

Every statement runs on every path, under the predicate that it is reached: assignments join the new
value with the old one, `return`, `break` and `continue` switch the rest of their block off, loops
are written out turn by turn. The program's text is never executed; only JAX operations are traced.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from jaxcar.lang.resolve import ResolvedModule
from jaxcar.program.builtins_api import iterate, known_items
from jaxcar.program.expressions import evaluate, field, library_value
from jaxcar.program.faults import Fault
from jaxcar.program.indexing import (
    extend_list,
    get_item,
    in_place,
    is_array,
    overwrite,
    set_item,
)
from jaxcar.program.merge import merge, postponed
from jaxcar.program.operators import BINARY, binary, truth_of
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    UNSET,
    ClassValue,
    DictValue,
    FunctionValue,
    Instance,
    LibraryName,
    ListValue,
    Tensor,
    describe,
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
        for value in list(self.module.variables.values()):
            freeze(value)

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
            if trace.path is False:
                break
            with trace.at(statement):
                _STATEMENTS[type(statement)](self, statement, scope, live)
        trace.path, trace.local = outer

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Assign to a name, field, element or a tuple of them on the present path."""
        trace = self.trace
        if isinstance(target, ast.Name):
            old = scope.variables.get(target.id, UNSET)
            scope.variables[target.id] = postponed(trace.local, value, old)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, lambda t, v: self.assign(t, v, scope))
        elif isinstance(target, ast.Attribute):
            self.set_field(trace.present(evaluate(self, target.value, scope)), target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._assign_element(target, value, scope)
        else:
            trace.refuse("JC311", "this form of assignment is not supported yet", node=target)

    def set_field(self, owner: Any, name: str, value: Any) -> None:
        """Assign to an attribute of an object on the present path."""
        if not isinstance(owner, Instance):
            self.trace.refuse("JC404", f"an attribute of {describe(owner)} cannot be assigned")
        old = owner.fields.get(name, UNSET)
        owner.fields[name] = postponed(self.trace.path, value, old)

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
        items = known_items(self.trace, value, "unpacking something")
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
        set_item(self.trace, owner, index, value)

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


def freeze(value: Any) -> None:
    """Refuse from now on to change a value in place: a module or class holds it for good."""
    if isinstance(value, (Tensor, ListValue, DictValue)):
        value.frozen = True
    parts: Any = ()
    if isinstance(value, ListValue):
        parts = value.items
    elif isinstance(value, DictValue):
        parts = value.entries.values()
    elif isinstance(value, ClassValue):
        parts = value.constants.values()
    elif isinstance(value, FunctionValue):
        parts = (*value.defaults, *value.keyword_defaults.values())
    elif isinstance(value, Instance):
        parts = value.fields.values()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        freeze(part)


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
    """`target op= value`: what the target names is found once, and read before the value."""
    target, trace, name = node.target, run.trace, BINARY[type(node.op)]
    if isinstance(target, ast.Name):
        old = trace.read(scope.find(target.id), target.id)
        new = _changed(run, name, old, evaluate(run, node.value, scope))
        if new is not old:
            run.assign(target, new, scope)
        return
    owner = trace.present(evaluate(run, target.value, scope))
    if isinstance(target, ast.Attribute):
        old = field(run, owner, target.attr)
        new = _changed(run, name, old, evaluate(run, node.value, scope))
        if new is not old:
            run.set_field(owner, target.attr, new)
        return
    index = evaluate(run, target.slice, scope)
    old = get_item(trace, owner, index)
    value = evaluate(run, node.value, scope)
    if is_array(old):
        # The element is a view of the owner: what is stored in it is stored in the owner.
        stored = in_place(trace, old, binary(trace, name, old, value))
        old = None
        set_item(trace, owner, index, stored)
        return
    set_item(trace, owner, index, _changed(run, name, old, value))


def _changed(run: Interpreter, name: str, old: Any, value: Any) -> Any:
    """Return the result of `old op= value`: `old` itself where it is changed in place."""
    if isinstance(old, ListValue):
        extend_list(run.trace, name, old, value)
        return old
    new = binary(run.trace, name, old, value)
    if not is_array(old):
        return new
    stored = in_place(run.trace, old, new)
    overwrite(run.trace, old, stored)
    return old


def _expression(run: Interpreter, node: ast.Expr, scope: Scope, path: Bit) -> None:
    evaluate(run, node.value, scope)


def _if(run: Interpreter, node: ast.If, scope: Scope, path: Bit) -> None:
    test = truth_of(run.trace, evaluate(run, node.test, scope))
    run.block(node.body, scope, both(path, test))
    run.block(node.orelse, scope, both(path, negate(test)))


def _for(run: Interpreter, node: ast.For, scope: Scope, path: Bit) -> None:
    trace = run.trace
    sequence = trace.present(evaluate(run, node.iter, scope))
    size = len(sequence.items) if isinstance(sequence, ListValue) else None
    steps = iterate(trace, sequence)
    loop = Loop()
    scope.loops.append(loop)
    outer = trace.path, trace.local
    while True:
        # The next element is made where the loop goes on, and only there.
        alive = both(path, negate(either(loop.broken, scope.returned)))
        trace.path, trace.local = both(scope.base, alive), alive
        present, item = next(steps, (None, None)) if trace.path is not False else (None, None)
        if present is None:
            break
        turn = both(alive, present)
        if turn is False:
            continue
        run.count_trip(node)
        trace.path, trace.local = both(scope.base, turn), turn
        run.assign(node.target, item, scope)
        trace.path, trace.local = outer
        run.block(node.body, scope, turn)
        loop.continued = False
    trace.path, trace.local = outer
    scope.loops.pop()
    if isinstance(sequence, ListValue) and len(sequence.items) != size:
        trace.refuse("JC312", "changing the list that a loop goes through is not supported yet")
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
    _define(run, node.name, make_function(run, node, scope), scope)


def _define(run: Interpreter, name: str, value: Any, scope: Scope) -> None:
    scope.variables[name] = postponed(run.trace.local, value, scope.variables.get(name, UNSET))


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
        _define(run, bound, LibraryName(name), scope)


def _import_from(run: Interpreter, node: ast.ImportFrom, scope: Scope, path: Bit) -> None:
    for alias in node.names:
        value = library_value(f"{node.module}.{alias.name}")
        _define(run, alias.asname or alias.name, value, scope)


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
