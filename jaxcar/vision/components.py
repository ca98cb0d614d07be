"""Connected components of masks, labelled in OpenCV's order, with their boxes and centroids.

Source: OpenCV 5, modules/imgproc/src/connectedcomponents.cpp. First pixels of components are found
by walking borders (see `border`). A label's binary digits are then filled from those pixels, one
digit for the whole picture at a time, 32 pixels in a word; every figure is counted from such words.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.vision import bits, border
from jaxcar.vision.batches import Work, in_batches
from jaxcar.vision.contours import confirm
from jaxcar.vision.fence import in_double, rounded_quotient

_GROUP = 8  # labels
# OpenCV's box of a background that has no pixel.
_NOTHING = (-1, 2**31 - 1, 0, 0, 0)


class Components(NamedTuple):
    """Connected components of pictures, at most C besides the background.

    Attributes:
        count: i32[...], labels, the background's 0 among them.
        labels: i32[..., H, W].
        stats: i32[..., C + 1, 5], left, top, width, height and area by label; 0 past the count.
        centroids: f64[..., C + 1, 2], x and y by label; 0 past the count.
        overflow: bool[...], whether there are more than C components. Then nothing else of the
            picture is to be used.
    """

    count: jax.Array  # type: ignore[assignment]
    labels: jax.Array
    stats: jax.Array
    centroids: jax.Array
    overflow: jax.Array


def connected_components(
    picture: jax.Array, connectivity: int = 8, *, components: int = 32
) -> Components:
    """Label as `cv2.connectedComponentsWithStats` does: exact, the labels' order too.

    Args:
        picture: u8[..., H, W] or bool[..., H, W]; what is not 0 is foreground.
        connectivity: 4 or 8.
        components: C, the most components of a picture, without the background.

    Returns:
        The components; where a picture has more than C, its `overflow` is set.

    Raises:
        JaxcarError: where the connectivity is neither 4 nor 8.

    Example:
        >>> found = connected_components(jnp.eye(3, dtype=jnp.uint8), 4, components=4)
        >>> int(found.count), found.labels.tolist()
        (4, [[1, 0, 0], [0, 2, 0], [0, 0, 3]])
    """
    if connectivity not in (4, 8):
        raise JaxcarError(f"connected_components: connectivity {connectivity}; expected 4 or 8")
    return in_batches(_labeller(connectivity, components), picture != 0)


@functools.cache
def _labeller(connectivity: int, components: int) -> Work:
    label = functools.partial(_label, connectivity=connectivity, components=components)
    return Work("connected_components", label, (2,))


def _seeds(
    mask: jax.Array, rows: jax.Array, connectivity: int, components: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Find the first pixels of components in raster order.

    Returns:
        Their bits by binary digit of a number from 1 upwards, u32[D, B, H, N]; how many there are,
        i32[B]; and where there are too many, bool[B], for which there are no bits.
    """
    B, H, N = rows.shape
    above = jnp.pad(rows[:, 1:], ((0, 0), (0, 1), (0, 0)))
    near = above
    if connectivity == 8:
        near |= bits.leftward(above) | bits.rightward(above)
    starts = bits.untouched_runs(rows, rows & near)
    field = border.field(mask, connectivity)
    marks = confirm(field, rows, starts, max(32, B))
    count = jnp.sum(jax.lax.population_count(marks).astype(jnp.int32), axis=(1, 2))
    many = count > components
    marks = jnp.where(many[:, None, None], 0, marks)
    count = jnp.where(many, 0, count)
    where = bits.places(marks)
    until = jnp.cumsum(count, dtype=jnp.int32)
    index = jnp.arange(components, dtype=jnp.int32)
    exists = index < count[:, None]
    word, bit = bits.place(where, jnp.where(exists, (until - count)[:, None] + index, 0))
    one = jnp.where(exists, jnp.uint32(1) << bit.astype(jnp.uint32), 0)
    digits = []
    for digit in range(components.bit_length()):
        has = (index + 1) >> digit & 1
        flat = jnp.zeros(rows.size, jnp.uint32).at[word].add(one * has.astype(jnp.uint32))
        digits.append(flat.reshape(B, H, N))
    return jnp.stack(digits), count, many


