"""The builtins that make iterators, and those that take from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from jaxcar.program import fixes
from jaxcar.program.bits import all_of, any_of
from jaxcar.program.containers import DictView, Indexed, LazyItems, RangeValue
from jaxcar.program.extremes import smallest
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import Items, indexed, iterate
from jaxcar.program.merge import merge
from jaxcar.program.operators import binary
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, INT, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.values import UNSET
from jaxcar.program.wording import describe


@library("builtins.range")
def range_(trace: Trace, first: Any, second: Any = None, third: Any = 1) -> Any:
    """Return the integers to loop over; the ends may depend on the frame, the step may not."""
    start, stop = (0, first) if second is None else (first, second)
    start, stop, step = (trace.present(x) for x in (start, stop, third))
    if not isinstance(step, (int, np.integer)):
        trace.refuse(
            "JC406",
            "the step of range() must be known before run time",
            fix="write the step as a number: range(0, n, 2)",
        )
    if step == 0:
        trace.refuse(
            "JC404",
            "range() with step 0: Python raises ValueError",
            fix="leave the step out, or write another number",
        )
    for end in (start, stop):
        whole = isinstance(end, Tensor) and end.dtype.kind in "iub" and end.ndim == 0
        if not whole and not isinstance(end, (int, np.integer)):
            trace.refuse(
                "JC404",
                f"range() of {describe(end)}: Python raises TypeError",
                fix="make it an int: range(int(n)), or go through the elements: for x in values",
            )
    return RangeValue(_plain(start), _plain(stop), int(step))


def _plain(end: Any) -> Any:
    """Return an end of a range as a Python int."""
    if isinstance(end, Tensor):
        return Tensor(
            end.value.astype(np.int32) if end.dtype == BOOL else end.value,
            INT,
            True,
            end.bounds or (0, 2**63 - 1),
        )
    return int(end)


@library("builtins.next")
def next_(trace: Trace, iterator: Any, default: Any = Ellipsis) -> Any:
    """Return the first element of a generator that is used up by it."""
    if not isinstance(iterator, LazyItems):
        trace.refuse(
            "JC404",
            f"next() of {describe(iterator)}: Python raises TypeError",
            fix="make an iterator first: next(iter(values))",
        )
    result: Any = UNSET
    found: Bit = False
    steps = iterate(trace, iterator)
    while found is not True:
        with trace.under(negate(found)):
            step = next(steps, None)
        if step is None:
            break
        present, item = step
        taken = both(present, negate(found))
        result = item if result is UNSET else merge(taken, item, result)
        found = either(found, present)
    if default is not Ellipsis:
        return default if result is UNSET else merge(found, result, default)
    trace.raise_where(Fault.STOP_ITERATION, negate(found))
    if result is UNSET:
        trace.refuse(
            "JC404",
            "next() of nothing: Python raises StopIteration",
            fix="give a default: next(values, None)",
        )
    return result


@library("builtins.iter")
def iter_(trace: Trace, sequence: Any) -> Any:
    """Return an iterator."""
    return LazyItems(iterate(trace, sequence))


@library("builtins.map")
def map_(trace: Trace, function: Any, *sequences: Any) -> Any:
    """Return the function's results, made one at a time."""

    def results() -> Items:
        rows = iterate(trace, zip_(trace, *sequences) if len(sequences) > 1 else sequences[0])
        for present, item in rows:
            with trace.under(present):
                made = trace.apply(function, list(item) if len(sequences) > 1 else [item])
            yield present, made

    return LazyItems(results())


@library("builtins.filter")
def filter_(trace: Trace, function: Any, sequence: Any) -> Any:
    """Return the elements for which the function is true, made one at a time."""

    def results() -> Items:
        for present, item in iterate(trace, sequence):
            with trace.under(present):
                test = item if function is None else trace.apply(function, [item])
                kept = truth_of(trace, test)
            yield both(present, kept), item

    return LazyItems(results())


