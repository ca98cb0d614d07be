"""Borders of 8-connected regions, followed by many lanes in lock step.

Source: Suzuki and Abe, "Topological structural analysis of digitized binary images by border
following", CVGIP 30, 1985. Its labels are not kept. A border is known by its lowest visit instead:
twice the position of its first pixel in raster order, plus 1 unless the walk passes along the upper
side of that pixel, as an outer border does. A walk that meets a visit lower than the one its start
claims has begun in the middle of a border, or on one of the other kind, and ends at once.

Positions count through the whole batch, row by row, with a frame of background around each picture;
position 0 is the first pixel of the first. Directions are OpenCV's: 0 is right, 2 up, 4
left, 6 down. A state of a walk is 8 times its pixel, plus the direction to the pixel before it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

RIGHT, LEFT = 0, 4
_STEPS = 16  # between two looks at which lanes are free
_STEP_X = (1, 1, 0, -1, -1, -1, 0, 1)
_STEP_Y = (0, -1, -1, -1, 0, 1, 1, 1)


class Field(NamedTuple):
    """What walks see.

    Attributes:
        around: u8[positions]; bit d is set where the neighbour in direction d is.
        height: H.
        width: W.
    """

    around: jax.Array
    height: int
    width: int

    @property
    def stride(self) -> int:
        """The positions from a pixel to the one below it."""
        return self.width + 2

    @property
    def area(self) -> int:
        """The positions of one picture."""
        return (self.height + 2) * self.stride

    def position(self, frame: jax.Array, y: jax.Array, x: jax.Array) -> jax.Array:
        """Return where a pixel is, i32[...]."""
        return frame * self.area + y * self.stride + x


def field(mask: jax.Array, connectivity: int = 8) -> Field:
    """Look around every pixel of a batch of masks, bool[B, H, W], at 4 or 8 neighbours."""
    B, H, W = mask.shape
    stride = W + 2
    framed = jnp.zeros((B, H + 2, stride), jnp.uint8)
    framed = framed.at[:, 1:-1, 1:-1].set(mask.astype(jnp.uint8)).reshape(-1)
    size = framed.size - 2 * (stride + 1)
    around = jnp.zeros(size, jnp.uint8)
    for direction in range(0, 8, 8 // connectivity):
        dx, dy = _STEP_X[direction], _STEP_Y[direction]
        begin = stride + 1 + dy * stride + dx
        around |= framed[begin : begin + size] << direction
    return Field(around, H, W)


def first_state(field: Field, position: jax.Array, empty: jax.Array) -> jax.Array:
    """Return the state of a walk along the side of a pixel that faces an empty neighbour.

    Args:
        field: the pictures.
        position: i32[...], set pixels.
        empty: i32[...], the direction of the empty neighbour: LEFT or RIGHT.

    Returns:
        i32[...]: the pixel before is the first set one clockwise from there.
    """
    around = field.around.at[position].get(mode="clip").astype(jnp.int32)
    turned = ((around * 0x101) >> empty) & 0xFF
    direction = jnp.where(turned == 0, empty, empty + 31 - jax.lax.clz(turned)) & 7
    return position * 8 + direction


class _Step(NamedTuple):
    state: jax.Array  # i32[K], after the step
    visit: jax.Array  # i32[K], of the pixel that was left
    corner: jax.Array  # bool[K], whether the walk turned there
    dx: jax.Array  # i32[K]
    dy: jax.Array  # i32[K]


def _advance(field: Field, state: jax.Array) -> _Step:
    """Go on to the first set neighbour counter-clockwise from the pixel before."""
    position, back = state >> 3, state & 7
    around = field.around.at[position].get(mode="promise_in_bounds").astype(jnp.int32)
    turned = ((around * 0x10101) >> (back + 1)) & 0xFF
    skipped = jax.lax.population_count((turned & -turned) - 1)
    ahead = (back + 1 + skipped) & 7
    dx = ((ahead < 2) | (ahead == 7)).astype(jnp.int32) - ((ahead >= 3) & (ahead <= 5))
    dy = (ahead >= 5).astype(jnp.int32) - ((ahead >= 1) & (ahead <= 3))
    alone = around == 0
    after = jnp.where(alone, state, ((position + dy * field.stride + dx) << 3) | (ahead ^ 4))
    visit = 2 * position + (((1 - back) & 7) >= skipped)
    return _Step(after, visit, alone | (ahead != back ^ 4), dx, dy)


class Walks(NamedTuple):
    """A kind of walk for `relay`; lanes are pytrees of arrays [K].

    Attributes:
        load: numbers i32[K] to the lanes that start those walks; -1 to a lane that is not active.
        step: (lanes, results) to the same, one pixel further.
        active: lanes to bool[K], whether they still walk.
        finish: (lanes, ended bool[K], results) to results.
    """

    load: Callable[[jax.Array], Any]
    step: Callable[[Any, Any], tuple[Any, Any]]
    active: Callable[[Any], jax.Array]
    finish: Callable[[Any, jax.Array, Any], Any]


def _choose(taken: jax.Array, new: jax.Array, old: jax.Array) -> jax.Array:
    return jnp.where(taken.reshape(-1, *(1,) * (new.ndim - 1)), new, old)


def relay(walks: Walks, total: jax.Array, lanes: int, results: Any, steps: int = _STEPS) -> Any:
    """Do all walks on a number of lanes: a lane that ends takes the next walk.

    The loop's condition is one flag for all lanes, and its length follows the walks' real length,
    not their greatest.

    Args:
        walks: what to do.
        total: i32[], how many walks there are.
        lanes: K.
        results: arrays that the walks write into.
        steps: how many steps are taken between two looks at which lanes are free.

    Returns:
        The results.
    """

    def turn(loop: tuple[Any, jax.Array, jax.Array, Any]) -> tuple[Any, jax.Array, jax.Array, Any]:
        lane, free, head, results = loop
        number = head + jnp.cumsum(free, dtype=jnp.int32) - 1
        taken = free & (number < total)
        fresh = walks.load(jnp.where(taken, number, 0))
        lane = jax.tree.map(functools.partial(_choose, taken), fresh, lane)
        busy = taken | ~free
        head = jnp.minimum(head + jnp.sum(free, dtype=jnp.int32), total)
        lane, results = jax.lax.fori_loop(
            0, steps, lambda _, state: walks.step(*state), (lane, results)
        )
        ended = busy & ~walks.active(lane)
        return lane, ~busy | ended, head, walks.finish(lane, ended, results)

    def unfinished(loop: tuple[Any, jax.Array, jax.Array, Any]) -> jax.Array:
        return (loop[2] < total) | ~jnp.all(loop[1])

    idle = walks.load(jnp.full(lanes, -1, jnp.int32))
    begin = (idle, jnp.ones(lanes, bool), jnp.int32(0), results)
    return jax.lax.while_loop(unfinished, turn, begin)[3]


class _Seeker(NamedTuple):
    state: jax.Array
    first: jax.Array
    lowest: jax.Array
    floor: jax.Array
    back: jax.Array  # bool[K], whether the walk is round
    number: jax.Array


def seek(
    field: Field,
    load: Callable[[jax.Array], tuple[jax.Array, jax.Array]],
    finish: Callable[[jax.Array, jax.Array, jax.Array, Any], Any],
    total: jax.Array,
    lanes: int,
    results: Any,
) -> Any:
    """Find the lowest visit of borders.

    Args:
        field: the pictures.
        load: numbers i32[K] to the first state of each walk, and the visit below which it may end
            early, i32[K] each.
        finish: (numbers, lowest visits, which of them ended, results) to results.
        total: i32[], how many walks.
        lanes: K.
        results: what `finish` writes into.

    Returns:
        The results.
    """

    def start(number: jax.Array) -> _Seeker:
        state, floor = load(number)
        highest = jnp.full(state.shape, jnp.iinfo(jnp.int32).max, jnp.int32)
        return _Seeker(state, state, highest, floor, number < 0, number)

    def step(lane: _Seeker, results: Any) -> tuple[_Seeker, Any]:
        # Walking on around a closed border finds nothing new: no need to hold the lane.
        ahead = _advance(field, lane.state)
        lowest = jnp.minimum(lane.lowest, ahead.visit)
        back = lane.back | (ahead.state == lane.first)
        return lane._replace(state=ahead.state, lowest=lowest, back=back), results

    def done(lane: _Seeker, ended: jax.Array, results: Any) -> Any:
        return finish(lane.number, lane.lowest, ended, results)

    walks = Walks(start, step, lambda lane: ~lane.back & (lane.lowest >= lane.floor), done)
    return relay(walks, total, lanes, results)


class _Writer(NamedTuple):
    state: jax.Array
    first: jax.Array
    place: jax.Array  # i32[K], y << 16 | x
    count: jax.Array  # type: ignore[assignment]
    slot: jax.Array
    back: jax.Array


def write(
    field: Field,
    load: Callable[[jax.Array], tuple[jax.Array, jax.Array, jax.Array, jax.Array]],
    total: jax.Array,
    lanes: int,
    sizes: tuple[int, int],
    corners_only: bool,
) -> tuple[jax.Array, jax.Array]:
    """Write the points of borders down.

    Args:
        field: the pictures.
        load: numbers i32[K] to the first state, y, x and slot of each walk, i32[K] each.
        total: i32[], how many walks.
        lanes: K.
        sizes: S slots, and P points in each.
        corners_only: whether to leave out the points between two steps in one direction.

    Returns:
        The points' x and y, i16[S, P, 2], and how many each border has, i32[S]. Where a border has
        more than P points the walk ends and its number is P + 1 or greater.
    """
    slots, points = sizes

    def start(number: jax.Array) -> _Writer:
        state, y, x, slot = load(number)
        return _Writer(state, state, (y << 16) | x, jnp.zeros_like(state), slot, number < 0)

    def step(lane: _Writer, results: Any) -> tuple[_Writer, Any]:
        written, lengths = results
        ahead = _advance(field, lane.state)
        kept = ~lane.back & (ahead.corner if corners_only else jnp.bool_(True))
        cell = jnp.where(
            kept & (lane.count < points), lane.slot * points + lane.count, written.size
        )
        written = written.at[cell].set(lane.place, mode="drop", unique_indices=True)
        place = lane.place + (ahead.dy << 16) + ahead.dx
        back = lane.back | (ahead.state == lane.first)
        count = lane.count + kept
        return _Writer(ahead.state, lane.first, place, count, lane.slot, back), (written, lengths)

    def done(lane: _Writer, ended: jax.Array, results: Any) -> Any:
        written, lengths = results
        cell = jnp.where(ended, lane.slot, slots)
        return written, lengths.at[cell].set(lane.count, mode="drop")

    results = (jnp.zeros(slots * points, jnp.int32), jnp.zeros(slots, jnp.int32))
    walks = Walks(start, step, lambda lane: ~lane.back & (lane.count <= points), done)
    written, lengths = relay(walks, total, lanes, results)
    return apart(written.reshape(slots, points)), lengths


def apart(packed: jax.Array) -> jax.Array:
    """Return the x and y of y << 16 | x, i32[...] to i16[..., 2]: the same bytes, not moved."""
    return jax.lax.bitcast_convert_type(packed, jnp.int16)


def together(points: jax.Array) -> jax.Array:
    """Return y << 16 | x of points [..., 2], i32[...]; x and y from -32768 to 32767."""
    return jax.lax.bitcast_convert_type(points.astype(jnp.int16), jnp.int32)
