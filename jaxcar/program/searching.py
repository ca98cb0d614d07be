"""NumPy's names that find elements: where they are true, whether and where they occur."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.comparison import compare_arrays
from jaxcar.program.construction import arrayed
from jaxcar.program.elementwise import divide, multiply
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, FLOAT, INT, Selected, Tensor, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe


def _mask(trace: Trace, x: Any) -> Tensor:
    x = arrayed(trace, x)
    if isinstance(x, Selected):
        trace.refuse(
            "JC312",
            "searching an array of run-time length is not supported yet",
            fix="combine the masks first: np.argwhere(a & b)",
        )
    if not is_numeric(x) or as_tensor(x).ndim == 0:
        trace.refuse(
            "JC404",
            f"the true elements of {describe(x)} are asked for: NumPy raises ValueError",
            fix="give it a mask: np.argwhere(a > 0)",
        )
    mask = as_tensor(x)
    return mask if mask.dtype == BOOL else Tensor(mask.value != 0, BOOL)


@library("numpy.nonzero")
def nonzero(trace: Trace, a: Any) -> Any:
    """Return the coordinates of the true elements, one array per axis."""
    mask = _mask(trace, a)
    flat = mask.value.reshape(-1)
    result = []
    for axis, size in enumerate(mask.shape):
        places = jax.lax.broadcasted_iota(jnp.int32, mask.shape, axis).reshape(-1)
        column = Tensor(places, INT, False, (0, max(size - 1, 0)))
        result.append(Selected(column, flat, (0, flat.shape[0])))
    return tuple(result)


@library("numpy.flatnonzero")
def flatnonzero(trace: Trace, a: Any) -> Any:
    """Return the positions of the true elements of the flattened array."""
    mask = _mask(trace, a)
    return nonzero(trace, Tensor(mask.value.reshape(-1), BOOL))[0]


@library("numpy.argwhere")
def argwhere(trace: Trace, a: Any) -> Any:
    """Return the coordinates of the true elements, one row each."""
    columns = nonzero(trace, a)
    values = jnp.stack([column.values.value for column in columns], axis=-1)
    high = max(column.values.bounds[1] for column in columns)
    rows = Tensor(values, INT, False, (0, high))
    return Selected(rows, columns[0].mask, columns[0].size_bounds)


@library("numpy.isin")
def isin(
    trace: Trace,
    element: Any,
    test_elements: Any,
    assume_unique: Any = False,
    invert: Any = False,
    *,
    kind: Any = None,
) -> Any:
    """Return where elements are among others."""
    x, others = arrayed(trace, element), arrayed(trace, test_elements)
    if not is_static((assume_unique, invert, kind)):
        trace.refuse(
            "JC406", "the options of np.isin must be known before run time", fix=fixes.CONSTANT
        )
    if is_static((x, others)):
        return fold(trace, np.isin, x, others, invert=invert)
    if isinstance(x, Selected):
        found = isin(trace, x.values, others, invert=invert)
        return Selected(as_tensor(found), x.mask, x.size_bounds)
    among: Any = True
    if isinstance(others, Selected):
        among = jnp.repeat(others.mask, int(np.prod(others.values.shape[1:])))
        others = others.values
    if not is_numeric(x) or not is_numeric(others):
        refuse_operands(trace, "isin", x, others)
    left, right = as_tensor(x), as_tensor(others)
    check_size(trace, (left.value.size, right.value.size))
    a = Tensor(left.value.reshape(*left.shape, 1), left.dtype, False, left.bounds)
    b = Tensor(right.value.reshape(-1), right.dtype, False, right.bounds)
    equal = as_tensor(compare_arrays(trace, "equal", a, b)).value
    found = jnp.any(equal & among, axis=-1)
    return Tensor(~found if invert else found, BOOL)


def _increasing(trace: Trace, name: str, values: Any) -> np.ndarray:
    """Return a known, sorted vector, or refuse."""
    values = arrayed(trace, values)
    if not is_static(values) or not is_numeric(values) or np.ndim(values) != 1:
        trace.refuse(
            "JC406",
            f"np.{name} needs a vector that is known before run time",
            fix="write the vector out: np.array([0.0, 0.5, 1.0])",
        )
    array = np.asarray(values)
    if array.size and not np.all(array[:-1] <= array[1:]):
        trace.refuse(
            "JC403",
            f"np.{name} takes a vector in increasing order",
            fix="write it in increasing order: np.array([0.0, 0.5, 1.0])",
        )
    return array


@library("numpy.searchsorted")
def searchsorted(trace: Trace, a: Any, v: Any, side: Any = "left") -> Any:
    """Return where elements would be inserted into a known, sorted vector."""
    table = _increasing(trace, "searchsorted", a)
    if side not in ("left", "right"):
        trace.refuse(
            "JC404",
            f"side={side!r} of np.searchsorted: NumPy raises ValueError",
            fix="write side='left' or side='right'",
        )
    v = arrayed(trace, v)
    if is_static(v):
        return fold(trace, np.searchsorted, table, v, side=side)
    return _place(trace, table, v, side)


def _place(trace: Trace, table: np.ndarray, v: Any, side: str) -> Any:
    if isinstance(v, Selected):
        return Selected(_place(trace, table, v.values, side), v.mask, v.size_bounds)
    if not is_numeric(v):
        refuse_operands(trace, "searchsorted", v)
    values = as_tensor(v)
    check_size(trace, (values.value.size, table.size))
    name = "less" if side == "left" else "less_equal"
    column = Tensor(values.value[..., None], values.dtype, False, values.bounds)
    before = as_tensor(compare_arrays(trace, name, table, column)).value
    count = jnp.sum(before, axis=-1, dtype=jnp.int32)
    if values.dtype.kind == "f":
        # NumPy sorts nan after everything else.
        last = table.size if side == "right" else int(np.sum(~np.isnan(table.astype(float))))
        count = jnp.where(jnp.isnan(values.value), jnp.int32(last), count)
    return Tensor(count, INT, False, (0, table.size))


@library("numpy.digitize")
def digitize(trace: Trace, x: Any, bins: Any, right: Any = False) -> Any:
    """Return the number of the bin of each element; the bins are known and in order."""
    edges = arrayed(trace, bins)
    x = arrayed(trace, x)
    if not is_static((edges, right)) or np.ndim(edges) != 1:
        trace.refuse(
            "JC406",
            "the bins of np.digitize must be known before run time",
            fix="write the bins out: np.array([0.0, 0.5, 1.0])",
        )
    if is_static(x):
        return fold(trace, np.digitize, x, edges, right=right)
    side = "left" if right else "right"
    table = np.asarray(edges)
    if table.size and np.all(table[:-1] <= table[1:]):
        return _place(trace, table, x, side)
    table = _increasing(trace, "digitize", table[::-1])
    other = _place(trace, table, x, side)
    if isinstance(other, Selected):
        trace.refuse(
            "JC312",
            "np.digitize with decreasing bins of an array of run-time length is not supported yet",
            fix="write the bins in increasing order",
        )
    return Tensor(table.size - other.value, INT, False, (0, table.size))


@library("numpy.interp")
def interp(trace: Trace, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """Interpolate linearly between points whose first coordinates are known and increasing."""
    x, points, heights = arrayed(trace, x), arrayed(trace, xp), arrayed(trace, fp)
    if is_static((x, points, heights, left, right)):
        return fold(trace, np.interp, x, points, heights, left=left, right=right)
    table = _increasing(trace, "interp", points).astype(FLOAT)
    numbers = (x, heights, *(side for side in (left, right) if side is not None))
    if not all(is_numeric(value) for value in numbers) or np.isnan(table).any():
        trace.refuse(
            "JC403",
            f"np.interp of {describe(x)} between such points is not taken here",
            fix="give numbers and arrays without nan: np.interp(x, [0.0, 1.0], [0.0, 10.0])",
        )
    if shape_of(heights) != table.shape or table.size == 0:
        trace.refuse(
            "JC405",
            "np.interp of points and heights of different lengths: NumPy raises ValueError",
            fix="give one height for each point",
        )
    y = as_tensor(heights).value.astype(FLOAT)
    value = as_tensor(x).value.astype(FLOAT)
    check_size(trace, (value.size, table.size))
    place = jnp.sum(table <= value[..., None], axis=-1, dtype=jnp.int32) - 1
    low = jnp.clip(place, 0, max(table.size - 2, 0))
    inner = _between(value, jnp.asarray(table), y, low) if table.size > 1 else y[0]
    at = jnp.clip(place, 0, table.size - 1)
    known = (jnp.asarray(table)[at] == value) | (place == table.size - 1)
    result = jnp.where(known, y[at], inner)
    below = y[0] if left is None else as_tensor(left).value.astype(FLOAT)
    above = y[-1] if right is None else as_tensor(right).value.astype(FLOAT)
    result = jnp.where(value < table[0], below, result)
    result = jnp.where(value > table[-1], above, result)
    return Tensor(jnp.where(jnp.isnan(value), value, result), FLOAT)


def _between(value: jax.Array, table: jax.Array, y: jax.Array, low: jax.Array) -> jax.Array:
    """Return NumPy's value between points low and low + 1 (compiled_base.c, arr_interp)."""
    rise = y[low + 1] - y[low]
    slope = divide(rise, table[low + 1] - table[low])
    first = multiply(slope, value - table[low]) + y[low]
    second = multiply(slope, value - table[low + 1]) + y[low + 1]
    inner = jnp.where(jnp.isnan(first), second, first)
    return jnp.where(jnp.isnan(inner) & (y[low] == y[low + 1]), y[low], inner)
