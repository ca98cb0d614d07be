"""Resizing between many sizes, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_cases.places import INTERPOLATIONS
from vision_frames import each, frames, planes

from jaxcar import vision


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_resize_between_many_sizes(name):
    rng = np.random.default_rng(0)
    code = getattr(cv2, INTERPOLATIONS[name])
    for _ in range(12):
        H, W, h, w = (int(n) for n in rng.integers(1, 70, 4))
        a = planes(H, W, 100)
        wanted = each(lambda x, s=(w, h): cv2.resize(x, s, interpolation=code), a)
        found = jax.jit(lambda x, s=(w, h): vision.resize(x, *s, name))(a)
        np.testing.assert_array_equal(found, wanted.reshape(found.shape))


@pytest.mark.parametrize("name", INTERPOLATIONS)
def test_resize_three_channels_and_far_up(name):
    a, code = frames(64, 64, 6), getattr(cv2, INTERPOLATIONS[name])
    for target in ((1000, 1000), (84, 84), (16, 16)):
        wanted = each(lambda x, s=target: cv2.resize(x, s, interpolation=code), a)
        found = jax.jit(lambda x, s=target: vision.resize(x, *s, name, channels=True))(a)
        np.testing.assert_array_equal(found, wanted)
