"""Shortest plans over (x, y, direction), in stages.

Plans are found backwards, one wave of poses an action. A set of cells is one number per row, bit x
for column x (`u32[H]`); a set of poses is such a set per direction (`u32[4, H]`). A wave is a few
shifts of whole rows: cheap enough to plan anew in every step of thousands of episodes.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.envs.grid.cells import Action
from jaxcar.envs.grid.dynamics import heading


class Stages(NamedTuple):
    """Describe a plan of S stages, one after the other, by sets of cells.

    Args:
        open: `u32[S, H]`, the cells that stage s may step onto.
        shut: `u32[S, H]`, the cells that it may step onto after one toggle.
        take: `u32[S, H]`, the things to pick up: doing so while facing one enters stage s + 1.
        goal: `u32[H]`, the cells on which the plan ends, in any stage.
    """

    open: jax.Array
    shut: jax.Array
    take: jax.Array
    goal: jax.Array


class _Waves(NamedTuple):
    """The poses from which the plan ends within k, k - 1 and k - 2 actions, `u32[S, 4, H]`."""

    reached: jax.Array
    before: jax.Array
    older: jax.Array


def cell_rows(cells: jax.Array) -> jax.Array:
    """Pack a set of cells into one number per row.

    Args:
        cells: `bool[..., H, W]`, W at most 32.

    Returns:
        `u32[..., H]`.

    Example:
        >>> cell_rows(jnp.array([[True, False, True]])).tolist()
        [5]
    """
    width = cells.shape[-1]
    assert width <= 32, "a row of cells is one 32 bit number"
    weights = jnp.uint32(1) << jnp.arange(width, dtype=jnp.uint32)
    return jnp.sum(jnp.where(cells, weights, jnp.uint32(0)), axis=-1, dtype=jnp.uint32)


def facing(cells: jax.Array) -> jax.Array:
    """Find the poses that face a set of cells.

    Args:
        cells: `u32[..., 4, H]`, for each direction the cells to face.

    Returns:
        `u32[..., 4, H]`, poses; some lie outside the grid.
    """
    none = jnp.zeros_like(cells[..., 0, :1])
    right, down, left, up = (cells[..., direction, :] for direction in range(4))
    return jnp.stack(
        [
            right >> 1,
            jnp.concatenate([down[..., 1:], none], axis=-1),
            left << 1,
            jnp.concatenate([none, up[..., :-1]], axis=-1),
        ],
        axis=-2,
    )


def first_action(
    stages: Stages, stage: jax.Array, agent_pos: jax.Array, agent_dir: jax.Array
) -> jax.Array:
    """Find the first action of a shortest plan.

    Args:
        stages: the plan's stages.
        stage: `i32[]`, the stage that the agent is in.
        agent_pos: `i32[2]`, (x, y).
        agent_dir: `i32[]`.

    Returns:
        `i32[]`, an `Action`; `Action.DONE` where there is no plan, or nothing left to do.

    Example:
        >>> room = cell_rows(jnp.array([[True, True, True]]))[None]
        >>> stages = Stages(room, room * 0, room * 0, jnp.array([4], jnp.uint32))
        >>> Action(int(first_action(stages, jnp.array(0), jnp.array([0, 0]), jnp.array(0)))).name
        'FORWARD'
    """
    waves = _spread(stages, stage, agent_pos, agent_dir)
    front = agent_pos + heading(agent_dir)

    def among(poses: jax.Array, pos: jax.Array, direction: jax.Array) -> jax.Array:
        return _bit(poses[stage, direction & 3], pos)

    later = jnp.roll(waves.before, -1, axis=0).at[-1].set(jnp.uint32(0))
    choices = (
        (Action.FORWARD, _bit(stages.open[stage], front) & among(waves.before, front, agent_dir)),
        (Action.TOGGLE, _bit(stages.shut[stage], front) & among(waves.older, front, agent_dir)),
        (Action.PICKUP, _bit(stages.take[stage], front) & among(later, agent_pos, agent_dir)),
        (Action.LEFT, among(waves.before, agent_pos, agent_dir - 1)),
        (Action.RIGHT, among(waves.before, agent_pos, agent_dir + 1)),
    )
    default = jnp.int32(Action.DONE)
    return jnp.select([fits for _, fits in choices], [jnp.int32(a) for a, _ in choices], default)


def _spread(stages: Stages, stage: jax.Array, agent_pos: jax.Array, agent_dir: jax.Array) -> _Waves:
    """Send out waves until one holds the agent's pose, or no pose is left to reach."""
    to_open, to_shut, to_take, stand = (
        jnp.broadcast_to(cells[:, None], (cells.shape[0], 4, cells.shape[1]))
        for cells in (stages.open, stages.shut, stages.take, stages.open | stages.shut)
    )
    takes = facing(to_take)[:-1]

    def wave(waves: _Waves) -> _Waves:
        now = waves.reached
        turned = jnp.roll(now, 1, axis=1) | jnp.roll(now, -1, axis=1)
        moved = facing((now & to_open) | (waves.before & to_shut))
        taken = jnp.concatenate([now[1:] & takes, jnp.zeros_like(now[:1])])
        return _Waves(now | ((turned | moved | taken) & stand), now, waves.before)

    def searching(waves: _Waves) -> jax.Array:
        found = _bit(waves.reached[stage, agent_dir], agent_pos)
        return ~found & jnp.any(waves.reached != waves.older)

    nowhere = jnp.zeros_like(to_open)
    at_goal = jnp.broadcast_to(stages.goal, to_open.shape)
    return jax.lax.while_loop(searching, wave, _Waves(at_goal, nowhere, nowhere))


def _bit(rows: jax.Array, pos: jax.Array) -> jax.Array:
    return ((rows[pos[1]] >> pos[0].astype(jnp.uint32)) & 1).astype(bool)
