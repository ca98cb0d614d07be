import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from corridor import HandProgram, corridor_task, two_bits

from jaxcar.errors import JaxcarError
from jaxcar.verification import (
    PRESETS,
    Share,
    collect_evidence,
    deciding_frames,
    judge,
    measure,
    verify,
)
from jaxcar.verification.statistics import wilson_interval

PAPER = PRESETS["paper"]


def judged(program, task=None, episodes=20, length=6):
    task = task or corridor_task(length=length, max_steps_in_episode=8)
    measurement = measure(
        task, program, key=jax.random.key(0), expert_episodes=episodes, random_episodes=episodes
    )
    return task, measurement, judge(task, program, measurement, PAPER)


def test_right_program_is_accepted_and_matched_to_the_truths():
    program = two_bits(2, 6)
    _, _, verdict = judged(program, length=6)
    assert verdict.accepted and verdict.reasons == () and verdict.blamed == ()
    assert verdict.expert_complete == Share(20, 20) == verdict.expert_success
    assert verdict.expert_frames == 20 * 7
    halfway, at_end = verdict.subtasks
    assert (halfway.truth.name, at_end.truth.name) == ("halfway", "at_end")
    assert halfway.first_step == (2, 2, 2) and at_end.first_step == (6, 6, 6)
    assert halfway.truth.expert_precision == Share(100, 100) == halfway.truth.expert_recall
    assert halfway.truth.random_recall.value == 1.0
    assert halfway.early == Share(0, 20)
    assert verdict.random_success.count == verdict.random_complete.count <= 2


def test_counts_equal_a_loop_over_frames():
    """Random play, frame by frame on the host, gives the same counts."""
    task = corridor_task(length=4, max_steps_in_episode=8)
    program = two_bits(1, 3)
    measurement = measure(
        task, program, key=jax.random.key(3), expert_episodes=1, random_episodes=6
    )
    part = measurement.random
    from jaxcar.verification.trajectories import random_policy, snapshot_trajectories

    steps = jnp.tile(jnp.arange(9, dtype=jnp.int32), (6, 1))
    kept = snapshot_trajectories(task, program, random_policy(task), part.keys, steps)
    for episode in range(6):
        length = int(part.score.length[episode])
        cells = np.asarray(kept.frames)[episode, : length + 1, 0, 0, 0]
        assert cells[0] == 0 and (np.abs(np.diff(cells.astype(int))) <= 1).all()
        said = np.stack([cells >= 1, cells >= 3], axis=1)
        true = np.stack([cells >= 2, cells == 4], axis=1)
        np.testing.assert_array_equal(kept.completed[episode, : length + 1], said)
        np.testing.assert_array_equal(part.score.said[episode], said.sum(axis=0))
        np.testing.assert_array_equal(part.score.true[episode], true.sum(axis=0))
        both = (said[:, :, None] & true[:, None, :]).sum(axis=0)
        np.testing.assert_array_equal(part.score.both[episode], both)
        first = [int(said[:, k].argmax()) if said[:, k].any() else 2**31 - 1 for k in range(2)]
        assert part.score.first[episode].tolist() == first
        assert bool(part.score.success[episode]) == (cells[-1] == 4)


def test_true_at_start_is_rejected():
    _, _, verdict = judged(two_bits(0, 6))
    assert not verdict.accepted and 0 in verdict.blamed and 1 not in verdict.blamed
    assert (
        verdict.reasons[0] == "at_0: true on the first frame of 40 of 40 episodes (at most 0 % may)"
    )


def test_incomplete_expert_is_rejected_with_frames():
    program = two_bits(2, 9)
    task, measurement, verdict = judged(program)
    assert verdict.blamed == (1,)
    assert "at_9: completes in 0 of 20 expert trajectories (at least 100 % must)" in verdict.reasons
    evidence = collect_evidence(task, program, measurement, verdict, 1)
    assert "Expert play: it returned True on some frame of 0 of 20" in evidence.findings[0]
    assert 1 <= len(evidence.frames) <= 6
    last = evidence.frames[0]
    assert (last.play, last.step) == ("expert", 6) and last.frame[0, 0, 0] == 6
    assert "expert play, episode 0, step 6 of 6: your program returned False" in last.label
    assert [frame.step for frame in evidence.frames[1:4]] == [4, 3, 2]


