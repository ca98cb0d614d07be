"""`explain` says of each line what CPython would find there, and in the end what `step` says."""

import pathlib

import jax
import numpy as np
import pytest
from test_corpus import STATE, sources, state_inputs

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.program import compile_reward, watch
from jaxcar.program.explain import explain
from jaxcar.program.faults import describe_fault, is_limit_fault
from jaxcar.program.shown import shown

PATROL = """import numpy as np

LIMIT = 3


class Patrol:
    def __init__(self):
        self.seen = []
        self.best = None

    def step(self, pos, cells):
        here = (int(pos[0]), int(pos[1]))
        if here not in self.seen:
            self.seen.append(here)
        if len(self.seen) > LIMIT:
            self.seen.pop(0)
        self.best = max(self.best or 0, here[0])
        n = 0
        while n < here[0]:
            n += 1
        total = 0
        for row in cells:
            for cell in row:
                if cell > 3:
                    total += int(cell)
        try:
            ratio = total / here[0]
        except ZeroDivisionError:
            ratio = -1.0
        else:
            ratio += 1
        cells = cells.copy()
        cells[0, 0] = 7
        return ratio - cells[here[1], 0], {"ratio": ratio}
"""
CELLS = np.arange(64).reshape(8, 8)


def line(step, number):
    """The values of a line, joined, and how many there are."""
    row = step.rows[number - 1]
    return [(seen.form, ", ".join(seen.values), seen.number) for seen in row.seen]


def steps_of(*positions):
    return [{"pos": np.array(pos), "cells": CELLS} for pos in positions]


def assert_agrees(text, steps, **options):
    """What is explained ends as the compiled program's steps do; return the last step."""
    explanation = explain(text, steps, **options)
    shapes = {
        name: value if value is None else jax.ShapeDtypeStruct(np.shape(value), value.dtype)
        for name, value in steps[0].items()
    }
    program = compile_reward(text, inputs=shapes, **options)
    with jax.enable_x64(True):
        memory, say = program.init(**steps[0]), jax.jit(program.say)
        for given, step in zip(steps, explanation.steps, strict=True):
            memory, results = say(memory, **given)
            for said, result in zip(step.said, results, strict=True):
                code = int(result.fault)
                assert said.fault == (describe_fault(code) if code else None)
                assert said.limit == bool(is_limit_fault(code))
                if result.completed is not None:
                    assert said.completed == bool(result.completed)
                if said.reward is not None:
                    np.testing.assert_allclose(said.reward, float(result.reward), rtol=1e-12)
                assert set(said.components) == set(result.components)
                for name, value in said.components.items():
                    np.testing.assert_allclose(value, float(result.components[name]), rtol=1e-12)
                faults = [words for row in step.rows for words in row.faults]
                assert code == 0 or said.fault.partition(": ")[2] in faults
    return explanation.steps[-1]


def test_every_line_has_its_values():
    step = assert_agrees(PATROL, steps_of((0, 1), (2, 5)))
    assert line(step, 3) == [("value", "3", 1)]
    assert line(step, 8) == [("value", "[]", 1)]  # of the set-up
    assert line(step, 12) == [("value", "(2, 5)", 1)]
    assert line(step, 13) == [("test", "True", 1)]
    assert line(step, 14) == [("value", "[(0, 1), (2, 5)]", 1)]
    assert line(step, 15) == [("test", "False", 1)]
    assert line(step, 19) == [("test", "True, True, False", 3)]
    assert line(step, 20) == [("value", "1, 2", 2)]
    assert step.rows[22 - 1].seen[0].number == 8
    assert line(step, 23) == [("turn", "0, 1, 2, 3, 63", 64)]
    assert line(step, 24) == [("test", "False, False, False, False, True", 64)]
    assert step.rows[24 - 1].seen[0].true == 60
    assert line(step, 25)[0][2] == 60
    assert line(step, 27) == [("value", "1005.0", 1)]
    assert line(step, 31) == [("value", "1006.0", 1)]
    assert line(step, 33) == [("value", "7", 1)]
    assert line(step, 34) == [("returned", "(966.0, {'ratio': 1006.0})", 1)]
    assert step.said[0].memory == {"best": "2", "seen": "[(0, 1), (2, 5)]"}


