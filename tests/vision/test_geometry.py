"""Resizing, mirroring, turning and cutting, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import SHAPES, each, frames, planes

from jaxcar import JaxcarError, vision

INTERPOLATIONS = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
}
TURNS = {
    "90_clockwise": cv2.ROTATE_90_CLOCKWISE,
    "180": cv2.ROTATE_180,
    "90_counterclockwise": cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("target", [(8, 8), (32, 32), (13, 40), (84, 84)])
@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_resize(size, target, name):
    a = planes(*size)
    wanted = each(lambda x: cv2.resize(x, target, interpolation=INTERPOLATIONS[name]), a)
    found = jax.jit(lambda x: vision.resize(x, *target, name))(a)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_resize_between_many_sizes(name):
    rng = np.random.default_rng(0)
    for _ in range(12):
        H, W, h, w = (int(n) for n in rng.integers(1, 70, 4))
        a = planes(H, W, 100)
        wanted = each(lambda x, s=(w, h): cv2.resize(x, s, interpolation=INTERPOLATIONS[name]), a)
        found = jax.jit(lambda x, s=(w, h): vision.resize(x, *s, name))(a)
        np.testing.assert_array_equal(found, wanted.reshape(found.shape))


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_resize_three_channels_and_far_up(name):
    a = frames(64, 64, 6)
    for target in ((1000, 1000), (84, 84), (16, 16)):
        wanted = each(lambda x, s=target: cv2.resize(x, s, interpolation=INTERPOLATIONS[name]), a)
        found = jax.jit(lambda x, s=target: vision.resize(x, *s, name, channels=True))(a)
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_flips_and_turns(size):
    a, b = frames(*size), planes(*size)
    for code in (0, 1, -1):
        wanted = each(lambda x, c=code: cv2.flip(x, c), a)
        np.testing.assert_array_equal(vision.flip(a, code, channels=True), wanted)
        wanted = each(lambda x, c=code: cv2.flip(x, c), b)
        np.testing.assert_array_equal(vision.flip(b, code), wanted)
    for turn, code in TURNS.items():
        wanted = each(lambda x, c=code: cv2.rotate(x, c), a)
        np.testing.assert_array_equal(vision.rotate(a, turn, channels=True), wanted)
        wanted = each(lambda x, c=code: cv2.rotate(x, c), b)
        np.testing.assert_array_equal(vision.rotate(b, turn), wanted)


def test_crop():
    a = frames(9, 7, 20)
    found = jax.jit(lambda x, top, left: vision.crop(x, top, left, 3, 2, channels=True))(a, 4, 1)
    np.testing.assert_array_equal(found, a[:, 4:7, 1:3])
    with pytest.raises(JaxcarError, match="larger than the picture"):
        vision.crop(a, 0, 0, 10, 2, channels=True)
