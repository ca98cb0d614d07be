"""Smoothing, medians, derivatives and borders, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import COUNT, SHAPES, each, frames, planes

from jaxcar import JaxcarError, vision
from jaxcar.vision import smoothing

BORDERS = {
    "constant": cv2.BORDER_CONSTANT,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT,
    "reflect_101": cv2.BORDER_REFLECT_101,
    "wrap": cv2.BORDER_WRAP,
}


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("box", [(3, 3), (5, 5), (2, 2), (4, 3), (8, 2), (17, 17), (7, 1)])
def test_box_blur(size, box):
    a = planes(*size)
    wanted = each(lambda x: cv2.blur(x, box), a)
    np.testing.assert_array_equal(jax.jit(lambda x: vision.box_blur(x, *box))(a), wanted)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize(
    ("box", "sigmas"),
    [
        ((3, 3), (0, 0)),
        ((5, 5), (0, 0)),
        ((7, 9), (0, 0)),
        ((15, 11), (0, 0)),
        ((5, 5), (1.4, 0)),
        ((3, 7), (0.8, 2.5)),
        ((0, 0), (1.5, 0)),
    ],
)
def test_gaussian_blur(size, box, sigmas):
    a = planes(*size)
    wanted = each(lambda x: cv2.GaussianBlur(x, box, sigmas[0], sigmaY=sigmas[1]), a)
    ours = jax.jit(lambda x: vision.gaussian_blur(x, *box, *sigmas))
    np.testing.assert_array_equal(ours(a), wanted)


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


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("side", [1, 3, 5])
def test_median_blur(size, side):
    a = planes(*size)
    wanted = each(lambda x: cv2.medianBlur(x, side), a)
    np.testing.assert_array_equal(jax.jit(lambda x: vision.median_blur(x, side))(a), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_filters_of_three_channels(size):
    a = frames(*size)
    for ours, theirs in (
        (lambda x: vision.box_blur(x, 3, 5, channels=True), lambda x: cv2.blur(x, (3, 5))),
        (
            lambda x: vision.gaussian_blur(x, 5, 5, channels=True),
            lambda x: cv2.GaussianBlur(x, (5, 5), 0),
        ),
        (lambda x: vision.median_blur(x, 3, channels=True), lambda x: cv2.medianBlur(x, 3)),
    ):
        np.testing.assert_array_equal(jax.jit(ours)(a), each(theirs, a))


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


@pytest.mark.parametrize("border", BORDERS)
def test_borders(border):
    a = frames(9, 6, 200)
    wanted = each(lambda x: cv2.copyMakeBorder(x, 2, 3, 1, 4, BORDERS[border], value=(7, 8, 9)), a)
    value = np.array([7, 8, 9], np.uint8)
    found = vision.add_border(a, 2, 3, 1, 4, border, value, channels=True)
    np.testing.assert_array_equal(found, wanted)
    wanted = each(lambda x: cv2.copyMakeBorder(x, 2, 3, 1, 4, BORDERS[border]), a[..., 0])
    np.testing.assert_array_equal(vision.add_border(a[..., 0], 2, 3, 1, 4, border), wanted)


def test_filters_that_are_refused():
    a = planes(4, 4, 1)
    for ours in (
        lambda: vision.box_blur(a, 2, 1),
        lambda: vision.gaussian_blur(a, 4, 4),
        lambda: vision.median_blur(a, 7),
    ):
        with pytest.raises(JaxcarError):
            ours()
