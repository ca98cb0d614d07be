"""Box and Gaussian smoothing of 8-bit pictures, with OpenCV's fixed-point rounding.

Source: OpenCV 4 and 5, modules/imgproc/src/box_filter.simd.hpp, smooth.dispatch.cpp and
fixedpoint.inl.hpp. The border is OpenCV's default, reflection without the outermost pixel.
"""

from __future__ import annotations

import math
import operator
from functools import reduce

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.errors import JaxcarError
from jaxcar.vision.borders import add_border
from jaxcar.vision.fence import compute_once
from jaxcar.vision.planes import for_each_plane

_ONE = 256  # the sum of a Gaussian kernel's weights
_SMALL_GAUSSIANS = {
    1: (256,),
    3: (64, 128, 64),
    5: (16, 64, 96, 64, 16),
    7: (8, 28, 56, 72, 56, 28, 8),
    9: (4, 13, 30, 51, 60, 51, 30, 13, 4),
}


def box_blur(picture: jax.Array, width: int, height: int, *, channels: bool = False) -> jax.Array:
    """Average over boxes as `cv2.blur(picture, (width, height))` does: exact.

    OpenCV rounds halves up for boxes of at most 256 pixels, except that it adds one more before
    it divides by a power of two, and to even for larger boxes.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        width: at least 1.
        height: at least 1.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: a box of two pixels: white overflows in OpenCV in some columns and not in
            others, and which depends on the processor.

    Example:
        >>> box_blur(jnp.array([[0, 0, 9, 0]], jnp.uint8), 3, 1).tolist()
        [[0, 3, 3, 6]]
    """
    area = width * height
    if area == 2:
        raise JaxcarError(
            "a blur over two pixels",
            got=f"{width} x {height}",
            fix="use a box of three or more pixels: OpenCV's own answer differs by processor",
        )
    if area == 1:
        return picture
    return for_each_plane(lambda plane: _box_mean(plane, width, height), picture, channels)


def _box_mean(plane: jax.Array, width: int, height: int) -> jax.Array:
    area = width * height
    wide = jnp.uint16 if area <= _ONE else jnp.int32
    total = _weighted(plane, (1,) * width, (1,) * height, (wide, wide))
    if area > _ONE:
        with jax.enable_x64(True):
            mean = jnp.rint(total.astype(jnp.float64) * (1 / area))
            return mean.astype(jnp.uint8)
    half = area // 2 + (area & (area - 1) == 0)
    mean = lax.div(total + jnp.uint16(half), jnp.full_like(total, area))
    return mean.astype(jnp.uint8)


def gaussian_kernel(size: int, sigma: float) -> tuple[int, ...]:
    """Return the weights of `cv2.GaussianBlur` for 8-bit pictures, in 256ths.

    Args:
        size: odd.
        sigma: in pixels; 0 or less for the one that suits the size.

    Returns:
        `size` weights that add up to 256: the error of each rounding is carried to the next.

    Example:
        >>> gaussian_kernel(3, 0)
        (64, 128, 64)
    """
    if sigma <= 0 and size in _SMALL_GAUSSIANS:
        return _SMALL_GAUSSIANS[size]
    if sigma <= 0:
        sigma = ((size - 1) * 0.5 - 1) * 0.3 + 0.8
    distances = np.arange(size) - (size - 1) * 0.5
    exact = np.exp(-0.5 / (sigma * sigma) * distances**2)
    exact /= exact.sum()
    weights, error = [], 0.0
    for weight in exact[: size // 2]:
        wanted = weight * _ONE + error
        weights.append(round(wanted))
        error = wanted - weights[-1]
    return (*weights, _ONE - 2 * sum(weights), *weights[::-1])


def gaussian_size(sigma: float) -> int:
    """Return the size that `cv2.GaussianBlur` takes for a sigma where it is given as 0.

    Args:
        sigma: in pixels, greater than 0.

    Returns:
        An odd number of pixels.

    Example:
        >>> gaussian_size(1.0)
        7
    """
    return round(sigma * 3 * 2 + 1) | 1


def gaussian_blur(
    picture: jax.Array,
    width: int,
    height: int,
    sigma_x: float = 0.0,
    sigma_y: float = 0.0,
    *,
    channels: bool = False,
) -> jax.Array:
    """Smooth as `cv2.GaussianBlur(picture, (width, height), sigma_x, sigmaY=sigma_y)` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        width: odd, or 0 for the one that suits the sigma.
        height: odd, or 0.
        sigma_x: in pixels; 0 for the one that suits the width.
        sigma_y: in pixels; 0 for sigma_x.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: an even size, or neither size nor sigma.

    Example:
        >>> gaussian_blur(jnp.array([[0, 0, 100, 0, 0]], jnp.uint8), 3, 1).tolist()
        [[0, 25, 50, 25, 0]]
    """
    sigma_y = sigma_y if sigma_y > 0 else sigma_x
    width = gaussian_size(sigma_x) if width <= 0 and sigma_x > 0 else width
    height = gaussian_size(sigma_y) if height <= 0 and sigma_y > 0 else height
    if width % 2 == 0 or height % 2 == 0:
        raise JaxcarError(
            "a Gaussian of even size", got=f"{width} x {height}", expected="odd sizes, or a sigma"
        )
    across, down = gaussian_kernel(width, sigma_x), gaussian_kernel(height, sigma_y)
    return for_each_plane(lambda plane: _smoothed(plane, across, down), picture, channels)


def _smoothed(plane: jax.Array, across: tuple[int, ...], down: tuple[int, ...]) -> jax.Array:
    # Common factors go, so that most sums fit 16 bits.
    across, down = (
        tuple(weight // math.gcd(*kernel) for weight in kernel) for kernel in (across, down)
    )
    whole = sum(across) * sum(down)
    narrow = 255 * whole + whole // 2 < 1 << 16
    total = _weighted(plane, across, down, (jnp.uint16, jnp.uint16 if narrow else jnp.int32))
    shift = whole.bit_length() - 1
    rounded = (total + jnp.asarray(whole // 2, total.dtype)) >> shift
    return rounded.astype(jnp.uint8)


def _weighted(
    plane: jax.Array,
    across: tuple[int, ...],
    down: tuple[int, ...],
    dtypes: tuple[jax.typing.DTypeLike, jax.typing.DTypeLike],
) -> jax.Array:
    """Add pixels up with whole weights, columns and then rows, in two types wide enough."""
    (w, h), (height, width) = (len(across), len(down)), plane.shape[-2:]
    rows = compute_once(add_border(plane, h // 2, h - 1 - h // 2, w // 2, w - 1 - w // 2))
    sums = _sum([rows[..., i : i + width] for i in range(w)], across, dtypes[0])
    sums = compute_once(sums)
    return _sum([sums[..., i : i + height, :] for i in range(h)], down, dtypes[1])


def _sum(
    slices: list[jax.Array], weights: tuple[int, ...], dtype: jax.typing.DTypeLike
) -> jax.Array:
    wide = [part.astype(dtype) for part in slices]
    one = jnp.asarray(1, dtype)
    return reduce(
        operator.add,
        [
            part if weight == 1 else part * (one * weight).astype(dtype)
            for part, weight in zip(wide, weights, strict=True)
            if weight
        ],
    )
