"""Colour conversion and masks, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import SHAPES, each, frames, planes

from jaxcar import vision


def full_hsv(picture):
    return vision.bgr_to_hsv(picture, full=True)


CONVERSIONS = [
    (vision.bgr_to_hsv, cv2.COLOR_BGR2HSV),
    (full_hsv, cv2.COLOR_BGR2HSV_FULL),
    (vision.bgr_to_gray, cv2.COLOR_BGR2GRAY),
    (vision.bgr_to_ycrcb, cv2.COLOR_BGR2YCrCb),
    (vision.bgr_to_lab, cv2.COLOR_BGR2LAB),
    (vision.hsv_to_bgr, cv2.COLOR_HSV2BGR),
    (vision.swap_red_blue, cv2.COLOR_BGR2RGB),
]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize(("ours", "code"), CONVERSIONS)
def test_conversions(size, ours, code):
    pictures = frames(*size)
    wanted = each(lambda picture: cv2.cvtColor(picture, code), pictures)
    np.testing.assert_array_equal(jax.jit(ours)(pictures), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_gray_becomes_three_channels(size):
    grays = planes(*size)
    wanted = each(lambda picture: cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), grays)
    np.testing.assert_array_equal(jax.jit(vision.gray_to_bgr)(grays), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_masks_and_differences(size):
    pictures = frames(*size)
    low, high = np.array([10, 0, 50]), np.array([200, 255, 120])
    wanted = each(lambda frame: cv2.inRange(frame, low, high), pictures)
    np.testing.assert_array_equal(jax.jit(vision.in_range)(pictures, low, high), wanted)
    one = planes(*size)
    wanted = each(lambda frame: cv2.inRange(frame, 10, 99), one)
    np.testing.assert_array_equal(vision.in_range(one, np.int32(10), np.int32(99)), wanted)
    wanted = each(lambda frame: cv2.absdiff(frame, pictures[1]), pictures)
    np.testing.assert_array_equal(vision.absolute_difference(pictures, pictures[1]), wanted)


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
@pytest.mark.parametrize(("ours", "code"), CONVERSIONS[:6])
def test_every_colour(ours, code):
    convert = jax.jit(ours)
    for blue in range(256):
        green, red = np.mgrid[0:256, 0:256].astype(np.uint8)
        picture = np.stack([np.full_like(green, blue), green, red], axis=-1)
        np.testing.assert_array_equal(convert(picture), cv2.cvtColor(picture, code))
