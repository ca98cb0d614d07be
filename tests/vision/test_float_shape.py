"""Measures of polygons with fractions, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest

from jaxcar import vision


@pytest.mark.parametrize("corners", [1, 2, 3, 4, 7, 40])
@pytest.mark.parametrize("flag", [False, True])
def test_measures(corners, flag):
    rng = np.random.default_rng(corners)
    points = rng.uniform(-9, 70, (2000, corners, 2)).astype(np.float32)
    points[::3] = np.round(points[::3] * 2) / 2
    found = jax.jit(
        lambda p: (
            vision.float_contour_area(p, flag),
            vision.float_arc_length(p, flag),
            vision.float_bounding_rect(p),
        )
    )(points)
    for i, polygon in enumerate(points):
        assert float(found[0][i]) == np.float32(cv2.contourArea(polygon, oriented=flag))
        assert float(found[1][i]) == np.float32(cv2.arcLength(polygon, flag))
        assert tuple(np.asarray(found[2][i]).tolist()) == cv2.boundingRect(polygon)


def test_doubles():
    points = np.random.default_rng(0).uniform(-9, 70, (300, 5, 2)).astype(np.float32)
    with jax.enable_x64(True):
        area = np.asarray(jax.jit(vision.float_contour_area)(points))
        length = np.asarray(jax.jit(vision.float_arc_length)(points))
    np.testing.assert_array_equal(area, [cv2.contourArea(p) for p in points])
    np.testing.assert_array_equal(length, [cv2.arcLength(p, True) for p in points])
