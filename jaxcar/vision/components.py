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


class _Counts(NamedTuple):
    box: jax.Array  # i32[B, K, 4]
    area: jax.Array  # i32[B, K]
    sums: jax.Array  # i32[B, K, 2], of x and of y
    block: jax.Array  # i32[B, K], the first pair of rows and columns in raster order


def _ones(words: jax.Array) -> jax.Array:
    return jax.lax.population_count(words).astype(jnp.int32)


def _first(flags: jax.Array) -> jax.Array:
    return jnp.argmax(flags, axis=-1).astype(jnp.int32)


def _count(masks: jax.Array, width: int) -> _Counts:
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

    def ends(words: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Return the lowest and the highest bit of rows u32[..., N]."""
        low = jnp.full(words.shape[:-1], 1 << 20, jnp.int32)
        high = jnp.full(words.shape[:-1], -1, jnp.int32)
        for i in range(N):
            word = words[..., i]
            some = word != 0
            first = i * 32 + _ones((word & (~word + 1)) - 1)
            last = i * 32 + 31 - jax.lax.clz(word).astype(jnp.int32)
            low = jnp.where(some, jnp.minimum(low, first), low)
            high = jnp.where(some, last, high)
        return low, high

    low, high = ends(jax.lax.reduce(masks, np.uint32(0), jax.lax.bitwise_or, (2,)))
    filled = by_row > 0
    bottom, top = H - 1 - _first(filled), _first(filled[..., ::-1])
    left, right = width - 1 - high, width - 1 - low
    box = jnp.stack([left, top, right - left + 1, bottom - top + 1], axis=-1)
    # OpenCV scans 8-connected components by squares of 2x2 pixels.
    even = top & ~1
    lines = [jnp.clip(H - 1 - even, 0, H - 1), jnp.clip(H - 2 - even, 0, H - 1)]
    pair = [jnp.take_along_axis(masks, line[..., None, None], axis=2)[:, :, 0] for line in lines]
    _, leftmost = ends(pair[0] | pair[1])
    block = (even >> 1) * (width + 1) + ((width - 1 - leftmost) >> 1)
    return _Counts(box, area, jnp.stack([x_sum, y_sum], axis=-1), block)


def _label(mask: jax.Array, connectivity: int, components: int) -> Components:
    """Label a batch, bool[B, H, W]."""
    B, H, W = mask.shape
    rows = bits.pack(mask)
    seeds, count, many = _seeds(mask, rows, connectivity, components)
    D = seeds.shape[0]
    region = jnp.broadcast_to(rows, seeds.shape).reshape(D * B, H, -1)
    digits = bits.fill(seeds.reshape(region.shape), region, connectivity).reshape(seeds.shape)
    # Labels are looked at in groups, and no group past the last label of any picture.
    groups = -(-(components + 1) // _GROUP)
    used = (jnp.max(count) + _GROUP) // _GROUP
    number = jnp.arange(groups * _GROUP, dtype=jnp.int32)

    def masks(group: jax.Array) -> jax.Array:
        own = group * _GROUP + jnp.arange(_GROUP, dtype=jnp.int32)
        found = jnp.where(own[:, None, None] > 0, rows[:, None], bits.inside(W))
        for digit in range(D):
            has = (own >> digit & 1)[:, None, None] != 0
            found &= jnp.where(has, digits[digit][:, None], ~digits[digit][:, None])
        return found

    def count_group(group: jax.Array, tables: _Counts) -> _Counts:
        new = _count(masks(group), W)
        put = functools.partial(jax.lax.dynamic_update_slice_in_dim, axis=1)
        return jax.tree.map(lambda table, part: put(table, part, group * _GROUP), tables, new)

    shapes = jax.eval_shape(lambda: _count(masks(jnp.int32(0)), W))
    tables = jax.tree.map(
        lambda leaf: jnp.zeros((B, number.size, *leaf.shape[2:]), leaf.dtype), shapes
    )
    counts = jax.lax.fori_loop(0, used, count_group, tables)
    exists = number <= count[:, None]
    # Numbers were given in the reverse of raster order.
    key = counts.block if connectivity == 8 else count[:, None] - number
    key = jnp.where(number == 0, -1, jnp.where(exists, key, jnp.iinfo(jnp.int32).max))
    order = jnp.argsort(key, axis=1)
    rank = jnp.where(exists & (number > 0), jnp.argsort(order, axis=1), 0)

    def paint_group(group: jax.Array, planes: jax.Array) -> jax.Array:
        found = masks(group)
        own = jax.lax.dynamic_slice_in_dim(rank, group * _GROUP, _GROUP, axis=1)
        has = (own >> jnp.arange(D, dtype=own.dtype)[:, None, None]) & 1 != 0
        part = jnp.where(has[..., None, None], found, jnp.uint32(0))
        return planes | jax.lax.reduce(part, np.uint32(0), jax.lax.bitwise_or, (2,))

    planes = jax.lax.fori_loop(0, used, paint_group, jnp.zeros_like(digits))
    labels = jnp.zeros((B, H, W), jnp.int32)
    for digit in range(D):
        labels += bits.unpack(planes[digit], W).astype(jnp.int32) << digit
    exists, order = exists[:, : components + 1], order[:, : components + 1]

    def sorted_by_label(table: jax.Array) -> jax.Array:
        return jnp.where(exists[..., None], jnp.take_along_axis(table, order[..., None], axis=1), 0)

    stats = sorted_by_label(jnp.concatenate([counts.box, counts.area[..., None]], axis=-1))
    centroids = _means(sorted_by_label(counts.sums), stats[..., 4:], exists[..., None])
    nothing = (stats[..., 4:] == 0) & exists[..., None]
    stats = jnp.where(nothing, np.array(_NOTHING, np.int32), stats)
    return Components(count + 1, labels, stats, centroids, many)


@in_double
def _means(sums: jax.Array, area: jax.Array, exists: jax.Array) -> jax.Array:
    wide = sums.astype(jnp.float64)
    means = rounded_quotient(wide, jnp.broadcast_to(area.astype(jnp.float64), wide.shape))
    return jnp.where(exists, means, 0.0)
