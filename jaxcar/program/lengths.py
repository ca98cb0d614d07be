"""Lengths of vectors, and sums of floats, rounded once: `math.hypot`, `math.dist`, `math.fsum`."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax

from jaxcar.program.elementwise import divide, multiply, power_of_two

_SPLIT = 134217729.0  # 2 ** 27 + 1
_LIMBS = 70
_MASK = 0xFFFFFFFF


def halves(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return two numbers of 26 bits whose sum is x (Veltkamp)."""
    t = multiply(x, jnp.full_like(x, _SPLIT))
    high = t - (t - x)
    return high, x - high


def _add(total: jax.Array, rest: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Add x to a total, and what was rounded off to the rest (Neumaier); |total| >= |x|."""
    joined = total + x
    return joined, rest + ((total - joined) + x)


def vector_length(parts: list[jax.Array]) -> jax.Array:
    """Return the Euclidean length, as CPython's `vector_norm` in Modules/mathmodule.c.

    Args:
        parts: the coordinates, f64[...] each.
    """
    sizes = [jnp.abs(part) for part in parts]
    if not sizes:
        return jnp.zeros((), jnp.float64)
    largest = sizes[0]
    for size in sizes[1:]:
        largest = jnp.maximum(largest, size)
    if len(sizes) == 1:
        return largest
    result = _normal_length(largest, sizes)
    missing = jnp.zeros(largest.shape, bool)
    for size in sizes:
        missing |= jnp.isnan(size)
    infinite = jnp.zeros(largest.shape, bool)
    for size in sizes:
        infinite |= jnp.isinf(size)
    return jnp.where(infinite, jnp.inf, jnp.where(missing, jnp.nan, result))


def _normal_length(largest: jax.Array, sizes: list[jax.Array]) -> jax.Array:
    """Return the length of finite coordinates, of which one is the largest."""
    if largest.dtype != jnp.float64:  # without 64 bits
        held = jnp.where((largest > 0) & (largest < jnp.inf), largest, 1.0)
        total = functools.reduce(jnp.add, [(size / held) ** 2 for size in sizes])
        return jnp.where(held == largest, held * jnp.sqrt(total), largest)
    plain = (largest > 2.0**-1021) & (largest < jnp.inf)
    held = jnp.where(plain, largest, 1.0)
    exponent = (lax.bitcast_convert_type(held, jnp.int64) >> 52).astype(jnp.int32) - 1022
    half = exponent // 2  # in two steps: one factor may be too large or too small
    down = [power_of_two(-e, jnp.float64) for e in (half, exponent - half)]
    scaled = [multiply(multiply(jnp.where(plain, s, 0.5), down[0]), down[1]) for s in sizes]
    length = _scaled_length(scaled)
    up = [power_of_two(e, jnp.float64) for e in (half, exponent - half)]
    result = multiply(multiply(length, up[0]), up[1])
    return jnp.where(plain, result, largest)  # XLA takes smaller numbers for zero


def _scaled_length(parts: list[jax.Array]) -> jax.Array:
    total, rest, small = jnp.ones_like(parts[0]), jnp.zeros_like(parts[0]), jnp.zeros_like(parts[0])
    for x in parts:
        high, low = halves(x)
        total, rest = _add(total, rest, multiply(high, high))
        total, rest = _add(total, rest, 2.0 * multiply(high, low))
        small = small + multiply(low, low)
    length = jnp.sqrt((total - 1.0) + (rest + small))
    high, low = halves(length)
    total, rest = _add(total, rest, -multiply(high, high))
    total, rest = _add(total, rest, -2.0 * multiply(high, low))
    total, rest = _add(total, rest, -multiply(low, low))
    left = (total - 1.0) + (rest + small)
    return length + divide(left, 2.0 * length)


def exact_sum(values: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the sum of finite floats rounded once, and whether it overflows.

    The floats are added as integers of 2240 bits: in pieces of 32 bits, one array element each.

    Args:
        values: f64[n], finite.

    Returns:
        f64[] and bool[].
    """
    bits = lax.bitcast_convert_type(values, jnp.uint64)
    field = ((bits >> 52) & 0x7FF).astype(jnp.int32)
    fraction = bits & jnp.uint64((1 << 52) - 1)
    mantissa = jnp.where(field > 0, fraction | jnp.uint64(1 << 52), fraction)
    shift = jnp.maximum(field, 1) - 1
    offset = (shift % 32).astype(jnp.uint64)
    mask = jnp.uint64(_MASK)
    low = (mantissa & mask) << offset
    high = (mantissa >> 32) << offset
    pieces = [low & mask, (low >> 32) + (high & mask), high >> 32]
    sign = jnp.where(values < 0, jnp.int64(-1), jnp.int64(1))
    limbs = jnp.zeros((_LIMBS,), jnp.int64)
    for place, piece in enumerate(pieces):
        limbs = limbs.at[shift // 32 + place].add(sign * piece.astype(jnp.int64))
    negative = _carried(limbs)[1] < 0
    digits = _carried(jnp.where(negative, -limbs, limbs))[0]
    size, overflow = _rounded(digits)
    return jnp.where(negative, -size, size), overflow


def _carried(limbs: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the digits to base 2 ** 32, and what is carried out of the last."""

    def step(carry: jax.Array, limb: jax.Array) -> tuple[jax.Array, jax.Array]:
        total = limb + carry
        return total >> jnp.int64(32), total & jnp.int64(_MASK)

    carry, digits = lax.scan(step, jnp.zeros((), jnp.int64), limbs)
    return digits, carry


def _rounded(digits: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return digits * 2 ** -1074, rounded to the nearest float, ties to even."""
    places = jnp.arange(_LIMBS, dtype=jnp.int32)
    top = jnp.max(jnp.where(digits != 0, places, 0))
    padded = jnp.concatenate([jnp.zeros((2,), digits.dtype), digits]).astype(jnp.uint64)
    first, second, third = (padded[top + 2 - i] for i in range(3))
    lost = jnp.any((digits != 0) & (places < top - 2))
    joined = (first << 32) | second
    left = lax.clz(joined)
    moved = jnp.where(joined == 0, jnp.uint64(0), joined << jnp.minimum(left, 63))
    keep = jnp.uint64(32) - jnp.minimum(left, 32)
    whole = moved | jnp.where(left > 0, third >> keep, jnp.uint64(0))
    rest = jnp.where(left > 0, third & ((jnp.uint64(1) << keep) - 1), third)
    sticky = ((rest != 0) | lost).astype(jnp.uint64)
    number = (whole | sticky).astype(jnp.float64)
    exponent = 32 * (top - 1) - left.astype(jnp.int32) - 1074
    half = exponent // 2
    first_half, second_half = (power_of_two(e, number.dtype) for e in (half, exponent - half))
    result = multiply(multiply(number, first_half), second_half)
    return jnp.where(joined == 0, 0.0, result), jnp.isinf(result)
