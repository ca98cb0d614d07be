"""What a learner says of one update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.envs.rollout import Fold, Step

if TYPE_CHECKING:
    from jaxcar.envs.rollout import Transition


class Metrics(NamedTuple):
    """One update in numbers, all f32[]; means over no episode are NaN.

    Attributes:
        episodes: episodes that finished in this rollout.
        success: share of them that succeeded, by `info["success"]`; NaN where there is none. Of
            training episodes: short ones are over-represented, so never quote it as a result.
        task_return: their mean return in the environment's own reward.
        episode_length: their mean length, in steps.
        program_reward: mean per step of the programs' reward; 0 without programs.
        faults: steps on which a program faulted.
        non_finite_rewards: steps whose reward was not finite, and paid 0.
        entropy: mean entropy of the policy, in nats.
        approx_kl: mean estimate of KL(old, new), (ratio - 1) - log ratio.
        clip_fraction: share of samples whose ratio lay outside the clip range.
        explained_variance: of the targets, by the values before the update; NaN where the
            targets do not vary.
        policy_loss: mean over the update's gradient steps.
        value_loss: the same, mean squared error with its factor 1/2.
        grad_norm: the same, before it is clipped.
        non_finite_update: 1 where a loss or a gradient of this update was not finite, else 0.
    """

    episodes: jax.Array
    success: jax.Array
    task_return: jax.Array
    episode_length: jax.Array
    program_reward: jax.Array
    faults: jax.Array
    non_finite_rewards: jax.Array
    entropy: jax.Array
    approx_kl: jax.Array
    clip_fraction: jax.Array
    explained_variance: jax.Array
    policy_loss: jax.Array
    value_loss: jax.Array
    grad_norm: jax.Array
    non_finite_update: jax.Array


class GradientReport(NamedTuple):
    """One gradient step in numbers, all f32[], over its minibatch; see `Metrics`."""

    policy_loss: jax.Array
    value_loss: jax.Array
    entropy: jax.Array
    approx_kl: jax.Array
    clip_fraction: jax.Array
    grad_norm: jax.Array


class EpisodeTally(NamedTuple):
    """One episode so far.

    Attributes:
        task_return: f32[], sum of the environment's own reward.
        length: i32[], steps.
        success: f32[], 1 once `info["success"]` held, else 0; NaN where `info` has none.
    """

    task_return: jax.Array
    length: jax.Array
    success: jax.Array


class StepReport(NamedTuple):
    """What the metrics need of one step.

    Attributes:
        tally: the episode with this step.
        program_reward: f32[].
        fault: bool[], some program faulted.
        non_finite: bool[], the reward was not finite.
    """

    tally: EpisodeTally
    program_reward: jax.Array
    fault: jax.Array
    non_finite: jax.Array


def task_reward(step: Step) -> jax.Array:
    """Find the environment's own reward: `info["task_reward"]`, or the reward where there is none.

    Args:
        step: one step of one environment.

    Returns:
        f32[].
    """
    return jnp.asarray(step.info.get("task_reward", step.reward), jnp.float32)


def _first(obs: Any, state: Any) -> EpisodeTally:
    return EpisodeTally(jnp.float32(0), jnp.int32(0), jnp.float32(0))


def _next(tally: EpisodeTally, step: Step) -> EpisodeTally:
    success = jnp.asarray(step.info.get("success", jnp.nan), jnp.float32)
    return EpisodeTally(
        task_return=tally.task_return + task_reward(step),
        length=tally.length + 1,
        success=jnp.maximum(tally.success, success),
    )


EPISODE_FOLD = Fold(_first, _next)
"""Tallies an episode."""


def report_step(transition: Transition) -> StepReport:
    """Pick what the metrics need of one step.

    Args:
        transition: of an environment with or without programs, folded by `EPISODE_FOLD`.

    Returns:
        The report.
    """
    step = transition.step
    return StepReport(
        tally=transition.tally,
        program_reward=jnp.asarray(step.info.get("program_reward", 0.0), jnp.float32),
        fault=jnp.any(jnp.asarray(step.info.get("fault", 0)) != 0),
        non_finite=~jnp.isfinite(step.reward) | jnp.asarray(step.info.get("non_finite", False)),
    )


def summarise(
    report: StepReport, done: jax.Array, gradients: GradientReport, explained_variance: jax.Array
) -> Metrics:
    """Put one update into numbers.

    Args:
        report: leaves [T, B].
        done: bool[T, B].
        gradients: leaves [G], one row per gradient step.
        explained_variance: f32[], of the targets by the values before the update.

    Returns:
        The metrics.
    """
    episodes = done.sum(dtype=jnp.float32)

    def mean_of_finished(values: jax.Array) -> jax.Array:
        return jnp.where(done, values, 0).sum(dtype=jnp.float32) / episodes

    means = jax.tree.map(jnp.mean, gradients)
    return Metrics(
        episodes=episodes,
        success=mean_of_finished(report.tally.success),
        task_return=mean_of_finished(report.tally.task_return),
        episode_length=mean_of_finished(report.tally.length),
        program_reward=report.program_reward.mean(),
        faults=report.fault.sum(dtype=jnp.float32),
        non_finite_rewards=report.non_finite.sum(dtype=jnp.float32),
        entropy=means.entropy,
        approx_kl=means.approx_kl,
        clip_fraction=means.clip_fraction,
        explained_variance=explained_variance,
        policy_loss=means.policy_loss,
        value_loss=means.value_loss,
        grad_norm=means.grad_norm,
        non_finite_update=1.0 - _all_finite(gradients).astype(jnp.float32),
    )


def explain_variance(value: jax.Array, target: jax.Array) -> jax.Array:
    """Compute the share of the targets' variance that the values explain.

    Args:
        value: f32[...], predictions.
        target: f32[...], of the same shape.

    Returns:
        f32[], at most 1; NaN where the targets do not vary.

    Example:
        >>> float(explain_variance(jnp.zeros(2), jnp.array([-1.0, 1.0])))
        0.0
    """
    return 1.0 - jnp.var(target - value) / jnp.where(jnp.ptp(target) > 0, jnp.var(target), jnp.nan)


def _all_finite(tree: Any) -> jax.Array:
    return jnp.stack([jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(tree)]).all()
