"""Contours of masks, in OpenCV's order and point by point.

Source: Suzuki and Abe, CVGIP 30, 1985; OpenCV 5, modules/imgproc/src/contours_new.cpp. No picture
is labelled. Borders can start only at the runs of pixels (of background, for holes) that touch
nothing in the row above; each such run is tried by walking its border (see `border`), and the true
starts are left as bits of a picture, which are counted, ordered and walked again to write points.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError
from jaxcar.vision import bits, border, nesting
from jaxcar.vision.batches import Work, in_batches

MODES = ("external", "list", "tree", "ccomp")
METHODS = ("simple", "none")


class Contours(NamedTuple):
    """Contours of pictures, [...], at most C of at most P points.

    Attributes:
        points: i16[..., C, P, 2], x and y; what is past a contour's length is 0.
        lengths: i32[..., C], points of each contour; 0 past the count.
        count: i32[...], contours.
        hierarchy: i32[..., C, 4], indices of the next and previous contour of the same parent, of
            the first contour within, and of the parent; -1 for none.
        overflow: bool[...], whether the picture has more than C contours, or one of more than P
            points. Then nothing else of it is to be used.
    """

    points: jax.Array
    lengths: jax.Array
    count: jax.Array  # type: ignore[assignment]
    hierarchy: jax.Array
    overflow: jax.Array


def find_contours(
    picture: jax.Array,
    mode: str = "external",
    method: str = "simple",
    *,
    contours: int = 32,
    points: int = 256,
) -> Contours:
    """Find contours as `cv2.findContours` of OpenCV 5 does: exact, order and hierarchy too.

    Every number of pictures in front is walked at once, also under (repeated) `jax.vmap`.

    Args:
        picture: u8[..., H, W] or bool[..., H, W]; what is not 0 is foreground.
        mode: "external", "list", "tree" or "ccomp", as `cv2.RETR_...`.
        method: "simple" or "none", as `cv2.CHAIN_APPROX_...`.
        contours: C, the most contours of a picture.
        points: P, the most points of a contour.

    Returns:
        The contours; where a picture has more than the bounds allow, its `overflow` is set.

    Raises:
        JaxcarError: where mode or method is none of these, a side of the pictures is above 32767,
            or a batch has 2**28 pixels or more.

    Example:
        >>> square = jnp.zeros((5, 5), jnp.uint8).at[1:4, 1:3].set(255)
        >>> found = find_contours(square, contours=2, points=8)
        >>> int(found.count), found.points[0, : int(found.lengths[0])].tolist()
        (1, [[1, 1], [1, 3], [2, 3], [2, 1]])
    """
    if mode not in MODES or method not in METHODS:
        raise JaxcarError(
            f"find_contours: mode {mode!r} and method {method!r}; expected one of {MODES} and one"
            f" of {METHODS}"
        )
    return in_batches(_finder(mode, method, contours, points), picture != 0)


@functools.cache
def _finder(mode: str, method: str, contours: int, points: int) -> Work:
    def find(mask: jax.Array) -> Contours:
        return _find(mask, mode, method == "simple", contours, points)

    return Work(f"find_contours {mode}", find, (2,))


def _candidates(rows: jax.Array, width: int, external: bool) -> jax.Array:
    """Mark where borders may start: a set pixel for an outer one, a clear one for a hole's.

    Args:
        rows: u32[B, H, N] of `bits.pack`.
        width: W.
        external: whether only the outermost borders count.

    Returns:
        u32[B, H, N].
    """
    above = jnp.pad(rows[:, 1:], ((0, 0), (0, 1), (0, 0)))
    left, right = bits.pixel(0, width), bits.pixel(width - 1, width)
    near = above | bits.leftward(above) | bits.rightward(above)
    outer = bits.untouched_runs(rows, rows & near)
    clear = ~rows & bits.inside(width)
    if external:
        rim = jnp.zeros_like(rows).at[:, [0, -1]].set(bits.inside(width)) | left | right
        outside = bits.fill(clear & rim, clear)
        return outer & (bits.rightward(outside) | left)
    holes = bits.untouched_runs(clear, clear & (~above | right)) & ~left
    return outer | holes


class _Start(NamedTuple):
    """Starts of borders, by their place among the bits of a picture's rows."""

    frame: jax.Array
    y: jax.Array
    x: jax.Array  # of the set pixel
    hole: jax.Array
    position: jax.Array

    def visit(self, field: border.Field) -> jax.Array:
        """Return the border's lowest visit: see `border`."""
        above = self.position + 1 - field.stride
        return jnp.where(self.hole, 2 * above + 1, 2 * self.position)

    def state(self, field: border.Field) -> jax.Array:
        """Return the first state of the walk."""
        empty = jnp.where(self.hole, border.RIGHT, border.LEFT)
        return border.first_state(field, self.position, empty)


