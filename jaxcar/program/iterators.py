"""itertools, and loops over coordinates: elements are made while tracing."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from jaxcar.program import fixes
from jaxcar.program.bits import all_of
from jaxcar.program.construction import arrayed
from jaxcar.program.containers import LazyItems
from jaxcar.program.indexing import get_item
from jaxcar.program.iteration import Items, count_trips, iterate, known_items
from jaxcar.program.operators import binary
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe

_NOTHING = object()


def _rows(groups: Any) -> Items:
    """Yield tuples of elements; one occurs where all of its elements do."""
    for group in groups:
        yield all_of([present for present, _ in group]), tuple(item for _, item in group)


def _number(trace: Trace, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        trace.refuse(
            "JC406",
            f"the number that itertools.{name} takes must be known and not < 0",
            fix=fixes.CONSTANT,
        )
    return value


@library("itertools.product")
def product(trace: Trace, *iterables: Any, repeat: Any = 1) -> Any:
    """Return all tuples with one element of each."""
    times = _number(trace, "product", repeat)
    if times > trace.limits.list_capacity:
        trace.refuse("JC505", f"tuples of {times} elements are over the limit", fix=fixes.FEWER)
    pools = [list(iterate(trace, each)) for each in iterables] * times
    count_trips(trace, math.prod(len(pool) for pool in pools))
    return LazyItems(_rows(itertools.product(*pools)))


def _define_choice(name: str, count: Callable[[int, int], int]) -> None:
    @library(f"itertools.{name}")
    def chosen(trace: Trace, iterable: Any, r: Any) -> Any:
        pool = list(iterate(trace, iterable))
        length = _number(trace, name, r)
        if length > trace.limits.list_capacity:
            trace.refuse(
                "JC505", f"tuples of {length} elements are over the limit", fix=fixes.FEWER
            )
        count_trips(trace, count(len(pool), length))
        return LazyItems(_rows(getattr(itertools, name)(pool, length)))


_define_choice("combinations", math.comb)
_define_choice("combinations_with_replacement", lambda n, r: math.comb(n + r - 1, r) if n else 1)


@library("itertools.permutations")
def permutations(trace: Trace, iterable: Any, r: Any = None) -> Any:
    """Return all orders of r elements."""
    pool = list(iterate(trace, iterable))
    if r is None and any(present is not True for present, _ in pool):
        trace.refuse(
            "JC312",
            "orders of all elements, whose number depends on the frame, are not supported yet",
            fix="say how many elements: permutations(x, 2)",
        )
    length = len(pool) if r is None else _number(trace, "permutations", r)
    if length > trace.limits.list_capacity:
        trace.refuse("JC505", f"tuples of {length} elements are over the limit", fix=fixes.FEWER)
    count_trips(trace, math.perm(len(pool), length))
    return LazyItems(_rows(itertools.permutations(pool, length)))


@library("itertools.chain")
def chain(trace: Trace, *iterables: Any) -> Any:
    """Return the elements of one sequence after the other."""

    def steps() -> Items:
        for each in iterables:
            yield from iterate(trace, each)

    return LazyItems(steps())


@library("itertools.chain.from_iterable")
def from_iterable(trace: Trace, iterable: Any) -> Any:
    """Return the elements of one sequence after the other."""

    def steps() -> Items:
        for each in known_items(trace, iterable, "a sequence of sequences"):
            yield from iterate(trace, each)

    return LazyItems(steps())


@library("itertools.accumulate")
def accumulate(trace: Trace, iterable: Any, func: Any = None, *, initial: Any = None) -> Any:
    """Return the running sums."""
    if func is not None:
        trace.refuse(
            "JC403",
            "itertools.accumulate takes no function here",
            fix="write a `for` loop that keeps the running value",
        )
    items = known_items(trace, iterable, "a running sum")

    def steps() -> Items:
        total: Any = _NOTHING if initial is None else initial
        if initial is not None:
            yield True, total
        for item in items:
            total = item if total is _NOTHING else binary(trace, "add", total, item)
            yield True, total

    return LazyItems(steps())


@library("itertools.pairwise")
def pairwise(trace: Trace, iterable: Any) -> Any:
    """Return each element with the next."""
    items = known_items(trace, iterable, "pairs of neighbours")
    return LazyItems((True, pair) for pair in itertools.pairwise(items))


@library("itertools.zip_longest")
def zip_longest(trace: Trace, *iterables: Any, fillvalue: Any = None) -> Any:
    """Return tuples of elements, as many as the longest sequence has."""
    columns = [known_items(trace, each, "zip_longest()") for each in iterables]
    rows = itertools.zip_longest(*columns, fillvalue=fillvalue)
    return LazyItems((True, row) for row in rows)


@library("itertools.islice")
def islice(trace: Trace, iterable: Any, *bounds: Any) -> Any:
    """Return the elements at known positions."""
    if not 1 <= len(bounds) <= 3:
        trace.refuse(
            "JC402",
            "itertools.islice takes an iterable, and stop or start, stop, step: Python raises "
            "TypeError",
            fix="call it as itertools.islice(values, stop)",
        )
    if not all(bound is None or isinstance(bound, int) for bound in bounds):
        trace.refuse(
            "JC406",
            "the bounds of itertools.islice must be known before run time",
            fix=fixes.CONSTANT,
        )
    items = known_items(trace, iterable, "islice()")
    try:
        part = list(itertools.islice(items, *bounds))
    except ValueError as error:
        trace.refuse(
            "JC404",
            f"itertools.islice: Python raises ValueError: {error}",
            fix="give bounds that are not negative",
        )
    return LazyItems((True, item) for item in part)


@library("itertools.repeat")
def repeat(trace: Trace, object: Any, times: Any = None) -> Any:
    """Return the same object a known number of times."""
    if times is None or isinstance(times, bool) or not isinstance(times, int):
        trace.refuse(
            "JC406",
            f"itertools.repeat of {describe(object)} needs a known number",
            fix="say how often: itertools.repeat(x, 3)",
        )
    count_trips(trace, max(times, 0))
    return LazyItems((True, object) for _ in range(max(times, 0)))


@library("numpy.ndindex")
def ndindex(trace: Trace, *shape: Any) -> Any:
    """Return the coordinates of all elements of a known shape."""
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    if not all(isinstance(n, int) and n >= 0 for n in sizes):
        trace.refuse(
            "JC406",
            "the shape of np.ndindex must be known before run time",
            fix="use the shape of an input: np.ndindex(frame.shape[:2])",
        )
    count_trips(trace, math.prod(sizes))
    return LazyItems((True, place) for place in itertools.product(*map(range, sizes)))


@library("numpy.ndenumerate")
def ndenumerate(trace: Trace, arr: Any) -> Any:
    """Return the coordinates of all elements, each with its element."""
    array = arrayed(trace, arr)
    if not is_numeric(array):
        refuse_operands(trace, "ndenumerate", array)
    sizes = shape_of(array)
    count_trips(trace, math.prod(sizes))
    places = itertools.product(*map(range, sizes))
    return LazyItems((True, (p, get_item(trace, array, p) if p else array)) for p in places)
