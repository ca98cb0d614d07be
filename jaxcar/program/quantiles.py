"""NumPy's median, percentile and quantile."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program import fixes
from jaxcar.program.casting import cast
from jaxcar.program.construction import arrayed
from jaxcar.program.containers import ListValue
from jaxcar.program.elementwise import multiply
from jaxcar.program.faults import Fault
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.sorting import in_order, packed, vector
from jaxcar.program.tensors import BOOL, FLOAT, Selected, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold, ufunc
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe

_MOST = 64


@library("numpy.median")
def median(
    trace: Trace,
    a: Any,
    axis: Any = None,
    out: Any = None,
    overwrite_input: Any = False,
    keepdims: Any = False,
) -> Any:
    """Return the middle element, or the mean of the two in the middle."""
    a = arrayed(trace, a)
    if out is not None or not is_static((axis, keepdims, overwrite_input)):
        trace.refuse(
            "JC403",
            "np.median takes an axis known before run time, and no `out`",
            fix=fixes.AXIS_CONSTANT,
        )
    if is_static(a):
        return fold(trace, np.median, a, axis=axis, keepdims=keepdims)
    if isinstance(a, Selected):
        if axis not in (None, 0, -1) or a.values.ndim != 1 or keepdims:
            trace.refuse(
                "JC312",
                "np.median of rows of run-time number is not supported yet",
                fix=fixes.COLUMN,
            )
        return _median_of_selected(trace, a)
    array, place = _lines(trace, "median", a, axis)
    size = array.shape[place]
    ordered = in_order(array.value, place)
    middle = lax.slice_in_dim(ordered, max((size - 1) // 2, 0), size // 2 + (size > 0), axis=place)
    mean = reduction(trace, "mean", Tensor(middle, array.dtype, False, array.bounds), place)
    result = _poisoned(trace, as_tensor(mean), array, ordered, place)
    return _expanded(result, a, axis) if keepdims else result


def _lines(trace: Trace, name: str, a: Any, axis: Any) -> tuple[Tensor, int]:
    """Return the array with the reduced axes joined into one, and that axis."""
    if isinstance(axis, (tuple, ListValue)) and is_numeric(a):
        array = as_tensor(a)
        axes = [int(i) for i in unwrap_static(axis)]
        if any(not -array.ndim <= i < array.ndim for i in axes):
            trace.refuse(
                "JC405",
                f"axis {axis} is out of bounds for {describe(array)}: NumPy raises AxisError",
                fix=fixes.AXIS,
            )
        places = sorted(i % array.ndim for i in axes)
        rest = [i for i in range(array.ndim) if i not in places]
        moved = jnp.transpose(array.value, (*places, *rest))
        value = moved.reshape(-1, *(array.shape[i] for i in rest))
        return Tensor(value, array.dtype, False, array.bounds), 0
    return vector(trace, name, a, axis)


def _expanded(result: Tensor, a: Any, axis: Any) -> Tensor:
    ndim = as_tensor(a).ndim
    axes = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    places = {i % ndim for i in axes}
    shape = [1 if i in places else n for i, n in enumerate(as_tensor(a).shape)]
    return Tensor(result.value.reshape(shape), result.dtype, False, result.bounds)


def _poisoned(trace: Trace, result: Tensor, array: Tensor, ordered: jax.Array, axis: int) -> Tensor:
    """Return nan where an element is nan: it is sorted last."""
    size = ordered.shape[axis]
    if array.dtype.kind != "f" or size == 0:
        return result
    last = lax.index_in_dim(ordered, size - 1, axis, keepdims=False)
    return Tensor(jnp.where(jnp.isnan(last), jnp.nan, result.value), result.dtype)


def _median_of_selected(trace: Trace, a: Selected) -> Tensor:
    ordered, count = packed(a), jnp.sum(a.mask, dtype=jnp.int32)
    dtype = np.mean(np.zeros(1, a.values.dtype)).dtype
    size = max(ordered.shape[0] - 1, 0)
    if ordered.shape[0] == 0:
        return Tensor(jnp.asarray(np.nan, dtype), dtype)
    low, high = (ordered[jnp.clip(i, 0, size)] for i in ((count - 1) // 2, count // 2))
    wide = FLOAT if dtype == np.float16 else dtype
    # NumPy adds 16-bit floats in 32 bits: their sum is exact there, as it is here.
    total = low.astype(wide) + high.astype(wide)
    middle = jnp.where(count % 2 == 1, low.astype(wide), total / 2)
    last = ordered[jnp.clip(count - 1, 0, size)].astype(wide)
    return Tensor(jnp.where((count == 0) | jnp.isnan(last), jnp.nan, middle), dtype)


def _define_quantile(name: str, scale: float) -> None:
    @library(f"numpy.{name}")
    def quantile(
        trace: Trace,
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: Any = False,
        method: Any = "linear",
        keepdims: Any = False,
    ) -> Any:
        if out is not None or method != "linear" or keepdims is not False:
            trace.refuse(
                "JC403",
                f"np.{name} takes an axis, and no `out`, `keepdims` or other `method`",
                fix="call it as np.percentile(x, 90) or np.quantile(x, 0.9)",
            )
        return _quantile(trace, name, arrayed(trace, a), q, axis, scale)


_define_quantile("percentile", 100)
_define_quantile("quantile", 1)


def _quantile(trace: Trace, name: str, a: Any, q: Any, axis: Any, scale: float) -> Any:
    if not is_static((q, axis)):
        trace.refuse(
            "JC406",
            f"`q` and `axis` of np.{name} must be known before run time",
            fix="write constants: np.percentile(x, 90, axis=0)",
        )
    q = unwrap_static(q)
    if is_static(a):
        return fold(trace, getattr(np, name), a, q, axis=axis)
    fractions = np.asarray(q) if scale == 1 else fold(trace, np.true_divide, q, scale)
    fractions = np.asarray(fractions)
    if fractions.size > _MOST:
        trace.refuse(
            "JC505",
            f"np.{name} of {fractions.size} fractions is over the limit {_MOST}",
            fix=fixes.FEWER,
        )
    if fractions.ndim > 1 or fractions.dtype.kind not in "iuf":
        trace.refuse(
            "JC403",
            f"np.{name} takes a number, or a list of numbers",
            fix="write a number: np.percentile(x, 90)",
        )
    if not np.all((fractions >= 0) & (fractions <= 1)):
        trace.refuse(
            "JC404",
            f"`q` of np.{name} is outside 0 to {scale:g}: NumPy raises ValueError",
            fix=f"write a number from 0 to {scale:g}",
        )
    weak = type(q) in (int, float)
    if isinstance(a, Selected):
        return _quantile_of_selected(trace, name, a, axis, fractions, weak)
    array, place = _lines(trace, name, a, axis)
    if array.shape[place] == 0:
        trace.refuse(
            "JC404", f"np.{name} of an empty array: NumPy raises IndexError", fix=fixes.NOT_EMPTY
        )
    ordered = in_order(jnp.moveaxis(array.value, place, 0), 0)
    rows = [_between(trace, array, ordered, fraction, weak) for fraction in fractions.reshape(-1)]
    rows = [_poisoned(trace, as_tensor(row), array, ordered, 0) for row in rows]
    if fractions.ndim == 0:
        return rows[0]
    return Tensor(jnp.stack([row.value for row in rows]), rows[0].dtype, False)


def _between(trace: Trace, array: Tensor, ordered: jax.Array, fraction: Any, weak: bool) -> Any:
    """Return the value at a fraction of the way, as `_lerp` in NumPy's _function_base_impl.py."""
    size = ordered.shape[0]
    virtual = (size - 1) * fraction

    def at(place: int) -> Tensor:
        return Tensor(ordered[place], array.dtype, False, array.bounds)

    if np.asarray(virtual).dtype.kind in "iu":
        return at(int(virtual))
    previous = int(np.floor(virtual))
    following = previous + 1
    if virtual >= size - 1:
        previous = following = -1
    part: Any = virtual - previous
    part = float(part) if weak else part
    low, high = at(previous), at(following)
    if array.dtype == BOOL:
        trace.refuse(
            "JC404",
            "the quantile of bools: NumPy raises TypeError",
            fix="write mask.mean(), or convert: x.astype(int)",
        )
    return interpolate(trace, low, high, part)