def _start(field: border.Field, rows: jax.Array, word: jax.Array, bit: jax.Array) -> _Start:
    """Return the starts at words and bits of rows u32[B, H, N], i32[...] each."""
    _, H, N = rows.shape
    frame, row, column = word // (H * N), word // N % H, word % N * bits.WORD + bit
    set_here = rows.reshape(-1).at[word].get(mode="clip") >> bit.astype(jnp.uint32) & 1
    hole = set_here == 0
    y, x = H - 1 - row, field.width - 1 - column - hole.astype(jnp.int32)
    return _Start(frame, y, x, hole, field.position(frame, y, x))


def confirm(field: border.Field, rows: jax.Array, marks: jax.Array, lanes: int) -> jax.Array:
    """Keep the marks, u32[B, H, N], at which a border truly starts.

    Args:
        field: the pictures.
        rows: u32[B, H, N] of `bits.pack`.
        marks: a set pixel for an outer border, a clear one for a hole's.
        lanes: how many borders are walked at once.

    Returns:
        The marks that remain.
    """
    where = bits.places(marks)

    def load(number: jax.Array) -> tuple[jax.Array, jax.Array]:
        start = _start(field, rows, *bits.place(where, number))
        return start.state(field), start.visit(field)

    def finish(number: jax.Array, lowest: jax.Array, ended: jax.Array, kept: Any) -> Any:
        word, bit = bits.place(where, number)
        wrong = ended & (lowest < _start(field, rows, word, bit).visit(field))
        mark = jnp.where(wrong, jnp.uint32(1) << bit.astype(jnp.uint32), 0)
        return kept.at[word].add(-mark)

    total = where.until[-1]
    return border.seek(field, load, finish, total, lanes, where.words).reshape(marks.shape)


