"""Gaussian kernels of many sizes, and pictures smaller than a filter, as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import COUNT, each, planes

from jaxcar import vision
from jaxcar.vision import smoothing


def test_gaussian_kernels_of_many_sizes():
    rng = np.random.default_rng(0)
    impulse = np.zeros((1, 129), np.uint8)
    impulse[0, 64] = 255
    for _ in range(COUNT):
        size, sigma = 2 * int(rng.integers(1, 20)) + 1, float(rng.uniform(0.2, 9))
        sigma = 0.0 if rng.random() < 0.2 else sigma
        wanted = cv2.GaussianBlur(impulse, (size, 1), sigma)[0]
        weights = np.array(smoothing.gaussian_kernel(size, sigma))
        ours = np.zeros(129, int)
        ours[64 - size // 2 : 65 + size // 2] = (weights * 255 + 128) >> 8
        np.testing.assert_array_equal(ours, wanted)


@pytest.mark.parametrize("size", [(1, 1), (1, 6), (2, 3)])
def test_pictures_smaller_than_the_filter(size):
    a = planes(*size)
    for ours, theirs in (
        (lambda x: vision.box_blur(x, 5, 5), lambda x: cv2.blur(x, (5, 5))),
        (lambda x: vision.gaussian_blur(x, 5, 5), lambda x: cv2.GaussianBlur(x, (5, 5), 0)),
        (lambda x: vision.median_blur(x, 3), lambda x: cv2.medianBlur(x, 3)),
        (lambda x: vision.median_blur(x, 5), lambda x: cv2.medianBlur(x, 5)),
    ):
        np.testing.assert_array_equal(jax.jit(ours)(a), each(theirs, a))
