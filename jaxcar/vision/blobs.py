"""Blobs: what holds together in a mask, largest first, with few plain figures of each.

A blob is a component of a mask whose pixels touch sideways or diagonally. `jaxcar.vision.host` has
the same vocabulary in NumPy and OpenCV. The pixels of blobs are kept as bits (see `bits`); corners
are found by `vertices` alone, so that nobody pays for them unasked.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.vision import bits, border
from jaxcar.vision.batches import Work, in_batches
from jaxcar.vision.components import masks_of, means, measured, numbered
from jaxcar.vision.fence import in_double
from jaxcar.vision.polygon import approximate_polygon
from jaxcar.vision.shape import arc_length

# Of an outline's length: how far a corner that is left out may lie from the polygon. With 0.03
# triangles and squares of 3 pixels and more keep 3 and 4 corners however they are turned, and discs
# get 8; with 0.02 small triangles get more, with 0.04 small discs get 4.
OUTLINE_SHARE = 0.03


class Blob(NamedTuple):
    """One blob of each picture.

    Attributes:
        area: i32[...], pixels.
        box: i32[..., 4], left, top, width and height in pixels.
        centroid: f64[..., 2], the mean x and y of the pixels.
        rows: u32[..., H, N], the pixels as bits.
    """

    area: jax.Array
    box: jax.Array
    centroid: jax.Array
    rows: jax.Array


class Blobs(NamedTuple):
    """The blobs of pictures, at most C, the largest first; equal ones in OpenCV's order of labels.

    Attributes:
        count: i32[...], blobs.
        area: i32[..., C], pixels; 0 past the count.
        box: i32[..., C, 4], left, top, width and height in pixels; 0 past the count.
        centroid: f64[..., C, 2], the mean x and y of the pixels; 0 past the count.
        rows: u32[..., C, H, N], the pixels as bits; `blob_masks` unpacks them.
        overflow: bool[...], whether the mask has more than C components, small ones included. Then
            nothing else of the picture is to be used.
    """

    count: jax.Array  # type: ignore[assignment]
    area: jax.Array
    box: jax.Array
    centroid: jax.Array
    rows: jax.Array
    overflow: jax.Array


def blobs(picture: jax.Array, min_area: Any = 1, *, most: int = 32) -> Blobs:
    """Find the blobs of masks: areas, boxes and centroids are those of OpenCV's components.

    Source: `connected_components`, connectivity 8.

    Args:
        picture: u8[..., H, W] or bool[..., H, W]; what is not 0 is foreground.
        min_area: pixels; smaller blobs are left out. A number, or [...].
        most: C, the most components of a picture.

    Returns:
        The blobs; where a picture has more than C components, its `overflow` is set.

    Example:
        >>> mask = jnp.zeros((6, 8), bool).at[1:3, 1:4].set(True).at[4, 6].set(True)
        >>> found = blobs(mask, min_area=2)
        >>> int(found.count), int(found.area[0]), found.box[0].tolist(), found.centroid[0].tolist()
        (1, 6, [1, 1, 3, 2], [2.0, 1.5])
    """
    found = in_batches(_finder(most), picture != 0)
    kept = (found.area > 0) & (found.area >= jnp.asarray(min_area)[..., None])

    def only_kept(values: jax.Array) -> jax.Array:
        there = kept.reshape(*kept.shape, *(1,) * (values.ndim - kept.ndim))
        return jnp.where(there, values, jnp.zeros_like(values))

    count = jnp.sum(kept, axis=-1, dtype=jnp.int32)
    area, box, centroid, rows = map(only_kept, found[1:5])
    return Blobs(count, area, box, centroid, rows, found.overflow)


@functools.cache
def _finder(most: int) -> Work:
    return Work("blobs", functools.partial(_find, most=most), (2,))


def _find(mask: jax.Array, most: int) -> Blobs:
    """Find the blobs of a batch, bool[B, H, W]."""
    width = mask.shape[2]
    found = numbered(mask, 8, most)
    counts = jax.tree.map(lambda table: table[:, 1 : most + 1], measured(found, width, most))
    exists = jnp.arange(most, dtype=jnp.int32) < found.count[:, None]
    # How many come before each: those that are larger, and of equal ones those of a lower label.
    area, block = jnp.where(exists, counts.area, 0), counts.block
    larger = area[:, None, :] > area[:, :, None]
    level = area[:, None, :] == area[:, :, None]
    before = larger | (level & (block[:, None, :] < block[:, :, None]))
    rank = jnp.sum(before & exists[:, None, :], axis=-1, dtype=jnp.int32)
    rank = jnp.where(exists, rank, jnp.arange(most, dtype=jnp.int32))
    place = jnp.arange(most, dtype=jnp.int32)
    order = jax.lax.argmax(rank[:, None, :] == place[:, None], 2, jnp.int32)

    def in_order(table: jax.Array) -> jax.Array:
        chosen = order.reshape(*order.shape, *(1,) * (table.ndim - 2))
        there = exists.reshape(*exists.shape, *(1,) * (table.ndim - 2))
        return jnp.where(there, jnp.take_along_axis(table, chosen, axis=1), 0)

    area, sums = in_order(counts.area), in_order(counts.sums)
    centroid = means(sums, area[..., None], exists[..., None])
    rows = jnp.where(exists[..., None, None], masks_of(found, order + 1, width), jnp.uint32(0))
    return Blobs(found.count, area, in_order(counts.box), centroid, rows, found.many)


def largest(found: Blobs) -> tuple[Blob, jax.Array]:
    """Return the largest blob of each picture, and whether it has one: bool[...].

    Example:
        >>> blob, there = largest(blobs(jnp.eye(3, dtype=bool)))
        >>> int(blob.area), bool(there)
        (3, True)
    """
    axis = found.count.ndim
    return Blob(*(jnp.take(part, 0, axis=axis) for part in found[1:5])), found.count > 0


def blob_masks(rows: jax.Array, width: int) -> jax.Array:
    """Return the pixels of blobs as masks: u32[..., H, N] to bool[..., H, W].

    Args:
        rows: of `Blobs`.
        width: W, of the picture.

    Example:
        >>> found = blobs(jnp.eye(3, dtype=bool), most=1)
        >>> blob_masks(found.rows, 3)[0].astype(int).tolist()
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    """
    *front, H, N = rows.shape
    return bits.unpack(rows.reshape(-1, H, N), width).reshape(*front, H, width)


def vertices(picture: jax.Array, found: Blobs, *, points: int = 256) -> jax.Array:
    """Count the corners of blobs' outlines: 3 for a triangle, 4 for a square, 8 for most discs.

    It is the number of points of `cv2.approxPolyDP(outline, 0.03 * length, True)`, where the
    outline is the outer border of the blob alone and the length is its `cv2.arcLength`: exact.

    Args:
        picture: what the blobs were found in.
        found: its blobs.
        points: the most points of an outline, as `cv2.CHAIN_APPROX_SIMPLE` keeps them.

    Returns:
        i32[..., C]: 0 past the count, -1 where an outline has more points than there may be.

    Example:
        >>> square = jnp.zeros((9, 9), bool).at[1:8, 1:8].set(True)
        >>> int(vertices(square, blobs(square))[0])
        4
    """
    work = _corner_counter(points)
    return in_batches(work, picture != 0, found.rows, found.box, found.count)


@functools.cache
def _corner_counter(points: int) -> Work:
    return Work("vertices", functools.partial(_corners, points), (2, 3, 2, 0), spared=3)


def _corners(
    points: int, mask: jax.Array, rows: jax.Array, box: jax.Array, count: jax.Array
) -> jax.Array:
    """Count the corners of a batch's blobs, i32[B, C]."""
    (B, C, H, _), width = rows.shape, mask.shape[2]
    field = border.field(mask)
    until = jnp.cumsum(count, dtype=jnp.int32)
    # An outline begins at the first pixel of the topmost row.
    top = box[..., 1]
    line = jnp.take_along_axis(rows, (H - 1 - top)[..., None, None], axis=2)[:, :, 0]
    left = width - 1 - bits.ends(line)[1]

    def load(number: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array]:
        frame = jnp.searchsorted(until, number, side="right").astype(jnp.int32)
        frame = jnp.minimum(frame, B - 1)
        blob = jnp.clip(number - (until - count)[frame], 0, C - 1)
        y, x = top[frame, blob], left[frame, blob]
        state = border.first_state(field, field.position(frame, y, x), jnp.int32(border.LEFT))
        return state, y, x, frame * C + blob

    outlines, lengths = border.write(field, load, until[-1], max(32, B), (B * C, points), True)
    long = lengths > points
    lengths = jnp.where(long, 0, lengths)
    corners = approximate_polygon(
        outlines, lengths, _epsilon(arc_length(outlines, lengths))
    ).lengths
    return jnp.where(long, -1, corners).reshape(B, C)


@in_double
def _epsilon(length: jax.Array) -> jax.Array:
    return OUTLINE_SHARE * length
