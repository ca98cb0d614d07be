"""Indices of convex hulls, which point into the contour; `test_cases.py` compares the corners."""

import cv2
import jax
import numpy as np
import pytest
from masks import random_masks, real_masks
from vision_cases.inputs import contours_of

from jaxcar import vision


@pytest.mark.parametrize(("shape", "clockwise"), [((33, 47), False), ((64, 64), True)])
def test_indices_of_hulls(shape, clockwise):
    masks = np.concatenate([real_masks(300, *shape, seed=2), random_masks(300, *shape, seed=2)])
    points, lengths, found = contours_of(masks)
    find = jax.jit(vision.convex_hull, static_argnums=2)
    ours = jax.tree.map(np.asarray, find(points, lengths, clockwise))
    for i, contour in enumerate(found):
        theirs = cv2.convexHull(contour, clockwise=clockwise)[:, 0]
        np.testing.assert_array_equal(contour[ours.indices[i, : len(theirs)], 0], theirs)
