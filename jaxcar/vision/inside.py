"""Points against contours: inside, on the edge or outside, and how far.

Source: OpenCV 5, modules/imgproc/src/geometry.cpp.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.fence import rounded_product, rounded_quotient
from jaxcar.vision.roster import each_contour
from jaxcar.vision.shape import edges


def point_polygon_test(
    points: jax.Array, lengths: jax.Array, point: jax.Array, measure: bool = False
) -> jax.Array:
    """Test as `cv2.pointPolygonTest` does.

    Args:
        points: i32[..., P, 2], x and y from 0 to 16383.
        lengths: i32[...], how many of them count.
        point: f32[..., 2], x and y, as OpenCV rounds them.
        measure: whether the distance to the nearest edge is wanted.

    Returns:
        f64[...]: 1 inside, 0 on an edge, -1 outside; or the distance with that sign.

    Example:
        >>> square = jnp.array([[0, 0], [0, 4], [4, 4], [4, 0]])
        >>> float(point_polygon_test(square, jnp.int32(4), jnp.array([1.0, 2.0]), True))
        1.0
    """
    asked = jnp.broadcast_to(jnp.asarray(point, jnp.float32), (*jnp.shape(lengths), 2))
    return each_contour(_distance if measure else _side, points, lengths, asked)


class _Sides(NamedTuple):
    """Edges and asked points as OpenCV's 32-bit floats, f32[K, P] and f32[K, 1]."""

    exists: jax.Array
    ax: jax.Array
    ay: jax.Array
    bx: jax.Array
    by: jax.Array
    px: jax.Array
    py: jax.Array
    crossed: jax.Array  # by the ray from the point


def _sides(points: jax.Array, lengths: jax.Array, point: jax.Array) -> _Sides:
    side = edges(points, lengths)
    px, py = point[..., :1], point[..., 1:]
    ax, ay, bx, by = (v.astype(jnp.float32) for v in (side.begin_x, side.begin_y, side.x, side.y))
    crossed = side.exists & ~(
        ((ay <= py) & (by <= py)) | ((ay > py) & (by > py)) | ((ax < px) & (bx < px))
    )
    return _Sides(side.exists, ax, ay, bx, by, px, py, crossed)


def _side(points: jax.Array, lengths: jax.Array, point: jax.Array) -> jax.Array:
    exists, ax, ay, bx, by, px, py, crossed = _sides(points, lengths, point)
    wide = (v.astype(jnp.float64) for v in (px, py, ax, ay, bx, by))
    x, y, dax, day, dbx, dby = wide
    turn = rounded_product(y - day, dbx - dax) - rounded_product(x - dax, dby - day)
    turn = jnp.where(by < ay, -turn, turn)
    level = (by == py) & (ay == py) & (((ax <= px) & (px <= bx)) | ((bx <= px) & (px <= ax)))
    edge = jnp.any(exists & (level | ((px == bx) & (py == by))), axis=-1)
    edge |= jnp.any(crossed & (turn == 0), axis=-1)
    odd = jnp.sum(crossed & (turn > 0), axis=-1, dtype=jnp.int32) & 1
    return jnp.where(edge, 0.0, jnp.where(odd == 1, 1.0, -1.0))


def _distance(points: jax.Array, lengths: jax.Array, point: jax.Array) -> jax.Array:
    exists, ax, ay, bx, by, px, py, crossed = _sides(points, lengths, point)
    dx, dy = (bx - ax).astype(jnp.float64), (by - ay).astype(jnp.float64)
    dx1, dy1 = (px - ax).astype(jnp.float64), (py - ay).astype(jnp.float64)
    dx2, dy2 = (px - bx).astype(jnp.float64), (py - by).astype(jnp.float64)
    cross = rounded_product(dy1, dx) - rounded_product(dx1, dy)
    before = rounded_product(dx1, dx) + rounded_product(dy1, dy) <= 0
    beyond = rounded_product(dx2, dx) + rounded_product(dy2, dy) >= 0
    near = rounded_product(dx1, dx1) + rounded_product(dy1, dy1)
    far = rounded_product(dx2, dx2) + rounded_product(dy2, dy2)
    size = rounded_product(dx, dx) + rounded_product(dy, dy)
    line = rounded_quotient(rounded_product(cross, cross), jnp.where(size == 0, 1.0, size))
    square = jnp.where(before, near, jnp.where(beyond, far, line))
    square = jnp.where(exists, square, jnp.inf)
    distance = jnp.sqrt(jnp.min(square, axis=-1))
    cross = jnp.where(dy < 0, -cross, cross)
    odd = jnp.sum(crossed & (cross > 0), axis=-1, dtype=jnp.int32) & 1
    return jnp.where(odd == 1, distance, -distance)


def is_contour_convex(points: jax.Array, lengths: jax.Array) -> jax.Array:
    """Tell as `cv2.isContourConvex` does: exact.

    Args:
        points: i32[..., P, 2], x and y from 0 to 32767.
        lengths: i32[...], how many of them count.

    Returns:
        bool[...].

    Example:
        >>> bool(is_contour_convex(jnp.array([[0, 0], [0, 4], [4, 4]]), jnp.int32(3)))
        True
    """
    side = edges(points, lengths)
    dx, dy = side.x - side.begin_x, side.y - side.begin_y
    last = jnp.maximum(lengths - 1, 0)[..., None]

    def before(v: jax.Array) -> jax.Array:
        return jnp.concatenate([jnp.take_along_axis(v, last, axis=-1), v[..., :-1]], axis=-1)

    turn = before(dx) * dy - before(dy) * dx
    left = jnp.all(~side.exists | (turn > 0), axis=-1)
    right = jnp.all(~side.exists | (turn < 0), axis=-1)
    return (left | right) & (lengths > 0)
