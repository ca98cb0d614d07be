"""Statements and calls: the predicated execution of a checked tree.

Every statement runs on every path, under the predicate that it is reached: assignments join the new
value with the old one, `return`, `break` and `continue` switch the rest of their block off, loops
are written out turn by turn. The program's text is never executed; only JAX operations are traced.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from jaxcar.errors import RefusedProgram
from jaxcar.lang.resolve import ResolvedModule
from jaxcar.program.binding import bind_arguments, bound_names, unpack
from jaxcar.program.calls import apply
from jaxcar.program.comprehensions import mapped
from jaxcar.program.containers import DictValue, Indexed, ListValue
from jaxcar.program.definitions import ClassValue, FunctionValue, Instance
from jaxcar.program.enums import enum_member
from jaxcar.program.expressions import evaluate, evaluate_truth, library_value
from jaxcar.program.faults import Fault
from jaxcar.program.fields import field
from jaxcar.program.generator_functions import elements, is_generator
from jaxcar.program.inheritance import check_concrete
from jaxcar.program.marks import asks_identity
from jaxcar.program.merge import merge, postponed
from jaxcar.program.objects import assign_field, set_fields
from jaxcar.program.predicate import Bit, both, either, implies, negate
from jaxcar.program.scope import Scope
from jaxcar.program.statements import STATEMENTS
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import RETURNED, AbandonedError, PoisonReadError, Trace
from jaxcar.program.values import POISON, UNSET, Maybe, Unset
from jaxcar.program.writing import set_item

_LONG = 64
_LONG_AT_RUN_TIME = 16
_INNER = 8
_CALLS = 48


class Interpreter:
    """Execute one program's tree while JAX traces.

    Args:
        trace: where the tracing stands, and its faults.
        program: the checked module; its functions, classes and constants are bound at once.
        host: what the caller provides, by its first name.

    Attributes:
        module: the module's scope.
        costs: how many tensors a loop made when it was written out last.
    """

    def __init__(
        self, trace: Trace, program: ResolvedModule, host: Mapping[str, Any] | None = None
    ) -> None:
        self.trace = trace
        self.program = program
        self.host = dict(host or {})
        self.weights: dict[ast.AST, int] = {}
        self.costs: dict[ast.AST, int] = {}
        self.definitions: dict[str, list[ast.FunctionDef]] = {}
        for child in ast.walk(program.tree):
            if isinstance(child, ast.FunctionDef):
                self.definitions.setdefault(child.name, []).append(child)
        trace.apply = lambda function, arguments: apply(self, function, arguments, {})
        trace.mapped = lambda function, values: mapped(self, function, values)
        self.module = Scope(None)
        self.scopes = [self.module]
        self.module.variables.update(self.host)
        for alias, path in program.imports.items():
            self.module.variables[alias] = library_value(path)
        # Loggers and typing aliases are assignments too, but not constants.
        body = [
            statement
            for statement in program.tree.body
            if not isinstance(statement, ast.Assign) or statement in program.constants
        ]
        self.block(body, self.module, True)
        trace.marks = 0 if asks_identity(program.tree) else None
        for value in list(self.module.variables.values()):
            freeze(value)

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """Return the value of an expression on the present path."""
        return evaluate(self, node, scope)

    def evaluate_truth(self, node: ast.expr, scope: Scope) -> Bit:
        """Return the truth of an expression where nothing else of its value is wanted."""
        return evaluate_truth(self, node, scope)

    def field(self, owner: Any, name: str) -> Any:
        """Return an attribute of a value."""
        return field(self, owner, name)

    def weight(self, node: ast.AST) -> int:
        """Return how much a node writes out: its own nodes, and those of what it calls by name."""
        if node not in self.weights:
            self.weights[node] = 1  # a call of itself is refused elsewhere
            self.weights[node] = self._weigh(node)
        return self.weights[node]

    def weight_of_turn(self, loop: ast.For) -> int:
        """Return how much one turn of a loop writes out."""
        return sum(map(self._weight_inside, loop.body))

    def _weight_inside(self, node: ast.AST) -> int:
        return self.weight(node) * (_INNER if isinstance(node, (ast.For, ast.While)) else 1)

    def _weigh(self, node: ast.AST) -> int:
        total = 1 + sum(map(self._weight_inside, ast.iter_child_nodes(node)))
        if isinstance(node, ast.Call):
            target = node.func
            name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
            for function in self.definitions.get(name, ()):
                total += sum(map(self._weight_inside, function.body))
        return total

    def is_long(self, places: Indexed, size: int) -> bool:
        """Tell whether a loop whose turns have this weight is traced once, not written out."""
        if places.most is None or places.once:
            return True
        known = isinstance(places.length(), int)
        if places.most > (_LONG if known else _LONG_AT_RUN_TIME):
            return True
        return places.most * size > self.trace.limits.written_out

    def call(
        self, function: FunctionValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Any:
        """Call a function of the program and return its value."""
        if is_generator(function.node):
            assert isinstance(function.node, ast.FunctionDef)
            body = function.node.body
            return elements(self, self._scope_of(function, arguments, keywords), body)
        scope = self.enter(function, arguments, keywords)
        if isinstance(scope.value, Unset) and implies(self.trace.path, self.trace.gone):
            raise AbandonedError  # it has raised on every path that leads here
        return self.finish(scope)

    def enter(
        self, function: FunctionValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Scope:
        """Run a function's body and return its scope, which knows what was returned where."""
        node = function.node
        if is_generator(node):
            self.trace.refuse(
                "JC605",
                "the entry is a generator function: what it returns is no reward",
                node=node,
                fix="return a value: return sum(...) of what it yields",
            )
        scope = self._scope_of(function, arguments, keywords)
        self.check_depth(scope)
        trace = self.trace
        outer, trace.local = (trace._path, trace._local), True
        self.scopes.append(scope)
        try:
            if isinstance(node, ast.Lambda):
                scope.value, scope.returned = evaluate(self, node.body, scope), True
            else:
                self.block(node.body, scope, True)
        finally:
            self.scopes.pop()
            trace._path, trace._local = outer
        return scope

    def _scope_of(
        self, function: FunctionValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Scope:
        """Return the scope of a call with its arguments."""
        own, outward = bound_names(function.node)
        scope = Scope(function.closure, own, self.trace.path, outward=outward)
        scope.function = function
        bind_arguments(self.trace, function, list(arguments), keywords, scope)
        return scope

    def check_depth(self, scope: Scope) -> None:
        """Refuse calls inside calls without an end."""
        name = scope.function.name if scope.function is not None else "it"
        if len(self.scopes) > _CALLS:
            self.trace.refuse(
                "JC303",
                f"calls are nested more than {_CALLS} deep: does `{name}` call itself?",
                fix="write a `while` loop, or a `for` loop over a range",
            )

    def finish(self, scope: Scope) -> Any:
        """Return what a call returned; None where it fell off its end."""
        # Lanes that have raised return nothing, and ask for nothing.
        returned = either(scope.returned, self.trace.gone)
        if returned is False or isinstance(scope.value, Unset):
            return None
        value = self.trace.settle(scope.value)
        # Where it was not set the function fell off its end: that gives None.
        value = value.value if isinstance(value, Maybe) else value
        return merge(returned, self.trace.read(value, RETURNED), None)

    def instantiate(
        self, cls: ClassValue, arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> Instance:
        """Make an object and run its `__init__`."""
        if cls.options.get("enum"):
            return enum_member(self.trace, cls, list(arguments))
        check_concrete(self.trace, cls)
        instance = Instance(cls, {})
        self.set_up(instance, arguments, keywords)
        return instance

    def set_up(
        self,
        instance: Instance,
        arguments: Sequence[Any],
        keywords: dict[str, Any],
        cls: ClassValue | None = None,
    ) -> None:
        """Do what `__init__` does, also that of a dataclass.

        Args:
            instance: the object.
            arguments: what is given by position.
            keywords: what is given by name.
            cls: the class whose `__init__` it is; None for the object's own.
        """
        cls = instance.cls if cls is None else cls
        if "__init__" in cls.functions:
            made = self.call(cls.functions["__init__"], [instance, *arguments], keywords)
            if made is not None:
                self.trace.refuse(
                    "JC404",
                    "`__init__` returns a value: Python raises TypeError",
                    fix="end it with a bare return",
                )
        elif "__init__" in cls.generated:
            set_fields(self, instance, cls.generated["__init__"], list(arguments), keywords)
        elif arguments or keywords:
            self.trace.refuse(
                "JC402",
                f"`{cls.node.name}` takes no arguments: Python raises TypeError",
                fix=f"call it as {cls.node.name}(), or give it an `__init__`",
            )

    def block(self, body: Sequence[ast.stmt], scope: Scope, path: Bit) -> None:
        """Run statements under `path`, counted from the start of the call."""
        trace = self.trace
        outer = trace._path, trace._local
        for statement in body:
            live = both(path, negate(scope.left()))
            if live is False:
                break
            trace.path, trace.local = both(scope.base, live), live
            if trace.path is False:
                break
            if trace.watch is not None:
                trace.watch.reach(trace, statement)
            self._statement(statement, scope, live)
        trace._path, trace._local = outer

    def _statement(self, statement: ast.stmt, scope: Scope, path: Bit) -> None:
        """Run one statement; what it should have made is poison where it is refused."""
        trace = self.trace
        loops, scopes, frames = list(scope.loops), len(self.scopes), len(trace.frames)
        node, held = trace.node, (trace._path, trace._local)
        try:
            with trace.refusing(), trace.at(statement):
                self._run(statement, scope, path)
            return
        except AbandonedError:
            self._recover(scope, loops, scopes, frames)
            trace.node, (trace._path, trace._local) = node, held
            return
        except RefusedProgram as refused:
            if not trace.collecting:
                raise
            trace.refusals += refused.diagnostics
            if trace.exhausted():
                # Whatever comes next would say so again.
                trace.collecting = False
                raise RefusedProgram(trace.refusals) from None
        except PoisonReadError:
            if not trace.collecting:
                raise
        self._recover(scope, loops, scopes, frames)
        trace.node, (trace._path, trace._local) = node, held
        for name in sorted(bound_names(ast.Module([statement], []))[0]):
            scope.home(name).variables[name] = POISON
        changed = _changed_name(statement)
        if changed is not None and isinstance(scope.find(changed), (ListValue, DictValue)):
            scope.home(changed).variables[changed] = POISON
        definition = isinstance(statement, (ast.ClassDef, ast.FunctionDef))
        if not definition and any(isinstance(x, ast.Return) for x in ast.walk(statement)):
            scope.value = POISON
            scope.returned = either(scope.returned, path)

    def _run(self, statement: ast.stmt, scope: Scope, path: Bit) -> None:
        try:
            STATEMENTS[type(statement)](self, statement, scope, path)
        except AbandonedError as abandoned:
            if abandoned.partial:
                self.trace.refuse(
                    "JC312",
                    "a part of this raises on some paths only, which is not supported yet here",
                    fix="write an `if` statement around what raises",
                )
            raise

    def _recover(self, scope: Scope, loops: list[Any], scopes: int, frames: int) -> None:
        """Leave what a statement had entered when it was given up."""
        scope.loops[:] = loops
        del self.scopes[scopes:], self.trace.frames[frames:]

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Assign to a name, field, element or a tuple of them on the present path."""
        trace = self.trace
        if isinstance(target, ast.Name):
            home = scope.home(target.id)
            old = home.variables.get(target.id, UNSET)
            path = trace.local if home is scope else trace.path
            home.variables[target.id] = postponed(path, value, old)
        elif isinstance(target, (ast.Tuple, ast.List)):
            unpack(self.trace, target, value, lambda t, v: self.assign(t, v, scope))
        elif isinstance(target, ast.Attribute):
            owner = trace.present(evaluate(self, target.value, scope), Fault.ATTRIBUTE)
            assign_field(trace, owner, target.attr, value)
        elif isinstance(target, ast.Subscript):
            self._assign_element(target, value, scope)
        else:
            trace.refuse(
                "JC311",
                "this form of assignment is not supported yet",
                node=target,
                fix="assign to one name at a time",
            )

    def bind(self, target: ast.expr, value: Any, scope: Scope, where: Bit = True) -> None:
        """Bind the names of a comprehension's turn, where it occurs, if others see them too."""
        if isinstance(target, ast.Name):
            old = scope.variables.get(target.id, UNSET)
            scope.variables[target.id] = value if where is True else postponed(where, value, old)
        elif isinstance(target, (ast.Tuple, ast.List)):
            unpack(self.trace, target, value, lambda t, v: self.bind(t, v, scope, where))
        else:
            self.trace.refuse(
                "JC312",
                "this form of loop variable is not supported yet",
                node=target,
                fix="use a name, or a tuple of names",
            )

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


def _changed_name(statement: ast.stmt) -> str | None:
    """Return the name whose value a call of a method changes: `d` in `d.setdefault(k, []).add(1)`.

    Where such a call is refused, nothing that reads the value is worth another diagnostic.
    """
    node: ast.expr | None = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(node, ast.Call):
        return None
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def freeze(value: Any) -> None:
    """Refuse from now on to change a value in place: a module or class holds it for good."""
    if isinstance(value, (Tensor, ListValue, DictValue, Instance)):
        value.frozen = True
    parts: Any = ()
    if isinstance(value, ListValue):
        parts = value.items if value.rows is None else ()
    elif isinstance(value, DictValue):
        parts = value.entries.values() if value.rows is None else ()
    elif isinstance(value, ClassValue):
        parts = value.constants.values()
    elif isinstance(value, FunctionValue):
        parts = (*value.defaults, *value.keyword_defaults.values())
    elif isinstance(value, Instance):
        value.constant, parts = True, value.fields.values()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        freeze(part)
