"""NumPy's names that make arrays: from sequences, filled, joined, evenly spaced."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.casting import cast, stack
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold
from jaxcar.program.values import (
    ListValue,
    Selected,
    Tensor,
    as_tensor,
    is_numeric,
    is_static,
    shape_of,
    unwrap_static,
)
from jaxcar.program.wording import describe


def arrayed(trace: Trace, value: Any) -> Any:
    """Return a sequence as an array; numbers and arrays as they are."""
    value = trace.present(value)
    return stack(trace, value) if isinstance(value, (tuple, ListValue)) else value


def dtype_of(trace: Trace, value: Any, default: Any) -> np.dtype:
    """Return the dtype that a `dtype=` argument names."""
    if value is None:
        return np.dtype(default)
    if isinstance(value, np.dtype):
        return value
    if value in (bool, int, float) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value)
    if isinstance(value, str):
        try:
            return np.dtype(value)
        except TypeError:
            trace.refuse("JC403", f"{value!r} is not a dtype")
    trace.refuse("JC403", f"{describe(value)} is not a dtype")


def numpy_number(value: Any) -> Any:
    """Return a number as NumPy's, no longer Python's."""
    if isinstance(value, Tensor):
        return Tensor(value.value, value.dtype, False, value.bounds)
    return value


@library("numpy.array")
def array(trace: Trace, x: Any, dtype: Any = None) -> Any:
    """Make an array; a copy."""
    return asarray(trace, copied(x), dtype)


@library("numpy.asarray")
def asarray(trace: Trace, x: Any, dtype: Any = None) -> Any:
    """Make an array of numbers or sequences."""
    x = trace.present(x)
    wanted = None if dtype is None else dtype_of(trace, dtype, None)
    if isinstance(x, Selected):
        return x if wanted is None else astype(trace, x, wanted)
    made = stack(trace, x, wanted)
    if isinstance(made, Tensor):
        return numpy_number(made) if made.python is not False else made
    return np.asarray(made)


def copied(value: Any) -> Any:
    """Return an array with memory of its own; other values as they are."""
    if isinstance(value, Tensor):
        return Tensor(value.value, value.dtype, value.python, value.bounds)
    return value.copy() if isinstance(value, np.ndarray) else value


def astype(trace: Trace, value: Any, dtype: np.dtype) -> Any:
    """Convert an array, also one of run-time length."""
    if isinstance(value, Selected):
        return Selected(cast(trace, value.values, dtype), value.mask, value.size_bounds)
    return cast(trace, value, dtype)


def _shape(trace: Trace, shape: Any) -> tuple[int, ...]:
    shape = unwrap_static(shape) if is_static(shape) else shape
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in sizes):
        trace.refuse("JC406", "an array's shape must be whole numbers known before run time")
    result = tuple(int(n) for n in sizes)
    check_size(trace, result)
    return result


def _filled(trace: Trace, shape: tuple[int, ...], value: Any, dtype: np.dtype) -> Any:
    if is_static(value):
        return fold(trace, np.full, shape, value, dtype)
    cell = as_tensor(cast(trace, value, dtype))
    return Tensor(jnp.broadcast_to(cell.value, shape), dtype, False, cell.bounds)


@library("numpy.zeros")
def zeros(trace: Trace, shape: Any, dtype: Any = None) -> Any:
    """Make an array of zeros."""
    return _filled(trace, _shape(trace, shape), 0, dtype_of(trace, dtype, float))


@library("numpy.ones")
def ones(trace: Trace, shape: Any, dtype: Any = None) -> Any:
    """Make an array of ones."""
    return _filled(trace, _shape(trace, shape), 1, dtype_of(trace, dtype, float))


@library("numpy.full")
def full(trace: Trace, shape: Any, value: Any, dtype: Any = None) -> Any:
    """Make an array filled with a value."""
    value = trace.present(value)
    return _filled(trace, _shape(trace, shape), value, dtype_of(trace, dtype, _dtype(trace, value)))


def _dtype(trace: Trace, value: Any) -> np.dtype:
    if not is_numeric(value):
        trace.refuse("JC403", f"an array cannot be filled with {describe(value)}")
    return as_tensor(value).dtype


def _like(trace: Trace, x: Any, value: Any, dtype: Any) -> Any:
    x = arrayed(trace, x)
    if not is_numeric(x):
        trace.refuse("JC403", f"an array cannot be made like {describe(x)}")
    model = as_tensor(x)
    return _filled(trace, model.shape, value, dtype_of(trace, dtype, model.dtype))


@library("numpy.zeros_like")
def zeros_like(trace: Trace, x: Any, dtype: Any = None) -> Any:
    """Make zeros of the shape of x."""
    return _like(trace, x, 0, dtype)


@library("numpy.ones_like")
def ones_like(trace: Trace, x: Any, dtype: Any = None) -> Any:
    """Make ones of the shape of x."""
    return _like(trace, x, 1, dtype)


@library("numpy.full_like")
def full_like(trace: Trace, x: Any, value: Any, dtype: Any = None) -> Any:
    """Fill an array of the shape of x."""
    return _like(trace, x, trace.present(value), dtype)


@library("numpy.arange")
def arange(trace: Trace, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Make evenly spaced numbers."""
    if not is_static((start, stop, step)):
        trace.refuse("JC406", "the bounds of np.arange must be known before run time")
    first, last = (0, start) if stop is None else (start, stop)
    if not all(isinstance(x, (int, float, np.number)) for x in (first, last, step)) or step == 0:
        trace.refuse("JC403", "np.arange takes numbers and a step other than 0")
    if not all(math.isfinite(x) for x in (first, last, step)):
        trace.refuse("JC403", "np.arange takes finite numbers")
    check_size(trace, (max(0, int((last - first) / step) + 1),))
    kind = None if dtype is None else dtype_of(trace, dtype, None)
    return fold(trace, np.arange, first, last, step, dtype=kind)


def _parts(trace: Trace, arrays: Any) -> list[Tensor]:
    items = arrays.items if isinstance(arrays, ListValue) else arrays
    if not isinstance(items, (tuple, list)) or not items:
        trace.refuse("JC403", f"a sequence of arrays is needed, not {describe(arrays)}")
    parts = [arrayed(trace, item) for item in items]
    for part in parts:
        if not is_numeric(part):
            trace.refuse("JC403", f"a sequence of arrays is needed, not of {describe(part)}")
    check_size(trace, (sum(int(np.prod(shape_of(part))) for part in parts),))
    return [as_tensor(part) for part in parts]


def _join(trace: Trace, arrays: Any, axis: Any, function: Any, words: str) -> Any:
    parts = _parts(trace, arrays)
    if not isinstance(axis, int):
        trace.refuse("JC406", f"`axis` of np.{words} must be known before run time")
    dtype = np.result_type(*(part.dtype for part in parts))
    values = [Tensor(part.value, dtype).value for part in parts]
    try:
        joined = function(values, axis=axis)
    except (ValueError, TypeError):
        shapes = ", ".join(str(part.shape) for part in parts)
        trace.refuse("JC405", f"np.{words} of arrays of shapes {shapes} along axis {axis}")
    return Tensor(joined, dtype)


@library("numpy.stack")
def stack_arrays(trace: Trace, arrays: Any, axis: Any = 0) -> Any:
    """Join arrays along a new axis."""
    return _join(trace, arrays, axis, jnp.stack, "stack")


@library("numpy.concatenate")
def concatenate(trace: Trace, arrays: Any, axis: Any = 0) -> Any:
    """Join arrays along an axis."""
    return _join(trace, arrays, axis, jnp.concatenate, "concatenate")
