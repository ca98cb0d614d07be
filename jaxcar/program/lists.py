"""Methods of lists, deques and tuples, and reading and writing their elements.

A list whose length is known while tracing keeps its elements one by one. The first change that only
some paths see packs it into rows (`jaxcar.program.rows`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.containers import ListValue, NoKindError, Rows
from jaxcar.program.equality import same_element
from jaxcar.program.faults import Fault
from jaxcar.program.lending import check_unlent
from jaxcar.program.merge import merge
from jaxcar.program.predicate import Bit, both, either, literal, negate, same, traced
from jaxcar.program.rows import (
    accepting,
    appended,
    checked_place,
    compacted,
    first_place,
    gathered,
    inserted,
    matching,
    removed,
    row_at,
    to_rows,
)
from jaxcar.program.tensors import INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.wording import describe


def check_unfrozen(trace: Trace, target: Any) -> None:
    """Refuse to change in place a tuple, what another name may hold, or what has a copy."""
    if isinstance(target, ListValue) and target.form == "tuple":
        trace.refuse(
            "JC404",
            "an element of a tuple is changed: Python raises TypeError",
            fix="make a list of it first: values = list(values)",
        )
    check_unlent(trace, target)
    if target.frozen:
        trace.refuse(
            "JC312",
            f"changing {describe(target)} in place that another name may hold is not supported yet",
            fix="change a copy, or build the value anew",
        )


def check_apart(trace: Trace, target: Any, value: Any) -> None:
    """Refuse to store a value in itself."""
    if value is target:
        trace.refuse_itself()


def everywhere(trace: Trace, value: ListValue) -> bool:
    """Tell whether the present path reaches all that can see the list, whose length is known."""
    return value.rows is None and same(trace.path, value.born)


def rows_of(trace: Trace, value: ListValue, *others: Any) -> Rows:
    """Return the rows of a list, packed in place where they are not yet."""
    try:
        return to_rows(value, others) if value.rows is None else value.rows
    except NoKindError as error:
        trace.refuse(
            "JC401",
            f"a {value.form} whose length depends on the frame holds elements of different kinds: "
            f"{error.message}",
            fix="keep elements of one kind, or one list for each kind",
        )


def check_sliceable(trace: Trace, value: Any) -> None:
    """Refuse a slice of a deque."""
    if isinstance(value, ListValue) and value.form == "deque":
        trace.refuse(
            "JC404",
            "a deque cannot be sliced: Python raises TypeError",
            fix="make a list first: list(d)[-3:]",
        )


def nothing(trace: Trace, what: str) -> NoReturn:
    """Return what reading an empty list gives: a fault, refused where every path leads to it."""
    trace.give_up(
        Fault.INDEX,
        "JC404",
        f"{what} is read: Python raises IndexError",
        fix="test its length first, or append something before",
    )


def whole_index(trace: Trace, index: Any, what: str) -> int | Tensor:
    """Return a position as an int, known or traced; Python takes no other number for one."""
    index = trace.present(index)
    if isinstance(index, (int, np.integer)):
        return int(index)
    if isinstance(index, Tensor) and index.ndim == 0 and index.dtype.kind in "iub":
        python = index.dtype.kind != "b" or index.python is True
        if python and index.mixed is None:
            return index
    trace.refuse(
        "JC404",
        f"{what} takes a position, an int, and is given {describe(index)}: Python raises TypeError",
        fix="give it a whole number: int(i)",
    )


def append(trace: Trace, value: ListValue, item: Any) -> None:
    """Add an element at the end; a full deque loses its first."""
    check_unfrozen(trace, value)
    check_apart(trace, value, item)
    if everywhere(trace, value):
        if value.maxlen is not None and len(value.items) >= value.maxlen:
            if value.maxlen:
                value.items = [*value.items[1:], item]
            return
        if len(value.items) >= trace.limits.list_capacity:
            trace.refuse(
                "JC505",
                f"a list outgrows {trace.limits.list_capacity} items",
                fix="bound it: deque(maxlen=10)",
            )
        value.items.append(item)
        trace.bounded(value)
        return
    rows = rows_of(trace, value, item)
    if value.maxlen is not None:
        rows = make_room(rows, value.maxlen, trace.path, jnp.int32(0))
    value.rows = _appended(trace, rows, item)


def _appended(trace: Trace, rows: Rows, item: Any) -> Rows:
    try:
        return appended(trace, rows, item, trace.path)
    except NoKindError as error:
        trace.refuse(
            "JC401",
            f"a list whose length depends on the frame gets an element of another kind: "
            f"{error.message}",
            fix="keep elements of one kind, or one list for each kind",
        )


def make_room(rows: Rows, maxlen: int, path: Bit, place: jax.Array) -> Rows:
    """Return rows without the one at a place, where as many are there as there may be."""
    full = rows.length.value >= maxlen
    rows = removed(rows, place, both(path, literal(full)))
    low, high = rows.length.bounds or (0, rows.capacity)
    bounds = (min(low, max(maxlen - 1, 0)), min(high, max(maxlen - 1, 0)))
    return Rows(rows.kind, rows.leaves, Tensor(rows.length.value, INT, True, bounds), rows.capacity)


def extend(trace: Trace, value: ListValue, items: Any) -> None:
    """Add elements at the end."""
    from jaxcar.program.iteration import iterate  # it goes through lists by way of this module

    if items is value:
        items = ListValue(list(value.items))
    for bit, item in list(iterate(trace, items)):
        with trace.under(bit):
            append(trace, value, item)


def insert(trace: Trace, value: ListValue, index: Any, item: Any) -> None:
    """Put an element before the one at an index."""
    check_unfrozen(trace, value)
    check_apart(trace, value, item)
    index = whole_index(trace, index, f"insert() into {describe(value)}")
    if everywhere(trace, value) and isinstance(index, int):
        value.items.insert(index, item)
        return
    rows = rows_of(trace, value, item)
    position = index.value if isinstance(index, Tensor) else jnp.int32(index)
    length = rows.length.value
    place = jnp.where(position < 0, jnp.maximum(position + length, 0), position)
    place = jnp.minimum(place, length).astype(jnp.int32)
    value.rows = inserted(trace, accepting(rows, item), place, item, trace.path)


def pop(trace: Trace, value: ListValue, index: Any = -1) -> Any:
    """Remove an element and return it; IndexError where there is none."""
    check_unfrozen(trace, value)
    index = whole_index(trace, index, f"pop() of {describe(value)}")
    if everywhere(trace, value) and isinstance(index, int):
        size = len(value.items)
        if -size <= index < size:
            return value.items.pop(index)
        if not size:
            nothing(trace, f"an element of empty {describe(value)}")
        trace.raise_where(Fault.INDEX, True)
        return value.items[0]
    if value.rows is None and not value.items:
        nothing(trace, f"an element of empty {describe(value)}")
    rows = rows_of(trace, value)
    place = checked_place(trace, rows, index)
    found = row_at(rows, place)
    value.rows = removed(rows, place, trace.path)
    return found


def remove(trace: Trace, value: ListValue, item: Any) -> None:
    """Remove the first element that equals an item; ValueError where there is none."""
    check_unfrozen(trace, value)
    if value.rows is None and not value.items:
        trace.raise_where(Fault.VALUE, True)
        return
    rows = rows_of(trace, value)
    hits = matching(trace, rows, item)
    found = literal(jnp.any(hits))
    trace.raise_where(Fault.VALUE, negate(found))
    value.rows = removed(rows, first_place(hits), both(trace.path, found))


def clear(trace: Trace, value: ListValue) -> None:
    """Remove all elements."""
    check_unfrozen(trace, value)
    if everywhere(trace, value) or trace.path is True:
        value.items = []
        return
    if value.rows is None and not value.items:
        return
    rows = rows_of(trace, value)
    _, high = rows.length.bounds or (0, rows.capacity)
    length = jnp.where(traced(trace.path), 0, rows.length.value.astype(jnp.int32))
    value.rows = Rows(rows.kind, rows.leaves, Tensor(length, INT, True, (0, high)), rows.capacity)


def index_of(trace: Trace, value: Any, item: Any) -> Any:
    """Return the position of the first equal element; ValueError where there is none."""
    if isinstance(value, ListValue) and value.rows is not None:
        hits = matching(trace, value.rows, item)
        trace.raise_where(Fault.VALUE, ~jnp.any(hits))
        return Tensor(first_place(hits), INT, True, (0, value.rows.capacity - 1))
    items = value.items if isinstance(value, ListValue) else value
    place: Any = 0
    found: Bit = False
    for position, other in enumerate(items):
        hit = both(negate(found), same_element(trace, item, other))
        place = merge(hit, position, place)
        found = either(found, hit)
    trace.raise_where(Fault.VALUE, negate(found))
    return place


def count_of(trace: Trace, value: Any, item: Any) -> Any:
    """Return how many elements equal an item."""
    if isinstance(value, ListValue) and value.rows is not None:
        hits = matching(trace, value.rows, item)
        return Tensor(jnp.sum(hits, dtype=jnp.int32), INT, True, (0, value.rows.capacity))
    items = value.items if isinstance(value, ListValue) else value
    bits = [same_element(trace, item, other) for other in items]
    if all(isinstance(bit, bool) for bit in bits):
        return sum(bits)
    total = jnp.sum(jnp.stack([traced(bit) for bit in bits]), dtype=jnp.int32)
    return Tensor(total, INT, True, (0, len(items)))


def copy(trace: Trace, value: ListValue) -> ListValue:
    """Return a list of the same elements."""
    items = [] if value.rows is not None else list(value.items)
    return ListValue(items, trace.path, False, value.form, value.maxlen, value.rows)


def reverse(trace: Trace, value: ListValue) -> None:
    """Reverse the list in place."""
    check_unfrozen(trace, value)
    if everywhere(trace, value):
        value.items = value.items[::-1]
        return
    rows = rows_of(trace, value)
    order = jnp.arange(rows.capacity)
    backwards = rows.length.value.astype(jnp.int32) - 1 - order
    chosen = jnp.where(traced(trace.path), backwards, order)
    value.rows = gathered(rows, chosen, rows.length)


def concatenated(trace: Trace, a: ListValue, b: ListValue) -> ListValue:
    """Return `a + b` as a new list."""
    joined = copy(trace, a)
    joined.born = trace.path
    extend(trace, joined, b)
    return joined


def from_items(
    trace: Trace,
    items: list[tuple[Bit, Any]],
    form: str = "list",
    maxlen: int | None = None,
    length: Tensor | None = None,
) -> ListValue:
    """Return a list of the elements that occur.

    Args:
        trace: the present tracing.
        items: the elements, each with whether it occurs.
        form: what kind of list it is.
        maxlen: the most that a deque holds.
        length: how many occur, where it is known that they are the first ones.
    """
    known = [item for bit, item in items if bit is not False]
    if all(bit is True for bit, _ in items if bit is not False):
        if len(known) > trace.limits.list_capacity**2:
            trace.refuse(
                "JC505", f"a list outgrows {trace.limits.list_capacity**2} items", fix=fixes.FEWER
            )
        if maxlen is not None:
            known = known[-maxlen:] if maxlen else []
        return ListValue(known, trace.path, form=form, maxlen=maxlen)
    from jaxcar.program.rows import element_kind

    try:
        occurring = [pair for pair in items if pair[0] is not False]
        rows = compacted(element_kind(known), occurring, length)
    except NoKindError as error:
        trace.refuse(
            "JC401",
            "a list whose length depends on the frame holds elements of different kinds: "
            f"{error.message}",
            fix="keep elements of one kind, or one list for each kind",
        )
    if maxlen is not None:
        trace.refuse(
            "JC312",
            "a deque made of a list of run-time length is not supported yet",
            fix="append to a deque(maxlen=10) from the start",
        )
    return ListValue([], trace.path, form=form, rows=rows)


METHODS: dict[str, Callable[..., Any]] = {
    "append": append,
    "clear": clear,
    "copy": copy,
    "count": count_of,
    "extend": extend,
    "index": index_of,
    "insert": insert,
    "pop": pop,
    "remove": remove,
    "reverse": reverse,
}
TUPLE_METHODS: dict[str, Callable[..., Any]] = {"count": count_of, "index": index_of}
