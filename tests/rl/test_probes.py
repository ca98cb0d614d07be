"""Probe problems: each is solved only by a learner that gets one thing right.

All discrete ones are one environment with other parameters, so one compiled run serves them all.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gymnax.environments import spaces
from probe_env import Probe, ProbeParams

from jaxcar.rl import PPOConfig, make_learner, make_train
from jaxcar.rl.distributions import distribution_for
from jaxcar.rl.networks import ActorCritic, forward

CONFIG = PPOConfig(
    total_steps=128 * 250,
    num_envs=8,
    rollout_length=16,
    epochs=4,
    minibatches=2,
    learning_rate=1e-2,
    anneal_learning_rate=True,
    discount=0.9,
    entropy_coefficient=0.0,
    hidden=(16,),
    max_grad_norm=10.0,
    reset_pool=16,
)


@pytest.fixture(scope="module")
def learn():
    env = Probe()
    train = jax.jit(make_train(env, CONFIG))
    network = ActorCritic(outputs=2, free=0, hidden=CONFIG.hidden)

    def run(params):
        weights = train(jax.random.key(0), params).state.network

        def ask(sign, time=0.0):
            head, value = forward(network, weights, jnp.array([sign, time], jnp.float32))
            return np.asarray(jax.nn.softmax(head)), float(value)

        return ask

    return run


def test_the_value_of_a_constant_reward(learn):
    ask = learn(ProbeParams(constant=1.0, show_sign=0.0))
    assert ask(0.0)[1] == pytest.approx(1.0, abs=0.05)


def test_a_value_that_depends_on_the_observation(learn):
    ask = learn(ProbeParams(by_sign=1.0))
    assert ask(1.0)[1] == pytest.approx(1.0, abs=0.05)
    assert ask(-1.0)[1] == pytest.approx(-1.0, abs=0.05)


def test_a_reward_two_steps_away_is_discounted(learn):
    ask = learn(ProbeParams(length=2, at_end=1.0, show_sign=0.0))
    assert ask(0.0, 0.0)[1] == pytest.approx(0.9, abs=0.05)
    assert ask(0.0, 1.0)[1] == pytest.approx(1.0, abs=0.05)


def test_the_better_action_is_found(learn):
    ask = learn(ProbeParams(by_push=1.0, show_sign=0.0))
    probs, value = ask(0.0)
    assert probs[1] > 0.95
    assert value == pytest.approx(1.0, abs=0.1)


def test_the_better_action_depends_on_the_observation(learn):
    ask = learn(ProbeParams(by_match=1.0))
    assert ask(1.0)[0][1] > 0.95
    assert ask(-1.0)[0][0] > 0.95


def test_a_time_limit_is_not_an_end(learn):
    endless = ProbeParams(
        length=10**6, constant=1.0, max_steps_in_episode=3, show_sign=0.0, show_time=0.0
    )
    value = learn(endless)(0.0)[1]
    assert value == pytest.approx(1.0 / (1 - 0.9), rel=0.05)  # the truncated sum is below 2.72
    ending = endless.replace(length=3)
    assert learn(ending)(0.0)[1] < 2.72


def test_a_continuous_action_moves_to_its_target():
    space = spaces.Box(-1.0, 1.0, (1,))
    env = Probe(space)
    params = ProbeParams(by_push=1.0, show_sign=0.0)
    result = jax.jit(make_train(env, CONFIG))(jax.random.key(1), params)
    act = make_learner(env, CONFIG).policy(result.state.network, greedy=True)
    assert float(act(jax.random.key(0), jnp.zeros(2), None)[0]) == pytest.approx(0.5, abs=0.05)
    network = ActorCritic(outputs=1, free=1, hidden=CONFIG.hidden)
    head, _ = forward(network, result.state.network, jnp.zeros(2))
    assert distribution_for(space).entropy(head) < 0.0  # the deviation shrinks from 1 below 0.25
