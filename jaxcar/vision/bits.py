"""Rows of a mask as bits: runs, fills and the places of set bits, 32 pixels at a time.

The picture is turned by 180 degrees: row r is the picture's row H - 1 - r, and bit j of it (bit
j % 32 of word j // 32) the pixel x = W - 1 - j. So counting bits upwards visits the pixels in the
reverse of raster order, which is the order of OpenCV's contours, and a carry runs to the left.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

WORD = 32


def words_per_row(width: int) -> int:
    """Return how many words hold a row of so many pixels."""
    return -(-width // WORD)


def pack(mask: jax.Array) -> jax.Array:
    """Return the rows of masks as bits, turned by 180 degrees: bool[B, H, W] to u32[B, H, N]."""
    B, H, W = mask.shape
    turned = mask[:, ::-1, ::-1].astype(jnp.uint32)
    turned = jnp.pad(turned, ((0, 0), (0, 0), (0, words_per_row(W) * WORD - W)))
    places = jnp.arange(WORD, dtype=jnp.uint32)
    return jnp.sum(turned.reshape(B, H, -1, WORD) << places, axis=-1, dtype=jnp.uint32)


def unpack(rows: jax.Array, width: int) -> jax.Array:
    """Return the mask whose rows these are: u32[B, H, N] to bool[B, H, W]."""
    B, H, _ = rows.shape
    places = jnp.arange(WORD, dtype=jnp.uint32)
    pixels = ((rows[..., None] >> places) & 1).reshape(B, H, -1)[..., :width]
    return pixels[:, ::-1, ::-1] != 0


def inside(width: int) -> np.ndarray:
    """Return the row whose every pixel is set, u32[N]: the bits past the picture are not."""
    whole = (1 << width) - 1
    return np.array([whole >> s & 0xFFFFFFFF for s in range(0, width, WORD)], np.uint32)


def pixel(x: int, width: int) -> np.ndarray:
    """Return the row in which only pixel x is set, u32[N]."""
    one = 1 << (width - 1 - x)
    return np.array([one >> s & 0xFFFFFFFF for s in range(0, width, WORD)], np.uint32)


def ends(words: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the lowest and the highest set bit of rows, u32[..., N] to i32[...] each.

    Of a row without set bits they are 2**20 and -1.
    """
    low = jnp.full(words.shape[:-1], 1 << 20, jnp.int32)
    high = jnp.full(words.shape[:-1], -1, jnp.int32)
    for i in range(words.shape[-1]):
        word = words[..., i]
        some = word != 0
        first = i * WORD + jax.lax.population_count((word & (~word + 1)) - 1).astype(jnp.int32)
        last = i * WORD + WORD - 1 - jax.lax.clz(word).astype(jnp.int32)
        low = jnp.where(some, jnp.minimum(low, first), low)
        high = jnp.where(some, last, high)
    return low, high


def leftward(rows: jax.Array) -> jax.Array:
    """Move every pixel one to the left, u32[..., N]; what leaves the words is lost."""
    below = jnp.pad(rows[..., :-1], [(0, 0)] * (rows.ndim - 1) + [(1, 0)])
    return (rows << 1) | (below >> (WORD - 1))


def rightward(rows: jax.Array) -> jax.Array:
    """Move every pixel one to the right, u32[..., N]; what leaves the picture is lost."""
    above = jnp.pad(rows[..., 1:], [(0, 0)] * (rows.ndim - 1) + [(0, 1)])
    return (rows >> 1) | (above << (WORD - 1))


