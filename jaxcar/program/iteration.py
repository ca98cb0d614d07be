"""Going through the elements of a value, as a loop does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxcar.program.columns import of_array
from jaxcar.program.containers import (
    DictValue,
    DictView,
    Indexed,
    LazyItems,
    ListValue,
    NoKindError,
    RangeValue,
    Rows,
)
from jaxcar.program.definitions import ClassValue, Instance
from jaxcar.program.faults import Fault
from jaxcar.program.indexing import get_item
from jaxcar.program.kinds import has_arrays
from jaxcar.program.merge import collapsed
from jaxcar.program.predicate import Bit, literal
from jaxcar.program.ranges import element, most, occurring, range_length
from jaxcar.program.rows import row_at, same_keys
from jaxcar.program.special_methods import method, overloads
from jaxcar.program.tensors import INT, Selected, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import Choice, Maybe, is_numeric
from jaxcar.program.wording import describe

Items = Iterator[tuple[Bit, Any]]
_ORDER = "the order of a set's elements is not part of the language"


def iterate(trace: Trace, value: Any, ordered: bool = True) -> Items:
    """Go through the elements that a loop over the value sees, each with whether it occurs.

    Elements are made when they are asked for, under the path that holds then, as Python does.

    Args:
        trace: the present tracing.
        value: what is gone through.
        ordered: whether the order of the elements matters to whoever asks.
    """
    value = _going_through(trace, value)
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
        bound = most(trace, value)
        count_trips(trace, 2**63 if bound is None else bound)
        return iter(occurring(trace, value, bound or 0))
    if isinstance(value, ListValue):
        return _through_list(trace, value)
    if isinstance(value, (tuple, str)):
        return iter([(True, item) for item in value])
    if isinstance(value, ClassValue) and "enum" in value.options:
        return iter([(True, member) for member in value.options["enum"]])
    if isinstance(value, (DictValue, DictView)):
        return iter(view_items(trace, value, ordered))
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0:
        count_trips(trace, value.shape[0])
        return ((True, get_item(trace, value, i)) for i in range(value.shape[0]))
    if isinstance(value, Instance):
        return iterate(trace, iterator_of(trace, value), ordered)
    if isinstance(value, Selected):
        rows = of_array(value)
        count_trips(trace, rows.capacity)
        return ((bit, row_at(rows, i)) for i, bit in enumerate(_present(rows)))
    trace.refuse(
        "JC404",
        f"a loop cannot go through {describe(value)}: Python raises TypeError",
        fix="go through an array, a list, a tuple or a range: for i in range(n)",
    )


def _going_through(trace: Trace, value: Any) -> Any:
    """Return a value of which a copy, where there are several, will do to go through it."""
    value = trace.present(value)
    if isinstance(value, Choice) and overloads(value):
        trace.refuse(
            "JC312",
            "going through one of several objects is not supported yet",
            fix="go through each on its own path",
        )
    return collapsed(value)


def iterator_of(trace: Trace, value: Any) -> Any:
    """Return what a loop goes through in place of a value: the iterator that an object gives."""
    value = trace.present(value)
    if not isinstance(value, Instance):
        return value
    asked = method(trace, value, "__iter__")
    if asked is not None:
        made = trace.present(trace.apply(asked, []))
        if isinstance(made, LazyItems):
            return made
        if isinstance(made, (Instance, Choice)):
            trace.refuse(
                "JC312",
                f"`__iter__` that returns {describe(made)} is not supported yet",
                fix="return iter(...) of a list or tuple, or a generator expression",
            )
        trace.give_up(
            Fault.TYPE,
            "JC404",
            f"`__iter__` returns {describe(made)}, which is no iterator: Python raises TypeError",
            fix="return iter(...) of it",
        )
    if "__getitem__" in value.cls.functions:
        trace.refuse(
            "JC312",
            f"going through {describe(value)} by its `__getitem__` is not supported yet",
            fix="define `__iter__`: return iter(self.items)",
        )
    trace.give_up(
        Fault.TYPE,
        "JC404",
        f"a loop cannot go through {describe(value)}: Python raises TypeError",
        fix="define `__iter__` in its class: return iter(self.items)",
    )


def _through_list(trace: Trace, value: ListValue) -> Items:
    position = 0
    while True:
        if value.rows is None:
            if position >= len(value.items):
                return
            yield True, value.items[position]
        else:
            # The list may grow while the loop goes through it.
            rows = value.rows
            if position >= rows.capacity:
                return
            low = rows.length.bounds[0] if rows.length.bounds else 0
            bit: Bit = True if position < low else literal(rows.length.value > position)
            yield bit, row_at(rows, position)
        position += 1


def _present(rows: Rows) -> list[Bit]:
    low = rows.length.bounds[0] if rows.length.bounds else 0
    return [True if i < low else literal(rows.length.value > i) for i in range(rows.capacity)]


def view_items(
    trace: Trace, value: DictValue | DictView, ordered: bool = True
) -> list[tuple[Bit, Any]]:
    """Return the keys, values or items of a dict as it is now, each with whether it is there."""
    owner, form = (value, "keys") if isinstance(value, DictValue) else (value.owner, value.form)
    if owner.form == "set" and ordered:
        trace.refuse("JC312", _ORDER, fix="go through sorted(...) of it")
    if owner.rows is not None:
        found = [(bit, row_at(owner.rows, i)) for i, bit in enumerate(_present(owner.rows))]
        if owner.form == "set" or form == "items":
            return found
        return [(bit, pair[form == "values"]) for bit, pair in found]
    if owner.unordered and ordered:
        trace.refuse(
            "JC312",
            "going through a dict whose keys depend on the path is not supported yet",
            fix="go through sorted(d.items()), or through all keys that there can be",
        )
    found = []
    for key, entry in owner.entries.items():
        bit: Bit = entry.defined if isinstance(entry, Maybe) else True
        inner = entry.value if isinstance(entry, Maybe) else entry
        found.append((bit, {"keys": key, "values": inner, "items": (key, inner)}[form]))
    return found


def indexed(trace: Trace, value: Any) -> Indexed | None:
    """Return how to reach the elements of a value by position; None where there is no way."""
    value = collapsed(trace.present(value))
    if isinstance(value, LazyItems):
        return value.indexed
    if isinstance(value, RangeValue):
        return Indexed(
            lambda: range_length(trace, value),
            lambda i: element(trace, value, i),
            most(trace, value),
        )
    if isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0:
        size = value.shape[0]
        return Indexed(lambda: size, lambda i: get_item(trace, value, i), size)
    if isinstance(value, (ListValue, tuple)):
        return _indexed_list(trace, value)
    if isinstance(value, (DictValue, DictView)):
        return _indexed_dict(trace, value)
    if not isinstance(value, Selected):
        return None
    rows = of_array(value)
    return Indexed(lambda: rows.length, lambda i: row_at(rows, i.value), rows.capacity)


def _indexed_dict(trace: Trace, value: DictValue | DictView) -> Indexed | None:
    owner, form = (value, "keys") if isinstance(value, DictValue) else (value.owner, value.form)
    before = owner.rows
    if before is None or owner.form == "set":
        return None

    def now() -> Rows:
        assert owner.rows is not None
        return owner.rows

    def get(place: Tensor) -> Any:
        pair = row_at(now(), place.value)
        return pair if form == "items" else pair[form == "values"]

    def check() -> None:
        if now() is not before:
            trace.raise_where(Fault.RUNTIME, now().length.value != before.length.value)
            trace.raise_where(Fault.UNSPECIFIED_LIMIT, ~same_keys(before, now()))

    return Indexed(lambda: before.length, get, before.capacity, check=check)


def _indexed_list(trace: Trace, value: ListValue | tuple[Any, ...]) -> Indexed | None:
    from jaxcar.program.rows import compacted, element_kind

    def rows_now() -> Rows:
        if isinstance(value, ListValue) and value.rows is not None:
            return value.rows
        items = value.items if isinstance(value, ListValue) else value
        found = [(True, item) for item in items]
        return compacted(element_kind(list(items)), found, for_now=True)

    def length() -> Any:
        if isinstance(value, ListValue) and value.rows is not None:
            return value.rows.length
        return len(value.items if isinstance(value, ListValue) else value)

    known = isinstance(value, tuple) or value.rows is None
    if known:
        if length() == 0:
            return None
        try:
            rows_now()
        except NoKindError:
            return None
    if isinstance(value, ListValue) and value.rows is not None:
        _, high = value.rows.length.bounds or (0, value.rows.capacity)
        most_now = min(high, value.rows.capacity)
    else:
        most_now = length()
    fixed = isinstance(value, tuple) or value.form == "tuple"
    holder = None if isinstance(value, ListValue) and not known else value
    once = isinstance(value, ListValue) and value.rows is not None and has_arrays(value.rows.kind)
    changing = None if fixed else value
    return Indexed(
        length,
        lambda i: row_at(rows_now(), i.value),
        most_now,
        fixed,
        once=once,
        holder=holder,
        changing=changing,
    )


def position(value: Any, sequence: Indexed) -> Tensor:
    """Return a loop's position, i32[], as a Python int of the program."""
    known = sequence.most is not None and sequence.fixed
    high = max((sequence.most or 1) - 1, 0) if known else 2**31 - 1
    return Tensor(value, INT, True, (0, high))


