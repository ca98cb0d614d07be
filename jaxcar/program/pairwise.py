"""Sums of floats in NumPy's own order, so that every bit agrees.

NumPy adds along the fastest axis in pairs of blocks, and along the other axes one row after the
other. Blocks of up to 128 elements run through eight accumulators.

Source: `pairwise_sum` in numpy/_core/src/umath/loops_utils.h.src and the axes' order of NpyIter,
compared bit by bit in tests/program/test_sums.py. Filling with -0.0 changes no sum.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

_LANES = 8
_BLOCK = 128
_UNROLLED = 64

Leaf = tuple[int, int]
Tree = tuple[tuple[Leaf, ...], tuple[tuple[int | None, ...], ...]]


def add_axes(values: jax.Array, axes: tuple[int, ...], keepdims: bool) -> jax.Array:
    """Add floats along axes of an array that lies in memory row by row, as `np.sum` does.

    Args:
        values: f16[...], f32[...] or f64[...].
        axes: the axes to add along, not negative.
        keepdims: whether they stay with size 1.

    Returns:
        The sums, of the same dtype.

    Example:
        >>> add_axes(jnp.ones((300, 2)), (0,), False).tolist()
        [300.0, 300.0]
    """
    shape = values.shape
    kept = tuple(i for i in range(len(shape)) if i not in axes)
    inner = _inner_axes(shape, axes)
    outer = tuple(i for i in axes if i not in inner)
    ordered = jnp.transpose(values, (*sorted(outer), *kept, *inner))
    rows = int(np.prod([shape[i] for i in outer]))
    width = int(np.prod([shape[i] for i in inner]))
    ordered = ordered.reshape(rows, *(shape[i] for i in kept), width)
    partial = pairwise(_wide(ordered)) if inner else _wide(ordered[..., 0])
    total = partial[0] if rows == 1 else add_rows(partial, half=values.dtype == jnp.float16)
    # NumPy starts at 0.0, so that no sum is -0.0.
    total = jnp.where(total == 0, jnp.zeros_like(total), total).astype(values.dtype)
    result = tuple(1 if i in axes else n for i, n in enumerate(shape))
    return total.reshape(result) if keepdims else total


def _wide(values: jax.Array) -> jax.Array:
    return values.astype(jnp.float32) if values.dtype == jnp.float16 else values


def _inner_axes(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes that NumPy adds along in pairs: the last ones, where all are added along."""
    inner: list[int] = []
    for i in range(len(shape) - 1, -1, -1):
        if i in axes:
            inner.insert(0, i)
        elif shape[i] != 1:
            break
    return tuple(inner)


def pairwise(values: jax.Array) -> jax.Array:
    """Add along the last axis as NumPy's pairwise summation does; of nothing it is -0.0."""
    size = values.shape[-1]
    rows = size // _LANES
    tail = [values[..., i] for i in range(rows * _LANES, size)]
    if rows == 0:
        return _one_by_one(jnp.full(values.shape[:-1], -0.0, values.dtype), tail)
    (leaves, levels) = _plan(size)
    blocks = _blocks(values[..., : rows * _LANES], rows, leaves)
    sums = _lanes(blocks)
    if tail:
        last = _one_by_one(sums[..., -1], tail)
        sums = jnp.concatenate([sums[..., :-1], last[..., None]], axis=-1)
    return _join(sums, levels)


def _one_by_one(start: jax.Array, parts: list[jax.Array]) -> jax.Array:
    return functools.reduce(jnp.add, parts, start)


