"""NumPy's names: array construction, elementwise functions, reductions, searches."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.comparison import compare_arrays
from jaxcar.program.construction import arrayed, astype, numpy_number
from jaxcar.program.elementwise import near
from jaxcar.program.operators import binary, ufunc_power
from jaxcar.program.predicate import literal
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold, from_bit, ufunc, where
from jaxcar.program.values import (
    BOOL,
    FLOAT,
    INT,
    Selected,
    Tensor,
    as_tensor,
    is_numeric,
    is_static,
)
from jaxcar.program.wording import describe

TYPES: dict[str, type] = {
    **{
        name: getattr(np, name)
        for name in (
            *("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
            *("float32", "float64", "bool_", "ndarray", "integer", "floating"),
        )
    },
    "int_": np.int64,
    "intp": np.int64,
}
_UNARY = (
    *("absolute", "fabs", "sqrt", "square", "exp", "log", "log2", "log10", "sin", "cos", "tan"),
    *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "floor", "ceil", "rint", "trunc"),
    *("sign", "logical_not", "isnan", "isinf", "isfinite"),
)
_BINARY = (
    *("arctan2", "hypot", "minimum", "maximum", "logical_and", "logical_or", "logical_xor"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "add", "subtract", "multiply", "divide"),
    *("floor_divide", "remainder", "equal", "not_equal", "less", "less_equal", "greater"),
    "greater_equal",
)
_REDUCTIONS = ("any", "all", "sum", "prod", "mean", "std", "var", "min", "max", "argmin", "argmax")
_ALIASES = {"abs": "absolute", "mod": "remainder", "amin": "min", "amax": "max"}


def _define_unary(name: str, *others: str) -> None:
    @library(f"numpy.{name}", *(f"numpy.{other}" for other in others))
    def unary(trace: Trace, x: Any) -> Any:
        return ufunc(trace, name, arrayed(trace, x), library=True)


def _define_binary(name: str, *others: str) -> None:
    @library(f"numpy.{name}", *(f"numpy.{other}" for other in others))
    def elementwise(trace: Trace, a: Any, b: Any) -> Any:
        return ufunc(trace, name, arrayed(trace, a), arrayed(trace, b), library=True)


def _define_reduction(name: str, *others: str) -> None:
    paths = (f"numpy.{name}", *(f"numpy.{other}" for other in others))
    if name in ("std", "var"):

        @library(*paths)
        def deviation(
            trace: Trace, a: Any, axis: Any = None, ddof: Any = 0, keepdims: Any = False
        ) -> Any:
            return reduction(trace, name, a, axis, keepdims, ddof)

        return

    @library(*paths)
    def reduce(trace: Trace, a: Any, axis: Any = None, keepdims: Any = False) -> Any:
        return reduction(trace, name, a, axis, keepdims)


def _others(name: str) -> tuple[str, ...]:
    return tuple(alias for alias, original in _ALIASES.items() if original == name)


for _name in _UNARY:
    _define_unary(_name, *_others(_name))
for _name in _BINARY:
    _define_binary(_name, *_others(_name))
for _name in _REDUCTIONS:
    _define_reduction(_name, *_others(_name))


@library("numpy.count_nonzero")
def count_nonzero(trace: Trace, a: Any, axis: Any = None) -> Any:
    """Count the true elements."""
    return reduction(trace, "count_nonzero", a, axis)


@library("numpy.power")
def power(trace: Trace, a: Any, b: Any) -> Any:
    """Raise to a power as NumPy does."""
    a, b = arrayed(trace, a), arrayed(trace, b)
    kinds = [as_tensor(x).dtype.kind for x in (a, b) if is_numeric(x)]
    if not is_static((a, b)) and all(kind in "biu" for kind in kinds):
        return numpy_number(binary(trace, "power", a, b))
    return ufunc_power(trace, a, b, library=True)


@library("numpy.where")
def where_(trace: Trace, condition: Any, x: Any = None, y: Any = None) -> Any:
    """Choose elementwise; with one argument, find the true elements."""
    condition = arrayed(trace, condition)
    if x is None and y is None:
        return nonzero(trace, condition)
    return where(trace, condition, arrayed(trace, x), arrayed(trace, y))


def _mask(trace: Trace, x: Any) -> Tensor:
    x = arrayed(trace, x)
    if isinstance(x, Selected):
        trace.refuse("JC312", "searching an array of run-time length is not supported yet")
    if not is_numeric(x) or as_tensor(x).ndim == 0:
        trace.refuse("JC404", f"the true elements of {describe(x)} are asked for")
    mask = as_tensor(x)
    return mask if mask.dtype == BOOL else Tensor(mask.value != 0, BOOL)


@library("numpy.nonzero")
def nonzero(trace: Trace, x: Any) -> Any:
    """Return the coordinates of the true elements, one array per axis."""
    mask = _mask(trace, x)
    flat = mask.value.reshape(-1)
    result = []
    for axis, size in enumerate(mask.shape):
        places = jax.lax.broadcasted_iota(jnp.int32, mask.shape, axis).reshape(-1)
        column = Tensor(places, INT, False, (0, max(size - 1, 0)))
        result.append(Selected(column, flat, (0, flat.shape[0])))
    return tuple(result)


@library("numpy.flatnonzero")
def flatnonzero(trace: Trace, x: Any) -> Any:
    """Return the positions of the true elements of the flattened array."""
    mask = _mask(trace, x)
    return nonzero(trace, Tensor(mask.value.reshape(-1), BOOL))[0]


@library("numpy.argwhere")
def argwhere(trace: Trace, x: Any) -> Any:
    """Return the coordinates of the true elements, one row each."""
    columns = nonzero(trace, x)
    values = jnp.stack([column.values.value for column in columns], axis=-1)
    high = max(column.values.bounds[1] for column in columns)
    rows = Tensor(values, INT, False, (0, high))
    return Selected(rows, columns[0].mask, columns[0].size_bounds)


@library("numpy.clip")
def clip(trace: Trace, x: Any, low: Any, high: Any) -> Any:
    """Limit to low..high, as minimum(maximum(x, low), high)."""
    x = arrayed(trace, x)
    if is_static((x, low, high)):
        return fold(trace, np.clip, x, low, high)
    for name, bound in (("maximum", low), ("minimum", high)):
        if bound is not None:
            x = ufunc(trace, name, x, _clip_bound(x, arrayed(trace, bound)), library=True)
    return x


def _clip_bound(x: Any, bound: Any) -> Any:
    """Return a Python int bound within an integer array's range: np.clip ignores the excess."""
    dtype = x.dtype if isinstance(x, (Tensor, np.ndarray, np.generic)) else None
    if isinstance(x, Tensor) and x.python is not False:
        return bound
    if dtype is None or dtype.kind not in "iu" or not isinstance(bound, int):
        return bound
    info = np.iinfo(dtype)
    return min(max(bound, int(info.min)), int(info.max))


