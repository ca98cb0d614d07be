"""What is true of a grid world's state: the truths that score sub-tasks."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxcar.envs.grid.cells import DoorState, Object
from jaxcar.envs.grid.state import GridParams, GridState


def has_key(state: GridState, params: GridParams) -> jax.Array:
    """Tell whether the agent carries a key.

    Args:
        state: the state.
        params: unused.

    Returns:
        `bool[]`.
    """
    del params
    return state.carrying[0] == Object.KEY


def door_open(state: GridState, params: GridParams) -> jax.Array:
    """Tell whether a door stands open.

    Args:
        state: the state.
        params: unused.

    Returns:
        `bool[]`.
    """
    del params
    kind, door_state = state.grid[..., 0], state.grid[..., 2]
    return jnp.any((kind == Object.DOOR) & (door_state == DoorState.OPEN))


def at_goal(state: GridState, params: GridParams) -> jax.Array:
    """Tell whether the agent stands on a goal.

    Args:
        state: the state.
        params: unused.

    Returns:
        `bool[]`.
    """
    del params
    x, y = state.agent_pos[0], state.agent_pos[1]
    return state.grid[y, x, 0] == Object.GOAL
