"""PPO: its loss and its gradient against NumPy, seeds inside vmap, traces, what the metrics say."""

import dataclasses

import gymnax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gymnax.environments import spaces
from jax.flatten_util import ravel_pytree
from probe_env import Probe, ProbeParams

from jaxcar.errors import JaxcarError
from jaxcar.rl import PPOConfig, make_learner, make_train
from jaxcar.rl.distributions import categorical
from jaxcar.rl.networks import ActorCritic, forward
from jaxcar.rl.ppo import (
    Samples,
    make_gradient_steps,
    make_optimiser,
    normalise,
    ppo_loss,
)

SMALL = PPOConfig(
    total_steps=128,
    num_envs=4,
    rollout_length=16,
    epochs=2,
    minibatches=2,
    hidden=(8,),
    reset_pool=4,
    learning_rate=1e-2,
)
NETWORK = ActorCritic(outputs=3, free=0, hidden=(8,))


def samples(count, seed=0):
    keys = iter(jax.random.split(jax.random.key(seed), 6))
    return Samples(
        obs=jax.random.normal(next(keys), (count, 5)),
        action=jax.random.randint(next(keys), (count,), 0, 3),
        log_prob=-jax.random.uniform(next(keys), (count,), minval=0.5, maxval=2.0),
        value=jax.random.normal(next(keys), (count,)),
        advantage=jax.random.normal(next(keys), (count,)),
        target=jax.random.normal(next(keys), (count,)),
    )


@pytest.fixture(scope="module")
def weights():
    return NETWORK.init(jax.random.key(7), jnp.zeros(5))


def numpy_network(weights, obs):
    layers = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), weights["params"])
    dense = lambda x, name: x @ layers[name]["kernel"] + layers[name]["bias"]  # noqa: E731
    logits = dense(np.tanh(dense(obs, "actor_0")), "policy")
    value = dense(np.tanh(dense(obs, "critic_0")), "value")[:, 0]
    return logits, value


def numpy_loss(weights, batch, config):
    """The loss one sample at a time, from the paper's equations, in float64."""
    batch = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), batch)
    logits, values = numpy_network(weights, batch.obs)
    total, terms = 0.0, []
    for i, (row, value) in enumerate(zip(logits, values, strict=True)):
        probs = np.exp(row) / np.exp(row).sum()
        ratio = probs[int(batch.action[i])] / np.exp(batch.log_prob[i])
        bounded = min(max(ratio, 1 - config.clip), 1 + config.clip)
        surrogate = min(ratio * batch.advantage[i], bounded * batch.advantage[i])
        error = 0.5 * (value - batch.target[i]) ** 2
        entropy = -(probs * np.log(probs)).sum()
        total += -surrogate + config.value_coefficient * error
        total -= config.entropy_coefficient * entropy
        outside = abs(ratio - 1) > config.clip
        terms.append((-surrogate, error, entropy, ratio - 1 - np.log(ratio), outside))
    return total / len(logits), np.mean(terms, axis=0)


def test_the_loss_equals_numpy(weights):
    batch = samples(32)
    config = dataclasses.replace(SMALL, entropy_coefficient=0.3, value_coefficient=0.7)
    loss, report = jax.jit(lambda w, b: ppo_loss(NETWORK, categorical(3), w, b, config))(
        weights, batch
    )
    expected, terms = numpy_loss(weights, batch, config)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(report[:5], terms, rtol=2e-5)
    assert 0 < report.clip_fraction < 1


def test_advantages_are_normalised():
    advantage = np.asarray(normalise(jnp.asarray([1.0, 2.0, 6.0])))
    expected = (np.array([1.0, 2.0, 6.0]) - 3) / np.std([1.0, 2.0, 6.0])
    np.testing.assert_allclose(advantage, expected, rtol=1e-5)
    assert normalise(jnp.full(3, 5.0)).tolist() == [0, 0, 0]


def one_gradient_step(weights, batch, config):
    optimiser = make_optimiser(config)
    steps = make_gradient_steps(NETWORK, categorical(3), optimiser, config)
    size = sum(leaf.size for leaf in jax.tree.leaves(weights))
    run = jax.jit(lambda w, b: steps(jax.random.key(1), w, optimiser.init(jnp.zeros(size)), b))
    return run(weights, batch)


