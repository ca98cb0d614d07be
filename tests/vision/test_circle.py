"""Smallest circles around contours, near OpenCV's."""

import cv2
import jax
import numpy as np
from test_shape import contours

from jaxcar import vision


def test_circles():
    points, lengths, found = contours((33, 47))
    ours = np.stack(jax.jit(vision.min_enclosing_circle)(points, lengths), axis=-1)
    theirs = np.array([(*centre, r) for centre, r in map(cv2.minEnclosingCircle, found)])
    difference = np.abs(ours - theirs).max(axis=1)
    assert difference.max() <= 1e-5
    assert (difference > 0).mean() < 0.05
