"""Programs with the vocabulary of `jaxcar.vision.host` say what CPython says with it."""

import jax
import numpy as np
import pytest
from oracle import differences, run_compiled
from test_corpus import blob_frames, doorkey_frames, resets_of, sources

from jaxcar.lang.rules import Limits
from jaxcar.lang.vision_names import EXAMPLE
from jaxcar.program import check, compile_reward
from jaxcar.program.faults import is_limit_fault

IMPORTS = """\
import jaxcar.vision.host as see
from jaxcar.vision.host import blobs, largest, touching
"""


def compiled(body, frame=(16, 16, 3), **limits):
    text = f"{IMPORTS}def f(frame):\n    found = blobs(frame[:, :, 1] > 200)\n    {body}\n"
    return compile_reward(text, frame=frame, limits=Limits(**limits))


def test_programs_of_blobs():
    frames = blob_frames()
    program = compile_reward(sources("blobs.car"), frame=frames.shape[2:])
    found, counts = differences(program, {"frame": frames}, resets_of())
    assert not found, "\n".join(found[:20])
    assert counts["limits"] == counts["near"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(sources("blobs_more.car"))))
def test_more_programs_of_blobs(number):
    frames = blob_frames(seed=number)
    program = compile_reward(sources("blobs_more.car")[number], frame=frames.shape[2:])
    found, counts = differences(program, {"frame": frames}, resets_of())
    assert not found, "\n".join(found[:20])
    assert counts["limits"] == counts["near"] == 0


@pytest.mark.slow
def test_programs_of_blobs_in_doorkey():
    frames = doorkey_frames()
    program = compile_reward(sources("blobs_doorkey.car"), frame=frames.shape[2:])
    found, counts = differences(program, {"frame": frames}, resets_of())
    assert not found, "\n".join(found[:20])
    assert counts["limits"] == counts["near"] == 0 and counts["true"] > 20


def test_the_example_of_the_language_page():
    frames = blob_frames(seed=9)
    program = compile_reward(EXAMPLE, frame=frames.shape[2:])
    found, counts = differences(program, {"frame": frames}, resets_of())
    assert not found and counts["true"] > 20, "\n".join(found[:20])


def test_too_many_blobs_are_a_limit_fault():
    frames = np.zeros((1, 1, 16, 16, 3), np.uint8)
    frames[..., ::2, ::2, 1] = 255
    for body in ("return float(len(found))", "return largest(found) is None"):
        said = run_compiled(compiled(body), {"frame": frames}, np.ones((1, 1), bool))
        assert is_limit_fault(said[0][3]).all()
    wide = compiled("return float(len(found))", contours=64)
    assert run_compiled(wide, {"frame": frames}, np.ones((1, 1), bool))[0][1] == 64


def test_a_long_outline_is_a_limit_fault_where_its_corners_are_read():
    frames = np.zeros((1, 1, 16, 16, 3), np.uint8)
    frames[..., 8, :, 1] = frames[..., 1::2, ::3, 1] = frames[..., 1:8:2, ::3, 1] = 255
    frames[..., ::3, 1] = 255
    for body, limit in (("vertices", True), ("area", False)):
        program = compiled(f"return float(found[0].{body})", contour_points=16)
        said = run_compiled(program, {"frame": frames}, np.ones((1, 1), bool))
        assert is_limit_fault(said[0][3]).all() == limit


def test_what_a_program_does_not_read_is_not_computed():
    """Outlines have lengths, which are sums of roots."""
    frame = jax.ShapeDtypeStruct((4, 16, 16, 3), np.uint8)

    def text_of(body):
        program = compiled(body)
        step = jax.vmap(lambda frame: program.step(program.init(), frame=frame)[1])
        return jax.jit(step).lower(frame).compile().as_text()

    loop = "return float(sum(b.{} for b in found if b.box[0] > 2))"
    assert "sqrt" in text_of(loop.format("vertices"))
    assert "sqrt" not in text_of(loop.format("area"))


@pytest.mark.parametrize("wide", [False, True])
def test_batches_of_batches(wide):
    frames = blob_frames()[:4, :6]
    program = compiled("return float(sum(b.vertices + b.centroid[0] for b in found))")
    with jax.enable_x64(wide):

        def step(frame):
            return program.step(program.init(initial_frame=frame), frame=frame)[1]

        nested = jax.jit(jax.vmap(jax.vmap(step)))(frames).reward
        alone = [jax.jit(step)(frame).reward for frame in frames.reshape(-1, 16, 16, 3)[:6]]
    wanted = run_compiled(program, {"frame": frames}, np.ones((4, 6), bool))[0][1]
    np.testing.assert_array_equal(nested, wanted)
    np.testing.assert_array_equal(np.stack(alone), wanted.reshape(-1)[:6])


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("found[0].bbox[0] > 3", "of a blob, read its box: left, top, width, height = blob.box"),
        ("found[0].centriod[0] > 3", "did you mean `centroid`?"),
        ("see.overlap(found[0], found[1])", "write touching(a, b, gap=0)"),
        ("found[0].size > 3", "read its area: blob.area"),
        ("touching(found[0], found[1], -1)", "write a whole number from 0"),
    ],
)
def test_fixes(line, fix):
    text = f"{IMPORTS}def f(frame):\n    found = blobs(frame[:, :, 1] > 200)\n    return {line}\n"
    (found,) = check(text, frame=(16, 16, 3))
    assert found.fix == fix
