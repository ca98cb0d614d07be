"""Polygons and contours drawn on pictures: outlines, and what lies within.

Each lane holds one picture and draws one side of its polygons per step, on all rows at once. The
pixels of Bresenham's line in a row are one run, whose ends have closed forms; rows are bits, so
that a run, and all that begins with one, are shifted words. Where a side enters a row, inside and
outside change at the first pixel of its run. OpenCV's own scan conversion may change at another
place, but between the two lie pixels of that same run, which are drawn in any case.

Source: OpenCV 5, modules/imgproc/src/drawing.cpp.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision.batches import Work, in_batches

_WORD = 32
_FINE = 512  # rows and columns up to which single floats find the ends of runs
_ROOM = 1 << 13  # words of all lanes


def polygons(
    size: tuple[int, int],
    points: jax.Array,
    lengths: jax.Array,
    *,
    filled: bool = True,
    closed: bool = True,
) -> tuple[jax.Array, jax.Array]:
    """Return the pixels of `cv2.drawContours(picture, contours, -1, colour, thickness)`: exact.

    They are those of `cv2.fillPoly` and `cv2.polylines`, too. What lies within an even number of
    the polygons is left out, as OpenCV does: so the holes of nested contours stay empty.

    Args:
        size: H and W of the picture, 32767 at most each.
        points: i16 or i32[..., C, P, 2], x and y of the corners of C polygons.
        lengths: i32[..., C], how many of them count; 0 for a polygon that is not drawn.
        filled: for OpenCV's negative thickness; else the outline of thickness 1.
        closed: whether an outline goes back to its first point.

    Returns:
        bool[..., H, W], and bool[...] whether a corner lies outside the picture: OpenCV cuts such
        a side off first. Then the pixels are not to be used.

    Example:
        >>> corners = jnp.array([[[0, 0], [0, 2], [2, 2], [2, 0]]])
        >>> pixels, outside = polygons((3, 4), corners, jnp.array([4]))
        >>> pixels.astype(int).tolist(), bool(outside)
        ([[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0]], False)
    """
    draw = _drawer(size, filled, closed or filled)
    return in_batches(draw, points, lengths.astype(jnp.int32))


@functools.cache
def _drawer(size: tuple[int, int], filled: bool, closed: bool) -> Work:
    draw = functools.partial(_draw, size, filled=filled, closed=closed)
    return Work("polygons", draw, (3, 1), spared=1)


class _Canvas(NamedTuple):
    """What lanes read.

    Attributes:
        points: i16 or i32[B * C * P, 2], x and y.
        lengths: i32[B * C].
        room: P.
        size: H and W.
        closed: whether polygons are.
    """

    points: jax.Array
    lengths: jax.Array
    room: int
    size: tuple[int, int]
    closed: bool

    @property
    def words(self) -> int:
        """The words of a row."""
        return -(-self.size[1] // _WORD)


class _Lane(NamedTuple):
    """A picture, of whose polygons one side after the other is drawn.

    Attributes:
        polygon: i32[K], of the polygons of all pictures.
        last: i32[K], the polygon at which the lane ends.
        corner: i32[K], where the next side begins.
        drawn: u32[K, N, H], the pixels of sides.
        within: u32[K, N, H], those within an odd number of polygons, and some of the sides'.
        outside: bool[K], whether a corner lies outside the picture.
    """

    polygon: jax.Array
    last: jax.Array
    corner: jax.Array
    drawn: jax.Array
    within: jax.Array
    outside: jax.Array


class _Line(NamedTuple):
    """Lines in rows, [K] each: what the first and the last pixel in a row are linear in.

    Attributes:
        x: i32, where the line begins: the end on the left.
        y: i32.
        down: bool, whether it goes down from there.
        wide: i32, columns to the other end.
        high: i32, rows to the other end.
        flat: bool, whether it is wide rather than high.
    """

    x: jax.Array
    y: jax.Array
    down: jax.Array
    wide: jax.Array
    high: jax.Array
    flat: jax.Array


def _line(begin: jax.Array, end: jax.Array) -> _Line:
    """Return the lines between points i32[K, 2]."""
    swap = begin[:, :1] > end[:, :1]
    left, right = jnp.where(swap, end, begin), jnp.where(swap, begin, end)
    wide, rise = right[:, 0] - left[:, 0], right[:, 1] - left[:, 1]
    high = jnp.abs(rise)
    return _Line(left[:, 0], left[:, 1], rise >= 0, wide, high, high <= wide)


def _runs(line: _Line, size: tuple[int, int], drawn: jax.Array) -> tuple[jax.Array, ...]:
    """Return the first and last column of lines that are drawn in each row, i32[K, H] each.

    Where there is none, the first column is past the picture.
    """
    x, y, down, wide, high, flat = (part[:, None] for part in line)
    row = jnp.arange(size[0], dtype=jnp.int32)
    step = jnp.where(down, row - y, y - row)
    # Halves are rounded towards the end on the left. A flat line has columns up to `until` in the
    # rows up to this one; a steep line has that one.
    slope, double = 2 * wide, jnp.maximum(2 * high, 1)
    after = jnp.where(flat, wide, high - 1)
    begin = jnp.where(flat, 2 * high - wide, high - 1)
    if max(size) > _FINE:
        until = jnp.maximum(step * slope + after, 0) // double
        since = jnp.maximum(step * slope + begin, 0) // double
    else:
        divisor = double.astype(jnp.float32)
        part, steps = slope.astype(jnp.float32) / divisor, step.astype(jnp.float32)
        after, begin = ((a.astype(jnp.float32) + 0.5) / divisor for a in (after, begin))
        until = (steps * part + after).astype(jnp.int32)
        since = jnp.maximum(steps * part + begin, 0).astype(jnp.int32)
    here = drawn[:, None] & (step >= 0) & (step <= high)
    past = jnp.int32(-(-size[1] // _WORD) * _WORD)
    return jnp.where(here, x + since, past), x + jnp.minimum(until, wide)


def _from(column: jax.Array, words: int) -> jax.Array:
    """Set the bits of rows from a column on: i32[K, H] to u32[K, N, H]."""
    begin = jnp.arange(words, dtype=jnp.int32)[:, None] * _WORD
    shift = jnp.maximum(column[:, None] - begin, 0)
    return jax.lax.shift_left(jnp.uint32(0xFFFFFFFF), shift.astype(jnp.uint32))


def _step(canvas: _Canvas, lane: _Lane) -> _Lane:
    """Draw a side, and go to the next one."""
    length = canvas.lengths.at[lane.polygon].get(mode="clip")
    busy = (lane.polygon < lane.last) & (length > 0)
    end = 0 if canvas.closed else length - 1
    ahead = jnp.where(lane.corner + 1 >= length, end, lane.corner + 1)
    begin = lane.polygon * canvas.room
    here, there = (
        canvas.points.at[begin + corner].get(mode="clip").astype(jnp.int32)
        for corner in (lane.corner, ahead)
    )
    beyond = jnp.any((here < 0) | (here >= jnp.array(canvas.size[::-1])), axis=1)
    line = _line(here, there)
    first, last = _runs(line, canvas.size, busy)
    start = _from(first, canvas.words)
    lowest = jnp.where(line.down, line.y + line.high, line.y)[:, None, None]
    upper = jnp.arange(canvas.size[0], dtype=jnp.int32) < lowest
    over = lane.corner + 1 >= length
    return lane._replace(
        polygon=jnp.minimum(lane.polygon + over, lane.last),
        corner=jnp.where(over, 0, lane.corner + 1),
        drawn=lane.drawn | (start & ~_from(last + 1, canvas.words)),
        within=lane.within ^ jnp.where(upper, start, 0),
        outside=lane.outside | (busy & beyond),
    )


def _draw(
    size: tuple[int, int], points: jax.Array, lengths: jax.Array, filled: bool, closed: bool
) -> tuple[jax.Array, jax.Array]:
    """Draw on B pictures the polygons i32[B, C, P, 2] of lengths i32[B, C]."""
    if not closed:
        # An open line through a single point has no side.
        lengths = jnp.where(lengths > 1, lengths, 0)
    canvas = _Canvas(points.reshape(-1, 2), lengths.reshape(-1), points.shape[2], size, closed)
    rows, outside = _in_groups(canvas, lengths, filled)
    return _pixels(rows, size[1]), outside


def _in_groups(canvas: _Canvas, lengths: jax.Array, filled: bool) -> tuple[jax.Array, jax.Array]:
    """Draw on pictures in groups that have about as many sides: u32[B, N, H] and bool[B]."""
    B, C = lengths.shape
    shape = canvas.words, canvas.size[0]
    lanes = min(B, max(_ROOM // (shape[0] * shape[1]), 16))
    groups = -(-B // lanes)
    order = jnp.argsort(jnp.sum(lengths, axis=1))
    number = jnp.arange(1, C + 1, dtype=jnp.int32)
    last = jnp.max(jnp.where(lengths > 0, number, 0), axis=1)

    def group(pictures: jax.Array) -> tuple[jax.Array, jax.Array]:
        begin, none = pictures * C, jnp.zeros((lanes, *shape), jnp.uint32)
        corner, inside = jnp.zeros_like(begin), jnp.zeros_like(begin, bool)
        lane = _Lane(begin, begin + last[pictures], corner, none, none, inside)
        lane = jax.lax.while_loop(
            lambda lane: jnp.any(lane.polygon < lane.last), functools.partial(_step, canvas), lane
        )
        return lane.drawn | (lane.within if filled else 0), lane.outside

    # A group that is not full draws some pictures twice.
    padded = jnp.concatenate([order[: groups * lanes - B], order])
    rows, outside = jax.lax.map(group, padded.astype(jnp.int32).reshape(groups, lanes))
    place = jnp.zeros(B, jnp.int32).at[order].set(jnp.arange(B, dtype=jnp.int32))
    place += groups * lanes - B
    return rows.reshape(-1, *shape)[place], outside.reshape(-1)[place]


def _pixels(rows: jax.Array, width: int) -> jax.Array:
    """Return the pixels that bits are, u32[B, N, H] to bool[B, H, W]."""
    places = jnp.arange(_WORD, dtype=jnp.uint32)
    rows = jnp.swapaxes(rows, 1, 2)
    pixels = ((rows[..., None] >> places) & 1).reshape(*rows.shape[:2], -1)[..., :width]
    return pixels != 0
