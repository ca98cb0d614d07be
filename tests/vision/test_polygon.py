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


def test_batches_of_batches():
    points, lengths, _ = contours((33, 47))
    points, lengths = points[:12].reshape(3, 4, -1, 2), lengths[:12].reshape(3, 4)

    def measure(points, lengths):
        polygons = vision.approximate_polygon(points, lengths, 2.0)
        return polygons, vision.contour_area(*polygons)

    flat = jax.jit(measure)(points, lengths)
    nested = jax.jit(jax.vmap(jax.vmap(measure)))(points, lengths)
    for a, b in zip(jax.tree.leaves(flat), jax.tree.leaves(nested), strict=True):
        np.testing.assert_array_equal(a, b)
