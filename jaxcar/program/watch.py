"""What a program does on known inputs, statement by statement: notes of an eager run."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import Instance
from jaxcar.program.faults import Fault
from jaxcar.program.predicate import Bit, both, traced
from jaxcar.program.scope import Scope
from jaxcar.program.shown import TRACED, settled, shown
from jaxcar.program.tensors import Tensor

if TYPE_CHECKING:
    from jaxcar.program.trace import Trace

# Of loops that are traced once, together: each turn takes some milliseconds.
_TURNS = 1_000


class Note(NamedTuple):
    """One thing that happened.

    Attributes:
        node: the statement that was reached, or what was evaluated.
        form: "reached", "value", "caught" for an exception that an `except` clause catches, or
            "cut" for a loop whose further turns are not watched.
        text: the value, or the name of the kind of fault.
    """

    node: ast.AST
    form: str
    text: str


class Watch:
    """Take notes of what is concretely reached.

    Every statement is interpreted on every path, and loops are tried out on shapes alone first:
    only what happens on the path that the inputs take, before any fault, is worth a note.

    Attributes:
        notes: what happened, in order.
        classes: the program's classes by name, of the latest tracing.
        turns: how many more turns of loops that are traced once are watched.
    """

    def __init__(self) -> None:
        self.turns = _TURNS
        self.notes: list[Note] = []
        self.classes: dict[str, Any] = {}

    def begin(self) -> None:
        """Begin anew: earlier notes stay with whoever has them."""
        self.notes, self.turns = [], _TURNS

    def reach(self, trace: Trace, node: ast.AST) -> None:
        """Note that a statement is reached."""
        self.classes = trace.classes
        if _here(trace, True):
            self.notes.append(Note(node, "reached", ""))

    def note(self, trace: Trace, node: ast.AST, value: Any) -> None:
        """Note the value that was computed at a node."""
        if not _here(trace, True):
            return
        try:
            text = shown(value)
        except TRACED:
            return
        self.notes.append(Note(node, "value", text))

    def catch(self, trace: Trace, kind: Fault, where: Bit) -> None:
        """Note that something is raised where a bit holds, and caught by the program itself."""
        if _here(trace, where):
            self.notes.append(Note(trace.node, "caught", kind.name))

    def loop(
        self,
        node: ast.AST,
        condition: Callable[[Any], jax.Array],
        turn: Callable[[Any], Any],
        state: Any,
    ) -> Any:
        """Do what `jax.lax.while_loop` does, turn by turn where everything is known."""
        while not _abstract() and not isinstance(condition(state), jax.core.Tracer):
            if not bool(condition(state)):
                return state
            if self.turns <= 0:
                self.notes.append(Note(node, "cut", ""))
                break
            self.turns -= 1
            state = turn(state)
        return jax.lax.while_loop(condition, turn, state)


def owner_after(call: ast.expr, scope: Scope) -> Any:
    """Return the list, dict or array whose method was called for its effect, as it is now.

    Args:
        call: an expression that is a statement, such as `self.seen.append(x)`.
        scope: the names that it sees.

    Returns:
        What a name, or a field of one, holds; None for anything else.
    """
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    place, value = call.func.value, None
    if isinstance(place, ast.Name):
        value = settled(scope.find(place.id))
    elif isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name):
        owner = settled(scope.find(place.value.id))
        if isinstance(owner, Instance):
            value = settled(owner.fields.get(place.attr))
    return value if isinstance(value, (ListValue, DictValue, Tensor)) else None


def _here(trace: Trace, where: Bit) -> bool:
    """Tell whether the present path is really taken, where a bit holds."""
    path = both(trace.path, where)
    if path is False or _abstract():
        return False
    try:
        return not int(trace.fault) and bool(traced(path))
    except TRACED:
        return False


def _abstract() -> bool:
    """Tell whether JAX is tracing: under `eval_shape` and its like it computes tracers only."""
    return isinstance(jnp.add(0, 0), jax.core.Tracer)
