"""`round(x, digits)`: the decimal nearest to a float, ties to even, as the float nearest to it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.program import registry
from jaxcar.program.casting import near_whole, to_integer
from jaxcar.program.elementwise import divide, multiply
from jaxcar.program.lengths import halves
from jaxcar.program.merge import merge
from jaxcar.program.predicate import negate
from jaxcar.program.tensors import BOOL, FLOAT, Tensor
from jaxcar.program.trace import Trace

_LARGE = 2.0**53
_DIGITS = 22  # 10 ** 22 is the largest power of ten that is a float


def rounded(trace: Trace, number: Tensor, digits: int) -> Any:
    """Return `round(x, digits)` of one run-time float, Python's or NumPy's.

    Args:
        trace: the present tracing.
        number: float64 or narrower.
        digits: how many decimals to keep.
    """
    if number.mixed is not None:
        trace.refuse(
            "JC401",
            "round() of a number that is an int, a float or a bool depending on the path",
            fix="make it one kind on every path, e.g. float(...)",
        )
    if not 0 <= digits <= _DIGITS:
        trace.refuse(
            "JC312",
            f"round() of a run-time float to {digits} digits is not supported yet",
            fix="divide first, for tens: round(x / 10) * 10",
        )
    python = number.python
    library = None
    if python is not True:
        plain = Tensor(number.value, number.dtype)
        library = registry.FUNCTIONS["numpy.round"](trace, plain, digits)
    if python is False:
        return library
    trace.doubt(near_whole(number.value * 10.0**digits))
    made = Tensor(nearest_decimal(number.value, digits), FLOAT, True)
    return made if library is None else merge(negate(python), library, made)


def round_whole(trace: Trace, number: Tensor, digits: int | None) -> Tensor:
    """Return `round(n, digits)` of one run-time int: the number itself, as an int."""
    if number.dtype == BOOL and number.python is not True:
        trace.refuse(
            "JC404",
            "round() of a NumPy bool: NumPy raises TypeError",
            fix="convert first: round(int(x))",
        )
    if digits is not None and digits < 0:
        trace.refuse(
            "JC312",
            f"round() of a run-time int to {digits} digits is not supported yet",
            fix="divide first, for tens: round(n / 10) * 10",
        )
    keeps = digits is not None and number.python is not True
    return number if keeps else to_integer(trace, number)


def nearest_decimal(x: jax.Array, digits: int) -> jax.Array:
    """Return x rounded to a number of decimals, exactly as CPython's `float.__round__`.

    The product of x and the power of ten is kept in two floats (Dekker), so that it is known on
    which side of a tie it lies. Below 2 ** 53 the whole number and the power are floats, and their
    quotient, rounded once, is the float nearest to the decimal. Above, x itself is.

    Args:
        x: f64[].
        digits: 0 to 22.
    """
    power = jnp.full_like(x, 10.0**digits)
    inside = jnp.abs(x) < _LARGE / 10.0**digits * 2
    held = jnp.where(inside, x, 0.0)
    product = multiply(held, power)
    (a, b), (c, d) = halves(held), halves(power)
    rest = ((multiply(a, c) - product) + multiply(a, d) + multiply(b, c)) + multiply(b, d)
    whole = jnp.round(product)
    gap = product - whole  # exact
    even = jnp.floor(whole * 0.5) * 2.0 == whole
    up = ((gap == 0.5) & (rest > 0)) | ((gap == 0.0) & (rest == 0.5) & ~even)
    down = ((gap == -0.5) & (rest < 0)) | ((gap == 0.0) & (rest == -0.5) & ~even)
    whole = whole + up.astype(x.dtype) - down.astype(x.dtype)
    result = jnp.copysign(divide(whole, power), x)
    return jnp.where(inside & (jnp.abs(product) < _LARGE), result, x)
