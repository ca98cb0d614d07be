"""What an action does to a grid world: exactly what it does in Farama minigrid."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.envs.grid.cells import (
    EMPTY,
    Action,
    DoorState,
    Object,
    can_carry,
    can_enter,
    unpack,
)
from jaxcar.envs.grid.state import GridState


class Event(NamedTuple):
    """Say what a step acted on, for the rules of a task.

    Args:
        action: `i32[]`.
        front: `uint8[3]`, the cell that the agent faced *before* the action.
        front_pos: `i32[2]`, where that cell lies, (x, y).
    """

    action: jax.Array
    front: jax.Array
    front_pos: jax.Array


def heading(agent_dir: jax.Array) -> jax.Array:
    """Turn a direction into a step.

    Args:
        agent_dir: `i32[]`, 0 right, 1 down, 2 left, 3 up.

    Returns:
        `i32[2]`, (dx, dy).

    Example:
        >>> heading(jnp.array(3)).tolist()
        [0, -1]
    """
    dx = (agent_dir == 0).astype(jnp.int32) - (agent_dir == 2)
    dy = (agent_dir == 1).astype(jnp.int32) - (agent_dir == 3)
    return jnp.stack([dx, dy])


def cells_at(shape: tuple[int, int], pos: jax.Array) -> jax.Array:
    """Mark one cell of a grid.

    Args:
        shape: (H, W).
        pos: `i32[2]`, (x, y); a position outside the grid marks nothing.

    Returns:
        `bool[H, W]`.
    """
    rows = jnp.arange(shape[0], dtype=jnp.int32)[:, None]
    columns = jnp.arange(shape[1], dtype=jnp.int32)[None, :]
    return (rows == pos[1]) & (columns == pos[0])


def act(state: GridState, action: jax.Array) -> tuple[GridState, Event]:
    """Apply one action, for every kind of object.

    A cell outside the grid behaves as a wall (minigrid raises there). An action that is not an
    `Action` does nothing, as `Action.DONE`.

    Args:
        state: the state before the action.
        action: `i32[]`.

    Returns:
        The state after it, with the time advanced, and what was acted on.

    Example:
        >>> from jaxcar.envs.grid.layouts import Empty
        >>> state, event = act(Empty(5)(jax.random.key(0)), jnp.array(Action.FORWARD))
        >>> state.agent_pos.tolist(), Object(int(event.front[0])).name
        ([2, 1], 'EMPTY')
    """
    action = jnp.asarray(action, jnp.int32)
    height, width = state.grid.shape[:2]
    front_pos = state.agent_pos + heading(state.agent_dir)
    x, y = front_pos[0], front_pos[1]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    place = jnp.where(inside, y * width + x, height * width)
    cells, contents = state.grid.reshape(-1, 3), state.contents.reshape(-1)
    front = cells.at[place].get(mode="fill", fill_value=0)

    turn = jnp.where(action == Action.LEFT, 3, jnp.where(action == Action.RIGHT, 1, 0))
    moves = (action == Action.FORWARD) & can_enter(front[0], front[2])
    handled = _handle(state, action, front, contents.at[place].get(mode="fill", fill_value=0))
    after = state.replace(
        time=state.time + 1,
        grid=cells.at[place].set(handled.cell, mode="drop").reshape(state.grid.shape),
        contents=contents.at[place].set(handled.contents, mode="drop").reshape(height, width),
        agent_pos=jnp.where(moves, front_pos, state.agent_pos),
        agent_dir=(state.agent_dir + turn) & 3,
        carrying=handled.carrying,
        carried_contents=handled.carried_contents,
    )
    return after, Event(action, front, front_pos)


class _Handled(NamedTuple):
    """The front cell and the carried thing after picking up, dropping or toggling."""

    cell: jax.Array
    contents: jax.Array
    carrying: jax.Array
    carried_contents: jax.Array


def _handle(state: GridState, action: jax.Array, front: jax.Array, contents: jax.Array) -> _Handled:
    kind, colour = front[0], front[1]
    empty = jnp.array(EMPTY, jnp.uint8)
    nothing = jnp.uint8(0)
    free_hand = state.carrying[0] == Object.EMPTY
    picks = (action == Action.PICKUP) & can_carry(kind) & free_hand
    drops = (action == Action.DROP) & (kind == Object.EMPTY) & ~free_hand
    toggles = action == Action.TOGGLE
    opens_box = toggles & (kind == Object.BOX)
    released = jnp.where(contents == nothing, empty, unpack(contents))

    has_key = (state.carrying[0] == Object.KEY) & (state.carrying[1] == colour)
    turns_door = toggles & (kind == Object.DOOR) & ((front[2] != DoorState.LOCKED) | has_key)
    door_state = jnp.where(front[2] == DoorState.OPEN, DoorState.CLOSED, DoorState.OPEN)
    door = jnp.stack([kind, colour, door_state.astype(jnp.uint8)])

    cell = jnp.where(picks, empty, front)
    cell = jnp.where(drops, state.carrying, cell)
    cell = jnp.where(opens_box, released, cell)
    cell = jnp.where(turns_door, door, cell)
    left_inside = jnp.where(picks | opens_box, nothing, contents)
    return _Handled(
        cell=cell,
        contents=jnp.where(drops, state.carried_contents, left_inside),
        carrying=jnp.where(picks, front, jnp.where(drops, empty, state.carrying)),
        carried_contents=jnp.where(
            picks, contents, jnp.where(drops, nothing, state.carried_contents)
        ),
    )
