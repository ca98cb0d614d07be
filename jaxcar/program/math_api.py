"""The names of the math module: Python floats in and out, with Python's errors as faults."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from jaxcar.program.casting import refuse_number, to_float, to_integer
from jaxcar.program.elementwise import cbrt, divide, exp2, expm1, log2, log10
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import known_items
from jaxcar.program.lengths import exact_sum, vector_length
from jaxcar.program.operators import binary, ufunc_power
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, FLOAT, Tensor, as_tensor
from jaxcar.program.trace import Trace

CONSTANTS = {f"math.{name}": getattr(math, name) for name in ("pi", "e", "tau", "inf", "nan")}

_UNARY = {
    "exp": jnp.exp,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "tan": jnp.tan,
    "atan": jnp.arctan,
    "tanh": jnp.tanh,
    "fabs": jnp.abs,
    "degrees": lambda x: x * (180.0 / math.pi),
    "radians": lambda x: x * (math.pi / 180.0),
    "sqrt": jnp.sqrt,
    "log2": log2,
    "log10": log10,
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "sinh": jnp.sinh,
    "cosh": jnp.cosh,
    "asinh": jnp.arcsinh,
    "acosh": jnp.arccosh,
    "cbrt": cbrt,
    "exp2": exp2,
    "expm1": expm1,
    "erf": jax.scipy.special.erf,
    "erfc": jax.scipy.special.erfc,
}
# Where the function has no finite value, and CPython raises ValueError.
_POLES: dict[str, tuple[Any, Any]] = {
    "log1p": (lambda x: x <= -1, jnp.log1p),
    "atanh": (lambda x: jnp.abs(x) >= 1, jnp.arctanh),
}
_TESTS = {"isnan": jnp.isnan, "isinf": jnp.isinf, "isfinite": jnp.isfinite}


def _static(trace: Trace, name: str, *values: Any) -> Any:
    try:
        return getattr(math, name)(*values)
    except ValueError:
        trace.raise_where(Fault.ARITHMETIC, True)
    except OverflowError:
        trace.raise_where(Fault.OVERFLOW, True)
    except ZeroDivisionError:
        trace.raise_where(Fault.ZERO_DIVISION, True)
    return 0.0


def _checked(trace: Trace, result: jax.Array, *operands: jax.Array) -> Tensor:
    """Raise where finite operands gave nan (ValueError) or infinity (OverflowError)."""
    finite = jnp.bool_(True)
    for operand in operands:
        finite &= jnp.isfinite(operand)
    known = jnp.bool_(True)
    for operand in operands:
        known &= ~jnp.isnan(operand)
    trace.raise_where(Fault.ARITHMETIC, known & jnp.isnan(result))
    trace.raise_where(Fault.OVERFLOW, finite & jnp.isinf(result))
    return Tensor(result, FLOAT, True)


def _define(name: str) -> None:
    @library(f"math.{name}")
    def unary(trace: Trace, x: Any) -> Any:
        x = to_float(trace, x, f"math.{name}")
        if not isinstance(x, Tensor):
            return _static(trace, name, x)
        if name in _POLES:
            pole, function = _POLES[name]
            trace.raise_where(Fault.ARITHMETIC, pole(x.value))
            return Tensor(function(jnp.where(pole(x.value), 0.0, x.value)), FLOAT, True)
        if name.startswith("log"):
            trace.raise_where(Fault.ARITHMETIC, x.value <= 0)
            return Tensor(_UNARY[name](jnp.where(x.value > 0, x.value, 1.0)), FLOAT, True)
        return _checked(trace, _UNARY[name](x.value), x.value)


def _define_test(name: str) -> None:
    @library(f"math.{name}")
    def test(trace: Trace, x: Any) -> Any:
        x = to_float(trace, x, f"math.{name}")
        return (
            getattr(math, name)(x)
            if not isinstance(x, Tensor)
            else Tensor(_TESTS[name](x.value), BOOL, True)
        )


for _name in (*_UNARY, *_POLES):
    _define(_name)
for _name in _TESTS:
    _define_test(_name)


@library("math.log")
def log(trace: Trace, x: Any, base: Any = None) -> Any:
    """Return the natural logarithm, or that to a base."""
    x = to_float(trace, x, "math.log")
    base = None if base is None else to_float(trace, base, "math.log")
    if not isinstance(x, Tensor) and not isinstance(base, Tensor):
        return _static(trace, "log", x) if base is None else _static(trace, "log", x, base)
    value = as_tensor(x).value
    trace.raise_where(Fault.ARITHMETIC, value <= 0)
    result = jnp.log(jnp.where(value > 0, value, 1.0))
    if base is None:
        return Tensor(result, FLOAT, True)
    radix = as_tensor(base).value
    trace.raise_where(Fault.ARITHMETIC, radix <= 0)
    trace.raise_where(Fault.ZERO_DIVISION, radix == 1)
    divisor = jnp.log(jnp.where((radix > 0) & (radix != 1), radix, 2.0))
    return Tensor(divide(result, divisor), FLOAT, True)


def _define_whole(name: str, rounding: Any) -> None:
    @library(f"math.{name}")
    def whole(trace: Trace, x: Any) -> Any:
        x = trace.present(x)
        if isinstance(x, Tensor) and x.ndim:
            refuse_number(trace, x, f"math.{name}")
        if isinstance(x, Tensor) and x.dtype.kind == "f":
            return to_integer(trace, Tensor(rounding(x.value), x.dtype, x.python))
        if isinstance(x, Tensor):
            return to_integer(trace, x)
        if isinstance(x, int):
            return int(x)
        return _static(trace, name, to_float(trace, x, f"math.{name}"))


_define_whole("floor", jnp.floor)
_define_whole("ceil", jnp.ceil)
_define_whole("trunc", jnp.trunc)


@library("math.hypot")
def hypot(trace: Trace, *coordinates: Any) -> Any:
    """Return the length of a vector."""
    values = [to_float(trace, x, "math.hypot") for x in coordinates]
    if not any(isinstance(value, Tensor) for value in values):
        return _static(trace, "hypot", *values)
    return _length([as_tensor(value).value for value in values])


def _length(parts: list[jax.Array]) -> Tensor:
    return Tensor(vector_length(parts), FLOAT, True)


@library("math.atan2")
def atan2(trace: Trace, y: Any, x: Any) -> Any:
    """Return the angle of the point (x, y)."""
    y, x = (to_float(trace, value, "math.atan2") for value in (y, x))
    if not isinstance(x, Tensor) and not isinstance(y, Tensor):
        return _static(trace, "atan2", y, x)
    return Tensor(jnp.arctan2(as_tensor(y).value, as_tensor(x).value), FLOAT, True)


@library("math.pow")
def power(trace: Trace, x: Any, y: Any) -> Any:
    """Return a float power; math.pow raises ValueError where `**` gives a complex number."""
    x, y = (to_float(trace, value, "math.pow") for value in (x, y))
    if not isinstance(x, Tensor) and not isinstance(y, Tensor):
        return _static(trace, "pow", x, y)
    result = ufunc_power(trace, x, y, library=True)
    base, exponent = as_tensor(x).value, as_tensor(y).value
    pole = (base == 0) & (exponent < 0)
    trace.raise_where(Fault.ARITHMETIC, pole)
    return _checked(trace, jnp.where(pole, 0.0, result.value), base, exponent)


@library("math.dist")
def dist(trace: Trace, p: Any, q: Any) -> Any:
    """Return the length of the difference of two points."""
    points = [known_items(trace, point, "a point") for point in (p, q)]
    if len(points[0]) != len(points[1]):
        trace.refuse(
            "JC405",
            "math.dist of points of different lengths: Python raises ValueError",
            fix="give both as many coordinates: p[:2], q[:2]",
        )
    rows = [[to_float(trace, x, "math.dist") for x in point] for point in points]
    if not any(isinstance(x, Tensor) for row in rows for x in row):
        return _static(trace, "dist", *rows)
    pairs = zip(*rows, strict=True)
    return _length([as_tensor(x).value - as_tensor(y).value for x, y in pairs])


def _define_pair(name: str, function: Any) -> None:
    @library(f"math.{name}")
    def pair(trace: Trace, x: Any, y: Any) -> Any:
        x, y = (to_float(trace, value, f"math.{name}") for value in (x, y))
        if not isinstance(x, Tensor) and not isinstance(y, Tensor):
            return _static(trace, name, x, y)
        a, b = as_tensor(x).value, as_tensor(y).value
        if name != "copysign":
            bad = (jnp.isinf(a) | (b == 0)) & ~jnp.isnan(a) & ~jnp.isnan(b)
            trace.raise_where(Fault.ARITHMETIC, bad)
        return Tensor(function(a, b), FLOAT, True)


def _remainder(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return IEEE 754's remainder, as `m_remainder` in Modules/mathmodule.c."""
    size, step = jnp.abs(a), jnp.abs(b)
    rest = lax.rem(size, step)
    other = step - rest
    even = rest - 2.0 * lax.rem(0.5 * (size - rest), step)
    near = jnp.where(rest < other, rest, jnp.where(rest > other, -other, even))
    result = jnp.copysign(jnp.ones_like(a), a) * near
    result = jnp.where(jnp.isinf(b) & jnp.isfinite(a), a, result)
    return jnp.where(jnp.isnan(a) | jnp.isnan(b), jnp.nan, result)


