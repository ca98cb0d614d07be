"""Python's builtin functions, and going through the elements of a value."""

from __future__ import annotations

import ast
import collections
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import dicts, lists, sets
from jaxcar.program.casting import near_whole, to_float, to_integer
from jaxcar.program.comparison import compare
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import Items, indexed, iterate, known_items
from jaxcar.program.merge import merge
from jaxcar.program.operators import binary
from jaxcar.program.predicate import Bit, both, either, literal, negate
from jaxcar.program.ranges import range_length
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.rows import numbers
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import all_of, from_bit, ufunc
from jaxcar.program.values import (
    AUTO,
    BOOL,
    INERT,
    INT,
    UNSET,
    BoundMethod,
    ClassValue,
    DictValue,
    DictView,
    EnumMember,
    FunctionValue,
    Indexed,
    Inert,
    Instance,
    LazyItems,
    LibraryName,
    ListValue,
    Optional,
    RangeValue,
    Record,
    RecordType,
    Rows,
    Selected,
    Tensor,
    Text,
    ValueMethod,
    Window,
    as_tensor,
    is_numeric,
    is_static_number,
)
from jaxcar.program.wording import describe


@library("builtins.range")
def range_(trace: Trace, first: Any, second: Any = None, third: Any = 1) -> Any:
    """Return the integers to loop over; the ends may depend on the frame, the step may not."""
    start, stop = (0, first) if second is None else (first, second)
    start, stop, step = (trace.present(x) for x in (start, stop, third))
    if not isinstance(step, (int, np.integer)):
        trace.refuse("JC406", "the step of range() must be known before run time")
    if step == 0:
        trace.refuse("JC404", "range() with step 0: Python raises ValueError")
    for end in (start, stop):
        whole = isinstance(end, Tensor) and end.dtype.kind in "iub" and end.ndim == 0
        if not whole and not isinstance(end, (int, np.integer)):
            trace.refuse("JC404", f"range() of {describe(end)}: Python raises TypeError")
    return RangeValue(_plain(start), _plain(stop), int(step))


def _plain(end: Any) -> Any:
    """Return an end of a range as a Python int."""
    if isinstance(end, Tensor):
        return Tensor(end.value.astype(np.int32) if end.dtype == BOOL else end.value, INT, True,
                      end.bounds or (0, 2**63 - 1))
    return int(end)


@library("builtins.len")
def length(trace: Trace, x: Any) -> Any:
    """Return the number of elements."""
    x = trace.present(x)
    if isinstance(x, Selected):
        return x.count()
    if isinstance(x, Window):
        return x.counts[0]
    if isinstance(x, RangeValue):
        return range_length(trace, x)
    if isinstance(x, ListValue):
        return len(x.items) if x.rows is None else x.rows.length
    if isinstance(x, (DictValue, DictView)):
        return dicts.size(trace, x if isinstance(x, DictValue) else x.owner)
    if isinstance(x, (tuple, str)):
        return len(x)
    if isinstance(x, (Tensor, np.ndarray)) and x.ndim > 0:
        return x.shape[0]
    if isinstance(x, Instance) and "__len__" in x.cls.functions:
        return trace.apply(BoundMethod(x, x.cls.functions["__len__"]), [])
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
    trace.doubt(near_whole(x.value))
    return to_integer(trace, ufunc(trace, "rint", x))


@library("builtins.sum")
def total(trace: Trace, sequence: Any, start: Any = 0) -> Any:
    """Add up the elements, one by one as Python does."""
    sequence = trace.present(sequence)
    rows = sequence.rows if isinstance(sequence, (ListValue, DictValue)) else None
    column = None if rows is None else numbers(rows)
    if column is not None and column.values.dtype.kind in "biu" and column.values.ndim == 1:
        added = reduction(trace, "sum", column)
        whole = Tensor(added.value, INT, True, added.bounds)
        return binary(trace, "add", start, whole)
    if column is not None and column.values.ndim == 1 and is_static_number(start):
        return _sum_in_order(rows, column, start)
    return _sum(trace, iterate(trace, sequence, ordered=False), start)


