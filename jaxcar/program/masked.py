"""Reductions of arrays of run-time length, through their masks."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.counting import count_true
from jaxcar.program.elementwise import divide, multiply
from jaxcar.program.faults import Fault
from jaxcar.program.pairwise import add_packed, add_rows
from jaxcar.program.tensors import BOOL, FLOAT, INT, Bounds, Selected, Tensor
from jaxcar.program.trace import Trace

# Longer arrays are added in XLA's order: packing them would cost more than the program.
_PACKED = 16_384


def reduce_masked(
    trace: Trace, name: str, array: Selected, axis: Any, keepdims: Any, ddof: Any
) -> Tensor:
    """Reduce the selected elements as NumPy's function of this name does.

    Args:
        trace: the present tracing.
        name: as in `reduction`.
        array: the elements and which of them count.
        axis: None for all, or 0 for the rows.
        keepdims: must be false.
        ddof: delta degrees of freedom of var and std.
    """
    if keepdims:
        trace.refuse(
            "JC403",
            f"np.{name} takes no `keepdims` for an array of run-time length",
            fix="leave keepdims out, and index with None: x.mean()[None]",
        )
    values, mask = array.values, array.mask
    if axis not in (None, 0) and not (axis == -1 and values.ndim == 1):
        trace.refuse(
            "JC403",
            f"np.{name} takes axis 0 of an array of run-time length, not {axis}",
            fix="reduce along axis=0, or all: x.sum()",
        )
    rows = _flat(array) if axis is None and values.ndim > 1 else array
    if name in ("min", "max", "argmin", "argmax"):
        if array.size_bounds[0] == 0:
            trace.raise_where(Fault.VALUE, ~jnp.any(mask))
        return _extreme(trace, name, rows)
    count = jnp.sum(rows.mask, dtype=jnp.int32)
    if name in ("all", "any", "count_nonzero"):
        return _logic(name, rows)
    if name == "prod":
        return _product(rows)
    if name == "sum":
        return _sum(rows)
    if name == "mean":
        return _mean(rows, count)
    return _variance(rows, count, ddof, root=name == "std")


def _flat(array: Selected) -> Selected:
    """Return the elements of the selected rows, one by one."""
    values = array.values
    repeats = int(np.prod(values.shape[1:]))
    flat = Tensor(values.value.reshape(-1), values.dtype, False, values.bounds)
    low, high = array.size_bounds
    return Selected(flat, jnp.repeat(array.mask, repeats), (low * repeats, high * repeats))


def _wide(array: Selected) -> jax.Array:
    """Return the mask with as many axes as the values."""
    return array.mask.reshape(array.mask.shape + (1,) * (array.values.ndim - 1))


def _filled(array: Selected, filler: float) -> jax.Array:
    value = array.values.value
    return jnp.where(_wide(array), value, jnp.asarray(filler, value.dtype))


def _logic(name: str, array: Selected) -> Tensor:
    truths = array.values.value != 0
    if name == "all":
        return Tensor(jnp.all(truths | ~_wide(array), axis=0), BOOL)
    if name == "any":
        return Tensor(jnp.any(truths & _wide(array), axis=0), BOOL)
    hits = count_true(truths & _wide(array), (0,))
    return Tensor(hits, INT, False, (0, array.mask.shape[0]))


def _accumulator(dtype: np.dtype) -> np.dtype:
    return np.add.reduce(np.zeros(0, dtype)).dtype


def _product(array: Selected) -> Tensor:
    dtype = _accumulator(array.values.dtype)
    filled = _filled(array, 1).astype(dtype)
    if dtype.kind != "f" or filled.shape[0] == 0:
        return Tensor(jnp.prod(filled, axis=0), dtype)
    return Tensor(add_rows(filled, multiply, half=dtype == np.float16), dtype)


def _sum(array: Selected) -> Tensor:
    dtype = _accumulator(array.values.dtype)
    if dtype.kind == "f":
        return Tensor(_add_floats(array.values.value, array), dtype)
    if array.values.dtype == BOOL:
        hits = count_true(_filled(array, 0).astype(bool), (0,))
        return Tensor(hits, dtype, False, (0, array.mask.shape[0]))
    bounds = _sum_bounds(array)
    store = Tensor(jnp.zeros((), dtype), dtype, False, bounds).value.dtype
    total = jnp.sum(_filled(array, 0).astype(store), axis=0, dtype=store)
    return Tensor(total, dtype, False, bounds)


def _sum_bounds(array: Selected) -> Bounds:
    if array.values.bounds is None:
        return None
    low, high = array.values.bounds
    size = array.size_bounds[1]
    return (min(0, size * low), max(0, size * high))


def _add_floats(values: jax.Array, array: Selected) -> jax.Array:
    """Add floats (of any float dtype) where the mask holds, in NumPy's order if not too many."""
    size = array.mask.shape[0]
    half = values.dtype == jnp.float16
    if size > _PACKED:
        return jnp.sum(jnp.where(_wide(array), values, 0), axis=0, dtype=values.dtype)
    if values.size == size:
        return add_packed(values.reshape(-1), array.mask).reshape(values.shape[1:])
    held = jnp.where(_wide(array), values, jnp.asarray(-0.0, values.dtype))
    held = held.astype(jnp.float32) if half else held
    total = add_rows(held, half=half).astype(values.dtype)
    return jnp.where(total == 0, jnp.zeros_like(total), total)


