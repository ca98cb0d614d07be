"""What the agent sees: the 7x7 cells before it, without those that walls and doors hide.

View coordinates are minigrid's: x runs from the agent's left to its right, y from the far edge to
the agent, which stands at (3, 6). Inside this module a view is flat, 49 cells in the order [x][y],
and a cell is one word, object + 256 * colour + 65536 * state: XLA makes plain loops of that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.grid.cells import WALL, is_opaque
from jaxcar.envs.grid.dynamics import heading
from jaxcar.envs.grid.fence import fence
from jaxcar.envs.grid.state import GridState

VIEW_SIZE = 7
_HALF = VIEW_SIZE // 2
_ROW = (1 << VIEW_SIZE) - 1
_NEAR_ROWS = 4  # rows of 7 bits that fit one number; the other three go into a second one
_X = np.repeat(np.arange(VIEW_SIZE), VIEW_SIZE)
_Y = np.tile(np.arange(VIEW_SIZE), VIEW_SIZE)
_IS_NEAR = VIEW_SIZE - 1 - _Y < _NEAR_ROWS
_IS_OWN = (_X == _HALF) & (_Y == VIEW_SIZE - 1)
# Row 0 of the near number is the agent's own; row 0 of the far number follows its last.
_BIT = (1 << (_X + VIEW_SIZE * ((VIEW_SIZE - 1 - _Y) % _NEAR_ROWS))).astype(np.int32)


class Seen(NamedTuple):
    """Hold which cells of a view are seen, a bit for each.

    Args:
        near: `i32[]`, the agent's row and the three before it, 7 bits each, bit 0 at the left.
        far: `i32[]`, the three rows beyond.
    """

    near: jax.Array
    far: jax.Array


def partial_view(state: GridState, *, see_through: bool = False) -> jax.Array:
    """Encode what the agent sees, as minigrid's `image`.

    Args:
        state: the state.
        see_through: walls and doors hide nothing.

    Returns:
        `uint8[7, 7, 3]`, indexed [x][y]: (object, colour, state); (0, 0, 0) where unseen. The
        agent's own place shows what it carries.

    Example:
        >>> from jaxcar.envs.grid.layouts import DoorKey
        >>> partial_view(DoorKey(6)(jax.random.key(0)))[3, 6].tolist()
        [1, 0, 0]
    """
    words = _words_in_view(state)
    if not see_through:
        seen = _seen(words, state.time)
        is_seen = (jnp.where(_IS_NEAR, seen.near, seen.far) & _BIT) != 0
        words = jnp.where(is_seen, words, 0)
    words = jnp.where(_IS_OWN, _words(state.carrying), words)
    cells = jnp.stack([words, words >> 8, words >> 16], axis=-1).astype(jnp.uint8)
    return cells.reshape(VIEW_SIZE, VIEW_SIZE, 3)


def seen_cells(state: GridState, *, see_through: bool = False) -> jax.Array:
    """Mark the cells of the grid that the agent sees: those that a picture highlights.

    Args:
        state: the state.
        see_through: walls and doors hide nothing.

    Returns:
        `bool[H, W]`.

    Example:
        >>> from jaxcar.envs.grid.layouts import Empty
        >>> seen_cells(Empty(5)(jax.random.key(0)), see_through=True)[2].tolist()
        [False, True, True, True, True]
    """
    height, width = state.grid.shape[:2]
    ahead = heading(state.agent_dir)
    from_x = jnp.arange(width, dtype=jnp.int32)[None, :] - state.agent_pos[0]
    from_y = jnp.arange(height, dtype=jnp.int32)[:, None] - state.agent_pos[1]
    x = _HALF - ahead[1] * from_x + ahead[0] * from_y
    away = ahead[0] * from_x + ahead[1] * from_y
    inside = (x >= 0) & (x < VIEW_SIZE) & (away >= 0) & (away < VIEW_SIZE)
    if see_through:
        return inside
    seen = _seen(_words_in_view(state), state.time)
    is_near = away < _NEAR_ROWS
    row = jnp.where(is_near, away, away - _NEAR_ROWS)
    bit = jnp.clip(x + VIEW_SIZE * row, 0, 31)
    return inside & (((jnp.where(is_near, seen.near, seen.far) >> bit) & 1) == 1)


@lru_cache(maxsize=64)
def _places(height: int, width: int) -> np.ndarray:
    """List for every pose [direction, y, x] the cells in view, `uint16[poses, 49]`.

    A cell is y * width + x; cells outside the grid are height * width.
    """
    dx, dy = np.array([1, 0, -1, 0]), np.array([0, 1, 0, -1])
    direction, y, x = np.indices((4, height, width)).reshape(3, -1, 1)
    ahead, right = VIEW_SIZE - 1 - _Y, _X - _HALF
    place_x = x + dx[direction] * ahead - dy[direction] * right
    place_y = y + dy[direction] * ahead + dx[direction] * right
    inside = (place_x >= 0) & (place_x < width) & (place_y >= 0) & (place_y < height)
    return np.where(inside, place_y * width + place_x, height * width).astype(np.uint16)


def _words(cells: jax.Array) -> jax.Array:
    cells = cells.astype(jnp.int32)
    return cells[..., 0] | (cells[..., 1] << 8) | (cells[..., 2] << 16)


def _words_in_view(state: GridState) -> jax.Array:
    """Gather the view's cells, `i32[49]`; a wall stands wherever the grid ends."""
    height, width = state.grid.shape[:2]
    pose = (state.agent_dir * height + state.agent_pos[1]) * width + state.agent_pos[0]
    pose = fence(pose, state.time)
    places = jnp.asarray(_places(height, width)).at[pose].get(mode="promise_in_bounds")
    words = jnp.concatenate([_words(state.grid).reshape(-1), _words(jnp.array([WALL]))])
    found = words.at[places.astype(jnp.int32)].get(mode="promise_in_bounds")
    return fence(found, state.time)


