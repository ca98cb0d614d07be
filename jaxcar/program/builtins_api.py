"""Python's builtin functions, and going through the elements of a value."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from jaxcar.program.casting import to_float, to_integer
from jaxcar.program.comparison import compare
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import Items, count_trips, iterate, known_items
from jaxcar.program.merge import merge
from jaxcar.program.operators import binary
from jaxcar.program.predicate import Bit, both, either, literal, negate
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import all_of, from_bit, ufunc
from jaxcar.program.values import (
    INERT,
    INT,
    DictValue,
    DictView,
    Inert,
    Instance,
    LazyItems,
    ListValue,
    Optional,
    RangeValue,
    Selected,
    Tensor,
    Text,
    as_tensor,
    is_static_number,
)
from jaxcar.program.wording import describe


@library("builtins.range")
def range_(trace: Trace, first: Any, second: Any = None, third: Any = 1) -> Any:
    """Return the integers to loop over; only the end may depend on the frame."""
    start, stop = (0, first) if second is None else (first, second)
    stop = trace.present(stop)
    if not all(isinstance(x, (int, np.integer)) for x in (start, third)):
        trace.refuse(
            "JC406",
            "the start and step of range() must be integers known before run time",
            fix="loop over range(stop) and skip what comes before with `continue`",
        )
    if third == 0:
        trace.refuse("JC404", "range() with step 0: Python raises ValueError")
    if isinstance(stop, (int, np.integer)):
        items = range(int(start), int(stop), int(third))
        count_trips(trace, len(items))
        return RangeValue(tuple(items), (True,) * len(items))
    if not isinstance(stop, Tensor) or stop.dtype.kind not in "iu" or stop.ndim or third < 0:
        trace.refuse("JC404", f"range() of {describe(stop)}")
    low, high = stop.bounds or (0, 2**63)
    count_trips(trace, max(0, -(-(high - int(start)) // int(third))))
    items = range(int(start), high, int(third))
    present = [True if item < low else literal(stop.value > item) for item in items]
    return RangeValue(tuple(items), tuple(present))


@library("builtins.len")
def length(trace: Trace, x: Any) -> Any:
    """Return the number of elements."""
    x = trace.present(x)
    if isinstance(x, Selected):
        return x.count()
    if isinstance(x, RangeValue):
        return _sum(trace, iter([(bit, 1) for bit in x.present]), 0)
    if isinstance(x, ListValue):
        return len(x.items)
    if isinstance(x, (DictValue, DictView)):
        entries = x.entries if isinstance(x, DictValue) else x.owner.entries
        present = [getattr(entry, "defined", True) for entry in entries.values()]
        return _sum(trace, iter([(bit, 1) for bit in present]), 0)
    if isinstance(x, (tuple, str)):
        return len(x)
    if isinstance(x, (Tensor, np.ndarray)) and x.ndim > 0:
        return x.shape[0]
    trace.refuse("JC404", f"{describe(x)} has no length")


@library("builtins.abs")
def absolute(trace: Trace, x: Any) -> Any:
    """Return the absolute value."""
    x = trace.present(x)
    return abs(x) if is_static_number(x) else ufunc(trace, "absolute", x)


@library("builtins.int")
def integer(trace: Trace, x: Any = 0) -> Any:
    """Return the integer part."""
    return to_integer(trace, x)


@library("builtins.float")
def real(trace: Trace, x: Any = 0.0) -> Any:
    """Return a Python float."""
    if isinstance(x, str) and x.strip().lower().lstrip("+-") in ("inf", "nan", "infinity"):
        return float(x)
    return to_float(trace, x)


@library("builtins.bool")
def boolean(trace: Trace, x: Any = False) -> Any:
    """Return the truth of a value."""
    return from_bit(truth_of(trace, x))


@library("builtins.str")
def text(trace: Trace, x: Any = "") -> Any:
    """Return text that may be printed."""
    return x if isinstance(x, (str, Text)) else INERT


@library("builtins.print")
def show(trace: Trace, *values: Any, **options: Any) -> None:
    """Do nothing."""


@library("builtins.pow")
def power(trace: Trace, x: Any, y: Any) -> Any:
    """Return x ** y."""
    return binary(trace, "power", x, y)


@library("builtins.round")
def round_(trace: Trace, x: Any, digits: Any = None) -> Any:
    """Round, ties to even."""
    x = trace.present(x)
    if digits is not None and not (isinstance(digits, int) and abs(digits) <= 300):
        trace.refuse("JC403", "round() takes a small number of digits known before run time")
    if is_static_number(x):
        try:
            return round(x, digits)
        except (TypeError, ValueError, OverflowError) as error:
            trace.refuse("JC404", f"Python refuses this: {error}")
    if not isinstance(x, Tensor) or x.value.size != 1:
        trace.refuse("JC404", f"round() of {describe(x)}")
    if x.dtype.kind != "f":
        return to_integer(trace, x) if digits is None else x
    if digits is not None:
        trace.refuse(
            "JC312",
            "round() of a run-time float to a number of digits is not supported yet",
            fix="compare the number without rounding it",
        )
    return to_integer(trace, ufunc(trace, "rint", x))


@library("builtins.sum")
def total(trace: Trace, sequence: Any, start: Any = 0) -> Any:
    """Add up the elements, one by one as Python does."""
    return _sum(trace, iterate(trace, sequence), start)


def _sum(trace: Trace, items: Items, start: Any) -> Any:
    result = start
    if isinstance(start, str):
        trace.refuse("JC404", "sum() of text: Python raises TypeError")
    for present, item in items:
        with trace.under(present):
            result = merge(present, binary(trace, "add", result, item), result)
    return result


@library("builtins.min")
def smallest(trace: Trace, *values: Any, default: Any = Ellipsis) -> Any:
    """Return the first smallest argument or element."""
    return _extreme(trace, ast.Lt(), values, default)


@library("builtins.max")
def largest(trace: Trace, *values: Any, default: Any = Ellipsis) -> Any:
    """Return the first largest argument or element."""
    return _extreme(trace, ast.Gt(), values, default)


def _extreme(trace: Trace, better: ast.cmpop, values: tuple[Any, ...], default: Any) -> Any:
    only = trace.present(values[0]) if len(values) == 1 else None
    if isinstance(only, Selected) and default is Ellipsis and _is_row_of_ints(only):
        return reduction(trace, "max" if isinstance(better, ast.Gt) else "min", only)
    items = iterate(trace, only) if len(values) == 1 else iter([(True, item) for item in values])
    best: Any = None
    found: Bit = False
    seen: list[tuple[Bit, Any]] = []
    for present, item in items:
        with trace.under(present):
            item = trace.present(item)
        seen.append((present, item))
        if found is False:
            best, found = item, present
            continue
        with trace.under(both(present, found)):
            ahead = truth_of(trace, compare(trace, better, item, best))
        taken = both(present, either(negate(found), ahead))
        best, found = merge(taken, item, best), either(found, present)
    best = _bounded(trace.read(best, "the smallest or largest"), seen, isinstance(better, ast.Gt))
    if default is not Ellipsis:
        return trace.read(merge(found, best, default), "the result") if seen else default
    if not seen:
        trace.refuse("JC404", "min() or max() of nothing: Python raises ValueError")
    trace.raise_where(Fault.VALUE, negate(found))
    return best


def _is_row_of_ints(value: Selected) -> bool:
    return value.values.dtype.kind in "biu" and value.values.ndim == 1


def _bounded(best: Any, seen: list[tuple[Bit, Any]], largest: bool) -> Any:
    """Return the extreme of integers with its bounds: `min(n, 4)` is at most 4."""
    if not isinstance(best, Tensor) or best.dtype != INT or best.ndim or best.mixed is not None:
        return best
    bounds = [(present, as_tensor(item).bounds) for present, item in seen]
    lows, highs = zip(*(b for _, b in bounds if b is not None), strict=True)
    sure = [b for present, b in bounds if present is True and b is not None]
    if largest:
        low, high = max([min(lows), *(b[0] for b in sure)]), max(highs)
    else:
        low, high = min(lows), min([max(highs), *(b[1] for b in sure)])
    return Tensor(best.value, INT, best.python, (low, high))


@library("builtins.any")
def any_(trace: Trace, sequence: Any) -> Any:
    """Return whether any element is true, evaluating no further than Python."""
    return from_bit(_first(trace, sequence, wanted=True))


@library("builtins.all")
def all_(trace: Trace, sequence: Any) -> Any:
    """Return whether all elements are true, evaluating no further than Python."""
    return from_bit(negate(_first(trace, sequence, wanted=False)))


def _first(trace: Trace, sequence: Any, *, wanted: bool) -> Bit:
    """Return whether an element has the wanted truth; the rest is not evaluated after the first."""
    steps = iterate(trace, sequence)
    found: Bit = False
    while found is not True:
        with trace.under(negate(found)):
            step = next(steps, None)
            if step is None:
                break
            present, item = step
            with trace.under(present):
                holds = truth_of(trace, item)
        found = either(found, both(present, holds if wanted else negate(holds)))
    return found


@library("builtins.list")
def list_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a list of the elements."""
    return ListValue(known_items(trace, sequence, "a list"), trace.path)


