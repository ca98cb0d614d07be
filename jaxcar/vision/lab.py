"""Lightness and opponent colours of 8-bit pictures, with OpenCV's tables and fixed-point rounding.

Source: CIE 15:2004 for L*a*b*, IEC 61966-2-1 for the gamma of sRGB; OpenCV 5,
modules/imgproc/src/color_lab.cpp, for how many bits there are.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.vision.planes import merge, split

_GAMMA_SHIFT = 3
_SHIFT = 12  # of the weights of red, green and blue
_ROOT_SHIFT = 15  # of the cube roots
_WHITE = (0.950456, 1.0, 1.088754)  # of daylight, D65
_TO_XYZ = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)


@functools.cache
def _gammas() -> np.ndarray:
    """Return what bytes are without sRGB's gamma, times 8: i32[256]."""
    part = np.arange(256) / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.rint(linear * (255 << _GAMMA_SHIFT)).astype(np.int32)


@functools.cache
def _roots() -> np.ndarray:
    """Return the cube roots, straight near 0, of one and a half times those numbers: i32[3072]."""
    part = np.arange(3 * 256 // 2 << _GAMMA_SHIFT) / (255 << _GAMMA_SHIFT)
    straight = part * 7.787 + 0.13793103448275862
    root = np.where(part < 0.008856, straight, np.cbrt(part)) * (1 << _ROOT_SHIFT)
    return np.rint(root.astype(np.float32)).astype(np.int32)


def _rounded(value: jax.Array, shift: int) -> jax.Array:
    return (value + (1 << (shift - 1))) >> shift


def bgr_to_lab(picture: jax.Array) -> jax.Array:
    """Convert as `cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)` does: exact.

    Args:
        picture: u8[..., H, W, 3], blue, green, red.

    Returns:
        u8[..., H, W, 3]: lightness 0..255, green to red and blue to yellow, 128 for grey.

    Example:
        >>> bgr_to_lab(jnp.array([[[0, 0, 255]]], jnp.uint8))[0, 0].tolist()
        [136, 208, 195]
    """
    gammas, roots = jnp.asarray(_gammas()), jnp.asarray(_roots())
    blue, green, red = (gammas[plane.astype(jnp.int32)] for plane in split(picture))
    parts = []
    for row, white in zip(_TO_XYZ, _WHITE, strict=True):
        weights = [round(weight / white * (1 << _SHIFT)) for weight in row]
        total = red * weights[0] + green * weights[1] + blue * weights[2]
        parts.append(roots[_rounded(total, _SHIFT)])
    x, y, z = parts
    scale, offset = (116 * 255 + 50) // 100, ((16 * 255 << _ROOT_SHIFT) + 50) // 100
    grey = 128 << _ROOT_SHIFT
    planes = (scale * y - offset, 500 * (x - y) + grey, 200 * (y - z) + grey)
    return merge([jnp.clip(_rounded(plane, _ROOT_SHIFT), 0, 255) for plane in planes])
