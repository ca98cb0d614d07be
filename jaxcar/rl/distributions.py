"""Distributions over actions: categorical, multi-discrete, diagonal Gaussian.

A distribution is a record of pure functions of a *head*, the flat vector of numbers that
describes it for one state: the network's outputs, then those parameters that do not depend on
the state. All functions take one environment's head, and are vmapped by their callers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Distribution(NamedTuple):
    """A family of distributions over the actions of one environment.

    Attributes:
        outputs: how many of the head's numbers the network gives.
        free: how many further ones are parameters of their own, zero at the start.
        sample: `(key, head) -> action`, in the distribution's own space.
        mode: `head -> action`, the likeliest.
        log_prob: `(head, action) -> f32[]`.
        entropy: `head -> f32[]`, in nats.
        to_env: `action -> action`, as the environment wants it.
    """

    outputs: int
    free: int
    sample: Callable[[jax.Array, jax.Array], jax.Array]
    mode: Callable[[jax.Array], jax.Array]
    log_prob: Callable[[jax.Array, jax.Array], jax.Array]
    entropy: Callable[[jax.Array], jax.Array]
    to_env: Callable[[jax.Array], Any]


def categorical(count: int, dtype: Any = jnp.int32) -> Distribution:
    """Describe a choice among `count` actions; the head is their logits, f32[count].

    Args:
        count: how many actions there are.
        dtype: the environment's integer type.

    Returns:
        The distribution; its actions are integers from 0 to `count` - 1.

    Example:
        >>> coin = categorical(2)
        >>> round(float(coin.entropy(jnp.zeros(2))), 4)
        0.6931
    """
    return Distribution(
        outputs=count,
        free=0,
        sample=lambda key, head: _draw(jax.random.uniform(key), head).astype(dtype),
        mode=lambda head: jnp.argmax(head).astype(dtype),
        log_prob=_log_prob,
        entropy=_entropy,
        to_env=lambda action: action,
    )


def multi_discrete(
    counts: Sequence[int], to_env: Callable[[jax.Array], Any] = lambda action: action
) -> Distribution:
    """Describe several independent choices; the head is their logits one after the other.

    Args:
        counts: how many actions each choice has.
        to_env: turns i32[len(counts)] into what the environment wants.

    Returns:
        The distribution; its actions are i32[len(counts)].

    Example:
        >>> two = multi_discrete((2, 3))
        >>> two.mode(jnp.array([0.0, 1.0, 5.0, 0.0, 0.0])).tolist()
        [1, 0]
    """
    bounds = np.cumsum(counts)[:-1].tolist()

    def each(head: jax.Array) -> list[jax.Array]:
        return jnp.split(head, bounds)

    def sample(key: jax.Array, head: jax.Array) -> jax.Array:
        uniforms = jax.random.uniform(key, (len(counts),))
        return jnp.stack([_draw(u, h) for u, h in zip(uniforms, each(head), strict=True)])

    def log_prob(head: jax.Array, action: jax.Array) -> jax.Array:
        parts = [_log_prob(h, action[i]) for i, h in enumerate(each(head))]
        return jnp.stack(parts).sum()

    return Distribution(
        outputs=sum(counts),
        free=0,
        sample=sample,
        mode=lambda head: jnp.stack([jnp.argmax(h) for h in each(head)]).astype(jnp.int32),
        log_prob=log_prob,
        entropy=lambda head: jnp.stack([_entropy(h) for h in each(head)]).sum(),
        to_env=to_env,
    )


def diagonal_gaussian(
    shape: tuple[int, ...], low: Any, high: Any, dtype: Any = jnp.float32
) -> Distribution:
    """Describe real numbers with means from the network and deviations of their own.

    The head is the means, then the logarithms of the deviations. The Gaussian is unsquashed: the
    environment gets the action clipped to its bounds, the probability is that of the action
    before clipping.

    Args:
        shape: the environment's action shape; d is its number of elements.
        low: lower bounds, a number or an array of that shape.
        high: upper bounds.
        dtype: the environment's type.

    Returns:
        The distribution; its actions are f32[d].

    Example:
        >>> force = diagonal_gaussian((1,), -1.0, 1.0)
        >>> force.to_env(jnp.array([3.0])).tolist()
        [1.0]
    """
    size = math.prod(shape)
    low, high = np.asarray(low), np.asarray(high)

    def standard(head: jax.Array, action: jax.Array) -> jax.Array:
        return (action - head[:size]) * jnp.exp(-head[size:])

    def log_prob(head: jax.Array, action: jax.Array) -> jax.Array:
        squares = jnp.square(standard(head, action)).sum()
        return -0.5 * (squares + size * math.log(2 * math.pi)) - head[size:].sum()

    def sample(key: jax.Array, head: jax.Array) -> jax.Array:
        return head[:size] + jnp.exp(head[size:]) * jax.random.normal(key, (size,))

    return Distribution(
        outputs=size,
        free=size,
        sample=sample,
        mode=lambda head: head[:size],
        log_prob=log_prob,
        entropy=lambda head: head[size:].sum() + 0.5 * size * math.log(2 * math.pi * math.e),
        to_env=lambda action: jnp.clip(action.reshape(shape), low, high).astype(dtype),
    )


def distribution_for(space: Any) -> Distribution:
    """Choose the distribution for a gymnax action space.

    Args:
        space: `Discrete`, `Box`, or a `Tuple` of `Discrete`.

    Returns:
        Its distribution.

    Raises:
        JaxcarError: for any other space.
    """
    from gymnax.environments import spaces

    if isinstance(space, spaces.Discrete):
        return categorical(space.n, space.dtype)
    if isinstance(space, spaces.Box):
        return diagonal_gaussian(space.shape, space.low, space.high, space.dtype)
    if isinstance(space, spaces.Tuple):
        parts = tuple(space.spaces)
        if all(isinstance(part, spaces.Discrete) for part in parts):
            to_env = lambda action: tuple(  # noqa: E731 - one expression
                action[i].astype(part.dtype) for i, part in enumerate(parts)
            )
            return multi_discrete([part.n for part in parts], to_env)
    raise JaxcarError(
        "an action space that the learner has no distribution for",
        where="env.action_space(params)",
        got=space,
        expected="Discrete, Box, or a Tuple of Discrete",
    )


def _draw(uniform: jax.Array, logits: jax.Array) -> jax.Array:
    """Invert the cumulative distribution: i32[]; one random number, whatever the choices.

    The number is scaled by the sum as it was rounded, so that it stays below it, and an action
    of probability zero is never drawn.
    """
    cumulative = jnp.cumsum(jnp.exp(logits - jax.lax.stop_gradient(logits.max())))
    return jnp.sum(cumulative <= uniform * cumulative[-1], dtype=jnp.int32)


def _log_prob(logits: jax.Array, action: jax.Array) -> jax.Array:
    chosen = jnp.arange(logits.shape[0]) == action
    return jnp.where(chosen, jax.nn.log_softmax(logits), 0.0).sum()


def _entropy(logits: jax.Array) -> jax.Array:
    log_probs = jax.nn.log_softmax(logits)
    probs = jnp.exp(log_probs)
    return -jnp.where(probs > 0, probs * log_probs, 0.0).sum()
