"""One tracing of a program: where it is, under which predicate, and the first fault so far."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.lang.diagnostic import Diagnostic, diagnostic
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program.faults import Fault, encode
from jaxcar.program.merge import join_pending
from jaxcar.program.predicate import Bit, both, excludes, implies, literal, negate, traced
from jaxcar.program.values import UNSET, Conflict, Maybe, Optional, Pending, nested_size

_UNFORESEEN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(NotImplementedError, RecursionError, TypeError, ValueError),
)


class KnownArrayWrittenError(Exception):
    """An array that is known while tracing is written: trace again with `known_arrays=False`."""


class Trace:
    """What the parts of the evaluator share while one entry of a program is traced.

    Args:
        source: the program's text, for diagnostics.
        limits: the bounds of the language.
        known_arrays: whether arrays that are known while tracing are kept as NumPy arrays; not in
            a program that writes into one (`KnownArrayWrittenError`).

    Attributes:
        node: the node being evaluated; its line names a fault.
        path: the predicate under which the present expression is reached.
        local: the same, counted from the start of the present call: enough for names that only
            this call can see.
        trips: how many turns of loops were written out so far.
        evaluated: how many statements and expressions were traced so far.
        fault: i32[], the first fault so far in execution order; 0 for none.
    """

    def __init__(self, source: ProgramSource, limits: Limits, known_arrays: bool = True) -> None:
        self.source = source
        self.limits = limits
        self.known_arrays = known_arrays
        self.node: ast.AST = ast.Module(body=[], type_ignores=[])
        self.path: Bit = True
        self.local: Bit = True
        self.fault: Any = 0
        self.trips = 0
        self.evaluated = 0

    @contextlib.contextmanager
    def under(self, bit: Bit) -> Iterator[None]:
        """Evaluate what follows only where `bit` holds too."""
        outer = self.path, self.local
        self.path, self.local = both(self.path, bit), both(self.local, bit)
        try:
            yield
        finally:
            self.path, self.local = outer

    @contextlib.contextmanager
    def at(self, node: ast.AST) -> Iterator[None]:
        """Blame `node` for what goes wrong."""
        outer, self.node = self.node, node
        self.evaluated += 1
        if self.evaluated > self.limits.equations:
            self.refuse(
                "JC508",
                f"the written-out program has more than {self.limits.equations} operations",
                fix="work on whole arrays instead of loops over pixels",
            )
        yield
        # After an error the node stays: it is where the error arose.
        self.node = outer

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse the program where an operation that was not foreseen cannot be traced."""
        try:
            yield
        except (JaxcarError, KnownArrayWrittenError):
            raise
        except _UNFORESEEN as error:
            words = (str(error).splitlines() or [""])[0]
            self.refuse(
                "JC312",
                f"this cannot be compiled yet: {type(error).__name__}: {words[:200]}",
                fix="write it in plainer steps",
            )

    def bounded(self, value: Any) -> Any:
        """Return a sequence or dict, unless it holds more values than the limits allow."""
        limit = self.limits.list_capacity**2
        if nested_size(value, limit) > limit:
            self.refuse("JC505", f"a sequence holds more than {limit} values")
        return value

    def raise_where(self, kind: Fault, condition: Bit | jax.Array) -> None:
        """Record that CPython (or a limit) stops the program here wherever `condition` holds.

        Args:
            kind: what is raised.
            condition: bool[] traced, a predicate, or a Python bool.
        """
        bit = literal(condition) if isinstance(condition, jax.Array) else condition
        reached = both(self.path, bit)
        if reached is False:
            return
        code = encode(getattr(self.node, "lineno", 0), kind)
        hit = (jnp.asarray(self.fault) == 0) & traced(reached)
        self.fault = jnp.where(hit, jnp.int32(code), jnp.asarray(self.fault, jnp.int32))

    def refuse(
        self,
        code: str,
        message: str,
        *,
        node: ast.AST | None = None,
        notes: Sequence[str] = (),
        fix: str | None = None,
    ) -> NoReturn:
        """Refuse the program with a diagnostic at `node`, or at the node being evaluated."""
        raise RefusedProgram([self.diagnose(code, message, node=node, notes=notes, fix=fix)])

    def diagnose(
        self,
        code: str,
        message: str,
        *,
        node: ast.AST | None = None,
        notes: Sequence[str] = (),
        fix: str | None = None,
    ) -> Diagnostic:
        """Return a diagnostic at `node`, or at the node being evaluated."""
        place = node if node is not None else self.node
        return diagnostic(code, message, self.source, place, notes=notes, fix=fix)

    def read(self, value: Any, name: str) -> Any:
        """Return what a name or field holds; reading one that is unbound is a fault.

        Args:
            value: what was stored, perhaps a `Maybe`, a `Conflict` or UNSET.
            name: the name, for messages.
        """
        value = self.settle(value)
        if isinstance(value, Maybe):
            self.raise_where(Fault.NAME, negate(value.defined))
            value = value.value
        if isinstance(value, Conflict):
            self.refuse(
                "JC401",
                f"`{name}` has different kinds of value on different paths: {value.message}",
                fix="give it one kind on every path, e.g. with int(...), float(...) or bool(...)",
            )
        if value is UNSET:
            self.refuse("JC201", f"`{name}` has no value when it is read here")
        return self.narrow(value)

    def settle(self, value: Any) -> Any:
        """Return what a name holds here: only those assignments are joined that lead here."""
        while isinstance(value, Pending) and value.path is not None:
            if implies(self.local, value.path) or implies(self.path, value.path):
                return value.new
            if not (excludes(self.local, value.path) or excludes(self.path, value.path)):
                break
            value = value.old
        return join_pending(value)

    def narrow(self, value: Any) -> Any:
        """Return an `Optional` as its value or as None where the path says which it is."""
        if isinstance(value, Optional):
            if implies(self.path, value.some) or implies(self.local, value.some):
                return value.value
            if excludes(self.path, value.some) or excludes(self.local, value.some):
                return None
        return value

    def present(self, value: Any) -> Any:
        """Return the value of an `Optional`; None where a value is needed is a fault."""
        value = self.narrow(value)
        if isinstance(value, Optional):
            self.raise_where(Fault.NONE, negate(value.some))
            return self.present(value.value)
        if isinstance(value, Conflict):
            self.refuse(
                "JC401",
                f"this has different kinds of value on different paths: {value.message}",
                fix="give it one kind on every path, e.g. with int(...), float(...) or bool(...)",
            )
        return value
