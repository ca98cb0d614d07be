"""Rollouts: whole episodes are whole, pools are fresh, the terminal observation is the true one."""

from typing import Any, NamedTuple

import gymnax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from flax import struct
from gymnax.environments import spaces
from gymnax.environments.environment import Environment, EnvParams, EnvState

from jaxcar.envs.rollout import (
    EMPTY_FOLD,
    Fold,
    Step,
    collect,
    make_pool,
    play,
    start,
)
from jaxcar.errors import JaxcarError


@struct.dataclass
class FuseState(EnvState):
    fuse: jax.Array
    mark: jax.Array


class Fuse(Environment):
    """Ends after a number of steps that is drawn at the reset; observes a pytree.

    `mark` is drawn uniformly at the reset: it names the episode.
    """

    @property
    def default_params(self) -> EnvParams:
        return EnvParams(max_steps_in_episode=4)

    def reset_env(self, key, params):
        key_fuse, key_mark = jax.random.split(key)
        fuse = jax.random.randint(key_fuse, (), 1, 7)
        state = FuseState(time=0, fuse=fuse, mark=jax.random.uniform(key_mark))
        return self._observe(state), state

    def step_env(self, key, state, action, params):
        state = state.replace(time=state.time + 1)
        done = state.time >= state.fuse
        noise = jax.random.uniform(key)
        return self._observe(state), state, state.time * 1.0, done, {"noise": noise}

    def _observe(self, state):
        return {"time": state.time, "episode": (state.mark, state.fuse)}

    def action_space(self, params):
        return spaces.Discrete(2)


def stay(key, obs, state):
    return 0


def stay_noted(key, obs, state):
    return 0, state.time


COUNT = Fold(lambda obs, state: 0, lambda acc, step: acc + 1)


class Seen(NamedTuple):
    steps: Any
    reward: Any
    fuse: Any
    mark: Any
    same_mark: Any
    terminated: Any
    truncated: Any
    noise: Any


def first_seen(obs, state):
    return Seen(0, 0.0, state.fuse, state.mark, True, 0, 0, jnp.zeros(8))


def next_seen(seen: Seen, step: Step):
    return Seen(
        steps=seen.steps + 1,
        reward=seen.reward + step.reward,
        fuse=seen.fuse,
        mark=seen.mark,
        same_mark=seen.same_mark & (step.obs["episode"][0] == seen.mark),
        terminated=seen.terminated + step.terminated,
        truncated=seen.truncated + step.truncated,
        noise=seen.noise.at[seen.steps].set(step.info["noise"]),
    )


@pytest.fixture(scope="module")
def episodes():
    env = Fuse()
    fold = Fold(first_seen, next_seen)
    run = jax.jit(lambda key: play(env, env.default_params, stay, fold, key, 200))
    return jax.tree.map(np.asarray, run(jax.random.key(0)))


def test_play_runs_every_episode_to_its_end_and_no_further(episodes):
    length = np.minimum(episodes.fuse, 4)
    assert episodes.steps.tolist() == length.tolist()
    # The reward is the time: only the episode's own steps are folded.
    assert episodes.reward.tolist() == (length * (length + 1) / 2).tolist()
    assert episodes.same_mark.all()


def test_play_tells_truncation_from_termination(episodes):
    # A fuse of 4 ends at the time limit: it is the task that ended.
    assert episodes.terminated.tolist() == (episodes.fuse <= 4).astype(int).tolist()
    assert episodes.truncated.tolist() == (episodes.fuse > 4).astype(int).tolist()
    assert set(episodes.fuse.tolist()) == {1, 2, 3, 4, 5, 6}


def test_play_starts_every_episode_afresh_with_its_own_noise(episodes):
    assert len(set(episodes.mark.tolist())) == 200
    noise = episodes.noise[episodes.noise > 0]
    assert noise.size == episodes.steps.sum()
    assert len(set(noise.tolist())) == noise.size
    assert scipy.stats.kstest(noise, "uniform").pvalue > 1e-3


def test_play_is_the_same_for_the_same_key_and_inside_vmap():
    env = Fuse()
    fold = Fold(first_seen, next_seen)
    run = lambda seed: play(  # noqa: E731
        env, env.default_params, stay, fold, jax.random.key(seed), 5
    )
    one = jax.jit(run)
    both = jax.jit(jax.vmap(run))(jnp.arange(2))
    for seed in range(2):
        jax.tree.map(
            np.testing.assert_array_equal, one(seed), jax.tree.map(lambda x, s=seed: x[s], both)
        )
        jax.tree.map(np.testing.assert_array_equal, one(seed), one(seed))
    assert not np.array_equal(both.mark[0], both.mark[1])


