"""Convex hulls, corner by corner in OpenCV's order."""

import cv2
import jax
import numpy as np
import pytest
from test_shape import contours

from jaxcar import vision


@pytest.mark.parametrize(("shape", "clockwise"), [((33, 47), False), ((64, 64), True)])
def test_hulls(shape, clockwise):
    points, lengths, found = contours(shape)
    find = jax.jit(vision.convex_hull, static_argnums=2)
    ours = jax.tree.map(np.asarray, find(points, lengths, clockwise))
    for i, contour in enumerate(found):
        theirs = cv2.convexHull(contour, clockwise=clockwise)[:, 0]
        assert ours.lengths[i] == len(theirs)
        np.testing.assert_array_equal(ours.points[i, : len(theirs)], theirs)
        assert not ours.points[i, len(theirs) :].any()


def test_batches_of_batches():
    points, lengths, _ = contours((33, 47))
    points, lengths = points[:12].reshape(3, 4, -1, 2), lengths[:12].reshape(3, 4)
    flat = jax.jit(vision.convex_hull)(points, lengths)
    nested = jax.jit(jax.vmap(jax.vmap(vision.convex_hull)))(points, lengths)
    for a, b in zip(flat, nested, strict=True):
        np.testing.assert_array_equal(a, b)
