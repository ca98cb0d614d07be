"""Connected components: labels, boxes and centroids as OpenCV 5's."""

import functools

import cv2
import jax
import numpy as np
import pytest
from masks import random_masks, real_masks

from jaxcar.errors import JaxcarError
from jaxcar.vision import connected_components


def compare(masks, connectivity, components):
    find = jax.jit(
        functools.partial(connected_components, connectivity=connectivity, components=components)
    )
    found = jax.tree.map(np.asarray, find(masks))
    overflows = 0
    for b, mask in enumerate(masks):
        count, labels, stats, centroids = cv2.connectedComponentsWithStats(
            mask, connectivity=connectivity
        )
        over = count > components + 1
        assert found.overflow[b] == over
        overflows += over
        if over:
            continue
        assert found.count[b] == count
        np.testing.assert_array_equal(found.labels[b], labels)
        np.testing.assert_array_equal(found.stats[b, :count], stats)
        np.testing.assert_array_equal(found.centroids[b, :count], centroids)
        assert not found.stats[b, count:].any() and not found.centroids[b, count:].any()
    return overflows


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize(("shape", "components"), [((33, 47), 63), ((16, 16), 20)])
def test_components(connectivity, shape, components):
    masks = np.concatenate([real_masks(500, *shape), random_masks(500, *shape)])
    assert compare(masks, connectivity, components) < 500


@pytest.mark.slow
@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("shape", [(64, 64), (1, 9), (9, 1), (40, 100)])
def test_more_components(connectivity, shape):
    masks = np.concatenate([real_masks(1000, *shape, seed=1), random_masks(1000, *shape, seed=1)])
    compare(masks, connectivity, 100)


def test_batches_of_batches():
    masks = real_masks(12, 16, 16)
    find = functools.partial(connected_components, components=8)
    flat = jax.jit(find)(masks)
    nested = jax.jit(jax.vmap(jax.vmap(find)))(masks.reshape(3, 4, 16, 16))
    for a, b in zip(flat, nested, strict=True):
        np.testing.assert_array_equal(a, b.reshape(a.shape))


def test_unknown_connectivity():
    with pytest.raises(JaxcarError, match="connectivity 6"):
        connected_components(np.zeros((4, 4), np.uint8), 6)
