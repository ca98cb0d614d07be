"""The operations of elementwise functions, on operands of the dtype that NumPy would compute in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program.primitives import alike, chosen

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
    modulus = lax.rem(*jnp.broadcast_arrays(a, b))
    shifted = jnp.where((b < 0) != (modulus < 0), modulus + b, modulus)
    return jnp.where(modulus != 0, shifted, jnp.copysign(jnp.zeros_like(b), b))


_BITS: dict[int, Any] = {2: np.int16, 4: np.int32, 8: np.int64}


def divide(a: Array, b: Array) -> Array:
    """Return the correctly rounded quotient of two arrays of one float dtype.

    XLA turns division by a constant, and by whatever it broadcasts (such as one divisor for all
    lanes), into multiplication by the rounded reciprocal. So the divisor is made to depend on the
    dividend, in a way that changes no result: nan divided by anything is nan.
    """
    divisor = chosen(lax.ne(a, a), lax.full_like(b, 1), b)
    return lax.div(a, divisor) if alike(a, divisor) else a / divisor


def multiply(a: Array, b: Array) -> Array:
    """Return the product of two arrays of one dtype, rounded by itself.

    XLA's CPU back end contracts `a * b + c` into one operation that rounds once. A product that
    was looked at is not contracted: this looks for one pattern of bits, that of a nan, and changes
    nothing. (To look for nan itself is not enough: LLVM knows that products of converted integers
    are never nan.)
    """
    if not jnp.issubdtype(a.dtype, jnp.floating):
        return a & b if a.dtype == bool else a * b
    product = lax.mul(a, b) if alike(a, b) else a * b
    kind = _BITS[product.dtype.itemsize]
    bits = lax.bitcast_convert_type(product, kind)
    seen = lax.eq(bits, lax.full_like(bits, np.iinfo(kind).max))
    return lax.select_n(seen, product, lax.full_like(product, np.nan))


def _add(a: Array, b: Array) -> Array:
    if a.dtype == bool:
        return a | b
    return lax.add(a, b) if alike(a, b) else a + b


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
    exponent = jnp.clip(whole, -1022, 1023).astype(jnp.int32)
    return jnp.where(power_of_two(exponent, a.dtype) == a, whole, result)


def log10(a: Array) -> Array:
    """Return the logarithm to base 10, exact for the powers of ten that floats hold exactly."""
    result = jnp.log10(a)
    whole = jnp.rint(result)
    powers = jnp.asarray([10.0**n for n in range(23)], a.dtype)
    known = powers[jnp.clip(whole, 0, 22).astype(jnp.int32)]
    return jnp.where((known == a) & (whole >= 0) & (whole <= 22), whole, result)


def hypot(a: Array, b: Array) -> Array:
    """Return the length of (a, b), rounded once.

    Of single floats it is glibc's `hypotf` (sysdeps/ieee754/flt-32/e_hypotf.c, from 2.35): in
    double precision the squares are exact.
    """
    from jaxcar.program.lengths import vector_length  # it is built on this module

    if a.dtype == jnp.float64 or jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
        return vector_length([a, b])
    x, y = a.astype(jnp.float64), b.astype(jnp.float64)
    length = jnp.sqrt(x * x + y * y).astype(jnp.float32).astype(a.dtype)
    return jnp.where(jnp.isinf(a) | jnp.isinf(b), jnp.full_like(length, jnp.inf), length)


def power_of_two(exponent: Array, dtype: Any) -> Array:
    """Return 2 to the power of whole numbers, i32[...], by its bits; f64 must be normal."""
    if jax.dtypes.canonicalize_dtype(dtype) == np.float64:
        return lax.bitcast_convert_type((exponent.astype(jnp.int64) + 1023) << 52, jnp.float64)
    single = jnp.clip(exponent.astype(jnp.int32), -126, 127)
    return lax.bitcast_convert_type((single + 127) << 23, jnp.float32)


def expm1(a: Array) -> Array:
    """Return exp(a) - 1, with the sign of a zero kept."""
    return jnp.where(a == 0, a, jnp.expm1(a))


def exp2(a: Array) -> Array:
    """Return 2 to the power of a, exact for whole numbers."""
    whole = jnp.rint(a)
    inside = jnp.clip(jnp.where(jnp.isnan(whole), 0, whole), -1080, 1030).astype(jnp.int32)
    half = inside // 2  # in two steps: one factor may be too small for a normal number
    exact = multiply(power_of_two(half, a.dtype), power_of_two(inside - half, a.dtype))
    return jnp.where((whole == a) & (jnp.abs(a) < 1e300), exact, jnp.exp2(a))


_CUBIC = (
    *(0.145263899385486367, 0.784932344976639262, 1.83469277483613086, 2.44693122278083564),
    *(2.11499494167371287, 1.50819193781584896, 0.354895765043919860),
)
_ROOT = 1.2599210498948731648
_THIRDS = (1 / 1.5874010519681994748, 1 / _ROOT, 1.0, _ROOT, 1.5874010519681994748)


def cbrt(a: Array) -> Array:
    """Return the cube root of f64, as glibc does (sysdeps/ieee754/dbl-64/s_cbrt.c, before 2.41)."""
    plain = jnp.isfinite(a) & (a != 0)
    size = jnp.where(plain, jnp.abs(a), 1.0)
    mantissa, exponent = jnp.frexp(size)
    guess = jnp.full_like(size, _CUBIC[0])
    for sign, term in zip((-1, -1, -1, -1, -1, 1), _CUBIC[1:], strict=True):
        product = multiply(guess, mantissa)
        guess = term + product if sign > 0 else term - product
    cube = multiply(multiply(guess, guess), guess)
    upper = multiply(guess, cube + 2.0 * mantissa)
    root = divide(upper, 2.0 * cube + mantissa)
    third = lax.div(exponent, jnp.full_like(exponent, 3))
    factor = jnp.asarray(_THIRDS, a.dtype)[2 + exponent - 3 * third]
    result = multiply(multiply(root, factor), power_of_two(third, size.dtype))
    return jnp.where(plain, jnp.copysign(result, a), a)


def heaviside(a: Array, b: Array) -> Array:
    """Return 0 below zero, 1 above, b at zero."""
    step = jnp.where(a < 0, jnp.zeros_like(b), jnp.ones_like(b))
    return jnp.where(jnp.isnan(a), a, jnp.where(a == 0, b, step))


def _fmod(a: Array, b: Array) -> Array:
    if jnp.issubdtype(a.dtype, jnp.floating):
        return lax.rem(*jnp.broadcast_arrays(a, b))
    safe = jnp.where(b == 0, jnp.ones_like(b), b)
    return jnp.where(b == 0, jnp.zeros_like(a), lax.rem(a, safe))


def _ignoring_nan(choose: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    def chosen(a: Array, b: Array) -> Array:
        if not jnp.issubdtype(a.dtype, jnp.floating):
            return choose(a, b)
        return jnp.where(jnp.isnan(a), b, jnp.where(jnp.isnan(b), a, choose(a, b)))

    return chosen


def _scaled(factor: float) -> Callable[[Array], Array]:
    # NumPy computes the factor in the array's own precision; of 16 bits, in 32.
    def scaled(a: Array) -> Array:
        wide = a.astype(jnp.float32) if a.dtype == jnp.float16 else a
        pi = np.asarray(math.pi, wide.dtype)
        half_turn = np.asarray(180.0, wide.dtype)
        exact = pi / half_turn if factor < 1 else half_turn / pi
        return multiply(wide, jnp.full_like(wide, exact)).astype(a.dtype)

    return scaled


_TO_RADIANS, _TO_DEGREES = _scaled(math.pi / 180), _scaled(180 / math.pi)


def _in_double(f: Callable[..., Array]) -> Callable[..., Array]:
    # In 32 bits XLA approximates coarsely; rounded from 64 bits the result is as good as NumPy's.
    def rounded(*operands: Array) -> Array:
        dtype = operands[0].dtype
        return f(*(operand.astype(jnp.float64) for operand in operands)).astype(dtype)

    return rounded


_TRANSCENDENTAL = (
    *("exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
    *("power", "arctan2", "log1p", "arcsinh", "arccosh", "arctanh", "logaddexp"),
)


# The operation on operands that already have the loop's dtype; None: jnp's function of that name.
IMPLEMENTATIONS: dict[str, Callable[..., Array]] = {
    "add": _add,
    "multiply": multiply,
    "subtract": lambda a, b: lax.sub(a, b) if alike(a, b) else a - b,
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
    "hypot": hypot,
    "expm1": _in_double(expm1),
    "exp2": _in_double(exp2),
    "cbrt": _in_double(cbrt),
    "heaviside": heaviside,
    "fmod": _fmod,
    "fmin": _ignoring_nan(jnp.minimum),
    "fmax": _ignoring_nan(jnp.maximum),
    "reciprocal": lambda a: divide(jnp.ones_like(a), a),
    "deg2rad": _TO_RADIANS,
    "radians": _TO_RADIANS,
    "rad2deg": _TO_DEGREES,
    "degrees": _TO_DEGREES,
    "log2": _in_double(log2),
    "log10": _in_double(log10),
}
