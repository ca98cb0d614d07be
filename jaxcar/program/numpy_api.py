"""NumPy's names: array construction, elementwise functions, reductions, searches."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.bits import from_bit
from jaxcar.program.casting import astype
from jaxcar.program.choosing import where
from jaxcar.program.comparison import compare_arrays
from jaxcar.program.construction import arrayed, numpy_number
from jaxcar.program.operators import binary, ufunc_power
from jaxcar.program.predicate import literal
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.searching import nonzero
from jaxcar.program.tensors import BOOL, Selected, Tensor, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import broadcast, fold, ufunc
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe

TYPES: dict[str, Any] = {
    **{
        name: getattr(np, name)
        for name in (
            *("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
            *("float16", "float32", "float64", "bool_", "bool", "ndarray", "integer", "floating"),
            *("half", "single", "double", "byte", "ubyte", "short", "ushort", "intc", "uintc"),
            *("int_", "intp", "uint", "uintp", "longlong", "ulonglong"),
        )
    },
    "euler_gamma": np.euler_gamma,
    "True_": np.True_,
    "False_": np.False_,
}
_UNARY = (
    *("absolute", "fabs", "sqrt", "square", "exp", "log", "log2", "log10", "sin", "cos", "tan"),
    *("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "floor", "ceil", "rint", "trunc"),
    *("sign", "logical_not", "isnan", "isinf", "isfinite", "negative", "positive", "invert"),
    *("log1p", "expm1", "exp2", "cbrt", "arcsinh", "arccosh", "arctanh", "signbit", "deg2rad"),
    *("rad2deg", "radians", "degrees"),
)
_BINARY = (
    *("arctan2", "hypot", "minimum", "maximum", "logical_and", "logical_or", "logical_xor"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "add", "subtract", "multiply", "divide"),
    *("floor_divide", "remainder", "equal", "not_equal", "less", "less_equal", "greater"),
    *("greater_equal", "true_divide", "left_shift", "right_shift", "fmod", "fmin", "fmax"),
    *("copysign", "heaviside", "logaddexp", "gcd", "lcm"),
)
_ALIASES = {
    **{"abs": "absolute", "mod": "remainder", "bitwise_not": "invert", "bitwise_invert": "invert"},
    **{"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"},
    **{"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"},
    **{"bitwise_left_shift": "left_shift", "bitwise_right_shift": "right_shift"},
}


def _operand(trace: Trace, x: Any) -> Any:
    """Return an argument as an array; a Python bool is NumPy's bool."""
    x = arrayed(trace, x)
    if isinstance(x, bool) or (isinstance(x, Tensor) and x.dtype == BOOL and x.mixed is None):
        return numpy_number(x)
    return x


def _define_unary(name: str, *others: str) -> None:
    @library(f"numpy.{name}", *(f"numpy.{other}" for other in others))
    def unary(trace: Trace, x: Any) -> Any:
        return ufunc(trace, name, _operand(trace, x), library=True)


def _define_binary(name: str, *others: str) -> None:
    @library(f"numpy.{name}", *(f"numpy.{other}" for other in others))
    def elementwise(trace: Trace, a: Any, b: Any) -> Any:
        return ufunc(trace, name, _operand(trace, a), _operand(trace, b), library=True)


def _others(name: str) -> tuple[str, ...]:
    return tuple(alias for alias, original in _ALIASES.items() if original == name)


for _name in _UNARY:
    _define_unary(_name, *_others(_name))
for _name in _BINARY:
    _define_binary(_name, *_others(_name))


@library("numpy.reciprocal")
def reciprocal(trace: Trace, x: Any) -> Any:
    """Return one divided by each element."""
    x = _operand(trace, x)
    given = x.values if isinstance(x, Selected) else x
    if is_numeric(given) and as_tensor(given).dtype.kind != "f":
        trace.refuse(
            "JC403",
            "np.reciprocal of integers divides as integers do: it is not taken here",
            fix="write 1.0 / x",
        )
    return ufunc(trace, "reciprocal", x, library=True)


@library("numpy.divmod")
def divmod_(trace: Trace, a: Any, b: Any) -> Any:
    """Return the quotient rounded down, and the remainder."""
    a, b = _operand(trace, a), _operand(trace, b)
    quotient = ufunc(trace, "floor_divide", a, b, library=True)
    return (quotient, ufunc(trace, "remainder", a, b, library=True))


def _define_infinity(name: str, value: float) -> None:
    @library(f"numpy.{name}")
    def infinite(trace: Trace, x: Any) -> Any:
        return ufunc(trace, "equal", _operand(trace, x), value, library=True)


_define_infinity("isposinf", np.inf)
_define_infinity("isneginf", -np.inf)


@library("numpy.power", "numpy.pow")
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
    if x is None or y is None:
        trace.refuse(
            "JC402",
            "np.where takes one or three arguments: NumPy raises ValueError",
            fix="call it as np.where(condition, x, y), or np.where(condition)",
        )
    return where(trace, condition, arrayed(trace, x), arrayed(trace, y))


