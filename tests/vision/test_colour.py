"""Colour conversion of whole batches and of every colour, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_cases.pixels import CONVERSIONS
from vision_frames import each, every_colour, frames

from jaxcar import vision


def test_a_mask_of_hues_under_vmap():
    pictures = frames(16, 16, 60).reshape(3, 20, 16, 16, 3)
    low, high = np.array([20, 50, 50]), np.array([90, 255, 255])

    def ours(picture):
        return vision.in_range(vision.bgr_to_hsv(picture), low, high)

    wanted = each(
        lambda frame: cv2.inRange(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV), low, high),
        pictures.reshape(-1, 16, 16, 3),
    )
    found = jax.jit(jax.vmap(jax.vmap(ours)))(pictures)
    np.testing.assert_array_equal(found.reshape(wanted.shape), wanted)


@pytest.mark.slow
@pytest.mark.parametrize("case", CONVERSIONS, ids=lambda case: case.call)
def test_every_colour(case):
    convert = jax.jit(case.ours)
    for picture in every_colour():
        np.testing.assert_array_equal(convert(picture), case.theirs(picture))
