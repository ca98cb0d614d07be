"""Where blobs are, and how they lie to each other: inside, touching, how far, how far moved.

Boxes are left, top, width and height in pixels; points are x and y. `jaxcar.vision.host` has the
same functions in plain Python.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError
from jaxcar.vision import bits
from jaxcar.vision.fence import in_double, rounded_product


@in_double
def inside(inner: jax.Array, outer: jax.Array) -> jax.Array:
    """Tell whether boxes lie within others; edges may meet.

    Args:
        inner: [..., 4], numbers; a pixel's box has width and height 1.
        outer: [..., 4], broadcast with it.

    Returns:
        bool[...].

    Example:
        >>> bool(inside(jnp.array([2, 2, 3, 3]), jnp.array([0, 0, 8, 8])))
        True
    """
    (x, y, width, height), (left, top, wide, high) = _sides(inner), _sides(outer)
    across = (left <= x) & (x + width <= left + wide)
    return across & (top <= y) & (y + height <= top + high)


def _sides(box: Any) -> list[jax.Array]:
    box = jnp.asarray(box).astype(jnp.float64)
    return [box[..., side] for side in range(4)]


@in_double
def distance(a: jax.Array, b: jax.Array) -> jax.Array:
    """Measure how far points are apart, in pixels: the root of the summed squares, each rounded.

    Args:
        a: [..., 2], x and y.
        b: [..., 2], broadcast with it.

    Returns:
        f64[...].

    Example:
        >>> float(distance(jnp.array([0.0, 0.0]), jnp.array([3.0, 4.0])))
        5.0
    """
    apart = jnp.asarray(a).astype(jnp.float64) - jnp.asarray(b).astype(jnp.float64)
    squares = rounded_product(apart, apart)
    return jnp.sqrt(squares[..., 0] + squares[..., 1])


@in_double
def moved(before: jax.Array, after: jax.Array, pixels: Any = 1) -> jax.Array:
    """Tell whether points are more than so many pixels apart.

    Args:
        before: [..., 2], x and y.
        after: [..., 2], broadcast with it.
        pixels: a number, or [...].

    Returns:
        bool[...].

    Example:
        >>> bool(moved(jnp.array([0.0, 0.0]), jnp.array([0.0, 4.0]), pixels=3))
        True
    """
    return distance(before, after) > pixels


def touching(a: jax.Array, b: jax.Array, gap: int = 1) -> jax.Array:
    """Tell whether masks come within a distance, counted sideways or diagonally.

    Args:
        a: u8[..., H, W] or bool[..., H, W].
        b: the same shape.
        gap: pixels: 0 asks for a common pixel, 1 for neighbours, 2 for one pixel in between.

    Returns:
        bool[...].

    Raises:
        JaxcarError: where the shapes differ, or the gap is negative.

    Example:
        >>> mask = jnp.zeros((4, 6), bool)
        >>> bool(touching(mask.at[1, 1].set(True), mask.at[2, 2].set(True)))
        True
    """
    if a.shape != b.shape or gap < 0:
        raise JaxcarError(
            f"touching: {a.shape}, {b.shape}, gap {gap}; expected one shape, 0 or more"
        )
    return rows_touch(mask_rows(a), mask_rows(b), gap)


def mask_rows(mask: jax.Array) -> jax.Array:
    """Return masks as bits, as `Blobs.rows` are: [..., H, W] to u32[..., H, N]."""
    *front, H, W = mask.shape
    rows = bits.pack((mask != 0).reshape(-1, H, W))
    return rows.reshape(*front, *rows.shape[1:])


def rows_touch(a: jax.Array, b: jax.Array, gap: int) -> jax.Array:
    """Tell whether masks come within a distance, as `touching`, u32[..., H, N] of `bits.pack`."""
    size = max(a.shape[-2], a.shape[-1] * bits.WORD)

    def wider(_: Any, rows: jax.Array) -> jax.Array:
        rows = rows | bits.leftward(rows) | bits.rightward(rows)
        edge = jnp.zeros_like(rows[..., :1, :])
        above = jnp.concatenate([rows[..., 1:, :], edge], axis=-2)
        below = jnp.concatenate([edge, rows[..., :-1, :]], axis=-2)
        return rows | above | below

    reach = jax.lax.fori_loop(0, min(gap, size), wider, a)
    return jnp.any(reach & b != 0, axis=(-2, -1))
