"""`range(...)`: its length, its elements, and what is in it, with bounds known or traced."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from jaxcar.program.bits import truth
from jaxcar.program.containers import RangeValue
from jaxcar.program.predicate import Bit, both, literal
from jaxcar.program.tensors import INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import ufunc


def is_known(value: RangeValue) -> bool:
    """Tell whether both ends are known while tracing."""
    return isinstance(value.start, int) and isinstance(value.stop, int)


def known_range(value: RangeValue) -> range:
    """Return a range whose ends are known as Python's own."""
    return range(value.start, value.stop, value.step)


def range_length(trace: Trace, value: RangeValue) -> Any:
    """Return how many elements there are: an int, or a traced Python int."""
    if is_known(value):
        whole = known_range(value)  # len() of it takes no more than 2**63 - 1
        return (whole[-1] - whole[0]) // value.step + 1 if whole else 0
    first, last = (value.start, value.stop) if value.step > 0 else (value.stop, value.start)
    step = abs(value.step)
    span = _arithmetic(trace, "subtract", last, first)
    trips = _arithmetic(trace, "floor_divide", _arithmetic(trace, "add", span, step - 1), step)
    count = ufunc(trace, "maximum", trips, 0, library=True)
    assert isinstance(count, Tensor)
    return Tensor(count.value, INT, True, count.bounds)


def most(trace: Trace, value: RangeValue) -> int | None:
    """Return the greatest length that is possible; None where it has no bound."""
    length = range_length(trace, value)
    if isinstance(length, int):
        return length
    high = length.bounds[1] if length.bounds else 2**63
    return None if high >= 2**31 else int(high)


def element(trace: Trace, value: RangeValue, position: Any) -> Any:
    """Return the element at a position from 0 on, an int or a traced int."""
    offset = _arithmetic(trace, "multiply", position, value.step)
    return _arithmetic(trace, "add", value.start, offset)


def occurring(trace: Trace, value: RangeValue, count: int) -> list[tuple[Bit, Any]]:
    """Return the first `count` elements, each with whether it occurs."""
    if is_known(value):
        return [(True, item) for item in known_range(value)[:count]]
    length = range_length(trace, value)
    low = length.bounds[0] if length.bounds else 0
    bits: list[Bit] = [True if i < low else literal(length.value > i) for i in range(count)]
    return [(bit, element(trace, value, i)) for i, bit in enumerate(bits)]


def in_range(trace: Trace, item: Any, value: RangeValue) -> Bit:
    """Return `item in range(...)`."""
    if is_known(value) and isinstance(item, (int, float, np.generic)):
        whole = bool(np.isfinite(item)) and item == int(item)
        return whole and int(item) in known_range(value)
    low, high = (value.start, value.stop) if value.step > 0 else (value.stop, value.start)
    names = ("greater_equal", "less") if value.step > 0 else ("greater", "less_equal")
    inside = both(_compared(trace, names[0], item, low), _compared(trace, names[1], item, high))
    offset = ufunc(trace, "subtract", item, value.start)
    remainder = ufunc(trace, "remainder", offset, abs(value.step))
    return both(inside, _compared(trace, "equal", remainder, 0))


_KNOWN = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "floor_divide": operator.floordiv,
}


def _arithmetic(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        return _KNOWN[name](a, b)
    return ufunc(trace, name, a, b)


def _compared(trace: Trace, name: str, a: Any, b: Any) -> Bit:
    return truth(trace, ufunc(trace, name, a, b))
