"""Where an episode starts: layouts distributed as Farama minigrid's, without rejection loops."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.grid.cells import EMPTY, GOAL, WALL, Colour, DoorState, Object
from jaxcar.envs.grid.dynamics import cells_at
from jaxcar.envs.grid.state import GridState, start_state


def walled_room(width: int, height: int) -> np.ndarray:
    """Make an empty room with walls around it and a goal in its lower right corner.

    Args:
        width: cells across, walls included.
        height: cells down, walls included.

    Returns:
        `uint8[height, width, 3]`, a constant of NumPy's.

    Example:
        >>> walled_room(5, 5)[3, 3].tolist()
        [8, 1, 0]
    """
    grid = np.empty((height, width, 3), np.uint8)
    grid[:] = WALL
    grid[1:-1, 1:-1] = EMPTY
    grid[-2, -2] = GOAL
    return grid


@dataclass(frozen=True)
class Empty:
    """Lay out a room with nothing in it but the goal.

    Args:
        size: cells across and down.
        random_start: the agent starts anywhere but on the goal, in any direction, rather than
            in the upper left corner, facing right.

    Source: Farama minigrid 3.2, `EmptyEnv`.

    Example:
        >>> Empty(5)(jax.random.key(0)).agent_pos.tolist()
        [1, 1]
    """

    size: int
    random_start: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.size, self.size

    def __call__(self, key: jax.Array) -> GridState:
        """Draw a first state.

        Args:
            key: a key.

        Returns:
            The state.
        """
        grid = jnp.asarray(walled_room(self.size, self.size))
        if not self.random_start:
            return start_state(grid, jnp.array([1, 1]), jnp.array(0))
        key_place, key_direction = jax.random.split(key)
        inner = self.size - 2
        place = jax.random.randint(key_place, (), 0, inner * inner - 1)  # the goal is the last
        pos = 1 + jnp.stack([place % inner, place // inner])
        return start_state(grid, pos, jax.random.randint(key_direction, (), 0, 4))


@dataclass(frozen=True)
class DoorKey:
    """Lay out two rooms with a locked door between them, and its key beside the agent.

    The wall's column is uniform in 2..size-3, the
    door's row in 1..size-3, the agent's place, direction and the key's place uniform on the left.

    Args:
        size: cells across and down.

    Source: Farama minigrid 3.2, `DoorKeyEnv`.

    Example:
        >>> state = DoorKey(5)(jax.random.key(0))
        >>> [Object(kind).name for kind in state.grid[1:3, 2, 0].tolist()].count('DOOR')
        1
    """

    size: int

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.size, self.size

    def __call__(self, key: jax.Array) -> GridState:
        """Draw a first state.

        Args:
            key: a key.

        Returns:
            The state.
        """
        key_wall, key_door, key_agent, key_direction, key_key = jax.random.split(key, 5)
        inner = self.size - 2
        wall = jax.random.randint(key_wall, (), 2, inner)
        door_row = jax.random.randint(key_door, (), 1, inner)
        columns = wall - 1
        agent = jax.random.randint(key_agent, (), 0, columns * inner)
        # The key lies on one of the other cells: skip over the agent's.
        spot = jax.random.randint(key_key, (), 0, columns * inner - 1)
        spot = spot + (spot >= agent)

        def place(index: jax.Array) -> jax.Array:
            return 1 + jnp.stack([index % columns, index // columns])

        door = jnp.array((Object.DOOR, Colour.YELLOW, DoorState.LOCKED), jnp.uint8)
        the_key = jnp.array((Object.KEY, Colour.YELLOW, 0), jnp.uint8)
        grid = jnp.asarray(walled_room(self.size, self.size))
        in_wall = jnp.arange(self.size)[None, :, None] == wall
        grid = jnp.where(in_wall, jnp.array(WALL, jnp.uint8), grid)
        at_door = cells_at(self.shape, jnp.stack([wall, door_row]))
        grid = jnp.where(at_door[..., None], door, grid)
        grid = jnp.where(cells_at(self.shape, place(spot))[..., None], the_key, grid)
        return start_state(grid, place(agent), jax.random.randint(key_direction, (), 0, 4))
