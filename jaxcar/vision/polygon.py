"""Polygons of few corners in place of contours, corner by corner as OpenCV's.

Source: Douglas and Peucker, "Algorithms for the reduction of the number of points required to
represent a digitized line", Cartographica 10, 1973; OpenCV 5, modules/imgproc/src/approx.cpp.
Every contour of a block measures one stretch of itself per step, all points at once.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.border import apart
from jaxcar.vision.fence import in_double
from jaxcar.vision.roster import SHORT, each_contour

_ROUNDS = 3  # in search of two points far apart, from which the stretches begin


class Polygons(NamedTuple):
    """Polygons, at most as many corners as the contours have points.

    Attributes:
        points: i16[..., P, 2], x and y; what is past a polygon's length is 0.
        lengths: i32[...].
    """

    points: jax.Array
    lengths: jax.Array


@in_double
def approximate_polygon(points: jax.Array, lengths: jax.Array, epsilon: jax.Array) -> Polygons:
    """Approximate closed contours as `cv2.approxPolyDP(contour, epsilon, True)` does: exact.

    Args:
        points: i32[..., P, 2], x and y from 0 to 4095.
        lengths: i32[...], how many of them count.
        epsilon: f64[...] or f32[...], the greatest distance from the polygon.

    Returns:
        The polygons.

    Example:
        >>> bent = jnp.array([[0, 0], [0, 9], [9, 9], [9, 1], [5, 0]])
        >>> found = approximate_polygon(bent, jnp.int32(5), 2.0)
        >>> int(found.lengths)
        4
    """
    epsilon = jnp.broadcast_to(jnp.asarray(epsilon, jnp.float64), lengths.shape)
    return each_contour(_polygon, points, lengths, epsilon, tiers=(SHORT,))


class _Lane(NamedTuple):
    points: jax.Array  # i32[K, P], y << 16 | x
    length: jax.Array  # i32[K]
    square: jax.Array  # f64[K], of epsilon
    slot: jax.Array
    round: jax.Array
    origin: jax.Array  # the point at which the first stretch begins
    begin: jax.Array  # of the stretch, in points after the origin
    end: jax.Array
    kept: jax.Array  # bool[K, P], ends of stretches
    count: jax.Array  # type: ignore[assignment]


def _at(points: jax.Array, index: jax.Array) -> jax.Array:
    return jnp.take_along_axis(points, index[:, None], axis=1)


def _stretch(lane: _Lane, after: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return how far, squared and times the stretch's squared length, points are from a stretch.

    Returns:
        f64[K, P], -1 for points that are not on it; the squared length, f64[K, 1]; and the last
        point's place, i32[K].
    """
    length = jnp.maximum(lane.length, 1)
    first = _at(lane.points, (lane.origin + lane.begin) % length)
    last = _at(lane.points, (lane.origin + lane.end) % length)
    x, y, ax, ay, bx, by = (
        part.astype(jnp.float64)
        for whole in (lane.points, first, last)
        for part in (whole & 0xFFFF, whole >> 16)
    )
    dx, dy = bx - ax, by - ay
    size, along = dx * dx + dy * dy, (x - ax) * dx + (y - ay) * dy
    across = (y - ay) * dx - (x - ax) * dy
    before, beyond = (x - ax) ** 2 + (y - ay) ** 2, (x - bx) ** 2 + (y - by) ** 2
    distance = jnp.where(
        along < 0, before * size, jnp.where(along > size, beyond * size, across * across)
    )
    inner = (after > lane.begin[:, None]) & (after < lane.end[:, None])
    return jnp.where(inner, distance, -1.0), size[:, 0], first[:, 0]


def _far(lane: _Lane, after: jax.Array) -> jax.Array:
    """Return how far, squared, points are from the origin: f64[K, P], -1 past the length."""
    origin = _at(lane.points, lane.origin)
    dx = (lane.points & 0xFFFF) - (origin & 0xFFFF)
    dy = (lane.points >> 16) - (origin >> 16)
    index = jnp.arange(lane.points.shape[1], dtype=jnp.int32)
    counted = (index < lane.length[:, None]) & (after > 0)
    return jnp.where(counted, dx * dx + dy * dy, -1).astype(jnp.float64)