def count_trips(trace: Trace, trips: int) -> None:
    """Refuse a loop that turns more often than the limits allow."""
    if trips > trace.limits.loop_trips:
        words = f"{trips:,}" if trips < 2**62 else "an unknown number of"
        trace.refuse(
            "JC504",
            f"a loop of {words} turns is over the limit {trace.limits.loop_trips:,}",
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


def pair_of(trace: Trace, pair: Any) -> tuple[Any, Any]:
    """Return a key and its value, as dict() takes them from an element: any two values."""
    pair = collapsed(trace.present(trace.settle(pair)))
    fix = "give it pairs: dict(zip(keys, values)), or {i: x for i, x in enumerate(values)}"
    if is_numeric(pair) and not np.ndim(getattr(pair, "value", pair)):
        trace.give_up(
            Fault.TYPE,
            "JC404",
            f"dict() is given {describe(pair)} where it takes a key with its value: Python raises "
            "TypeError",
            fix=fix,
        )
    if isinstance(pair, DictValue):
        trace.refuse(
            "JC312",
            f"dict() of {describe(pair)} for a key with its value is not supported",
            fix=fix,
        )
    items = known_items(trace, pair, "a key with its value")
    if len(items) != 2:
        trace.give_up(
            Fault.VALUE,
            "JC404",
            f"dict() is given {len(items)} values where it takes a key with its value: Python "
            "raises ValueError",
            fix=fix,
        )
    return items[0], items[1]