@library("builtins.tuple")
def tuple_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a tuple of the elements."""
    return tuple(known_items(trace, sequence, "a tuple"))


@library("builtins.enumerate")
def enumerate_(trace: Trace, iterable: Any, start: Any = 0) -> Any:
    """Return pairs of position and element, made one at a time."""
    steps = iterate(trace, iterable)

    def pairs() -> Items:
        gap = False
        for i, (present, item) in enumerate(steps):
            if gap:
                _refuse_gaps(trace, "enumerate()")
            gap = present is not True and not isinstance(iterable, RangeValue)
            yield present, (binary(trace, "add", start, i), item)

    return LazyItems(pairs())


def _refuse_gaps(trace: Trace, what: str) -> None:
    trace.refuse(
        "JC312",
        f"{what} of elements that are left out on some frames is not supported yet",
        fix="go through all elements and test inside the loop",
    )


@library("builtins.zip")
def zip_(trace: Trace, *sequences: Any) -> Any:
    """Return tuples of elements, as many as the shortest sequence has, made one at a time."""
    steps = [iterate(trace, sequence) for sequence in sequences]
    regular = all(not isinstance(sequence, LazyItems) for sequence in sequences)

    def rows() -> Items:
        for row in zip(*steps, strict=False):
            present = all_of([bit for bit, _ in row])
            if present is not True and not regular:
                _refuse_gaps(trace, "zip()")
            yield present, tuple(item for _, item in row)

    return LazyItems(rows())


@library("builtins.reversed")
def reversed_(trace: Trace, sequence: Any) -> Any:
    """Return the elements backwards."""
    if isinstance(sequence, (LazyItems, DictView)):
        trace.refuse("JC404", f"reversed() of {describe(sequence)}")
    items = list(iterate(trace, sequence))
    return LazyItems(iter(items[::-1]))


@library("builtins.isinstance")
def is_instance(trace: Trace, x: Any, kind: Any) -> Any:
    """Tell whether a value is of a type; known while tracing."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    x = trace.narrow(x)
    if isinstance(x, Optional):
        return from_bit(both(x.some, truth_of(trace, is_instance(trace, x.value, kind))))
    if isinstance(x, Tensor) and x.mixed is not None:
        trace.refuse("JC401", "whether this is a bool, an int or a float depends on the path")
    return any(_is_of(trace, x, each) for each in kinds)


_PYTHON_KINDS: dict[str, tuple[type, ...]] = {"b": (bool, int), "i": (int,), "f": (float,)}


def _is_of(trace: Trace, x: Any, kind: Any) -> bool:
    if isinstance(x, Instance):
        return x.cls is kind
    if not isinstance(kind, type):
        trace.refuse("JC403", f"isinstance() needs a type, not {describe(kind)}")
    if isinstance(x, Tensor):
        if not isinstance(x.python, bool):
            trace.refuse("JC401", "whether this is a Python or a NumPy number depends on the path")
        if x.python:
            return kind in _PYTHON_KINDS[x.dtype.kind]
        sample = np.zeros(x.shape, x.dtype)
        return isinstance(sample if x.shape else sample[()], kind)
    if isinstance(x, Selected):
        return issubclass(np.ndarray, kind)
    if isinstance(x, (ListValue, DictValue, Text, Inert)):
        own: type = {ListValue: list, DictValue: dict, Text: str, Inert: str}[type(x)]
        return issubclass(own, kind)
    return isinstance(x, kind)


TYPES: dict[str, type] = {
    **{"int": int, "float": float, "bool": bool, "str": str, "list": list, "tuple": tuple},
    "dict": dict,
}