@pytest.mark.parametrize("norm", [0.01, 100.0])
def test_one_gradient_step_is_adam_on_the_numpy_gradient(weights, norm):
    config = dataclasses.replace(SMALL, epochs=1, minibatches=1, max_grad_norm=norm)
    batch = samples(64)
    after, _, report = one_gradient_step(weights, batch, config)
    normal = batch._replace(advantage=normalise(batch.advantage))
    flat = np.asarray(ravel_pytree(weights)[0], np.float64)
    gradient = np.zeros_like(flat)
    for i in range(flat.size):  # central differences in float64
        ends = []
        for side in (1e-5, -1e-5):
            moved = flat.copy()
            moved[i] += side
            ends.append(numpy_loss(unravel_numpy(weights, moved), normal, config)[0])
        gradient[i] = (ends[0] - ends[1]) / 2e-5
    length = np.linalg.norm(gradient)
    np.testing.assert_allclose(report.grad_norm, [length], rtol=1e-3)
    clipped = gradient * min(1, norm / length)
    # Adam's first step: both moments are corrected to the gradient itself.
    expected = flat - config.learning_rate * clipped / (np.abs(clipped) + 1e-5)
    got = np.asarray(ravel_pytree(after)[0])
    clear = np.abs(clipped) > 1e-4
    assert clear.mean() > 0.5
    np.testing.assert_allclose(got[clear], expected[clear], atol=2e-4)


def unravel_numpy(weights, flat):
    leaves, structure = jax.tree.flatten(weights)
    ends = np.cumsum([leaf.size for leaf in leaves])
    parts = np.split(flat, ends[:-1])
    return jax.tree.unflatten(
        structure, [part.reshape(leaf.shape) for part, leaf in zip(parts, leaves, strict=True)]
    )


