"""Template matching beside OpenCV's, which adds up in single floats."""

import cv2
import jax
import numpy as np
import pytest
from vision_cases.places import METHODS
from vision_frames import each, frames, planes

from jaxcar import vision


@pytest.mark.parametrize("method", METHODS)
def test_a_template_of_each_picture_is_found(method):
    a = frames(33, 47, 600)[::2, ..., 0].copy()
    a = a[a.std((1, 2)) > 20]
    templates = a[:, 3:11, 5:12].copy()
    wanted = each(lambda x, t: cv2.matchTemplate(x, t, getattr(cv2, METHODS[method])), a, templates)
    found = jax.jit(lambda x, t: vision.match_template(x, t, method))(a, templates)
    flat = templates.std((1, 2)) == 0
    np.testing.assert_allclose(found[~flat], wanted[~flat], rtol=0, atol=1e-4)
    best = jax.jit(vision.extremes)(found)
    score = best.smallest if method == "difference" else best.greatest
    np.testing.assert_allclose(score[~flat], 0 if method == "difference" else 1, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_nearly_all_are_much_closer_than_the_tolerance(method):
    a, code = planes(33, 47), getattr(cv2, METHODS[method])
    template = np.random.default_rng(0).integers(0, 256, (7, 5), np.uint8)
    wanted = each(lambda x: cv2.matchTemplate(x, template, code), a)
    found = jax.jit(lambda x, t: vision.match_template(x, t, method))(a, template)
    assert np.quantile(np.abs(found - wanted), 0.99) < 1e-5