@functools.lru_cache(maxsize=256)
def _plan(size: int) -> Tree:
    """Return the blocks of a sum (first row of eight, rows) and, level by level, who joins whom.

    A level lists its nodes from left to right: the number of a block, or None for the sum of the
    next two nodes of the level below.
    """
    leaves: list[Leaf] = []
    levels: list[list[int | None]] = []

    def split(start: int, count: int, depth: int) -> None:
        if depth == len(levels):
            levels.append([])
        if count <= _BLOCK:
            levels[depth].append(len(leaves))
            leaves.append((start // _LANES, count // _LANES))
            return
        half = count // 2
        half -= half % _LANES
        levels[depth].append(None)
        split(start, half, depth + 1)
        split(start + half, count - half, depth + 1)

    split(0, size, 0)
    return tuple(leaves), tuple(tuple(level) for level in levels)


def _blocks(values: jax.Array, rows: int, leaves: tuple[Leaf, ...]) -> jax.Array:
    """Return the blocks [..., blocks, rows, 8], filled with -0.0 to the longest."""
    lines = values.reshape(*values.shape[:-1], rows, _LANES)
    counts = [count for _, count in leaves]
    if min(counts) == max(counts):
        return lines.reshape(*values.shape[:-1], len(leaves), counts[0], _LANES)
    empty = jnp.full((*values.shape[:-1], 1, _LANES), -0.0, values.dtype)
    lines = jnp.concatenate([lines, empty], axis=-2)
    places = np.full((len(leaves), max(counts)), rows, np.int32)
    for i, (first, count) in enumerate(leaves):
        places[i, :count] = np.arange(first, first + count)
    return jnp.take(lines, places, axis=-2, mode="clip")


def _lanes(blocks: jax.Array) -> jax.Array:
    """Add blocks [..., rows, 8] through eight accumulators."""
    lanes = blocks[..., 0, :]
    for row in range(1, blocks.shape[-2]):
        lanes = lanes + blocks[..., row, :]
    while lanes.shape[-1] > 1:
        lanes = lanes[..., 0::2] + lanes[..., 1::2]
    return lanes[..., 0]


def _join(sums: jax.Array, levels: tuple[tuple[int | None, ...], ...]) -> jax.Array:
    nodes = sums[..., :0]
    for level in reversed(levels):
        joined = nodes[..., 0::2] + nodes[..., 1::2]
        own = [number for number in level if number is not None]
        if own:
            blocks = sums if len(own) == sums.shape[-1] else sums[..., np.asarray(own)]
            pool = jnp.concatenate([joined, blocks], axis=-1) if len(own) < len(level) else blocks
            order = iter(range(len(level) - len(own))), iter(range(len(level) - len(own), 10**9))
            places = [next(order[0] if number is None else order[1]) for number in level]
            joined = pool if places == sorted(places) else pool[..., np.asarray(places)]
        nodes = joined
    return nodes[..., 0]


def add_rows(
    rows: jax.Array, step: Callable[..., jax.Array] = jnp.add, half: bool = False
) -> jax.Array:
    """Combine along the first axis, one row after the other; nothing is -0.0.

    Args:
        rows: [n, ...], floats.
        step: what combines two rows; addition by default.
        half: whether each result is rounded to 16 bits.
    """
    if rows.shape[0] == 0:
        return jnp.full(rows.shape[1:], -0.0, rows.dtype)
    combine = _rounding(step) if half else step
    first = _to_half(rows[0]) if half else rows[0]
    if rows.shape[0] <= _UNROLLED:
        return functools.reduce(combine, [rows[i] for i in range(1, rows.shape[0])], first)
    return lax.scan(lambda t, row: (combine(t, row), None), first, rows[1:], unroll=8)[0]


def _to_half(values: jax.Array) -> jax.Array:
    # XLA may leave out a conversion to 16 bits and back.
    return lax.reduce_precision(values, 5, 10)


def _rounding(step: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    return lambda total, row: _to_half(step(total, row))


def accumulate_rows(rows: jax.Array, step: Callable[..., jax.Array] = jnp.add) -> jax.Array:
    """Return the running combinations along the first axis, as `np.cumsum` has them."""
    if rows.shape[0] == 0:
        return rows
    rounded = _rounding(step) if rows.dtype == jnp.float16 else step

    def combine(total: jax.Array, row: jax.Array) -> tuple[jax.Array, jax.Array]:
        joined = rounded(total, row)
        return joined, joined

    if rows.shape[0] > _UNROLLED:
        rest = lax.scan(combine, rows[0], rows[1:], unroll=8)[1]
        return jnp.concatenate([rows[:1], rest])
    totals = [rows[0]]
    for i in range(1, rows.shape[0]):
        totals.append(combine(totals[-1], rows[i])[0])
    return jnp.stack(totals)


def add_packed(values: jax.Array, mask: jax.Array) -> jax.Array:
    """Add the elements that a mask selects, in the order of `np.sum(values[mask])`.

    Where NumPy splits depends on how many there are: the splits are computed at run time.

    Args:
        values: f[n].
        mask: bool[n].

    Returns:
        f[]; of nothing it is 0.0.
    """
    wide, dtype = _wide(values), values.dtype
    size = wide.shape[0]
    if size < _LANES:
        held = jnp.where(mask, wide, jnp.asarray(-0.0, wide.dtype))
        total = _one_by_one(jnp.asarray(-0.0, wide.dtype), [held[i] for i in range(size)])
    else:
        total = _add_first(_pack(wide, mask), jnp.sum(mask, dtype=jnp.int32))
    return jnp.where(total == 0, jnp.zeros_like(total), total).astype(dtype)


def _pack(values: jax.Array, mask: jax.Array) -> jax.Array:
    """Return the selected elements first, then -0.0."""
    size = values.shape[0]
    place = jnp.cumsum(mask, dtype=jnp.int32) - 1
    filler = jnp.full((size,), -0.0, values.dtype)
    return filler.at[jnp.where(mask, place, size)].set(values, mode="drop")


def _add_first(packed: jax.Array, count: jax.Array) -> jax.Array:
    """Add the first `count` elements; the rest is -0.0."""
    starts, sizes = jnp.zeros((1,), jnp.int32), count.reshape(1)
    longest = packed.shape[0]
    while longest > _BLOCK:
        half = sizes // 2
        left = jnp.where(sizes > _BLOCK, half - half % _LANES, sizes)
        starts = jnp.stack([starts, starts + left], axis=-1).reshape(-1)
        sizes = jnp.stack([left, sizes - left], axis=-1).reshape(-1)
        longest = max(longest - (longest // 2 - _LANES + 1), _BLOCK)
    block = min(_BLOCK, packed.shape[0] // _LANES * _LANES)
    whole = sizes - sizes % _LANES
    inside = jnp.arange(block, dtype=jnp.int32)
    sums = _lanes(_gather(packed, starts, inside, whole).reshape(-1, block // _LANES, _LANES))
    tails = jnp.arange(_LANES - 1, dtype=jnp.int32)
    rest = _gather(packed, starts + whole, tails, sizes - whole)
    sums = _one_by_one(sums, [rest[:, i] for i in range(_LANES - 1)])
    while sums.shape[0] > 1:
        sums = sums[0::2] + sums[1::2]
    return sums[0]


def _gather(
    packed: jax.Array, starts: jax.Array, offsets: jax.Array, sizes: jax.Array
) -> jax.Array:
    places = jnp.clip(starts[:, None] + offsets, 0, packed.shape[0] - 1)
    wanted = offsets < sizes[:, None]
    return jnp.where(wanted, packed[places], jnp.asarray(-0.0, packed.dtype))