def _add(a: jax.Array, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Add rows as long integers, u32[..., N]; return the sum and the carry out, bool[...]."""
    total, carry = [], jnp.zeros(a.shape[:-1], bool)
    for word in range(a.shape[-1]):
        first = a[..., word] + b[..., word]
        second = first + carry.astype(jnp.uint32)
        carry = (first < a[..., word]) | (second < first)
        total.append(second)
    return jnp.stack(total, axis=-1), carry


def untouched_runs(region: jax.Array, touched: jax.Array) -> jax.Array:
    """Mark the leftmost pixel of every run of a region that has no touched pixel.

    A one is added at the right end of each run: its carry runs left to the first touched pixel, or
    out of the run.

    Args:
        region: u32[..., N].
        touched: u32[..., N], pixels of the region.

    Returns:
        u32[..., N].
    """
    free = region & ~touched
    total, carry = _add(free, free & ~leftward(region))
    landed = total & ~free & ~region
    start = rightward(landed)
    last = start[..., -1] | (carry.astype(jnp.uint32) << (WORD - 1))
    return jnp.concatenate([start[..., :-1], last[..., None]], axis=-1)


def _fill_runs(seeds: jax.Array, region: jax.Array) -> jax.Array:
    """Return every run of the region that has a seed, whole; the seeds lie in the region."""
    free = region & ~seeds
    total, _ = _add(free, leftward(seeds) & free)
    filled = seeds | (free & ~total)
    shift, path = 1, region
    # To the right there is no carry: doubled steps within words, then word by word.
    while shift < WORD:
        filled |= path & (filled >> shift)
        path &= path >> shift
        shift *= 2
    carry, words = jnp.zeros(filled.shape[:-1], jnp.uint32), []
    for word in reversed(range(filled.shape[-1])):
        reached = filled[..., word] | (_run_from_top(region[..., word]) * carry)
        carry = reached & 1
        words.append(reached)
    return jnp.stack(words[::-1], axis=-1)


def _run_from_top(word: jax.Array) -> jax.Array:
    """Return the unbroken run of set bits that begins at the highest bit, u32[...]."""
    ones = jax.lax.clz(~word)
    return jnp.where(ones == 0, jnp.uint32(0), ~jnp.uint32(0) << (WORD - jnp.maximum(ones, 1)))


def fill(seeds: jax.Array, region: jax.Array, connectivity: int = 4) -> jax.Array:
    """Return what of the region is connected to the seeds: u32[B, H, N] both.

    Rows are swept downwards and upwards until nothing changes anywhere in the batch.
    """

    def row(above: jax.Array, here: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        seed, allowed = here
        if connectivity == 8:
            above |= leftward(above) | rightward(above)
        filled = _fill_runs(seed | (above & allowed), allowed)
        return filled, filled

    def sweep(state: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        filled, _ = state
        after = filled
        for reverse in (False, True):
            none = jnp.zeros_like(after[0])
            after = jax.lax.scan(row, none, (after, allowed), reverse=reverse)[1]
        return after, jnp.any(after != filled)

    allowed = jnp.moveaxis(region, 1, 0)
    start = (jnp.moveaxis(seeds & region, 1, 0), jnp.bool_(True))
    return jnp.moveaxis(jax.lax.while_loop(lambda state: state[1], sweep, start)[0], 0, 1)


class Places(NamedTuple):
    """Where set bits are: the words, and how many set bits there are up to and with each.

    Attributes:
        words: u32[B * H * N].
        until: i32[B * H * N].
    """

    words: jax.Array
    until: jax.Array


def places(rows: jax.Array) -> Places:
    """Count the set bits of a batch of rows, u32[B, H, N], so that `place` finds them."""
    words = rows.reshape(-1)
    return Places(words, jnp.cumsum(jax.lax.population_count(words).astype(jnp.int32)))


def place(where: Places, number: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return word and bit of the set bits of the given numbers, i32[...] each.

    Numbers count from 0 over the whole batch. A number that there is not gives some place within.
    """
    low = jnp.searchsorted(where.until, number, side="right").astype(jnp.int32)
    low = jnp.minimum(low, where.words.size - 1)
    before = jnp.where(low > 0, where.until.at[low - 1].get(mode="clip"), 0)
    left, word = number - before, where.words.at[low].get(mode="clip")
    bit = jnp.zeros_like(number)
    for step in (16, 8, 4, 2, 1):
        part = (word >> bit.astype(jnp.uint32)) & jnp.uint32((1 << step) - 1)
        ones = jax.lax.population_count(part).astype(jnp.int32)
        beyond = left >= ones
        left, bit = jnp.where(beyond, left - ones, left), jnp.where(beyond, bit + step, bit)
    return low, jnp.minimum(bit, WORD - 1)
