"""Circles of every radius, lines that leave the picture, and thick ones."""

import cv2
import jax
import numpy as np
import pytest

from jaxcar import vision
from jaxcar.vision import Point

SIZE = (37, 44)


def drawn(draw, rows, size=SIZE):
    """Let OpenCV draw on one blank picture for each row of numbers."""
    pictures = np.zeros((len(rows), *size), np.uint8)
    for picture, row in zip(pictures, rows.tolist(), strict=True):
        draw(picture, row)
    return pictures.astype(bool)


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


@pytest.mark.parametrize("thickness", [2, 3, 4, 5, 7, 10, 31])
@pytest.mark.parametrize("size", [SIZE, (64, 64)])
def test_thick_lines(thickness, size):
    rng = np.random.default_rng(thickness)
    rows = rng.integers(0, (size[1], size[0]) * 2, (1000, 4))
    rows[::7, 2:] = rows[::7, :2]
    wanted = drawn(lambda x, r: cv2.line(x, r[:2], r[2:], 1, thickness), rows, size)
    ours = jax.jit(lambda a, b: vision.thick_line(size, Point(*a), Point(*b), thickness))
    found, outside = ours(rows.T[:2], rows.T[2:])
    np.testing.assert_array_equal(found, wanted)
    assert not outside.any()
    assert ours(np.array([[3], [4]]), np.array([[size[1]], [4]]))[1].all()
