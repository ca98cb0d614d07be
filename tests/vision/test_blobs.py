"""Blobs and what is asked of them: as `jaxcar.vision.host` says in NumPy and OpenCV."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from masks import random_masks, real_masks
from vision_frames import frames

from jaxcar import vision
from jaxcar.errors import JaxcarError
from jaxcar.vision import host

MOST, POINTS = 48, 64


def look(masks, min_area=2):
    found = vision.blobs(masks, min_area, most=MOST)
    pixels = vision.blob_masks(found.rows, masks.shape[-1])
    return found, pixels, vision.vertices(masks, found, points=POINTS)


def some_masks(count, H, W, seed=0):
    return np.concatenate([real_masks(count, H, W, seed), random_masks(count // 2, H, W, seed)])


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("shape", [(33, 47), (16, 16)])
def test_blobs(shape, wide):
    masks = some_masks(500, *shape, seed=wide)
    with jax.enable_x64(wide):
        found, pixels, corners = jax.tree.map(np.asarray, jax.jit(look)(masks))
    assert found.overflow.sum() < 100
    long = 0
    for b, mask in enumerate(masks):
        theirs = host.blobs(mask, 2)
        assert found.overflow[b] == (len(host.blobs(mask)) > MOST)
        if found.overflow[b]:
            continue
        count = len(theirs)
        assert found.count[b] == count
        for i, blob in enumerate(theirs):
            ours = (found.area[b, i], tuple(found.box[b, i]), tuple(found.centroid[b, i]))
            assert ours == (blob.area, blob.box, blob.centroid)
            np.testing.assert_array_equal(pixels[b, i], blob.mask)
            assert corners[b, i] in (blob.vertices, -1)
            long += corners[b, i] == -1
        assert not found.area[b, count:].any() and not found.box[b, count:].any()
        assert not found.centroid[b, count:].any() and not pixels[b, count:].any()
        assert not corners[b, count:].any()
    assert 0 < long < 200


def test_batches_of_batches():
    masks = real_masks(12, 16, 16)
    flat = jax.jit(look)(masks)
    nested = jax.jit(jax.vmap(jax.vmap(look)))(masks.reshape(3, 4, 16, 16))
    for a, b in zip(jax.tree.leaves(flat), jax.tree.leaves(nested), strict=True):
        np.testing.assert_array_equal(a, b.reshape(a.shape))


def test_the_smallest_area_may_differ_between_pictures():
    masks = real_masks(30, 16, 16, seed=3)
    least = np.arange(30) * 0.75
    found = jax.jit(vision.blobs)(masks, least)
    wanted = [len(host.blobs(mask, area)) for mask, area in zip(masks, least, strict=True)]
    assert found.count.tolist() == wanted
    blob, there = vision.largest(found)
    areas = [getattr(host.largest(host.blobs(*x)), "area", 0) for x in zip(masks, least)]  # noqa: B905
    assert blob.area.tolist() == areas and there.tolist() == [area > 0 for area in areas]


def test_what_nobody_asks_for_is_not_compiled():
    """Corners and pixels are dropped where their results are."""
    masks = real_masks(4, 16, 16)

    def count(masks):
        found, _, _ = look(masks)
        return found.count

    plain = jax.jit(lambda masks: vision.blobs(masks, 2, most=MOST).count)
    sizes = [jax.jit(f).lower(masks).compile().cost_analysis()["flops"] for f in (count, plain)]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("gap", [0, 1, 2, 5, 40])
def test_touching(gap):
    masks = some_masks(300, 20, 37)
    masks[::4] &= masks[1::4][: len(masks[::4])]
    others = np.roll(masks, 5, axis=0)
    others[::3, :, ::2] = 0
    ours = jax.jit(vision.touching, static_argnums=2)(masks, others, gap)
    wanted = [host.touching(a, b, gap) for a, b in zip(masks, others, strict=True)]
    assert ours.tolist() == wanted and 0 < sum(wanted) < len(wanted)


def test_places():
    rng = np.random.default_rng(0)
    boxes = rng.integers(0, 9, (2, 1000, 4))
    halves = rng.integers(0, 18, (1000, 4)) / 2
    points = rng.random((2, 1000, 2)) * 40
    points[1, ::7] = points[0, ::7] + [3, 4]
    inside, distance, moved = map(jax.jit, (vision.inside, vision.distance, vision.moved))
    for a, b in ((boxes[0], boxes[1]), (halves, boxes[1]), (boxes[0], halves)):
        assert inside(a, b).tolist() == [host.inside(*pair) for pair in zip(a, b, strict=True)]
    with jax.enable_x64(True):
        ours, far = distance(*points), moved(*points, 5)
    pairs = list(zip(*points.tolist(), strict=True))
    assert ours.tolist() == [host.distance(*pair) for pair in pairs]
    assert far.tolist() == [host.moved(*pair, 5) for pair in pairs]


def test_fractions():
    masks = some_masks(300, 13, 21)
    boxes = np.random.default_rng(1).integers(-3, 24, (len(masks), 4)) / 2
    regions = np.roll(masks, 1, axis=0) > 0

    def within(mask, box):
        return vision.fraction(mask, vision.box_region(box, 13, 21))

    whole = jax.jit(vision.fraction)
    assert whole(masks).tolist() == [host.fraction(mask) for mask in masks]
    pairs = list(zip(masks, regions, strict=True))
    assert whole(masks, regions).tolist() == [host.fraction(*pair) for pair in pairs]
    with jax.enable_x64(True):
        ours = jax.jit(within)(masks, boxes)
    assert ours.tolist() == [host.fraction(*pair) for pair in zip(masks, boxes, strict=True)]


@pytest.mark.parametrize("shape", [(16, 16), (33, 47)])
@pytest.mark.parametrize(("rows", "columns"), [(4, 8), (1, 1), (5, 3), (16, 16)])
def test_tiles(shape, rows, columns):
    pictures = frames(*shape, count=300)
    for batch in (pictures, pictures[..., 0] > 100, (pictures[..., 1] > 200).astype(np.uint8)):
        ours = jax.jit(vision.tiles, static_argnums=(1, 2))(batch, rows, columns)
        wanted = np.stack([host.tiles(picture, rows, columns) for picture in batch])
        assert ours.dtype == wanted.dtype
        np.testing.assert_array_equal(ours, wanted)


def test_arguments_that_are_wrong():
    mask = np.zeros((4, 6), np.uint8)
    for wrong in (mask[..., None], mask.astype(int), mask[:0], None):
        with pytest.raises(ValueError, match="expected a mask"):
            host.blobs(wrong)
    with pytest.raises(ValueError, match="expected one size"):
        host.touching(mask, mask[1:])
    with pytest.raises(ValueError, match="gap -1"):
        host.touching(mask, mask, -1)
    with pytest.raises(ValueError, match="a point"):
        host.distance((1, 2, 3), (4, 5))
    with pytest.raises(ValueError, match="5 rows of 4 pixels"):
        host.tiles(mask, 5, 1)
    with pytest.raises(JaxcarError, match="gap -1"):
        vision.touching(jnp.asarray(mask), jnp.asarray(mask), -1)
    with pytest.raises(JaxcarError, match="tiles"):
        vision.tiles(jnp.asarray(mask), 0, 3)


def test_a_blob_is_a_value():
    mask = np.zeros((6, 6), np.uint8)
    mask[1:3, 1:3] = 1
    blob, same = host.blobs(mask)[0], host.blobs(mask > 0)[0]
    assert blob == same and hash(blob) == hash(same) and blob != host.blobs(mask[1:])[0]
    with pytest.raises(ValueError, match="read-only"):
        blob.mask[0] = True
