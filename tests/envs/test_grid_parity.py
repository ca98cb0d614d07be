"""Grid worlds against Farama minigrid: its states are injected and both take the same step."""

from __future__ import annotations

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from farama_record import Jumble, Recording, record, stack
from minigrid.core.world_object import Ball, Box

import jaxcar.envs
from jaxcar.envs.grid import DoorKey, GridEnv, GridParams, GridState, Picture, from_minigrid
from jaxcar.envs.grid.cells import Action, Object
from jaxcar.envs.grid.dynamics import act
from jaxcar.envs.grid.farama import read_state
from jaxcar.errors import JaxcarError

EVEN = (1.0,) * 7
BUSY = (1.0, 1.0, 2.0, 3.0, 1.0, 3.0, 0.2)  # handles more things than an even choice


def _assert_same(recording: Recording, env: GridEnv, max_steps: int) -> None:
    params = GridParams(max_steps_in_episode=max_steps)

    def step(state: GridState, action: jax.Array):
        return env.step_env(jax.random.key(0), state, action, params)

    obs, after, reward, terminated, info = jax.jit(jax.vmap(step))(
        recording.before, recording.action
    )
    jax.tree.map(np.testing.assert_array_equal, after, recording.after)
    np.testing.assert_array_equal(obs["image"], recording.image)
    np.testing.assert_array_equal(obs["direction"], recording.direction)
    np.testing.assert_allclose(reward, recording.reward, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(terminated, recording.terminated)
    np.testing.assert_array_equal(env.is_truncated(after, params), recording.truncated)
    np.testing.assert_array_equal(info["success"], recording.reward > 0)


@pytest.mark.parametrize(
    ("task_id", "steps", "weights"),
    [
        ("MiniGrid-DoorKey-6x6-v0", 3000, EVEN),
        ("MiniGrid-DoorKey-8x8-v0", 3000, BUSY),
        ("MiniGrid-Empty-Random-6x6-v0", 2000, EVEN),
    ],
)
def test_tasks_step_as_minigrid(task_id, steps, weights):
    task = jaxcar.envs.make(task_id, observation="minigrid")
    reference = gymnasium.make(task_id)
    recording = record(reference, steps, seed=1, weights=weights)
    assert reference.unwrapped.max_steps == task.params.max_steps_in_episode
    _assert_same(recording, task.env, task.params.max_steps_in_episode)


@pytest.fixture(scope="module")
def jumble() -> Recording:
    return record(Jumble(), 10_000, seed=2, weights=BUSY)


def test_every_kind_of_thing_steps_as_in_minigrid(jumble):
    env = GridEnv("Jumble", DoorKey(9), 60, kind="minigrid")
    _assert_same(jumble, env, 60)


def test_the_jumble_covers_what_can_happen(jumble):
    before, after = jumble.before, jumble.after
    carried = set(before.carrying[:, 0].tolist())
    assert carried == {Object.EMPTY, Object.KEY, Object.BALL, Object.BOX}
    assert (before.carried_contents > 0).any()
    changed = (before.grid != after.grid).any(axis=-1)

    def seen(action: Action, was: Object, becomes: Object) -> bool:
        rows = jumble.action == action
        at = changed & (before.grid[..., 0] == was) & (after.grid[..., 0] == becomes)
        return bool(at[rows].any())

    assert seen(Action.PICKUP, Object.KEY, Object.EMPTY)
    assert seen(Action.PICKUP, Object.BOX, Object.EMPTY)
    assert seen(Action.DROP, Object.EMPTY, Object.BOX)
    for content in (Object.EMPTY, Object.KEY, Object.BALL, Object.BOX, Object.DOOR, Object.GOAL):
        assert seen(Action.TOGGLE, Object.BOX, content)
    doors = {
        (int(b), int(a))
        for b, a in zip(before.grid[changed, 2], after.grid[changed, 2], strict=True)
    }
    assert {(0, 1), (1, 0), (2, 0)} <= doors
    assert jumble.truncated.any()
    assert (jumble.reward > 0).any()
    assert (jumble.terminated & (jumble.reward == 0)).any()  # lava


def test_seeing_through_walls_as_minigrid():
    recording = record(Jumble(8, 8, see_through_walls=True), 2000, seed=3, weights=BUSY)
    _assert_same(recording, GridEnv("Open", DoorKey(8), 60, see_through=True, kind="minigrid"), 60)


def test_a_cell_outside_the_grid_is_a_wall():
    state = DoorKey(5)(jax.random.key(0))
    grid = state.grid.at[2, 4].set(jnp.array([4, 0, 0], jnp.uint8))  # an open door in the border
    state = state.replace(grid=grid, agent_pos=jnp.array([4, 2]), agent_dir=jnp.array(0))
    for action in (Action.FORWARD, Action.PICKUP, Action.DROP, Action.TOGGLE):
        after, event = act(state, jnp.array(action))
        assert event.front.tolist() == [0, 0, 0]
        jax.tree.map(np.testing.assert_array_equal, after.replace(time=state.time), state)


def _frames(env, count: int, seed: int) -> tuple[GridState, np.ndarray]:
    env = env.unwrapped
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    states, frames = [], []
    for i in range(count):
        if i % 7 == 6:
            env.reset()
        else:
            env.step(rng.choice(7, p=np.array(BUSY) / sum(BUSY)))
        states.append(read_state(env))
        frames.append(env.get_frame(env.highlight, env.tile_size))
    return stack(states), np.stack(frames)


@pytest.mark.parametrize(
    ("tile_size", "options", "count"),
    [
        (8, {}, 600),
        (8, {"see_through_walls": True}, 200),
        (8, {"highlight": False}, 200),
        (16, {}, 40),
        (32, {}, 15),
    ],
)
def test_frames_are_minigrids_pixel_for_pixel(tile_size, options, count):
    env = Jumble(tile_size=tile_size, **options)
    states, expected = _frames(env, count, seed=4)
    picture = Picture(
        (7, 9),
        tile_size,
        highlight=options.get("highlight", True),
        see_through=options.get("see_through_walls", False),
    )
    frames = jax.jit(jax.vmap(picture, (0, None)))(states, GridParams())
    np.testing.assert_array_equal(frames, expected)


@pytest.mark.parametrize("task_id", ["MiniGrid-DoorKey-8x8-v0", "MiniGrid-Empty-5x5-v0"])
def test_a_tasks_frames_are_minigrids(task_id):
    task = jaxcar.envs.make(task_id)
    states, expected = _frames(gymnasium.make(task_id, tile_size=8), 60, seed=5)
    frames = jax.jit(jax.vmap(task.render, (0, None)))(states, task.params)
    np.testing.assert_array_equal(frames, expected)


def test_from_minigrid_takes_the_present_state():
    env = gymnasium.make("MiniGrid-DoorKey-6x6-v0")
    env.reset(seed=3)
    env.step(Action.LEFT)
    state = from_minigrid(env)
    assert isinstance(state.grid, jax.Array)
    jax.tree.map(np.testing.assert_array_equal, state, read_state(env.unwrapped))
    assert int(state.time) == 1
    assert state.agent_pos.tolist() == list(env.unwrapped.agent_pos)


def test_from_minigrid_refuses_what_it_cannot_hold():
    with pytest.raises(JaxcarError, match="not a minigrid environment"):
        from_minigrid(object())
    with pytest.raises(JaxcarError, match="no state yet"):
        from_minigrid(gymnasium.make("MiniGrid-DoorKey-5x5-v0"))
    env = Jumble()
    env.reset(seed=0)
    env.put_obj(Box("red", Box("blue", Ball("green"))), 1, 1)
    with pytest.raises(JaxcarError, match="a box in a box"):
        from_minigrid(env)