def test_play_gives_the_policy_a_key_of_its_own_for_every_step():
    env = Fuse()
    fold = Fold(
        lambda obs, state: (jnp.zeros(8), 0),
        lambda acc, step: (acc[0].at[acc[1]].set(step.action), acc[1] + 1),
    )
    act = lambda key, obs, state: jax.random.uniform(key)  # noqa: E731
    actions, steps = play(env, env.default_params, act, fold, jax.random.key(3), 20)
    drawn = actions[actions > 0].tolist()
    assert len(drawn) == int(steps.sum()) == len(set(drawn))


def test_play_stops_at_max_steps_and_calls_it_truncation():
    env = Fuse()
    fold = Fold(first_seen, next_seen)
    params = EnvParams(max_steps_in_episode=100)
    seen = play(env, params, stay, fold, jax.random.key(1), 50, max_steps=2)
    assert seen.steps.tolist() == np.minimum(seen.fuse, 2).tolist()
    assert seen.truncated.tolist() == (seen.fuse > 2).astype(int).tolist()
    unbounded = play(env, params, stay, fold, jax.random.key(1), 50)
    assert unbounded.steps.tolist() == unbounded.fuse.tolist()


@pytest.mark.parametrize("bad", ["episodes", "max_steps", "unbounded", "dtype", "structure"])
def test_play_refuses_what_it_cannot_do(bad):
    env = Fuse()
    fold, params, episodes, max_steps = COUNT, env.default_params, 2, None
    if bad == "episodes":
        episodes = 0
    elif bad == "max_steps":
        max_steps = 0
    elif bad == "unbounded":
        params = ()
    elif bad == "dtype":
        fold = Fold(lambda obs, state: 0, lambda acc, step: acc + step.reward)
    else:
        fold = Fold(lambda obs, state: 0, lambda acc, step: (acc, acc))
    message = {"unbounded": "bound", "dtype": "changes its type", "structure": "structure"}
    with pytest.raises(JaxcarError, match=message.get(bad, bad)):
        play(env, params, stay, fold, jax.random.key(0), episodes, max_steps=max_steps)


@pytest.fixture(scope="module")
def rollouts():
    """Two rollouts in a row of 40 steps in 64 environments, with their pools of 32."""
    env = Fuse()

    def run(key):
        params = env.default_params
        key_start, *key_pools = jax.random.split(key, 3)
        carry = start(env, params, key_start, 64, COUNT)
        results = []
        for key_pool in key_pools:
            pool = make_pool(env, params, key_pool, 32)
            before = carry
            carry, kept = collect(env, params, stay_noted, carry, 40, pool, fold=COUNT)
            results.append((before, pool, kept))
        return results

    return jax.tree.map(
        lambda leaf: leaf if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else np.asarray(leaf),
        jax.jit(run)(jax.random.key(5)),
    )


def mark_of(tree):
    return tree["episode"][0]


def test_collect_keeps_the_true_next_observation_before_the_reset(rollouts):
    for before, _, kept in rollouts:
        step = kept.step
        assert step.reward.shape == (40, 64)
        np.testing.assert_array_equal(mark_of(step.obs)[0], mark_of(before.obs))
        # The next observation is of the same episode, one step on, also at its end.
        np.testing.assert_array_equal(mark_of(step.next_obs), mark_of(step.obs))
        np.testing.assert_array_equal(step.next_obs["time"], step.obs["time"] + 1)
        np.testing.assert_array_equal(step.next_state.time, step.state.time + 1)
        length = np.minimum(step.state.fuse, 4)
        np.testing.assert_array_equal(step.done, step.next_obs["time"] == length)
        np.testing.assert_array_equal(step.terminated, step.next_obs["time"] == step.state.fuse)
        assert not (step.terminated & step.truncated).any()
        np.testing.assert_array_equal(kept.note, step.state.time)


def test_collect_continues_live_episodes_and_takes_done_ones_from_the_pool(rollouts):
    for _, pool, kept in rollouts:
        done = kept.step.done[:-1]
        after, true_next = kept.step.obs, kept.step.next_obs
        live_marks = mark_of(after)[1:][~done]
        np.testing.assert_array_equal(live_marks, mark_of(true_next)[:-1][~done])
        assert np.isin(mark_of(after)[1:][done], mark_of(pool.obs)).all()
        assert (after["time"][1:][done] == 0).all()
        assert done.sum() > 500


def test_collect_folds_episodes_across_rollouts(rollouts):
    for _, _, kept in rollouts:
        np.testing.assert_array_equal(kept.tally, kept.step.next_obs["time"])
    (_, _, first), (second, _, _) = rollouts
    expected = np.where(first.step.done[-1], 0, first.tally[-1])
    np.testing.assert_array_equal(second.tally, expected)


