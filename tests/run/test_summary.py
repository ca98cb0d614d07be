"""The figures of a summary: intervals, steps to 90 %, and the fixed names."""

import dataclasses

import numpy as np
import pytest
import stored

from jaxcar.run import summary


def chunk(steps, success, arm="program"):
    base = stored.measurements(chunks=3)[0]
    sampled = dataclasses.replace(base.sampled, success=success)
    return dataclasses.replace(base, arm=arm, steps=steps, sampled=sampled)


def test_the_interval_holds_the_mean_and_widens_with_seeds_and_episodes():
    for success in ([0.0] * 4, [1.0] * 4, [0.2, 0.9, 0.5, 0.5]):
        mean, low, high = summary.success_interval(success, 512)
        assert 0 <= low <= mean <= high <= 1
        assert mean == pytest.approx(np.mean(success))
    same = summary.success_interval([0.5] * 4, 512)
    apart = summary.success_interval([0.1, 0.9] * 2, 512)
    few = summary.success_interval([0.5] * 4, 16)
    assert same.high - same.low < min(few.high - few.low, apart.high - apart.low)


def test_one_seed_has_its_jeffreys_interval():
    from scipy.stats import beta

    _, low, high = summary.success_interval([0.75], 64)
    assert (low, high) == pytest.approx(beta.ppf([0.025, 0.975], 48.5, 16.5), abs=5e-3)


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        ([10, 20, 30, 40], 20),
        ([10, 20, 30], 20),
        ([10, 20, None, None], 20),
        ([10, None, None, None], None),
        ([None, None], None),
        ([30, None], 30),
        ([10, 10, None], 10),
    ],
)
def test_steps_to_90_is_the_lower_median_over_all_seeds(reached, expected):
    chunks = [
        chunk(step, [0.9 if r is not None and step >= r else 0.5 for r in reached])
        for step in (10, 20, 30, 40)
    ]
    assert summary.steps_to(chunks) == expected


def test_steps_to_90_is_of_the_first_time():
    assert summary.steps_to([chunk(10, [0.95]), chunk(20, [0.1]), chunk(30, [0.95])]) == 10


def test_arms_are_compared_where_the_first_one_stopped():
    made = [chunk(10, [0.5]), chunk(20, [1.0])]
    made += [chunk(s, [s / 100], arm="sparse") for s in (10, 20, 30)]
    found = summary.equal_steps(made)
    assert {arm: (steps, e.success) for arm, (steps, e) in found.items()} == {
        "program": (20, [1.0]),
        "sparse": (20, [0.2]),
    }
    assert summary.equal_steps([]) == {}


def test_the_names_of_a_summary_are_fixed():
    found = summary.summarise("T", stored.verdict(), stored.measurements(), 7.0)
    assert set(found) == {"task", "verdict", "arms", "compile_s", "wall_s"}
    assert set(found["verdict"]) == {"accepted", "subtasks"}
    assert set(found["arms"]) == {"program", "sparse"}
    names = {"success", "success_ci", "steps_to_90", "steps_per_s", "steps", "faults"}
    for arm in found["arms"].values():
        assert set(arm) == names
        low, high = arm["success_ci"]
        assert low <= arm["success"] <= high
        assert isinstance(arm["steps_to_90"], int) or arm["steps_to_90"] is None
    program = found["arms"]["program"]
    assert program["steps"] == 163_840
    assert program["steps_per_s"] == pytest.approx(4 * 163_840 / 17)
    assert found["compile_s"] == 9.0


def test_a_run_without_programs_has_no_verdict():
    assert summary.summarise("T", None, stored.measurements(), 7.0)["verdict"] is None
