"""Path predicates: when is this statement reached?

A predicate is Python's True or False where it is known while tracing, and a `Predicate` otherwise.
Beside its traced value a `Predicate` keeps its own logic over opaque literals, as an ordered binary
decision diagram, so that `if c: return a` followed by `return b` is *known* to return on every
path, and a name assigned on both branches is *known* to be defined.

Source: Bryant, "Graph-Based Algorithms for Boolean Function Manipulation", 1986.
"""

from __future__ import annotations

import contextlib
import itertools
import weakref
from collections.abc import Iterator

import jax
import jax.numpy as jnp
from jax import lax

from jaxcar.program.primitives import conjunction as both_of
from jaxcar.program.primitives import disjunction as either_of

_SIZE_LIMIT = 128


class Node:
    """A decision: `high` where the literal `name` holds, `low` elsewhere; shared by equality."""

    __slots__ = ("__weakref__", "high", "low", "name")

    def __init__(self, name: int, low: Diagram, high: Diagram) -> None:
        self.name, self.low, self.high = name, low, high


Diagram = bool | Node
_nodes: weakref.WeakValueDictionary[tuple[int, int, int], Node] = weakref.WeakValueDictionary()
_levels = [0]
_fresh = itertools.count(1)


def level() -> int:
    """Return which tracing of a loop's body is under way; 0 outside of all loops."""
    return _levels[-1]


def depth() -> int:
    """Return how many loops are being traced around what is traced now."""
    return len(_levels) - 1


@contextlib.contextmanager
def inner_level() -> Iterator[None]:
    """Trace the body of a loop: what is made there may not be kept for any other tracing."""
    _levels.append(next(_fresh))
    try:
        yield
    finally:
        _levels.pop()


class _TooLargeError(Exception):
    """A diagram outgrows the limit."""


class Predicate:
    """A traced truth value that knows how it was made.

    Args:
        value: bool[], traced.
        logic: its diagram; None for an opaque literal.

    Attributes:
        opposite: its negation, once it was made.
    """

    __slots__ = ("level", "logic", "opposite", "value")

    def __init__(self, value: jax.Array, logic: Node | None = None) -> None:
        self.value = value
        self.level = level()
        self.opposite: Predicate | None = None
        self.logic = logic if logic is not None else _literal()


Bit = bool | Predicate


def literal(value: jax.Array) -> Predicate:
    """Return a predicate about which nothing is known but its traced value, bool[]."""
    return Predicate(value)


def traced(bit: Bit) -> jax.Array:
    """Return the bit as bool[]."""
    return jnp.asarray(bit) if isinstance(bit, bool) else bit.value


def same(a: Bit, b: Bit) -> bool:
    """Tell whether two bits are known to be equal."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return a.logic is b.logic


def both(a: Bit, b: Bit) -> Bit:
    """Return a and b."""
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    return _combine(a, b, conjunction=True)


def either(a: Bit, b: Bit) -> Bit:
    """Return a or b."""
    if isinstance(a, bool):
        return True if a else b
    if isinstance(b, bool):
        return True if b else a
    return _combine(a, b, conjunction=False)


def negate(a: Bit) -> Bit:
    """Return not a."""
    if isinstance(a, bool):
        return not a
    if a.opposite is not None:
        return a.opposite
    negated = _negation(a.logic, {})
    assert isinstance(negated, Node)
    result = Predicate(lax.bitwise_not(a.value), negated)
    result.opposite = a
    if a.level == level():
        a.opposite = result
    return result


def implies(a: Bit, b: Bit) -> bool:
    """Tell whether b is known to hold wherever a does; nothing is traced."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is False or b is True
    return a.logic is b.logic or _never(a.logic, b.logic, (True, False))


def excludes(a: Bit, b: Bit) -> bool:
    """Tell whether a and b are known never to hold together; nothing is traced."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is False or b is False
    return _never(a.logic, b.logic, (True, True))


def _combine(a: Predicate, b: Predicate, *, conjunction: bool) -> Bit:
    if a.opposite is b or b.opposite is a:
        return not conjunction
    logic = _joined(a.logic, b.logic, conjunction=conjunction)
    if isinstance(logic, bool):
        return logic
    if logic is a.logic:
        return a
    if logic is b.logic:
        return b
    value = (both_of if conjunction else either_of)(a.value, b.value)
    return Predicate(value, logic)


def _literal() -> Node:
    return _node(next(_fresh), False, True)  # type: ignore[return-value]


def _node(name: int, low: Diagram, high: Diagram) -> Diagram:
    if low is high:
        return low
    key = (name, id(low), id(high))
    found = _nodes.get(key)
    if found is None:
        found = _nodes[key] = Node(name, low, high)
    return found


def _joined(a: Node, b: Node, *, conjunction: bool) -> Diagram | None:
    """Return the diagram of a and b, or of a or b; None where it would be too large."""
    try:
        return _apply(a, b, conjunction, {})
    except (_TooLargeError, RecursionError):
        return None


def _apply(
    a: Diagram, b: Diagram, conjunction: bool, known: dict[tuple[int, int], Diagram]
) -> Diagram:
    if a is b:
        return a
    if a is True or a is False:
        return b if a is conjunction else a
    if b is True or b is False:
        return a if b is conjunction else b
    key = (id(a), id(b))
    found = known.get(key)
    if found is None:
        if len(known) > _SIZE_LIMIT:
            raise _TooLargeError
        name, low_a, high_a, low_b, high_b = _parts(a, b)
        low = _apply(low_a, low_b, conjunction, known)
        found = _node(name, low, _apply(high_a, high_b, conjunction, known))
        known[key] = found
    return found


def _parts(a: Node, b: Node) -> tuple[int, Diagram, Diagram, Diagram, Diagram]:
    """Return the first literal of two diagrams, and both without and with it."""
    if a.name == b.name:
        return a.name, a.low, a.high, b.low, b.high
    if a.name < b.name:
        return a.name, a.low, a.high, b, b
    return b.name, a, a, b.low, b.high


def _never(a: Node, b: Node, wanted: tuple[bool, bool]) -> bool:
    """Tell whether a and b are known never to have the wanted values together.

    It ends at the first case that is found, and builds nothing.
    """
    first, second = wanted
    pending: list[tuple[Diagram, Diagram]] = [(a, b)]
    seen: set[tuple[int, int]] = set()
    while pending:
        x, y = pending.pop()
        if isinstance(x, bool) or isinstance(y, bool):
            if (x is (not first)) or (y is (not second)):
                continue
            return False  # the other diagram has both values somewhere
        if x is y:
            if first is second:
                return False
            continue
        key = (id(x), id(y))
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > _SIZE_LIMIT:
            return False
        _, low_x, high_x, low_y, high_y = _parts(x, y)
        pending += [(high_x, high_y), (low_x, low_y)]
    return True


def _negation(a: Diagram, known: dict[int, Diagram]) -> Diagram:
    if isinstance(a, bool):
        return not a
    if id(a) not in known:
        low = _negation(a.low, known)
        known[id(a)] = _node(a.name, low, _negation(a.high, known))
    return known[id(a)]
