"""Shares of masks and means of frames, as a whole, in a region and tile by tile."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.vision.fence import in_double, rounded_quotient


@in_double
def fraction(mask: jax.Array, region: jax.Array | None = None) -> jax.Array:
    """Return the share of a region's pixels that are set, correctly rounded; of no pixel it is 0.

    Args:
        mask: u8[..., H, W] or bool[..., H, W]; what is not 0 counts.
        region: bool[..., H, W], where to look; everywhere by default. `box_region` makes one.

    Returns:
        f64[...], from 0 to 1.

    Example:
        >>> float(fraction(jnp.array([[1, 0], [0, 0]])))
        0.25
    """
    region = jnp.ones_like(mask, bool) if region is None else region
    there = jnp.sum(region, axis=(-2, -1), dtype=jnp.int32)
    count = jnp.sum(region & (mask != 0), axis=(-2, -1), dtype=jnp.int32)
    share = rounded_quotient(*(n.astype(jnp.float64) for n in (count, jnp.maximum(there, 1))))
    return jnp.where(there > 0, share, 0.0)


@in_double
def box_region(box: Any, height: int, width: int) -> jax.Array:
    """Return the pixels in boxes of left, top, width and height: [..., 4] to bool[..., H, W].

    Example:
        >>> box_region(jnp.array([1, 0, 2, 1]), 2, 4).astype(int).tolist()
        [[0, 1, 1, 0], [0, 0, 0, 0]]
    """
    box = jnp.asarray(box).astype(jnp.float64)
    x, y, wide, high = (box[..., side, None] for side in range(4))
    columns, rows = (jnp.arange(size, dtype=jnp.float64) for size in (width, height))
    across = (columns >= x) & (columns < x + wide)
    down = (rows >= y) & (rows < y + high)
    return down[..., :, None] & across[..., None, :]


@in_double
def tiles(picture: jax.Array, rows: int, columns: int) -> jax.Array:
    """Return the mean of each tile: the colour of a frame, or the share of a mask that is set.

    Tile r of R begins at row r * H // R, and likewise across. Means are correctly rounded.

    Args:
        picture: u8[..., H, W, 3], a frame; or u8[..., H, W] or bool[..., H, W], a mask, of which
            what is not 0 counts. An array of three axes whose last is 3 is a frame.
        rows: R, tiles from top to bottom, at most H.
        columns: how many from left to right, at most W.

    Returns:
        f64[..., R, columns, 3] from 0 to 255, or f64[..., R, columns] from 0 to 1.

    Raises:
        JaxcarError: where there are more tiles than pixels, or none.

    Example:
        >>> tiles(jnp.array([[1, 0, 0, 0], [1, 1, 0, 0]], bool), 1, 2).tolist()
        [[0.75, 0.0]]
    """
    frame = picture.ndim >= 3 and picture.shape[-1] == 3 and picture.dtype != bool
    values = picture.astype(jnp.int32) if frame else (picture != 0).astype(jnp.int32)
    down = values.ndim - 2 - frame
    height, width = values.shape[down], values.shape[down + 1]
    if not (0 < rows <= height and 0 < columns <= width):
        raise JaxcarError(f"tiles: {rows} x {columns} tiles of {height} x {width} pixels")
    sums = _banded(_banded(values, rows, down), columns, down + 1)
    sizes = np.outer(np.diff(edges(height, rows)), np.diff(edges(width, columns)))
    counts = jnp.asarray(sizes[..., None] if frame else sizes, jnp.float64)
    return rounded_quotient(sums.astype(jnp.float64), jnp.broadcast_to(counts, sums.shape))


def edges(size: int, bands: int) -> np.ndarray:
    """Return where bands begin and end: i64[bands + 1].

    Example:
        >>> edges(7, 2).tolist()
        [0, 3, 7]
    """
    return np.arange(bands + 1) * size // bands


def _banded(values: jax.Array, bands: int, axis: int) -> jax.Array:
    """Add up the bands of an axis."""
    size = values.shape[axis]
    if size % bands == 0:
        shape = (*values.shape[:axis], bands, size // bands, *values.shape[axis + 1 :])
        return jnp.sum(values.reshape(shape), axis=axis + 1, dtype=jnp.int32)
    limits = edges(size, bands)
    lengths = np.diff(limits)
    place = limits[:-1, None] + np.arange(lengths.max())
    inner = np.arange(lengths.max()) < lengths[:, None]
    parts = jnp.take(values, jnp.asarray(np.minimum(place, size - 1)), axis=axis)
    inner = inner.reshape((*inner.shape, *(1,) * (values.ndim - axis - 1)))
    return jnp.sum(jnp.where(inner, parts, 0), axis=axis + 1, dtype=jnp.int32)
