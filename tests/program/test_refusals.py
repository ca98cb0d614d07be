"""Programs that tracing refuses: the code, the line, and no traceback."""

import pathlib
import re

import jax
import numpy as np
import pytest

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.program import check, compile_reward

FRAME = (8, 8, 3)
CASES = (pathlib.Path(__file__).parent / "corpus" / "refused.car").read_text().split("\n---\n")
UNFORESEEN = "this cannot be compiled yet"


@pytest.mark.parametrize("number", range(len(CASES)))
def test_refused(number):
    text = CASES[number]
    (line, wanted), *more = [
        (i, match.group(1))
        for i, row in enumerate(text.split("\n"), start=1)
        if (match := re.search(r'### "(.*)"$', row))
    ]
    assert not more
    found = [d for d in check(text, frame=FRAME) if d.severity == "error"]
    said = [f"{d.code}: {d.message}" for d in found]
    assert any(d.line == line and re.match(wanted, s) for d, s in zip(found, said, strict=True)), (
        said
    )
    assert not any(UNFORESEEN in s for s in said)
    with pytest.raises(RefusedProgram):
        compile_reward(text, frame=FRAME)


def test_unknown_parameter_lists_the_inputs():
    shapes = {"cube_pos": jax.ShapeDtypeStruct((3,), np.float32)}
    (found,) = check("def f(cube_position): return cube_position[0] > 1", inputs=shapes)
    assert found.code == "JC603"
    assert "cube_pos" in found.render()
    (found,) = check("def f(cube_poss): return True", inputs=shapes)
    assert found.fix == "did you mean `cube_pos`?"


@pytest.mark.parametrize("line", ["state.seen = 1", "state.seen += 1", "state.arm[0] = 1"])
def test_what_belongs_to_the_caller_is_not_assigned(line):
    shapes = {"state.pos": jax.ShapeDtypeStruct((3,), np.float32)}
    text = f"def f(state):\n    {line}\n    return state.pos[0] > 1"
    (found,) = check(text, inputs=shapes)
    assert found.code == "JC312" and found.line == 2
    assert found.message.endswith("an object of the caller's, is not supported")


def test_entry_is_named():
    text = "def a(frame): return True\ndef b(frame): return 1.0"
    assert [e.name for e in compile_reward(text, frame=FRAME).entries] == ["a", "b"]
    assert [e.name for e in compile_reward(text, entry="b", frame=FRAME).entries] == ["b"]
    (found,) = check(text, entry="c", frame=FRAME)
    assert found.code == "JC604"
    (found,) = check(text, entry="aa", frame=FRAME)
    assert found.fix == "rename the function to 'aa', or ask for entry='a'"
    methods = "class C:\n  def s(self, frame): return True\n  def t(self, frame): return 2.0"
    assert compile_reward(methods, entry="C.t", frame=FRAME).entries[0].returns == "reward"


def test_faults_of_several_entries_are_reported_together():
    text = "def a(frame): return frame[9, 9, 9, 9] > 1\ndef b(frme): return True"
    codes = [d.code for d in check(text, frame=FRAME)]
    assert codes == ["JC603"]
    text = "def a(frame): return frame[:, :, :, 9] > 1\ndef b(frame): return frame"
    assert [d.code for d in check(text, frame=FRAME)] == ["JC405", "JC605"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"frame": (8, 8)}, "colour picture"),
        ({"frame": (8, 8, 4)}, "colour picture"),
        ({"frame": "abc"}, "colour picture"),
        ({"inputs": {"a": (3,)}}, "shape is not known"),
        ({"inputs": [1]}, "mapping"),
        ({"entry": ["a", "b"], "frame": (8, 8, 3)}, "one entry for each"),
    ],
)
def test_wrong_arguments(options, words):
    with pytest.raises(JaxcarError, match=words):
        compile_reward("def f(frame): return True", **options)


def test_sources_must_be_text():
    with pytest.raises(JaxcarError, match="no program"):
        compile_reward([], frame=FRAME)
    with pytest.raises(JaxcarError, match="text"):
        compile_reward(3, frame=FRAME)


def test_inputs_of_init_and_step_are_checked():
    program = compile_reward(
        "def f(frame, initial_frame): return bool((frame != initial_frame).any())", frame=FRAME
    )
    frame = np.zeros(FRAME, np.uint8)
    with pytest.raises(JaxcarError, match="initial_frame"):
        program.init()
    memory = program.init(initial_frame=frame, unused=3)
    with pytest.raises(JaxcarError, match="frame"):
        program.step(memory)
    with pytest.raises(JaxcarError, match="shape or dtype"):
        program.step(memory, frame=frame[:4])
    with pytest.raises(JaxcarError, match="shape or dtype"):
        program.step(memory, frame=frame.astype(np.float32))
    assert not program.step(memory, frame=frame, unused=3)[1].completed[0]