def _sum_in_order(rows: Rows, column: Selected, start: Any) -> Any:
    """Add up floats one after the other; of none, `start` stays what it is."""
    dtype = column.values.dtype
    valid = column.mask

    def step(i: Any, total: Any) -> Any:
        return jnp.where(valid[i], total + column.values.value[i], total)

    added = jax.lax.fori_loop(0, rows.capacity, step, jnp.asarray(start, dtype))
    made = Tensor(added, dtype, rows.kind.detail[2])
    low = rows.length.bounds[0] if rows.length.bounds else 0
    return made if low > 0 else merge(literal(rows.length.value > 0), made, start)


def _sum(trace: Trace, items: Items, start: Any) -> Any:
    result = start
    if isinstance(start, str):
        trace.refuse("JC404", "sum() of text: Python raises TypeError")
    for present, item in items:
        with trace.under(present):
            result = merge(present, binary(trace, "add", result, item), result)
    return result


@library("builtins.min")
def smallest(trace: Trace, *values: Any, key: Any = None, default: Any = Ellipsis) -> Any:
    """Return the first smallest argument or element."""
    return _extreme(trace, ast.Lt(), values, key, default)


@library("builtins.max")
def largest(trace: Trace, *values: Any, key: Any = None, default: Any = Ellipsis) -> Any:
    """Return the first largest argument or element."""
    return _extreme(trace, ast.Gt(), values, key, default)


def _extreme(
    trace: Trace, better: ast.cmpop, values: tuple[Any, ...], key: Any, default: Any
) -> Any:
    only = trace.present(values[0]) if len(values) == 1 else None
    name = "max" if isinstance(better, ast.Gt) else "min"
    if isinstance(only, Selected) and default is Ellipsis and key is None and _is_row(only):
        return reduction(trace, name, only)
    if isinstance(only, (ListValue, DictValue)) and only.rows is not None and key is None:
        column = numbers(only.rows)
        if column is not None and column.values.ndim == 1:
            return _extreme_of_rows(trace, name, only.rows, column, default)
    items = (
        iterate(trace, only, ordered=key is not None)
        if len(values) == 1
        else iter([(True, item) for item in values])
    )
    best: Any = None
    best_key: Any = None
    found: Bit = False
    seen: list[tuple[Bit, Any]] = []
    for present, item in items:
        with trace.under(present):
            item = trace.present(item)
            mark = item if key is None else trace.present(trace.apply(key, [item]))
        seen.append((present, item))
        if found is False:
            best, best_key, found = item, mark, present
            continue
        with trace.under(both(present, found)):
            ahead = truth_of(trace, _ahead(trace, better, mark, best_key))
        taken = both(present, either(negate(found), ahead))
        best_key = merge(taken, mark, best_key)
        best, found = merge(taken, item, best), either(found, present)
    best = _bounded(trace.read(best, "the smallest or largest"), seen, isinstance(better, ast.Gt))
    if default is not Ellipsis:
        return trace.read(merge(found, best, default), "the result") if seen else default
    if not seen:
        trace.raise_where(Fault.VALUE, True)
        if trace.frames:
            return 0
        trace.refuse("JC404", "min() or max() of nothing: Python raises ValueError")
    trace.raise_where(Fault.VALUE, negate(found))
    return best


def _ahead(trace: Trace, better: ast.cmpop, a: Any, b: Any) -> Any:
    """Compare, tuples element by element as Python orders them."""
    if not (isinstance(a, tuple) and isinstance(b, tuple)):
        return compare(trace, better, a, b)
    return from_bit(precedes(trace, better, a, b))


def precedes(trace: Trace, better: ast.cmpop, a: tuple[Any, ...], b: tuple[Any, ...]) -> Bit:
    """Return whether one tuple is smaller (or larger) than another, as Python orders them."""
    result: Bit = False
    equal_so_far: Bit = True
    for x, y in zip(a, b, strict=False):
        with trace.under(equal_so_far):
            here = truth_of(trace, compare(trace, better, x, y))
            same = truth_of(trace, compare(trace, ast.Eq(), x, y))
        result = either(result, both(equal_so_far, here))
        equal_so_far = both(equal_so_far, same)
    longer = len(a) > len(b) if isinstance(better, ast.Gt) else len(a) < len(b)
    return either(result, both(equal_so_far, longer))


