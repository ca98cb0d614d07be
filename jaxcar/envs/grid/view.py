"""What the agent sees: the 7x7 cells before it, without those that walls and doors hide.

View coordinates are minigrid's: x runs from the agent's left to its right, y from the far edge to
the agent, which stands at (3, 6).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.grid.cells import WALL, is_opaque
from jaxcar.envs.grid.dynamics import heading
from jaxcar.envs.grid.state import GridState

VIEW_SIZE = 7
_HALF = VIEW_SIZE // 2
_ALL = (1 << VIEW_SIZE) - 1


class Sight(NamedTuple):
    """Hold what lies in the view, and which of it is seen.

    Args:
        cells: `uint8[7, 7, 3]`, indexed [x][y]; cells outside the grid are walls.
        rows: `i32[7]`, for each y a number whose bit x says that the cell is seen.
    """

    cells: jax.Array
    rows: jax.Array


def look(state: GridState, *, see_through: bool = False) -> Sight:
    """Find the cells before the agent and the seen ones among them.

    Args:
        state: the state.
        see_through: walls and doors hide nothing.

    Returns:
        The cells and the seen ones.

    Example:
        >>> from jaxcar.envs.grid.layouts import DoorKey
        >>> state = DoorKey(6)(jax.random.key(0))
        >>> look(state).cells.shape
        (7, 7, 3)
    """
    height, width = state.grid.shape[:2]
    ahead = heading(state.agent_dir)
    step_x, step_y = ahead[0], ahead[1]
    # Numbers known while tracing: how far ahead and how far to the right each view cell lies.
    right = jnp.asarray(np.arange(VIEW_SIZE, dtype=np.int32) - _HALF)[:, None]
    far = jnp.asarray(VIEW_SIZE - 1 - np.arange(VIEW_SIZE, dtype=np.int32))[None, :]
    x = state.agent_pos[0] + step_x * far - step_y * right
    y = state.agent_pos[1] + step_y * far + step_x * right
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    found = state.grid[jnp.clip(y, 0, height - 1), jnp.clip(x, 0, width - 1)]
    cells = jnp.where(inside[..., None], found, jnp.array(WALL, jnp.uint8))
    if see_through:
        return Sight(cells, jnp.full(VIEW_SIZE, _ALL, jnp.int32))
    return Sight(cells, seen_rows(~is_opaque(cells[..., 0], cells[..., 2])))


def seen_rows(clear: jax.Array) -> jax.Array:
    """Spread sight from the agent's place through clear cells, row by row, away from it.

    A seen clear cell shows its neighbours to the left and right, and the three cells beyond it.
    Each row is one number, so that spreading is a few shifts.

    Args:
        clear: `bool[7, 7]`, indexed [x][y]: the cell hides nothing.

    Returns:
        `i32[7]`: for each y, bit x is set where the cell is seen.

    Example:
        >>> [bin(row) for row in seen_rows(jnp.zeros((7, 7), bool)).tolist()][-1]
        '0b1000'
    """
    weights = jnp.asarray(1 << np.arange(VIEW_SIZE, dtype=np.int32))
    passing = jnp.sum(jnp.where(clear, weights[:, None], 0), axis=0)
    # Without the barriers XLA computes this chain anew for every cell that reads it.
    passing = jax.lax.optimization_barrier(passing)
    rows = [jnp.zeros((), jnp.int32)] * VIEW_SIZE
    seen = jnp.int32(1 << _HALF)
    for y in reversed(range(VIEW_SIZE)):
        through = passing[y]
        seen = _spread_left(_spread_right(seen, through), through)
        rows[y] = seen
        lit = seen & through
        seen = (lit | (lit << 1) | (lit >> 1)) & _ALL
    return jax.lax.optimization_barrier(jnp.stack(rows))


def _spread_right(seen: jax.Array, through: jax.Array) -> jax.Array:
    lit = seen & through
    for shift in (1, 2, 4):
        lit = lit | (through & (lit << shift))
        through = through & (through << shift)
    return (seen | (lit << 1)) & _ALL


def _spread_left(seen: jax.Array, through: jax.Array) -> jax.Array:
    lit = seen & through
    for shift in (1, 2, 4):
        lit = lit | (through & (lit >> shift))
        through = through & (through >> shift)
    return seen | (lit >> 1)


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
    sight = look(state, see_through=see_through)
    seen = (sight.rows[None, :] >> jnp.arange(VIEW_SIZE)[:, None]) & 1
    cells = jnp.where(seen[..., None] == 1, sight.cells, jnp.uint8(0))
    columns = jnp.arange(VIEW_SIZE)
    own = (columns[:, None] == _HALF) & (columns[None, :] == VIEW_SIZE - 1)
    return jnp.where(own[..., None], state.carrying, cells)


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
    rows = look(state, see_through=see_through).rows
    ahead = heading(state.agent_dir)
    from_x = jnp.arange(width, dtype=jnp.int32)[None, :] - state.agent_pos[0]
    from_y = jnp.arange(height, dtype=jnp.int32)[:, None] - state.agent_pos[1]
    view_x = _HALF - ahead[1] * from_x + ahead[0] * from_y
    view_y = VIEW_SIZE - 1 - ahead[0] * from_x - ahead[1] * from_y
    inside = (view_x >= 0) & (view_x < VIEW_SIZE) & (view_y >= 0) & (view_y < VIEW_SIZE)
    bits = rows[jnp.clip(view_y, 0, VIEW_SIZE - 1)] >> jnp.clip(view_x, 0, VIEW_SIZE - 1)
    return inside & ((bits & 1) == 1)
