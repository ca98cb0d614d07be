"""Evaluation: on the task's success, over complete episodes, the same for the same key."""

import gymnax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from probe_env import Probe, ProbeParams

from jaxcar.errors import JaxcarError
from jaxcar.rl import PPOConfig, evaluate, make_learner

CONFIG = PPOConfig(
    total_steps=16, num_envs=2, rollout_length=8, minibatches=1, hidden=(4,), reset_pool=2
)
PARAMS = ProbeParams(length=3, by_match=1.0)


class Rewarded(Probe):
    """Pays a program's reward on top of the task's."""

    def step_env(self, key, state, action, params):
        obs, state, reward, done, info = super().step_env(key, state, action, params)
        return obs, state, reward + 10.0, done, {**info, "task_reward": reward}


@pytest.fixture(scope="module")
def score():
    env = Rewarded()
    learner = make_learner(env, CONFIG)
    network = learner.init(jax.random.key(0), PARAMS).network

    def run(seed, greedy):
        policy = learner.policy(network, greedy)
        return evaluate(env, PARAMS, policy, jax.random.key(seed), 32)

    return jax.jit(run, static_argnums=1)


def test_the_same_key_plays_the_same_episodes(score):
    for greedy in (False, True):
        jax.tree.map(np.testing.assert_array_equal, score(0, greedy), score(0, greedy))
    assert not np.array_equal(score(0, False).task_return, score(1, False).task_return)


def test_greedy_takes_the_likeliest_action(score):
    # The sign is fixed in an episode and the policy hardly changes within it.
    greedy = score(0, True)
    assert set(np.abs(np.asarray(greedy.task_return)).tolist()) <= {1.0, 3.0}
    assert not np.array_equal(greedy.task_return, score(0, False).task_return)


def test_scores_are_the_tasks_own(score):
    scores = score(0, False)
    assert scores.length.tolist() == [3] * 32
    assert np.abs(np.asarray(scores.task_return)).max() <= 3  # without the program's 10 a step
    assert (scores.success.dtype, scores.length.dtype) == (jnp.float32, jnp.int32)
    # An episode succeeds where a step paid: all but those that lost all three times.
    expected = np.asarray(scores.task_return) > -3
    assert scores.success.tolist() == expected.astype(float).tolist()


def test_an_environment_that_does_not_tell_success_is_refused():
    env, params = gymnax.make("CartPole-v1")
    with pytest.raises(JaxcarError, match="succeeded"):
        evaluate(env, params, lambda key, obs, state: 0, jax.random.key(0), 2)