def _measure(lane: _Lane, written: jax.Array) -> tuple[_Lane, jax.Array]:
    """Measure a stretch; split it at its furthest point, or keep its first and go on."""
    P = lane.points.shape[1]
    index = jnp.arange(P, dtype=jnp.int32)
    length = jnp.maximum(lane.length, 1)[:, None]
    after = index - lane.origin[:, None]
    after = jnp.where(after < 0, after + length, after)
    exists = index < lane.length[:, None]
    seeking, walking = lane.round < _ROUNDS, lane.begin < lane.length
    stretched, size, first = _stretch(lane, after)
    distance = jnp.where(seeking[:, None], _far(lane, after), stretched)
    distance = jnp.where(exists, distance, -1.0)
    greatest = jnp.max(distance, axis=1)
    furthest = jnp.min(jnp.where(distance == greatest[:, None], after, P), axis=1)
    found = greatest > 0
    # While seeking: the furthest point is the next origin, and how far it is from the last one.
    last_round = lane.round == _ROUNDS - 1
    step = jnp.where(found, furthest, lane.end)
    origin = jnp.where(seeking & ~last_round, (lane.origin + step) % length[:, 0], lane.origin)
    single = seeking & last_round & (jnp.maximum(greatest, 0) <= lane.square)
    # On a stretch.
    split = ~seeking & found & ~(greatest <= lane.square * size)
    close = ~seeking & ~split & walking
    following = jnp.where(
        lane.kept & exists & (after > lane.end[:, None]), after, lane.length[:, None]
    )
    begin = jnp.where(close, lane.end, jnp.where(single, lane.length, lane.begin))
    end = jnp.where(split, furthest, jnp.where(close, jnp.min(following, axis=1), lane.end))
    end = jnp.where(seeking, step, end)
    mark = jnp.where(split, furthest, jnp.where(seeking & last_round, step, -1))
    kept = lane.kept | (after == mark[:, None])
    emit = (close | single) & (lane.length > 0)
    corner = jnp.where(single, _at(lane.points, lane.origin)[:, 0], first)
    cell = jnp.where(emit, lane.slot * P + lane.count, written.size)
    written = written.at[cell].set(corner, mode="drop", unique_indices=True)
    lane = lane._replace(
        round=lane.round + seeking, origin=origin, begin=begin, end=end, kept=kept,
        count=lane.count + emit,
    )  # fmt: skip
    return lane, written


def _polygon(points: jax.Array, lengths: jax.Array, epsilon: jax.Array) -> Polygons:
    """Approximate contours i32[K, P, 2] of lengths i32[K], with epsilon f64[K]."""
    K, P, _ = points.shape
    zero, slot = jnp.zeros(K, jnp.int32), jnp.arange(K, dtype=jnp.int32)
    start = _Lane(
        (points[..., 1] << 16) | points[..., 0], lengths, epsilon**2, slot,
        zero, zero, zero, zero, jnp.zeros((K, P), bool), zero,
    )  # fmt: skip
    lane, corners = jax.lax.while_loop(
        lambda state: jnp.any(state[0].begin < state[0].length),
        lambda state: _measure(*state),
        (start, jnp.zeros(K * P, jnp.int32)),
    )
    return _straighten(corners.reshape(K, P), lane.count, epsilon**2)


class _Corner(NamedTuple):
    slot: jax.Array
    square: jax.Array  # f64[K]
    total: jax.Array
    done: jax.Array  # corners looked at
    left: jax.Array  # corners that remain
    read: jax.Array
    write: jax.Array
    start: jax.Array  # y << 16 | x
    here: jax.Array


def _drop(lane: _Corner, results: jax.Array, points: int) -> tuple[_Corner, jax.Array]:
    """Look at one corner; drop it where it lies near the line between its neighbours."""

    def read(index: jax.Array) -> jax.Array:
        return results.at[lane.slot * points + index].get(mode="clip")

    def onward(index: jax.Array) -> jax.Array:
        return jnp.where(index + 1 >= lane.total, 0, index + 1)

    active = (lane.done < lane.total) & (lane.left > 2)
    ahead = read(lane.read)
    sx, sy, x, y, ex, ey = (
        part.astype(jnp.float64)
        for whole in (lane.start, lane.here, ahead)
        for part in (whole & 0xFFFF, whole >> 16)
    )
    dx, dy = ex - sx, ey - sy
    across = jnp.abs((x - sx) * dy - (y - sy) * dx)
    inner = (x - sx) * (ex - x) + (y - sy) * (ey - y)
    near = across * across <= 0.5 * lane.square * (dx * dx + dy * dy)
    dropped = near & (dx != 0) & (dy != 0) & (inner >= 0)
    start = jnp.where(dropped, ahead, lane.here)
    cell = jnp.where(active, lane.slot * points + lane.write, results.size)
    results = results.at[cell].set(start, mode="drop", unique_indices=True)
    second = results.at[lane.slot * points + onward(lane.read)].get(mode="clip")
    after = jnp.where(dropped, onward(onward(lane.read)), onward(lane.read))
    moved = _Corner(
        lane.slot, lane.square, lane.total, lane.done + 1 + dropped, lane.left - dropped, after,
        onward(lane.write), start, jnp.where(dropped, second, ahead),
    )  # fmt: skip
    return jax.tree.map(lambda new, old: jnp.where(active, new, old), moved, lane), results


def _straighten(corners: jax.Array, counts: jax.Array, squares: jax.Array) -> Polygons:
    """Drop corners i32[K, P] between neighbours that lie nearly in line with them."""
    K, P = corners.shape
    zero = jnp.zeros_like(counts)
    final = jnp.take_along_axis(corners, jnp.maximum(counts - 1, 0)[:, None], axis=1)[:, 0]
    slot = jnp.arange(K, dtype=jnp.int32)
    start = _Corner(
        slot, squares, counts, zero, counts, jnp.where(counts > 1, 1, 0), zero, final, corners[:, 0]
    )
    lane, written = jax.lax.while_loop(
        lambda state: jnp.any((state[0].done < state[0].total) & (state[0].left > 2)),
        lambda state: _drop(*state, P),
        (start, corners.reshape(-1)),
    )
    exists = jnp.arange(P, dtype=jnp.int32) < lane.left[:, None]
    return Polygons(apart(jnp.where(exists, written.reshape(K, P), 0)), lane.left)
