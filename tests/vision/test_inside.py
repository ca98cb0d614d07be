"""Points against contours, and convexity, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from test_shape import contours

from jaxcar import vision


@pytest.mark.parametrize("measure", [False, True])
@pytest.mark.parametrize("grain", ["whole", "half", "float"])
def test_points(grain, measure):
    points, lengths, found = contours((33, 47))
    rng = np.random.default_rng(0)
    corner = np.stack([c[rng.integers(0, len(c)), 0] for c in found])
    corner = corner + rng.integers(-2, 3, corner.shape)
    anywhere = rng.integers(0, 47, corner.shape)
    asked = np.where(rng.random((len(found), 1)) < 0.6, corner, anywhere).astype(np.float32)
    if grain == "half":
        asked += rng.integers(0, 2, asked.shape) * np.float32(0.5)
    if grain == "float":
        asked += rng.random(asked.shape).astype(np.float32)
    ours = jax.jit(vision.point_polygon_test, static_argnums=3)(points, lengths, asked, measure)
    theirs = [
        cv2.pointPolygonTest(c, (float(x), float(y)), measure)
        for c, (x, y) in zip(found, asked, strict=True)
    ]
    np.testing.assert_array_equal(ours, theirs)


def test_convexity():
    points, lengths, found = contours((33, 47))
    ours = jax.jit(vision.is_contour_convex)(points, lengths)
    np.testing.assert_array_equal(ours, [cv2.isContourConvex(c) for c in found])
