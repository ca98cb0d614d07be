"""The state and the parameters of a grid world."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import struct
from gymnax.environments.environment import EnvParams, EnvState

from jaxcar.envs.grid.cells import EMPTY


@struct.dataclass
class GridState(EnvState):
    """Hold one grid world: Farama minigrid's state as arrays.

    Attributes:
        time: `i32[]`, steps since the reset.
        grid: `uint8[H, W, 3]`, (object, colour, state) of the cell in row y and column x.
        contents: `uint8[H, W]`, the cell code of what the box in a cell holds; 0 is nothing.
        agent_pos: `i32[2]`, (x, y).
        agent_dir: `i32[]`; 0 right, 1 down, 2 left, 3 up.
        carrying: `uint8[3]`, the carried thing as a cell; an empty cell where nothing is carried.
        carried_contents: `uint8[]`, the cell code of what a carried box holds; 0 is nothing.
        mission: what the task asks for in this episode (`i32[n]`), where layouts differ in that.
    """

    grid: jax.Array
    contents: jax.Array
    agent_pos: jax.Array
    agent_dir: jax.Array
    carrying: jax.Array
    carried_contents: jax.Array
    mission: jax.Array | None = None


@struct.dataclass
class GridParams(EnvParams):
    """Hold what may vary between grid worlds of one shape.

    Attributes:
        max_steps_in_episode: the time limit; it also scales the reward.
    """

    max_steps_in_episode: int = 100


def start_state(
    grid: jax.Array,
    agent_pos: jax.Array,
    agent_dir: jax.Array,
    *,
    mission: jax.Array | None = None,
) -> GridState:
    """Make the state that an episode starts with: time 0, nothing carried, boxes empty.

    Args:
        grid: `uint8[H, W, 3]`.
        agent_pos: integers `[2]`, (x, y).
        agent_dir: integer `[]`.
        mission: see `GridState`.

    Returns:
        The state.

    Example:
        >>> grid = jnp.ones((5, 5, 3), jnp.uint8)
        >>> int(start_state(grid, jnp.array([1, 1]), jnp.array(0)).time)
        0
    """
    return GridState(
        time=jnp.zeros((), jnp.int32),
        grid=grid,
        contents=jnp.zeros(grid.shape[:2], jnp.uint8),
        agent_pos=agent_pos.astype(jnp.int32),
        agent_dir=agent_dir.astype(jnp.int32),
        carrying=jnp.array(EMPTY, jnp.uint8),
        carried_contents=jnp.zeros((), jnp.uint8),
        mission=mission,
    )
