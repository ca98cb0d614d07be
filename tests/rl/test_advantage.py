"""Advantages against a plain loop, and what the two ways to end an episode do to them."""

import jax.numpy as jnp
import numpy as np
import pytest

from jaxcar.rl.advantage import estimate_advantage


def loop(reward, value, next_value, terminated, done, discount, gae_lambda):
    """Advantages one environment and one step at a time, from the definition."""
    advantage = np.zeros_like(reward)
    for b in range(reward.shape[1]):
        later = 0.0
        for t in reversed(range(reward.shape[0])):
            future = 0.0 if terminated[t, b] else next_value[t, b]
            error = reward[t, b] + discount * future - value[t, b]
            later = error + (0.0 if done[t, b] else discount * gae_lambda * later)
            advantage[t, b] = later
    return advantage


@pytest.mark.parametrize("gae_lambda", [0.0, 0.95, 1.0])
def test_advantages_equal_the_loop(gae_lambda):
    rng = np.random.default_rng(0)
    reward, value, next_value = rng.normal(size=(3, 30, 7))
    terminated = rng.random((30, 7)) < 0.1
    done = terminated | (rng.random((30, 7)) < 0.1)
    expected = loop(reward, value, next_value, terminated, done, 0.97, gae_lambda)
    arrays = [jnp.asarray(x) for x in (reward, value, next_value, terminated, done)]
    got = estimate_advantage(*arrays, discount=0.97, gae_lambda=gae_lambda)
    np.testing.assert_allclose(got.advantage, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(got.target, expected + value, rtol=1e-5, atol=1e-5)


def test_lambda_one_gives_the_discounted_return():
    reward = jnp.asarray([1.0, 2.0, 4.0])
    last = jnp.asarray([False, False, True])
    zeros = jnp.zeros(3)
    got = estimate_advantage(reward, zeros, zeros, last, last, discount=0.5, gae_lambda=1.0)
    assert got.target.tolist() == [1 + 1 + 1, 2 + 2, 4]


def test_nothing_leaks_from_the_next_episode():
    done = jnp.asarray([True, False])
    reward, value = jnp.zeros(2), jnp.zeros(2)
    quiet = estimate_advantage(
        reward, value, jnp.zeros(2), done, done, discount=0.9, gae_lambda=0.9
    )
    loud = estimate_advantage(
        reward.at[1].set(100.0), value, jnp.zeros(2), done, done, discount=0.9, gae_lambda=0.9
    )
    assert quiet.advantage[0] == loud.advantage[0] == 0
    assert loud.advantage[1] == 100
