"""Work on those contours only that there are, block by block.

Arrays of contours have room for many more than a picture shows. A block gathers the next contours
of the whole batch that have a point, those of few points by themselves, with room for no more.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.vision.batches import Work, in_batches

_BLOCK = 256
SHORT = 64  # points

# From points i32[K, P, 2], lengths i32[K] and what else there is, [K, ...], to results [K, ...].
Measure = Callable[..., Any]


def each_contour(
    measure: Measure,
    points: jax.Array,
    lengths: jax.Array,
    *others: jax.Array,
    tiers: tuple[int, ...] = (SHORT,),
) -> Any:
    """Measure contours in blocks; the results of contours without points are 0.

    Args:
        measure: a pure function of contours and of what comes with each; one object per meaning,
            for what is made of it is kept.
        points: of whole numbers, [..., P, 2], x and y.
        lengths: i32[...].
        others: arrays [..., ...] with the lengths' shape in front.
        tiers: numbers of points; contours of no more than one of them are looked at with no more
            room than that, those of each by themselves.

    Returns:
        What `measure` returns, with the lengths' shape in front.
    """
    lengths = lengths.astype(jnp.int32)
    cores = (2, 0, *(other.ndim - lengths.ndim for other in others))
    return in_batches(_measurer(measure, cores, tiers), points, lengths, *others)


@functools.cache
def _measurer(measure: Measure, cores: tuple[int, ...], tiers: tuple[int, ...]) -> Work:
    name = measure.__name__.strip("_")
    work = functools.partial(_in_tiers, measure, tiers)
    return Work(name, work, cores, double=True, spared=1)


def _in_tiers(
    measure: Measure,
    tiers: tuple[int, ...],
    points: jax.Array,
    lengths: jax.Array,
    *others: jax.Array,
) -> Any:
    """Measure contours [N, P, 2] of lengths i32[N]."""
    N, P, _ = points.shape

    def whole(rows: jax.Array, *rest: jax.Array) -> Any:
        return measure(rows.astype(jnp.int32), *rest)

    shapes = jax.eval_shape(whole, points[:1], lengths[:1], *(other[:1] for other in others))
    results = jax.tree.map(lambda leaf: jnp.zeros((N, *leaf.shape[1:]), leaf.dtype), shapes)
    highs = [*(tier for tier in tiers if 2 * tier <= P), P]
    lows = np.array([0, *highs[:-1]], np.int32)[:, None]
    among = (lengths > lows) & (lengths <= np.array(highs, np.int32)[:, None])
    orders = jnp.cumsum(among, axis=1, dtype=jnp.int32)
    for high, order in zip(highs, orders, strict=True):
        results = _in_blocks(whole, high, order, results, (points, lengths, *others))
    return results


def _in_blocks(
    measure: Measure, size: int, order: jax.Array, results: Any, operands: tuple[jax.Array, ...]
) -> Any:
    """Measure the contours, of at most `size` points, at which the order, i32[N], rises."""
    points, lengths, *others = operands
    N = order.size
    number, zero = jnp.arange(min(N, _BLOCK), dtype=jnp.int32), jnp.int32(0)

    def beginning(at: jax.Array) -> jax.Array:
        return jax.lax.dynamic_slice(points, (at, zero, zero), (1, size, 2))[0]

    def block(state: tuple[jax.Array, Any]) -> tuple[jax.Array, Any]:
        begin, results = state
        slot = jnp.searchsorted(order, begin + number, side="right").astype(jnp.int32)
        here = begin + number < order[-1]
        at = jnp.minimum(slot, N - 1)
        counts = jnp.where(here, lengths[at], 0)
        found = measure(jax.vmap(beginning)(at), counts, *(other[at] for other in others))
        cell = jnp.where(here, slot, N)
        results = jax.tree.map(functools.partial(_written, cell), results, found)
        return begin + number.size, results

    start = (jnp.int32(0), results)
    return jax.lax.while_loop(lambda state: state[0] < order[-1], block, start)[1]


def _written(cell: jax.Array, table: jax.Array, rows: jax.Array) -> jax.Array:
    """Write rows, which may be shorter than the table's, [K, ...] into [N, ...]."""
    short = [(0, whole - own) for whole, own in zip(table.shape[1:], rows.shape[1:], strict=True)]
    return table.at[cell].set(jnp.pad(rows, [(0, 0), *short]), mode="drop")
