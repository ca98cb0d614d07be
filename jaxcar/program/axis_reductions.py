"""Reductions along known axes of whole arrays, with NumPy's result dtypes."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.counting import count_true
from jaxcar.program.elementwise import divide, multiply
from jaxcar.program.layout import order_of
from jaxcar.program.pairwise import add_axes, add_rows
from jaxcar.program.tensors import BOOL, FLOAT, INT, Bounds, Tensor, storage_dtype

_SHORT_AXIS = 4


def reduce_axes(
    name: str, array: Tensor, axes: tuple[int, ...], keepdims: bool, ddof: Any
) -> Tensor:
    """Reduce an array along axes, not negative; the names are those of `reduction`."""
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
        return Tensor(_product(array.value.astype(dtype), axes, keepdims), dtype)
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


def _add(
    value: jax.Array, axes: tuple[int, ...], keepdims: bool, order: tuple[int, ...]
) -> jax.Array:
    """Add along axes; floats as NumPy adds an array whose axes lie in this order in memory."""
    if not jnp.issubdtype(value.dtype, jnp.floating):

        def whole(v: jax.Array, axis: tuple[int, ...], keepdims: bool) -> jax.Array:
            return jnp.sum(v, axis=axis, keepdims=keepdims, dtype=v.dtype)

        return _fold_axes(value, axes, keepdims, jnp.add, whole)
    if order == tuple(range(value.ndim)):
        return add_axes(value, axes, keepdims)
    places = tuple(order.index(axis) for axis in axes)
    total = add_axes(jnp.transpose(value, order), places, True)
    total = jnp.transpose(total, [order.index(axis) for axis in range(value.ndim)])
    return total if keepdims else jnp.squeeze(total, axes)


def _product(value: jax.Array, axes: tuple[int, ...], keepdims: bool) -> jax.Array:
    if not jnp.issubdtype(value.dtype, jnp.floating):
        return jnp.prod(value, axis=axes, keepdims=keepdims)
    kept = [i for i in range(value.ndim) if i not in axes]
    shape = [value.shape[i] for i in kept]
    rows = jnp.transpose(value, (*sorted(axes), *kept)).reshape(-1, *shape)
    if rows.shape[0] == 0:
        return (
            jnp.ones([1 if i in axes else n for i, n in enumerate(value.shape)], value.dtype)
            if keepdims
            else jnp.ones(shape, value.dtype)
        )
    result = add_rows(rows, multiply, half=value.dtype == jnp.float16)
    return jnp.expand_dims(result, axes) if keepdims else result


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
    total = _add(array.value.astype(store), axes, keepdims, order_of(array))
    return Tensor(total, dtype, False, bounds)


def _mean(array: Tensor, axes: tuple[int, ...], keepdims: bool, count: int) -> Tensor:
    dtype = np.mean(np.zeros(1, array.dtype)).dtype
    if array.dtype.kind in "biu":  # summed exactly, whatever the order
        total = _sum(array, axes, keepdims, count).value.astype(FLOAT)
    else:
        wide = np.float32 if array.dtype == np.float16 else array.dtype
        total = _add(array.value.astype(wide), axes, keepdims, order_of(array))
        if array.dtype == np.float16 and total.ndim == 0:
            total = total.astype(FLOAT)  # NumPy rounds a number once, an array twice
    return Tensor(divide(total, jnp.asarray(count, total.dtype)), dtype)


def _variance(
    array: Tensor, axes: tuple[int, ...], keepdims: bool, count: int, ddof: Any, root: bool
) -> Tensor:
    if array.dtype.kind in "biu":
        mean = _mean(array, axes, True, count).value
    else:
        total = _add(array.value, axes, True, order_of(array))
        mean = divide(total, jnp.asarray(count, total.dtype))
    deviation = array.value.astype(mean.dtype) - mean
    total = _add(multiply(deviation, deviation), axes, keepdims, order_of(array))
    degrees = jnp.asarray(max(count - ddof, 0), FLOAT)
    variance = divide(total.astype(FLOAT), degrees).astype(mean.dtype)
    return Tensor(jnp.sqrt(variance) if root else variance, mean.dtype)
