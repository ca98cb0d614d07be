"""Going through the elements of a value, as a loop does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxcar.program.indexing import get_item
from jaxcar.program.predicate import Bit
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    DictValue,
    DictView,
    LazyItems,
    ListValue,
    Maybe,
    RangeValue,
    Selected,
    Tensor,
)
from jaxcar.program.wording import describe

Items = Iterator[tuple[Bit, Any]]


def iterate(trace: Trace, value: Any) -> Items:
    """Go through the elements that a loop over the value sees, each with whether it occurs.

    Elements are made when they are asked for, under the path that holds then, as Python does.
    """
    value = trace.present(value)
    if isinstance(value, LazyItems):
        if value.used:
            trace.refuse(
                "JC312",
                "going through an iterator a second time is not supported: it may be exhausted",
                fix="make a list of it first, or write it out again",
            )
        value.used = True
        return value.steps
    if isinstance(value, RangeValue):
        return iter(list(zip(value.present, value.items, strict=True)))
    if isinstance(value, ListValue):
        return _through_list(value)
    if isinstance(value, (tuple, str)):
        return iter([(True, item) for item in value])
    if isinstance(value, (DictValue, DictView)):
        return iter([(True, item) for item in view_items(trace, value)])
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0:
        count_trips(trace, value.shape[0])
        return ((True, get_item(trace, value, i)) for i in range(value.shape[0]))
    if isinstance(value, Selected):
        trace.refuse(
            "JC312",
            "a loop over an array of run-time length is not supported yet",
            fix="work on the whole array: its length, .min(), .max(), .mean(), comparisons",
        )
    trace.refuse("JC404", f"a loop cannot go through {describe(value)}")


def _through_list(value: ListValue) -> Items:
    position = 0
    while position < len(value.items):
        yield True, value.items[position]
        position += 1


def view_items(trace: Trace, value: DictValue | DictView) -> tuple[Any, ...]:
    """Return the keys, values or items of a dict as it is now."""
    owner, form = (value, "keys") if isinstance(value, DictValue) else (value.owner, value.form)
    if owner.unordered or any(isinstance(entry, Maybe) for entry in owner.entries.values()):
        trace.refuse(
            "JC312", "going through a dict whose keys depend on the path is not supported yet"
        )
    return tuple(getattr(owner.entries, form)())


def count_trips(trace: Trace, trips: int) -> None:
    """Refuse a loop that turns more often than the limits allow."""
    if trips > trace.limits.loop_trips:
        trace.refuse(
            "JC504",
            f"a loop of {trips} turns is over the limit {trace.limits.loop_trips}",
            fix="work on whole arrays, e.g. np.any(mask), np.sum(mask, axis=0)",
        )


def known_items(trace: Trace, sequence: Any, what: str) -> list[Any]:
    """Return the elements of a value whose length is known while tracing."""
    items = list(iterate(trace, sequence))
    if any(present is not True for present, _ in items):
        trace.refuse(
            "JC312",
            f"{what} whose length depends on the frame is not supported yet",
            fix="count or combine the values with sum(), any(), all(), min() or max()",
        )
    return [item for _, item in items]
