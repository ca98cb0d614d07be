"""Polygons in place of contours, corner by corner as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from test_shape import contours

from jaxcar import vision


@pytest.mark.parametrize(("shape", "share"), [((33, 47), 0.01), ((64, 64), 0.04)])
def test_polygons(shape, share):
    points, lengths, found = contours(shape)
    epsilon = np.array([share * cv2.arcLength(c, True) for c in found])
    epsilon[::7] = 0
    ours = jax.jit(vision.approximate_polygon)(points, lengths, epsilon)
    ours = jax.tree.map(np.asarray, ours)
    for i, contour in enumerate(found):
        theirs = cv2.approxPolyDP(contour, epsilon[i], True)[:, 0]
        assert ours.lengths[i] == len(theirs), (contour[:, 0].tolist(), epsilon[i])
        np.testing.assert_array_equal(ours.points[i, : len(theirs)], theirs)
