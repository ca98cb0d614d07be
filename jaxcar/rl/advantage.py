"""Generalised advantage estimation, with time limits told apart from endings."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp


class Advantage(NamedTuple):
    """What the learner regresses on.

    Attributes:
        advantage: f32[T, ...], of the action at t.
        target: f32[T, ...], the lambda-return from t: the value network's target.
    """

    advantage: jax.Array
    target: jax.Array


def estimate_advantage(
    reward: jax.Array,
    value: jax.Array,
    next_value: jax.Array,
    terminated: jax.Array,
    done: jax.Array,
    *,
    discount: float,
    gae_lambda: float,
) -> Advantage:
    """Estimate advantages by GAE(lambda).

    An episode that terminated has no future; one that was cut off by a time limit has the value
    of its true last observation. Both stop the trace, since what follows is another episode.

    Args:
        reward: f32[T, ...], reward_t follows action_t.
        value: f32[T, ...], of the observation that action_t was chosen on.
        next_value: f32[T, ...], of the true next observation, before any reset.
        terminated: bool[T, ...], the task ended at t.
        done: bool[T, ...], terminated or truncated at t.
        discount: gamma.
        gae_lambda: lambda.

    Returns:
        The advantages and the targets.

    Source:
        Schulman et al., High-Dimensional Continuous Control Using Generalized Advantage
        Estimation, ICLR 2016, equation 16.

    Example:
        >>> one = jnp.ones(1)
        >>> estimate = estimate_advantage(
        ...     one, 0 * one, 10 * one, one < 0, one > 0, discount=0.5, gae_lambda=0.9
        ... )
        >>> float(estimate.advantage[0])  # truncated: the value beyond counts
        6.0
    """
    error = reward + discount * jnp.where(terminated, 0.0, next_value) - value
    decay = jnp.where(done, 0.0, discount * gae_lambda)

    def backwards(
        later: jax.Array, now: tuple[jax.Array, jax.Array]
    ) -> tuple[jax.Array, jax.Array]:
        error, decay = now
        advantage = error + decay * later
        return advantage, advantage

    last = jnp.zeros_like(error[0])
    _, advantage = jax.lax.scan(backwards, last, (error, decay), reverse=True, unroll=8)
    return Advantage(advantage, advantage + value)