def test_permissive_program_is_rejected_on_random_play():
    program = two_bits(1, 1)
    task, measurement, verdict = judged(program)
    assert not verdict.accepted and verdict.blamed == (1,)
    assert verdict.expert_complete == Share(20, 20)
    assert "random trajectories (at most 10 % may)" in verdict.reasons[0]
    frames = collect_evidence(task, program, measurement, verdict, 1).frames
    assert any(frame.play == "random" and frame.completed[1] for frame in frames)


def test_wrong_order_is_rejected():
    _, _, verdict = judged(two_bits(4, 3))
    assert verdict.subtasks[1].early == Share(20, 20)
    _, _, flicker = judged(
        HandProgram(lambda calls, first, red: (0.0, [red == 4, red == 1], [0, 0]), ("end", "one"))
    )
    assert not flicker.accepted and flicker.blamed == (1,)
    assert flicker.expert_complete == Share(0, 20)


def test_faults_on_expert_frames_are_rejected_with_line_and_frame():
    program = HandProgram(
        lambda calls, first, red: (0.0, [red >= 2, red >= 4], [0, (red == 3) * (7 * 64 + 2)]),
        ("a", "b"),
    )
    _, _, verdict = judged(program)
    fault = next(fault for fault in verdict.faults if fault.play == "expert")
    assert (fault.python, fault.limit, fault.line) == (20, 0, 7)
    assert any("b: fails on 20 expert frames; line 7: IndexError" in t for t in verdict.reasons)
    assert not verdict.accepted and verdict.blamed == (1,)


def test_limit_faults_are_counted_apart():
    program = HandProgram(
        lambda calls, first, red: (0.0, [red >= 4], [(red == 1) * (2 * 64 + 33)]), ("a",)
    )
    task, measurement, verdict = judged(program)
    fault = verdict.faults[0]
    assert (fault.python, fault.limit) == (0, 20)
    evidence = collect_evidence(task, program, measurement, verdict, 0)
    assert "an error (it failed here, line 2: limit" in evidence.frames[0].label
    assert any("Failures: on 20 frames of expert play" in text for text in evidence.findings)


def test_number_program_completes_while_its_number_is_positive():
    program = HandProgram(lambda calls, first, red: (red - 5.0, [], [0]))
    _, _, verdict = judged(program)
    assert verdict.accepted
    assert [subtask.name for subtask in verdict.subtasks] == ["reward"]


def test_non_finite_rewards_are_counted():
    program = HandProgram(lambda calls, first, red: (jnp.where(red == 1, jnp.nan, 0.0), [], [0]))
    task = corridor_task(length=2, max_steps_in_episode=2)
    _, measurement, verdict = judged(program, task)
    expected = sum(int(part.score.non_finite.sum()) for part in measurement.sets)
    assert verdict.non_finite == expected >= 20


def test_same_key_same_verdict_and_json():
    task = corridor_task(max_steps_in_episode=8)
    sizes = {"expert_episodes": 5, "random_episodes": 5}
    one = verify(task, two_bits(2, 4), key=jax.random.key(7), **sizes)
    two = verify(task, two_bits(2, 4), key=jax.random.key(7), **sizes)
    assert one == two
    data = json.loads(json.dumps(one.to_dict(), allow_nan=False))
    assert data["subtasks"][0]["expert"]["count"] == 5
    assert data["random_complete"]["ci"][1] <= 1.0


def test_deciding_frames_of_both_plays():
    program = two_bits(2, 4)
    task, measurement, _ = judged(program)
    frames = deciding_frames(task, program, measurement, 0)
    assert {frame.play for frame in frames} == {"expert", "random"}
    first = frames[0]
    assert (
        first.step == 2 and first.frame[0, 0, 0] == 2 and first.completed.tolist() == [True, False]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"preset": "papr"}, "did you mean 'paper'"),
        ({"expert_episodes": 0}, "at least one episode"),
        ({"random_episodes": -1}, "at least one episode"),
    ],
)
def test_refuses_bad_arguments(change, message):
    with pytest.raises(JaxcarError, match=message):
        verify(corridor_task(), two_bits(2, 4), **{"key": jax.random.key(0), **change})


def test_wilson_interval_against_its_published_values():
    """Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    for (count, total), ends in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        np.testing.assert_allclose(wilson_interval(count, total), ends, atol=5e-5)
    assert wilson_interval(0, 0) == (0.0, 1.0)
