"""Sobel, Laplacian and linear filters, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import SHAPES, each, frames, planes

from jaxcar import JaxcarError, vision

DEPTHS = {"u8": cv2.CV_8U, "i16": cv2.CV_16S, "f32": cv2.CV_32F, "f64": cv2.CV_64F}
ORDERS = [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2)]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("side", [-1, 1, 3, 5, 7])
def test_sobel(size, side):
    a = planes(*size)
    for (dx, dy), depth in zip(ORDERS, [*DEPTHS, "i16"], strict=True):
        if side == -1 and dx + dy > 1:
            continue
        wanted = each(lambda x, d=depth, n=(dx, dy): cv2.Sobel(x, DEPTHS[d], *n, ksize=side), a)
        found = jax.jit(lambda x, d=depth, n=(dx, dy): vision.sobel(x, *n, side, d))(a)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("depth", DEPTHS)
def test_laplacian(size, depth):
    a = planes(*size)
    for side in (1, 3, 5):
        wanted = each(lambda x, s=side: cv2.Laplacian(x, DEPTHS[depth], ksize=s), a)
        found = jax.jit(lambda x, s=side: vision.laplacian(x, s, depth))(a)
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


KERNELS = [
    np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    np.ones((3, 3)) / 9,
    np.ones((5, 5)) / 25,
    np.random.default_rng(0).normal(size=(4, 3)),
    np.array([[-1, 0, 1]]) / 8,
]


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("kernel", KERNELS, ids=range(len(KERNELS)))
def test_filter_2d(size, kernel):
    a, b = planes(*size), frames(*size, count=100)
    wanted = each(lambda x: cv2.filter2D(x, -1, kernel), a)
    np.testing.assert_array_equal(jax.jit(lambda x: vision.filter_2d(x, kernel))(a), wanted)
    wanted = each(lambda x: cv2.filter2D(x, -1, kernel), b)
    found = jax.jit(lambda x: vision.filter_2d(x, kernel, channels=True))(b)
    np.testing.assert_array_equal(found, wanted)


def test_what_is_refused():
    a = planes(4, 4, 1)
    for ours in (
        lambda: vision.sobel(a, 1, 0, 4),
        lambda: vision.sobel(a, 0, 0),
        lambda: vision.sobel(a, 3, 0),
        lambda: vision.laplacian(a, 9),
        lambda: vision.filter_2d(a, np.ones((12, 12))),
    ):
        with pytest.raises(JaxcarError):
            ours()


@pytest.mark.parametrize(
    "size", [(16, 16), *(pytest.param(s, marks=pytest.mark.slow) for s in ((33, 47), (64, 64)))]
)
@pytest.mark.parametrize(
    ("low", "high", "side", "squared"),
    [(50, 150, 3, False), (200, 100, 3, True), (30.5, 60.9, 3, False), (200, 900, 5, True)],
)
def test_canny(size, low, high, side, squared):
    a = planes(*size)
    a[::2] = each(lambda x: cv2.GaussianBlur(x, (5, 5), 0), a[::2])
    wanted = each(lambda x: cv2.Canny(x, low, high, apertureSize=side, L2gradient=squared), a)
    ours = jax.jit(lambda x: vision.canny(x, low, high, side, squared=squared))
    np.testing.assert_array_equal(ours(a), wanted)
    np.testing.assert_array_equal(jax.jit(jax.vmap(ours))(a[:99]), wanted[:99])