def _extreme_of_rows(
    trace: Trace, name: str, rows: Rows, column: Selected, default: Any
) -> Any:
    """Return the smallest or largest of rows of whole numbers."""
    low = rows.length.bounds[0] if rows.length.bounds else 0
    there = True if low > 0 else literal(rows.length.value > 0)
    if column.values.dtype.kind == "f":
        found = Tensor(_extreme_float(name, column), column.values.dtype)
    else:
        with trace.under(there):
            found = reduction(trace, name, column)
    python = rows.kind.detail[2] if rows.kind.form == "tensor" else None
    best = Tensor(found.value, column.values.dtype, python is not False, found.bounds)
    if default is not Ellipsis:
        return merge(there, best, default)
    trace.raise_where(Fault.VALUE, negate(there))
    return best


def _extreme_float(name: str, column: Selected) -> Any:
    """Return what Python's comparisons, one after the other, find: nan counts at first only."""
    value, worst = column.values.value, -jnp.inf if name == "max" else jnp.inf
    counted = column.mask & ~jnp.isnan(value)
    best = getattr(jnp, name)(jnp.where(counted, value, worst))
    first = value[jax.lax.argmax(counted & (value == best), 0, jnp.int32)]
    return jnp.where(jnp.isnan(value[0]), value[0], first)


def _is_row(value: Selected) -> bool:
    return value.values.dtype.kind in "biu" and value.values.ndim == 1


def _bounded(best: Any, seen: list[tuple[Bit, Any]], largest: bool) -> Any:
    """Return the extreme of integers with its bounds: `min(n, 4)` is at most 4."""
    if not isinstance(best, Tensor) or best.dtype != INT or best.ndim or best.mixed is not None:
        return best
    bounds = [(present, as_tensor(item).bounds) for present, item in seen if is_numeric(item)]
    if len(bounds) < len(seen) or any(b is None for _, b in bounds):
        return best
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
    steps = iterate(trace, sequence, ordered=False)
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
    if isinstance(sequence, ListValue) and sequence.rows is not None:
        made = lists.copy(trace, sequence)
        made.form, made.maxlen = "list", None
        return made
    return lists.from_items(trace, list(iterate(trace, sequence)))


@library("builtins.tuple")
def tuple_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a tuple of the elements."""
    return tuple(known_items(trace, sequence, "a tuple"))


@library("builtins.set", "builtins.frozenset")
def set_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a set of the elements."""
    if isinstance(sequence, DictValue) and sequence.form == "set":
        return dicts.copy(trace, sequence)
    return sets.from_items(trace, iterate(trace, sequence, ordered=False))


@library("builtins.dict", "collections.OrderedDict")
def dict_(trace: Trace, entries: Any = None, **keywords: Any) -> Any:
    """Return a dict of the entries."""
    made = DictValue({})
    dicts.update(trace, made, entries, **keywords)
    return made


@library("collections.defaultdict")
def default_dict(trace: Trace, factory: Any = None, entries: Any = None) -> Any:
    """Return a dict that makes missing values."""
    made = DictValue({}, default=factory)
    dicts.update(trace, made, entries)
    return made


@library("collections.deque")
def deque_(trace: Trace, items: Any = (), maxlen: Any = None) -> Any:
    """Return a deque of the elements."""
    if maxlen is not None and (not isinstance(maxlen, int) or maxlen < 0):
        trace.refuse("JC406", "`maxlen` of deque() must be a number known before run time")
    return lists.from_items(trace, list(iterate(trace, items)), "deque", maxlen)


@library("builtins.divmod")
def divmod_(trace: Trace, x: Any, y: Any) -> Any:
    """Return quotient and remainder."""
    return (binary(trace, "floor_divide", x, y), binary(trace, "remainder", x, y))


@library("enum.auto")
def auto(trace: Trace) -> Any:
    """Return what stands for the next value until the enum is made."""
    return AUTO


@library("builtins.callable")
def callable_(trace: Trace, x: Any) -> bool:
    """Tell whether a value can be called."""
    return isinstance(x, (FunctionValue, BoundMethod, ValueMethod, LibraryName, type, ClassValue))


@library("builtins.repr", "builtins.format")
def representation(trace: Trace, x: Any, spec: Any = "") -> Any:
    """Return text that may be printed."""
    return INERT


@library("builtins.slice")
def slice_(trace: Trace, first: Any, second: Any = Ellipsis, third: Any = None) -> slice:
    """Return a slice."""
    return slice(first) if second is Ellipsis else slice(first, second, third)


