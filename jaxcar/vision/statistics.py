"""Counts, means, deviations and extremes of 8-bit pictures, as OpenCV's.

Source: OpenCV 4 and 5, modules/core/src/mean.dispatch.cpp, minmax.cpp, count_non_zero.dispatch.cpp.

Columns are reduced first, in numbers as narrow as they can be, and then the row that is left: one
reduction over both axes, or a second one of the same type, would run element by element.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from jaxcar.vision.fence import rounded_product
from jaxcar.vision.masks import masked

_CHANNELS = 4  # of OpenCV's scalars
_FOLD = 8


class Extremes(NamedTuple):
    """The smallest and the greatest value of a plane, and where each is found first.

    Attributes:
        smallest: f64[...] or the plane's dtype.
        greatest: the same.
        smallest_at: i32[..., 2], column and row.
        greatest_at: i32[..., 2], column and row.
    """

    smallest: jax.Array
    greatest: jax.Array
    smallest_at: jax.Array
    greatest_at: jax.Array


def count_nonzero(picture: jax.Array) -> jax.Array:
    """Count the pixels that are not 0, as `cv2.countNonZero` does.

    Args:
        picture: u8[..., H, W], or bool.

    Returns:
        i32[...].

    Example:
        >>> int(count_nonzero(jnp.array([[0, 3, 255]], jnp.uint8)))
        2
    """
    narrow = jnp.uint8 if picture.shape[-2] < 1 << 8 else jnp.uint32
    columns = jnp.sum((picture != 0).astype(narrow), axis=-2, dtype=narrow)
    return jnp.sum(columns.astype(jnp.int32), axis=-1, dtype=jnp.int32)


def totals(picture: jax.Array) -> jax.Array:
    """Add up each channel, exactly.

    Args:
        picture: u8[..., H, W, C] of at most 2**23 pixels; one channel as u8[..., H, W, 1].

    Returns:
        i32[..., C].

    Example:
        >>> totals(jnp.array([[[255, 1], [255, 2]]], jnp.uint8)).tolist()
        [510, 3]
    """
    *batch, H, W, C = picture.shape
    part = -(-H * W // _FOLD) * C
    values = picture.reshape(*batch, H * W * C)
    values = jnp.pad(values, [(0, 0)] * len(batch) + [(0, part * _FOLD - H * W * C)])
    # A CPU vectorises sums of slices and products of matrices whatever the sizes are, reductions
    # only over some axes.
    eighths = values.reshape(*batch, _FOLD, part)
    sums = reduce(operator.add, [eighths[..., i, :].astype(jnp.uint16) for i in range(_FOLD)])
    with jax.enable_x64(True):
        exact = jnp.float32 if 255 * H * W < 1 << 24 else jnp.float64
        channels = jnp.tile(jnp.eye(C, dtype=exact), (part // C, 1))
        added = jnp.matmul(sums.astype(exact), channels, precision=lax.Precision.HIGHEST)
        return added.astype(jnp.int32)


def _totals_of_squares(picture: jax.Array) -> jax.Array:
    """Add up the squares of u8[..., H, W, C], as f64[..., C]."""
    wide = picture.astype(jnp.uint16)
    squares = wide * wide
    low, high = (squares & 255).astype(jnp.uint8), (squares >> 8).astype(jnp.uint8)
    with jax.enable_x64(True):
        return totals(low).astype(jnp.float64) + 256 * totals(high).astype(jnp.float64)


def mean(picture: jax.Array, mask: jax.Array | None = None) -> jax.Array:
    """Average the channels as `cv2.mean(picture, mask)` does: exact, in doubles.

    Args:
        picture: u8[..., H, W, C] with C <= 4; give one channel as u8[..., H, W, 1].
        mask: u8[..., H, W]; pixels where it is 0 are left out. No pixel at all: 0.

    Returns:
        f64[..., 4]: 0 for channels that the picture lacks.

    Example:
        >>> mean(jnp.array([[[1], [2]]], jnp.uint8)).tolist()
        [1.5, 0.0, 0.0, 0.0]
    """
    with jax.enable_x64(True):
        sums = totals(masked(picture, mask, channels=True)).astype(jnp.float64)
        means = sums * _one_over_count(picture, mask)
        rest = [(0, 0)] * (means.ndim - 1)
        return jnp.pad(means, [*rest, (0, _CHANNELS - means.shape[-1])])


def mean_and_deviation(
    picture: jax.Array, mask: jax.Array | None = None
) -> tuple[jax.Array, jax.Array]:
    """Average the channels as `cv2.meanStdDev(picture, mask=mask)` does: exact, in doubles.

    Args:
        picture: u8[..., H, W, C]; give one channel as u8[..., H, W, 1].
        mask: u8[..., H, W]; pixels where it is 0 are left out. No pixel at all: 0.

    Returns:
        Two f64[..., C]: the means, and the standard deviations of the whole, not of a sample.

    Example:
        >>> [float(x[0]) for x in mean_and_deviation(jnp.array([[[1], [3]]], jnp.uint8))]
        [2.0, 1.0]
    """
    picture = masked(picture, mask, channels=True)
    scale = _one_over_count(picture, mask)
    with jax.enable_x64(True):
        means = rounded_product(totals(picture).astype(jnp.float64), scale)
        squares = rounded_product(_totals_of_squares(picture), scale)
        variances = squares - rounded_product(means, means)
        return means, jnp.sqrt(jnp.maximum(variances, 0))


def _one_over_count(picture: jax.Array, mask: jax.Array | None) -> jax.Array:
    """Return one over the number of pixels that take part, 0 if none, as f64[..., 1]."""
    H, W = picture.shape[-3:-1]
    with jax.enable_x64(True):
        if mask is None:
            return jnp.full((*picture.shape[:-3], 1), 1 / (H * W), jnp.float64)
        count = count_nonzero(mask)[..., None]
        return jnp.where(count > 0, 1 / jnp.maximum(count, 1).astype(jnp.float64), 0)


def extremes(plane: jax.Array, mask: jax.Array | None = None) -> Extremes:
    """Find the extremes and where they come first, as `cv2.minMaxLoc(plane, mask)` does: exact.

    Args:
        plane: u8[..., H, W], or f32[..., H, W] or f64 without nan.
        mask: u8[..., H, W]; pixels where it is 0 are left out. No pixel at all: values 0 at
            (-1, -1).

    Returns:
        The values in the plane's dtype, and the first place of each in raster order.

    Example:
        >>> found = extremes(jnp.array([[5, 9], [9, 5]], jnp.uint8))
        >>> int(found.greatest), found.greatest_at.tolist()
        (9, [1, 0])
    """
    lowest, highest = (0, 255) if plane.dtype == jnp.uint8 else (-float("inf"), float("inf"))
    inside = jnp.bool_(True) if mask is None else mask != 0
    smallest = jnp.where(inside, plane, jnp.asarray(highest, plane.dtype)).min((-2, -1))
    greatest = jnp.where(inside, plane, jnp.asarray(lowest, plane.dtype)).max((-2, -1))
    places = [_first((plane == value[..., None, None]) & inside) for value in (smallest, greatest)]
    found = places[0][..., 0] >= 0
    nothing = jnp.zeros((), plane.dtype)
    return Extremes(
        jnp.where(found, smallest, nothing), jnp.where(found, greatest, nothing), *places
    )


def _first(there: jax.Array) -> jax.Array:
    """Return column and row of the first True in raster order, i32[..., 2]; -1 where none."""
    H, W = there.shape[-2:]
    narrow = jnp.uint8 if H < 1 << 8 else jnp.uint16
    rows = jnp.arange(H, dtype=narrow)[:, None]
    row_of_column = jnp.where(there, rows, jnp.asarray(jnp.iinfo(narrow).max, narrow)).min(-2)
    index = row_of_column.astype(jnp.int32) * W + jnp.arange(W, dtype=jnp.int32)
    first = index.min(-1)
    place = jnp.stack([first % W, first // W], axis=-1)
    return jnp.where((first < H * W)[..., None], place, -1)
