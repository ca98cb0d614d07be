"""One tracing of a program: where it is, under which predicate, and the first fault so far."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.lang.diagnostic import Diagnostic, diagnostic
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program import fixes
from jaxcar.program.containers import NoKindError, RunTimeLengthError
from jaxcar.program.faults import EXCEPTIONS, LIMIT_FIRST, Fault, encode
from jaxcar.program.merge import join_pending
from jaxcar.program.orders import Order
from jaxcar.program.predicate import Bit, both, either, excludes, implies, literal, negate, traced
from jaxcar.program.primitives import chosen, compared, conjunction
from jaxcar.program.tensors import NoNumbersError, Selected, Tensor, Window, tensors_made
from jaxcar.program.values import (
    UNSET,
    Conflict,
    HoldsItselfError,
    Maybe,
    Optional,
    Pending,
    Poison,
    nested_size,
)
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.watch import Watch

_UNFORESEEN = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError),
    *(NotImplementedError, RuntimeError, TypeError, ValueError),
)


# Two floats nearer than this, relative to the larger, are as good as equal.
NEAR = 1e-9
NEAR_SINGLE = 1e-6
# What messages call the result of a function.
RETURNED = "the returned value"
# Statements and expressions that may be evaluated for each operation that may be traced.
_EVALUATIONS = 3


class KnownArrayWrittenError(Exception):
    """An array that is known while tracing is written: trace again with `known_arrays=False`."""


class AbandonedError(Exception):
    """CPython raises here on every path that leads here: the statement goes no further.

    Attributes:
        partial: whether other paths go on from where it was raised to where it has got by now.
    """

    partial: bool = False


class PoisonReadError(Exception):
    """A value is read that a refused statement should have made: there is nothing new to say."""


class TryFrame:
    """A `try` statement whose body is being executed.

    Args:
        handlers: for each `except` clause, the exceptions that it catches.

    Attributes:
        raised: where something was raised in the body, caught here or not.
        caught: for each clause, the codes of the faults that it is to be executed for, and where.
    """

    def __init__(self, handlers: Sequence[tuple[type[BaseException], ...]]) -> None:
        self.handlers = tuple(handlers)
        self.raised: Bit = False
        self.caught: list[list[tuple[int, Bit]]] = [[] for _ in handlers]

    def handler_of(self, kind: Fault) -> int | None:
        """Return the first clause that catches a kind of fault; limits are never caught."""
        if kind >= LIMIT_FIRST:
            return None
        for position, classes in enumerate(self.handlers):
            if issubclass(EXCEPTIONS[kind], classes):
                return position
        return None


def _no_interpreter(function: Any, arguments: list[Any]) -> Any:
    raise AssertionError("no interpreter is running")


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
        made: how many tensors there were when it began.
        turns: i32[], how many turns the loops that are traced once have made so far.
        known_bytes: how many bytes the arrays that were made while tracing take, together.
        evaluated: how many statements and expressions were traced so far.
        fault: i32[], the first fault so far in execution order; 0 for none.
        near: bool[], whether a float came so near to a threshold that rounding may decide; None
            where nobody asks.
        gone: where something was raised for certain and is not caught: nothing follows there.
        frames: the `try` statements whose bodies are being executed, innermost last.
        refusals: what was refused so far.
        collecting: whether to go on after a refusal, for all of a program's faults in one pass.
        classes: the program's classes by name, for the objects that memory and loops hold.
        apply: calls a function of the program or a library with arguments; set by the interpreter.
        mapped: returns the list of a function's results for the elements of a list, by a loop that
            is traced once; set by the interpreter.
        host_reads: the declared attributes and calls of the caller's objects that were read.
        windows: the masks of the run-time slices that were made so far.
        sums: the sums of two run-time whole numbers that were made so far.
        marks: how many objects were marked so far (`jaxcar.program.marks`); None where the program
            asks for no identity.
        gone_through: the identities of the values whose copies a loop goes through at present.
        watch: told of what is reached and computed, for `jaxcar explain`.
    """

    def __init__(
        self,
        source: ProgramSource,
        limits: Limits,
        known_arrays: bool = True,
        near: bool = False,
    ) -> None:
        self.source = source
        self.limits = limits
        self.known_arrays = known_arrays
        self.node: ast.AST = ast.Module(body=[], type_ignores=[])
        self._path: Bit = True
        self._local: Bit = True
        self.fault: Any = 0
        self.near: Any = False if near else None
        self.trips = 0
        self.evaluated = 0
        self.made = tensors_made()
        self.turns: Any = 0
        self.known_bytes = 0
        self.frames: list[TryFrame] = []
        self.gone: Bit = False
        self.refusals: list[Diagnostic] = []
        self.collecting = False
        self.classes: dict[str, Any] = {}
        self.apply: Callable[[Any, list[Any]], Any] = _no_interpreter
        self.mapped: Callable[[Any, Any], Any] = _no_interpreter
        self.host_reads: set[str] = set()
        self.windows: dict[Any, Any] = {}
        self.sums: dict[Any, Any] = {}
        self.marks: int | None = None
        self.gone_through: frozenset[int] = frozenset()
        self.watch: Watch | None = None

    @property
    def path(self) -> Bit:
        """The predicate under which the present expression is reached."""
        return self._unraised(self._path) if self.frames else self._path

    @path.setter
    def path(self, bit: Bit) -> None:
        self._path = bit

    @property
    def local(self) -> Bit:
        """The same, counted from the start of the present call."""
        return self._unraised(self._local) if self.frames else self._local

    @local.setter
    def local(self, bit: Bit) -> None:
        self._local = bit

    def _unraised(self, bit: Bit) -> Bit:
        for frame in self.frames:
            bit = both(bit, negate(frame.raised))
        return bit

    @contextlib.contextmanager
    def under(self, bit: Bit) -> Iterator[None]:
        """Evaluate what follows only where `bit` holds too."""
        outer = self.path, self.local
        self.path, self.local = both(self.path, bit), both(self.local, bit)
        try:
            yield
        except AbandonedError as abandoned:
            abandoned.partial = abandoned.partial or not implies(outer[0], bit)
            raise
        finally:
            self.path, self.local = outer

    def on_path(self, bit: Bit, make: Callable[[], Any]) -> Any:
        """Return what is made where `bit` holds; UNSET where CPython raises on all of that path.

        Args:
            bit: the path, seen from the present one.
            make: evaluates something.
        """
        node, whole = self.node, implies(self.path, bit)
        with self.under(bit):
            try:
                return make()
            except AbandonedError as abandoned:
                if whole or abandoned.partial:
                    raise
                self.node = node
                return UNSET

    @contextlib.contextmanager
    def at(self, node: ast.AST) -> Iterator[None]:
        """Blame `node` for what goes wrong."""
        outer, self.node = self.node, node
        self.evaluated += 1
        self.check_room()
        most = _EVALUATIONS * self.limits.equations
        if self.evaluated > most:
            self.refuse_size(f"more than {most:,}")
        yield
        # After an error the node stays: it is where the error arose.
        self.node = outer

    def check_room(self, more: int = 0) -> None:
        """Refuse the program where it has too many operations, or would have with so many more."""
        if tensors_made() - self.made + more > self.limits.equations:
            self.refuse_size(f"more than {self.limits.equations:,}")

    def refuse_size(self, count: str, node: ast.AST | None = None) -> NoReturn:
        """Refuse the program for its number of operations."""
        self.refuse(
            "JC508",
            f"the program, with its loops and calls written out, has {count} operations; the "
            f"limit is {self.limits.equations:,}",
            node=node,
            fix=fixes.SHORTER,
        )

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse the program where an operation that was not foreseen cannot be traced."""
        try:
            yield
        except (JaxcarError, KnownArrayWrittenError, PoisonReadError, AbandonedError):
            raise
        except NoKindError as error:
            self.refuse(
                "JC401" if error.code == "JC401" else "JC312",
                f"values of different kinds meet in one place: {error.message}",
                fix=error.fix or "keep elements of one kind, or one list for each kind",
            )
        except RunTimeLengthError as error:
            self.refuse(
                "JC312",
                f"{error} is not supported here yet",
                fix="use len(), indexing, `in`, sum(), min(), max(), any() or all() on it",
            )
        except RecursionError:
            self.refuse(
                "JC312",
                "this goes through values that are nested too deeply, or that hold themselves",
                fix="keep values in flat lists and arrays",
            )
        except NoNumbersError as error:
            array = isinstance(error.value, (Selected, Window))
            words = "is not supported here yet" if array else "is given where numbers are needed"
            self.refuse(
                "JC312" if array else "JC404",
                f"{describe(error.value)} {words}",
                fix=fixes.NUMBERS,
            )
        except OverflowError as error:
            if "too large" not in str(error) and "overflow was encountered" not in str(error):
                raise
            self.refuse(
                "JC506",
                "an integer is outside the 64-bit range",
                fix="write a float: 1e100 or float('inf')",
            )
        except _UNFORESEEN as error:
            words = (str(error).splitlines() or [""])[0]
            self.refuse(
                "JC312",
                f"this cannot be compiled yet: {type(error).__name__}: {words[:200]}",
                fix="write it in plainer steps",
            )

    def exhausted(self) -> bool:
        """Tell whether a limit on the whole program is exceeded: what follows exceeds it too."""
        most = _EVALUATIONS * self.limits.equations
        large = tensors_made() - self.made > self.limits.equations
        return large or self.trips > self.limits.loop_trips or self.evaluated > most

    def bounded(self, value: Any) -> Any:
        """Return a sequence or dict, unless it holds more values than the limits allow."""
        limit = self.limits.list_capacity**2
        try:
            size = nested_size(value, limit)
        except HoldsItselfError:
            self.refuse_itself()
        if size > limit:
            self.refuse(
                "JC505",
                f"a sequence or object holds more than {limit:,} values",
                fix="make it shorter, or keep the numbers in an array",
            )
        return value

    def refuse_itself(self) -> NoReturn:
        """Refuse a value that holds itself: nothing that goes through it would come to an end."""
        self.refuse(
            "JC312",
            "a value that holds itself is not supported",
            fix="store a copy, or only the parts of it that are needed",
        )

    def raise_where(self, kind: Fault, condition: Bit | jax.Array, line: int | None = None) -> None:
        """Record that CPython (or a limit) stops the program here wherever `condition` holds.

        Args:
            kind: what is raised.
            condition: bool[] traced, a predicate, or a Python bool.
            line: where it was raised first; None for here.
        """
        code = encode(getattr(self.node, "lineno", 0) if line is None else line, kind)
        bit = literal(condition) if isinstance(condition, jax.Array) else condition
        reached = both(self.path, bit)
        if reached is False:
            return
        for position in range(len(self.frames) - 1, -1, -1):
            handler = self.frames[position].handler_of(kind)
            if handler is not None:
                if self.watch is not None:
                    self.watch.catch(self, kind, bit)
                self.frames[position].caught[handler].append((code, reached))
                self._leave(position, reached)
                return
        if self.frames or condition is True:
            self._leave(0, reached)
            self.gone = either(self.gone, reached)
        hit, before = traced(reached), jnp.asarray(self.fault, np.int32)
        if not isinstance(self.fault, int):
            hit = conjunction(compared("equal", before, np.zeros((), np.int32)), hit)
        self.fault = chosen(hit, jnp.asarray(code, np.int32), before)

    def _leave(self, position: int, reached: Bit) -> None:
        """Do not go on in the bodies of `try` statements from `position` inwards."""
        for frame in self.frames[position:]:
            frame.raised = either(frame.raised, reached)

    def give_up(self, kind: Fault, code: str, message: str, **more: Any) -> NoReturn:
        """Say that CPython raises here: a fault on this path, a refusal where all paths lead here.

        Args:
            kind: what is raised.
            code: the diagnostic's code.
            message: what is wrong, in one line.
            **more: as for `refuse`.
        """
        if self.path is True:
            self.refuse(code, message, **more)
        self.raise_where(kind, True)
        raise AbandonedError

    def doubt(self, condition: jax.Array) -> None:
        """Record where rounding may decide what follows; `condition` is bool[...]."""
        if self.near is None:
            return
        here = jnp.any(condition) & traced(self.path)
        self.near = jnp.asarray(self.near) | here

    def note(self, node: ast.AST, value: Any) -> None:
        """Tell whoever watches which value was computed at a node."""
        if self.watch is not None:
            self.watch.note(self, node, value)

    def marked(self) -> int:
        """Return how much whoever watches has noted so far."""
        return len(self.watch.notes) if self.watch is not None else 0

    def forget(self, mark: int) -> None:
        """Forget what was noted since a mark: it is evaluated again."""
        if self.watch is not None:
            del self.watch.notes[mark:]

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

    def read(self, value: Any, name: str, kind: Fault = Fault.NAME) -> Any:
        """Return what a name or field holds; reading one that is unbound is a fault.

        Args:
            value: what was stored, perhaps a `Maybe`, a `Conflict` or UNSET.
            name: the name, for messages.
            kind: what CPython raises where it is unbound.
        """
        value = self.settle(value)
        if isinstance(value, Poison):
            raise PoisonReadError
        if isinstance(value, Maybe):
            self.raise_where(kind, negate(value.defined))
            value = value.value
        if isinstance(value, Conflict):
            phrase = " " in name  # "the returned value" is no name of the program's
            self.refuse(
                "JC401",
                f"{name if phrase else f'`{name}`'} has different kinds of value on different "
                f"paths: {value.message}",
                fix=f"{'return' if name == RETURNED else 'give it'} {value.fix}",
            )
        if value is UNSET:
            self.give_up(
                kind,
                "JC201",
                f"`{name}` has no value when it is read here",
                fix=f"give `{name}` a value before, on every path",
            )
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

    def sure(self, value: Order) -> Tensor:
        """Return an order as an array; where NumPy leaves any of it open is a limit fault."""
        self.raise_where(Fault.UNSPECIFIED_LIMIT, jnp.any(value.unsure))
        return value.positions

    def present(self, value: Any, kind: Fault = Fault.NONE) -> Any:
        """Return the value of an `Optional`; None where a value is needed is a fault."""
        value = self.narrow(value)
        if isinstance(value, Poison):
            raise PoisonReadError
        if isinstance(value, Order):
            return self.sure(value)
        if isinstance(value, Optional):
            self.raise_where(kind, negate(value.some))
            return self.present(value.value, kind)
        if isinstance(value, Conflict):
            self.refuse(
                "JC401",
                f"this has different kinds of value on different paths: {value.message}",
                fix=f"give it {value.fix}",
            )
        return value
