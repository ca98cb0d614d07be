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
from jaxcar.program.expressions import evaluate, library_value
from jaxcar.program.iteration import known_items
from jaxcar.program.merge import merge, postponed
from jaxcar.program.predicate import Bit, both, negate
from jaxcar.program.scope import Scope
from jaxcar.program.statements import STATEMENTS
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    UNSET,
    ClassValue,
    DictValue,
    FunctionValue,
    Instance,
    ListValue,
    Tensor,
)
from jaxcar.program.wording import describe
from jaxcar.program.writing import set_item


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
                STATEMENTS[type(statement)](self, statement, scope, live)
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
