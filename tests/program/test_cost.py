"""What a program costs, and that programs compiled together do common work once."""

import jax
import numpy as np

from jaxcar.program import compile_reward

MASK = """import cv2
import numpy as np


def {name}(frame):
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    mask = cv2.inRange(hsv, np.array([40, 80, 80]), np.array([80, 255, 255]))
    return cv2.countNonZero(mask) > {limit}
"""
FRAME = (32, 32, 3)


def sources(number):
    return [MASK.format(name=f"part_{i}", limit=10 * i) for i in range(number)]


def test_programs_compiled_together_share_their_masks():
    alone, together = (compile_reward(sources(n), frame=FRAME).cost(8) for n in (1, 4))
    # Each further program adds a comparison, not a mask of its own.
    assert together.flops < 1.2 * alone.flops
    assert together.bytes_accessed < 1.2 * alone.bytes_accessed


def test_shared_masks_say_what_each_program_says():
    frames = np.random.default_rng(0).integers(0, 30, (6, *FRAME), np.uint8)
    for i, frame in enumerate(frames):
        frame[0, : 7 * i] = [20, 200, 30]
    texts = sources(4)
    joint = compile_reward(texts, frame=FRAME)
    _, out = jax.vmap(lambda f: joint.step(joint.init(initial_frame=f), frame=f))(frames)
    for i, text in enumerate(texts):
        one = compile_reward(text, frame=FRAME)
        _, said = jax.vmap(lambda f, one=one: one.step(one.init(initial_frame=f), frame=f))(frames)
        assert out.completed[:, i].tolist() == said.completed[:, 0].tolist()
    assert 0 < out.completed.sum() < out.completed.size


def test_cost_grows_with_the_batch_alone():
    program = compile_reward(sources(1), frame=FRAME)
    one, many = program.cost(1), program.cost(64)
    assert one.equations == many.equations > 0
    assert 32 * one.flops < many.flops < 128 * one.flops
    assert many.bytes_accessed > 32 * one.bytes_accessed
