"""A fence against computing a value anew for every element that reads it.

XLA on a CPU fuses chains of cheap operations into whatever reads them. Where one number feeds many
(a mask of bits feeds 49 cells, a sprite's number 64 pixels) the whole chain then runs once for each
of them. `jax.lax.optimization_barrier` does not help there: it is dropped before fusion. XLA does
not fuse a division by an unknown number into readers that repeat it, so that is what this is.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp


def fence(value: jax.Array, time: jax.Array) -> jax.Array:
    """Return a value unchanged, and have it computed once.

    Args:
        value: integers of any shape.
        time: `i32[]`, a number that is not negative, though the compiler cannot know.

    Returns:
        The value: it is divided by 1.

    Example:
        >>> fence(jnp.array([3, 5]), jnp.array(7)).tolist()
        [3, 5]
    """
    one = (1 + (time >> 31)).astype(value.dtype)  # 1 - 1 = 0 only for negative times
    return jax.lax.div(value, jnp.broadcast_to(one, value.shape))
