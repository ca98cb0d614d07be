"""Morphology with every kind of kernel, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import SHAPES, each, frames, planes

from jaxcar import JaxcarError, vision

ELEMENTS = {
    "rectangle": cv2.MORPH_RECT,
    "cross": cv2.MORPH_CROSS,
    "ellipse": cv2.MORPH_ELLIPSE,
}
OPERATIONS = {
    "erode": cv2.MORPH_ERODE,
    "dilate": cv2.MORPH_DILATE,
    "open": cv2.MORPH_OPEN,
    "close": cv2.MORPH_CLOSE,
    "gradient": cv2.MORPH_GRADIENT,
    "top_hat": cv2.MORPH_TOPHAT,
    "black_hat": cv2.MORPH_BLACKHAT,
}
RAGGED = (np.random.default_rng(3).random((4, 5)) < 0.4).astype(np.uint8)
KERNELS = {
    "none": (None, 1),
    "3x3 twice": (np.ones((3, 3), np.uint8), 2),
    "5x5": (np.ones((5, 5), np.uint8), 1),
    "9x2": (np.ones((2, 9), np.uint8), 1),
    "4x1 three times": (np.ones((1, 4), np.uint8), 3),
    "no iteration": (None, 0),
    "cross": (cv2.getStructuringElement(cv2.MORPH_CROSS, (5, 5)), 1),
    "ellipse twice": (cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 5)), 2),
    "ragged": (RAGGED, 1),
}


@pytest.mark.parametrize("shape", ELEMENTS)
def test_structuring_elements(shape):
    for width in range(1, 26):
        for height in range(1, 26):
            ours = vision.structuring_element(shape, width, height)
            theirs = cv2.getStructuringElement(ELEMENTS[shape], (width, height))
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("name", KERNELS)
def test_erosion_and_dilation(size, name):
    kernel, times = KERNELS[name]
    a = planes(*size)
    for ours, theirs in ((vision.erode, cv2.erode), (vision.dilate, cv2.dilate)):
        wanted = each(lambda x, f=theirs: f(x, kernel, iterations=times), a)
        found = jax.jit(lambda x, f=ours: f(x, kernel, times))(a)
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_operations(size, name):
    a, kernel = planes(*size), vision.structuring_element("ellipse", 5, 5)
    for element, times in ((np.ones((3, 3), np.uint8), 1), (kernel, 2)):
        wanted = each(
            lambda x, k=element, n=times: cv2.morphologyEx(x, OPERATIONS[name], k, iterations=n), a
        )
        found = jax.jit(lambda x, k=element, n=times: vision.morph(x, name, k, n))(a)
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("side", [3, 9])
def test_channels(size, side):
    a, kernel = frames(*size), np.ones((side, side), np.uint8)
    wanted = each(lambda x: cv2.erode(x, kernel), a)
    found = jax.jit(lambda x: vision.erode(x, kernel, channels=True))(a)
    np.testing.assert_array_equal(found, wanted)
    wanted = each(lambda x: cv2.morphologyEx(x, cv2.MORPH_OPEN, RAGGED), a)
    found = jax.jit(lambda x: vision.morph(x, "open", RAGGED, channels=True))(a)
    np.testing.assert_array_equal(found, wanted)


def test_a_kernel_of_zeros_is_refused():
    with pytest.raises(JaxcarError, match="kernel of zeros"):
        vision.erode(planes(4, 4, 1), np.zeros((3, 3)))