@library("numpy.array_equal")
def array_equal(trace: Trace, a: Any, b: Any) -> Any:
    """Return a Python bool: whether shapes and all elements are equal."""
    a, b = arrayed(trace, a), arrayed(trace, b)
    if is_static((a, b)):
        return fold(trace, np.array_equal, a, b)
    if isinstance(a, Selected) or isinstance(b, Selected):
        trace.refuse("JC312", "np.array_equal of arrays of run-time length is not supported yet")
    left, right = as_tensor(a), as_tensor(b)
    if left.shape != right.shape:
        return False
    return from_bit(literal(jnp.all(as_tensor(compare_arrays(trace, "equal", a, b)).value)))


@library("numpy.isclose")
def isclose(trace: Trace, a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08) -> Any:
    """Return whether elements are equal within a tolerance."""
    values = [arrayed(trace, x) for x in (a, b, rtol, atol)]
    if is_static(tuple(values)):
        return fold(trace, np.isclose, *values)
    if any(not is_numeric(value) for value in values):
        trace.refuse("JC404", "np.isclose takes numbers and arrays")
    shapes = [as_tensor(value).value.astype(FLOAT) for value in values]
    return Tensor(near(*shapes), BOOL)


@library("numpy.allclose")
def allclose(trace: Trace, a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08) -> Any:
    """Return a Python bool: whether all elements are equal within a tolerance."""
    close = isclose(trace, a, b, rtol, atol)
    if is_static(close):
        return bool(np.all(close))
    return from_bit(literal(jnp.all(close.value)))


