"""Fences for XLA: a result that is computed once, floats that are rounded one by one.

XLA on a CPU fuses chains of cheap operations into whatever reads them, and drops
`jax.lax.optimization_barrier` before it does. A division by a number that the compiler does not
know to be 1 counts as dear and is not repeated; the code generator then drops the division.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

_Function = TypeVar("_Function", bound=Callable[..., Any])


def in_double(function: _Function) -> _Function:
    """Trace a function where 64-bit types exist, whatever the caller's own setting."""

    @functools.wraps(function)
    def traced(*args: Any, **keywords: Any) -> Any:
        with jax.enable_x64(True):
            return function(*args, **keywords)

    return traced  # type: ignore[return-value]


def compute_once(values: jax.Array) -> jax.Array:
    """Return an array unchanged, and have it computed once, however many operations read it.

    Args:
        values: u8[...], u16[...], or i32[...] of numbers above -2**31.

    Returns:
        The same array.

    Example:
        >>> compute_once(jnp.array([3, 255], jnp.uint8)).tolist()
        [3, 255]
    """
    # Always 1, which only the code generator finds out. One divisor for each element: division by
    # a single number would become cheap.
    least = -(1 << 31) if values.dtype == jnp.int32 else -1
    one = jnp.where(values.astype(jnp.int32) > least, 1, 2).astype(values.dtype)
    return jax.lax.div(values, one)


def rounded(values: jax.Array) -> jax.Array:
    """Return floats unchanged, and rounded to their type before anything else is done with them.

    XLA's CPU back end contracts `a * b + c` into one operation that rounds once, and drops a
    conversion to single floats that is followed by one back to doubles. Numbers that were looked
    at are left alone: this looks for the bits of one nan that arithmetic does not make.

    Args:
        values: f32[...] or f64[...].

    Returns:
        The same array.

    Example:
        >>> float(rounded(jnp.float32(2) * 3) + 1)
        7.0
    """
    with jax.enable_x64(True):
        bits = jnp.int64 if values.dtype == jnp.float64 else jnp.int32
        seen = jax.lax.bitcast_convert_type(values, bits) == jnp.iinfo(bits).max
        return jnp.where(seen, jnp.full_like(values, jnp.nan), values)


def multiply_add(a: jax.Array, b: jax.Array, c: jax.Array) -> jax.Array:
    """Return a * b + c of single floats, rounded once, as a processor's one instruction does.

    The product of two single floats is exact as a double. The sum is rounded as a double and then
    again, which differs from one rounding only within 2**-29 of a tie.

    Args:
        a: f32[...] or integers below 2**24.
        b: f32[...], broadcast with a.
        c: f32[...], broadcast with a.

    Returns:
        f32[...].

    Example:
        >>> float(multiply_add(jnp.float32(3), jnp.float32(0.5), jnp.float32(1)))
        2.5
    """
    with jax.enable_x64(True):
        product = a.astype(jnp.float64) * b.astype(jnp.float64)
        return rounded((product + c.astype(jnp.float64)).astype(jnp.float32))


def rounded_product(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return a * b, rounded before anything is added to it.

    Args:
        a: f32[...] or f64[...].
        b: the same type, broadcast with a.

    Returns:
        The type of a.

    Example:
        >>> float(rounded_product(jnp.float32(2), jnp.float32(3)) + 1)
        7.0
    """
    with jax.enable_x64(True):
        return rounded(jnp.asarray(a * b))


def rounded_quotient(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return the correctly rounded quotient a / b.

    XLA multiplies by the rounded reciprocal where a divisor is constant or broadcast. So the
    divisor is made to depend on the dividend, in a way that changes no result.

    Args:
        a: f32[...] or f64[...].
        b: the same dtype, broadcast with a.

    Returns:
        The dtype of a.

    Example:
        >>> float(rounded_quotient(jnp.float32(1), jnp.float32(4)))
        0.25
    """
    return a / jnp.where(jnp.isnan(a), jnp.ones_like(b), b)
