"""The truth of any value, as `if`, `and` and `not` see it."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar.program import fixes
from jaxcar.program.bits import any_of, truth
from jaxcar.program.containers import (
    DictValue,
    DictView,
    LazyItems,
    ListValue,
    RangeValue,
    RecordType,
    Rows,
)
from jaxcar.program.definitions import (
    BoundMethod,
    ClassValue,
    EnumMember,
    FunctionValue,
    Instance,
    LibraryName,
    LibraryObject,
    ValueMethod,
)
from jaxcar.program.faults import Fault
from jaxcar.program.predicate import Bit, both, literal
from jaxcar.program.ranges import range_length
from jaxcar.program.special_methods import method
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.values import Choice, Inert, Optional, Text, is_numeric
from jaxcar.program.wording import describe


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
            fix="test its length: x.size > 0, len(x) > 0; or say np.any(...), np.all(...)",
        )
    if is_numeric(value):
        return truth(trace, value)
    if isinstance(value, Choice):
        return any_of([both(bit, _truth_under(trace, bit, x)) for bit, x in value.options])
    if isinstance(value, Text):
        return any_of([literal(value.index == i) for i, o in enumerate(value.options) if o])
    if isinstance(value, Inert):
        trace.refuse(
            "JC410",
            "the truth of text that is made from run-time values is used",
            fix="compare the values themselves, or use one of a few constant strings",
        )
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
    if isinstance(value, Instance):
        if "__bool__" in value.cls.functions:
            return truth_of(trace, special(trace, value, "__bool__", bool))
        if "__len__" in value.cls.functions:
            return truth_of(trace, special(trace, value, "__len__", int))
        return True
    if isinstance(value, Window):
        trace.refuse(
            "JC404",
            "the truth of an array is ambiguous: NumPy raises ValueError",
            fix=fixes.for_truth(trace.node),
        )
    if isinstance(value, _ALWAYS_TRUE):
        return True
    trace.present(value)  # says what is wrong where paths conflict
    trace.refuse(
        "JC312",
        f"the truth of {describe(value)} is not supported yet",
        fix="compare it with something: `x is not None`, `len(x) > 0`",
    )


_ALWAYS_TRUE = (
    *(FunctionValue, BoundMethod, ClassValue, RecordType, LibraryName, ValueMethod, EnumMember),
    *(LibraryObject, LazyItems, type, np.dtype),
)


def special(trace: Trace, value: Instance, name: str, kind: type) -> Any:
    """Call `__bool__` or `__len__`, which must return a Python bool or int."""
    made = trace.present(trace.apply(method(trace, value, name), []))
    plain = type(made) is kind or (
        isinstance(made, Tensor)
        and made.python is True
        and not made.ndim
        and made.dtype.kind == {bool: "b", int: "i"}[kind]
    )
    if not plain:
        trace.refuse(
            "JC312",
            f"`{name}` that returns {describe(made)}, not a "
            f"Python {kind.__name__}, is not supported",
            fix=f"return {kind.__name__}(...) from `{name}`",
        )
    if kind is int:
        negative = made < 0 if isinstance(made, int) else literal(made.value < 0)
        trace.raise_where(Fault.VALUE, negative)
    return made


def _truth_under(trace: Trace, bit: Bit, value: Any) -> Bit:
    with trace.under(bit):
        return truth_of(trace, value)


def _not_empty(rows: Rows) -> Bit:
    low, high = rows.length.bounds or (0, rows.capacity)
    if low > 0 or high == 0:
        return low > 0
    return literal(rows.length.value > 0)
