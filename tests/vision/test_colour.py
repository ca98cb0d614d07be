"""Colour conversion and masks, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest

from jaxcar import vision

FRAMES = np.random.default_rng(0).integers(0, 256, (1000, 9, 7, 3), np.uint8)
FRAMES[::3] //= 32
FRAMES[1::3, ..., 1] = FRAMES[1::3, ..., 0]


def each(function):
    return np.stack([function(frame) for frame in FRAMES])


@pytest.mark.parametrize(
    ("ours", "code"),
    [
        (vision.bgr_to_hsv, cv2.COLOR_BGR2HSV),
        (vision.bgr_to_gray, cv2.COLOR_BGR2GRAY),
        (vision.swap_red_blue, cv2.COLOR_BGR2RGB),
    ],
)
def test_conversions(ours, code):
    wanted = each(lambda frame: cv2.cvtColor(frame, code))
    np.testing.assert_array_equal(jax.jit(ours)(FRAMES), wanted)


def test_masks_and_differences():
    low, high = np.array([10, 0, 50]), np.array([200, 255, 120])
    wanted = each(lambda frame: cv2.inRange(frame, low, high))
    np.testing.assert_array_equal(jax.jit(vision.in_range)(FRAMES, low, high), wanted)
    one = FRAMES[..., 0]
    wanted = np.stack([cv2.inRange(frame, 10, 99) for frame in one])
    np.testing.assert_array_equal(vision.in_range(one, np.int32(10), np.int32(99)), wanted)
    wanted = each(lambda frame: cv2.absdiff(frame, FRAMES[0]))
    np.testing.assert_array_equal(vision.absolute_difference(FRAMES, FRAMES[0]), wanted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ours", "code"),
    [(vision.bgr_to_hsv, cv2.COLOR_BGR2HSV), (vision.bgr_to_gray, cv2.COLOR_BGR2GRAY)],
)
def test_every_colour(ours, code):
    convert = jax.jit(ours)
    for blue in range(256):
        green, red = np.mgrid[0:256, 0:256].astype(np.uint8)
        picture = np.stack([np.full_like(green, blue), green, red], axis=-1)
        np.testing.assert_array_equal(convert(picture), cv2.cvtColor(picture, code))
