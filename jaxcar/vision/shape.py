"""Measures of contours: area, length, upright rectangle.

Every function takes the points of one contour or of any number of them, and how many there are, as
`find_contours` gives. What is past a contour's length is not looked at; an empty one measures 0.

Source: OpenCV 5, modules/imgproc/src/shapedescr.cpp and contours.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.roster import each_contour


class Edges(NamedTuple):
    """The sides of closed contours, [..., P]: the one that ends at each point.

    Attributes:
        begin_x: i32, of the point before; the last one's for the first point.
        begin_y: i32.
        x: i32.
        y: i32.
        exists: bool.
    """

    begin_x: jax.Array
    begin_y: jax.Array
    x: jax.Array
    y: jax.Array
    exists: jax.Array


def _before(values: jax.Array, lengths: jax.Array) -> jax.Array:
    last = jnp.maximum(lengths - 1, 0)[..., None]
    final = jnp.take_along_axis(values, last, axis=-1)
    return jnp.concatenate([final, values[..., :-1]], axis=-1)


def edges(points: jax.Array, lengths: jax.Array) -> Edges:
    """Return the sides of contours, of points [..., P, 2] and lengths i32[...]."""
    x, y = points[..., 0].astype(jnp.int32), points[..., 1].astype(jnp.int32)
    exists = jnp.arange(points.shape[-2], dtype=jnp.int32) < lengths[..., None]
    return Edges(_before(x, lengths), _before(y, lengths), x, y, exists)


def contour_area(points: jax.Array, lengths: jax.Array, oriented: bool = False) -> jax.Array:
    """Measure as `cv2.contourArea` does: exact for points from 0 to 32767.

    Args:
        points: i32[..., P, 2], x and y.
        lengths: i32[...], how many of them count.
        oriented: whether a contour that runs clockwise on the screen keeps its sign.

    Returns:
        f64[...].

    Example:
        >>> square = jnp.array([[0, 0], [0, 3], [3, 3], [3, 0]])
        >>> float(contour_area(square, jnp.int32(4)))
        9.0
    """
    return each_contour(_oriented_area if oriented else _area, points, lengths)


def _oriented_area(points: jax.Array, lengths: jax.Array) -> jax.Array:
    side = edges(points, lengths)
    # Twice the area fits 32 bits, and so do sums that wrap around on the way.
    twice = side.begin_x * side.y - side.x * side.begin_y
    total = jnp.sum(jnp.where(side.exists, twice, 0), axis=-1, dtype=jnp.int32)
    return total.astype(jnp.float64) * 0.5


def _area(points: jax.Array, lengths: jax.Array) -> jax.Array:
    return jnp.abs(_oriented_area(points, lengths))


def arc_length(points: jax.Array, lengths: jax.Array, closed: bool = True) -> jax.Array:
    """Measure as `cv2.arcLength` does: exact for points from 0 to 2047.

    OpenCV rounds each side to 32 bits; the sum of so few of them in 64 bits is exact in any order.

    Args:
        points: i32[..., P, 2], x and y.
        lengths: i32[...], how many of them count.
        closed: whether the side from the last point to the first counts.

    Returns:
        f64[...].

    Example:
        >>> float(arc_length(jnp.array([[0, 0], [3, 4]]), jnp.int32(2), closed=False))
        5.0
    """
    return each_contour(_length if closed else _open_length, points, lengths)


def _length(points: jax.Array, lengths: jax.Array, first: int = 0) -> jax.Array:
    side = edges(points, lengths)
    dx, dy = side.x - side.begin_x, side.y - side.begin_y
    squares = (dx * dx + dy * dy).astype(jnp.float32)
    counted = side.exists & (jnp.arange(points.shape[-2], dtype=jnp.int32) >= first)
    roots = jnp.where(counted, jnp.sqrt(squares), 0)
    return jnp.sum(roots.astype(jnp.float64), axis=-1)


def _open_length(points: jax.Array, lengths: jax.Array) -> jax.Array:
    return _length(points, lengths, first=1)


def bounding_rect(points: jax.Array, lengths: jax.Array) -> jax.Array:
    """Return x, y, width and height as `cv2.boundingRect` does: exact.

    Args:
        points: i32[..., P, 2], x and y.
        lengths: i32[...], how many of them count.

    Returns:
        i32[..., 4].

    Example:
        >>> bounding_rect(jnp.array([[1, 2], [4, 3]]), jnp.int32(2)).tolist()
        [1, 2, 4, 2]
    """
    return each_contour(_rectangle, points, lengths)


def _rectangle(points: jax.Array, lengths: jax.Array) -> jax.Array:
    exists = jnp.arange(points.shape[-2], dtype=jnp.int32) < lengths[..., None]
    info = jnp.iinfo(jnp.int32)
    corners = []
    for axis in (0, 1):
        value = points[..., axis].astype(jnp.int32)
        low = jnp.min(jnp.where(exists, value, info.max), axis=-1)
        high = jnp.max(jnp.where(exists, value, info.min), axis=-1)
        corners.append((low, high))
    (left, right), (top, bottom) = corners
    rectangle = jnp.stack([left, top, right - left + 1, bottom - top + 1], axis=-1)
    return jnp.where(lengths[..., None] > 0, rectangle, 0)
