"""Names: what a call, a module or a comprehension binds."""

from __future__ import annotations

import dataclasses
from typing import Any

from jaxcar.program.definitions import FunctionValue
from jaxcar.program.predicate import Bit, either
from jaxcar.program.values import UNSET, Unset


@dataclasses.dataclass(eq=False)
class Loop:
    """Whether the loop was left, and whether its present turn was cut short."""

    broken: Bit = False
    continued: Bit = False


class Scope:
    """The names of one call, module or comprehension, and how far the call has come.

    Args:
        outer: the scope in which names are looked up that this one does not bind.
        own: the names that this scope binds somewhere; they are never looked up further out.
        base: the predicate under which the call itself is reached.
        comprehension: whether it is a turn of a comprehension or generator.
        outward: the names that a `nonlocal` statement hands to a scope around this one.

    Attributes:
        variables: name to value.
        returned: the predicate (counted from the start of the call) under which it has returned.
        value: what it has returned there.
        returns: the kinds of value that were returned, in the words of `describe`.
        loops: the loops that are being executed, innermost last.
        handling: for each `except` block that is being executed, what was raised where.
        function: of a call, the function that is called.
    """

    def __init__(
        self,
        outer: Scope | None,
        own: frozenset[str] = frozenset(),
        base: Bit = True,
        comprehension: bool = False,
        outward: frozenset[str] = frozenset(),
    ) -> None:
        self.comprehension = comprehension
        self.outward = outward
        self.outer = outer
        self.own = own
        self.base = base
        self.variables: dict[str, Any] = {}
        self.returned: Bit = False
        self.value: Any = UNSET
        self.returns: list[str] = []
        self.loops: list[Loop] = []
        self.handling: list[Any] = []
        self.function: FunctionValue | None = None

    def left(self) -> Bit:
        """Return the predicate under which the rest of the present block is not executed."""
        gone = self.returned
        if self.loops:
            gone = either(gone, either(self.loops[-1].broken, self.loops[-1].continued))
        return gone

    def find(self, name: str) -> Any:
        """Return what a name is bound to in this scope or an outer one; UNSET if nowhere."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.variables.get(name, UNSET)
            if not isinstance(value, Unset) or name in scope.own:
                return value
            scope = scope.outer
        return UNSET

    def home(self, name: str) -> Scope:
        """Return the scope in which an assignment to a name takes place."""
        scope = self
        if name in self.outward:
            scope = self.outer or self
            while name not in scope.own and name not in scope.variables and scope.outer:
                scope = scope.outer
        return scope

    def binds(self, name: str) -> bool:
        """Tell whether this scope or one between it and the module binds the name itself."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.own or name in scope.variables:
                return True
            scope = scope.outer
        return False
