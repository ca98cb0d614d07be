"""Template matching beside OpenCV's, which adds up in single floats."""

import cv2
import jax
import numpy as np
import pytest
from vision_cases.places import METHODS
from vision_frames import SHAPES, each, frames, planes

from jaxcar import vision


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("method", METHODS)
def test_match_template(size, method):
    a = planes(*size)
    template = np.random.default_rng(0).integers(0, 256, (7, 5), np.uint8)
    wanted = each(lambda x: cv2.matchTemplate(x, template, getattr(cv2, METHODS[method])), a)
    found, errors = jax.jit(lambda x, t: vision.matches([x], [t], method))(a, template)
    assert found.dtype == wanted.dtype
    assert (np.abs(found - wanted) <= errors).all()
    assert np.quantile(errors, 0.9) < 1e-4
    alone = jax.jit(lambda x, t: vision.match_template(x, t, method))(a, template)
    np.testing.assert_allclose(alone, wanted, rtol=0, atol=2e-2)


@pytest.mark.parametrize("size", [(8, 6), (3, 3), (1, 4), (14, 11)])
@pytest.mark.parametrize("method", METHODS)
def test_colours(size, method):
    a, (h, w) = frames(33, 47, 400), size
    templates = a[:, 5 : 5 + h, 9 : 9 + w].copy()
    templates[::3] = np.roll(templates[::3], 1, axis=0)
    wanted = each(lambda x, t: cv2.matchTemplate(x, t, getattr(cv2, METHODS[method])), a, templates)
    find = jax.jit(lambda x, t: vision.matches(vision.split(x), vision.split(t), method))
    found, errors = find(a, templates)
    assert (np.abs(found - wanted) <= errors).all()


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
