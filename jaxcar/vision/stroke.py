"""Lines of more than one pixel: a rectangle along the line, and a disc at each end.

Source: OpenCV 5, modules/imgproc/src/drawing.cpp: places are whole numbers of 2**-16 pixels.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.drawing import Point, circle
from jaxcar.vision.fence import in_double, rounded_product, rounded_quotient

_SHIFT = 16
_ONE = 1 << _SHIFT
_HALF = _ONE >> 1


class _Place(NamedTuple):
    """A place in fractions of pixels, i64[...] each."""

    x: jax.Array
    y: jax.Array


@in_double
def thick_line(
    size: tuple[int, int], first: Point, second: Point, thickness: int
) -> tuple[jax.Array, jax.Array]:
    """Return the pixels of `cv2.line(picture, first, second, colour, thickness)`: exact inside.

    Args:
        size: H and W of the picture.
        first: where it begins.
        second: where it ends.
        thickness: at least 2, at most 255.

    Returns:
        bool[..., H, W], and bool[...] whether an end lies outside the picture: OpenCV cuts such a
        line off first, and the rest may differ from this by a pixel to the side.

    Example:
        >>> pixels, _ = thick_line((5, 5), Point(1, 2), Point(2, 2), 2)
        >>> pixels.astype(int).tolist()[1]
        [0, 1, 1, 0, 0]
    """
    H, W = size
    a, b = (_Place(*(jnp.asarray(v, jnp.int64) for v in end)) for end in (first, second))
    outside = jnp.bool_(False)
    for end in (a, b):
        outside = outside | (end.x < 0) | (end.x >= W) | (end.y < 0) | (end.y >= H)
    pixels = _quadrilateral(size, _corners(a, b, thickness)) & _apart(a, b)[..., None, None]
    radius = ((thickness << (_SHIFT - 1)) + _HALF) >> _SHIFT
    for end in (a, b):
        centre = Point(end.x.astype(jnp.int32), end.y.astype(jnp.int32))
        pixels |= circle(size, centre, radius, filled=True)
    return pixels, outside


def _apart(a: _Place, b: _Place) -> jax.Array:
    return (a.x != b.x) | (a.y != b.y)


def _corners(a: _Place, b: _Place, thickness: int) -> list[_Place]:
    """Return the corners of the rectangle along a line, of ends in pixels."""
    dx, dy = (a.x - b.x).astype(jnp.float64), (b.y - a.y).astype(jnp.float64)
    length = jnp.sqrt(jnp.maximum(dx * dx + dy * dy, 1.0))
    reach = (thickness << (_SHIFT - 1)) + (thickness & 1) * _HALF
    ratio = rounded_quotient(jnp.full_like(length, reach), length)
    aside, along = (jnp.rint(rounded_product(part, ratio)).astype(jnp.int64) for part in (dy, dx))
    return [
        _Place((end.x << _SHIFT) + sign * aside, (end.y << _SHIFT) + sign * along)
        for end, sign in ((a, 1), (a, -1), (b, -1), (b, 1))
    ]


def _divided(a: jax.Array, b: jax.Array) -> jax.Array:
    """Divide as C does, towards 0; by 0 it gives anything."""
    return jax.lax.div(a, jnp.where(b == 0, 1, b))


def _quadrilateral(size: tuple[int, int], corners: list[_Place]) -> jax.Array:
    """Return the pixels of a convex polygon: its sides, and a run in each row between them."""
    (H, W), pixels = size, jnp.bool_(False)
    rows = jnp.arange(H, dtype=jnp.int64)
    heights = [(corner.y + _HALF) >> _SHIFT for corner in corners]
    left, right = jnp.int64(1 << 40), jnp.int64(-(1 << 40))
    for i, (end, bottom) in enumerate(zip(corners, heights, strict=True)):
        begin, top = corners[i - 1], heights[i - 1]
        pixels = pixels | _side(size, begin, end)
        swap = top > bottom
        x, far = jnp.where(swap, end.x, begin.x), jnp.where(swap, begin.x, end.x)
        high, low = jnp.minimum(top, bottom), jnp.maximum(top, bottom)
        drop = low - high
        slope = _divided((far - x) * 2 + drop, 2 * drop)
        here = (rows >= high[..., None]) & (rows < low[..., None])
        place = x[..., None] + slope[..., None] * (rows - high[..., None])
        left = jnp.where(here, jnp.minimum(left, place), left)
        right = jnp.where(here, jnp.maximum(right, place), right)
    first, last = ((part + _HALF) >> _SHIFT for part in (left, right))
    first = jnp.clip(first, 0, W).astype(jnp.int32)[..., None]
    last = jnp.clip(last, -1, W - 1).astype(jnp.int32)[..., None]
    columns = jnp.arange(W, dtype=jnp.int32)
    return pixels | ((columns >= first) & (columns <= last))


def _side(size: tuple[int, int], begin: _Place, end: _Place) -> jax.Array:
    """Return the pixels of a side, cut off at the picture's edges."""
    (H, W), columns = size, jnp.arange(size[1], dtype=jnp.int64)
    rows = jnp.arange(H, dtype=jnp.int64)
    a, b, there = _cut(W << _SHIFT, H << _SHIFT, begin, end)
    wide, high = jnp.abs(b.x - a.x), jnp.abs(b.y - a.y)
    flat = wide > high
    swap = jnp.where(flat, b.x < a.x, b.y < a.y)
    a, b = (
        _Place(*(jnp.where(swap, u, v) for u, v in zip(one, other, strict=True)))
        for one, other in ((b, a), (a, b))
    )

    def run(
        begin: jax.Array, end: jax.Array, across: tuple[jax.Array, jax.Array], at: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """Return the place across at each place along, and whether there is one."""
        length = end - begin
        slope = _divided((across[1] - across[0]) << _SHIFT, length | 1)
        step = at - ((begin + _HALF) >> _SHIFT)[..., None]
        place = (across[0] + _HALF)[..., None] + step * slope[..., None]
        return place >> _SHIFT, (step >= 0) & (step <= (length >> _SHIFT)[..., None])

    row, on_row = run(a.x, b.x, (a.y, b.y), columns)
    column, on_column = run(a.y, b.y, (a.x, b.x), rows)
    row = jnp.where(on_row, row, -1).astype(jnp.int32)[..., None, :]
    column = jnp.where(on_column, column, -1).astype(jnp.int32)[..., None]
    x, y = columns.astype(jnp.int32), rows.astype(jnp.int32)[:, None]
    wide_side = flat[..., None, None]
    pixels = jnp.where(wide_side, y == row, x == column)
    last = _Place(*(((part + _HALF) >> _SHIFT)[..., None, None] for part in b))
    return (pixels | ((x == last.x) & (y == last.y))) & there[..., None, None]


def _cut(width: int, height: int, a: _Place, b: _Place) -> tuple[_Place, _Place, jax.Array]:
    """Cut a line off at the edges of a picture; return its ends, and whether any of it is left."""
    right, bottom = width - 1, height - 1

    def beside(value: jax.Array, last: int) -> jax.Array:
        return jnp.where(value < 0, -1, jnp.where(value > last, 1, 0))

    def gone(a: _Place, b: _Place) -> jax.Array:
        x = beside(a.x, right) * beside(b.x, right)
        return (x > 0) | (beside(a.y, bottom) * beside(b.y, bottom) > 0)

    never = gone(a, b)

    def at_row(end: _Place, other: _Place) -> _Place:
        side = beside(end.y, bottom)
        y = jnp.where(side < 0, 0, jnp.where(side > 0, bottom, end.y))
        x = end.x + _divided((y - end.y) * (other.x - end.x), other.y - end.y)
        return _Place(jnp.where(side == 0, end.x, x), y)

    def at_column(end: _Place, other: _Place) -> _Place:
        side = beside(end.x, right)
        x = jnp.where(side < 0, 0, jnp.where(side > 0, right, end.x))
        y = end.y + _divided((x - end.x) * (other.y - end.y), other.x - end.x)
        return _Place(x, jnp.where(side == 0, end.y, y))

    a = at_row(a, b)
    b = at_row(b, a)
    never |= gone(a, b)
    a = at_column(a, b)
    b = at_column(b, a)
    return a, b, ~never
