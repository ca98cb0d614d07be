"""From measurements to a verdict, by a preset."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import jax
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.observed import check_program
from jaxcar.program.faults import describe_fault, fault_line
from jaxcar.verification.measurement import (
    Measurement,
    TrajectorySet,
    completing_entries,
    completion_names,
    measure,
)
from jaxcar.verification.statistics import Share
from jaxcar.verification.verdict import (
    PRESETS,
    FaultVerdict,
    Preset,
    SubTaskVerdict,
    TruthMatch,
    Verdict,
)

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram


def verify(
    task: Task,
    program: RewardProgram,
    *,
    preset: str | Preset = "paper",
    key: jax.Array,
    expert_episodes: int = 1000,
    random_episodes: int = 1000,
) -> Verdict:
    r"""Judge a reward program on expert and random trajectories, before any training.

    Args:
        task: the task, with its expert and, for scoring, its truths.
        program: the program; its completion bits are the sub-tasks, in order. A program that
            returns numbers only is taken to complete one sub-task while its number is above 0.
        preset: the rule, or its name.
        key: a typed key; every trajectory begins afresh from it.
        expert_episodes: trajectories of the task's expert.
        random_episodes: trajectories of uniform random play.

    Returns:
        The verdict.

    Raises:
        JaxcarError: for an unknown preset, too few episodes, or a program for another frame.

    Example:
        >>> import jaxcar
        >>> task = jaxcar.make("MiniGrid-Empty-5x5-v0")
        >>> program = jaxcar.compile_reward("def f(frame):\n    return True\n", frame=task.frame_shape)
        >>> verdict = verify(
        ...     task, program, key=jax.random.key(0), expert_episodes=4, random_episodes=4
        ... )
        >>> verdict.accepted, verdict.reasons[0]
        (False, 'f: true on the first frame of 8 of 8 episodes (at most 0 % may)')
    """  # noqa: E501 - a line of source cannot be broken
    rule = find_preset(preset)
    check_program(task, program)
    measurement = measure(
        task, program, key=key, expert_episodes=expert_episodes, random_episodes=random_episodes
    )
    return judge(task, program, measurement, rule)


def find_preset(preset: str | Preset) -> Preset:
    """Return a preset by its name, or the preset itself.

    Args:
        preset: a name among `PRESETS`, or a rule of one's own.

    Returns:
        The preset.

    Raises:
        JaxcarError: for an unknown name.
    """
    if isinstance(preset, Preset):
        return preset
    if preset not in PRESETS:
        close = difflib.get_close_matches(str(preset), PRESETS, n=1)
        raise JaxcarError(
            "unknown preset",
            where="preset",
            got=preset,
            expected=", ".join(PRESETS),
            fix=f"did you mean {close[0]!r}?" if close else None,
        )
    return PRESETS[preset]


def judge(task: Task, program: RewardProgram, measurement: Measurement, preset: Preset) -> Verdict:
    """Judge what was measured; pure, on the host.

    Args:
        task: the task.
        program: the program that was measured.
        measurement: from `measure`.
        preset: the rule.

    Returns:
        The verdict.
    """
    expert, random = measurement.sets
    faults = tuple(_faults(program, measurement))
    reasons = _subtask_reasons(program, measurement, preset, faults)
    subtasks = tuple(_subtask_verdicts(task, program, measurement, reasons))
    expert_complete = expert.share(expert.score.credited.all(axis=1))
    random_complete = random.share(random.complete.all(axis=1))
    blamed = {place for place, own in enumerate(reasons) if own}
    together: list[str] = []
    if expert_complete.value < preset.expert_complete:
        together.append(
            f"all sub-tasks complete in order in {expert_complete} expert trajectories "
            f"({_at_least(preset.expert_complete)})"
        )
        blamed |= {place for place in range(len(reasons)) if expert.early[:, place].any()}
    if random_complete.value > preset.random_complete:
        together.append(
            f"all sub-tasks complete in {random_complete} random trajectories "
            f"({_at_most(preset.random_complete)})"
        )
        blamed |= _permissive(random)
    all_reasons = (*(text for own in reasons for text in own), *together)
    return Verdict(
        accepted=not all_reasons,
        preset=preset.name,
        reasons=all_reasons,
        subtasks=subtasks,
        blamed=tuple(sorted(blamed)),
        expert_complete=expert_complete,
        random_complete=random_complete,
        expert_success=expert.share(expert.score.success),
        random_success=random.share(random.score.success),
        expert_frames=expert.frames,
        random_frames=random.frames,
        faults=faults,
        non_finite=int(sum(part.score.non_finite.sum() for part in measurement.sets)),
    )


def _subtask_reasons(
    program: RewardProgram,
    measurement: Measurement,
    preset: Preset,
    faults: tuple[FaultVerdict, ...],
) -> list[list[str]]:
    """Return the reasons against each sub-task."""
    expert = measurement.expert
    names, entries = completion_names(program), completing_entries(program)
    reasons: list[list[str]] = [[] for _ in names]
    for place, name in enumerate(names):
        own = reasons[place]
        start = _start_share(measurement, place)
        if start.value > preset.start_complete:
            allowed = _at_most(preset.start_complete)
            own.append(f"{name}: true on the first frame of {start} episodes ({allowed})")
        complete = expert.share(expert.complete[:, place])
        if complete.value < preset.expert_complete:
            needed = _at_least(preset.expert_complete)
            own.append(f"{name}: completes in {complete} expert trajectories ({needed})")
    for fault in faults:
        count = fault.python + fault.limit
        if fault.play == "expert" and count > preset.expert_faults:
            owners = [k for k, entry in enumerate(entries) if _name(program, entry) == fault.entry]
            text = f"{fault.entry}: fails on {count} expert frames; {fault.message}"
            reasons[owners[0] if owners else 0].append(text)
    return reasons


def _permissive(random: TrajectorySet) -> set[int]:
    """Return the sub-tasks to blame when too much random play completes all of them.

    Later sub-tasks are rarer than earlier ones: one that is not is suspect. Where all fall off as
    they should, the last one is the one that could have told the difference.
    """
    shares = random.complete.mean(axis=0)
    suspect = {k for k in range(1, len(shares)) if shares[k] >= 0.95 * shares[k - 1]}
    return suspect or {len(shares) - 1}


def _subtask_verdicts(
    task: Task, program: RewardProgram, measurement: Measurement, reasons: list[list[str]]
) -> Iterator[SubTaskVerdict]:
    expert, random = measurement.sets
    truths = measurement.match_truths()
    for place, name in enumerate(completion_names(program)):
        match = truths.get(place)
        yield SubTaskVerdict(
            name=name,
            expert=expert.share(expert.complete[:, place]),
            random=random.share(random.complete[:, place]),
            true_at_start=_start_share(measurement, place),
            early=expert.share(expert.early[:, place]),
            first_step=expert.quantiles(place),
            truth=None if match is None else _truth_match(task, measurement, place, match),
            reasons=tuple(reasons[place]),
        )


def _truth_match(task: Task, measurement: Measurement, place: int, truth: int) -> TruthMatch:
    shares: list[Share] = []
    for part in measurement.sets:
        both = int(part.score.both[:, place, truth].sum(dtype=np.int64))
        shares.append(Share(both, int(part.score.said[:, place].sum(dtype=np.int64))))
        shares.append(Share(both, int(part.score.true[:, truth].sum(dtype=np.int64))))
    return TruthMatch(task.subtasks[truth].name, *shares)


def _start_share(measurement: Measurement, place: int) -> Share:
    starts = [part.score.at_start[:, place] for part in measurement.sets]
    return Share(int(sum(s.sum() for s in starts)), sum(len(s) for s in starts))


def _faults(program: RewardProgram, measurement: Measurement) -> Iterator[FaultVerdict]:
    for part in measurement.sets:
        python, limit = (
            getattr(part.score, name).sum(axis=0, dtype=np.int64)
            for name in ("python_faults", "limit_faults")
        )
        for entry in np.flatnonzero(python + limit):
            codes = part.score.first_fault[:, entry]
            values, counts = np.unique(codes[codes != 0], return_counts=True)
            code = int(values[counts.argmax()])
            yield FaultVerdict(
                entry=_name(program, int(entry)),
                play=part.play,
                python=int(python[entry]),
                limit=int(limit[entry]),
                line=int(fault_line(code)),
                message=describe_fault(code),
            )


def _name(program: RewardProgram, entry: int) -> str:
    return program.entries[entry].name


def _at_least(share: float) -> str:
    return f"at least {100 * share:g} % must"


def _at_most(share: float) -> str:
    return f"at most {100 * share:g} % may"