def test_microbatches_give_the_gradient_of_the_whole_minibatch(weights):
    batch = samples(64)
    whole = one_gradient_step(weights, batch, dataclasses.replace(SMALL, microbatch=32))
    parts = one_gradient_step(weights, batch, dataclasses.replace(SMALL, microbatch=8))
    for a, b in zip(jax.tree.leaves(whole), jax.tree.leaves(parts), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_a_seed_inside_vmap_is_that_seed_alone():
    env = Probe()
    train = make_train(env, SMALL)
    params = ProbeParams(length=5, by_match=1.0)
    keys = jax.random.split(jax.random.key(0), 3)
    many = jax.jit(jax.vmap(train, (0, None)))(keys, params)
    one = jax.jit(train)(jax.random.split(jax.random.key(0), 3)[1], params)
    # Batched and single matrix products round differently; two updates amplify that little.
    for a, b in zip(jax.tree.leaves(one.metrics), jax.tree.leaves(many.metrics), strict=True):
        np.testing.assert_allclose(a, b[1], rtol=1e-4, atol=1e-5)
    for a, b in zip(
        jax.tree.leaves(one.state.network), jax.tree.leaves(many.state.network), strict=True
    ):
        np.testing.assert_allclose(a, b[1], rtol=1e-3, atol=1e-5)
    assert len(set(np.asarray(many.metrics.policy_loss[:, -1]).tolist())) == 3


def test_updates_are_traced_once_and_equal_the_whole_run():
    env, params = Probe(), ProbeParams(length=5, by_match=1.0)
    learner = make_learner(env, SMALL)
    traces = []

    def update(state, params):
        traces.append(1)
        return learner.update(state, params)

    step = jax.jit(update, donate_argnums=0)
    state = jax.jit(learner.init)(jax.random.key(0), params)
    metrics = []
    for _ in range(SMALL.num_updates):
        state, latest = step(state, params)
        metrics.append(latest)
    assert len(traces) == 1
    assert int(state.updates) == SMALL.num_updates
    whole = jax.jit(make_train(env, SMALL))(jax.random.key(0), params)
    for a, *b in zip(jax.tree.leaves(whole.metrics), *map(jax.tree.leaves, metrics), strict=True):
        np.testing.assert_allclose(a, np.stack(b), rtol=1e-4, atol=1e-5)


def test_train_takes_the_default_parameters():
    result = jax.eval_shape(make_train(Probe(), SMALL), jax.random.key(0))
    assert result.metrics.entropy.shape == (2,)
    assert {leaf.dtype for leaf in result.metrics} == {jnp.dtype("float32")}


class Sorry(Probe):
    """Reports what a rewarded environment would: two rewards, faults, numbers that are not."""

    def step_env(self, key, state, action, params):
        obs, state, reward, done, _ = super().step_env(key, state, action, params)
        first = state.time == 1
        info = {
            "task_reward": 2.0,
            "program_reward": 0.5,
            "fault": jnp.where(first, jnp.array([0, 65]), 0),
            "success": state.sign > 0,
        }
        return obs, state, jnp.where(first, jnp.nan, reward), done, info


def test_the_metrics_count_episodes_faults_and_rewards_that_are_no_numbers():
    params = ProbeParams(length=4, constant=1.0)
    learner = make_learner(Sorry(), SMALL)
    state = learner.init(jax.random.key(3), params)
    state, metrics = jax.jit(learner.update)(state, params)
    assert metrics.episodes == 16  # 4 environments, 16 steps, 4 steps an episode
    assert metrics.episode_length == 4
    assert metrics.task_return == 8
    assert metrics.program_reward == 0.5
    assert metrics.faults == metrics.non_finite_rewards == 16
    assert 0 < metrics.success < 1
    assert metrics.non_finite_update == 0
    assert all(np.isfinite(np.asarray(metrics)))


def test_without_finished_episodes_their_means_are_nan():
    params = ProbeParams(length=100, constant=1.0)
    learner = make_learner(Probe(), SMALL)
    _, metrics = jax.jit(learner.update)(learner.init(jax.random.key(3), params), params)
    assert metrics.episodes == 0
    assert np.isnan([metrics.success, metrics.task_return, metrics.episode_length]).all()


def test_success_is_unknown_where_the_environment_does_not_say():
    env, params = gymnax.make("CartPole-v1")
    learner = make_learner(env, dataclasses.replace(SMALL, total_steps=256, rollout_length=64))
    _, metrics = jax.jit(learner.update)(learner.init(jax.random.key(3), params), params)
    assert metrics.episodes > 0
    assert np.isnan(metrics.success)
    assert metrics.task_return == metrics.episode_length > 5


def test_a_loss_that_is_no_number_is_flagged():
    learner = make_learner(Probe(), SMALL)
    state = learner.init(jax.random.key(3), ProbeParams())
    broken = jax.tree.map(lambda leaf: leaf.at[0].set(jnp.nan), state.network)
    _, metrics = jax.jit(learner.update)(state._replace(network=broken), ProbeParams())
    assert metrics.non_finite_update == 1


def test_the_learning_rate_falls_to_zero():
    config = dataclasses.replace(SMALL, anneal_learning_rate=True, max_grad_norm=1e9)
    optimiser = make_optimiser(config)
    state, sizes = optimiser.init(jnp.ones(1)), []
    for _ in range(config.num_updates * config.epochs * config.minibatches):
        update, state = optimiser.update(jnp.ones(1), state)
        sizes.append(float(-update[0]))
    np.testing.assert_allclose(sizes, 1e-2 * (1 - np.arange(8) / 8), rtol=1e-3)


def test_networks_share_or_part_their_torso():
    obs = {"image": jnp.ones((2, 2), jnp.uint8), "direction": jnp.int32(3)}
    for shared in (False, True):
        network = ActorCritic(outputs=2, free=1, hidden=(8, 8), shared_torso=shared)
        weights = network.init(jax.random.key(0), obs)
        head, value = forward(network, weights, obs)
        assert head.shape == (3,)
        assert value.shape == ()
        assert ("critic_0" in weights["params"]) is not shared
        kernel = np.asarray(weights["params"]["actor_0"]["kernel"])
        np.testing.assert_allclose(kernel @ kernel.T, 2 * np.eye(5), atol=1e-5)


def test_spaces_without_a_distribution_are_refused():
    with pytest.raises(JaxcarError, match="no distribution"):
        make_train(Probe(spaces.Dict({})), SMALL)
