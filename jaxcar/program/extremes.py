"""The builtins that reduce what they go through: min, max, sum, any and all."""

from __future__ import annotations

import ast
from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.program.bits import from_bit
from jaxcar.program.columns import numbers
from jaxcar.program.comparison import compare
from jaxcar.program.containers import DictValue, ListValue, Rows
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import Items, iterate
from jaxcar.program.merge import merge
from jaxcar.program.operators import binary
from jaxcar.program.ordering import leading_by_key, long_rows, rows_of_arrays
from jaxcar.program.predicate import Bit, both, either, literal, negate
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.rows import row_at
from jaxcar.program.tensors import INT, Selected, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.values import is_numeric, is_static_number

# So many floats are compared one after the other: cheaper than a search for the first of them.
_SHORT = 16


@library("builtins.sum")
def total(trace: Trace, sequence: Any, start: Any = 0) -> Any:
    """Add up the elements, one by one as Python does."""
    sequence = trace.present(sequence)
    rows = sequence.rows if isinstance(sequence, (ListValue, DictValue)) else None
    column = None if rows is None or _is_mixed(rows) else numbers(rows)
    if column is not None and column.values.dtype.kind in "biu" and column.values.ndim == 1:
        added = reduction(trace, "sum", column)
        whole = Tensor(added.value, INT, True, added.bounds)
        return binary(trace, "add", start, whole)
    if rows and column and column.values.ndim == 1 and is_static_number(start):
        return _sum_in_order(rows, column, start)
    return _sum(trace, iterate(trace, sequence, ordered=False), start)


def _is_mixed(rows: Rows) -> bool:
    """Tell whether some elements are Python's numbers and others NumPy's."""
    return rows.kind.form == "tensor" and rows.kind.detail[2] is None


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
        trace.refuse(
            "JC404", "sum() of text: Python raises TypeError", fix="join text with ''.join(parts)"
        )
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
        column = None if _is_mixed(only.rows) else numbers(only.rows)
        if column is not None and column.values.ndim == 1:
            return _extreme_of_rows(trace, name, only.rows, column, default)
    if not values:
        trace.give_up(
            Fault.TYPE,
            "JC402",
            f"{name}() without arguments: Python raises TypeError",
            fix=f"give it values: {name}(a, b), or {name}(values)",
        )
    if key is not None and len(values) == 1:
        whole = rows_of_arrays(trace, only) or long_rows(trace, only, key)
        if whole is not None:
            return _extreme_row(trace, name, whole, key, default)
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
        trace.refuse(
            "JC404",
            "min() or max() of nothing: Python raises ValueError",
            fix="give a default: max(values, default=0)",
        )
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


def _extreme_of_rows(trace: Trace, name: str, rows: Rows, column: Selected, default: Any) -> Any:
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


def _extreme_row(trace: Trace, name: str, rows: Rows, key: Any, default: Any) -> Any:
    """Return the first smallest or largest of contours, or of a long list, by a key."""
    low = rows.length.bounds[0] if rows.length.bounds else 0
    there = True if low > 0 else literal(rows.length.value > 0)
    best = row_at(rows, leading_by_key(trace, rows, key, name == "max"))
    if default is not Ellipsis:
        return merge(there, best, default)
    trace.raise_where(Fault.VALUE, negate(there))
    return best


def _extreme_float(name: str, column: Selected) -> Any:
    """Return what Python's comparisons, one after the other, find: nan counts at first only."""
    value, worst = column.values.value, -jnp.inf if name == "max" else jnp.inf
    if value.shape[0] <= _SHORT:
        better = jax.lax.gt if name == "max" else jax.lax.lt
        found = value[0]
        for here, there in zip(value[1:], column.mask[1:], strict=True):
            found = jax.lax.select(there & better(here, found), here, found)
        return found
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