def _mean(array: Selected, count: jax.Array) -> Tensor:
    values = array.values
    dtype = np.mean(np.zeros(1, values.dtype)).dtype
    if values.dtype.kind in "biu":
        total = _sum(array).value.astype(FLOAT)
    else:
        wide = values.value.astype(jnp.float32) if dtype == np.float16 else values.value
        total = _add_floats(wide, array)
        total = total.astype(FLOAT) if dtype == np.float16 and total.ndim == 0 else total
    return Tensor(divide(total, count.astype(total.dtype)), dtype)  # nan of nothing


def _variance(array: Selected, count: jax.Array, ddof: Any, root: bool) -> Tensor:
    values = array.values
    if values.dtype.kind in "biu":
        mean = _mean(array, count).value
    else:
        total = _add_floats(values.value, array)
        mean = divide(total, count.astype(total.dtype))
    deviation = values.value.astype(mean.dtype) - mean
    total = _add_floats(multiply(deviation, deviation), array).astype(FLOAT)
    degrees = jnp.maximum(count.astype(FLOAT) - ddof, 0)
    variance = divide(total, degrees).astype(mean.dtype)
    return Tensor(jnp.sqrt(variance) if root else variance, mean.dtype)


def _extreme(trace: Trace, name: str, array: Selected) -> Tensor:
    value, dtype = array.values.value, array.values.dtype
    lowest = name.endswith("max")
    if value.dtype == jnp.bool_:
        filler: Any = not lowest
    elif jnp.issubdtype(value.dtype, jnp.floating):
        filler = -np.inf if lowest else np.inf
    else:
        info = jnp.iinfo(value.dtype)
        filler = info.min if lowest else info.max
    held = jnp.where(_wide(array), value, jnp.asarray(filler, value.dtype))
    if name in ("min", "max"):
        return Tensor(getattr(jnp, name)(held, axis=0), dtype, False, array.values.bounds)
    if value.ndim != 1:
        trace.refuse(
            "JC312", f"np.{name} of rows of run-time number is not supported yet", fix=fixes.COLUMN
        )
    # The filler may tie with an element: among the selected, the first extreme one counts.
    best = getattr(jnp, name[3:])(held)
    hits = (value == best) | (value != value)
    place = jax.lax.argmax(array.mask & hits, 0, jnp.int32)
    rank = jnp.cumsum(array.mask, dtype=jnp.int32)[place] - 1
    return Tensor(jnp.maximum(rank, 0), INT, False, (0, max(value.shape[0] - 1, 0)))
