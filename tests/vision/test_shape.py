"""Measures and moments of contours and pictures, bit by bit as OpenCV's."""

import functools

import cv2
import jax
import numpy as np
import pytest
from masks import random_masks, real_masks

from jaxcar import vision

SHAPES = [(33, 47), (64, 64)]


@functools.cache
def contours(shape):
    """OpenCV's own contours of many masks, as arrays: i32[N, P, 2], i32[N], and a list."""
    masks = np.concatenate([real_masks(1000, *shape, seed=2), random_masks(1000, *shape, seed=2)])
    rng = np.random.default_rng(0)
    found = []
    for i, mask in enumerate(masks):
        every = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE + i % 2 * -1)[0]
        found += [every[j] for j in rng.permutation(len(every))[:4]]
    found = [c for c in found if len(c) <= 128]
    points = rng.integers(0, 99, (len(found), 128, 2)).astype(np.int32)
    for i, contour in enumerate(found):
        points[i, : len(contour)] = contour[:, 0]
    return points, np.array([len(c) for c in found], np.int32), found


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("flag", [False, True])
def test_measures(shape, flag):
    points, lengths, found = contours(shape)
    measure = jax.jit(
        lambda p, n: (
            vision.contour_area(p, n, flag),
            vision.arc_length(p, n, flag),
            vision.bounding_rect(p, n),
        )
    )
    area, length, rectangle = measure(points, lengths)
    assert area.dtype == length.dtype == np.float64
    np.testing.assert_array_equal(area, [cv2.contourArea(c, flag) for c in found])
    np.testing.assert_array_equal(length, [cv2.arcLength(c, flag) for c in found])
    np.testing.assert_array_equal(rectangle, [cv2.boundingRect(c) for c in found])


@pytest.mark.parametrize("shape", SHAPES)
def test_contour_moments(shape):
    points, lengths, found = contours(shape)
    ours = jax.jit(vision.contour_moments)(points, lengths)._asdict()
    theirs = [cv2.moments(c) for c in found]
    for name, value in ours.items():
        np.testing.assert_array_equal(value, [m[name] for m in theirs], name)


@pytest.mark.parametrize("binary", [False, True])
def test_picture_moments(binary):
    pictures = np.random.default_rng(0).integers(0, 256, (1000, 33, 47), np.uint8)
    pictures = np.concatenate([pictures, real_masks(1000, 33, 47)])
    pictures[:50, 10:] = 0
    ours = jax.jit(functools.partial(vision.picture_moments, binary=binary))(pictures)._asdict()
    theirs = [cv2.moments(picture, binary) for picture in pictures]
    for name, value in ours.items():
        expected = np.array([m[name] for m in theirs])
        if name.startswith("m") and not name.startswith("mu"):
            np.testing.assert_array_equal(value, expected, name)
            continue
        # OpenCV's build fuses some products into sums here, where it does so for no contour.
        raw = np.array([abs(m[f"m{name[2:]}"]) for m in theirs])
        if name.startswith("nu"):
            order = int(name[2]) + int(name[3])
            raw = raw / np.maximum([m["m00"] for m in theirs], 1) ** (1 + order / 2)
        assert (abs(np.asarray(value) - expected) <= 2e-15 * raw).all(), name


def test_empty_contours():
    points, none = np.zeros((2, 4, 2), np.int32), np.zeros(2, np.int32)
    assert not vision.bounding_rect(points, none).any()
    assert not vision.contour_area(points, none).any()
    assert not vision.arc_length(points, none).any()
