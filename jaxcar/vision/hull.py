"""Convex hulls of contours, in OpenCV's order.

Source: Jarvis, "On the identification of the convex hull of a finite set of points in the plane",
Information Processing Letters 2, 1973, quarter by quarter. The order, where it begins and how
it is turned so that the points' numbers rise or fall: OpenCV 5, modules/imgproc/src/convhull.cpp.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.fence import rounded_quotient
from jaxcar.vision.roster import SHORT, each_contour


class Hulls(NamedTuple):
    """Convex hulls, at most as many corners as the contours have points.

    Attributes:
        points: i16[..., P, 2], x and y; what is past a hull's length is 0.
        lengths: i32[...].
    """

    points: jax.Array
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
    measure = _clockwise_hull if clockwise else _hull
    return each_contour(measure, points, lengths, tiers=(SHORT,))


class _Walk(NamedTuple):
    """How far the hulls of K contours are known.

    Attributes:
        quarter: i32[K], 0 to 3, and 4 at the end.
        here: i32[K], the index of the corner that was reached.
        count: i32[K], corners so far.
        right: i32[K], which corner is the rightmost.
        corners: i32[K, P], indices.
    """

    quarter: jax.Array
    here: jax.Array
    count: jax.Array  # type: ignore[assignment]
    right: jax.Array
    corners: jax.Array


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


def _hull(points: jax.Array, lengths: jax.Array) -> Hulls:
    return _hulls(points, lengths, clockwise=False)


def _clockwise_hull(points: jax.Array, lengths: jax.Array) -> Hulls:
    return _hulls(points, lengths, clockwise=True)


def _hulls(points: jax.Array, lengths: jax.Array, clockwise: bool) -> Hulls:
    """Find the hulls of contours i32[K, P, 2] of lengths i32[K]."""
    K, P, _ = points.shape
    x, y = points[..., 0], points[..., 1]
    index = jnp.arange(P, dtype=jnp.int32)
    counted = index < lengths[:, None]
    left, right = _extreme((-x, -y), counted), _extreme((x, y, index), counted)
    # Where the quarters end: at the lowest, right, highest and left point.
    ends = (_extreme((y, -x), counted), right, _extreme((-y, -x), counted), left)
    zero = jnp.zeros(K, jnp.int32)
    quarter = jnp.where(lengths > 0, 0, 4)
    start = _Walk(quarter, left, zero, zero, jnp.zeros((K, P), jnp.int32))
    end = jax.lax.while_loop(
        lambda walk: jnp.any(walk.quarter < 4),
        functools.partial(_turn, x, y, counted, ends),
        start,
    )
    counts = jnp.where(lengths > 0, jnp.maximum(end.count, 1), 0)
    indices = _in_order(end.corners, counts, end.right, clockwise)
    exists = index < counts[:, None]
    corners = [jnp.where(exists, jnp.take_along_axis(v, indices, 1), 0) for v in (x, y)]
    return Hulls(jnp.stack(corners, axis=-1).astype(jnp.int16), counts)


def _turn(
    x: jax.Array, y: jax.Array, counted: jax.Array, ends: tuple[jax.Array, ...], walk: _Walk
) -> _Walk:
    """Write the corner that was reached, and find the next one of the hull."""
    index = jnp.arange(x.shape[1], dtype=jnp.int32)
    here_x, here_y = _at(x, walk.here), _at(y, walk.here)
    quarter, right, own = walk.quarter, walk.right, walk.here
    for number, end in enumerate(ends):
        reached = (quarter == number) & (here_x == _at(x, end)) & (here_y == _at(y, end))
        quarter = quarter + reached
        own = jnp.where(reached, end, own)
        right = jnp.where(reached & (number == 1), walk.count, right)
    emit = quarter < 4
    write = emit[:, None] & (index == walk.count[:, None])
    dx, dy = x - here_x[:, None], y - here_y[:, None]
    side = quarter[:, None]
    ahead = jnp.where(side == 0, dx, jnp.where(side == 1, -dy, jnp.where(side == 2, -dx, dy)))
    out = jnp.where(side == 0, dy, jnp.where(side == 1, dx, jnp.where(side == 2, -dy, -dx)))
    exists = counted & (ahead >= 0) & (out >= 0) & (ahead + out > 0)
    # Quotients of integers below 2**26 are equal or differ after rounding, too.
    wide = jnp.maximum(ahead, 1).astype(jnp.float64)
    slope = jnp.where(ahead == 0, jnp.inf, rounded_quotient(out.astype(jnp.float64), wide))
    slope = jnp.where(exists, slope, -1.0)
    steepest = exists & (slope == jnp.max(slope, axis=1, keepdims=True))
    # Of the visits to one corner OpenCV takes, mostly, the last on the left and the first on the
    # right; that decides how the hull is turned in the end.
    late = jnp.where((side == 0) | (side == 3), index, -index)
    following = _extreme((ahead + out, late), steepest)
    return _Walk(
        quarter,
        jnp.where(emit, following, walk.here),
        walk.count + emit,
        right,
        jnp.where(write, own[:, None], walk.corners),
    )


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
