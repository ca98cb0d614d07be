"""Erosion, dilation and what is made of them, with OpenCV's structuring elements.

Source: OpenCV 4 and 5, modules/imgproc/src/morph.dispatch.cpp. Pixels outside the picture never
win, which is what OpenCV's default border value says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Literal

import jax
import numpy as np
from jax import lax

from jaxcar.errors import JaxcarError
from jaxcar.vision.fence import compute_once

Shape = Literal["rectangle", "cross", "ellipse"]
Operation = Literal["erode", "dilate", "open", "close", "gradient", "top_hat", "black_hat"]
_SMALL = 7  # up to this side a window is reduced faster than slices are combined


def structuring_element(shape: Shape, width: int, height: int) -> np.ndarray:
    """Draw a kernel as `cv2.getStructuringElement(shape, (width, height))` does: exact.

    Args:
        shape: `rectangle`, `cross` or `ellipse`.
        width: at least 1.
        height: at least 1.

    Returns:
        u8[height, width] of 0 and 1, in NumPy: a kernel is known when a program is compiled.

    Example:
        >>> structuring_element("ellipse", 3, 3).tolist()
        [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    """
    element = np.zeros((height, width), np.uint8)
    middle, centre = height // 2, width // 2
    if shape == "rectangle":
        element[:] = 1
    elif shape == "cross":
        element[middle] = element[:, centre] = 1
    else:
        for row in range(height):
            up = row - middle
            if abs(up) <= middle:
                inverse = 1 / (middle * middle) if middle else 0.0
                reach = round(centre * np.sqrt((middle * middle - up * up) * inverse))
                element[row, max(centre - reach, 0) : centre + reach + 1] = 1
    return element


def erode(
    picture: jax.Array,
    kernel: np.ndarray | None = None,
    iterations: int = 1,
    *,
    channels: bool = False,
) -> jax.Array:
    """Take the least value under a kernel, as `cv2.erode` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        kernel: [h, w], where it is not 0, anchored at [h // 2, w // 2]; None for 3 x 3.
        iterations: how many times; 0 for the picture itself.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: the kernel is 0 everywhere.

    Example:
        >>> erode(jnp.array([[255, 255, 255, 0]], jnp.uint8)).tolist()
        [[255, 255, 0, 0]]
    """
    return _morphed(picture, kernel, iterations, channels, np.uint8(255), lax.min)


def dilate(
    picture: jax.Array,
    kernel: np.ndarray | None = None,
    iterations: int = 1,
    *,
    channels: bool = False,
) -> jax.Array:
    """Take the greatest value under a kernel, as `cv2.dilate` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        kernel: [h, w], where it is not 0, anchored at [h // 2, w // 2]; None for 3 x 3.
        iterations: how many times; 0 for the picture itself.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: the kernel is 0 everywhere.

    Example:
        >>> dilate(jnp.array([[0, 0, 0, 255]], jnp.uint8)).tolist()
        [[0, 0, 255, 255]]
    """
    return _morphed(picture, kernel, iterations, channels, np.uint8(0), lax.max)


def morphology(
    picture: jax.Array,
    operation: Operation,
    kernel: np.ndarray | None = None,
    iterations: int = 1,
    *,
    channels: bool = False,
) -> jax.Array:
    """Combine erosions and dilations as `cv2.morphologyEx` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        operation: `open`, `close`, `gradient` and so on.
        kernel: [h, w], where it is not 0; None for 3 x 3.
        iterations: of each erosion and each dilation.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: the kernel is 0 everywhere.

    Example:
        >>> morphology(jnp.array([[255, 0, 255, 255, 255]], jnp.uint8), "close").tolist()
        [[255, 255, 255, 255, 255]]
    """

    def least(values: jax.Array) -> jax.Array:
        return erode(values, kernel, iterations, channels=channels)

    def greatest(values: jax.Array) -> jax.Array:
        return dilate(values, kernel, iterations, channels=channels)

    if operation == "erode":
        return least(picture)
    if operation == "dilate":
        return greatest(picture)
    if operation == "open":
        return greatest(least(picture))
    if operation == "close":
        return least(greatest(picture))
    if operation == "gradient":
        return greatest(picture) - least(picture)
    if operation == "top_hat":
        return picture - greatest(least(picture))
    return least(greatest(picture)) - picture


_Choose = Callable[[jax.Array, jax.Array], jax.Array]


def _morphed(
    picture: jax.Array,
    kernel: np.ndarray | None,
    iterations: int,
    channels: bool,
    loser: np.uint8,
    choose: _Choose,
) -> jax.Array:
    """Choose among the pixels under the kernel; pixels outside are the loser."""
    under = np.ones((3, 3), bool) if kernel is None else np.asarray(kernel) != 0
    if not under.any():
        raise JaxcarError("a kernel of zeros", expected="a kernel with an element that is not 0")
    step = picture.shape[-1] if channels else 1
    # A step to the next pixel of a row is as many elements as there are channels.
    rows = picture.reshape(*picture.shape[:-2], -1) if channels else picture
    (h, w), (up, left) = under.shape, (under.shape[0] // 2, under.shape[1] // 2)
    if under.all() and iterations > 0:
        more = iterations - 1
        size = (h + more * (h - 1), w + more * (w - 1))
        rows = _box(rows, size, (up * iterations, left * iterations), step, loser, choose)
    elif not under.all():
        for _ in range(iterations):
            rows = _any_kernel(rows, under, step, loser, choose)
    return rows.reshape(picture.shape)


def _box(
    rows: jax.Array,
    size: tuple[int, int],
    anchor: tuple[int, int],
    step: int,
    loser: np.uint8,
    choose: _Choose,
) -> jax.Array:
    """Choose within boxes, columns apart from rows, of rows u8[..., H, W * step]."""
    (h, w), (up, left) = size, anchor
    if max(size) <= _SMALL:
        rows = _window(rows, h, up, 1, rows.ndim - 2, loser, choose)
        return _window(rows, w, left, step, rows.ndim - 1, loser, choose)
    height, width = rows.shape[-2:]
    padded = _padded(rows, (up, h - 1 - up), (left * step, (w - 1 - left) * step), loser)
    across = [padded[..., i * step : i * step + width] for i in range(w)]
    chosen = compute_once(reduce(choose, across))
    return compute_once(reduce(choose, [chosen[..., i : i + height, :] for i in range(h)]))


def _window(
    rows: jax.Array,
    size: int,
    before: int,
    step: int,
    axis: int,
    loser: np.uint8,
    choose: _Choose,
) -> jax.Array:
    if size == 1:
        return rows
    ones = [1] * rows.ndim
    window, dilation, padding = list(ones), list(ones), [(0, 0)] * rows.ndim
    window[axis], dilation[axis] = size, step
    padding[axis] = (before * step, (size - 1 - before) * step)
    return lax.reduce_window(rows, loser, choose, window, ones, padding, window_dilation=dilation)


def _any_kernel(
    rows: jax.Array, under: np.ndarray, step: int, loser: np.uint8, choose: _Choose
) -> jax.Array:
    """Choose under any kernel: once for each pattern of its rows, and then among those."""
    h, w = under.shape
    height, width = rows.shape[-2:]
    up, left = h // 2, w // 2
    padded = _padded(rows, (up, h - 1 - up), (left * step, (w - 1 - left) * step), loser)
    across: dict[bytes, jax.Array] = {}
    chosen = []
    for row, pattern in enumerate(under):
        if not pattern.any():
            continue
        if pattern.tobytes() not in across:
            slices = [padded[..., i * step : i * step + width] for i in np.flatnonzero(pattern)]
            across[pattern.tobytes()] = compute_once(reduce(choose, slices))
        chosen.append(across[pattern.tobytes()][..., row : row + height, :])
    return compute_once(reduce(choose, chosen))


def _padded(
    rows: jax.Array, vertical: tuple[int, int], horizontal: tuple[int, int], loser: np.uint8
) -> jax.Array:
    nothing = [(0, 0, 0)] * (rows.ndim - 2)
    return compute_once(lax.pad(rows, loser, [*nothing, (*vertical, 0), (*horizontal, 0)]))
