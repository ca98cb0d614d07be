"""The frames that decided a verdict, and what was measured, in words that leak no truth.

A model that mends a program is told only what can be known without the task's truths: what the
program said on expert and on random trajectories, in which order, and where it failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxcar.program.faults import describe_fault
from jaxcar.verification.measurement import (
    Measurement,
    Play,
    TrajectorySet,
    completing_entries,
    completion_names,
    policy_of,
)
from jaxcar.verification.trajectories import NEVER, Snapshots, snapshot_trajectories

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram
    from jaxcar.verification.verdict import Verdict

MOST_FRAMES = 6


class Moment(NamedTuple):
    """A step of a trajectory worth looking at, and why."""

    play: Play
    episode: int
    step: int
    why: str


class Shown(NamedTuple):
    """A frame that decided something.

    Attributes:
        label: where it comes from and what the program said there.
        play: "expert" or "random".
        episode: the trajectory's number.
        step: its step; 0 is the reset frame.
        frame: uint8[H, W, 3].
        completed: bool[K], what the program said.
    """

    label: str
    play: str
    episode: int
    step: int
    frame: np.ndarray
    completed: np.ndarray


class Evidence(NamedTuple):
    """What is held against one sub-task's program.

    Attributes:
        findings: what was measured, a sentence each.
        frames: frames that show it, at most six.
    """

    findings: tuple[str, ...]
    frames: tuple[Shown, ...]


def collect_evidence(
    task: Task, program: RewardProgram, measurement: Measurement, verdict: Verdict, subtask: int
) -> Evidence:
    """Say in words and frames what a verdict holds against one sub-task's program.

    Args:
        task: the task.
        program: the program that was measured.
        measurement: from `measure`.
        verdict: from `judge`.
        subtask: the sub-task's index.

    Returns:
        The evidence; nothing in it comes from the task's truths.
    """
    findings = tuple(_findings(program, measurement, verdict, subtask))
    moments = _spread(_moments(program, measurement, verdict, subtask), MOST_FRAMES)
    return Evidence(findings, _show(task, program, measurement, moments, subtask))


def deciding_frames(
    task: Task, program: RewardProgram, measurement: Measurement, subtask: int
) -> tuple[Shown, ...]:
    """Return frames for a report: where a sub-task first completes, or the ends where it does not.

    Args:
        task: the task.
        program: the program that was measured.
        measurement: from `measure`.
        subtask: the sub-task's index.

    Returns:
        At most six frames: three of expert play and three of random play.
    """
    moments: list[Moment] = []
    for part in measurement.sets:
        complete = np.flatnonzero(part.complete[:, subtask])[:2]
        missing = np.flatnonzero(~part.complete[:, subtask])[: 3 - len(complete)]
        moments += [_first(part, int(e), subtask, "it first completes here") for e in complete]
        moments += [_last(part, int(e), "it never completes; the last frame") for e in missing]
    return _show(task, program, measurement, moments, subtask)


def _findings(
    program: RewardProgram, measurement: Measurement, verdict: Verdict, subtask: int
) -> Iterator[str]:
    names = completion_names(program)
    own = verdict.subtasks[subtask]
    expert = measurement.expert
    yield f"Expert play: it returned True on some frame of {own.expert} episodes (it must in all)."
    if own.first_step:
        low, middle, high = own.first_step
        length = int(np.median(expert.score.length))
        yield (
            f"Expert play: where it returned True, it first did so at step {middle} (middle of the "
            f"episodes; most lie between {low} and {high}); the middle episode has {length} steps."
        )
    if own.true_at_start.count:
        yield (
            f"First frames: it returned True on the first frame of {own.true_at_start} episodes "
            "(none may)."
        )
    if subtask and own.early.count:
        yield (
            f"Order: in {own.early} expert episodes it returned True before `{names[subtask - 1]}` "
            "ever had."
        )
    yield f"Random play: it returned True on some frame of {own.random} episodes."
    yield from _fault_findings(program, verdict, subtask)
    yield f"All sub-tasks: completed, in order, in {verdict.expert_complete} expert episodes."
    yield (
        f"All sub-tasks: completed in {verdict.random_complete} random episodes (random play "
        "seldom does the task)."
    )


def _fault_findings(program: RewardProgram, verdict: Verdict, subtask: int) -> Iterator[str]:
    entry = program.entries[completing_entries(program)[subtask]].name
    for fault in verdict.faults:
        if fault.entry == entry:
            yield (
                f"Failures: on {fault.python + fault.limit} frames of {fault.play} play it stopped "
                f"with an error; {fault.message}."
            )


def _moments(
    program: RewardProgram, measurement: Measurement, verdict: Verdict, subtask: int
) -> Iterator[Iterator[Moment]]:
    """Yield one stream of moments for each thing that is wrong, the gravest first."""
    expert = measurement.expert
    own = verdict.subtasks[subtask]
    yield _fault_moments(program, measurement, subtask)
    if own.true_at_start.count:
        yield (
            Moment(part.play, int(episode), 0, "the episode's first frame: it must be False")
            for part in measurement.sets
            for episode in np.flatnonzero(part.score.at_start[:, subtask])[:2]
        )
    if own.expert.count < own.expert.total:
        yield _missed_moments(expert, subtask)
    if own.early.count:
        yield (
            _first(expert, int(e), subtask, "the sub-task before it was not yet completed")
            for e in np.flatnonzero(expert.early[:, subtask])[:4]
        )
    random = measurement.random
    if verdict.random_complete.count:
        yield (
            _first(random, int(e), subtask, "first True in an episode of random play")
            for e in np.flatnonzero(random.complete.all(axis=1))[:6]
        )
    yield (
        _first(expert, int(e), subtask, "first True in an episode of the expert")
        for e in np.flatnonzero(expert.complete[:, subtask])[:2]
    )


def _fault_moments(
    program: RewardProgram, measurement: Measurement, subtask: int
) -> Iterator[Moment]:
    entry = completing_entries(program)[subtask]
    for part in measurement.sets:
        steps = part.score.fault_step[:, entry]
        for episode in np.flatnonzero(steps != NEVER)[:2]:
            words = describe_fault(int(part.score.first_fault[episode, entry]))
            yield Moment(part.play, int(episode), int(steps[episode]), f"it failed here, {words}")


def _missed_moments(expert: TrajectorySet, subtask: int) -> Iterator[Moment]:
    """Yield an expert trajectory that never completes: its last frame, then frames on the way."""
    missed = np.flatnonzero(~expert.complete[:, subtask])
    episode, others = int(missed[0]), missed[1:2]
    length = int(expert.score.length[episode])
    yield _last(expert, episode, "the expert's last frame; it was never True in this episode")
    why = "on the expert's way; it was never True in this episode"
    for step in dict.fromkeys(round(length * share / 4) for share in (3, 2, 1)):
        yield Moment("expert", episode, step, why)
    for other in others:
        yield _last(
            expert, int(other), "the expert's last frame; it was never True in this episode"
        )


def _first(part: TrajectorySet, episode: int, subtask: int, why: str) -> Moment:
    return Moment(part.play, episode, int(part.score.first[episode, subtask]), why)


def _last(part: TrajectorySet, episode: int, why: str) -> Moment:
    return Moment(part.play, episode, int(part.score.length[episode]), why)


def _spread(streams: Iterable[Iterator[Moment]], most: int) -> list[Moment]:
    """Take one moment of each stream in turn until there are enough; keep each frame once."""
    waiting = list(streams)
    taken: dict[tuple[str, int, int], Moment] = {}
    while waiting and len(taken) < most:
        stream = waiting.pop(0)
        moment = next(stream, None)
        if moment is not None:
            taken.setdefault(moment[:3], moment)
            waiting.append(stream)
    return list(taken.values())


def _show(
    task: Task,
    program: RewardProgram,
    measurement: Measurement,
    moments: list[Moment],
    subtask: int,
) -> tuple[Shown, ...]:
    """Play the moments' episodes again and render them."""
    entry = completing_entries(program)[subtask]
    shown: dict[Moment, Shown] = {}
    for part in measurement.sets:
        own = [moment for moment in moments if moment.play == part.play]
        if not own:
            continue
        kept = _replay(task, program, part, own)
        for row, moment in enumerate(own):
            said = str(bool(kept.completed[row, subtask]))
            said = "an error" if kept.fault[row, entry] else said
            label = (
                f"{part.play} play, episode {moment.episode}, step {moment.step} of "
                f"{part.score.length[moment.episode]}: your program returned {said} ({moment.why})"
            )
            place = (part.play, moment.episode, moment.step)
            shown[moment] = Shown(label, *place, kept.frames[row], kept.completed[row])
    return tuple(shown[moment] for moment in moments)


def _replay(
    task: Task, program: RewardProgram, part: TrajectorySet, moments: list[Moment]
) -> Snapshots:
    """Return one snapshot for each moment, with as many lanes in every call: one compilation."""
    episodes = [moment.episode for moment in moments]
    steps = [moment.step for moment in moments]
    spare = [episodes[0]] * (MOST_FRAMES - len(episodes))
    keys = part.keys[jnp.array(episodes + spare)]
    wanted = jnp.array(steps + [0] * len(spare), jnp.int32)[:, None]
    kept = snapshot_trajectories(task, program, policy_of(task, part.play), keys, wanted)
    return Snapshots(*(np.asarray(leaf)[: len(moments), 0] for leaf in kept))