@library("builtins.next")
def next_(trace: Trace, iterator: Any, default: Any = Ellipsis) -> Any:
    """Return the first element of a generator that is used up by it."""
    if not isinstance(iterator, LazyItems):
        trace.refuse("JC404", f"next() of {describe(iterator)}: Python raises TypeError")
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
        trace.refuse("JC404", "next() of nothing: Python raises StopIteration")
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

    by_place = places and Indexed(places.length, pair, places.most, places.fixed)
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
    if strict is not False:
        trace.refuse("JC312", "zip(..., strict=True) is not supported yet", fix="leave it out")
    places = [indexed(trace, sequence) for sequence in sequences]
    # Only a filtered generator has gaps; what has positions ends, and then stays ended.
    regular = [place is not None for place in places]

    def rows() -> Items:
        steps = [iterate(trace, sequence) for sequence in sequences]
        for row in zip(*steps, strict=False):
            present = all_of([bit for bit, _ in row])
            for (bit, _), fine in zip(row, regular, strict=True):
                if bit is not True and not fine:
                    _refuse_gaps(trace, "zip()")
            yield present, tuple(item for _, item in row)

    return LazyItems(rows(), indexed=_zipped(trace, places))


def _zipped(trace: Trace, places: list[Indexed | None]) -> Indexed | None:
    known = [place for place in places if place is not None]
    if not known or len(known) < len(places):
        return None
    bounds = [place.most for place in known if place.most is not None]

    def shortest() -> Any:
        sizes = [place.length() for place in known]
        return sizes[0] if len(sizes) == 1 else smallest(trace, *sizes)

    fixed = all(place.fixed for place in known)
    most = min(bounds) if bounds else None
    return Indexed(shortest, lambda i: tuple(p.get(i) for p in known), most, fixed)


@library("builtins.reversed")
def reversed_(trace: Trace, sequence: Any) -> Any:
    """Return the elements backwards."""
    if isinstance(sequence, (LazyItems, DictView)):
        trace.refuse("JC404", f"reversed() of {describe(sequence)}")
    places = indexed(trace, sequence)

    def backwards() -> Items:
        yield from list(iterate(trace, sequence))[::-1]

    if places is None:
        return LazyItems(backwards())

    def get(i: Tensor) -> Any:
        last = binary(trace, "subtract", places.length(), 1)
        place = binary(trace, "subtract", last, i)
        high = max((places.most or 2**31) - 1, 0)
        return places.get(as_tensor(place) if isinstance(place, int) else
                          Tensor(place.value, INT, True, (0, high)))

    return LazyItems(backwards(), indexed=Indexed(places.length, get, places.most, places.fixed))


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
    if isinstance(x, Instance) or isinstance(kind, ClassValue):
        return isinstance(x, Instance) and x.cls is kind
    if isinstance(kind, RecordType):
        return isinstance(x, Record) and x.type is kind
    if not isinstance(kind, type):
        trace.refuse("JC403", f"isinstance() needs a type, not {describe(kind)}")
    if isinstance(x, Tensor):
        if not isinstance(x.python, bool):
            trace.refuse("JC401", "whether this is a Python or a NumPy number depends on the path")
        if x.python:
            return kind in _PYTHON_KINDS[x.dtype.kind]
        sample = np.zeros(x.shape, x.dtype)
        return isinstance(sample if x.shape else sample[()], kind)
    if isinstance(x, (Selected, Window)):
        return issubclass(np.ndarray, kind)
    if isinstance(x, ListValue):
        return issubclass(list if x.form == "list" else collections.deque, kind)
    if isinstance(x, DictValue):
        return issubclass(dict if x.form == "dict" else set, kind)
    if isinstance(x, (Text, Inert)):
        return issubclass(str, kind)
    if isinstance(x, (bool, int, float, str, tuple, np.generic, np.ndarray)) or x is None:
        return isinstance(x, kind)
    if isinstance(x, EnumMember):
        return False
    trace.refuse("JC404", f"isinstance() of {describe(x)} is not supported")


TYPES: dict[str, type] = {
    **{"int": int, "float": float, "bool": bool, "str": str, "list": list, "tuple": tuple},
    **{"dict": dict, "set": set, "frozenset": frozenset},
}
