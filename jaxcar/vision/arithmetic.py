"""Arithmetic on 8-bit pictures that saturates, as OpenCV's does.

Source: OpenCV 4 and 5, modules/core/src/arithm.simd.hpp and convert_scale.simd.hpp.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxcar.vision.fence import multiply_add, rounded_product


def add(a: jax.Array, b: jax.Array) -> jax.Array:
    """Add and saturate as `cv2.add` does: exact.

    Args:
        a: u8[...].
        b: u8[...] of the same shape, or i32[C] or i32[] for a scalar, within +-2**30. (OpenCV 5
            adds a Python number to every channel, and of a tuple one element to each, 0 if short.)

    Returns:
        u8[...].

    Example:
        >>> add(jnp.array([[250]], jnp.uint8), jnp.int32(10)).tolist()
        [[255]]
    """
    if b.dtype == jnp.uint8:
        return a + jnp.minimum(b, 255 - a)
    return _saturated(a.astype(jnp.int32) + b.astype(jnp.int32))


def subtract(a: jax.Array, b: jax.Array) -> jax.Array:
    """Subtract and saturate as `cv2.subtract` does: exact.

    Args:
        a: u8[...].
        b: u8[...] of the same shape, or i32[C] or i32[] for a scalar, within +-2**30.

    Returns:
        u8[...].

    Example:
        >>> subtract(jnp.array([[3]], jnp.uint8), jnp.array([[10]], jnp.uint8)).tolist()
        [[0]]
    """
    if b.dtype == jnp.uint8:
        return jnp.maximum(a, b) - b
    return _saturated(a.astype(jnp.int32) - b.astype(jnp.int32))


def add_weighted(
    a: jax.Array, alpha: jax.Array, b: jax.Array, beta: jax.Array, gamma: jax.Array
) -> jax.Array:
    """Blend as `cv2.addWeighted(a, alpha, b, beta, gamma)` does: exact.

    Args:
        a: u8[...].
        alpha: f32[], rounded from the program's double.
        b: u8[...] of the same shape.
        beta: f32[].
        gamma: f32[].

    Returns:
        u8[...].

    Example:
        >>> half = jnp.float32(0.5)
        >>> black, white = jnp.zeros((1, 1), jnp.uint8), jnp.full((1, 1), 255, jnp.uint8)
        >>> add_weighted(black, half, white, half, jnp.float32(0)).tolist()
        [[128]]
    """
    single = (jnp.asarray(value).astype(jnp.float32) for value in (alpha, beta, gamma))
    alpha, beta, gamma = single
    return _rounded(multiply_add(a, alpha, multiply_add(b, beta, gamma)))


def stretch(picture: jax.Array, low: jax.Array, high: jax.Array) -> jax.Array:
    """Map a plane's range to another, as `cv2.normalize(..., cv2.NORM_MINMAX)` does: exact.

    Args:
        picture: u8[..., H, W].
        low: f64[] or a whole number, where the smallest value goes.
        high: f64[] or a whole number, where the greatest goes.

    Returns:
        u8[..., H, W].

    Example:
        >>> stretch(jnp.array([[3, 5]], jnp.uint8), 0, 255).tolist()
        [[0, 255]]
    """
    with jax.enable_x64(True):
        low, high = (jnp.asarray(value).astype(jnp.float64) for value in (low, high))
        low, high = jnp.minimum(low, high), jnp.maximum(low, high)
        smallest = picture.min((-2, -1), keepdims=True).astype(jnp.float64)
        spread = picture.max((-2, -1), keepdims=True).astype(jnp.float64) - smallest
        inverse = jnp.where(spread > 0, 1 / jnp.maximum(spread, 1), 0)
        scale = rounded_product(high - low, inverse)
        shift = low - rounded_product(smallest, scale)
        scale, shift = scale.astype(jnp.float32), shift.astype(jnp.float32)
    return _rounded(multiply_add(picture, scale, shift))


def _saturated(values: jax.Array) -> jax.Array:
    return jnp.clip(values, 0, 255).astype(jnp.uint8)


def _rounded(values: jax.Array) -> jax.Array:
    return jnp.clip(jnp.rint(values), 0, 255).astype(jnp.uint8)
