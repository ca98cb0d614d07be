"""The truth of any value, as `if`, `and` and `not` see it."""

from __future__ import annotations

from typing import Any

from jaxcar.program.predicate import Bit, both, literal
from jaxcar.program.ranges import range_length
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import any_of, truth
from jaxcar.program.values import (
    Choice,
    DictValue,
    DictView,
    Inert,
    ListValue,
    Optional,
    RangeValue,
    Rows,
    Selected,
    Text,
    is_numeric,
)


def truth_of(trace: Trace, value: Any) -> Bit:
    """Return the truth of any value, as `if` and `and` see it."""
    if value is None:
        return False
    if isinstance(value, Optional):
        with trace.under(value.some):
            return both(value.some, truth_of(trace, value.value))
    if isinstance(value, Selected):
        trace.refuse(
            "JC404",
            "the truth of an array of run-time length is ambiguous: NumPy raises ValueError",
            fix="say `.size > 0`, `len(...) > 0`, np.any(...) or np.all(...)",
        )
    if is_numeric(value):
        return truth(trace, value)
    if isinstance(value, Choice):
        return any_of([both(bit, _truth_under(trace, bit, x)) for bit, x in value.options])
    if isinstance(value, Text):
        return any_of([literal(value.index == i) for i, o in enumerate(value.options) if o])
    if isinstance(value, Inert):
        trace.refuse("JC410", "the truth of text that is made from run-time values is used")
    if isinstance(value, RangeValue):
        length = range_length(trace, value)
        return length > 0 if isinstance(length, int) else literal(length.value > 0)
    if isinstance(value, ListValue):
        return _not_empty(value.rows) if value.rows is not None else bool(value.items)
    if isinstance(value, (DictValue, DictView)):
        owner = value if isinstance(value, DictValue) else value.owner
        if owner.rows is not None:
            return _not_empty(owner.rows)
        return any_of([getattr(entry, "defined", True) for entry in owner.entries.values()])
    if isinstance(value, (str, tuple)):
        return bool(value)
    return True


def _truth_under(trace: Trace, bit: Bit, value: Any) -> Bit:
    with trace.under(bit):
        return truth_of(trace, value)


def _not_empty(rows: Rows) -> Bit:
    low, high = rows.length.bounds or (0, rows.capacity)
    if low > 0 or high == 0:
        return low > 0
    return literal(rows.length.value > 0)
