"""Every program of the corpus, compiled, says on every frame what CPython, NumPy and OpenCV say."""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracle import assert_same, differences, run_compiled

from jaxcar.envs.registry import make
from jaxcar.lang.source import ProgramSource
from jaxcar.program import compile_reward
from jaxcar.program.faults import is_limit_fault

CORPUS = pathlib.Path(__file__).parent / "corpus"
B, T = 25, 40


def sources(name):
    text = (CORPUS / name).read_text()
    return [ProgramSource(part, f"{name}#{i}") for i, part in enumerate(text.split("\n---\n"))]


def small_frames(seed=0, size=8):
    """Noise, and flat tiles of few exact colours."""
    rng = np.random.default_rng(seed)
    colours = np.array(
        [
            [255, 0, 0],
            [0, 255, 0],
            [0, 0, 255],
            [0, 0, 0],
            [255, 255, 255],
            [250, 5, 3],
            [128, 64, 0],
        ]
    )
    chosen = rng.choice(
        len(colours), (B, T, size // 2, size // 2), p=[0.1] * 3 + [0.5, 0.05, 0.1, 0.05]
    )
    tiles = colours[chosen].repeat(2, axis=2).repeat(2, axis=3).astype(np.uint8)
    noise = rng.integers(0, 256, tiles.shape, np.uint8)
    frames = np.where(rng.random((B, T, 1, 1, 1)) < 0.3, noise, tiles)
    frames[:, 3] = frames[:, 2]
    return frames.astype(np.uint8)


def resets_of(seed=1):
    resets = np.random.default_rng(seed).random((B, T)) < 0.15
    resets[:, 0] = True
    return resets


def test_small_programs():
    counts = assert_same(
        sources("frames.car"), {"frame": small_frames()}, resets_of(), frame=(8, 8, 3)
    )
    assert counts["faults"] > 50 and counts["true"] > 50 and counts["limits"] == 0


def blob_frames(seed=5, size=16):
    """Boxes, discs and rings of exact colours over dark noise; some with single bright pixels."""
    rng = np.random.default_rng(seed)
    colours = np.array([[0, 255, 0], [255, 0, 0], [10, 250, 5], [0, 220, 60], [0, 0, 0]], np.uint8)
    frames = rng.integers(0, 60, (B, T, size, size, 3)).astype(np.uint8)
    ys, xs = np.mgrid[:size, :size]
    for frame in frames.reshape(-1, size, size, 3):
        for _ in range(rng.integers(0, 7)):
            y, x, height, width = *rng.integers(0, size, 2), *rng.integers(1, size // 2, 2)
            inside = (ys >= y) & (ys < y + height) & (xs >= x) & (xs < x + width)
            if rng.random() < 0.4:
                far = (ys - y) ** 2 + (xs - x) ** 2
                inside = far <= width**2 / 2
                if rng.random() < 0.5:
                    inside &= far > width**2 / 8
            frame[inside] = colours[rng.integers(len(colours))]
        if rng.random() < 0.2:
            frame[rng.random((size, size)) < 0.04] = colours[0]
    frames[:, 3] = frames[:, 2]
    return frames


def test_programs_of_contours():
    frames = blob_frames()
    program = compile_reward(sources("contours.car"), frame=frames.shape[2:])
    found, counts = differences(program, {"frame": frames}, resets_of())
    assert not found, "\n".join(found[:20])
    assert counts["limits"] == counts["near"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["contours_more", "components", "drawing_more", "matching", "colours"]
)
def test_more_programs_of_shapes(name):
    frames = blob_frames()
    for source in sources(f"{name}.car"):
        program = compile_reward(source, frame=frames.shape[2:])
        found, counts = differences(program, {"frame": frames}, resets_of())
        assert not found, "\n".join(found[:20])
        assert counts["limits"] == counts["near"] == 0


def test_too_many_contours_are_a_limit_fault():
    frames = np.zeros((1, 1, 16, 16, 3), np.uint8)
    frames[..., ::2, ::2, :] = 255
    program = compile_reward(
        "import cv2\n"
        "def f(frame):\n"
        "    found, _ = cv2.findContours(frame[:, :, 0], cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)\n"
        "    return float(len(found))\n",
        frame=(16, 16, 3),
    )
    said = run_compiled(program, {"frame": frames}, np.ones((1, 1), bool))
    assert is_limit_fault(said[0][3]).all()


@pytest.mark.parametrize("number", range(len(sources("pictures.car"))))
def test_picture_programs(number):
    shape = (4, 8, 16, 14, 3)
    rng = np.random.default_rng(number)
    frames = small_frames(seed=3, size=16)[: shape[0], : shape[1], :, : shape[3]].copy()
    smooth = np.add.outer(np.arange(16) * 9, np.arange(14) * 7)[..., None] + rng.integers(
        0, 90, shape
    )
    frames[:, 1::3] = smooth[:, 1::3]
    frames[:, 4] = rng.integers(0, 256, shape[2:], np.uint8)
    frames[1, 5] = 0
    resets = resets_of()[: shape[0], : shape[1]]
    program = sources("pictures.car")[number]
    counts = assert_same(program, {"frame": frames}, resets, frame=shape[2:])
    assert counts["limits"] == 0


def mixed_frames(seed, shape=(6, 12, 16, 14, 3)):
    """Tiles of exact colours, slopes and noise, so that places and sizes of parts vary."""
    rng = np.random.default_rng(seed)
    frames = small_frames(seed=3, size=16)[: shape[0], : shape[1], :, : shape[3]].copy()
    slopes = np.add.outer(np.arange(16) * 9, np.arange(14) * 7)[..., None]
    frames[:, 1::3] = (slopes + rng.integers(0, 90, shape))[:, 1::3]
    noise = rng.integers(0, 256, shape, np.uint8)
    frames[:, 4] = noise[:, 4]
    noisy = rng.random(shape[:2]) < 0.6
    noisy[:, :5] = False
    frames[noisy] = noise[noisy]
    frames[1, 5] = 0
    return frames


@pytest.mark.parametrize("number", range(len(sources("pictures_more.car"))))
def test_more_picture_programs(number):
    frames = mixed_frames(number)
    program = compile_reward(sources("pictures_more.car")[number], frame=frames.shape[2:])
    resets = resets_of()[: frames.shape[0], : frames.shape[1]]
    found, counts = differences(program, {"frame": frames}, resets)
    assert not found, "\n".join(found[:20])
    assert counts["limits"] == counts["near"] == 0


def doorkey_frames():
    """Frames of DoorKey-8x8 under random and expert steps, u8[B, T, 64, 64, 3]."""
    task = make("MiniGrid-DoorKey-8x8-v0")

    def walk(key):
        key_reset, key_walk = jax.random.split(key)
        _, state = task.env.reset_env(key_reset, task.params)

        def turn(state, key):
            key_step, key_pick, key_act = jax.random.split(key, 3)
            wild = jax.random.randint(key_act, (), 0, 7)
            action = jnp.where(
                jax.random.bernoulli(key_pick, 0.2), wild, task.expert(key_act, state, task.params)
            )
            _, after, *_ = task.env.step_env(key_step, state, action, task.params)
            return after, task.render(state, task.params)

        return jax.lax.scan(turn, state, jax.random.split(key_walk, STEPS))[1]

    with jax.debug_key_reuse(False):
        return np.asarray(jax.jit(jax.vmap(walk))(jax.random.split(jax.random.key(0), B)))


STEPS = 40


def test_doorkey_programs():
    frames = doorkey_frames()
    resets = np.zeros(frames.shape[:2], bool)
    resets[:, 0] = True
    resets[1, 17] = True
    counts = assert_same(sources("doorkey.car"), {"frame": frames}, resets, frame=(64, 64, 3))
    assert counts["true"] > 20


STATE = {
    "pos": ((3,), np.float32),
    "goal": ((3,), np.float32),
    "speed": ((2,), np.float64),
    "gripper": ((), np.float32),
    "held": ((), np.bool_),
    "ids": ((4,), np.int64),
    "step": ((), np.int32),
}


STATE_FILES = ("state", "library", "semantics", "language", "standard")
LIBRARY = ("shapes", "order", "totals", "products", "math", "iterators", "names")


def state_inputs(seed=2):
    """Small integers and halves, whose sums and products are exact."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, (shape, dtype) in STATE.items():
        values = rng.integers(-4, 6, (B, T, *shape)) / (
            1 if np.issubdtype(dtype, np.integer) else 2
        )
        found[name] = (rng.random((B, T)) < 0.5) if dtype == np.bool_ else values.astype(dtype)
    return found


def test_state_programs():
    declared = {name: jax.ShapeDtypeStruct(*shape) for name, shape in STATE.items()}
    programs = [s for n in STATE_FILES for s in sources(f"{n}.car")]
    counts = assert_same(programs, state_inputs(), resets_of(), inputs=declared)
    assert counts["faults"] > 300 and counts["true"] > 300 and counts["limits"] == 0


@pytest.mark.parametrize("part", LIBRARY)
def test_library_programs(part):
    declared = {name: jax.ShapeDtypeStruct(*shape) for name, shape in STATE.items()}
    counts = assert_same(
        sources(f"library_{part}.car"), state_inputs(), resets_of(), inputs=declared
    )
    assert counts["limits"] == 0