def _left_sides(start: _Start, field: border.Field, rows: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the first state along the border to the left of each start, and whether there is one.

    Of an outer border, that is the right side of the nearest set pixel to its left; of a hole, the
    left side of the run of set pixels that ends with its start.
    """
    _, H, N = rows.shape
    bit = field.width - 1 - start.x
    base = (start.frame * H + H - 1 - start.y) * N
    flat, found = rows.reshape(-1), jnp.full_like(bit, -1)
    for word in range(N):
        here = flat.at[base + word].get(mode="clip")
        here = jnp.where(start.hole, ~here, here)
        shift = jnp.clip(bit + 1 - word * bits.WORD, 0, bits.WORD)
        beyond = jnp.where(shift == bits.WORD, 0, ~jnp.uint32(0) << (shift & 31).astype(jnp.uint32))
        ahead = here & beyond
        first = jax.lax.population_count((ahead & (~ahead + 1)) - 1).astype(jnp.int32)
        found = jnp.where((found < 0) & (ahead != 0), word * bits.WORD + first, found)
    # A run that reaches the picture's first pixel ends there.
    found = jnp.where(start.hole & (found < 0), field.width, found)
    x = field.width - 1 - found + start.hole
    empty = jnp.where(start.hole, border.LEFT, border.RIGHT)
    position = field.position(start.frame, start.y, x)
    return border.first_state(field, position, empty), found >= 0


def _nest(
    field: border.Field, rows: jax.Array, start: _Start, exists: jax.Array, lanes: int
) -> jax.Array:
    """Return the parents of borders, i32[B, C], of starts [B, C] that exist or not."""
    B, C = exists.shape
    state, beside = _left_sides(start, field, rows)
    walked = exists & beside
    order = jnp.cumsum(walked.reshape(-1), dtype=jnp.int32)
    state = state.reshape(-1)

    def load(number: jax.Array) -> tuple[jax.Array, jax.Array]:
        slot = jnp.searchsorted(order, number, side="right").astype(jnp.int32)
        return state.at[slot].get(mode="clip"), jnp.full_like(number, -1)

    def finish(number: jax.Array, lowest: jax.Array, ended: jax.Array, visits: Any) -> Any:
        slot = jnp.searchsorted(order, number, side="right").astype(jnp.int32)
        return visits.at[jnp.where(ended, slot, B * C)].set(lowest, mode="drop")

    visits = jnp.full(B * C, -1, jnp.int32)
    visits = border.seek(field, load, finish, order[-1], lanes, visits).reshape(B, C)
    own = jnp.where(exists, start.visit(field), -2)
    same = visits[:, :, None] == own[:, None, :]
    neighbour = jnp.where(walked & jnp.any(same, -1), jnp.argmax(same, axis=-1), -1)
    return nesting.parents(neighbour.astype(jnp.int32), start.hole & exists)


def _find(mask: jax.Array, mode: str, simple: bool, contours: int, points: int) -> Contours:
    """Find the contours of a batch, bool[B, H, W]."""
    B, H, W = mask.shape
    field = border.field(mask)
    if field.around.size >= 1 << 28:
        raise JaxcarError(
            f"find_contours: {B} pictures of {H}x{W}; expected fewer than 2**28 pixels"
        )
    rows, lanes = bits.pack(mask), max(32, B)
    marks = confirm(field, rows, _candidates(rows, W, mode == "external"), lanes)
    count = jnp.sum(jax.lax.population_count(marks).astype(jnp.int32), axis=(1, 2))
    many = count > contours
    where = bits.places(jnp.where(many[:, None, None], 0, marks))
    count = jnp.where(many, 0, count)
    until = jnp.cumsum(count, dtype=jnp.int32)
    index = jnp.arange(contours, dtype=jnp.int32)
    exists = index < count[:, None]
    parent = jnp.full((B, contours), -1, jnp.int32)
    if mode in ("tree", "ccomp"):
        number = jnp.where(exists, (until - count)[:, None] + index, 0)
        start = _start(field, rows, *bits.place(where, number))
        parent = _nest(field, rows, start, exists, lanes)
        parent = parent if mode == "tree" else jnp.where(start.hole, parent, -1)
        position, links = nesting.tree(parent, count)
    else:
        position = jnp.broadcast_to(index, (B, contours))
        chain = [jnp.where(index + 1 < count[:, None], index + 1, -1), position - 1]
        links = jnp.stack([*chain, parent, parent], axis=-1)
        links = jnp.where(exists[..., None], links, -1)

    def load(number: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
        start = _start(field, rows, *bits.place(where, number))
        rank = jnp.clip(number - (until - count)[start.frame], 0, contours - 1)
        slot = start.frame * contours + position[start.frame, rank]
        return start.state(field), start.y, start.x, slot

    sizes = (B * contours, points)
    written, lengths = border.write(field, load, where.until[-1], lanes, sizes, simple)
    written = written.reshape(B, contours, points, 2)
    lengths = lengths.reshape(B, contours)
    overflow = many | jnp.any(lengths > points, axis=1)
    return Contours(written, jnp.minimum(lengths, points), count, links, overflow)
