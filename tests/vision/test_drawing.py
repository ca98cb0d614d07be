"""Circles of every radius, and lines that leave the picture."""

import cv2
import jax
import numpy as np

from jaxcar import vision
from jaxcar.vision import Point

SIZE = (37, 44)


def test_circles_of_every_radius():
    ours = jax.jit(lambda radius: vision.circle((270, 270), Point(135, 135), radius))
    for radius in range(130):
        picture = np.zeros((270, 270), np.uint8)
        cv2.circle(picture, (135, 135), radius, 1, 1)
        np.testing.assert_array_equal(ours(radius), picture.astype(bool))


def test_lines_that_leave_the_picture_are_flagged():
    rows = np.random.default_rng(0).integers(0, (SIZE[1], SIZE[0]) * 2, (2000, 4))
    ours = jax.jit(lambda a, b: vision.line(SIZE, Point(*a), Point(*b))[1])
    assert not ours(rows.T[:2], rows.T[2:]).any()
    assert ours(np.array([[3], [4]]), np.array([[SIZE[1]], [4]])).all()
