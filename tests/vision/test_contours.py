"""Contours: order, points and hierarchy as OpenCV 5's, and the flag where a bound is too small."""

import functools
import re

import cv2
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from masks import random_masks, real_masks

from jaxcar.errors import JaxcarError
from jaxcar.vision import find_contours


def wanted(mask, mode, method):
    codes = getattr(cv2, f"RETR_{mode.upper()}"), getattr(cv2, f"CHAIN_APPROX_{method.upper()}")
    contours, hierarchy = cv2.findContours(mask, *codes)
    return [contour[:, 0] for contour in contours], hierarchy


def same(found, b, contours, hierarchy):
    """Whether frame b of what was found is what OpenCV found."""
    count = len(contours)
    if found.count[b] != count or found.lengths[b, :count].tolist() != [len(c) for c in contours]:
        return False
    if found.lengths[b, count:].any() or (found.hierarchy[b, count:] != -1).any():
        return False
    if count and not np.array_equal(found.hierarchy[b, :count], hierarchy[0]):
        return False
    return all(
        np.array_equal(found.points[b, i, : len(c)], c) and not found.points[b, i, len(c) :].any()
        for i, c in enumerate(contours)
    )


def compare(masks, mode, method, contours, points):
    """Compare every mask; return how many of them overflow."""
    find = jax.jit(
        functools.partial(find_contours, contours=contours, points=points), static_argnums=(1, 2)
    )
    found = jax.tree.map(np.asarray, find(masks, mode, method))
    overflows = 0
    for b, mask in enumerate(masks):
        expected, hierarchy = wanted(mask, mode, method)
        over = len(expected) > contours or any(len(c) > points for c in expected)
        assert found.overflow[b] == over
        overflows += over
        assert over or same(found, b, expected, hierarchy), f"{mode} {method}:\n{mask}"
    return overflows


@pytest.mark.parametrize(
    ("mode", "method", "shape", "bounds"),
    [
        ("external", "simple", (33, 47), (64, 128)),
        ("list", "none", (16, 16), (48, 160)),
        ("tree", "simple", (33, 47), (96, 128)),
        ("ccomp", "simple", (16, 16), (48, 64)),
        ("external", "none", (64, 64), (32, 256)),
    ],
)
def test_contours(mode, method, shape, bounds):
    masks = np.concatenate([real_masks(500, *shape), random_masks(500, *shape)])
    assert compare(masks, mode, method, *bounds) < 400


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["external", "list", "tree", "ccomp"])
@pytest.mark.parametrize("method", ["simple", "none"])
@pytest.mark.parametrize("shape", [(16, 16), (33, 47), (64, 64), (1, 9), (9, 1), (40, 100)])
def test_more_contours(mode, method, shape):
    masks = np.concatenate([real_masks(1000, *shape, seed=1), random_masks(1000, *shape, seed=1)])
    compare(masks, mode, method, 128, 512)


def test_batches_of_batches():
    masks = np.concatenate([real_masks(12, 16, 16), random_masks(12, 16, 16)])
    find = functools.partial(find_contours, mode="list", contours=24, points=96)
    flat = jax.jit(find)(masks)
    nested = jax.jit(jax.vmap(jax.vmap(find)))(masks.reshape(4, 6, 16, 16))
    one = jax.jit(find)(masks[5])
    for a, b, c in zip(flat, nested, one, strict=True):
        np.testing.assert_array_equal(a, b.reshape(a.shape))
        np.testing.assert_array_equal(a[5], c)


def test_two_vmaps_make_one_batch():
    """Whatever is mapped, the loops see one axis of frames: one operation, of which nothing is
    selected lane by lane."""
    find = functools.partial(find_contours, contours=4, points=16)
    masks = np.zeros((2, 3, 8, 8), np.uint8)
    jaxpr = jax.make_jaxpr(jax.vmap(jax.vmap(find)))(masks).jaxpr
    (work,) = [eqn for eqn in jaxpr.eqns if eqn.primitive.name == "whole_batch"]
    assert work.params["front"] == 2
    lowered = jax.jit(jax.vmap(jax.vmap(find))).lower(masks).as_text()
    conditions = re.findall(r"cond \{(.*?)\} do", lowered, re.DOTALL)
    assert conditions and all("tensor<i1>" in text for text in conditions)
    assert not any("tensor<6xi1>" in text or "tensor<2x3xi1>" in text for text in conditions)


def test_bounds_set_the_flag():
    masks = np.zeros((3, 8, 8), np.uint8)
    masks[1, ::2, ::2] = 1
    masks[2, 1:7, 1:7] = np.eye(6)
    find = jax.jit(find_contours, static_argnames=("method", "contours", "points"))
    found = find(masks, method="none", contours=4, points=9)
    assert found.overflow.tolist() == [False, True, True]
    found = find(masks, contours=16, points=2)
    assert found.overflow.tolist() == [False, False, False]


def test_unknown_mode():
    with pytest.raises(JaxcarError, match="floodfill"):
        find_contours(jnp.zeros((4, 4), jnp.uint8), "floodfill")
