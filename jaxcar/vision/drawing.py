"""Figures drawn on pictures, at places that may be known only at run time.

Source: OpenCV 4 and 5, modules/imgproc/src/drawing.cpp, for which pixels a figure has; here each
pixel finds out by itself. Bresenham's line and the midpoint circle have closed forms in integers.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.planes import merge, split

FILLED = -1


class Point(NamedTuple):
    """A pixel: column and row, i32[] or i32[...] with the pictures' batch, within +-2**14."""

    x: jax.Array | int
    y: jax.Array | int


def painted(
    picture: jax.Array, figure: jax.Array, colour: jax.Array, *, channels: bool = False
) -> jax.Array:
    """Give the pixels of a figure a colour.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        figure: bool[..., H, W], of `rectangle`, `circle` or `line`.
        colour: u8[], or u8[C] with `channels`.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Example:
        >>> figure = rectangle((1, 3), Point(0, 0), Point(1, 0), FILLED)
        >>> painted(jnp.zeros((1, 3), jnp.uint8), figure, jnp.uint8(9)).tolist()
        [[9, 9, 0]]
    """
    if not channels:
        return jnp.where(figure, colour.astype(jnp.uint8), picture)
    planes = [
        jnp.where(figure, colour[channel].astype(jnp.uint8), plane)
        for channel, plane in enumerate(split(picture))
    ]
    return merge(planes)


def rectangle(size: tuple[int, int], first: Point, second: Point, thickness: int = 1) -> jax.Array:
    """Return the pixels of `cv2.rectangle(picture, first, second, colour, thickness)`: exact.

    Args:
        size: H and W of the picture.
        first: a corner, inclusive.
        second: the opposite corner.
        thickness: of the outline, at least 1, or `FILLED`.

    Returns:
        bool[..., H, W].

    Example:
        >>> rectangle((3, 3), Point(0, 0), Point(2, 2)).astype(int).tolist()
        [[1, 1, 1], [1, 0, 1], [1, 1, 1]]
    """
    x, y = _places(size)
    left, right = _ordered(first.x, second.x)
    top, bottom = _ordered(first.y, second.y)
    outside_x = jnp.maximum(jnp.maximum(left - x, x - right), 0)
    outside_y = jnp.maximum(jnp.maximum(top - y, y - bottom), 0)
    outside = (outside_x > 0) | (outside_y > 0)
    if thickness < 0:
        return ~outside
    # A pixel belongs to the outline if a disc around it reaches a side.
    reach = (thickness + 1) // 2 if thickness > 1 else 0
    inwards = jnp.minimum(jnp.minimum(x - left, right - x), jnp.minimum(y - top, bottom - y))
    near = outside_x * outside_x + outside_y * outside_y <= reach * reach
    return jnp.where(outside, near, inwards <= reach)


def circle(
    size: tuple[int, int], centre: Point, radius: jax.Array | int, *, filled: bool = False
) -> jax.Array:
    """Return the pixels of `cv2.circle(picture, centre, radius, colour, thickness)`: exact.

    Args:
        size: H and W of the picture.
        centre: may lie outside.
        radius: i32[], from 0 to 2**14.
        filled: for OpenCV's negative thickness; else the outline of thickness 1.

    Returns:
        bool[..., H, W].

    Example:
        >>> circle((3, 3), Point(1, 1), 1).astype(int).tolist()
        [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    x, y = _places(size)
    across, down = jnp.abs(x - _last_axes(centre.x)), jnp.abs(y - _last_axes(centre.y))
    major, minor = jnp.maximum(across, down), jnp.minimum(across, down)
    square = _last_axes(radius) ** 2
    inside = major * major + minor * minor <= square
    if filled:
        return inside
    return inside & ((major + 1) * (major + 1) + minor * minor > square)


def line(size: tuple[int, int], first: Point, second: Point) -> tuple[jax.Array, jax.Array]:
    """Return the pixels of `cv2.line(picture, first, second, colour)`: exact within the picture.

    Args:
        size: H and W of the picture.
        first: where it begins.
        second: where it ends.

    Returns:
        bool[..., H, W], and bool[...] whether an end lies outside the picture: OpenCV cuts such a
        line off first, and the rest may differ from this by a pixel to the side.

    Example:
        >>> pixels, outside = line((2, 4), Point(0, 0), Point(3, 1))
        >>> pixels.astype(int).tolist(), bool(outside)
        ([[1, 1, 0, 0], [0, 0, 1, 1]], False)
    """
    H, W = size
    x, y = _places(size)
    ends = [_last_axes(value) for value in (first.x, first.y, second.x, second.y)]
    outside = jnp.bool_(False)
    for value, limit in zip(ends, (W, H, W, H), strict=True):
        outside = outside | (value < 0) | (value >= limit)
    swap = ends[0] > ends[2]
    x0, y0 = jnp.where(swap, ends[2], ends[0]), jnp.where(swap, ends[3], ends[1])
    x1, y1 = jnp.where(swap, ends[0], ends[2]), jnp.where(swap, ends[1], ends[3])
    dx, dy, way = x1 - x0, jnp.abs(y1 - y0), jnp.where(y1 >= y0, 1, -1)
    flat = dy <= dx
    run, rise = jnp.where(flat, dx, dy), jnp.where(flat, dy, dx)
    step = jnp.where(flat, x - x0, way * (y - y0))
    aside = jnp.where(flat, way * (y - y0), x - x0)
    # Halves are rounded towards the beginning.
    wanted = -((run - 2 * rise * step) // jnp.maximum(2 * run, 1))
    return (step >= 0) & (step <= run) & (aside == wanted), outside[..., 0, 0]


def _places(size: tuple[int, int]) -> tuple[jax.Array, jax.Array]:
    H, W = size
    return jnp.arange(W, dtype=jnp.int32), jnp.arange(H, dtype=jnp.int32)[:, None]


def _last_axes(value: jax.Array | int) -> jax.Array:
    """Give a number axes for row and column behind those of the batch."""
    return jnp.asarray(value, jnp.int32)[..., None, None]


def _ordered(a: jax.Array | int, b: jax.Array | int) -> tuple[jax.Array, jax.Array]:
    one, other = _last_axes(a), _last_axes(b)
    return jnp.minimum(one, other), jnp.maximum(one, other)
