"""Reductions with NumPy's result dtypes, over whole arrays, axes, and arrays of run-time length."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.casting import stack
from jaxcar.program.counting import count_true
from jaxcar.program.elementwise import divide
from jaxcar.program.faults import Fault
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold
from jaxcar.program.values import (
    BOOL,
    FLOAT,
    INT,
    Bounds,
    ListValue,
    Selected,
    Tensor,
    as_tensor,
    is_numeric,
    is_static,
    storage_dtype,
)
from jaxcar.program.wording import describe

_SHORT_AXIS = 4


def reduction(
    trace: Trace,
    name: str,
    array: Any,
    axis: Any = None,
    keepdims: bool = False,
    ddof: Any = 0,
) -> Any:
    """Reduce as NumPy's function of this name does.

    Args:
        trace: the present tracing.
        name: all, any, sum, prod, mean, min, max, var, std, argmin, argmax or count_nonzero.
        array: a number, array, sequence of numbers, or array of run-time length.
        axis: None, an int or a tuple of ints, known while tracing.
        keepdims: whether reduced axes stay with size 1.
        ddof: delta degrees of freedom of var and std.

    Returns:
        A known value, or a Tensor of NumPy's result dtype.
    """
    array = trace.present(array)
    if isinstance(array, (tuple, ListValue)):
        array = stack(trace, array)
    if not is_static(axis) or not is_static(keepdims) or not is_static(ddof):
        trace.refuse("JC406", f"`axis` of np.{name} must be known before run time")
    if isinstance(array, Selected):
        return _reduce_selected(trace, name, array, axis, keepdims, ddof)
    if not is_numeric(array):
        trace.refuse("JC404", f"np.{name} of {describe(array)}")
    if is_static(array):
        extra = {"ddof": ddof} if name in ("var", "std") else {}
        return fold(trace, getattr(np, name), array, axis=axis, keepdims=keepdims, **extra)
    axes = _axes(trace, array, axis)
    if name in ("argmin", "argmax"):
        return _argument(trace, name, array, axis, axes, keepdims)
    if name in ("min", "max") and 0 in [array.shape[i] for i in axes]:
        trace.refuse("JC404", f"np.{name} of an empty array: NumPy raises ValueError")
    return _reduce(name, array, axes, bool(keepdims), ddof)


def _axes(trace: Trace, array: Tensor, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(array.ndim))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    if any(not isinstance(i, (int, np.integer)) for i in wanted):
        trace.refuse("JC403", "`axis` must be an int or a tuple of ints")
    if any(not -array.ndim <= i < array.ndim for i in wanted):
        trace.refuse("JC405", f"axis {axis} is out of bounds for {describe(array)}")
    return tuple(int(i) % array.ndim for i in wanted)


def _reduce(name: str, array: Tensor, axes: tuple[int, ...], keepdims: bool, ddof: Any) -> Tensor:
    count = int(np.prod([array.shape[i] for i in axes]))
    if name in ("all", "any"):
        truths = array.value if array.dtype == BOOL else array.value != 0
        joined = _fold_axes(truths, axes, keepdims, *_LOGIC[name])
        return Tensor(joined, BOOL)
    if name == "count_nonzero":
        truths = array.value if array.dtype == BOOL else array.value != 0
        return Tensor(count_true(truths, axes, keepdims), INT, False, (0, count))
    if name in ("min", "max"):
        joined = _fold_axes(array.value, axes, keepdims, *_ORDER[name])
        return Tensor(joined, array.dtype, False, array.bounds)
    if name == "sum":
        return _sum(array, axes, keepdims, count)
    if name == "prod":
        dtype = _accumulator(array.dtype)
        return Tensor(jnp.prod(array.value.astype(dtype), axis=axes, keepdims=keepdims), dtype)
    if name == "mean":
        return _mean(array, axes, keepdims, count)
    return _variance(array, axes, keepdims, count, ddof, root=name == "std")


_LOGIC: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "all": (jnp.logical_and, jnp.all),
    "any": (jnp.logical_or, jnp.any),
}
_ORDER: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "min": (jnp.minimum, jnp.min),
    "max": (jnp.maximum, jnp.max),
}


def _fold_axes(
    value: jax.Array,
    axes: tuple[int, ...],
    keepdims: bool,
    pair: Callable[..., jax.Array],
    whole: Callable[..., jax.Array],
) -> jax.Array:
    """Reduce; a short axis (colour channels) is folded pair by pair, which vectorises on a CPU."""
    if len(axes) == 1 and 0 < value.shape[axes[0]] <= _SHORT_AXIS and value.ndim > 1:
        parts = [
            jax.lax.index_in_dim(value, i, axes[0], keepdims) for i in range(value.shape[axes[0]])
        ]
        return reduce(pair, parts)
    return whole(value, axis=axes, keepdims=keepdims)


def _add(value: jax.Array, axes: tuple[int, ...], keepdims: bool) -> jax.Array:
    def whole(v: jax.Array, axis: tuple[int, ...], keepdims: bool) -> jax.Array:
        return jnp.sum(v, axis=axis, keepdims=keepdims, dtype=v.dtype)

    return _fold_axes(value, axes, keepdims, jnp.add, whole)


def _accumulator(dtype: np.dtype) -> np.dtype:
    """Return the dtype that NumPy sums this dtype in."""
    return np.add.reduce(np.zeros(0, dtype)).dtype


def _sum_bounds(array: Tensor, count: int) -> Bounds:
    if array.dtype == BOOL:
        return (0, count)
    if array.bounds is None:
        return None
    return (count * array.bounds[0], count * array.bounds[1])


def _sum(array: Tensor, axes: tuple[int, ...], keepdims: bool, count: int) -> Tensor:
    dtype = _accumulator(array.dtype)
    bounds = _sum_bounds(array, count) if dtype.kind in "iu" else None
    if array.dtype == BOOL:
        return Tensor(count_true(array.value, axes, keepdims), dtype, False, bounds)
    store = storage_dtype(dtype, bounds)
    return Tensor(_add(array.value.astype(store), axes, keepdims), dtype, False, bounds)


def _mean(array: Tensor, axes: tuple[int, ...], keepdims: bool, count: int) -> Tensor:
    dtype = np.mean(np.zeros(1, array.dtype)).dtype
    # NumPy sums float16 in float32; integers are summed exactly here.
    if array.dtype.kind in "biu":
        total = _sum(array, axes, keepdims, count).value.astype(FLOAT)
    else:
        wide = np.float32 if array.dtype == np.float16 else array.dtype
        total = _add(array.value.astype(wide), axes, keepdims)
    return Tensor(divide(total, jnp.asarray(count, total.dtype)), dtype)


def _variance(
    array: Tensor, axes: tuple[int, ...], keepdims: bool, count: int, ddof: Any, root: bool
) -> Tensor:
    mean = _mean(array, axes, True, count)
    deviation = array.value.astype(mean.dtype) - mean.value
    total = _add(deviation * deviation, axes, keepdims)
    variance = divide(total, jnp.asarray(max(count - ddof, 0), total.dtype))
    return Tensor(jnp.sqrt(variance) if root else variance, mean.dtype)


def _argument(
    trace: Trace, name: str, array: Tensor, axis: Any, axes: tuple[int, ...], keepdims: Any
) -> Tensor:
    if keepdims or isinstance(axis, tuple):
        trace.refuse("JC403", f"`keepdims` of np.{name} is not supported")
    value = array.value if axis is not None else array.value.reshape(-1)
    place = axes[0] if axis is not None else 0
    if value.shape[place] == 0:
        trace.refuse("JC404", f"np.{name} of an empty array: NumPy raises ValueError")
    best = getattr(jnp, name[3:])(value, axis=place, keepdims=True)
    # Not of the values themselves: XLA's argmax of 64 bits needs x64 when it is compiled.
    hits = (value == best) | (value != value)
    found = jax.lax.argmax(hits, place, jnp.int32)
    return Tensor(found, INT, False, (0, value.shape[place] - 1))


def _reduce_selected(
    trace: Trace, name: str, array: Selected, axis: Any, keepdims: Any, ddof: Any
) -> Any:
    if keepdims or ddof:
        trace.refuse(
            "JC403", f"`keepdims` and `ddof` of np.{name} need a length known before run time"
        )
    values, mask = array.values, array.mask
    if axis in (1, -1) and values.ndim == 2:
        row = reduction(trace, name, values, 1)
        return Selected(as_tensor(row), mask, array.size_bounds)
    if axis not in (None, 0) and not (axis == -1 and values.ndim == 1):
        trace.refuse("JC403", f"axis {axis} of an array of run-time length")
    axes = tuple(range(values.ndim)) if axis is None else (0,)
    wide = mask.reshape(mask.shape + (1,) * (values.ndim - 1))
    repeats = int(np.prod(values.shape[1:])) if axis is None else 1
    count = array.count().value * repeats
    if name in ("min", "max", "argmin", "argmax"):
        if array.size_bounds[0] == 0:
            trace.raise_where(Fault.VALUE, ~jnp.any(mask))
        return _extreme(trace, name, array, wide, axes)
    neutral = jnp.where(wide, values.value, jnp.ones_like(values.value) * (name in ("all", "prod")))
    total = int(np.prod([values.shape[i] for i in axes]))
    filled = Tensor(neutral, values.dtype, False, _with_zero(values.bounds, name))
    if name in ("sum", "all", "any", "prod", "count_nonzero"):
        return _reduce(name, filled, axes, False, 0)
    if name == "mean":
        return _selected_mean(filled, axes, count, total)
    return _selected_variance(values, filled, wide, axes, count, total, root=name == "std")


def _with_zero(bounds: Bounds, name: str) -> Bounds:
    if bounds is None:
        return None
    filler = 1 if name in ("all", "prod") else 0
    return (min(bounds[0], filler), max(bounds[1], filler))


def _extreme(
    trace: Trace, name: str, array: Selected, wide: jax.Array, axes: tuple[int, ...]
) -> Tensor:
    value, dtype = array.values.value, array.values.dtype
    lowest = name.endswith("max")
    if value.dtype == jnp.bool_:
        filler: Any = not lowest
    elif jnp.issubdtype(value.dtype, jnp.floating):
        filler = -np.inf if lowest else np.inf
    else:
        info = jnp.iinfo(value.dtype)
        filler = info.min if lowest else info.max
    held = jnp.where(wide, value, jnp.asarray(filler, value.dtype))
    if name in ("min", "max"):
        return Tensor(getattr(jnp, name)(held, axis=axes), dtype, False, array.values.bounds)
    if value.ndim != 1:
        trace.refuse("JC403", f"np.{name} of rows of run-time number")
    # The filler may tie with an element: among the selected, the first extreme one counts.
    best = getattr(jnp, name[3:])(held)
    place = jax.lax.argmax(array.mask & (value == best), 0, jnp.int32)
    rank = jnp.cumsum(array.mask, dtype=jnp.int32)[place] - 1
    return Tensor(jnp.maximum(rank, 0), INT, False, (0, max(value.shape[0] - 1, 0)))


def _selected_mean(filled: Tensor, axes: tuple[int, ...], count: jax.Array, total: int) -> Tensor:
    dtype = np.mean(np.zeros(1, filled.dtype)).dtype
    summed = _sum(filled, axes, False, total).value.astype(dtype)
    return Tensor(divide(summed, count.astype(dtype)), dtype)  # nan where nothing is selected


def _selected_variance(
    values: Tensor,
    filled: Tensor,
    wide: jax.Array,
    axes: tuple[int, ...],
    count: jax.Array,
    size: int,
    root: bool,
) -> Tensor:
    mean = _selected_mean(filled, axes, count, size)
    deviation = jnp.where(wide, values.value.astype(mean.dtype) - mean.value, 0)
    total = jnp.sum(deviation * deviation, axis=axes)
    variance = divide(total, count.astype(mean.dtype))
    return Tensor(jnp.sqrt(variance) if root else variance, mean.dtype)