@library("builtins.enumerate")
def enumerate_(trace: Trace, iterable: Any, start: Any = 0) -> Any:
    """Return pairs of position and element, made one at a time."""
    places = indexed(trace, iterable)

    def pairs() -> Items:
        count: Any = start
        for present, item in iterate(trace, iterable):
            yield present, (count, item)
            after = binary(trace, "add", count, 1)
            count = merge(present, after, count)

    def pair(i: Tensor) -> Any:
        assert places is not None
        return (binary(trace, "add", start, i), places.get(i))

    by_place = places and dataclasses.replace(places, get=pair)
    return LazyItems(pairs(), indexed=by_place)


def _refuse_gaps(trace: Trace, what: str) -> None:
    trace.refuse(
        "JC312",
        f"{what} of elements that are left out on some frames is not supported yet",
        fix="go through all elements and test inside the loop",
    )


@library("builtins.zip")
def zip_(trace: Trace, *sequences: Any, strict: Any = False) -> Any:
    """Return tuples of elements, as many as the shortest sequence has, made one at a time."""
    if not isinstance(strict, (bool, int)):
        trace.refuse("JC406", "`strict` of zip() must be known before run time", fix=fixes.CONSTANT)
    places = [indexed(trace, sequence) for sequence in sequences]
    # Only a filtered generator has gaps; what has positions ends, and then stays ended.
    regular = [place is not None for place in places]

    def rows() -> Items:
        steps = [iterate(trace, sequence) for sequence in sequences]
        for row in _rounds(trace, steps) if strict else zip(*steps, strict=False):
            present = all_of([bit for bit, _ in row])
            for (bit, _), fine in zip(row, regular, strict=True):
                if bit is not True and not fine:
                    _refuse_gaps(trace, "zip()")
            yield present, tuple(item for _, item in row)

    sizes = {place.length() if place else None for place in places} if strict else {0}
    alike = len(sizes) == 1 and all(isinstance(size, int) for size in sizes)
    return LazyItems(rows(), indexed=_zipped(trace, places) if alike else None)


def _rounds(trace: Trace, steps: list[Items]) -> Iterator[list[tuple[Bit, Any]]]:
    """Yield one element of each sequence; ValueError where one ends before another."""
    while steps:
        found = [next(step, None) for step in steps]
        row = [element for element in found if element is not None]
        if not row:
            return
        some = any_of([bit for bit, _ in row])
        every: Bit = all_of([bit for bit, _ in row]) if len(row) == len(steps) else False
        trace.raise_where(Fault.VALUE, both(some, negate(every)))
        if every is False:
            return
        yield row


def _zipped(trace: Trace, places: list[Indexed | None]) -> Indexed | None:
    known = [place for place in places if place is not None]
    if not known or len(known) < len(places) or any(place.check for place in known[1:]):
        return None
    bounds = [place.most for place in known if place.most is not None]

    def shortest() -> Any:
        sizes = [place.length() for place in known]
        return sizes[0] if len(sizes) == 1 else smallest(trace, *sizes)

    fixed = all(place.fixed for place in known)
    most = min(bounds) if bounds else None
    once, check = any(place.once for place in known), known[0].check
    return Indexed(shortest, lambda i: tuple(p.get(i) for p in known), most, fixed, once, check)


@library("builtins.reversed")
def reversed_(trace: Trace, sequence: Any) -> Any:
    """Return the elements backwards."""
    if isinstance(sequence, (LazyItems, DictView)):
        trace.refuse(
            "JC404",
            f"reversed() of {describe(sequence)}: Python raises TypeError",
            fix="reverse a list, a tuple, a range or an array: x[::-1]",
        )
    places = indexed(trace, sequence)

    def backwards() -> Items:
        yield from list(iterate(trace, sequence))[::-1]

    if places is None:
        return LazyItems(backwards())

    def get(i: Tensor) -> Any:
        last = binary(trace, "subtract", places.length(), 1)
        place = binary(trace, "subtract", last, i)
        high = max((places.most or 2**31) - 1, 0)
        return places.get(
            as_tensor(place)
            if isinstance(place, int)
            else Tensor(place.value, INT, True, (0, high))
        )

    return LazyItems(backwards(), indexed=dataclasses.replace(places, get=get))
