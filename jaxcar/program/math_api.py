"""The names of the math module: Python floats in and out, with Python's errors as faults."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.program.casting import to_float, to_integer
from jaxcar.program.elementwise import divide, log2, log10
from jaxcar.program.elementwise import hypot as lengths
from jaxcar.program.faults import Fault
from jaxcar.program.operators import ufunc_power
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.values import BOOL, FLOAT, Tensor, as_tensor

CONSTANTS = {"math.pi": math.pi, "math.e": math.e, "math.inf": math.inf, "math.nan": math.nan}

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
}
_TESTS = {"isnan": jnp.isnan, "isinf": jnp.isinf, "isfinite": jnp.isfinite}


def _static(trace: Trace, name: str, *values: float) -> Any:
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
        x = to_float(trace, x)
        if not isinstance(x, Tensor):
            return _static(trace, name, x)
        if name.startswith("log"):
            trace.raise_where(Fault.ARITHMETIC, x.value <= 0)
            return Tensor(_UNARY[name](jnp.where(x.value > 0, x.value, 1.0)), FLOAT, True)
        return _checked(trace, _UNARY[name](x.value), x.value)


def _define_test(name: str) -> None:
    @library(f"math.{name}")
    def test(trace: Trace, x: Any) -> Any:
        x = to_float(trace, x)
        return (
            getattr(math, name)(x)
            if not isinstance(x, Tensor)
            else Tensor(_TESTS[name](x.value), BOOL, True)
        )


for _name in _UNARY:
    _define(_name)
for _name in _TESTS:
    _define_test(_name)


@library("math.log")
def log(trace: Trace, x: Any, base: Any = None) -> Any:
    """Return the natural logarithm, or that to a base."""
    x = to_float(trace, x)
    base = None if base is None else to_float(trace, base)
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
        if isinstance(x, Tensor) and x.dtype.kind == "f":
            return to_integer(trace, Tensor(rounding(x.value), x.dtype, x.python))
        if isinstance(x, Tensor):
            return to_integer(trace, x)
        if isinstance(x, int):
            return int(x)
        return _static(trace, name, to_float(trace, x))


_define_whole("floor", jnp.floor)
_define_whole("ceil", jnp.ceil)
_define_whole("trunc", jnp.trunc)


@library("math.hypot")
def hypot(trace: Trace, *coordinates: Any) -> Any:
    """Return the length of a vector."""
    values = [to_float(trace, x) for x in coordinates]
    if not any(isinstance(value, Tensor) for value in values):
        return _static(trace, "hypot", *values)
    result = jnp.abs(as_tensor(values[0]).value)
    for value in values[1:]:
        result = lengths(result, as_tensor(value).value)
    return Tensor(result, FLOAT, True)


@library("math.atan2")
def atan2(trace: Trace, y: Any, x: Any) -> Any:
    """Return the angle of the point (x, y)."""
    y, x = to_float(trace, y), to_float(trace, x)
    if not isinstance(x, Tensor) and not isinstance(y, Tensor):
        return _static(trace, "atan2", y, x)
    return Tensor(jnp.arctan2(as_tensor(y).value, as_tensor(x).value), FLOAT, True)


@library("math.pow")
def power(trace: Trace, x: Any, y: Any) -> Any:
    """Return a float power; math.pow raises ValueError where `**` gives a complex number."""
    x, y = to_float(trace, x), to_float(trace, y)
    if not isinstance(x, Tensor) and not isinstance(y, Tensor):
        return _static(trace, "pow", x, y)
    result = ufunc_power(trace, x, y, library=True)
    base, exponent = as_tensor(x).value, as_tensor(y).value
    pole = (base == 0) & (exponent < 0)
    trace.raise_where(Fault.ARITHMETIC, pole)
    return _checked(trace, jnp.where(pole, 0.0, result.value), base, exponent)
