"""The grid world as gymnax's interface sees it, its observations and its truths."""

from __future__ import annotations

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from farama_record import Jumble, read_state
from minigrid.wrappers import FullyObsWrapper, OneHotPartialObsWrapper

import jaxcar.envs
from jaxcar.envs.grid import Action, DoorKey, GridEnv, GridParams, Object
from jaxcar.envs.grid.observations import observation, observation_kinds
from jaxcar.errors import JaxcarError

TASK_ID = "MiniGrid-DoorKey-5x5-v0"


def test_the_time_limit_truncates_and_resets():
    task = jaxcar.envs.make(TASK_ID, observation="minigrid")
    params = GridParams(max_steps_in_episode=3)
    _, state = task.env.reset(jax.random.key(0), params)
    first = state
    for i, key in enumerate(jax.random.split(jax.random.key(1), 3)):
        obs, state, reward, terminated, truncated, info = task.env.step(
            key, state, jnp.array(Action.LEFT), params
        )
        assert bool(truncated) == (i == 2)
        assert not terminated
        assert float(reward) == 0.0
    assert int(state.time) == 0
    assert int(info["final_observation"]["direction"]) == (int(first.agent_dir) - 3) % 4
    assert int(obs["direction"]) == int(state.agent_dir)


def test_success_pays_and_ends():
    task = jaxcar.envs.make("MiniGrid-Empty-5x5-v0")
    _, state = task.env.reset(jax.random.key(0), task.params)
    before_goal = state.replace(agent_pos=jnp.array([2, 3]), time=jnp.int32(9))
    _, after, reward, terminated, truncated, info = task.env.step(
        jax.random.key(1), before_goal, jnp.array(Action.FORWARD), task.params
    )
    assert bool(terminated)
    assert bool(info["success"])
    assert not truncated
    np.testing.assert_allclose(reward, 1 - 0.9 * 10 / 100, rtol=1e-6)
    assert int(after.time) == 0


def test_lava_ends_without_success():
    env = GridEnv("Lava", DoorKey(5), 10)
    state = DoorKey(5)(jax.random.key(0))
    grid = jnp.where(state.grid[..., :1] == Object.KEY, jnp.array([9, 0, 0], jnp.uint8), state.grid)
    y, x = np.argwhere(grid[..., 0] == Object.LAVA)[0]
    beside = jnp.array([x, y + 1 if y == 1 else y - 1])
    heading = jnp.array(3 if y == 1 else 1)
    state = state.replace(grid=grid, agent_pos=beside, agent_dir=heading)
    _, after, reward, terminated, info = env.step_env(
        jax.random.key(0), state, jnp.array(Action.FORWARD), GridParams()
    )
    assert bool(terminated)
    assert not info["success"]
    assert float(reward) == 0.0
    assert after.agent_pos.tolist() == [x, y]


def test_eager_jit_and_vmap_agree():
    task = jaxcar.envs.make(TASK_ID)
    _, state = jax.jit(task.env.reset_env)(jax.random.key(0), task.params)

    def step(state, action):
        return task.env.step_env(jax.random.key(0), state, action, task.params)

    def draw(state):
        return task.render(state, task.params)

    for function, *arguments in ((step, state, jnp.array(Action.FORWARD)), (draw, state)):
        eager = function(*arguments)
        two = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), arguments)
        batched = jax.jit(jax.vmap(function))(*two)
        for other in (jax.jit(function)(*arguments), jax.tree.map(lambda leaf: leaf[1], batched)):
            jax.tree.map(np.testing.assert_array_equal, eager, other)


def test_equal_environments_share_their_compilation():
    tasks = [jaxcar.envs.make(TASK_ID) for _ in range(2)]
    assert tasks[0].env == tasks[1].env
    assert tasks[0].render == tasks[1].render
    assert hash(tasks[0].env) == hash(tasks[1].env)
    assert tasks[0].env != jaxcar.envs.make(TASK_ID, observation="full").env


@pytest.fixture(scope="module")
def wandered():
    """A jumbled world in which something is carried, and minigrid's view of it."""
    env = Jumble()
    rng = np.random.default_rng(0)
    env.reset(seed=0)
    while env.carrying is None:
        *_, terminated, truncated, _ = env.step(rng.integers(6))
        if terminated or truncated:
            env.reset()
    return env, read_state(env)


def _observe(kind: str, state) -> np.ndarray:
    env = GridEnv("Jumble", DoorKey(9), 60, kind=kind)
    return np.asarray(env.observe(jax.random.key(0), state, None, env.default_params))


def test_the_symbolic_observation_is_minigrids_view_scaled(wandered):
    env, state = wandered
    expected = env.gen_obs()["image"] / np.array([10, 5, 2])
    np.testing.assert_allclose(_observe("symbolic", state), expected.reshape(-1), rtol=1e-6)


def test_the_onehot_observation_is_minigrids(wandered):
    env, state = wandered
    expected = OneHotPartialObsWrapper(env).observation(env.gen_obs())["image"]
    assert _observe("onehot", state).dtype == np.float32
    np.testing.assert_array_equal(_observe("onehot", state), expected.reshape(-1))


def test_the_full_observation_is_minigrids_with_what_is_carried(wandered):
    env, state = wandered
    expected = FullyObsWrapper(env).observation(env.gen_obs())["image"] / np.array([10, 5, 3])
    full = _observe("full", state)
    np.testing.assert_allclose(full[:-2], expected.reshape(-1), rtol=1e-6)
    kind, colour, _ = env.carrying.encode()
    np.testing.assert_allclose(full[-2:], [kind / 10, colour / 5], rtol=1e-6)


@pytest.mark.parametrize("kind", observation_kinds())
def test_observations_lie_in_their_space(kind):
    task = jaxcar.envs.make(TASK_ID, observation=kind)
    obs, _ = task.env.reset(jax.random.key(0), task.params)
    space = task.env.observation_space(task.params)
    spaces = getattr(space, "spaces", {"": space})
    for name, part in spaces.items():
        value = obs[name] if name else obs
        assert value.shape == part.shape
        assert value.dtype == part.dtype
        assert bool(part.contains(value))


def test_an_unknown_observation_is_refused():
    with pytest.raises(JaxcarError, match="unknown kind of observation"):
        observation("pixels")


def test_subtask_truths_follow_the_episode():
    task = jaxcar.envs.make("MiniGrid-DoorKey-6x6-v0")
    env = gymnasium.make(task.id).unwrapped
    env.reset(seed=0)
    expert = jax.jit(task.expert)
    truths = jax.jit(lambda state: [s.truth(state, task.params) for s in task.subtasks])
    history, terminated = [], False
    while not terminated:
        state = read_state(env)
        history.append([bool(truth) for truth in truths(state)])
        _, _, terminated, _, _ = env.step(int(expert(jax.random.key(0), state, task.params)))
    history.append([bool(truth) for truth in truths(read_state(env))])
    assert history[0] == [False, False, False]
    assert history[-1] == [True, True, True]
    assert [False, True, False] not in history
    assert [True, False, False] in history
    assert [True, True, False] in history