@library("numpy.dot")
def dot(trace: Trace, a: Any, b: Any) -> Any:
    """Return the inner product of vectors, or of a matrix and a vector or matrix."""
    a, b = arrayed(trace, a), arrayed(trace, b)
    if is_static((a, b)):
        check_size(trace, (np.size(a), np.shape(b)[-1] if np.ndim(b) > 1 else 1))
        return fold(trace, np.dot, a, b)
    if not is_numeric(a) or not is_numeric(b):
        trace.refuse("JC404", f"np.dot of {describe(a)} and {describe(b)}")
    left, right = as_tensor(a), as_tensor(b)
    if left.ndim == 0 or right.ndim == 0:
        return ufunc(trace, "multiply", a, b, library=True)
    if left.ndim > 2 or right.ndim > 2 or left.shape[-1] != right.shape[0]:
        trace.refuse("JC405", f"np.dot of shapes {left.shape} and {right.shape}")
    dtype = np.result_type(left.dtype, right.dtype)
    if dtype == BOOL:
        trace.refuse("JC404", "np.dot of boolean arrays is not supported yet")
    x, y = left.value.astype(dtype), right.value.astype(dtype)
    # Products and sums, not XLA's dot, which needs x64 for 64 bits when it is compiled.
    y = jnp.moveaxis(y, 0, -1) if y.ndim == 2 else y
    x = x[:, None, :] if left.ndim == right.ndim == 2 else x
    check_size(trace, np.broadcast_shapes(x.shape, y.shape))
    return Tensor(jnp.sum(x * y, axis=-1, dtype=dtype), dtype)


@library("numpy.linalg.norm")
def norm(trace: Trace, x: Any, ord: Any = None, axis: Any = None) -> Any:
    """Return the Euclidean length, of the whole array or along one axis."""
    x = arrayed(trace, x)
    if not (ord is None or (ord == 2 and (axis is not None or np.ndim(unwrap(x)) == 1))):
        trace.refuse(
            "JC403", "only the Euclidean norm (ord=None, or 2 of vectors) is supported yet"
        )
    if is_static((x, axis)):
        return fold(trace, np.linalg.norm, x, axis=axis)
    values = x.values if isinstance(x, Selected) else as_tensor(x)
    wide = FLOAT if values.dtype.kind in "biu" else values.dtype
    real = astype(trace, x if isinstance(x, Selected) else values, wide)
    squared = reduction(trace, "sum", ufunc(trace, "square", real, library=True), axis)
    return ufunc(trace, "sqrt", squared, library=True)


def unwrap(value: Any) -> Any:
    """Return what carries a value, for its number of axes."""
    if isinstance(value, Selected):
        return value.values.value
    return value.value if isinstance(value, Tensor) else value


@library("numpy.round")
def round_(trace: Trace, x: Any, decimals: Any = 0) -> Any:
    """Round, ties to even."""
    x = arrayed(trace, x)
    if not isinstance(decimals, int) or abs(decimals) > 300:
        trace.refuse("JC403", "np.round takes a small number of decimals known before run time")
    if is_static((x, decimals)):
        return fold(trace, np.round, x, decimals)
    if isinstance(x, Selected):
        trace.refuse("JC312", "np.round of an array of run-time length is not supported yet")
    if as_tensor(x).dtype.kind in "iu" and decimals >= 0:
        return numpy_number(as_tensor(x))
    if decimals < 0 or as_tensor(x).dtype.kind not in "f":
        trace.refuse(
            "JC403", f"np.round of {describe(x)} to {decimals} decimals is not supported yet"
        )
    if decimals == 0:
        return ufunc(trace, "rint", x, library=True)
    scale = 10.0**decimals
    scaled = ufunc(trace, "rint", ufunc(trace, "multiply", x, scale, library=True), library=True)
    return ufunc(trace, "true_divide", scaled, scale, library=True)
