"""The operations of elementwise functions, on operands of the dtype that NumPy would compute in."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import lax

Array = jax.Array


def _floor_divide(a: Array, b: Array) -> Array:
    if not jnp.issubdtype(a.dtype, jnp.floating):
        safe = jnp.where(b == 0, jnp.ones_like(b), b)
        return jnp.where(b == 0, jnp.zeros_like(a), jnp.floor_divide(a, safe))
    # CPython's float_divmod, Objects/floatobject.c; NumPy's npy_divmod agrees with it.
    modulus = lax.rem(a, b)
    quotient = divide(a - modulus, b)
    quotient = jnp.where((modulus != 0) & ((b < 0) != (modulus < 0)), quotient - 1, quotient)
    floored = jnp.floor(quotient)
    floored = jnp.where(quotient - floored > 0.5, floored + 1, floored)
    return jnp.where(
        b == 0, divide(a, b), jnp.where(quotient != 0, floored, jnp.copysign(0, a / b))
    )


def _remainder(a: Array, b: Array) -> Array:
    if not jnp.issubdtype(a.dtype, jnp.floating):
        safe = jnp.where(b == 0, jnp.ones_like(b), b)
        return jnp.where(b == 0, jnp.zeros_like(a), jnp.remainder(a, safe))
    modulus = lax.rem(a, b)
    shifted = jnp.where((b < 0) != (modulus < 0), modulus + b, modulus)
    return jnp.where(modulus != 0, shifted, jnp.copysign(jnp.zeros_like(b), b))


def divide(a: Array, b: Array) -> Array:
    """Return the correctly rounded quotient of two arrays of one float dtype.

    XLA turns division by a constant, and by whatever it broadcasts (such as one divisor for all
    lanes), into multiplication by the rounded reciprocal. So the divisor is made to depend on the
    dividend, in a way that changes no result: nan divided by anything is nan.
    """
    return a / jnp.where(jnp.isnan(a), jnp.ones_like(b), b)


def multiply(a: Array, b: Array) -> Array:
    """Return the product of two arrays of one dtype, rounded by itself.

    XLA's CPU back end contracts `a * b + c` into one operation that rounds once. A product that
    was looked at is not contracted: this looks for nan, and changes nothing.
    """
    if not jnp.issubdtype(a.dtype, jnp.floating):
        return a & b if a.dtype == bool else a * b
    product = a * b
    return jnp.where(jnp.isnan(product), jnp.full_like(product, jnp.nan), product)


def _rint(a: Array) -> Array:
    return jnp.round(a) if jnp.issubdtype(a.dtype, jnp.floating) else a


def _keep_integers(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda a: f(a) if jnp.issubdtype(a.dtype, jnp.floating) else a


def _logic(f: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    return lambda a, b: f(a != 0, b != 0)


def log2(a: Array) -> Array:
    """Return the logarithm to base 2, exact for powers of two."""
    result = jnp.log2(a)
    whole = jnp.rint(result)
    return jnp.where(jnp.ldexp(jnp.ones_like(a), whole.astype(jnp.int32)) == a, whole, result)


def log10(a: Array) -> Array:
    """Return the logarithm to base 10, exact for the powers of ten that floats hold exactly."""
    result = jnp.log10(a)
    whole = jnp.rint(result)
    powers = jnp.asarray([10.0**n for n in range(23)], a.dtype)
    known = powers[jnp.clip(whole, 0, 22).astype(jnp.int32)]
    return jnp.where((known == a) & (whole >= 0) & (whole <= 22), whole, result)


def hypot(a: Array, b: Array) -> Array:
    """Return the length of (a, b), exact where it is a whole number of moderate size."""
    squared = a * a + b * b
    plain = (squared > 1e-280) & (squared < 1e280)
    return jnp.where(plain, jnp.sqrt(squared), jnp.hypot(a, b))


def _in_double(f: Callable[..., Array]) -> Callable[..., Array]:
    # In 32 bits XLA approximates coarsely; rounded from 64 bits the result is as good as NumPy's.
    def rounded(*operands: Array) -> Array:
        dtype = operands[0].dtype
        return f(*(operand.astype(jnp.float64) for operand in operands)).astype(dtype)

    return rounded


_TRANSCENDENTAL = (
    *("exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
    *("power", "arctan2"),
)


# The operation on operands that already have the loop's dtype; None: jnp's function of that name.
IMPLEMENTATIONS: dict[str, Callable[..., Array]] = {
    "add": lambda a, b: a | b if a.dtype == bool else a + b,
    "multiply": multiply,
    "subtract": lambda a, b: a - b,
    "true_divide": divide,
    "divide": divide,
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "absolute": jnp.abs,
    "rint": _rint,
    "floor": _keep_integers(jnp.floor),
    "ceil": _keep_integers(jnp.ceil),
    "trunc": _keep_integers(jnp.trunc),
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "square": lambda a: multiply(a, a),
    "logical_and": _logic(jnp.logical_and),
    "logical_or": _logic(jnp.logical_or),
    "logical_xor": _logic(jnp.logical_xor),
    "logical_not": lambda a: a == 0,
    "isnan": lambda a: a != a,
    **{name: _in_double(getattr(jnp, name)) for name in _TRANSCENDENTAL},
    "hypot": _in_double(hypot),
    "log2": _in_double(log2),
    "log10": _in_double(log10),
}


def near(a: Array, b: Array, relative: Array, absolute: Array) -> Array:
    """Return NumPy's `isclose` of two f64 arrays: |a - b| <= absolute + relative * |b|."""
    finite = jnp.isfinite(a) & jnp.isfinite(b)
    return jnp.where(finite, jnp.abs(a - b) <= absolute + relative * jnp.abs(b), a == b)
