"""Elements and slices of lists whose length depends on the frame: read, set and deleted."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.containers import ListValue, NoKindError
from jaxcar.program.keys import check_step
from jaxcar.program.lists import check_sliceable, copy, everywhere, pop, rows_of
from jaxcar.program.predicate import both
from jaxcar.program.rows import accepting, checked_place, gathered, placed, row_at
from jaxcar.program.tensors import INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import Optional, is_static
from jaxcar.program.wording import describe


def element(trace: Trace, value: ListValue, index: Any) -> Any:
    """Return `value[index]` of a list whose length depends on the frame."""
    rows = value.rows
    assert rows is not None
    if isinstance(index, slice):
        return _sliced(trace, value, index)
    if not isinstance(index, (int, np.integer, Tensor)) or (
        isinstance(index, Tensor) and index.ndim
    ):
        trace.refuse(
            "JC404",
            f"{describe(value)} is indexed by {describe(index)}: Python raises TypeError",
            fix="index with an int: x[int(i)]",
        )
    if isinstance(index, np.integer):
        index = int(index)
    return row_at(rows, checked_place(trace, rows, index))


def _sliced(trace: Trace, value: ListValue, index: slice) -> ListValue:
    """Return a slice; its bounds may be known or not, its step is 1 or -1."""
    rows = value.rows
    assert rows is not None
    check_sliceable(trace, value)
    check_step(trace, index.step)
    if index.step not in (None, 1, -1):
        trace.refuse(
            "JC312",
            "a slice with a step of a list whose length depends on the frame is not supported yet",
            fix=fixes.BOUNDS,
        )
    length = rows.length.value.astype(jnp.int32)
    if index.step == -1:
        if index.start is not None or index.stop is not None:
            trace.refuse(
                "JC312",
                "a slice backwards from a bound is not supported yet",
                fix="slice first, then reverse: x[a:b][::-1]",
            )
        made = gathered(rows, length - 1 - jnp.arange(rows.capacity), rows.length)
        return ListValue([], trace.path, value.form == "tuple", value.form, rows=made)
    first = _bound(trace, index.start, length, jnp.int32(0))
    last = _bound(trace, index.stop, length, length)
    count = jnp.maximum(last - first, 0)
    most = rows.length.bounds[1] if rows.length.bounds else rows.capacity
    if isinstance(index.start, int) and index.start < 0 and index.stop is None:
        most = min(most, -index.start)
    if isinstance(index.stop, int) and index.stop >= 0 and index.start in (None, 0):
        most = min(most, index.stop)
    size = Tensor(count, INT, True, (0, most))
    made = gathered(rows, first + jnp.arange(max(most, 1)), size)
    return ListValue([], trace.path, value.form == "tuple", value.form, rows=made)


def _bound(trace: Trace, bound: Any, length: jax.Array, default: jax.Array) -> jax.Array:
    bound = trace.narrow(bound)
    if bound is None:
        return default
    if isinstance(bound, Optional) or not isinstance(bound, (int, np.integer, Tensor)):
        trace.refuse(
            "JC404",
            f"a slice's bound is {describe(bound)}: Python raises TypeError",
            fix="make it an int: x[: int(n)]",
        )
    value = bound.value if isinstance(bound, Tensor) else jnp.int32(int(bound))
    value = jnp.where(value < 0, value + length, value)
    return jnp.clip(value, 0, length).astype(jnp.int32)


def known_slice(trace: Trace, value: ListValue, index: slice) -> Any:
    """Return a slice with traced bounds of a list whose length is known."""
    if not value.items:
        return ListValue([], trace.path)
    whole = copy(trace, value)
    rows_of(trace, whole)
    return _sliced(trace, whole, index)


def set_element(trace: Trace, value: ListValue, index: Any, item: Any) -> None:
    """Perform `value[index] = item` on a list whose length depends on the frame."""
    rows = rows_of(trace, value, item)
    if not isinstance(index, (int, np.integer, Tensor)):
        trace.refuse(
            "JC404",
            f"a list element is assigned at {describe(index)}: Python raises TypeError",
            fix="index with an int: x[int(i)] = value",
        )
    place = checked_place(trace, rows, index)
    try:
        rows = accepting(rows, item)
    except NoKindError as error:
        trace.refuse(
            "JC401", f"a list gets an element of another kind: {error.message}", fix=fixes.ONE_KIND
        )
    value.rows = placed(rows, place, item, both(trace.path, True))


def delete(trace: Trace, value: ListValue, index: Any) -> None:
    """Perform `del value[index]`."""
    if isinstance(index, slice):
        check_sliceable(trace, value)
        if everywhere(trace, value) and is_static(index):
            items = list(value.items)
            del items[index]
            value.items = items
            return
        if index.step is None and index.stop is None:
            kept = element(trace, _as_rows(trace, value), slice(None, index.start))
        elif index.step is None and index.start in (None, 0):
            kept = element(trace, _as_rows(trace, value), slice(index.stop, None))
        else:
            trace.refuse(
                "JC312",
                "deleting such a slice is not supported yet",
                fix="build the list anew: kept = x[:a] + x[b:]",
            )
        if trace.path is not True:
            trace.refuse(
                "JC312",
                "deleting a slice on some paths only is not supported yet",
                fix="build the list anew: kept = x[:a] + x[b:]",
            )
        value.rows = kept.rows
        return
    pop(trace, value, index)


def _as_rows(trace: Trace, value: ListValue) -> ListValue:
    rows_of(trace, value)
    return value
