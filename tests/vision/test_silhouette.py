"""Contours and polygons drawn, pixel by pixel as OpenCV draws them."""

import functools

import cv2
import jax
import numpy as np
import pytest
from masks import random_masks, real_masks

from jaxcar import vision

SIZE = (37, 44)
COUNT = 1500


def polygons(seed=0, corners=8, size=SIZE):
    """Three polygons of up to so many corners for each of many pictures; some are empty."""
    rng = np.random.default_rng(seed)
    points = rng.integers(0, size[::-1], (COUNT, 3, corners, 2)).astype(np.int32)
    return points, rng.integers(0, corners + 1, (COUNT, 3)).astype(np.int32)


def drawn(draw, points, lengths, size=SIZE):
    """Let OpenCV draw the polygons of each picture on a blank one."""
    pictures = np.zeros((len(points), *size), np.uint8)
    for picture, corners, counts in zip(pictures, points, lengths, strict=True):
        shapes = [c[:n, None] for c, n in zip(corners, counts, strict=True) if n]
        if shapes:
            draw(picture, shapes)
    return pictures.astype(bool)


DRAW = {
    "drawContours filled": (lambda x, c: cv2.drawContours(x, c, -1, 1, -1), {}),
    "drawContours": (lambda x, c: cv2.drawContours(x, c, -1, 1, 1), {"filled": False}),
    "fillPoly": (lambda x, c: cv2.fillPoly(x, c, 1), {}),
    "polylines": (lambda x, c: cv2.polylines(x, c, True, 1), {"filled": False}),
    "polylines open": (
        lambda x, c: cv2.polylines(x, c, False, 1),
        {"filled": False, "closed": False},
    ),
}


@pytest.mark.parametrize("name", DRAW)
def test_polygons(name):
    draw, options = DRAW[name]
    points, lengths = polygons()
    found, outside = jax.jit(lambda p, n: vision.polygons(SIZE, p, n, **options))(points, lengths)
    np.testing.assert_array_equal(found, drawn(draw, points, lengths))
    assert not outside.any()


@pytest.mark.parametrize("size", [(3, 511), (512, 40), (5, 1030), (600, 33)])
def test_polygons_of_long_pictures(size):
    points, lengths = (part[:200] for part in polygons(1, 4, size))
    wanted = drawn(lambda x, c: cv2.fillPoly(x, c, 1), points, lengths, size)
    found, _ = jax.jit(lambda p, n: vision.polygons(size, p, n))(points, lengths)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("mode", ["external", "list", "tree"])
@pytest.mark.parametrize("make", [random_masks, real_masks])
def test_contours_of_masks(mode, make):
    masks = make(1000, *SIZE)

    @jax.jit
    def redraw(masks):
        found = vision.find_contours(masks, mode, contours=128, points=256)
        pixels, outside = vision.polygons(SIZE, found.points, found.lengths)
        one, _ = vision.polygons(SIZE, found.points[:, 1:2], found.lengths[:, 1:2])
        return pixels, one, outside | found.overflow

    code = getattr(cv2, f"RETR_{mode.upper()}")
    pixels, one, beyond = jax.tree.map(np.asarray, redraw(masks))
    for mask, ours, second, wrong in zip(masks, pixels, one, beyond, strict=True):
        contours, _ = cv2.findContours(mask, code, cv2.CHAIN_APPROX_SIMPLE)
        assert wrong == (len(contours) > 128 or max(map(len, contours), default=0) > 256)
        if wrong:
            continue
        theirs = cv2.drawContours(np.zeros_like(mask), contours, -1, 1, cv2.FILLED)
        np.testing.assert_array_equal(ours, theirs)
        if len(contours) > 1:
            theirs = cv2.drawContours(np.zeros_like(mask), contours, 1, 1, cv2.FILLED)
            np.testing.assert_array_equal(second, theirs)


def test_batches_of_batches():
    points, lengths = polygons()
    points, lengths = points[:12].reshape(3, 4, 3, 8, 2), lengths[:12].reshape(3, 4, 3)
    draw = functools.partial(vision.polygons, SIZE)
    flat = jax.jit(draw)(points, lengths)
    nested = jax.jit(jax.vmap(jax.vmap(draw)))(points, lengths)
    np.testing.assert_array_equal(flat[0], nested[0])
    half = jax.jit(jax.vmap(jax.vmap(draw, (None, 0)), (None, 0)))(points[0, 0], lengths)
    alone = jax.jit(draw)(np.broadcast_to(points[0, 0], points.shape), lengths)
    np.testing.assert_array_equal(half[0], alone[0])


def test_corners_outside():
    points = np.array([[[[0, 0], [3, 0], [3, SIZE[0]]]], [[[1, 1], [5, 5], [-1, 3]]]], np.int32)
    assert vision.polygons(SIZE, points, np.full((2, 1), 3))[1].all()
    assert not vision.polygons(SIZE, points, np.full((2, 1), 2))[1].any()
