"""A shuffle of a rollout into minibatches that costs no sort."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def minibatch_indices(key: jax.Array, samples: int, minibatches: int) -> jax.Array:
    """Deal the samples of a rollout out into minibatches at random.

    The samples are cut into rows of M = `minibatches` consecutive ones, and each row is dealt
    out, one sample to each minibatch, after a cyclic shift drawn for that row alone. This is
    stratified sampling, and sound for the same reasons as a permutation: every sample is used
    once an epoch; it falls into each minibatch with probability 1 / M, so that a minibatch's mean
    is an unbiased estimate of the rollout's; and samples of different rows fall independently.
    Samples of one row never meet, so a minibatch is spread evenly over time and environments,
    which can only lower the variance that comes from them. Sorting a permutation, as is usual,
    costs more on a CPU than a small network's forward pass; this costs one random integer a row.

    Args:
        key: a typed key.
        samples: N, a multiple of M.
        minibatches: M.

    Returns:
        i32[M, N / M], every index from 0 to N - 1 once.

    Example:
        >>> indices = minibatch_indices(jax.random.key(0), 6, 2)
        >>> sorted(indices.ravel().tolist())
        [0, 1, 2, 3, 4, 5]
    """
    rows = samples // minibatches
    shift = jax.random.randint(key, (rows,), 0, minibatches)
    place = (shift + jnp.arange(minibatches)[:, None]) % minibatches
    return jnp.arange(rows) * minibatches + place
