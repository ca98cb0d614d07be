"""Methods of deques: those of lists, and those of the other end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import iterate
from jaxcar.program.lists import (
    METHODS as _OF_LISTS,
)
from jaxcar.program.lists import (
    check_apart,
    check_unfrozen,
    everywhere,
    insert,
    make_room,
    pop,
    rows_of,
    whole_index,
)
from jaxcar.program.predicate import traced
from jaxcar.program.rows import accepting, gathered, inserted, row_at
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace


def append_left(trace: Trace, value: ListValue, item: Any) -> None:
    """Add an element at the front; a full deque loses its last."""
    check_unfrozen(trace, value)
    check_apart(trace, value, item)
    if everywhere(trace, value):
        kept = [item, *value.items]
        value.items = kept if value.maxlen is None else kept[: value.maxlen]
        return
    rows = rows_of(trace, value, item)
    if value.maxlen is not None:
        rows = make_room(rows, value.maxlen, trace.path, rows.length.value.astype(jnp.int32) - 1)
    value.rows = inserted(trace, accepting(rows, item), jnp.int32(0), item, trace.path)


def extend_left(trace: Trace, value: ListValue, items: Any) -> None:
    """Add elements at the front, one after the other: the last comes first."""
    if items is value:
        items = ListValue(list(value.items))
    for bit, item in list(iterate(trace, items)):
        with trace.under(bit):
            append_left(trace, value, item)


def _insert(trace: Trace, value: ListValue, index: Any, item: Any) -> None:
    """Put an element into a deque; IndexError where it is full."""
    if value.maxlen is not None:
        size = len(value.items) if value.rows is None else value.rows.length.value
        trace.raise_where(Fault.INDEX, size >= value.maxlen)
        if size is value.maxlen:
            return
    insert(trace, value, index, item)


def _pop(trace: Trace, value: ListValue) -> Any:
    """Remove the last element of a deque and return it."""
    return pop(trace, value)


def _pop_left(trace: Trace, value: ListValue) -> Any:
    """Remove the first element and return it."""
    return pop(trace, value, 0)


def rotate(trace: Trace, value: ListValue, n: Any = 1) -> None:
    """Move the elements to the right by a number of places, round the end."""
    check_unfrozen(trace, value)
    steps = whole_index(trace, n, "rotate() of a deque")
    if value.rows is None and not value.items:
        return
    known = everywhere(trace, value)
    if known and isinstance(steps, int):
        turn = steps % len(value.items)
        value.items = [*value.items[-turn:], *value.items[:-turn]] if turn else value.items
        return
    size = None if value.rows is not None else len(value.items)
    rows = rows_of(trace, value)
    length = jnp.maximum(rows.length.value, 1)
    turns = steps.value if isinstance(steps, Tensor) else jnp.int32(steps)
    places = jnp.arange(rows.capacity)
    moved = jnp.mod(places - jnp.mod(turns.astype(jnp.int64), length), length)
    chosen = jnp.where((places < length) & traced(trace.path), moved, places)
    rows = gathered(rows, chosen.astype(jnp.int32), rows.length)
    value.rows = rows
    if known and size is not None:
        value.items = [row_at(rows, place) for place in range(size)]


METHODS: dict[str, Callable[..., Any]] = {
    **_OF_LISTS,
    "appendleft": append_left,
    "extendleft": extend_left,
    "insert": _insert,
    "pop": _pop,
    "popleft": _pop_left,
    "rotate": rotate,
}
