"""Figures at traced places, pixel by pixel as OpenCV draws them."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import each, frames, planes

from jaxcar import vision
from jaxcar.vision import Point

SIZE = (37, 44)
COUNT = 2000


def blank():
    return np.zeros(SIZE, np.uint8)


def drawn(draw, rows, size=SIZE):
    """Let OpenCV draw on one blank picture for each row of numbers."""
    pictures = np.zeros((len(rows), *size), np.uint8)
    for picture, row in zip(pictures, rows.tolist(), strict=True):
        draw(picture, row)
    return pictures.astype(bool)


@pytest.mark.parametrize("thickness", [1, 2, 3, 4, 5, 8, vision.FILLED])
def test_rectangles(thickness):
    rows = np.random.default_rng(0).integers(-10, 55, (COUNT, 4))
    wanted = drawn(lambda x, r: cv2.rectangle(x, r[:2], r[2:], 1, thickness), rows)
    ours = jax.jit(lambda a, b: vision.rectangle(SIZE, Point(*a), Point(*b), thickness))
    np.testing.assert_array_equal(ours(rows.T[:2], rows.T[2:]), wanted)


@pytest.mark.parametrize("filled", [False, True])
def test_circles(filled):
    rng = np.random.default_rng(0)
    rows = rng.integers((-10, -10, 0), (55, 55, 40), (COUNT, 3))
    thickness = vision.FILLED if filled else 1
    wanted = drawn(lambda x, r: cv2.circle(x, r[:2], r[2], 1, thickness), rows)
    ours = jax.jit(lambda x, y, r: vision.circle(SIZE, Point(x, y), r, filled=filled))
    np.testing.assert_array_equal(ours(*rows.T), wanted)


def test_circles_of_every_radius():
    ours = jax.jit(lambda radius: vision.circle((270, 270), Point(135, 135), radius))
    for radius in range(130):
        picture = np.zeros((270, 270), np.uint8)
        cv2.circle(picture, (135, 135), radius, 1, 1)
        np.testing.assert_array_equal(ours(radius), picture.astype(bool))


def test_lines():
    rng = np.random.default_rng(0)
    rows = rng.integers(0, (SIZE[1], SIZE[0]) * 2, (COUNT, 4))
    wanted = drawn(lambda x, r: cv2.line(x, r[:2], r[2:], 1), rows)
    ours = jax.jit(lambda a, b: vision.line(SIZE, Point(*a), Point(*b)))
    found, outside = ours(rows.T[:2], rows.T[2:])
    np.testing.assert_array_equal(found, wanted)
    assert not outside.any()
    assert ours(np.array([[3], [4]]), np.array([[SIZE[1]], [4]]))[1].all()


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


def test_painting():
    a, b = frames(*SIZE, count=50), planes(*SIZE, count=50)
    figure = vision.rectangle(SIZE, Point(3, 4), Point(20, 12))
    wanted = each(lambda x: cv2.rectangle(x.copy(), (3, 4), (20, 12), (1, 2, 3)), a)
    found = vision.painted(a, figure, np.array([1, 2, 3], np.uint8), channels=True)
    np.testing.assert_array_equal(found, wanted)
    wanted = each(lambda x: cv2.rectangle(x.copy(), (3, 4), (20, 12), 9), b)
    np.testing.assert_array_equal(vision.painted(b, figure, np.uint8(9)), wanted)


def test_one_of_each_under_vmap():
    rows = np.random.default_rng(1).integers(0, 30, (40, 4))
    wanted = drawn(lambda x, r: cv2.rectangle(x, r[:2], r[2:], 1), rows)
    ours = jax.vmap(lambda r: vision.rectangle(SIZE, Point(r[0], r[1]), Point(r[2], r[3])))
    np.testing.assert_array_equal(jax.jit(ours)(rows), wanted)
