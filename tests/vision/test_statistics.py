"""Statistics of tall pictures and of single ones; `test_cases.py` compares the operations."""

import jax
import numpy as np
from vision_frames import QUICK, frames

from jaxcar import vision


def test_tall_pictures_do_not_overflow():
    tall = np.full((2, 300, 5, 3), 255, np.uint8)
    assert jax.jit(vision.totals)(tall).tolist() == [[300 * 5 * 255] * 3] * 2
    assert jax.jit(vision.count_nonzero)(tall[..., 0]).tolist() == [1500] * 2
    tall[:, 280, 2] = 3
    assert jax.jit(vision.extremes)(tall[..., 0]).smallest_at.tolist() == [[2, 280]] * 2


def test_one_picture_as_in_a_batch():
    (H, W), _ = QUICK
    a = frames(H, W, 6)
    np.testing.assert_array_equal(jax.jit(vision.mean)(a[5]), jax.jit(vision.mean)(a)[5])
    counts = jax.jit(vision.histogram)
    np.testing.assert_array_equal(counts(a[5, ..., 0]), counts(a[..., 0])[5])