def test_lines_that_are_not_reached_are_told_apart():
    step = assert_agrees(PATROL, steps_of((0, 1)))
    skipped = [row.line for row in step.rows if row.reached is False]
    assert skipped == [16, 20, 30, 31]
    assert step.rows[28 - 1].reached  # the clause that caught
    assert step.rows[27 - 1].caught == ("ZeroDivisionError: division by zero",)
    assert step.rows[2 - 1].reached is None


def test_a_fault_ends_what_is_explained_and_leaves_the_memory():
    step = assert_agrees(PATROL, steps_of((0, 1), (2, 9)))
    assert step.rows[34 - 1].faults == ("IndexError: index out of range",)
    assert line(step, 34) == []
    assert step.said[0].fault == "line 34: IndexError: index out of range"
    assert step.said[0].memory == {"best": "0", "seen": "[(0, 1)]"}
    assert not step.said[0].limit


def test_what_comes_after_a_fault_is_not_reached():
    text = "def f(pos):\n    a = 1 / pos[5 + int(pos[0])]\n    b = 2\n    return a + b\n"
    step = assert_agrees(text, [{"pos": np.arange(3.0)}])
    assert [row.reached for row in step.rows] == [True, True, False, False]


def test_the_fault_of_the_set_up_is_shown_at_its_line():
    text = """class Start:
    def __init__(self, ids):
        self.first = 1 / int(ids[0])

    def reward(self, ids):
        return self.first + 1
"""
    step = assert_agrees(text, [{"ids": np.array([0])}, {"ids": np.array([2])}])
    assert step.rows[3 - 1].faults == ("ZeroDivisionError: division by zero",)
    assert [row.reached for row in step.rows] == [True, True, True, None, False, False]


def test_a_limit_is_no_error_of_the_program(monkeypatch):
    text = """def f(ids):
    n = int(ids[0])
    while n >= 0:
        n = (n + 1) % 7
    return n
"""
    monkeypatch.setattr(watch, "_TURNS", 40)
    step = assert_agrees(text, [{"ids": np.array([1])}])
    assert step.said[0].limit
    assert step.rows[3 - 1].faults == ("limit: a loop ran more often than its budget",)
    assert step.rows[3 - 1].seen[0].number == 41
    assert step.rows[3 - 1].seen[0].cut
    assert not step.rows[2 - 1].seen[0].cut


def test_walrus_match_loops_without_turns_and_several_entries():
    text = """def shared(x):
    return x + 1


def first(ids):
    n = -1
    while (n := n + 1) < int(ids[1]):
        pass
    for i in range(int(ids[0])):
        n += shared(i)
    return float(shared(n))


def second(ids):
    match int(ids[1]):
        case 0 | 1:
            return 1.0
        case 2:
            return 2.0
        case _:
            return -1.0
"""
    step = assert_agrees(text, [{"ids": np.array([0, 2])}])
    assert line(step, 2) == [("returned", "3", 1)]
    assert sorted(line(step, 7)) == [
        ("test", "True, True, False", 3),
        ("value", "0, 1, 2", 3),
    ]
    assert line(step, 9) == [("turn", "", 0)]
    assert [line(step, n) for n in (16, 18, 20)] == [
        [("test", "False", 1)],
        [("test", "True", 1)],
        [],
    ]
    assert [said.entry for said in step.said] == ["first", "second"]


