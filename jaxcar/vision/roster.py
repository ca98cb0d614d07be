"""Work on those contours only that there are, block by block.

Arrays of contours have room for many more than a picture shows. A block gathers the next contours
of the whole batch that have a point, and looks at a short beginning of each where that is enough.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_batching import custom_vmap

_BLOCK = 256
SHORT = 64  # points; contours of so few are looked at by themselves

# From points i32[K, P, 2], lengths i32[K] and what else there is, [K, ...], to results [K, ...].
Measure = Callable[..., Any]


def each_contour(
    measure: Measure, points: jax.Array, lengths: jax.Array, *others: jax.Array
) -> Any:
    """Measure contours in blocks; the results of contours without points are 0.

    Args:
        measure: a pure function of contours and of what comes with each; one object per meaning,
            for what is made of it is kept.
        points: i32[..., P, 2], x and y from -32768 to 32767.
        lengths: i32[...].
        others: arrays [..., ...] with the lengths' shape in front.

    Returns:
        What `measure` returns, with the lengths' shape in front.
    """
    x, y = points[..., 0].astype(jnp.int32), points[..., 1].astype(jnp.int32)
    return _measurer(measure)((y << 16) | (x & 0xFFFF), lengths.astype(jnp.int32), *others)


@functools.cache
def _measurer(measure: Measure) -> Any:
    @custom_vmap
    def run(packed: jax.Array, lengths: jax.Array, *others: jax.Array) -> Any:
        front = lengths.shape
        flat = [
            operand.reshape(-1, *operand.shape[len(front) :])
            for operand in (packed, lengths, *others)
        ]
        with jax.enable_x64(True):
            results = _in_blocks(measure, *flat)
        return jax.tree.map(lambda leaf: leaf.reshape(*front, *leaf.shape[1:]), results)

    @run.def_vmap
    def run_batch(size: int, batched: list[bool], *operands: jax.Array) -> tuple[Any, Any]:
        whole = [
            operand if mapped else jnp.broadcast_to(operand, (size, *operand.shape))
            for operand, mapped in zip(operands, batched, strict=True)
        ]
        results = run(*whole)
        return results, jax.tree.map(lambda _: True, results)

    return run


def _points(packed: jax.Array) -> jax.Array:
    return jnp.stack([(packed << 16) >> 16, packed >> 16], axis=-1)


def _in_blocks(measure: Measure, packed: jax.Array, lengths: jax.Array, *others: jax.Array) -> Any:
    """Measure contours i32[N, P] of lengths i32[N]."""
    N, P = packed.shape
    size = min(N, _BLOCK)
    order = jnp.cumsum(lengths > 0, dtype=jnp.int32)

    def whole(rows: jax.Array, *rest: jax.Array) -> Any:
        return measure(_points(rows), *rest)

    def short(rows: jax.Array, *rest: jax.Array) -> Any:
        return measure(_points(rows[:, :SHORT]), *rest)

    def block(state: tuple[jax.Array, Any]) -> tuple[jax.Array, Any]:
        begin, results = state
        number = begin + jnp.arange(size, dtype=jnp.int32)
        slot = jnp.searchsorted(order, number, side="right").astype(jnp.int32)
        here = number < order[-1]
        at = jnp.minimum(slot, N - 1)
        counts = jnp.where(here, lengths[at], 0)
        operands = (packed[at], counts, *(other[at] for other in others))
        if P >= 2 * SHORT:
            found = jax.lax.cond(jnp.max(counts) <= SHORT, short, whole, *operands)
        else:
            found = whole(*operands)
        cell = jnp.where(here, slot, N)
        results = jax.tree.map(
            lambda table, new: table.at[cell].set(new, mode="drop"), results, found
        )
        return begin + size, results

    shapes = jax.eval_shape(whole, packed[:1], lengths[:1], *(other[:1] for other in others))
    results = jax.tree.map(lambda leaf: jnp.zeros((N, *leaf.shape[1:]), leaf.dtype), shapes)
    start = (jnp.int32(0), results)
    return jax.lax.while_loop(lambda state: state[0] < order[-1], block, start)[1]