class Counts(NamedTuple):
    """What is counted of the pixels with each number."""

    box: jax.Array  # i32[B, K, 4]
    area: jax.Array  # i32[B, K]
    sums: jax.Array  # i32[B, K, 2], of x and of y
    block: jax.Array  # i32[B, K], the first pair of rows and columns in raster order


def _ones(words: jax.Array) -> jax.Array:
    return jax.lax.population_count(words).astype(jnp.int32)


def _first(flags: jax.Array) -> jax.Array:
    return jnp.argmax(flags, axis=-1).astype(jnp.int32)


def _count(masks: jax.Array, width: int) -> Counts:
    """Count pixels of masks u32[B, K, H, N]."""
    H, N = masks.shape[-2:]
    by_row = jnp.sum(_ones(masks), axis=-1)
    y = H - 1 - np.arange(H, dtype=np.int32)
    area = jnp.sum(by_row, axis=-1)
    # The sum of the bits' numbers, by their binary digits.
    column = jnp.sum(jnp.sum(_ones(masks), axis=-2) * np.arange(N, dtype=np.int32) * 32, axis=-1)
    for digit in range(5):
        pattern = np.uint32(sum(1 << j for j in range(32) if j >> digit & 1))
        column += jnp.sum(_ones(masks & pattern), axis=(-2, -1)) << digit
    x_sum = (width - 1) * area - column
    y_sum = jnp.sum(by_row * y, axis=-1)

    low, high = bits.ends(jax.lax.reduce(masks, np.uint32(0), jax.lax.bitwise_or, (2,)))
    filled = by_row > 0
    bottom, top = H - 1 - _first(filled), _first(filled[..., ::-1])
    left, right = width - 1 - high, width - 1 - low
    box = jnp.stack([left, top, right - left + 1, bottom - top + 1], axis=-1)
    # OpenCV scans 8-connected components by squares of 2x2 pixels.
    even = top & ~1
    lines = [jnp.clip(H - 1 - even, 0, H - 1), jnp.clip(H - 2 - even, 0, H - 1)]
    pair = [jnp.take_along_axis(masks, line[..., None, None], axis=2)[:, :, 0] for line in lines]
    _, leftmost = bits.ends(pair[0] | pair[1])
    block = (even >> 1) * (width + 1) + ((width - 1 - leftmost) >> 1)
    return Counts(box, area, jnp.stack([x_sum, y_sum], axis=-1), block)


class Numbered(NamedTuple):
    """Components by their numbers, which count from 1 in the reverse of raster order.

    Attributes:
        rows: u32[B, H, N] of `bits.pack`.
        digits: u32[D, B, H, N], the binary digits of every pixel's number.
        count: i32[B], components; 0 where there are too many.
        many: bool[B], whether there are too many.
    """

    rows: jax.Array
    digits: jax.Array
    count: jax.Array  # type: ignore[assignment]
    many: jax.Array


def numbered(mask: jax.Array, connectivity: int, components: int) -> Numbered:
    """Number the components of a batch, bool[B, H, W]."""
    rows = bits.pack(mask)
    seeds, count, many = _seeds(mask, rows, connectivity, components)
    region = jnp.broadcast_to(rows, seeds.shape).reshape(-1, *rows.shape[1:])
    digits = bits.fill(seeds.reshape(region.shape), region, connectivity)
    return Numbered(rows, digits.reshape(seeds.shape), count, many)


def masks_of(found: Numbered, number: jax.Array, width: int) -> jax.Array:
    """Return the pixels with given numbers: i32[K] or i32[B, K] to u32[B, K, H, N]."""
    own = number[..., None, None]
    masks = jnp.where(own > 0, found.rows[:, None], bits.inside(width))
    for digit, plane in enumerate(found.digits):
        masks &= jnp.where(own >> digit & 1 != 0, plane[:, None], ~plane[:, None])
    return masks


