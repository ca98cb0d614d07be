"""Bitwise operations on 8-bit pictures, with and without a mask.

Source: OpenCV 4 and 5, modules/core/src/arithm.cpp.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxcar.vision.planes import merge, split


def masked(picture: jax.Array, mask: jax.Array | None, *, channels: bool = False) -> jax.Array:
    """Return a picture that is 0 wherever a mask is 0, as a fresh result of OpenCV's is.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        mask: u8[..., H, W], or None for the whole picture.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Example:
        >>> masked(jnp.array([[7, 8]], jnp.uint8), jnp.array([[0, 255]], jnp.uint8)).tolist()
        [[0, 8]]
    """
    if mask is None:
        return picture
    nothing = jnp.uint8(0)
    if not channels:
        return jnp.where(mask != 0, picture, nothing)
    return merge([jnp.where(mask != 0, plane, nothing) for plane in split(picture)])


def bitwise_and(
    a: jax.Array, b: jax.Array, mask: jax.Array | None = None, *, channels: bool = False
) -> jax.Array:
    """Combine bits as `cv2.bitwise_and(a, b, mask=mask)` does: exact.

    Args:
        a: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        b: the same, or u8[C] or u8[] for one value everywhere.
        mask: u8[..., H, W]; the result is 0 where it is 0.
        channels: say that the last axis is the channels; it matters with a mask only.

    Returns:
        u8 of a's shape.

    Example:
        >>> bitwise_and(jnp.array([[12]], jnp.uint8), jnp.array([[10]], jnp.uint8)).tolist()
        [[8]]
    """
    return masked(a & b, mask, channels=channels)


def bitwise_or(
    a: jax.Array, b: jax.Array, mask: jax.Array | None = None, *, channels: bool = False
) -> jax.Array:
    """Combine bits as `cv2.bitwise_or(a, b, mask=mask)` does: exact; see `bitwise_and`.

    Args:
        a: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        b: the same, or u8[C] or u8[] for one value everywhere.
        mask: u8[..., H, W]; the result is 0 where it is 0.
        channels: say that the last axis is the channels; it matters with a mask only.

    Returns:
        u8 of a's shape.

    Example:
        >>> bitwise_or(jnp.array([[12]], jnp.uint8), jnp.array([[10]], jnp.uint8)).tolist()
        [[14]]
    """
    return masked(a | b, mask, channels=channels)


def bitwise_xor(
    a: jax.Array, b: jax.Array, mask: jax.Array | None = None, *, channels: bool = False
) -> jax.Array:
    """Combine bits as `cv2.bitwise_xor(a, b, mask=mask)` does: exact; see `bitwise_and`.

    Args:
        a: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        b: the same, or u8[C] or u8[] for one value everywhere.
        mask: u8[..., H, W]; the result is 0 where it is 0.
        channels: say that the last axis is the channels; it matters with a mask only.

    Returns:
        u8 of a's shape.

    Example:
        >>> bitwise_xor(jnp.array([[12]], jnp.uint8), jnp.array([[10]], jnp.uint8)).tolist()
        [[6]]
    """
    return masked(a ^ b, mask, channels=channels)


def bitwise_not(
    picture: jax.Array, mask: jax.Array | None = None, *, channels: bool = False
) -> jax.Array:
    """Turn bits over as `cv2.bitwise_not(picture, mask=mask)` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        mask: u8[..., H, W]; the result is 0 where it is 0.
        channels: say that the last axis is the channels; it matters with a mask only.

    Returns:
        u8 of the picture's shape.

    Example:
        >>> bitwise_not(jnp.array([[0, 255]], jnp.uint8)).tolist()
        [[255, 0]]
    """
    return masked(~picture, mask, channels=channels)
