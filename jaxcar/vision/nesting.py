"""Which border lies in which: parents, OpenCV's order of a tree, and its table of links."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp


def parents(neighbour: jax.Array, hole: jax.Array) -> jax.Array:
    """Return the border that directly surrounds each border.

    Suzuki's rule: a border of the other kind to the left is the parent; one of the same kind is a
    sibling, and shares its parent.

    Args:
        neighbour: i32[B, C], the border to the left of each one's start, -1 for none. It starts
            earlier in raster order and so has a greater index.
        hole: bool[B, C].

    Returns:
        i32[B, C], -1 for none.
    """
    size = hole.shape[-1]
    frame = jnp.full((*hole.shape[:-1], 1), size, jnp.int32)
    link = jnp.where(neighbour < 0, size, neighbour)
    link = jnp.concatenate([link, frame], axis=-1)
    # What surrounds the pictures is a hole: it is the parent of an outer border next to it.
    kind = jnp.concatenate([hole, jnp.ones_like(frame, bool)], axis=-1)
    found = jnp.take_along_axis(kind, link, axis=-1) != kind
    for _ in range(size.bit_length()):
        further = jnp.take_along_axis(link, link, axis=-1)
        arrived = jnp.take_along_axis(found, link, axis=-1)
        link = jnp.where(found, link, further)
        found = found | arrived
    return jnp.where(link[..., :size] == size, -1, link[..., :size])


class Tree(NamedTuple):
    """Borders in OpenCV's order.

    Attributes:
        position: i32[B, C], where each border comes.
        links: i32[B, C, 4], in the new order: next and previous sibling, first child, parent; -1
            for none.
    """

    position: jax.Array
    links: jax.Array


def _put(table: jax.Array, at: jax.Array, value: jax.Array) -> jax.Array:
    """Write value[b] to table[b, at[b]], without a scatter."""
    return jnp.where(jnp.arange(table.shape[-1]) == at[:, None], value[:, None], table)


def _get(table: jax.Array, at: jax.Array) -> jax.Array:
    return jnp.take_along_axis(table, at[:, None], axis=-1)[:, 0]


def tree(parent: jax.Array, count: jax.Array) -> Tree:
    """Order borders so that each is followed by what lies in it, and link them.

    Args:
        parent: i32[B, C], an index greater than the child's own, or -1.
        count: i32[B], how many there are.

    Returns:
        The tree; what is past the count keeps its index, and its links are -1.
    """
    B, C = parent.shape
    index = jnp.arange(C, dtype=jnp.int32)
    exists = index < count[:, None]
    above = jnp.where(parent < 0, C, parent)
    none = jnp.full((B, C + 1), -1, jnp.int32)

    def climb(i: jax.Array, state: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        under, before, last, previous, after = state
        up, here = above[:, i], exists[:, i]
        size = jnp.where(here, 1 + under[:, i], 0)
        sofar = _get(under, up)
        sibling = jnp.where(here, _get(last, up), -1)
        before = before.at[:, i].set(sofar)
        previous = previous.at[:, i].set(sibling)
        after = jnp.where(here[:, None], _put(after, sibling, jnp.broadcast_to(i, (B,))), after)
        last = jnp.where(here[:, None], _put(last, up, jnp.broadcast_to(i, (B,))), last)
        return _put(under, up, sofar + size), before, last, previous, after

    most = jnp.max(count)
    zero = jnp.zeros((B, C + 1), jnp.int32)
    under, before, _, previous, after = jax.lax.fori_loop(
        0, most, climb, (zero, zero[:, :C], none, none[:, :C], none)
    )

    def descend(k: jax.Array, position: jax.Array) -> jax.Array:
        i = most - 1 - k
        place = _get(position, above[:, i]) + 1 + before[:, i]
        return position.at[:, i].set(jnp.where(exists[:, i], place, i))

    places = jnp.concatenate([jnp.broadcast_to(index, (B, C)), none[:, :1]], axis=1)
    position = jax.lax.fori_loop(0, most, descend, places)
    number = jnp.concatenate([position[:, :C], none[:, :1]], axis=1)
    child = jnp.where(under[:, :C] > 0, number[:, :C] + 1, -1)
    around = [jnp.where(link < 0, C, link) for link in (after[:, :C], previous, parent)]
    following, preceding, outer = (jnp.take_along_axis(number, link, axis=1) for link in around)
    links = jnp.stack([following, preceding, child, outer], axis=-1)
    links = jnp.where(exists[..., None], links, -1)
    place = jnp.argsort(number[:, :C], axis=1)
    return Tree(number[:, :C], jnp.take_along_axis(links, place[..., None], axis=1))
