"""Colour conversion and masks of 8-bit pictures, with OpenCV's fixed-point rounding.

Source: OpenCV 4 and 5, modules/imgproc/src/color_hsv.simd.hpp and color_rgb.simd.hpp; modules/core
for inRange and absdiff. Every function takes one picture or any batch of them in front.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

_HSV_SHIFT = 12
_GRAY_SHIFT = 15
_GRAY_WEIGHTS = (3735, 19235, 9798)  # blue, green, red times 2**15


def _rounded_ratio(numerator: int, divisor: jax.Array) -> jax.Array:
    """Return round(numerator / divisor) as i32, 0 where the divisor is 0, without a table.

    A float quotient is at most one off; the integer remainder tells in which direction.
    """
    safe = jnp.maximum(divisor, 1)
    quotient = jnp.floor(numerator / safe.astype(jnp.float32) + 0.5).astype(jnp.int32)
    remainder = numerator - quotient * safe
    quotient += jnp.where(2 * remainder > safe, 1, 0) - jnp.where(2 * remainder < -safe, 1, 0)
    return jnp.where(divisor == 0, 0, quotient)


def bgr_to_hsv(picture: jax.Array) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)` does: exact.

    Args:
        picture: u8[..., H, W, 3], blue, green, red.

    Returns:
        u8[..., H, W, 3]: hue 0..179, saturation 0..255, value 0..255.

    Example:
        >>> bgr_to_hsv(jnp.array([[[0, 0, 255]]], jnp.uint8))[0, 0].tolist()
        [0, 255, 255]
    """
    blue, green, red = (picture[..., i].astype(jnp.int32) for i in range(3))
    value = jnp.maximum(jnp.maximum(blue, green), red)
    spread = value - jnp.minimum(jnp.minimum(blue, green), red)
    half = 1 << (_HSV_SHIFT - 1)
    saturation = (spread * _rounded_ratio(255 << _HSV_SHIFT, value) + half) >> _HSV_SHIFT
    sector = jnp.where(
        value == red,
        green - blue,
        jnp.where(value == green, blue - red + 2 * spread, red - green + 4 * spread),
    )
    hue = (sector * _rounded_ratio(30 << _HSV_SHIFT, spread) + half) >> _HSV_SHIFT
    hue = jnp.where(hue < 0, hue + 180, hue)
    return jnp.stack([hue, saturation, value], axis=-1).astype(jnp.uint8)


def bgr_to_gray(picture: jax.Array) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)` does: exact.

    Args:
        picture: u8[..., H, W, 3], blue, green, red.

    Returns:
        u8[..., H, W].
    """
    total = jnp.zeros(picture.shape[:-1], jnp.int32)
    for channel, weight in enumerate(_GRAY_WEIGHTS):
        total += picture[..., channel].astype(jnp.int32) * weight
    return ((total + (1 << (_GRAY_SHIFT - 1))) >> _GRAY_SHIFT).astype(jnp.uint8)


def swap_red_blue(picture: jax.Array) -> jax.Array:
    """Reverse the channels: RGB to BGR and back.

    Args:
        picture: u8[..., H, W, 3].

    Returns:
        u8[..., H, W, 3].
    """
    return picture[..., ::-1]


def in_range(picture: jax.Array, lower: jax.Array, upper: jax.Array) -> jax.Array:
    """Mark the pixels whose channels all lie within bounds, as `cv2.inRange` does: exact.

    Args:
        picture: u8[..., H, W, C] or u8[..., H, W].
        lower: i32[C] or i32[], inclusive.
        upper: i32[C] or i32[], inclusive.

    Returns:
        u8[..., H, W]: 255 within, 0 outside.
    """
    if jnp.ndim(lower) == 0:
        inside = (picture >= lower) & (picture <= upper)
        return jnp.where(inside, 255, 0).astype(jnp.uint8)
    inside = jnp.bool_(True)
    # Channel by channel: reducing a short last axis does not vectorise on a CPU.
    for channel in range(picture.shape[-1]):
        value = picture[..., channel].astype(jnp.int32)
        inside = inside & (value >= lower[channel]) & (value <= upper[channel])
    return jnp.where(inside, 255, 0).astype(jnp.uint8)


def absolute_difference(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return |a - b| without wrapping, as `cv2.absdiff` does: exact.

    Args:
        a: u8[...].
        b: u8[...], the same shape.

    Returns:
        u8[...].
    """
    return jnp.maximum(a, b) - jnp.minimum(a, b)