_define_pair("copysign", jnp.copysign)
_define_pair("fmod", lax.rem)
_define_pair("remainder", _remainder)


@library("math.modf")
def modf(trace: Trace, x: Any) -> Any:
    """Return the fraction and the whole part, both floats with the sign of x."""
    x = to_float(trace, x, "math.modf")
    if not isinstance(x, Tensor):
        return _static(trace, "modf", x)
    value = x.value
    whole = jnp.trunc(value)
    rest = jnp.where(jnp.isinf(value), 0.0, value - whole)
    return (Tensor(jnp.copysign(rest, value), FLOAT, True), Tensor(whole, FLOAT, True))


@library("math.isclose")
def isclose(trace: Trace, a: Any, b: Any, *, rel_tol: Any = 1e-09, abs_tol: Any = 0.0) -> Any:
    """Return whether two numbers are equal within a tolerance."""
    values = [to_float(trace, x, "math.isclose") for x in (a, b, rel_tol, abs_tol)]
    if not any(isinstance(value, Tensor) for value in values):
        try:
            return math.isclose(*values[:2], rel_tol=values[2], abs_tol=values[3])
        except ValueError:
            trace.raise_where(Fault.VALUE, True)
            return False
    x, y, relative, absolute = (as_tensor(value).value for value in values)
    trace.raise_where(Fault.VALUE, (relative < 0) | (absolute < 0))
    gap = jnp.abs(y - x)
    near = gap <= jnp.abs(relative * y)
    near |= gap <= jnp.abs(relative * x)
    near |= gap <= absolute
    infinite = jnp.isinf(x) | jnp.isinf(y)
    return Tensor((x == y) | (near & ~infinite), BOOL, True)


