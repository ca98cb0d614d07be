"""Operations on whole batches: traced, mapped, sharded."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, PartitionSpec

from jaxcar import vision
from jaxcar.vision.batches import Work, in_batches

MASKS = np.random.default_rng(0).integers(0, 2, (8, 16, 16)).astype(np.uint8)


def measured(masks):
    found = vision.find_contours(masks, contours=32, points=64)
    area = vision.contour_area(found.points, found.lengths).astype(jnp.float32)
    return area, found.count


def test_inside_shard_map():
    mesh = jax.make_mesh((1,), ("seeds",), axis_types=(AxisType.Auto,))
    spec = PartitionSpec("seeds")
    for checked in (True, False):
        work = jax.shard_map(measured, mesh=mesh, in_specs=spec, out_specs=spec, check_vma=checked)
        for ours, wanted in zip(jax.jit(work)(MASKS), measured(MASKS), strict=True):
            np.testing.assert_array_equal(ours, wanted)


def test_an_operand_that_is_not_mapped():
    add = Work("add", lambda a, b: a + b, (1, 1))
    rows, row = np.arange(6.0, dtype=np.float32).reshape(2, 3), np.ones(3, np.float32)
    for axes in ((0, None), (None, 0)):
        given = (rows, row) if axes[1] is None else (row, rows)
        found = jax.vmap(lambda a, b: in_batches(add, a, b), axes)(*given)
        np.testing.assert_array_equal(found, rows + row)


def test_a_mapped_axis_that_is_not_the_first():
    total = Work("total", lambda frames: frames.sum(axis=(1, 2), dtype=jnp.int32), (2,))
    found = jax.vmap(lambda frame: in_batches(total, frame), in_axes=2)(MASKS.T)
    np.testing.assert_array_equal(found, MASKS.sum((1, 2)))


def test_wide_results_in_narrow_loops():
    """Areas are doubles also where JAX makes no other: as in a training loop of 32 bits."""
    square = np.zeros((6, 6), np.uint8)
    square[1:4, 1:5] = 1

    def turn(total, _):
        found = vision.find_contours(square, contours=2, points=8)
        area = vision.contour_area(found.points[0], found.lengths[0])
        assert area.dtype == np.float64
        return total + area.astype(jnp.float32), None

    assert jax.jit(lambda: jax.lax.scan(turn, jnp.float32(0), None, 3)[0])() == 18.0


def test_no_frames_at_all():
    area, count = jax.jit(jax.vmap(measured))(MASKS[:0])
    assert area.shape == (0, 32) and count.shape == (0,)


def test_nothing_is_traced_twice():
    traced = []

    def double(frames):
        traced.append(frames.shape)
        return 2 * frames

    work = Work("double", double, (2,))
    for _ in range(3):
        jax.make_jaxpr(lambda x: in_batches(work, x))(MASKS[0])
    assert len(traced) == 1
