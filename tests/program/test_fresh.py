"""Programs that models wrote freshly: the accepted ones are recorded, and say what CPython says."""

import json
import re

import numpy as np
import pytest
from fresh_comparison import compared
from fresh_inputs import FOLDER, TASK_OF, TASKS, frame_of, values_of
from oracle import differences

from jaxcar.errors import RefusedProgram
from jaxcar.lang.source import ProgramSource
from jaxcar.program import check, compile_reward

B, T = 10, 100
COMPARED = json.loads((FOLDER / "compared.json").read_text())
LIMITED = ("image_02",)  # an argsort among equal counts: NumPy does not say in which order
QUICK = ("image_01", "image_10", "image_12", "image_16", "image_19")
RECORD = json.loads((FOLDER / "acceptance.json").read_text())


REPAIRED = json.loads((FOLDER / "repaired.json").read_text())


def replied(name):
    """The program in a recorded reply."""
    reply = (FOLDER / "repaired" / f"{name}.md").read_text()
    return re.search(r"```(?:python)?\n(.*?)```", reply, re.DOTALL).group(1)


def source(name):
    return ProgramSource((FOLDER / f"{name}.py").read_text(), f"{name}.py")


def accepted(task):
    """The accepted programs of a task, and the codes of the others."""
    programs, refused = [], {}
    for name in sorted(name for name, of in TASK_OF.items() if of == task):
        try:
            programs.append(compile_reward(source(name), inputs=TASKS[task]))
        except RefusedProgram as found:
            refused[name] = sorted({d.code for d in found.diagnostics})
    return programs, refused


@pytest.mark.parametrize("task", TASKS)
def test_state_programs(task):
    programs, refused = accepted(task)
    recorded = {name: RECORD[name] for name, of in TASK_OF.items() if of == task and RECORD[name]}
    assert refused == recorded
    resets = np.random.default_rng(1).random((B, T)) < 0.05
    resets[:, 0] = True
    for program in programs:
        found, counts = differences(program, values_of(task, B, T), resets)
        assert not found, "\n".join(found[:3])
        assert counts["limits"] == 0
        assert counts["near"] <= counts["steps"] / 1000


def test_repaired_programs():
    """What a model made of its refused programs, from the diagnostics alone."""
    resets = np.zeros((B, T), bool)
    resets[:, 0] = True
    for name, codes in REPAIRED.items():
        text = replied(name)
        if name not in TASK_OF:
            continue  # a picture program's
        task = TASK_OF[name]
        if codes:
            assert check(ProgramSource(text), inputs=TASKS[task])
            continue
        program = compile_reward(ProgramSource(text, f"{name}.py"), inputs=TASKS[task])
        found, _ = differences(program, values_of(task, B, T), resets)
        assert not found, "\n".join(found[:3])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if "JC508" in codes else [])
        for name, codes in REPAIRED.items()
        if name.startswith("image")
    ],
)
def test_repaired_picture_programs(name):
    source = ProgramSource(replied(name), f"{name}.py")
    errors = {d.code for d in check(source, frame=frame_of(name)) if d.severity == "error"}
    assert sorted(errors) == REPAIRED[name]
    if not errors:
        found, _, _ = compared(name, sequences=4, steps=12, source=source)
        assert not found, "\n".join(found[:3])


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(name for name in RECORD if name.startswith("image")))
def test_image_programs_get_diagnostics(name):
    errors = [d for d in check(source(name), frame=frame_of(name)) if d.severity == "error"]
    assert sorted({d.code for d in errors}) == RECORD[name]
    assert all(d.fix for d in errors)


def test_every_accepted_image_program_was_compared():
    accepted = {name for name, codes in RECORD.items() if name.startswith("image") and not codes}
    assert set(COMPARED) == accepted
    for name, of in COMPARED.items():
        assert of["steps"] == 1000 * len(of["answers"])
        assert of["near"] <= of["steps"] / 1000
        assert name in LIMITED or of["limits"] == of["differences"] == 0
        assert all(answers["different"] > 1 for answers in of["answers"].values()), name


@pytest.mark.parametrize("name", QUICK)
def test_image_programs_on_few_pictures(name):
    found, counts, _ = compared(name, sequences=4, steps=12)
    assert not found, "\n".join(found[:3])
    assert counts["limits"] == counts["near"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(COMPARED) - set(LIMITED)))
def test_image_programs_on_all_pictures(name):
    found, counts, answers = compared(name)
    assert not found, "\n".join(found[:3])
    assert {key: counts[key] for key in counts} == {key: COMPARED[name][key] for key in counts}
    assert answers.keys() == COMPARED[name]["answers"].keys()
