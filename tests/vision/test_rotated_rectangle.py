"""Rectangles turned around contours, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from masks import random_masks, real_masks
from vision_cases.inputs import contours_of

from jaxcar import vision

SHAPES = [(33, 47), (64, 64)]
FIND = jax.jit(vision.min_area_rectangle)


def of_opencv(found):
    return np.array([(*c, *s, a) for c, s, a in map(cv2.minAreaRect, found)], np.float32)


@pytest.mark.parametrize("shape", SHAPES)
def test_rectangles(shape):
    masks = np.concatenate([real_masks(600, *shape, seed=2), random_masks(600, *shape, seed=2)])
    points, lengths, found = contours_of(masks)
    ours = np.stack(FIND(points, lengths), axis=-1)
    np.testing.assert_array_equal(ours, of_opencv(found))


@pytest.mark.parametrize("corners", [1, 2, 3, 4, 5, 30])
@pytest.mark.parametrize("reach", [6, 12, 64, 512])
def test_random_points(corners, reach):
    rng = np.random.default_rng([corners, reach])
    places = [rng.choice(reach * reach, corners, replace=False) for _ in range(1500)]
    points = np.stack(np.divmod(places, reach), axis=-1).astype(np.int32)
    ours = np.stack(FIND(points, np.full(1500, corners)), axis=-1)
    np.testing.assert_array_equal(ours, of_opencv(list(points)))


def test_corners():
    rng = np.random.default_rng(0)
    x, y, width, height = rng.uniform(-3, 60, (4, 2000)).astype(np.float32)
    angle = rng.uniform(-180, 400, 2000).astype(np.float32)
    angle[:600] = rng.integers(-4, 5, 600) * 22.5
    ours = jax.jit(vision.rectangle_corners)(vision.RotatedRectangle(x, y, width, height, angle))
    rows = zip(x, y, width, height, angle, strict=True)
    theirs = [cv2.boxPoints(((a, b), (c, d), e)) for a, b, c, d, e in rows]
    np.testing.assert_array_equal(ours, np.stack(theirs))


def test_batches_of_batches():
    points, lengths, _ = contours_of(real_masks(40, 33, 47, seed=2))
    points, lengths = points[:12].reshape(3, 4, -1, 2), lengths[:12].reshape(3, 4)
    flat = FIND(points, lengths)
    nested = jax.jit(jax.vmap(jax.vmap(vision.min_area_rectangle)))(points, lengths)
    for a, b in zip(flat, nested, strict=True):
        np.testing.assert_array_equal(a, b)