@library("numpy.clip")
def clip(
    trace: Trace,
    a: Any,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,
    max: Any = None,
) -> Any:
    """Limit to low..high, as minimum(maximum(a, low), high)."""
    if out is not None or (min is not None and a_min is not None):
        trace.refuse(
            "JC403",
            "np.clip takes an array and two bounds, and no `out`",
            fix="call it as np.clip(x, low, high)",
        )
    low, high = a_min if min is None else min, a_max if max is None else max
    a = arrayed(trace, a)
    if low is None and high is None:
        return numpy_number(a)
    if is_static((a, low, high)):
        return fold(trace, np.clip, a, low, high)
    for name, bound in (("maximum", low), ("minimum", high)):
        if bound is not None:
            a = ufunc(trace, name, a, _clip_bound(a, arrayed(trace, bound)), library=True)
    return a


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
def array_equal(trace: Trace, a1: Any, a2: Any, equal_nan: Any = False) -> Any:
    """Return a Python bool: whether shapes and all elements are equal."""
    a, b = arrayed(trace, a1), arrayed(trace, a2)
    if not isinstance(equal_nan, bool):
        trace.refuse("JC406", "`equal_nan` must be known before run time", fix=fixes.CONSTANT)
    if is_static((a, b)):
        return fold(trace, np.array_equal, a, b, equal_nan=equal_nan)
    if isinstance(a, Selected) or isinstance(b, Selected):
        trace.refuse(
            "JC312",
            "np.array_equal of arrays of run-time length is not supported yet",
            fix="compare the masks, or counts and values: np.array_equal(mask_a, mask_b)",
        )
    left, right = as_tensor(a), as_tensor(b)
    if left.shape != right.shape:
        return False
    equal = as_tensor(compare_arrays(trace, "equal", a, b)).value
    if equal_nan and left.dtype.kind == right.dtype.kind == "f":
        equal |= jnp.isnan(left.value) & jnp.isnan(right.value)
    return from_bit(literal(jnp.all(equal)))


@library("numpy.isclose")
def isclose(
    trace: Trace, a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: Any = False
) -> Any:
    """Return whether elements are equal within a tolerance."""
    values = [arrayed(trace, x) for x in (a, b, rtol, atol)]
    if is_static(tuple(values)):
        return fold(trace, np.isclose, *values, equal_nan=equal_nan)
    if any(not is_numeric(value) for value in values):
        refuse_operands(trace, "isclose", *values)
    broadcast(trace, "isclose", [shape_of(value) for value in values])
    if not isinstance(equal_nan, bool):
        trace.refuse("JC406", "`equal_nan` must be known before run time", fix=fixes.CONSTANT)

    def do(name: str, *operands: Any) -> Any:
        return ufunc(trace, name, *operands, library=True)

    x, y, relative, absolute = values
    if as_tensor(y).python is False:
        y = astype(trace, as_tensor(y), np.result_type(as_tensor(y).dtype, 1.0))
    slack = do("add", absolute, do("multiply", relative, do("absolute", y)))
    close = do("less_equal", do("absolute", do("subtract", x, y)), slack)
    close = do("logical_and", close, do("isfinite", y))
    close = do("logical_or", close, do("equal", x, y))
    if equal_nan:
        close = do("logical_or", close, do("logical_and", do("isnan", x), do("isnan", y)))
    return close


@library("numpy.allclose")
def allclose(
    trace: Trace, a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: Any = False
) -> Any:
    """Return a Python bool: whether all elements are equal within a tolerance."""
    close = isclose(trace, a, b, rtol, atol, equal_nan)
    if is_static(close):
        return bool(np.all(close))
    return from_bit(literal(jnp.all(close.value)))


@library("numpy.round", "numpy.around")
def round_(trace: Trace, a: Any, decimals: Any = 0) -> Any:
    """Round, ties to even."""
    a = arrayed(trace, a)
    if not isinstance(decimals, int) or abs(decimals) > 300:
        trace.refuse(
            "JC403",
            "np.round takes a small number of decimals known before run time",
            fix="write the decimals as a number: np.round(x, 2)",
        )
    if is_static((a, decimals)):
        return fold(trace, np.round, a, decimals)
    if isinstance(a, Selected):
        trace.refuse(
            "JC312",
            "np.round of an array of run-time length is not supported yet",
            fix="round before selecting: np.round(a)[mask]",
        )
    if as_tensor(a).dtype.kind in "iu" and decimals >= 0:
        return numpy_number(as_tensor(a))
    if decimals < 0 or as_tensor(a).dtype.kind not in "f":
        trace.refuse(
            "JC403",
            f"np.round does not take {decimals} decimals of {describe(a)} here",
            fix="write np.round(x / 10) * 10 for tens",
        )
    if decimals == 0:
        return ufunc(trace, "rint", a, library=True)
    scale = 10.0**decimals
    scaled = ufunc(trace, "rint", ufunc(trace, "multiply", a, scale, library=True), library=True)
    return ufunc(trace, "true_divide", scaled, scale, library=True)


@library("numpy.nan_to_num")
def nan_to_num(
    trace: Trace, x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Replace nan and infinities by numbers."""
    x = arrayed(trace, x)
    if copy is not True or not is_static((nan, posinf, neginf)):
        trace.refuse(
            "JC403",
            "np.nan_to_num takes no copy=False, and constants for nan, posinf and neginf",
            fix="call it as np.nan_to_num(x, nan=0.0), and assign the result",
        )
    if is_static(x):
        return fold(trace, np.nan_to_num, x, nan=nan, posinf=posinf, neginf=neginf)
    given = x.values if isinstance(x, Selected) else as_tensor(x)
    if isinstance(x, Selected):
        return Selected(nan_to_num(trace, given, copy, nan, posinf, neginf), x.mask, x.size_bounds)
    if given.dtype.kind != "f":
        return numpy_number(given)
    info = np.finfo(given.dtype)
    value = given.value
    for hit, number, default in (
        (jnp.isnan(value), nan, 0.0),
        (value == np.inf, posinf, info.max),
        (value == -np.inf, neginf, info.min),
    ):
        filler = np.asarray(default if number is None else number).astype(given.dtype)
        value = jnp.where(hit, jnp.asarray(filler), value)
    return Tensor(value, given.dtype)
