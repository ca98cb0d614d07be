"""Experts: policies that act on a shortest plan, from any state that can be reached."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxcar.envs.grid.cells import DoorState, Object, can_enter
from jaxcar.envs.grid.path import Stages, cell_rows, first_action
from jaxcar.envs.grid.state import GridParams, GridState


def unlock_and_go(key: jax.Array, state: GridState, params: GridParams) -> jax.Array:
    """Act on a shortest plan to the goal, fetching the key and opening doors on the way.

    Meant for worlds whose only loose things are keys for their locked doors: with empty hands one
    may fetch a key; with a key in hand locked doors open too, and no key lies in the way.

    Args:
        key: unused: the plan is certain.
        state: the state.
        params: unused.

    Returns:
        `i32[]`, an `Action`; `Action.DONE` where the goal cannot be reached.

    Example:
        >>> from jaxcar.envs.grid.layouts import Empty
        >>> state = Empty(5)(jax.random.key(0))
        >>> int(unlock_and_go(jax.random.key(1), state, GridParams()))
        2
    """
    del key, params
    kind, door_state = state.grid[..., 0], state.grid[..., 2]
    locked = (kind == Object.DOOR) & (door_state == DoorState.LOCKED)
    closed = (kind == Object.DOOR) & (door_state == DoorState.CLOSED)
    keys = kind == Object.KEY
    free = can_enter(kind, door_state) & (kind != Object.LAVA)
    stages = Stages(
        open=cell_rows(jnp.stack([free, free | keys])),
        shut=cell_rows(jnp.stack([closed, closed | locked])),
        take=cell_rows(jnp.stack([keys, jnp.zeros_like(keys)])),
        goal=cell_rows(kind == Object.GOAL),
    )
    stage = (state.carrying[0] == Object.KEY).astype(jnp.int32)
    return first_action(stages, stage, state.agent_pos, state.agent_dir)