def measured(found: Numbered, width: int, components: int) -> Counts:
    """Count the pixels with each number: tables [B, K], K at least C + 1, the background's first.

    Numbers are looked at in groups, and no group past the last number of any picture.
    """

    def look(group: jax.Array) -> Counts:
        own = group * _GROUP + jnp.arange(_GROUP, dtype=jnp.int32)
        return _count(masks_of(found, own, width), width)

    def count_group(group: jax.Array, tables: Counts) -> Counts:
        put = functools.partial(jax.lax.dynamic_update_slice_in_dim, axis=1)
        return jax.tree.map(
            lambda table, part: put(table, part, group * _GROUP), tables, look(group)
        )

    room = -(-(components + 1) // _GROUP) * _GROUP
    tables = jax.tree.map(
        lambda leaf: jnp.zeros((leaf.shape[0], room, *leaf.shape[2:]), leaf.dtype),
        jax.eval_shape(look, jnp.int32(0)),
    )
    return jax.lax.fori_loop(0, _groups_used(found), count_group, tables)


def _groups_used(found: Numbered) -> jax.Array:
    return (jnp.max(found.count) + _GROUP) // _GROUP


def _paint(found: Numbered, rank: jax.Array, width: int) -> jax.Array:
    """Return the label of every pixel, i32[B, H, W], from the rank of each number, i32[B, K]."""
    D = found.digits.shape[0]

    def paint_group(group: jax.Array, planes: jax.Array) -> jax.Array:
        own = group * _GROUP + jnp.arange(_GROUP, dtype=jnp.int32)
        label = jax.lax.dynamic_slice_in_dim(rank, group * _GROUP, _GROUP, axis=1)
        has = (label >> jnp.arange(D, dtype=label.dtype)[:, None, None]) & 1 != 0
        part = jnp.where(has[..., None, None], masks_of(found, own, width), jnp.uint32(0))
        return planes | jax.lax.reduce(part, np.uint32(0), jax.lax.bitwise_or, (2,))

    start = jnp.zeros_like(found.digits)
    planes = jax.lax.fori_loop(0, _groups_used(found), paint_group, start)
    labels = jnp.zeros((*found.rows.shape[:2], width), jnp.int32)
    for digit in range(D):
        labels += bits.unpack(planes[digit], width).astype(jnp.int32) << digit
    return labels


def _label(mask: jax.Array, connectivity: int, components: int) -> Components:
    """Label a batch, bool[B, H, W]."""
    width = mask.shape[2]
    found = numbered(mask, connectivity, components)
    counts = measured(found, width, components)
    number = jnp.arange(counts.area.shape[1], dtype=jnp.int32)
    exists = number <= found.count[:, None]
    # Numbers were given in the reverse of raster order.
    key = counts.block if connectivity == 8 else found.count[:, None] - number
    key = jnp.where(number == 0, -1, jnp.where(exists, key, jnp.iinfo(jnp.int32).max))
    order = jnp.argsort(key, axis=1)
    rank = jnp.where(exists & (number > 0), jnp.argsort(order, axis=1), 0)
    labels = _paint(found, rank, width)
    exists, order = exists[:, : components + 1], order[:, : components + 1]

    def sorted_by_label(table: jax.Array) -> jax.Array:
        return jnp.where(exists[..., None], jnp.take_along_axis(table, order[..., None], axis=1), 0)

    stats = sorted_by_label(jnp.concatenate([counts.box, counts.area[..., None]], axis=-1))
    centroids = means(sorted_by_label(counts.sums), stats[..., 4:], exists[..., None])
    nothing = (stats[..., 4:] == 0) & exists[..., None]
    stats = jnp.where(nothing, np.array(_NOTHING, np.int32), stats)
    return Components(found.count + 1, labels, stats, centroids, found.many)


@in_double
def means(sums: jax.Array, area: jax.Array, exists: jax.Array) -> jax.Array:
    """Return sums i32[...] by areas i32[...], correctly rounded, f64[...]; 0 where nothing is."""
    wide = sums.astype(jnp.float64)
    means = rounded_quotient(wide, jnp.broadcast_to(area.astype(jnp.float64), wide.shape))
    return jnp.where(exists, means, 0.0)
