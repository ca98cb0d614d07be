"""Counting what is true in a mask: sums of bytes first, which vectorise four times as wide."""

from __future__ import annotations

import jax
import jax.numpy as jnp

_BYTE = 255
_ROW = 128


def count_true(
    mask: jax.Array, axes: tuple[int, ...] | None = None, keepdims: bool = False
) -> jax.Array:
    """Count the true elements along axes.

    Args:
        mask: bool[...].
        axes: the axes to count along, not negative; None for all.
        keepdims: whether counted axes stay with size 1.

    Returns:
        i32[...].

    Example:
        >>> count_true(jnp.ones((64, 64), bool)).tolist()
        4096
    """
    if axes is None or len(axes) == mask.ndim:
        axes = tuple(range(mask.ndim))
    if mask.ndim == 1 and axes and not keepdims and mask.shape[0] % _ROW == 0:
        mask, axes = mask.reshape(-1, _ROW), (0, 1)
    last = mask.ndim - 1
    if last not in axes or len(axes) < 2 or mask.shape[last] > _BYTE:
        return jnp.sum(mask, axis=axes, keepdims=keepdims, dtype=jnp.int32)
    rows = jnp.sum(mask, axis=last, keepdims=keepdims, dtype=jnp.uint8)
    rest = tuple(axis for axis in axes if axis != last)
    return jnp.sum(rows.astype(jnp.int32), axis=rest, keepdims=keepdims, dtype=jnp.int32)