@library("math.fsum")
def fsum(trace: Trace, seq: Any) -> Any:
    """Return the sum of floats, rounded once."""
    values = [to_float(trace, x, "math.fsum") for x in known_items(trace, seq, "a sequence")]
    if not any(isinstance(value, Tensor) for value in values):
        return _static(trace, "fsum", values)
    array = jnp.stack([as_tensor(value).value for value in values])
    positive, negative = jnp.any(array == jnp.inf), jnp.any(array == -jnp.inf)
    trace.raise_where(Fault.ARITHMETIC, positive & negative)
    finite = jnp.all(jnp.isfinite(array))
    # What CPython says of a sum that leaves the range on the way depends on the order.
    large = jnp.isinf(jnp.sum(jnp.abs(array)))
    trace.raise_where(Fault.INTEGER_LIMIT, finite & large)
    total, _ = exact_sum(jnp.where(finite, array, 0.0))
    special = jnp.where(positive, jnp.inf, jnp.where(negative, -jnp.inf, jnp.nan))
    special = jnp.where(jnp.any(jnp.isnan(array)), jnp.nan, special)
    return Tensor(jnp.where(finite, total, special), FLOAT, True)


@library("math.prod")
def prod(trace: Trace, iterable: Any, *, start: Any = 1) -> Any:
    """Multiply the elements, one by one."""
    result = start
    for item in known_items(trace, iterable, "a sequence"):
        result = binary(trace, "multiply", result, item)
    return result
