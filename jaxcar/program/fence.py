"""A fence before a program: the picture it looks at is computed once.

XLA on a CPU fuses chains of cheap operations into whatever reads them, so that a renderer would run
again for every mask and reduction of a program. `jax.lax.optimization_barrier` is dropped before
fusion and does not help. A division by a number that the compiler does not know counts as dear and
is not repeated; the code generator then sees that the number is 1 and drops the division.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp


def compute_once(picture: jax.Array) -> jax.Array:
    """Return a picture unchanged, and have it computed once, however many operations read it.

    Args:
        picture: u8[...], not empty.

    Returns:
        The same u8[...].

    Example:
        >>> compute_once(jnp.array([3, 255], jnp.uint8)).tolist()
        [3, 255]
    """
    # Always 1, for u8 ends at 255. One divisor for each pixel: division by a single number would
    # become cheap, and division in floats would leave the conversion back to its readers.
    one = jnp.where(picture.astype(jnp.int32) < 256, jnp.uint8(1), jnp.uint8(2))
    return jax.lax.div(picture, one)
