"""Polygons of contours at OpenCV's own shares of their length, and what is measured of them."""

import cv2
import jax
import numpy as np
import pytest
from masks import random_masks, real_masks
from vision_cases.inputs import contours_of

from jaxcar import vision


def contours(shape, count):
    masks = [make(count, *shape, seed=2) for make in (real_masks, random_masks)]
    return contours_of(np.concatenate(masks))


@pytest.mark.parametrize(("shape", "share"), [((33, 47), 0.01), ((64, 64), 0.04)])
def test_polygons(shape, share):
    points, lengths, found = contours(shape, 1000)
    epsilon = np.array([share * cv2.arcLength(c, True) for c in found])
    ours = jax.tree.map(np.asarray, jax.jit(vision.approximate_polygon)(points, lengths, epsilon))
    for i, contour in enumerate(found):
        theirs = cv2.approxPolyDP(contour, epsilon[i], True)[:, 0]
        assert ours.lengths[i] == len(theirs), (contour[:, 0].tolist(), epsilon[i])
        np.testing.assert_array_equal(ours.points[i, : len(theirs)], theirs)


def test_areas_of_polygons_under_two_vmaps():
    points, lengths, _ = contours((33, 47), 20)
    points, lengths = points[:12].reshape(3, 4, -1, 2), lengths[:12].reshape(3, 4)

    def measure(points, lengths):
        polygons = vision.approximate_polygon(points, lengths, 2.0)
        return polygons, vision.contour_area(*polygons)

    flat = jax.jit(measure)(points, lengths)
    nested = jax.jit(jax.vmap(jax.vmap(measure)))(points, lengths)
    for a, b in zip(jax.tree.leaves(flat), jax.tree.leaves(nested), strict=True):
        np.testing.assert_array_equal(a, b)
