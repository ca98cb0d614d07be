"""The smallest rectangle around a contour, turned as it may be, and its corners.

Source: Toussaint, "Solving geometric problems with the rotating calipers", MELECON 1983, in the
order and in the 32-bit floats of OpenCV 5, modules/imgproc/src/rotcalipers.cpp.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.vision.fence import in_double, rounded, rounded_product, rounded_quotient
from jaxcar.vision.hull import convex_hull
from jaxcar.vision.roster import each_contour

_BOTTOM, _RIGHT, _TOP, _LEFT = range(4)
_Pair = tuple[jax.Array, jax.Array]


class RotatedRectangle(NamedTuple):
    """Rectangles, [...].

    Attributes:
        x: f32[...], of the centre.
        y: f32[...].
        width: f32[...].
        height: f32[...].
        angle: f32[...], degrees from -90 to below 0 by which the width is turned clockwise.
    """

    x: jax.Array
    y: jax.Array
    width: jax.Array
    height: jax.Array
    angle: jax.Array


def min_area_rectangle(points: jax.Array, lengths: jax.Array) -> RotatedRectangle:
    """Find the rectangles that `cv2.minAreaRect` does: exact.

    Args:
        points: i32[..., P, 2], x and y from 0 to 2047.
        lengths: i32[...], how many of them count.

    Returns:
        The rectangles; 0 for an empty contour. Of several that are equally small OpenCV's is taken,
        but where points are given twice: there its hull may begin at another corner.

    Example:
        >>> found = min_area_rectangle(jnp.array([[1, 1], [1, 3], [6, 3], [6, 1]]), jnp.int32(4))
        >>> [float(part) for part in found]
        [3.5, 2.0, 2.0, 5.0, -90.0]
    """
    hulls = convex_hull(points, lengths)
    return each_contour(_rectangles, hulls.points, hulls.lengths)


@in_double
def rectangle_corners(rectangle: RotatedRectangle) -> jax.Array:
    """Return the corners that `cv2.boxPoints` does: exact.

    Args:
        rectangle: as of `min_area_rectangle`, of any angle.

    Returns:
        f32[..., 4, 2], x and y.

    Example:
        >>> rectangle = RotatedRectangle(*(jnp.float32(part) for part in (3, 2, 2, 4, -90)))
        >>> rectangle_corners(rectangle).round().tolist()
        [[5.0, 3.0], [1.0, 3.0], [1.0, 1.0], [5.0, 1.0]]
    """
    x, y, width, height, angle = (part.astype(jnp.float32) for part in rectangle)
    half_turn = jnp.full(angle.shape, 180.0, jnp.float64)
    turn = rounded_quotient(
        rounded_product(angle.astype(jnp.float64), jnp.float64(np.pi)), half_turn
    )
    half = np.float32(0.5)
    b, a = (rounded(part.astype(jnp.float32)) * half for part in (jnp.cos(turn), jnp.sin(turn)))
    down, along = (rounded_product(a, height), rounded_product(b, height))
    across, aside = (rounded_product(b, width), rounded_product(a, width))
    corners = [
        (x - down - across, y + along - aside),
        (x + down - across, y - along - aside),
        (x + down + across, y - along + aside),
        (x - down + across, y + along + aside),
    ]
    return jnp.stack([jnp.stack(corner, axis=-1) for corner in corners], axis=-2)


class _Calipers(NamedTuple):
    """Calipers around hulls, [K] each, and the best that was measured.

    Attributes:
        at: i32[4, K], the corners at the bottom, right, top and left side.
        area: f32[K], the least.
        base: f32 each, the direction of the best one's bottom side.
        size: f32 each, its width and height.
        corners: i32 each, the corners at its left and bottom side.
    """

    at: jax.Array
    area: jax.Array
    base: _Pair
    size: _Pair
    corners: _Pair


class _Hull(NamedTuple):
    """Hulls: corners, the sides that begin at them, and what the sides' lengths are to 1.

    Attributes:
        x: i32[K, P].
        y: i32[K, P].
        dx: i32[K, P].
        dy: i32[K, P].
        inverse: f32[K, P].
        lengths: i32[K].
    """

    x: jax.Array
    y: jax.Array
    dx: jax.Array
    dy: jax.Array
    inverse: jax.Array
    lengths: jax.Array


def _at(values: jax.Array, index: jax.Array) -> jax.Array:
    return jnp.take_along_axis(values, index[:, None], axis=1)[:, 0]


def _hull(points: jax.Array, lengths: jax.Array) -> _Hull:
    x, y = points[..., 0], points[..., 1]
    index = jnp.arange(x.shape[1], dtype=jnp.int32)
    last = index == lengths[:, None] - 1
    dx, dy = (jnp.where(last, part[:, :1], jnp.roll(part, -1, axis=1)) - part for part in (x, y))
    square = (dx * dx + dy * dy).astype(jnp.float64)
    root = jnp.sqrt(jnp.maximum(square, 1.0))
    inverse = rounded(rounded_quotient(jnp.ones_like(root), root).astype(jnp.float32))
    return _Hull(x, y, dx, dy, inverse, lengths)


def _turned(hull: _Hull, at: jax.Array) -> tuple[list[jax.Array], list[jax.Array]]:
    """Return the sides at which calipers rest, turned as if each were at the bottom: i32[4, K]."""
    sides = [(_at(hull.dx, corner), _at(hull.dy, corner)) for corner in at]
    (bx, by), (rx, ry), (tx, ty), (lx, ly) = sides
    return [bx, ry, -tx, -ly], [by, -rx, -ty, lx]


def _choose(which: jax.Array, values: list[jax.Array]) -> jax.Array:
    chosen = values[0]
    for number, value in enumerate(values[1:], 1):
        chosen = jnp.where(which == number, value, chosen)
    return chosen


def _rotate(hull: _Hull, calipers: _Calipers, step: jax.Array) -> _Calipers:
    """Turn calipers to the next side, and measure the rectangle."""
    active = step < hull.lengths
    x, y = _turned(hull, calipers.at)
    first, side = (x[0], y[0]), jnp.zeros_like(x[0])
    for number in (1, 2, 3):
        before = y[number] * first[0] - x[number] * first[1] < 0
        side = jnp.where(before, number, side)
        first = (
            jnp.where(before, x[number], first[0]),
            jnp.where(before, y[number], first[1]),
        )
    inverse = _at(hull.inverse, _choose(side, list(calipers.at)))
    a, b = (rounded_product(part.astype(jnp.float32), inverse) for part in first)
    onward = calipers.at + (jnp.arange(4, dtype=jnp.int32)[:, None] == side)
    at = jnp.where(onward == hull.lengths, 0, onward)
    px, py = ([_at(part, corner) for corner in at] for part in (hull.x, hull.y))

    def difference(one: int, other: int) -> _Pair:
        dx, dy = px[one] - px[other], py[one] - py[other]
        return dx.astype(jnp.float32), dy.astype(jnp.float32)

    across, down = difference(_RIGHT, _LEFT), difference(_TOP, _BOTTOM)
    width = rounded_product(across[0], a) + rounded_product(across[1], b)
    height = rounded_product(down[1], a) - rounded_product(down[0], b)
    area = rounded_product(width, height)
    better = active & (area <= calipers.area)
    found = _Calipers(at, area, (a, b), (width, height), (at[_LEFT], at[_BOTTOM]))
    best = jax.tree.map(lambda new, old: jnp.where(better, new, old), found, calipers)
    return best._replace(at=at)


def _start(hull: _Hull) -> _Calipers:
    exists = jnp.arange(hull.x.shape[1], dtype=jnp.int32) < hull.lengths[:, None]
    far = jnp.iinfo(jnp.int32).min
    ends = {_BOTTOM: -hull.y, _RIGHT: hull.x, _TOP: hull.y, _LEFT: -hull.x}
    at = [jax.lax.argmax(jnp.where(exists, ends[side], far), 1, jnp.int32) for side in range(4)]
    none = jnp.zeros(hull.lengths.shape, jnp.float32)
    area = jnp.full_like(none, jnp.finfo(jnp.float32).max)
    corner = jnp.zeros_like(hull.lengths)
    return _Calipers(jnp.stack(at), area, (none, none), (none, none), (corner, corner))


def _finish(hull: _Hull, calipers: _Calipers) -> RotatedRectangle:
    """Return the rectangles of the best calipers."""
    (a, b), (width, height), (left, bottom) = calipers.base, calipers.size, calipers.corners
    px, py, qx, qy = (
        _at(part, corner).astype(jnp.float32)
        for corner in (left, bottom)
        for part in (hull.x, hull.y)
    )
    first = rounded_product(a, px) + rounded_product(b, py)
    second = rounded_product(a, qy) - rounded_product(b, qx)
    determinant = rounded_product(a, a) + rounded_product(b, b)
    inverse = rounded_quotient(jnp.ones_like(a), jnp.where(determinant > 0, determinant, 1))
    x = rounded_product(rounded_product(first, a) - rounded_product(second, b), inverse)
    y = rounded_product(rounded_product(a, second) + rounded_product(b, first), inverse)
    ux, uy, vx, vy = (
        rounded_product(part, size)
        for part, size in ((a, width), (b, width), (-b, height), (a, height))
    )
    half = np.float32(0.5)
    size = _length(ux, uy), _length(vx, vy)
    return _normal((x + (ux + vx) * half, y + (uy + vy) * half), size, (ux, uy))


def _length(x: jax.Array, y: jax.Array) -> jax.Array:
    wide, high = x.astype(jnp.float64), y.astype(jnp.float64)
    return jnp.sqrt(wide * wide + high * high).astype(jnp.float32)


def _normal(centre: _Pair, size: _Pair, along: _Pair) -> RotatedRectangle:
    """Turn rectangles by quarters, until their angle is one from -90 to below 0."""
    x, y = (part.astype(jnp.float64) for part in along)
    circle = jnp.full(x.shape, np.pi)
    degrees = rounded_quotient(rounded_product(jnp.arctan2(y, x), jnp.float64(180)), circle)
    quarters = -(jnp.floor(degrees / 90).astype(jnp.int32) + 1)
    angle = degrees + 90.0 * quarters
    odd = quarters % 2 != 0
    width, height = jnp.where(odd, size[1], size[0]), jnp.where(odd, size[0], size[1])
    return RotatedRectangle(*centre, width, height, angle.astype(jnp.float32))


def _rectangles(points: jax.Array, lengths: jax.Array) -> RotatedRectangle:
    """Find the rectangles of hulls i32[K, P, 2] of lengths i32[K]."""
    hull = _hull(points, lengths)

    def turn(state: tuple[jax.Array, _Calipers]) -> tuple[jax.Array, _Calipers]:
        return state[0] + 1, _rotate(hull, state[1], state[0])

    most = jnp.max(lengths)
    state = (jnp.int32(0), _start(hull))
    found = _finish(hull, jax.lax.while_loop(lambda state: state[0] < most, turn, state)[1])
    # A point, or a line: from the first corner to the second, which are one for a point.
    x, y, dx, dy = (part[:, 0].astype(jnp.float32) for part in (hull.x, hull.y, hull.dx, hull.dy))
    half = np.float32(0.5)
    flat = _normal((x + dx * half, y + dy * half), (_length(dx, dy), jnp.zeros_like(dx)), (dx, dy))
    thin = lengths < 3
    return RotatedRectangle(
        *(jnp.where(thin, line, area) for line, area in zip(flat, found, strict=True))
    )
