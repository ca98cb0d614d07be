"""First states are distributed as Farama minigrid's."""

from __future__ import annotations

from collections import Counter

import farama_record  # noqa: F401 - registers minigrid
import gymnasium
import jax
import numpy as np
import pytest
from scipy import stats

import jaxcar.envs
from jaxcar.envs.grid import GridState, Object
from jaxcar.envs.grid.farama import read_state

SEEDS = 4000


def _drawn(task_id: str, count: int, seed: int) -> GridState:
    layout = jaxcar.envs.make(task_id).env.layout
    return jax.jit(jax.vmap(layout))(jax.random.split(jax.random.key(seed), count))


def _count(states: list[GridState]) -> Counter:
    return Counter(
        (state.grid.tobytes(), *state.agent_pos.tolist(), int(state.agent_dir)) for state in states
    )


def _ours(task_id: str, count: int) -> Counter:
    states = jax.tree.map(np.asarray, _drawn(task_id, count, seed=0))
    return _count([jax.tree.map(lambda leaf, i=i: leaf[i], states) for i in range(count)])


def _theirs(task_id: str, count: int) -> Counter:
    env = gymnasium.make(task_id).unwrapped
    states = []
    for seed in range(count):
        env.reset(seed=seed)
        states.append(read_state(env))
    return _count(states)


@pytest.mark.parametrize(
    ("task_id", "layouts"),
    [
        ("MiniGrid-DoorKey-5x5-v0", 48),
        ("MiniGrid-DoorKey-6x6-v0", 816),
        ("MiniGrid-Empty-Random-5x5-v0", 32),
        ("MiniGrid-Empty-Random-6x6-v0", 60),
        ("MiniGrid-Empty-8x8-v0", 1),
    ],
)
def test_layouts_are_distributed_as_minigrids(task_id, layouts):
    count = SEEDS if layouts > 100 else 1500
    ours, theirs = _ours(task_id, 3 * count), _theirs(task_id, count)
    kinds = sorted(set(ours) | set(theirs))
    assert len(ours) == layouts
    assert set(theirs) <= set(ours)
    if layouts > 1:
        table = [[counts[kind] for kind in kinds] for counts in (ours, theirs)]
        assert stats.chi2_contingency(table).pvalue > 1e-3


@pytest.mark.parametrize("size", [8, 16])
def test_doorkey_is_uniform_within_each_wall(size):
    states = _drawn(f"MiniGrid-DoorKey-{size}x{size}-v0", 6000, seed=1)
    kinds = np.asarray(states.grid[..., 0])
    assert ((kinds == Object.DOOR).sum((1, 2)) == 1).all()
    assert ((kinds == Object.KEY).sum((1, 2)) == 1).all()
    assert (kinds[:, -2, -2] == Object.GOAL).all()
    _, door_row, wall = np.nonzero(kinds == Object.DOOR)
    _, key_row, key_column = np.nonzero(kinds == Object.KEY)
    agent_column, agent_row = np.asarray(states.agent_pos).T
    assert (key_column < wall).all()
    assert (agent_column < wall).all()
    assert not ((key_column == agent_column) & (key_row == agent_row)).any()
    directions = np.asarray(states.agent_dir)
    for values, low, high in (
        (wall, 2, size - 3),
        (door_row, 1, size - 3),
        (key_row, 1, size - 2),
        (agent_row, 1, size - 2),
        (directions, 0, 3),
        (key_column[wall == size - 3], 1, size - 4),
        (agent_column[wall == size - 3], 1, size - 4),
    ):
        counts = np.bincount(values - low)
        assert counts.size == high - low + 1
        assert stats.chisquare(counts).pvalue > 1e-3
