"""What a step computes from the initial frame alone is computed once, and nothing changes by it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxcar
from jaxcar.program.counting import count_true
from jaxcar.program.fence import compute_once
from jaxcar.program.hoist import hoist

FRAME = (16, 16, 3)
SOURCE = """
import numpy as np

def bright(picture):
    return picture.astype(int).sum(axis=2) > 400

def fewer(frame, initial_frame):
    return np.sum(bright(frame)) < 0.5 * np.sum(bright(initial_frame))

def moved(frame, initial_frame):
    return bool(np.any(bright(frame) & ~bright(initial_frame)))
"""


def frames(count, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (count, *FRAME))
    return jnp.asarray(values, jnp.uint8)


def test_memory_holds_what_is_needed_of_the_initial_frame_and_no_frame():
    program = jaxcar.compile_reward(SOURCE, frame=FRAME)
    first, *later = frames(6)
    memory = program.init(initial_frame=first)
    kept = sum(leaf.nbytes for leaf in memory.initial)
    assert kept < first.nbytes / 2
    bright = [np.asarray(frame).astype(int).sum(axis=2) > 400 for frame in (first, *later)]
    for frame, mask in zip(later, bright[1:], strict=True):
        memory, out = program.step(memory, frame=frame)
        expected = [mask.sum() < 0.5 * bright[0].sum(), bool((mask & ~bright[0]).any())]
        assert out.completed.tolist() == expected


def test_a_frame_that_is_read_everywhere_is_kept_itself():
    source = "def same(frame, initial_frame):\n    return bool((frame == initial_frame).all())\n"
    program = jaxcar.compile_reward(source, frame=FRAME)
    first, other = frames(2)
    memory = program.init(initial_frame=first)
    assert [leaf.shape for leaf in memory.initial] == [FRAME]
    assert program.step(memory, frame=first)[1].completed.tolist() == [True]
    assert program.step(memory, frame=other)[1].completed.tolist() == [False]


@pytest.mark.parametrize("seed", range(3))
def test_the_parts_equal_the_whole(seed):
    def whole(a, b):
        total = jnp.sum(a["x"] * 2.0) + a["y"]
        return {"sum": total + b, "ones": jnp.ones(3), "x": a["x"][0], "b": b * 3}

    key_x, key_b = jax.random.split(jax.random.key(seed))
    a = {"x": jax.random.normal(key_x, (8,)), "y": jnp.float32(2)}
    b = jax.random.normal(key_b, ())
    shapes = jax.eval_shape(lambda a, b: (a, b), a, b)
    parts = hoist(whole, *shapes)
    kept = parts.before(a)
    assert sum(leaf.size for leaf in kept) <= 9
    assert parts.moved > 0
    jax.tree.map(np.testing.assert_array_equal, parts.after(kept, b), whole(a, b))


@pytest.mark.parametrize("shape", [(7,), (256,), (64, 64), (3, 300), (4, 5, 6)])
def test_counting_in_bytes_is_counting(shape):
    mask = np.random.default_rng(0).random(shape) < 0.9
    assert int(count_true(jnp.asarray(mask))) == mask.sum()
    for axis in range(len(shape)):
        for keepdims in (False, True):
            found = count_true(jnp.asarray(mask), (axis,), keepdims)
            np.testing.assert_array_equal(found, mask.sum(axis=axis, keepdims=keepdims))


def test_the_fence_changes_nothing():
    every = jnp.arange(256, dtype=jnp.uint8)
    np.testing.assert_array_equal(jax.jit(compute_once)(every), every)
