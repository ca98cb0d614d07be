"""Reductions with NumPy's result dtypes, over whole arrays, axes, and arrays of run-time length."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.axis_reductions import reduce_axes
from jaxcar.program.casting import astype, cast, stack
from jaxcar.program.choices import distribute
from jaxcar.program.choosing import where
from jaxcar.program.containers import ListValue
from jaxcar.program.masked import reduce_masked
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.tensors import BOOL, INT, Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold, ufunc
from jaxcar.program.uncertainty import check_place, error_of
from jaxcar.program.values import Choice, is_numeric, is_static, is_static_number
from jaxcar.program.windows import reduce_window
from jaxcar.program.wording import describe


def reduction(
    trace: Trace,
    name: str,
    array: Any,
    axis: Any = None,
    keepdims: Any = False,
    ddof: Any = 0,
    *,
    dtype: np.dtype | None = None,
    initial: Any = None,
    chosen: Any = None,
) -> Any:
    """Reduce as NumPy's function of this name does.

    Args:
        trace: the present tracing.
        name: all, any, sum, prod, mean, min, max, var, std, argmin, argmax or count_nonzero.
        array: a number, array, sequence of numbers, or array of run-time length.
        axis: None, an int or a tuple of ints, known while tracing.
        keepdims: whether reduced axes stay with size 1.
        ddof: delta degrees of freedom of var and std.
        dtype: the dtype to add or multiply in; None for NumPy's own.
        initial: what the reduction starts with, or None.
        chosen: NumPy's `where=`: the elements that count, or None.

    Returns:
        A known value, or a Tensor of NumPy's result dtype.
    """
    array = trace.present(array)
    if isinstance(array, (tuple, ListValue)):
        array = stack(trace, array)
    if not is_static(axis) or not is_static(keepdims) or not is_static(ddof):
        trace.refuse(
            "JC406", f"`axis` of np.{name} must be known before run time", fix=fixes.AXIS_CONSTANT
        )
    options = {"dtype": dtype, "initial": initial, "chosen": chosen}
    if isinstance(array, Choice):
        return distribute(
            trace, lambda x: reduction(trace, name, x, axis, keepdims, ddof, **options), array
        )
    if isinstance(array, Window):
        if any(option is not None for option in options.values()):
            trace.refuse(
                "JC403",
                f"np.{name} takes no dtype, initial or where of a part between run-time bounds",
                fix=fixes.OPTION,
            )
        _check_axis(trace, axis, array.values.ndim)
        return reduce_window(trace, name, array, axis, keepdims, ddof)
    if isinstance(array, Selected):
        _check_axis(trace, axis, array.values.ndim)
    if isinstance(axis, (ListValue, bool, float)):
        trace.refuse(
            "JC404",
            "`axis` is no int or tuple of ints: NumPy raises TypeError",
            fix=fixes.AXIS_CONSTANT,
        )
    if dtype is not None:
        array = _converted(trace, name, array, dtype)
        if dtype.kind in "iu" and not is_static(array):
            # Sums wrap around in any width alike.
            options["dtype"] = None
            wide = reduction(trace, name, array, axis, keepdims, **options)
            return astype(trace, wide, dtype)
    if chosen is not None:
        array = _only(trace, name, array, chosen)
    if initial is not None:
        return _started(trace, name, array, axis, keepdims, initial)
    return _reduced(trace, name, array, axis, keepdims, ddof, dtype)


def _reduced(
    trace: Trace,
    name: str,
    array: Any,
    axis: Any,
    keepdims: Any,
    ddof: Any,
    dtype: np.dtype | None,
) -> Any:
    """Reduce all elements of a number, an array or an array of run-time length."""
    given = array.values if isinstance(array, Selected) else array
    if name == "prod" and isinstance(given, Tensor) and given.dtype == np.float16:
        trace.refuse(
            "JC312",
            "np.prod of an array of float16 is not supported yet",
            fix="convert it: x.astype(float)",
        )
    if isinstance(array, Selected):
        if axis in (1, -1) and array.values.ndim == 2 and not keepdims:
            row = reduction(trace, name, array.values, 1, False, ddof)
            return Selected(as_tensor(row), array.mask, array.size_bounds)
        return reduce_masked(trace, name, array, axis, keepdims, ddof)
    if not is_numeric(array):
        refuse_operands(trace, name, array)
    if is_static(array):
        extra = {"ddof": ddof} if name in ("var", "std") else {}
        extra |= {} if dtype is None else {"dtype": dtype}
        return fold(trace, getattr(np, name), array, axis=axis, keepdims=keepdims, **extra)
    axes = _axes(trace, array, axis)
    if name in ("argmin", "argmax"):
        return _argument(trace, name, array, axis, axes, keepdims)
    if name in ("min", "max") and 0 in [array.shape[i] for i in axes]:
        trace.refuse(
            "JC404", f"np.{name} of an empty array: NumPy raises ValueError", fix=fixes.NOT_EMPTY
        )
    return reduce_axes(name, array, axes, bool(keepdims), ddof)


def _converted(trace: Trace, name: str, array: Any, dtype: np.dtype) -> Any:
    kinds = {"sum": "iuf", "prod": "iuf", "mean": "f"}.get(name, "")
    given = array.values if isinstance(array, Selected) else array
    source = as_tensor(given).dtype if is_numeric(given) else BOOL
    if dtype.kind not in kinds or (source.kind == "f" and dtype.kind != "f"):
        trace.refuse(
            "JC403",
            f"np.{name} does not take dtype={dtype} of {describe(array)} here",
            fix="convert it: x.astype(...), then reduce",
        )
    return astype(trace, array, dtype)


def _only(trace: Trace, name: str, array: Any, chosen: Any) -> Any:
    """Return an array in which what `where=` leaves out has no effect."""
    chosen = stack(trace, chosen) if isinstance(chosen, (tuple, ListValue)) else chosen
    neutral = {"sum": 0, "any": 0, "all": 1, "count_nonzero": 0}
    number = is_numeric(array) and is_numeric(chosen)
    if not number or name not in neutral or as_tensor(array).dtype.kind not in "biu":
        trace.refuse(
            "JC403",
            f"np.{name} takes no `where` here: sums of integers, any and all do",
            fix="select the elements first: x[mask]",
        )
    filler = as_tensor(array).dtype.type(neutral[name])
    return where(trace, chosen, array, filler)


def _started(trace: Trace, name: str, array: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    """Reduce with `initial=`: a first element."""
    given = array.values if isinstance(array, Selected) else array
    dtype = as_tensor(given).dtype if is_numeric(given) else BOOL
    whole = isinstance(initial, (int, np.integer)) and not isinstance(initial, bool)
    taken = name in ("min", "max") or (name == "sum" and dtype.kind in "iu" and whole)
    if not taken or isinstance(array, Selected) or not is_static_number(initial):
        trace.refuse(
            "JC403",
            f"np.{name} does not take `initial` of {describe(array)} here",
            fix="reduce without it, then combine: max(x.max(), start), x.sum() + start",
        )
    if name == "sum":
        return ufunc(trace, "add", reduction(trace, name, array, axis, keepdims), initial)
    # A Python number is as weak as NumPy's scalar of the array's own dtype.
    first = cast(trace, initial, dtype)
    if first != initial and first == first:
        trace.refuse(
            "JC403",
            f"np.{name} does not take initial={initial} of an array of {dtype} here",
            fix="give a number that the array can hold",
        )
    if is_static(array):
        return fold(trace, getattr(np, name), array, axis=axis, keepdims=keepdims, initial=initial)
    empty = 0 in [array.shape[i] for i in _axes(trace, array, axis)]
    if empty:
        trace.refuse(
            "JC312",
            f"np.{name} with `initial` of an empty array is not supported yet",
            fix="start with the array that is not empty: np.max(x) if x.size else 0",
        )
    pair = {"min": "minimum", "max": "maximum"}[name]
    return ufunc(trace, pair, reduction(trace, name, array, axis, keepdims), first, library=True)


def _check_axis(trace: Trace, axis: Any, ndim: int) -> None:
    """Refuse an axis that is no int or tuple of ints, or one that the array lacks."""
    wanted = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
    if not all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) for i in wanted):
        trace.refuse(
            "JC404",
            "`axis` is no int or tuple of ints: NumPy raises TypeError",
            fix=fixes.AXIS_CONSTANT,
        )
    if not all(-ndim <= i < ndim for i in wanted):
        trace.refuse(
            "JC405",
            f"axis {axis} is out of bounds for an array of {ndim} axes: NumPy raises AxisError",
            fix=fixes.AXIS,
        )


def _axes(trace: Trace, array: Tensor, axis: Any) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(array.ndim))
    wanted = axis if isinstance(axis, tuple) else (axis,)
    if any(not isinstance(i, (int, np.integer)) for i in wanted):
        trace.refuse(
            "JC404",
            "`axis` is no int or tuple of ints: NumPy raises TypeError",
            fix=fixes.AXIS_CONSTANT,
        )
    if any(not -array.ndim <= i < array.ndim for i in wanted):
        trace.refuse(
            "JC405",
            f"axis {axis} is out of bounds for {describe(array)}: NumPy raises AxisError",
            fix=fixes.AXIS,
        )
    return tuple(int(i) % array.ndim for i in wanted)


def _argument(
    trace: Trace, name: str, array: Tensor, axis: Any, axes: tuple[int, ...], keepdims: Any
) -> Tensor:
    if isinstance(axis, tuple):
        trace.refuse(
            "JC404",
            f"`axis` of np.{name} is a tuple: NumPy raises TypeError",
            fix=fixes.AXIS_CONSTANT,
        )
    value = array.value if axis is not None else array.value.reshape(-1)
    place = axes[0] if axis is not None else 0
    if value.shape[place] == 0:
        trace.refuse(
            "JC404", f"np.{name} of an empty array: NumPy raises ValueError", fix=fixes.NOT_EMPTY
        )
    best = getattr(jnp, name[3:])(value, axis=place, keepdims=True)
    # Not of the values themselves: XLA's argmax of 64 bits needs x64 when it is compiled.
    hits = (value == best) | (value != value)
    found = jax.lax.argmax(hits, place, jnp.int32)
    if axis is None and error_of(array) is not None:
        first = jnp.arange(array.value.size, dtype=jnp.int32) == found
        check_place(trace, array, best.reshape(()), first.reshape(array.shape))
    if keepdims:
        found = found.reshape([1 if i in axes else n for i, n in enumerate(array.shape)])
    return Tensor(found, INT, False, (0, value.shape[place] - 1))
