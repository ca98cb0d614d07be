"""NumPy's names that join arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import stack
from jaxcar.program.construction import arrayed, dtype_of
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.packing import unpack
from jaxcar.program.registry import library
from jaxcar.program.rows import valid
from jaxcar.program.tensors import Bounds, Selected, Tensor, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe


def _parts(trace: Trace, arrays: Any) -> list[Tensor]:
    items = arrays.items if isinstance(arrays, ListValue) else arrays
    if isinstance(items, (Tensor, np.ndarray)) and items.ndim > 0:
        array = as_tensor(items)
        items = [
            Tensor(array.value[i], array.dtype, False, array.bounds) for i in range(array.shape[0])
        ]
    if not isinstance(items, (tuple, list)) or not items:
        trace.refuse(
            "JC403",
            f"a sequence of arrays is needed, not {describe(arrays)}",
            fix="give a list of arrays: [a, b]",
        )
    parts = [arrayed(trace, item) for item in items]
    for part in parts:
        if not is_numeric(part):
            trace.refuse(
                "JC403",
                f"a sequence of arrays is needed, not of {describe(part)}",
                fix="give a list of arrays: [a, b]",
            )
    check_size(trace, (sum(int(np.prod(shape_of(part))) for part in parts),))
    return [as_tensor(part) for part in parts]


def joined(
    trace: Trace,
    parts: list[Tensor],
    axis: Any,
    words: str,
    *,
    new: bool = False,
    dtype: Any = None,
) -> Tensor:
    """Join arrays along an axis, or along a new one."""
    if not isinstance(axis, (int, np.integer)):
        trace.refuse(
            "JC406", f"`axis` of np.{words} must be known before run time", fix=fixes.AXIS_CONSTANT
        )
    common = np.result_type(*(part.dtype for part in parts))
    result = common if dtype is None else dtype_of(trace, dtype, None)
    if not np.can_cast(common, result, "same_kind"):
        trace.refuse(
            "JC404",
            f"np.{words} of {common} arrays with dtype={result}: NumPy raises TypeError",
            fix="convert the result: .astype(...)",
        )
    bounds = _joined_bounds(parts, result)
    values = [Tensor(part.value.astype(result), result, False, bounds).value for part in parts]
    try:
        if not new and parts[0].ndim == 0:
            raise ValueError
        value = (jnp.stack if new else jnp.concatenate)(values, axis=int(axis))
    except (ValueError, TypeError):
        shapes = ", ".join(str(part.shape) for part in parts)
        trace.refuse(
            "JC405",
            f"np.{words} of arrays of shapes {shapes} along axis {axis}: NumPy raises ValueError",
            fix=fixes.SHAPES,
        )
    return Tensor(value, result, False, bounds)


def _joined_bounds(parts: list[Tensor], dtype: np.dtype) -> Bounds:
    if dtype.kind not in "iu" or any(part.bounds is None for part in parts):
        return None
    lows, highs = zip(*(part.bounds for part in parts if part.bounds), strict=True)
    info = np.iinfo(dtype)
    if min(lows) < info.min or max(highs) > info.max:
        return None
    return (min(lows), max(highs))


def _with_axes(part: Tensor, shape: tuple[int, ...]) -> Tensor:
    return Tensor(part.value.reshape(shape), part.dtype, False, part.bounds)


def _packed(trace: Trace, arrays: Any, ndim: int) -> Any:
    """Return a list of run-time length of arrays with so many axes as one; None for others."""
    if not isinstance(arrays, ListValue) or arrays.rows is None:
        return None
    made = stack(trace, arrays)
    if made.values.ndim != ndim + 1:
        return None
    # NumPy refuses to join no arrays.
    if made.size_bounds[0] == 0:
        trace.raise_where(Fault.VALUE, ~made.mask.any())
    return made


def _end_to_end(trace: Trace, arrays: Any, axis: Any) -> Selected | None:
    """Return the contours of a list, or their rows, one after the other; None for other lists."""
    rows = arrays.rows if isinstance(arrays, ListValue) else None
    if rows is None or rows.kind.form != "selected" or axis != 0 or len(rows.kind.detail[1]) < 2:
        return None
    dtype, shape, bounds = rows.kind.detail[:3]
    check_size(trace, (rows.capacity, *shape))

    def one(*leaves: jax.Array) -> tuple[jax.Array, jax.Array]:
        part = unpack(rows.kind, list(leaves))
        return part.values.value, part.mask

    values, masks = jax.vmap(one)(*rows.leaves)
    mask = (masks & valid(rows)[:, None]).reshape(-1)
    low, high = rows.length.bounds or (0, rows.capacity)
    if low == 0:
        # NumPy refuses to join no arrays.
        trace.raise_where(Fault.VALUE, rows.length.value == 0)
    joint = Tensor(values.reshape(mask.shape[0], *shape[1:]), dtype)
    return Selected(joint, mask, (max(low, 1) * bounds[0], high * bounds[1]))


@library("numpy.stack")
def stack_arrays(trace: Trace, arrays: Any, axis: Any = 0) -> Any:
    """Join arrays along a new axis."""
    for ndim in (0, 1, 2) if axis == 0 else ():
        whole = _packed(trace, arrays, ndim)
        if whole is not None:
            return whole
    return joined(trace, _parts(trace, arrays), axis, "stack", new=True)


@library("numpy.concatenate", "numpy.concat")
def concatenate(
    trace: Trace, arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None
) -> Any:
    """Join arrays along an axis."""
    if out is not None:
        trace.refuse("JC403", "np.concatenate takes no `out` here", fix=fixes.NO_OUT)
    whole = _end_to_end(trace, arrays, axis) if dtype is None else None
    if whole is not None:
        return whole
    parts = _parts(trace, arrays)
    if axis is None:
        parts, axis = [_with_axes(part, (-1,)) for part in parts], 0
    return joined(trace, parts, axis, "concatenate", dtype=dtype)


@library("numpy.vstack", "numpy.row_stack")
def vstack(trace: Trace, tup: Any) -> Any:
    """Join arrays row by row."""
    whole = _end_to_end(trace, tup, 0) or _packed(trace, tup, 1)
    if whole is not None:
        return whole
    parts = _parts(trace, tup)
    rows = [_with_axes(p, (1, -1)) if p.ndim < 2 else p for p in parts]
    return joined(trace, rows, 0, "vstack")


@library("numpy.hstack")
def hstack(trace: Trace, tup: Any) -> Any:
    """Join arrays column by column, vectors end to end."""
    parts = [_with_axes(p, (1,)) if p.ndim == 0 else p for p in _parts(trace, tup)]
    return joined(trace, parts, 0 if parts[0].ndim == 1 else 1, "hstack")


@library("numpy.column_stack")
def column_stack(trace: Trace, tup: Any) -> Any:
    """Join vectors as columns; those of run-time length, where they were selected together."""
    items = tup.items if isinstance(tup, ListValue) and tup.rows is None else tup
    if isinstance(items, (tuple, list)) and items and isinstance(items[0], Selected):
        together = _columns_selected(items)
        if together is not None:
            return together
    parts = [_with_axes(p, (-1, 1)) if p.ndim < 2 else p for p in _parts(trace, tup)]
    return joined(trace, parts, 1, "column_stack")


def _columns_selected(items: Sequence[Any]) -> Selected | None:
    """Return vectors of run-time length as columns; None where their lengths may differ."""
    first = items[0]
    for item in items:
        alike = isinstance(item, Selected) and item.mask is first.mask and item.values.ndim == 1
        if not alike or item.packed != first.packed:
            return None
    dtype = np.result_type(*(item.values.dtype for item in items))
    columns = [Tensor(item.values.value, item.values.dtype).value.astype(dtype) for item in items]
    made = Tensor(jnp.stack(columns, axis=-1), dtype)
    return Selected(made, first.mask, first.size_bounds, first.packed)


@library("numpy.dstack")
def dstack(trace: Trace, tup: Any) -> Any:
    """Join arrays along the third axis."""
    deep = []
    for part in _parts(trace, tup):
        flat = _with_axes(part, (1, -1)) if part.ndim < 2 else part
        deep.append(_with_axes(flat, (*flat.shape, 1)) if flat.ndim < 3 else flat)
    return joined(trace, deep, 2, "dstack")


@library("numpy.append")
def append(trace: Trace, arr: Any, values: Any, axis: Any = None) -> Any:
    """Join values to the end of an array; both flattened where no axis is given."""
    parts = _parts(trace, (arr, values))
    if axis is None:
        parts, axis = [_with_axes(part, (-1,)) for part in parts], 0
    return joined(trace, parts, axis, "append")


@library("numpy.insert")
def insert(trace: Trace, arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """Put one number before a position of a vector."""
    vector, value = (as_tensor(part) for part in _parts(trace, (arr, values)))
    if axis not in (None, 0) or not is_static(obj) or not isinstance(unwrap_static(obj), int):
        trace.refuse(
            "JC403",
            "np.insert takes one position, known before run time, of a vector",
            fix="join the parts: np.concatenate([x[:i], [value], x[i:]])",
        )
    if vector.ndim != 1 or value.ndim != 0:
        trace.refuse(
            "JC403",
            "np.insert takes a vector and one number",
            fix="join the parts: np.concatenate([x[:i], values, x[i:]])",
        )
    size, place = vector.shape[0], int(obj)
    if not -size <= place <= size:
        trace.refuse(
            "JC404",
            f"position {place} of np.insert is out of bounds: NumPy raises IndexError",
            fix=f"use a position from 0 to {size}",
        )
    place = place + size if place < 0 else place
    if value.dtype != vector.dtype:
        trace.refuse(
            "JC403",
            f"np.insert does not take {describe(value)} for {describe(vector)} here",
            fix="convert the number first: np.insert(x, 0, x.dtype.type(value))",
        )
    value = _with_axes(value, (1,))
    cut = [
        Tensor(part, vector.dtype, False, vector.bounds)
        for part in (vector.value[:place], vector.value[place:])
    ]
    return joined(trace, [cut[0], value, cut[1]], 0, "insert")
