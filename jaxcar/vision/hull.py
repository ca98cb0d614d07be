"""Convex hulls of contours, in OpenCV's order.

Source: Jarvis, "On the identification of the convex hull of a finite set of points in the plane",
Information Processing Letters 2, 1973, quarter by quarter. The order, where it begins and how
it is turned so that the points' numbers rise or fall: OpenCV 5, modules/imgproc/src/convhull.cpp.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.custom_batching import custom_vmap

from jaxcar.vision.border import Walks, relay
from jaxcar.vision.fence import rounded_quotient


class Hulls(NamedTuple):
    """Convex hulls, at most as many corners as the contours have points.

    Attributes:
        points: i32[..., P, 2], x and y; what is past a hull's length is 0.
        indices: i32[..., P], of the corners among the contour's points. Where a contour visits a
            corner twice, OpenCV may name the other visit.
        lengths: i32[...].
    """

    points: jax.Array
    indices: jax.Array
    lengths: jax.Array


def convex_hull(points: jax.Array, lengths: jax.Array, clockwise: bool = False) -> Hulls:
    """Find the hulls that `cv2.convexHull(contour, clockwise=clockwise)` does: exact.

    Args:
        points: i32[..., P, 2], x and y from 0 to 32767.
        lengths: i32[...], how many of them count.
        clockwise: OpenCV's flag, for an axis of y that points upwards.

    Returns:
        The hulls.

    Example:
        >>> bent = jnp.array([[0, 0], [0, 4], [2, 2], [4, 4], [4, 0]])
        >>> found = convex_hull(bent, jnp.int32(5))
        >>> found.points[: int(found.lengths)].tolist()
        [[4, 0], [4, 4], [0, 4], [0, 0]]
    """
    return _finder(clockwise)(points.astype(jnp.int32), lengths.astype(jnp.int32))


@functools.cache
def _finder(clockwise: bool) -> Any:
    @custom_vmap
    def find(points: jax.Array, lengths: jax.Array) -> Hulls:
        *front, P, _ = points.shape
        with jax.enable_x64(True):
            found = _hulls(points.reshape(-1, P, 2), lengths.reshape(-1), clockwise)
        return jax.tree.map(lambda leaf: leaf.reshape(*front, *leaf.shape[1:]), found)

    @find.def_vmap
    def find_batch(
        size: int, batched: list[bool], points: jax.Array, lengths: jax.Array
    ) -> tuple[Hulls, Hulls]:
        if not batched[0]:
            points = jnp.broadcast_to(points, (size, *points.shape))
        if not batched[1]:
            lengths = jnp.broadcast_to(lengths, (size, *lengths.shape))
        return find(points, lengths), Hulls(True, True, True)  # type: ignore[arg-type]

    return find


class _Lane(NamedTuple):
    points: jax.Array  # i32[K, P], y << 16 | x
    length: jax.Array
    slot: jax.Array
    quarter: jax.Array  # 0 to 3, and 4 at the end
    here: jax.Array  # the corner's index
    ends: jax.Array  # i32[K, 4], where the quarters end: lowest, right, highest, left point
    count: jax.Array  # type: ignore[assignment]
    right: jax.Array  # which corner is the rightmost


def _extreme(keys: tuple[jax.Array, ...], exists: jax.Array) -> jax.Array:
    """Return the first index at which the keys, i32[..., P], are greatest in turn: i32[...]."""
    best = exists
    for key in keys:
        key = jnp.where(best, key, jnp.iinfo(jnp.int32).min)
        best &= key == jnp.max(key, axis=-1, keepdims=True)
    index = jnp.arange(best.shape[-1], dtype=jnp.int32)
    return jnp.min(jnp.where(best, index, best.shape[-1] - 1), axis=-1)


def _at(values: jax.Array, index: jax.Array) -> jax.Array:
    return jnp.take_along_axis(values, index[..., None], axis=-1)[..., 0]


def _turn(lane: _Lane, results: Any) -> tuple[_Lane, Any]:
    """Write the corner that was reached, and find the next one of the hull."""
    P = lane.points.shape[1]
    index = jnp.arange(P, dtype=jnp.int32)
    active = lane.quarter < 4
    here, quarter = _at(lane.points, lane.here), lane.quarter
    right, own = lane.right, lane.here
    for end in range(4):
        reached = (quarter == end) & (here == _at(lane.points, lane.ends[:, end]))
        quarter = quarter + reached
        own = jnp.where(reached, lane.ends[:, end], own)
        right = jnp.where(reached & (end == 1), lane.count, right)
    emit = active & (quarter < 4)
    cell = jnp.where(emit, lane.slot * P + lane.count, results[0].size)
    written = results[0].at[cell].set(own, mode="drop", unique_indices=True)
    dx = (lane.points & 0xFFFF) - (here & 0xFFFF)[:, None]
    dy = (lane.points >> 16) - (here >> 16)[:, None]
    side = quarter[:, None]
    ahead = jnp.where(side == 0, dx, jnp.where(side == 1, -dy, jnp.where(side == 2, -dx, dy)))
    out = jnp.where(side == 0, dy, jnp.where(side == 1, dx, jnp.where(side == 2, -dy, -dx)))
    exists = (index < lane.length[:, None]) & (ahead >= 0) & (out >= 0) & (ahead + out > 0)
    # Quotients of integers below 2**26 are equal or differ after rounding, too.
    wide = jnp.maximum(ahead, 1).astype(jnp.float64)
    slope = jnp.where(ahead == 0, jnp.inf, rounded_quotient(out.astype(jnp.float64), wide))
    slope = jnp.where(exists, slope, -1.0)
    steepest = exists & (slope == jnp.max(slope, axis=1, keepdims=True))
    # Of the visits to one corner OpenCV takes, mostly, the last on the left and the first on the
    # right; that decides how the hull is turned in the end.
    late = jnp.where((side == 0) | (side == 3), index, -index)
    following = _extreme((ahead + out, late), steepest)
    lane = lane._replace(
        quarter=quarter, here=jnp.where(emit, following, lane.here), right=right,
        count=lane.count + emit,
    )  # fmt: skip
    return lane, (written, *results[1:])


def _hulls(points: jax.Array, lengths: jax.Array, clockwise: bool) -> Hulls:
    """Find the hulls of contours i32[N, P, 2] of lengths i32[N]."""
    N, P, _ = points.shape
    order = jnp.cumsum(lengths > 0, dtype=jnp.int32)
    packed = (points[..., 1] << 16) | points[..., 0]
    exists = jnp.arange(P, dtype=jnp.int32) < lengths[:, None]

    def load(number: jax.Array) -> _Lane:
        slot = jnp.searchsorted(order, number, side="right").astype(jnp.int32)
        slot = jnp.minimum(slot, N - 1)
        own, counted = packed[slot], exists[slot]
        x, y, zero = own & 0xFFFF, own >> 16, jnp.zeros_like(slot)
        index = jnp.arange(P, dtype=jnp.int32)
        left, right = _extreme((-x, -y), counted), _extreme((x, y, index), counted)
        ends = [_extreme((y, -x), counted), right, _extreme((-y, -x), counted)]
        quarter = jnp.where(number < 0, 4, 0)
        return _Lane(
            own, lengths[slot], slot, quarter, left, jnp.stack([*ends, left], axis=-1), zero, zero
        )

    def finish(lane: _Lane, ended: jax.Array, results: Any) -> Any:
        cell = jnp.where(ended, lane.slot, N)
        written, counts, rights = results
        counts = counts.at[cell].set(lane.count, mode="drop")
        return written, counts, rights.at[cell].set(lane.right, mode="drop")

    walks = Walks(load, _turn, lambda lane: lane.quarter < 4, finish)
    none = jnp.zeros(N, jnp.int32)
    results = (jnp.zeros(N * P, jnp.int32), none, none)
    corners, counts, rights = relay(walks, order[-1], min(N, 1024), results, steps=4)
    counts = jnp.where(lengths > 0, jnp.maximum(counts, 1), 0)
    indices = _in_order(corners.reshape(N, P), counts, rights, clockwise)
    place = jnp.where(jnp.arange(P) < counts[:, None], jnp.take_along_axis(packed, indices, 1), 0)
    return Hulls(jnp.stack([place & 0xFFFF, place >> 16], axis=-1), indices, counts)


def _in_order(
    corners: jax.Array, counts: jax.Array, rights: jax.Array, clockwise: bool
) -> jax.Array:
    """Turn hulls, i32[N, P], as OpenCV does: so that the numbers rise or fall, where they can."""
    P = corners.shape[1]
    t = jnp.arange(P, dtype=jnp.int32)
    count = jnp.maximum(counts, 1)[:, None]
    if not clockwise:
        corners = jnp.take_along_axis(corners, (rights[:, None] - t) % count, axis=1)
    exists = t < count
    after = jnp.take_along_axis(corners, (t + 1) % count, axis=1)
    rises = exists & (corners < after)
    # Rises up to and with each corner but the first.
    so_far = jnp.cumsum(rises & (t < count - 1), axis=1, dtype=jnp.int32)
    mixed = jnp.any((so_far > 1) & (so_far <= t - 1) & (t < count - 1), axis=1, keepdims=True)
    total = so_far[:, -1:]
    lowest = _extreme((-corners,), exists)[:, None]
    highest = _extreme((corners,), exists)[:, None]
    gap = jnp.abs(highest - lowest)
    ascending = (highest + 1) % count == lowest
    begin = jnp.where(ascending, lowest, highest)
    last = (begin - 1) % count
    monotone = jnp.all(~exists | (t == last) | (rises == ascending), axis=1, keepdims=True)
    turned = ((gap == 1) | (gap == count - 1)) & ((total <= 1) | (total >= count - 2))
    turned &= ~mixed & monotone & (count >= 3)
    begin = jnp.where(turned, begin, 0)
    return jnp.where(exists, jnp.take_along_axis(corners, (t + begin) % count, axis=1), 0)
