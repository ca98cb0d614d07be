"""Polygons of few corners in place of contours, corner by corner as OpenCV's.

Source: Douglas and Peucker, "Algorithms for the reduction of the number of points required to
represent a digitized line", Cartographica 10, 1973; OpenCV 5, modules/imgproc/src/approx.cpp.
Each lane holds one contour and measures one stretch of it per step, all points at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.custom_batching import custom_vmap

from jaxcar.vision.border import Walks, relay
from jaxcar.vision.fence import in_double
from jaxcar.vision.roster import SHORT

_ROUNDS = 3  # in search of two points far apart, from which the stretches begin


class Polygons(NamedTuple):
    """Polygons, at most as many corners as the contours have points.

    Attributes:
        points: i32[..., P, 2], x and y; what is past a polygon's length is 0.
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
    return _approximate(points.astype(jnp.int32), lengths.astype(jnp.int32), epsilon)


@custom_vmap
def _approximate(points: jax.Array, lengths: jax.Array, epsilon: jax.Array) -> Polygons:
    *front, P, _ = points.shape
    with jax.enable_x64(True):
        found = _polygons(points.reshape(-1, P, 2), lengths.reshape(-1), epsilon.reshape(-1))
    return Polygons(found.points.reshape(*front, P, 2), found.lengths.reshape(front))


@_approximate.def_vmap
def _approximate_batch(
    size: int, batched: list[bool], *operands: jax.Array
) -> tuple[Polygons, Polygons]:
    whole = [
        operand if mapped else jnp.broadcast_to(operand, (size, *operand.shape))
        for operand, mapped in zip(operands, batched, strict=True)
    ]
    return _approximate(*whole), Polygons(True, True)  # type: ignore[arg-type]


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


def _measure(lane: _Lane, results: Any) -> tuple[_Lane, Any]:
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
    stride = results[0].size // results[1].size
    cell = jnp.where(emit, lane.slot * stride + lane.count, results[0].size)
    written = results[0].at[cell].set(corner, mode="drop", unique_indices=True)
    lane = lane._replace(
        round=lane.round + seeking, origin=origin, begin=begin, end=end, kept=kept,
        count=lane.count + emit,
    )  # fmt: skip
    return lane, (written, results[1])


def _polygons(points: jax.Array, lengths: jax.Array, epsilon: jax.Array) -> Polygons:
    """Approximate contours i32[N, P, 2] of lengths i32[N], with epsilon f64[N]."""
    N, P, _ = points.shape
    packed = (points[..., 1] << 16) | points[..., 0]
    lanes = min(N, 1024)
    results: Any = (jnp.zeros(N * P, jnp.int32), jnp.zeros(N, jnp.int32))
    # A lane measures all the points that it has room for: those of few points go by themselves.
    short = lengths <= SHORT
    if P >= 2 * SHORT:
        taken = jnp.cumsum((lengths > 0) & short, dtype=jnp.int32)
        results = _divide(packed[:, :SHORT], lengths, epsilon, taken, results)
        order = jnp.cumsum(~short, dtype=jnp.int32)
        results = _divide(packed, lengths, epsilon, order, results)
        order = jnp.cumsum(lengths > 0, dtype=jnp.int32)
    else:
        order = jnp.cumsum(lengths > 0, dtype=jnp.int32)
        results = _divide(packed, lengths, epsilon, order, results)
    corners, counts = results
    return _straighten(corners.reshape(N, P), counts, epsilon**2, order[-1], order, lanes)


def _divide(
    packed: jax.Array, lengths: jax.Array, epsilon: jax.Array, order: jax.Array, results: Any
) -> Any:
    """Keep the corners of the contours, i32[N, P], at which the order, i32[N], rises.

    Args:
        packed: y << 16 | x.
        lengths: i32[N].
        epsilon: f64[N].
        order: how many contours are to be looked at, up to and with each.
        results: corners, i32[N * ...], and how many each contour has, i32[N], to write into.

    Returns:
        The results.
    """
    N, P = packed.shape

    def load(number: jax.Array) -> _Lane:
        slot = jnp.searchsorted(order, number, side="right").astype(jnp.int32)
        slot = jnp.minimum(slot, N - 1)
        zero = jnp.zeros_like(slot)
        return _Lane(
            packed[slot], jnp.where(number < 0, 0, lengths[slot]), epsilon[slot] ** 2, slot,
            zero, zero, zero, zero, jnp.zeros((slot.size, P), bool), zero,
        )  # fmt: skip

    def finish(lane: _Lane, ended: jax.Array, results: Any) -> Any:
        cell = jnp.where(ended, lane.slot, N)
        return results[0], results[1].at[cell].set(lane.count, mode="drop")

    walks = Walks(load, _measure, lambda lane: lane.begin < lane.length, finish)
    return relay(walks, order[-1], min(N, 1024), results, steps=4)


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


def _straighten(
    corners: jax.Array,
    counts: jax.Array,
    squares: jax.Array,
    total: jax.Array,
    order: jax.Array,
    lanes: int,
) -> Polygons:
    """Drop corners i32[N, P] between neighbours that lie nearly in line with them."""
    N, P = corners.shape

    def load(number: jax.Array) -> _Corner:
        slot = jnp.searchsorted(order, number, side="right").astype(jnp.int32)
        slot = jnp.minimum(slot, N - 1)
        count = jnp.where(number < 0, 0, counts[slot])
        last, zero = jnp.maximum(count - 1, 0), jnp.zeros_like(slot)
        begin = (corners[slot, last], corners[slot, 0])
        read = jnp.where(count > 1, 1, 0)
        return _Corner(slot, squares[slot], count, zero, count, read, zero, *begin)

    def step(lane: _Corner, results: Any) -> tuple[_Corner, Any]:
        lane, written = _drop(lane, results[0], P)
        return lane, (written, results[1])

    def finish(lane: _Corner, ended: jax.Array, results: Any) -> Any:
        cell = jnp.where(ended, lane.slot, N)
        return results[0], results[1].at[cell].set(lane.left, mode="drop")

    walks = Walks(load, step, lambda lane: (lane.done < lane.total) & (lane.left > 2), finish)
    results = (corners.reshape(-1), jnp.zeros(N, jnp.int32))
    written, lengths = relay(walks, total, lanes, results)
    exists = jnp.arange(P, dtype=jnp.int32) < lengths[:, None]
    place = jnp.where(exists, written.reshape(N, P), 0)
    return Polygons(jnp.stack([place & 0xFFFF, place >> 16], axis=-1), lengths)