def test_pictures():
    text = """def changed(frame, initial_frame, previous_frame):
    moved = (frame != previous_frame).any()
    lit = frame.max(axis=2) > 9
    return bool(moved) and lit.sum() > (initial_frame > 9).sum()
"""
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 99, np.uint8)
    episode = [{"frame": black}, {"frame": white}, {"frame": white}]
    explanation = explain(text, episode)
    assert [step.said[0].completed for step in explanation.steps] == [False, True, False]
    assert line(explanation.steps[1], 2) == [("value", "True", 1)]
    assert line(explanation.steps[2], 2) == [("value", "False", 1)]
    assert line(explanation.steps[1], 3) == [("value", "bool[8, 8] 64 of 64 true", 1)]
    given = [{"frame": white, "initial_frame": black, "previous_frame": white}]
    assert line(explain(text, given).steps[0], 2) == [("value", "False", 1)]


def test_what_does_not_fit_is_said():
    text = "def f(pos):\n    return pos[0] > 1\n"
    with pytest.raises(JaxcarError, match="nothing to run the program on"):
        explain(text, [])
    with pytest.raises(JaxcarError, match="input `pos` of step 2"):
        explain(text, [{"pos": np.zeros(3)}, {"pos": np.zeros(2)}])
    with pytest.raises(JaxcarError, match="expected: nothing"):
        explain(text, [{"pos": np.zeros(3)}, {"other": np.zeros(2)}])
    with pytest.raises(RefusedProgram, match="entry 'g' does not exist"):
        explain(text, [{"pos": np.zeros(3)}], entry="g")
    pictures = {"frame": np.zeros((8, 8, 3), np.uint8), "initial_frame": np.zeros((4, 4, 3), "u1")}
    with pytest.raises(JaxcarError, match="input `initial_frame`"):
        explain("def f(frame):\n    return frame.max() > 1\n", [pictures])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.333333"),
        (2.0, "2.0"),
        (1e300, "1e+300"),
        (float("nan"), "nan"),
        (True, "True"),
        (10**30, "1000000000...0000"),
        (np.uint8(250), "uint8 250"),
        (np.float64(0.5), "0.5"),
        (np.arange(4.0).reshape(2, 2), "float64[2, 2] [[0.0, 1.0], [2.0, 3.0]]"),
        (np.array([1.0] * 9 + [np.nan]), "float64[10] all 1.0, 1 of 10 nan"),
        (np.zeros((0, 2)), "float64[0, 2] empty"),
        ((1,), "(1,)"),
        (tuple(range(20)), "(0, 1, 2, 3, 4, 5, 6, 7, ... 20 in all)"),
        ("word", "'word'"),
        (None, "None"),
    ],
    ids=str,
)
def test_values_are_short(value, text):
    assert shown(value) == text


def test_the_benchmarks_programs_agree():
    folder = pathlib.Path(__file__).parents[2] / "benchmarks" / "programs"
    grid = np.zeros((8, 8), np.int32)
    grid[3, 1:] = 1
    ends = {"agent": np.array([0, 0], np.int32), "goal": np.array([7, 7], np.int32)}
    step = assert_agrees((folder / "search.py").read_text(), [{"grid": grid, **ends}])
    assert step.said[0].reward == 1 - 14 / 64
    milestones = [
        {
            "pos": np.array([x, 1.0], np.float32),
            "goal": np.array([4, 4], np.float32),
            "key": np.array([2, 1], np.float32),
            "has_key": np.bool_(x > 1),
            "door_open": np.bool_(x > 2),
        }
        for x in (0.0, 1.0, 2.0, 3.0)
    ]
    step = assert_agrees((folder / "memory.py").read_text(), milestones)
    assert step.said[0].memory["steps"] == "4"
    assert step.said[0].memory["done"] == "{'near_key': True, 'has_key': True, 'door_open': True}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["state", "language", "semantics", "standard"])
def test_the_corpus_agrees(name):
    inputs = state_inputs()
    steps = [{key: inputs[key][0, t] for key in STATE} for t in range(3)]
    for source in sources(f"{name}.car"):
        assert_agrees(source, [{k: np.asarray(v) for k, v in s.items()} for s in steps])
