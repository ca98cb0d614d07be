"""The verdict on a program: numbers, and reasons in words. Plain data that JSON can hold."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from jaxcar.verification.statistics import Share


@dataclass(frozen=True)
class Preset:
    """What a program must do to be accepted.

    Attributes:
        name: how it is called.
        expert_complete: the least share of expert trajectories that complete all sub-tasks.
        random_complete: the largest share of random trajectories that complete all of them.
        start_complete: the largest share of trajectories with a sub-task true on the first frame.
        expert_faults: how many expert frames may fault.
    """

    name: str
    expert_complete: float = 1.0
    random_complete: float = 0.10
    start_complete: float = 0.0
    expert_faults: int = 0


PRESETS = {"paper": Preset("paper")}
"""`paper`: every expert trajectory completes all, at most 10 % of random ones do (VLM-CaR)."""


@dataclass(frozen=True)
class TruthMatch:
    """How a sub-task's program agrees, frame by frame, with the truth of the task it fits best.

    Attributes:
        name: the truth's name.
        expert_precision: of the expert frames on which it said so, the share that were.
        expert_recall: of the expert frames that were so, the share on which it said so.
        random_precision: the first on random frames.
        random_recall: the second on random frames.
    """

    name: str
    expert_precision: Share
    expert_recall: Share
    random_precision: Share
    random_recall: Share


@dataclass(frozen=True)
class SubTaskVerdict:
    """What was measured of one sub-task.

    Attributes:
        name: the sub-task's name.
        expert: expert trajectories that complete it.
        random: random trajectories that complete it.
        true_at_start: trajectories of both kinds that have it on their first frame.
        early: expert trajectories that complete it before the sub-task before it.
        first_step: the 10, 50 and 90 % quantiles of its first step on expert trajectories that
            complete it, or None.
        truth: its agreement with the task's truth, or None where no truth fits.
        reasons: why it is rejected.
    """

    name: str
    expert: Share
    random: Share
    true_at_start: Share
    early: Share
    first_step: tuple[int, int, int] | None
    truth: TruthMatch | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class FaultVerdict:
    """Faults of one entry on one kind of play.

    Attributes:
        entry: the entry's name.
        play: "expert" or "random".
        python: frames on which CPython would have raised.
        limit: frames on which a limit of jaxcar's was met.
        line: the source line of the most frequent first fault.
        message: that fault in words.
    """

    entry: str
    play: str
    python: int
    limit: int
    line: int
    message: str


@dataclass(frozen=True)
class Verdict:
    """Whether a program may be trained on, and why.

    Attributes:
        accepted: whether it may.
        preset: by which rule.
        reasons: why it is rejected; empty when accepted.
        subtasks: one for each completion bit.
        blamed: indices of the sub-tasks whose programs a rejection asks to be mended.
        expert_complete: expert trajectories that complete all sub-tasks, in order.
        random_complete: random trajectories that complete all sub-tasks, in any order.
        expert_success: expert trajectories that do the task.
        random_success: random trajectories that do the task.
        expert_frames: how many frames of expert play were looked at.
        random_frames: how many frames of random play were looked at.
        faults: every entry that faulted.
        non_finite: frames on which the reward was not finite.
    """

    accepted: bool
    preset: str
    reasons: tuple[str, ...]
    subtasks: tuple[SubTaskVerdict, ...]
    blamed: tuple[int, ...]
    expert_complete: Share
    random_complete: Share
    expert_success: Share
    random_success: Share
    expert_frames: int
    random_frames: int
    faults: tuple[FaultVerdict, ...]
    non_finite: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as dicts, lists, numbers and texts, ready for JSON."""
        return _plain(self)


def _plain(value: Any) -> Any:
    if isinstance(value, Share):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Verdict | SubTaskVerdict | FaultVerdict | TruthMatch):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
