"""Proximal policy optimisation on any gymnax environment: one rollout, one loss, one update.

Everything here is pure. `make_learner` and `make_train` are called outside jit and close over the
environment and the settings; what they return takes arrays only, and can be jitted, vmapped over
seeds and scanned.

Source: Schulman et al., Proximal Policy Optimization Algorithms, 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree

from jaxcar.envs import rollout
from jaxcar.rl.advantage import estimate_advantage
from jaxcar.rl.config import PPOConfig
from jaxcar.rl.distributions import Distribution, distribution_for
from jaxcar.rl.networks import ActorCritic, forward
from jaxcar.rl.progress import (
    EPISODE_FOLD,
    GradientReport,
    Metrics,
    StepReport,
    explain_variance,
    report_step,
    summarise,
)
from jaxcar.rl.shuffle import minibatch_indices

if TYPE_CHECKING:
    from collections.abc import Callable

    from gymnax.environments.environment import Environment

    from jaxcar.envs.rollout import RolloutCarry, Transition


class LearnerState(NamedTuple):
    """All that a learner remembers; a pytree of arrays, the same types after every update.

    Attributes:
        key: a typed key for resets and shuffles; the rollout has its own.
        network: the network's parameters.
        optimiser: Adam's state.
        rollout: the environments.
        updates: i32[], updates done.
    """

    key: jax.Array
    network: Any
    optimiser: Any
    rollout: RolloutCarry
    updates: jax.Array


class Learner(NamedTuple):
    """PPO as pure functions.

    Attributes:
        init: `(key, params) -> LearnerState`.
        update: `(state, params) -> (state, Metrics)`: one rollout, then its gradient steps.
        policy: `(network, greedy=False) -> act`, where `act(key, obs, state) -> action` is for one
            environment, as `play` and `evaluate` want it. Greedy takes the likeliest action.
    """

    init: Callable[[jax.Array, Any], LearnerState]
    update: Callable[[LearnerState, Any], tuple[LearnerState, Metrics]]
    policy: Callable[..., Callable[[jax.Array, Any, Any], Any]]


class TrainResult(NamedTuple):
    """A finished run.

    Attributes:
        state: the learner's state after the last update.
        metrics: every update's, leaves f32[num_updates].
    """

    state: LearnerState
    metrics: Metrics


class Choice(NamedTuple):
    """What the policy notes of an action: the action as drawn, and the head that it is from."""

    action: jax.Array
    head: jax.Array


class Trajectory(NamedTuple):
    """A rollout, leaves [T, B, ...]; `next_obs_t` is the true one, before any reset."""

    obs: Any
    choice: Choice
    reward: jax.Array
    next_obs: Any
    terminated: jax.Array
    done: jax.Array
    report: StepReport


class Samples(NamedTuple):
    """What the loss needs, leaves [N, ...]: `log_prob` and `value` are those of the rollout."""

    obs: Any
    action: jax.Array
    log_prob: jax.Array
    value: jax.Array
    advantage: jax.Array
    target: jax.Array


def make_train(env: Environment, config: PPOConfig) -> Callable[[jax.Array, Any], TrainResult]:
    """Make a whole training run as one pure function.

    Args:
        env: a gymnax environment.
        config: the settings.

    Returns:
        `train(key, params=env.default_params) -> TrainResult`; jit it, and vmap it over keys for
        several seeds.

    Raises:
        JaxcarError: for an action space without a distribution.

    Example:
        >>> import gymnax
        >>> env, _ = gymnax.make("CartPole-v1")
        >>> config = PPOConfig(total_steps=64, num_envs=2, rollout_length=16, minibatches=2)
        >>> result = jax.jit(make_train(env, config))(jax.random.key(0))
        >>> result.metrics.entropy.shape
        (2,)
    """
    learner = make_learner(env, config)

    def train(key: jax.Array, params: Any = None) -> TrainResult:
        params = env.default_params if params is None else params

        def advance(state: LearnerState, _: None) -> tuple[LearnerState, Metrics]:
            return learner.update(state, params)

        start = learner.init(key, params)
        return TrainResult(*jax.lax.scan(advance, start, None, config.num_updates))

    return train


def make_learner(env: Environment, config: PPOConfig) -> Learner:
    """Make PPO for one environment; a host loop calls its `update`.

    The action space is read from `env.default_params`; parameters given later must keep it.

    Args:
        env: a gymnax environment, with or without reward programs: PPO sees its reward only.
        config: the settings.

    Returns:
        The learner.

    Raises:
        JaxcarError: for an action space without a distribution.

    Example:
        >>> import gymnax
        >>> env, params = gymnax.make("CartPole-v1")
        >>> config = PPOConfig(total_steps=32, num_envs=2, rollout_length=16, minibatches=2)
        >>> learner = make_learner(env, config)
        >>> state = jax.jit(learner.init)(jax.random.key(0), params)
        >>> state, metrics = jax.jit(learner.update)(state, params)
        >>> int(state.updates)
        1
    """
    distribution = distribution_for(env.action_space(env.default_params))
    network = ActorCritic(
        outputs=distribution.outputs,
        free=distribution.free,
        hidden=config.hidden,
        activation=config.activation,
        shared_torso=config.shared_torso,
    )
    optimiser = make_optimiser(config)
    take_gradient_steps = make_gradient_steps(network, distribution, optimiser, config)

    def init(key: jax.Array, params: Any) -> LearnerState:
        key_network, key_rollout, key_updates = jax.random.split(key, 3)
        carry = rollout.start(env, params, key_rollout, config.num_envs, EPISODE_FOLD)
        weights = network.init(key_network, jax.tree.map(lambda leaf: leaf[0], carry.obs))
        return LearnerState(
            key_updates, weights, optimiser.init(ravel_pytree(weights)[0]), carry, jnp.int32(0)
        )

    def update(state: LearnerState, params: Any) -> tuple[LearnerState, Metrics]:
        key_next, key_pool, key_shuffle = jax.random.split(state.key, 3)
        act = _choose_with(network, distribution, state.network)
        pool = rollout.make_pool(env, params, key_pool, config.reset_pool)
        carry, trajectory = rollout.collect(
            env, params, act, state.rollout, config.rollout_length, pool,
            fold=EPISODE_FOLD, record=_record,
        )  # fmt: skip
        samples = make_samples(network, distribution, state.network, trajectory, config)
        weights, moments, gradients = take_gradient_steps(
            key_shuffle, state.network, state.optimiser, samples
        )
        explained = explain_variance(samples.value, samples.target)
        metrics = summarise(trajectory.report, trajectory.done, gradients, explained)
        return LearnerState(key_next, weights, moments, carry, state.updates + 1), metrics

    def policy(weights: Any, greedy: bool = False) -> Callable[[jax.Array, Any, Any], Any]:
        def act(key: jax.Array, obs: Any, state: Any) -> Any:
            head, _ = forward(network, weights, obs)
            action = distribution.mode(head) if greedy else distribution.sample(key, head)
            return distribution.to_env(action)

        return act

    return Learner(init, update, policy)


def make_optimiser(config: PPOConfig) -> optax.GradientTransformation:
    """Make Adam with the whole gradient's norm clipped.

    Args:
        config: the settings.

    Returns:
        The transformation, for one flat vector of all parameters.
    """
    rate: Any = config.learning_rate
    if config.anneal_learning_rate:
        gradient_steps = config.num_updates * config.epochs * config.minibatches
        rate = optax.linear_schedule(config.learning_rate, 0.0, gradient_steps)
    clip = optax.clip_by_global_norm(config.max_grad_norm)
    return optax.chain(clip, optax.adam(rate, eps=1e-5))


def make_samples(
    network: ActorCritic,
    distribution: Distribution,
    weights: Any,
    trajectory: Trajectory,
    config: PPOConfig,
) -> Samples:
    """Estimate advantages, and lay the rollout out as N = T * B samples.

    Values and log-probabilities are computed here, for all steps at once, because small batches
    are dear. That of the true next observation is computed for every step: where an episode was
    truncated, no later step of the rollout knows it.

    Args:
        network: the network.
        distribution: of its head.
        weights: its parameters, as they were during the rollout.
        trajectory: leaves [T, B, ...].
        config: the settings.

    Returns:
        Leaves [N, ...].
    """
    value_of = jax.vmap(jax.vmap(lambda obs: forward(network, weights, obs)[1]))
    value = value_of(trajectory.obs)
    choice = trajectory.choice
    log_prob = jax.vmap(jax.vmap(distribution.log_prob))(choice.head, choice.action)
    estimate = estimate_advantage(
        trajectory.reward,
        value,
        value_of(trajectory.next_obs),
        trajectory.terminated,
        trajectory.done,
        discount=config.discount,
        gae_lambda=config.gae_lambda,
    )
    samples = Samples(trajectory.obs, choice.action, log_prob, value, *estimate)
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), samples)


def make_gradient_steps(
    network: ActorCritic,
    distribution: Distribution,
    optimiser: optax.GradientTransformation,
    config: PPOConfig,
) -> Callable[[jax.Array, Any, Any, Samples], tuple[Any, Any, GradientReport]]:
    """Make the gradient steps of one update.

    Args:
        network: the network.
        distribution: of its head.
        optimiser: from `make_optimiser`.
        config: the settings.

    Returns:
        `(key, weights, moments, samples) -> (weights, moments, reports)`, the reports' leaves
        f32[epochs * minibatches].
    """
    micro = config.microbatch_size(jax.default_backend())
    count = config.minibatch_size // micro

    def steps(key: jax.Array, weights: Any, moments: Any, samples: Samples) -> tuple[Any, ...]:
        flat, unravel = ravel_pytree(weights)
        compute = jax.grad(
            lambda flat, batch: ppo_loss(network, distribution, unravel(flat), batch, config),
            has_aux=True,
        )

        def step(carry: tuple[Any, Any], indices: jax.Array) -> tuple[Any, GradientReport]:
            flat, moments = carry
            batch = jax.tree.map(lambda leaf: leaf[indices], samples)
            if config.normalise_advantage:
                batch = batch._replace(advantage=normalise(batch.advantage))
            gradient, report = mean_over_parts(lambda part: compute(flat, part), batch, count)
            updates, moments = optimiser.update(gradient, moments)
            report = report._replace(grad_norm=jnp.linalg.norm(gradient))
            return (flat + updates, moments), report

        keys = jax.random.split(key, config.epochs)
        deal = jax.vmap(
            lambda key: minibatch_indices(key, config.steps_per_update, config.minibatches)
        )
        indices = deal(keys).reshape(-1, config.minibatch_size)
        (flat, moments), reports = jax.lax.scan(step, (flat, moments), indices)
        return unravel(flat), moments, reports

    return steps


def mean_over_parts(compute: Callable[[Any], Any], batch: Any, count: int) -> Any:
    """Average what is computed on equal parts of a batch, one part after the other.

    A part that fits the cache is worked on faster than the whole, and the mean over equal parts
    of a mean is the mean over the whole.

    Args:
        compute: from a part to a pytree of means over its samples.
        batch: leaves [N, ...].
        count: how many parts; divides N.

    Returns:
        What `compute` gives on the whole, to rounding.
    """
    if count == 1:
        return compute(batch)
    parts = jax.tree.map(lambda leaf: leaf.reshape(count, -1, *leaf.shape[1:]), batch)
    shapes = jax.eval_shape(compute, jax.tree.map(lambda leaf: leaf[0], parts))
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)

    def add(total: Any, part: Any) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, compute(part)), None

    total, _ = jax.lax.scan(add, zeros, parts)
    return jax.tree.map(lambda leaf: leaf / count, total)


def ppo_loss(
    network: ActorCritic,
    distribution: Distribution,
    weights: Any,
    batch: Samples,
    config: PPOConfig,
) -> tuple[jax.Array, GradientReport]:
    """Compute the clipped surrogate loss with value and entropy terms.

    Args:
        network: the network.
        distribution: of its head.
        weights: the parameters to differentiate by.
        batch: leaves [N, ...]; the advantages as they enter, normalised or not.
        config: the settings.

    Returns:
        The loss f32[], and its report, whose `grad_norm` is still 0.

    Source:
        Schulman et al., 2017, equations 7 and 9; the KL estimate is Schulman's k3, 2020.
    """
    head, value = jax.vmap(lambda obs: forward(network, weights, obs))(batch.obs)
    log_ratio = jax.vmap(distribution.log_prob)(head, batch.action) - batch.log_prob
    ratio = jnp.exp(log_ratio)
    clipped = jnp.clip(ratio, 1 - config.clip, 1 + config.clip)
    policy_loss = -jnp.minimum(ratio * batch.advantage, clipped * batch.advantage).mean()
    value_loss = 0.5 * jnp.square(value - batch.target).mean()
    entropy = jax.vmap(distribution.entropy)(head).mean()
    loss = (
        policy_loss + config.value_coefficient * value_loss - config.entropy_coefficient * entropy
    )
    report = GradientReport(
        policy_loss=policy_loss,
        value_loss=value_loss,
        entropy=entropy,
        approx_kl=(ratio - 1 - log_ratio).mean(),
        clip_fraction=(jnp.abs(ratio - 1) > config.clip).mean(dtype=jnp.float32),
        grad_norm=jnp.float32(0),
    )
    return loss, report


def normalise(advantage: jax.Array) -> jax.Array:
    """Give advantages mean 0 and deviation 1.

    Args:
        advantage: f32[N].

    Returns:
        f32[N]; zeros where they do not vary.
    """
    centred = advantage - advantage.mean()
    return centred / (centred.std() + 1e-8)


def _choose_with(
    network: ActorCritic, distribution: Distribution, weights: Any
) -> Callable[[jax.Array, Any, Any], tuple[Any, Choice]]:
    """Make the rollout's policy, which notes what the loss needs of every action."""

    def act(key: jax.Array, obs: Any, state: Any) -> tuple[Any, Choice]:
        head, _ = forward(network, weights, obs)
        action = distribution.sample(key, head)
        return distribution.to_env(action), Choice(action, head)

    return act


def _record(transition: Transition) -> Trajectory:
    step = transition.step
    return Trajectory(
        obs=step.obs,
        choice=transition.note,
        reward=jnp.where(jnp.isfinite(step.reward), step.reward, 0.0),
        next_obs=step.next_obs,
        terminated=step.terminated,
        done=step.done,
        report=report_step(transition),
    )