def _seen(words: jax.Array, time: jax.Array) -> Seen:
    """Spread sight from the agent's place through clear cells, row by row, away from it.

    A seen clear cell shows its neighbours to the left and right, and the three cells beyond it.
    """
    clear = ~is_opaque(words & 255, words >> 16)
    through_near = jnp.sum(jnp.where(clear & _IS_NEAR, _BIT, 0))
    through_far = jnp.sum(jnp.where(clear & ~_IS_NEAR, _BIT, 0))
    near = fence(_spread_rows(jnp.int32(1 << _HALF), through_near, _NEAR_ROWS), time)
    last = VIEW_SIZE * (_NEAR_ROWS - 1)
    beyond = _shine(near >> last, through_near >> last)
    far = fence(_spread_rows(beyond, through_far, VIEW_SIZE - _NEAR_ROWS), time)
    return Seen(near, far)


def _spread_rows(first: jax.Array, through: jax.Array, count: int) -> jax.Array:
    """Fill `count` rows of 7 bits, the first lit by `first`, each next by the one before."""
    lit, seen = first, jnp.int32(0)
    for i in range(count):
        clear = (through >> (VIEW_SIZE * i)) & _ROW
        row = _spread_left(_spread_right(lit, clear), clear)
        seen = seen | (row << (VIEW_SIZE * i))
        lit = _shine(row, clear)
    return seen


def _shine(row: jax.Array, clear: jax.Array) -> jax.Array:
    """Find what a row shows of the row beyond it."""
    lit = row & clear
    return (lit | (lit << 1) | (lit >> 1)) & _ROW


def _spread_right(row: jax.Array, clear: jax.Array) -> jax.Array:
    lit = row & clear
    for shift in (1, 2, 4):  # seven cells in three doublings
        lit = lit | (clear & (lit << shift))
        clear = clear & (clear << shift)
    return (row | (lit << 1)) & _ROW


def _spread_left(row: jax.Array, clear: jax.Array) -> jax.Array:
    lit = row & clear
    for shift in (1, 2, 4):
        lit = lit | (clear & (lit >> shift))
        clear = clear & (clear >> shift)
    return row | (lit >> 1)
