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
from jaxcar.vision.planes import for_each_plane

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
        >>> import jax.numpy as jnp
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
        >>> import jax.numpy as jnp
        >>> dilate(jnp.array([[0, 0, 0, 255]], jnp.uint8)).tolist()
        [[0, 0, 255, 255]]
    """
    return _morphed(picture, kernel, iterations, channels, np.uint8(0), lax.max)


def morph(
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
        >>> import jax.numpy as jnp
        >>> morph(jnp.array([[255, 0, 255, 255, 255]], jnp.uint8), "close").tolist()
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
    (h, w), more = under.shape, iterations - 1

    def choose_once(plane: jax.Array) -> jax.Array:
        return _any_kernel(plane, under, loser, choose)

    def choose_in_boxes(plane: jax.Array) -> jax.Array:
        size = (h + more * (h - 1), w + more * (w - 1))
        anchor = (h // 2 * iterations, w // 2 * iterations)
        return _box(plane, size, anchor, loser, choose)

    if iterations > 0 and under.all():
        return for_each_plane(choose_in_boxes, picture, channels)
    for _ in range(iterations):
        picture = for_each_plane(choose_once, picture, channels)
    return picture


def _box(
    plane: jax.Array,
    size: tuple[int, int],
    anchor: tuple[int, int],
    loser: np.uint8,
    choose: _Choose,
) -> jax.Array:
    """Choose within boxes, columns apart from rows."""
    (h, w), (up, left), (height, width) = size, anchor, plane.shape[-2:]
    if max(size) <= _SMALL:
        plane = _window(plane, h, up, plane.ndim - 2, loser, choose)
        return _window(plane, w, left, plane.ndim - 1, loser, choose)
    rows = _padded(plane, (up, h - 1 - up), (left, w - 1 - left), loser)
    rows = compute_once(reduce(choose, [rows[..., i : i + width] for i in range(w)]))
    return compute_once(reduce(choose, [rows[..., i : i + height, :] for i in range(h)]))


def _window(
    plane: jax.Array, size: int, before: int, axis: int, loser: np.uint8, choose: _Choose
) -> jax.Array:
    if size == 1:
        return plane
    window, padding = [1] * plane.ndim, [(0, 0)] * plane.ndim
    window[axis], padding[axis] = size, (before, size - 1 - before)
    return lax.reduce_window(plane, loser, choose, window, [1] * plane.ndim, padding)


def _any_kernel(plane: jax.Array, under: np.ndarray, loser: np.uint8, choose: _Choose) -> jax.Array:
    """Choose under any kernel: once for each pattern of its rows, and then among those."""
    (h, w), (height, width) = under.shape, plane.shape[-2:]
    up, left = h // 2, w // 2
    rows = _padded(plane, (up, h - 1 - up), (left, w - 1 - left), loser)
    across: dict[bytes, jax.Array] = {}
    chosen = []
    for row, pattern in enumerate(under):
        if not pattern.any():
            continue
        if pattern.tobytes() not in across:
            slices = [rows[..., i : i + width] for i in np.flatnonzero(pattern)]
            across[pattern.tobytes()] = compute_once(reduce(choose, slices))
        chosen.append(across[pattern.tobytes()][..., row : row + height, :])
    return compute_once(reduce(choose, chosen))


def _padded(
    plane: jax.Array, vertical: tuple[int, int], horizontal: tuple[int, int], loser: np.uint8
) -> jax.Array:
    nothing = [(0, 0, 0)] * (plane.ndim - 2)
    return compute_once(lax.pad(plane, loser, [*nothing, (*vertical, 0), (*horizontal, 0)]))
