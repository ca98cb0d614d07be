"""Colour conversion and masks of 8-bit pictures, with OpenCV's fixed-point rounding.

Source: OpenCV 4 and 5, modules/imgproc/src/color_hsv.simd.hpp, color_rgb.simd.hpp and
color_yuv.simd.hpp; modules/core for inRange and absdiff. Every function takes one picture or any
batch of them in front.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.vision.fence import multiply_add, rounded_product
from jaxcar.vision.planes import merge, split

_HSV_SHIFT = 12
_GRAY_SHIFT = 15
_GRAY_WEIGHTS = (3735, 19235, 9798)  # blue, green, red times 2**15
_LUMA_SHIFT = 14
_LUMA_WEIGHTS = (1868, 9617, 4899)
_RED_WEIGHT, _BLUE_WEIGHT = 11682, 9241  # of the differences to luma, times 2**14

_SECTORS, _BLOCK = 6, 32
# Of blue, green and red in each sixth of the hues: the value, the least, the falling and the rising
# level.
_LEVELS_OF_SECTORS = ((1, 1, 3, 0, 0, 2), (3, 0, 0, 2, 1, 1), (0, 2, 1, 1, 3, 0))


def _rounded_ratio(numerator: int, divisor: jax.Array) -> jax.Array:
    """Return round(numerator / divisor) as i32, without a table.

    No quotient asked for here is halfway between integers: the nearest comes to half of a
    divisor's reciprocal, eight times the error of a single float.
    """
    return jnp.rint(jnp.float32(numerator) / divisor.astype(jnp.float32)).astype(jnp.int32)


def bgr_to_hsv(picture: jax.Array, *, full: bool = False) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)` does: exact.

    Args:
        picture: u8[..., H, W, 3], blue, green, red.
        full: let the hue take 256 values, as `cv2.COLOR_BGR2HSV_FULL` does, not 180.

    Returns:
        u8[..., H, W, 3]: hue 0..179, saturation 0..255, value 0..255.

    Example:
        >>> bgr_to_hsv(jnp.array([[[0, 0, 255]]], jnp.uint8))[0, 0].tolist()
        [0, 255, 255]
    """
    blue, green, red = (plane.astype(jnp.int32) for plane in split(picture))
    value = jnp.maximum(jnp.maximum(blue, green), red)
    spread = value - jnp.minimum(jnp.minimum(blue, green), red)
    half = 1 << (_HSV_SHIFT - 1)
    hues = 256 if full else 180
    per_value = _rounded_ratio(255 << _HSV_SHIFT, jnp.maximum(value, 1))
    per_spread = _rounded_ratio(hues << _HSV_SHIFT, 6 * jnp.maximum(spread, 1))
    saturation = (spread * per_value + half) >> _HSV_SHIFT
    sector = jnp.where(
        value == red,
        green - blue,
        jnp.where(value == green, blue - red + 2 * spread, red - green + 4 * spread),
    )
    hue = (sector * per_spread + half) >> _HSV_SHIFT
    hue = jnp.where(hue < 0, hue + hues, hue)
    return merge([hue, saturation, value])


def hsv_to_bgr(picture: jax.Array) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_HSV2BGR)` does: exact for processors with AVX2.

    OpenCV cuts fractions off in blocks as wide as the processor's registers, 32 pixels here, and
    rounds in the columns that are left over; it rounds once where it multiplies and adds.

    Args:
        picture: u8[..., H, W, 3], hue in steps of two degrees, saturation, value.

    Returns:
        u8[..., H, W, 3]: blue, green, red.

    Example:
        >>> hsv_to_bgr(jnp.array([[[60, 255, 200]]], jnp.uint8))[0, 0].tolist()
        [0, 200, 0]
    """
    hue, saturation, value = (plane.astype(jnp.float32) for plane in split(picture))
    hue = rounded_product(hue, jnp.float32(np.float32(6) / np.float32(180)))
    saturation, value = (
        rounded_product(part, jnp.float32(1 / 255)) for part in (saturation, value)
    )
    sector = jnp.floor(hue)
    part, one = hue - sector, jnp.ones_like(hue)
    levels = [
        rounded_product(value, level)
        for level in (
            one,
            one - saturation,
            multiply_add(-saturation, part, one),
            multiply_add(-saturation, one - part, one),
        )
    ]
    number = sector.astype(jnp.int32) % _SECTORS
    width = picture.shape[-2]
    whole = jnp.arange(width) < width - width % _BLOCK
    planes = []
    for places in _LEVELS_OF_SECTORS:
        level = levels[0]
        for i, place in enumerate(places):
            level = jnp.where(number == i, levels[place], level) if place else level
        level = rounded_product(level, jnp.float32(255))
        level = jnp.where(whole, jnp.floor(level), jnp.rint(level))
        planes.append(jnp.clip(level, 0, 255))
    return merge(planes)


def bgr_to_gray(picture: jax.Array) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)` does: exact.

    Args:
        picture: u8[..., H, W, 3], blue, green, red.

    Returns:
        u8[..., H, W].

    Example:
        >>> int(bgr_to_gray(jnp.array([[[0, 0, 255]]], jnp.uint8))[0, 0])
        76
    """
    return _weighted(split(picture), _GRAY_WEIGHTS, _GRAY_SHIFT).astype(jnp.uint8)


def _weighted(planes: tuple[jax.Array, ...], weights: tuple[int, ...], shift: int) -> jax.Array:
    total = jnp.zeros(planes[0].shape, jnp.int32)
    for plane, weight in zip(planes, weights, strict=True):
        total += plane.astype(jnp.int32) * weight
    return (total + (1 << (shift - 1))) >> shift


def gray_to_bgr(picture: jax.Array) -> jax.Array:
    """Repeat one channel three times, as `cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)` does.

    Args:
        picture: u8[..., H, W].

    Returns:
        u8[..., H, W, 3].

    Example:
        >>> gray_to_bgr(jnp.array([[7]], jnp.uint8)).tolist()
        [[[7, 7, 7]]]
    """
    return merge([picture] * 3)


def bgr_to_ycrcb(picture: jax.Array) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_BGR2YCrCb)` does: exact.

    Args:
        picture: u8[..., H, W, 3], blue, green, red.

    Returns:
        u8[..., H, W, 3]: luma, red difference, blue difference.

    Example:
        >>> bgr_to_ycrcb(jnp.array([[[0, 0, 255]]], jnp.uint8))[0, 0].tolist()
        [76, 255, 85]
    """
    blue, green, red = split(picture)
    luma = _weighted((blue, green, red), _LUMA_WEIGHTS, _LUMA_SHIFT)
    half = (128 << _LUMA_SHIFT) + (1 << (_LUMA_SHIFT - 1))
    differences = [
        jnp.clip(((plane.astype(jnp.int32) - luma) * weight + half) >> _LUMA_SHIFT, 0, 255)
        for plane, weight in ((red, _RED_WEIGHT), (blue, _BLUE_WEIGHT))
    ]
    return merge([luma, *differences])


def swap_red_blue(picture: jax.Array) -> jax.Array:
    """Reverse the channels: RGB to BGR and back.

    Args:
        picture: u8[..., H, W, 3].

    Returns:
        u8[..., H, W, 3].

    Example:
        >>> swap_red_blue(jnp.array([[[1, 2, 3]]], jnp.uint8)).tolist()
        [[[3, 2, 1]]]
    """
    return merge(split(picture)[::-1])


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