def interpolate(trace: Trace, low: Tensor, high: Tensor, part: Any) -> Any:
    """Return NumPy's `_lerp`: from the nearer end."""
    rise = ufunc(trace, "subtract", high, low, library=True)
    up = ufunc(trace, "multiply", rise, part, library=True)
    forward = ufunc(trace, "add", low, up, library=True)
    if part < 0.5:
        return forward
    down = ufunc(trace, "multiply", rise, 1 - part, library=True)
    return cast(trace, ufunc(trace, "subtract", high, down, library=True), as_tensor(forward).dtype)


def _quantile_of_selected(
    trace: Trace, name: str, a: Selected, axis: Any, fractions: np.ndarray, weak: bool
) -> Tensor:
    kind = a.values.dtype
    if axis not in (None, 0, -1) or a.values.ndim != 1 or kind == BOOL:
        trace.refuse(
            "JC312", f"np.{name} of rows of run-time number is not supported yet", fix=fixes.COLUMN
        )
    if fractions.ndim or kind == np.float16 or fractions.dtype.kind != "f":
        trace.refuse(
            "JC403",
            f"np.{name} of an array of run-time length takes one float `q` here",
            fix="write one float: 90.0 or 0.9",
        )
    if a.mask.shape[0] == 0:
        trace.refuse(
            "JC404", f"np.{name} of an empty array: NumPy raises IndexError", fix=fixes.NOT_EMPTY
        )
    count = jnp.sum(a.mask, dtype=jnp.int32)
    trace.raise_where(Fault.INDEX, count == 0)
    ordered, last = packed(a), jnp.maximum(count - 1, 0)
    virtual = last.astype(FLOAT) * float(fractions)
    previous = jnp.where(virtual >= last, last, jnp.floor(virtual).astype(jnp.int32))
    above = jnp.where(virtual >= last, last, previous + 1)
    # Where the last element is taken NumPy's part is counted from position -1: nothing changes.
    part = jnp.where(virtual >= last, virtual + 1, virtual - previous)
    dtype = kind if weak and kind.kind == "f" else FLOAT
    low, high = ordered[previous], ordered[above]
    rise = as_tensor(
        ufunc(
            trace,
            "subtract",
            *(Tensor(x, kind, False, a.values.bounds) for x in (high, low)),
            library=True,
        )
    ).value.astype(dtype)
    step = part.astype(dtype)
    forward = low.astype(dtype) + multiply(rise, step)
    back = high.astype(dtype) - multiply(rise, (1 - part).astype(dtype))
    result = jnp.where(part >= 0.5, back, forward)
    if kind.kind == "f":
        result = jnp.where(jnp.isnan(ordered[last]), jnp.nan, result)
    return Tensor(result, dtype)