def test_pool_entries_are_drawn_evenly_and_pools_are_made_anew(rollouts):
    (_, first, kept), (_, second, _) = rollouts
    assert not np.isin(mark_of(first.obs), mark_of(second.obs)).any()
    done = kept.step.done[:-1]
    starts = mark_of(kept.step.obs)[1:][done]
    counts = [(starts == mark).sum() for mark in mark_of(first.obs)]
    assert scipy.stats.chisquare(counts).pvalue > 1e-3


def test_pool_starts_follow_the_reset_distribution():
    env = Fuse()

    def starts(key):
        key_pool, key_start = jax.random.split(key)
        pool = make_pool(env, env.default_params, key_pool, 16)
        carry = start(env, env.default_params, key_start, 1)
        record = lambda transition: (  # noqa: E731
            transition.step.state.mark, transition.step.state.fuse, transition.step.state.time
        )  # fmt: skip
        _, kept = collect(env, env.default_params, stay_noted, carry, 8, pool, record=record)
        return kept

    keys = jax.random.split(jax.random.key(8), 800)
    mark, fuse, time = jax.tree.map(np.asarray, jax.jit(jax.vmap(starts))(keys))
    anew = time[:, 1:, 0] == 0
    first_reset = anew & (np.cumsum(anew, axis=1) == 1)  # one per pool: they are independent
    marks, fuses = mark[:, 1:, 0][first_reset], fuse[:, 1:, 0][first_reset]
    assert marks.size == 800
    assert scipy.stats.kstest(marks, "uniform").pvalue > 1e-3
    assert scipy.stats.chisquare(np.bincount(fuses, minlength=7)[1:]).pvalue > 1e-3


@pytest.mark.parametrize("name", ["Pendulum-v1", "Breakout-MinAtar", "Catch-bsuite"])
def test_gymnax_environments_play_and_roll(name):
    env, params = gymnax.make(name)
    act = lambda key, obs, state: env.action_space(params).sample(key)  # noqa: E731

    def shapes(key):
        key_play, key_start, key_pool = jax.random.split(key, 3)
        lengths = play(env, params, act, COUNT, key_play, 2, max_steps=5)
        pool = make_pool(env, params, key_pool, 2)
        carry = start(env, params, key_start, 3)
        noted = lambda key, obs, state: (act(key, obs, state), ())  # noqa: E731
        carry, kept = collect(env, params, noted, carry, 6, pool)
        return lengths, kept.step.obs, carry.obs

    lengths, kept, last = jax.eval_shape(shapes, jax.random.key(0))
    reset, _ = jax.eval_shape(env.reset_env, jax.random.key(1), params)
    assert lengths.shape == (2,)
    assert kept.shape == (6, 3, *reset.shape)
    assert (last.shape, last.dtype) == ((3, *reset.shape), reset.dtype)


@struct.dataclass
class KeyedState(EnvState):
    key: jax.Array


class Keyed(Environment):
    """Keeps a typed key in its state, and draws its reward from it."""

    def reset_env(self, key, params):
        return 0.0, KeyedState(time=0, key=key)

    def step_env(self, key, state, action, params):
        key_next, key_draw = jax.random.split(state.key)
        state = KeyedState(time=state.time + 1, key=key_next)
        return 0.0, state, jax.random.uniform(key_draw), False, {}


def test_an_environment_may_keep_a_key_in_its_state():
    env, params = Keyed(), EnvParams(max_steps_in_episode=3)

    def run(key):
        key_play, key_start, key_pool = jax.random.split(key, 3)
        total = Fold(lambda obs, state: 0.0, lambda acc, step: acc + step.reward)
        pool = make_pool(env, params, key_pool, 2)
        carry = start(env, params, key_start, 2)
        _, kept = collect(env, params, stay_noted, carry, 5, pool)
        return play(env, params, stay, total, key_play, 2), kept.step.reward

    # JAX's check takes choosing one of two keys for a use of both.
    with jax.debug_key_reuse(False):
        totals, rewards = jax.jit(run)(jax.random.key(0))
    assert len(set(totals.tolist())) == 2
    assert len(set(rewards[:3].ravel().tolist())) == 6


@pytest.mark.parametrize("bad", ["num_envs", "reset_pool", "length"])
def test_sizes_below_one_are_refused(bad):
    env = Fuse()
    sizes = {"num_envs": 2, "reset_pool": 2, "length": 2, bad: 0}
    key_start, key_pool = jax.random.split(jax.random.key(0))
    with pytest.raises(JaxcarError, match=bad):
        pool = make_pool(env, env.default_params, key_pool, sizes["reset_pool"])
        carry = start(env, env.default_params, key_start, sizes["num_envs"], EMPTY_FOLD)
        collect(env, env.default_params, stay_noted, carry, sizes["length"], pool)
