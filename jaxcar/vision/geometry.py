"""Pictures turned, mirrored, cut out and resized.

Source: OpenCV 4 and 5, modules/core/src/matrix_transform.cpp and modules/imgproc/src/resize.cpp.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.errors import JaxcarError
from jaxcar.vision.fence import compute_once, rounded_product
from jaxcar.vision.planes import for_each_plane

Interpolation = Literal["nearest", "linear", "area"]
Turn = Literal["90_clockwise", "180", "90_counterclockwise"]
_SCALE = 2048  # of the weights of linear interpolation


def flip(picture: jax.Array, code: int, *, channels: bool = False) -> jax.Array:
    """Mirror a picture as `cv2.flip(picture, code)` does.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        code: 0 turns it upside down, more than 0 swaps left and right, less than 0 does both.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Example:
        >>> flip(jnp.array([[1, 2], [3, 4]], jnp.uint8), 1).tolist()
        [[2, 1], [4, 3]]
    """
    rows = picture.ndim - (3 if channels else 2)
    axes = {True: (rows, rows + 1), False: (rows + 1,) if code > 0 else (rows,)}[code < 0]
    return lax.rev(picture, axes)


def rotate(picture: jax.Array, turn: Turn, *, channels: bool = False) -> jax.Array:
    """Turn a picture as `cv2.rotate` does.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        turn: which way, and how far.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8[..., W, H] or u8[..., H, W], and the channels.

    Example:
        >>> rotate(jnp.array([[1, 2], [3, 4]], jnp.uint8), "90_clockwise").tolist()
        [[3, 1], [4, 2]]
    """
    if turn == "180":
        return flip(picture, -1, channels=channels)
    rows = picture.ndim - (3 if channels else 2)
    turned = jnp.swapaxes(picture, rows, rows + 1)
    return flip(turned, 1 if turn == "90_clockwise" else 0, channels=channels)


def crop(
    picture: jax.Array,
    top: jax.Array | int,
    left: jax.Array | int,
    height: int,
    width: int,
    *,
    channels: bool = False,
) -> jax.Array:
    """Cut a window of known size out of a picture.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        top: i32[], from which row; the window is moved until it lies inside.
        left: i32[], from which column.
        height: rows, at most H.
        width: columns, at most W.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8[..., height, width], and the channels.

    Raises:
        JaxcarError: the window is larger than the picture.

    Example:
        >>> crop(jnp.array([[1, 2], [3, 4]], jnp.uint8), 1, 0, 1, 2).tolist()
        [[3, 4]]
    """
    rows = picture.ndim - (3 if channels else 2)
    H, W = picture.shape[rows : rows + 2]
    if height > H or width > W:
        raise JaxcarError(
            "a window larger than the picture",
            got=f"{height} x {width}",
            expected=f"at most {H} x {W}",
        )
    picture = lax.dynamic_slice_in_dim(picture, top, height, rows)
    return lax.dynamic_slice_in_dim(picture, left, width, rows + 1)


def resize(
    picture: jax.Array,
    width: int,
    height: int,
    interpolation: Interpolation = "linear",
    *,
    channels: bool = False,
) -> jax.Array:
    """Resize as `cv2.resize(picture, (width, height), interpolation=...)` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        width: of the result.
        height: of the result.
        interpolation: `nearest`, `linear` (OpenCV's default) or `area`.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8[..., height, width], and the channels.

    Example:
        >>> resize(jnp.array([[0, 100]], jnp.uint8), 4, 1).tolist()
        [[0, 25, 75, 100]]
    """

    def resized(plane: jax.Array) -> jax.Array:
        H, W = plane.shape[-2:]
        if (height, width) == (H, W):
            return plane
        if interpolation == "nearest":
            return _picked(plane, _nearest(height, H), _nearest(width, W))
        if interpolation == "area" and width <= W and height <= H:
            if W % width == 0 and H % height == 0:
                return _block_means(plane, W // width, H // height)
            return _area_means(plane, width, height)
        weigh = _area_weights if interpolation == "area" else _linear_weights
        return _linear(plane, weigh(height, H), weigh(width, W))

    return for_each_plane(resized, picture, channels)


def _nearest(size: int, source: int) -> np.ndarray:
    """Return which of the source's pixels each of `size` pixels copies."""
    places = np.floor(np.arange(size) * (1.0 / (size / source))).astype(np.int32)
    return np.minimum(places, source - 1)


def _picked(plane: jax.Array, rows: np.ndarray, columns: np.ndarray) -> jax.Array:
    return jnp.take(compute_once(jnp.take(plane, columns, axis=-1)), rows, axis=-2)


class _Weights(NamedTuple):
    """Which pixel comes first for each of the result, f32 weight of the one after it."""

    first: np.ndarray
    fraction: np.ndarray


def _linear_weights(size: int, source: int) -> _Weights:
    scale = 1.0 / (size / source)
    place = ((np.arange(size) + 0.5) * scale - 0.5).astype(np.float32)
    first = np.floor(place).astype(np.int32)
    return _Weights(first, (place - first).astype(np.float32))


def _area_weights(size: int, source: int) -> _Weights:
    """Return what OpenCV's area interpolation takes where a picture does not shrink."""
    ratio = size / source
    first = np.floor(np.arange(size) * (1.0 / ratio)).astype(np.int32)
    fraction = (np.arange(size) + 1 - (first + 1) * ratio).astype(np.float32)
    fraction = np.where(fraction <= 0, 0, fraction - np.floor(fraction))
    return _Weights(first, fraction.astype(np.float32))


def _fixed(weights: _Weights) -> tuple[np.ndarray, np.ndarray]:
    one, scale = np.float32(1), np.float32(_SCALE)
    fixed = (one - weights.fraction) * scale, weights.fraction * scale
    return np.rint(fixed[0]).astype(np.int32), np.rint(fixed[1]).astype(np.int32)


def _linear(plane: jax.Array, rows: _Weights, columns: _Weights) -> jax.Array:
    """Interpolate in fixed point: columns with 11 bits, rows with 11 bits of what is left of it."""
    H, W = plane.shape[-2:]
    outside = (columns.first < 0) | (columns.first >= W - 1)
    columns = _Weights(columns.first, np.where(outside, np.float32(0), columns.fraction))
    (left, right), (upper, lower) = _fixed(columns), _fixed(rows)
    first, second = (np.clip(columns.first + i, 0, W - 1) for i in (0, 1))
    across = jnp.take(plane, first, axis=-1).astype(jnp.int32) * left
    across += jnp.take(plane, second, axis=-1).astype(jnp.int32) * right
    across = compute_once(across >> 4)
    above, below = (np.clip(rows.first + i, 0, H - 1) for i in (0, 1))
    total = (jnp.take(across, above, axis=-2) * upper[:, None]) >> 16
    total += (jnp.take(across, below, axis=-2) * lower[:, None]) >> 16
    return ((total + 2) >> 2).astype(jnp.uint8)


def _block_means(plane: jax.Array, wide: int, high: int) -> jax.Array:
    """Average blocks of whole pixels, rounding halves up in blocks of 2 x 2, else to even."""
    total = jnp.zeros((), jnp.int32)
    for x in range(wide):
        total = total + plane[..., x::wide].astype(jnp.int32)
    total = compute_once(total)
    rows = jnp.zeros((), jnp.int32)
    for y in range(high):
        rows = rows + total[..., y::high, :]
    if wide == high == 2:
        return ((rows + 2) >> 2).astype(jnp.uint8)
    mean = rows.astype(jnp.float32) * np.float32(1.0 / (wide * high))
    return jnp.rint(mean).astype(jnp.uint8)


def _area_means(plane: jax.Array, width: int, height: int) -> jax.Array:
    """Average areas that cut through pixels, in single floats and OpenCV's order."""
    H, W = plane.shape[-2:]
    means = _weighed(plane, *_area_taps(width, W), axis=-1)
    means = _weighed(means, *_area_taps(height, H), axis=-2)
    return jnp.clip(jnp.rint(means), 0, 255).astype(jnp.uint8)


def _area_taps(size: int, source: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels under each area and their shares of it, i32[K, size] and f32[K, size]."""
    scale = 1.0 / (size / source)
    taps: list[list[tuple[int, float]]] = []
    for place in range(size):
        begin = place * scale
        end, cell = begin + scale, min(scale, source - begin)
        last = min(int(np.floor(end)), source - 1)
        first = min(int(np.ceil(begin)), last)
        under = [(first - 1, (first - begin) / cell)] if first - begin > 1e-3 else []
        under += [(pixel, 1.0 / cell) for pixel in range(first, last)]
        if end - last > 1e-3:
            under.append((last, min(end - last, 1.0, cell) / cell))
        taps.append(under)
    most = max(len(under) for under in taps)
    pixels, shares = np.zeros((most, size), np.int32), np.zeros((most, size), np.float32)
    for place, under in enumerate(taps):
        for i, (pixel, share) in enumerate(under):
            pixels[i, place], shares[i, place] = pixel, share
    return pixels, shares


def _weighed(values: jax.Array, pixels: np.ndarray, shares: np.ndarray, axis: int) -> jax.Array:
    """Add f32 products up one by one: each product and each sum is rounded to a single float."""
    total: jax.Array | None = None
    for pixel, share in zip(pixels, shares, strict=True):
        weights = share if axis == -1 else share[:, None]
        part = jnp.take(values, pixel, axis=axis).astype(jnp.float32)
        part = rounded_product(part, jnp.asarray(weights))
        total = part if total is None else total + part
    assert total is not None
    return total
