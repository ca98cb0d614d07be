"""NumPy's running totals, differences of neighbours, and weighted means."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import cast
from jaxcar.program.choosing import where
from jaxcar.program.construction import arrayed, dtype_of, numpy_number
from jaxcar.program.elementwise import multiply
from jaxcar.program.faults import Fault
from jaxcar.program.indexing import get_item
from jaxcar.program.pairwise import accumulate_rows
from jaxcar.program.reductions import reduction
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, Selected, Tensor, as_tensor, storage_dtype
from jaxcar.program.totals import no_out
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold, ufunc
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe

_MOST = 64  # differences of differences of ...


def running(trace: Trace, name: str, a: Any, axis: Any = None, dtype: Any = None) -> Any:
    """Return np.cumsum or np.cumprod."""
    a = arrayed(trace, a)
    kind = None if dtype is None else dtype_of(trace, dtype, None)
    if is_static((a, axis)):
        return fold(trace, getattr(np, name), a, axis=axis, dtype=kind)
    if isinstance(a, Selected):
        return _running_selected(trace, name, a, axis, kind)
    array, place = _along(trace, name, a, axis)
    if kind is not None and array.dtype.kind == "f" and kind.kind != "f":
        trace.refuse(
            "JC403",
            f"np.{name} does not take dtype={kind} of floats here",
            fix="round and convert first: np.rint(x).astype(int)",
        )
    result = kind or getattr(np, name)(np.zeros(1, array.dtype)).dtype
    return _accumulated(trace, name, cast(trace, array, result), place, result)


def _along(trace: Trace, name: str, a: Any, axis: Any) -> tuple[Tensor, int]:
    """Return an array, flattened where no axis is given, and the axis, not negative."""
    if not is_numeric(a) or not (axis is None or isinstance(axis, (int, np.integer))):
        trace.refuse(
            "JC404",
            f"np.{name} of {describe(a)} along an axis that is {describe(axis)}: NumPy "
            "raises TypeError",
            fix=fixes.NUMBERS,
        )
    array = as_tensor(a)
    if axis is None or array.ndim == 0:
        array, axis = Tensor(array.value.reshape(-1), array.dtype, False, array.bounds), axis or 0
    if not -array.ndim <= axis < array.ndim:
        trace.refuse(
            "JC405",
            f"axis {axis} is out of bounds for {describe(array)}: NumPy raises AxisError",
            fix=fixes.AXIS,
        )
    return array, int(axis) % array.ndim


def _accumulated(trace: Trace, name: str, array: Tensor, axis: int, dtype: np.dtype) -> Tensor:
    step = multiply if name == "cumprod" else jnp.add
    bounds, size = None, array.shape[axis]
    if dtype.kind == "f":
        rows = jnp.moveaxis(array.value.astype(dtype), axis, 0)
        return Tensor(jnp.moveaxis(accumulate_rows(rows, step), 0, axis), dtype)
    if name == "cumsum" and array.bounds is not None:
        low, high = array.bounds
        bounds = (min(low, low * size), max(high, high * size))
    store = storage_dtype(dtype, bounds)
    value = getattr(jnp, name)(array.value.astype(store), axis=axis, dtype=store)
    return Tensor(value, dtype, False, bounds)


def _running_selected(
    trace: Trace, name: str, a: Selected, axis: Any, dtype: np.dtype | None
) -> Selected:
    if axis not in (None, 0, -1) or a.values.ndim != 1 or dtype is not None:
        trace.refuse(
            "JC312", f"np.{name} of rows of run-time number is not supported yet", fix=fixes.COLUMN
        )
    neutral = a.values.dtype.type(1 if name == "cumprod" else 0)
    if a.values.dtype.kind == "f" and name == "cumsum":
        neutral = a.values.dtype.type(-0.0)
    held = where(trace, Tensor(a.mask, BOOL), a.values, neutral)
    return Selected(as_tensor(running(trace, name, held)), a.mask, a.size_bounds)


def _define_running(name: str) -> None:
    @library(f"numpy.{name}")
    def total(trace: Trace, a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        no_out(trace, out)
        return running(trace, name, a, axis, dtype)


_define_running("cumsum")
_define_running("cumprod")


@library("numpy.diff")
def diff(trace: Trace, a: Any, n: Any = 1, axis: Any = -1) -> Any:
    """Subtract neighbours, n times."""
    a = arrayed(trace, a)
    if not is_static((n, axis)) or not isinstance(n, int) or not 0 <= n <= _MOST:
        trace.refuse(
            "JC406",
            "`n` and `axis` of np.diff must be known before run time",
            fix="write np.diff(x), or np.diff(x, axis=0)",
        )
    if is_static(a):
        return fold(trace, np.diff, a, n=n, axis=axis)
    if isinstance(a, Selected) and axis in (0, -a.values.ndim):
        for _ in range(n):
            later, earlier = (get_item(trace, a, part) for part in (slice(1, None), slice(-1)))
            a = ufunc(trace, "subtract", later, earlier, library=True)
        return a
    if isinstance(a, Selected):
        trace.refuse(
            "JC312",
            "np.diff of an array of run-time length is not supported yet",
            fix=fixes.SELECTED,
        )
    if not is_numeric(a) or as_tensor(a).ndim == 0:
        trace.refuse(
            "JC404",
            f"np.diff of {describe(a)}: NumPy raises ValueError",
            fix="give it a vector: np.diff(x)",
        )
    array, place = _along(trace, "diff", a, axis)
    name = "not_equal" if array.dtype == BOOL else "subtract"
    for _ in range(n):
        left, right = (
            Tensor(
                jnp.take(array.value, np.arange(max(array.shape[place] - 1, 0)) + shift, place),
                array.dtype,
                False,
                array.bounds,
            )
            for shift in (0, 1)
        )
        array = as_tensor(ufunc(trace, name, right, left, library=True))
    return numpy_number(array)


@library("numpy.average")
def average(
    trace: Trace,
    a: Any,
    axis: Any = None,
    weights: Any = None,
    returned: Any = False,
    *,
    keepdims: Any = False,
) -> Any:
    """Return the mean, or the weighted mean."""
    if returned is not False:
        trace.refuse("JC403", "np.average takes no `returned` here", fix=fixes.OPTION)
    a = arrayed(trace, a)
    if weights is None:
        return reduction(trace, "mean", a, axis, keepdims)
    w = arrayed(trace, weights)
    known = is_static((a, w, axis)) and is_numeric(a) and is_numeric(w)
    if known and not np.any(np.sum(w, axis=axis) == 0):
        return fold(trace, np.average, a, axis=axis, weights=w, keepdims=keepdims)
    if isinstance(a, Selected) or isinstance(w, Selected):
        trace.refuse(
            "JC312",
            "np.average of an array of run-time length is not supported yet",
            fix="write np.sum(np.where(mask, x * w, 0)) / np.sum(np.where(mask, w, 0))",
        )
    if not is_numeric(a) or not is_numeric(w):
        refuse_operands(trace, "average", a, w)
    array, weight = as_tensor(a), as_tensor(w)
    if array.shape != weight.shape:
        if weight.ndim != 1 or not isinstance(axis, int):
            trace.refuse(
                "JC405",
                "the weights of np.average have another shape: NumPy raises TypeError",
                fix=fixes.SHAPES,
            )
        if weight.shape[0] != array.shape[axis]:
            trace.refuse(
                "JC405",
                "the weights of np.average have another length: NumPy raises ValueError",
                fix=fixes.SHAPES,
            )
        sizes = [1] * array.ndim
        sizes[axis] = -1
        spread_out = jnp.broadcast_to(weight.value.reshape(sizes), array.shape)
        weight = Tensor(spread_out, weight.dtype, False, weight.bounds)
    kinds = [array.dtype, weight.dtype, *([np.dtype("f8")] if array.dtype.kind in "biu" else [])]
    dtype = np.result_type(*kinds)
    total = reduction(trace, "sum", cast(trace, weight, dtype), axis, keepdims)
    trace.raise_where(Fault.ZERO_DIVISION, jnp.any(as_tensor(total).value == 0))
    products = ufunc(trace, "multiply", cast(trace, array, dtype), cast(trace, weight, dtype))
    summed = reduction(trace, "sum", products, axis, keepdims)
    return ufunc(trace, "true_divide", summed, total, library=True)


@library("numpy.trapezoid")
def trapezoid(trace: Trace, y: Any, x: Any = None, dx: Any = 1.0) -> Any:
    """Return the area below points, by trapezoids, along the last axis."""
    y = arrayed(trace, y)
    if not is_numeric(y) or not as_tensor(y).ndim:
        refuse_operands(trace, "trapezoid", y)
    if as_tensor(y).dtype.kind == "b":
        trace.refuse(
            "JC404",
            "np.trapezoid of an array of bool: NumPy raises TypeError or adds truths",
            fix="convert first: y.astype(float)",
        )
    width = dx if x is None else diff(trace, arrayed(trace, x))

    def do(name: str, a: Any, b: Any) -> Any:
        return ufunc(trace, name, a, b, library=True)

    right = get_item(trace, y, (Ellipsis, slice(1, None)))
    left = get_item(trace, y, (Ellipsis, slice(None, -1)))
    areas = do("true_divide", do("multiply", width, do("add", right, left)), 2.0)
    return reduction(trace, "sum", areas, -1)
