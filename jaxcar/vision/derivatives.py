"""Derivatives and other linear filters of 8-bit pictures.

Source: OpenCV 4 and 5, modules/imgproc/src/deriv.cpp and filter.simd.hpp. The border is OpenCV's
default, reflection without the outermost pixel. Derivatives are whole numbers: exact in any depth.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.vision.borders import Border, add_border
from jaxcar.vision.fence import multiply_add
from jaxcar.vision.planes import for_each_plane

Depth = Literal["u8", "i16", "f32", "f64"]
_LIMITS = {"u8": (0, 255), "i16": (-(1 << 15), (1 << 15) - 1)}
_DTYPES = {"u8": jnp.uint8, "i16": jnp.int16, "f32": jnp.float32, "f64": jnp.float64}


def sobel(
    plane: jax.Array,
    dx: int,
    dy: int,
    size: int = 3,
    depth: Depth = "f64",
    border: Border = "reflect_101",
) -> jax.Array:
    """Differentiate as `cv2.Sobel(plane, depth, dx, dy, ksize=size)` does: exact.

    Args:
        plane: u8[..., H, W].
        dx: how many times along rows.
        dy: how many times along columns; not both 0.
        size: 1, 3, 5 or 7; -1 for the 3 x 3 filter of Scharr.
        depth: of the result; `u8` and `i16` saturate.
        border: what lies outside.

    Returns:
        [..., H, W] of the depth.

    Raises:
        JaxcarError: a size that OpenCV lacks, or derivatives that the size cannot give.

    Example:
        >>> sobel(jnp.array([[0, 0, 9, 9]], jnp.uint8), 1, 0, depth="i16").tolist()
        [[0, 36, 36, 0]]
    """
    rows, columns = _derivative(dy, size, dx), _derivative(dx, size, dy)
    return _in_depth(_correlated(plane, np.outer(rows, columns), border), depth)


def laplacian(plane: jax.Array, size: int = 1, depth: Depth = "f64") -> jax.Array:
    """Add the second derivatives up as `cv2.Laplacian(plane, depth, ksize=size)` does: exact.

    Args:
        plane: u8[..., H, W].
        size: 1, 3, 5 or 7.
        depth: of the result; `u8` and `i16` saturate.

    Returns:
        [..., H, W] of the depth.

    Raises:
        JaxcarError: a size that OpenCV lacks.

    Example:
        >>> laplacian(jnp.array([[0, 9, 0]], jnp.uint8), depth="i16").tolist()
        [[18, -18, 18]]
    """
    if size in (1, 3):
        around, centre = ((0, 1, 0), (1, 0, 1)) if size == 1 else ((2, 0, 2), (0, 0, 0))
        kernel = np.array([around, centre, around])
        kernel[1, 1] = -kernel.sum()
        return _in_depth(_correlated(plane, kernel), depth)
    along_x = _separable(plane, _derivative(0, size, 2), _derivative(2, size, 0))
    along_y = _separable(plane, _derivative(2, size, 0), _derivative(0, size, 2))
    return _in_depth(along_x + along_y, depth)


def filter_2d(picture: jax.Array, kernel: np.ndarray, *, channels: bool = False) -> jax.Array:
    """Correlate with a kernel as `cv2.filter2D(picture, -1, kernel)` does.

    Exact for kernels of whole numbers; others are added up in single floats with OpenCV's order
    and rounding, on processors that multiply and add in one instruction.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        kernel: [h, w], at most 121 elements: OpenCV takes larger ones to Fourier space.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: a kernel that is too large.

    Example:
        >>> filter_2d(jnp.array([[1, 2, 3]], jnp.uint8), np.array([[0, 0, 2]])).tolist()
        [[4, 6, 4]]
    """
    if kernel.size > 121:
        raise JaxcarError("a kernel too large", got=kernel.shape, expected="at most 11 x 11")
    whole = bool(np.all(kernel == np.rint(kernel)))

    def filtered(plane: jax.Array) -> jax.Array:
        if whole:
            return _in_depth(_correlated(plane, kernel.astype(np.int64)), "u8")
        total = jnp.zeros(plane.shape, jnp.float32)
        for part, weight in _slices(plane, kernel.astype(np.float32)):
            total = multiply_add(part, jnp.float32(weight), total)
        return jnp.clip(jnp.rint(total), 0, 255).astype(jnp.uint8)

    return for_each_plane(filtered, picture, channels)


def _derivative(order: int, size: int, across: int) -> tuple[int, ...]:
    """Return a derivative's weights: binomials, differentiated by differences of neighbours."""
    if size not in (-1, 1, 3, 5, 7):
        raise JaxcarError("a derivative of unknown size", got=size, expected="-1, 1, 3, 5 or 7")
    length = 3 if size == -1 or (size == 1 and order > 0) else size
    if order < 0 or order + across <= 0 or order >= length or (size == -1 and order + across != 1):
        raise JaxcarError("derivatives that the size cannot give", got=(order, across, size))
    if size == -1 and order == 0:
        return (3, 10, 3)
    weights = np.array([1])
    for _ in range(length - 1 - order):
        weights = np.convolve(weights, [1, 1])
    for _ in range(order):
        weights = np.convolve(weights, [-1, 1])
    return tuple(int(weight) for weight in weights)


def _slices(
    plane: jax.Array, kernel: np.ndarray, border: Border = "reflect_101"
) -> list[tuple[jax.Array, float]]:
    (h, w), (height, width) = kernel.shape, plane.shape[-2:]
    rows = add_border(plane, h // 2, h - 1 - h // 2, w // 2, w - 1 - w // 2, border)
    return [
        (rows[..., i : i + height, j : j + width], kernel[i, j]) for i, j in np.argwhere(kernel)
    ]


def _correlated(plane: jax.Array, kernel: np.ndarray, border: Border = "reflect_101") -> jax.Array:
    """Return whole sums of products, i32[..., H, W]."""
    slices = _slices(plane, kernel, border)
    parts = [part.astype(jnp.int32) * int(weight) for part, weight in slices]
    return reduce(operator.add, parts, jnp.zeros(plane.shape, jnp.int32))


def _separable(plane: jax.Array, rows: tuple[int, ...], columns: tuple[int, ...]) -> jax.Array:
    return _correlated(plane, np.outer(rows, columns))


def _in_depth(values: jax.Array, depth: Depth) -> jax.Array:
    if depth in _LIMITS:
        values = jnp.clip(values, *_LIMITS[depth])
    with jax.enable_x64(True):
        return values.astype(_DTYPES[depth])
