"""Scores of one program on expert and on random play, on the host, and what follows from them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import jax
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.verification.statistics import Share
from jaxcar.verification.trajectories import (
    NEVER,
    Policy,
    Score,
    bit_count,
    expert_policy,
    random_policy,
    score_trajectories,
)

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram

Play = Literal["expert", "random"]
POLICIES = {"expert": expert_policy, "random": random_policy}


@dataclass(frozen=True, eq=False)
class TrajectorySet:
    """Trajectories of one kind of play and the program's scores on them.

    Attributes:
        play: who played.
        keys: typed keys, [E]; the same key plays the same episode again.
        score: NumPy arrays, leading axis E.
    """

    play: Play
    keys: jax.Array
    score: Score

    @property
    def episodes(self) -> int:
        """Return E."""
        return len(self.score.length)

    @property
    def frames(self) -> int:
        """Return how many frames the program was shown."""
        return int(self.score.length.sum()) + self.episodes

    @functools.cached_property
    def complete(self) -> np.ndarray:
        """Return bool[E, K]: completed on some frame of the episode."""
        return self.score.first != NEVER

    @functools.cached_property
    def early(self) -> np.ndarray:
        """Return bool[E, K]: completed before the sub-task before it."""
        early = np.zeros_like(self.complete)
        early[:, 1:] = self.score.first[:, 1:] < self.score.first[:, :-1]
        return early

    def share(self, mask: Any) -> Share:
        """Return the share of episodes, bool[E], that are so."""
        return Share(int(mask.sum()), self.episodes)

    def quantiles(self, subtask: int) -> tuple[int, int, int] | None:
        """Return the 10, 50 and 90 % quantiles of a sub-task's first step where it completes."""
        steps = self.score.first[:, subtask][self.complete[:, subtask]]
        if steps.size == 0:
            return None
        low, middle, high = np.quantile(steps, [0.1, 0.5, 0.9], method="inverted_cdf")
        return int(low), int(middle), int(high)


@dataclass(frozen=True, eq=False)
class Measurement:
    """All that verification measures of one program.

    Attributes:
        expert: trajectories of the task's expert.
        random: trajectories of uniform random play.
    """

    expert: TrajectorySet
    random: TrajectorySet

    @property
    def sets(self) -> tuple[TrajectorySet, TrajectorySet]:
        """Return both sets."""
        return self.expert, self.random

    def match_truths(self) -> dict[int, int]:
        """Match sub-tasks to the task's truths one to one, for the highest sum of per-frame F1.

        Returns:
            For each matched sub-task the index of its truth; F1 is taken on the frames of both
            sets. Sub-tasks that share no frame with any truth left are not matched.
        """
        from scipy.optimize import linear_sum_assignment

        both, said, true = (
            sum(getattr(part.score, name).sum(axis=0, dtype=np.int64) for part in self.sets)
            for name in ("both", "said", "true")
        )
        f1 = 2 * both / np.maximum(said[:, None] + true[None, :], 1)
        rows, columns = linear_sum_assignment(f1, maximize=True)
        return {int(k): int(m) for k, m in zip(rows, columns, strict=True) if f1[k, m] > 0}


def measure(
    task: Task,
    program: RewardProgram,
    *,
    key: jax.Array,
    expert_episodes: int = 1000,
    random_episodes: int = 1000,
) -> Measurement:
    """Score a program on fresh episodes of expert and of random play, one jitted call each.

    Args:
        task: the task.
        program: the program, over the task's frame.
        key: a typed key.
        expert_episodes: how many episodes the expert plays.
        random_episodes: how many episodes uniform random play plays.

    Returns:
        The measurement.

    Raises:
        JaxcarError: for fewer than one episode of either kind.
    """
    for name, count in (("expert_episodes", expert_episodes), ("random_episodes", random_episodes)):
        if count < 1:
            raise JaxcarError("verification needs at least one episode", where=name, got=count)
    key_expert, key_random = jax.random.split(key)
    return Measurement(
        _score(task, program, "expert", key_expert, expert_episodes),
        _score(task, program, "random", key_random, random_episodes),
    )


def policy_of(task: Task, play: Play) -> Policy:
    """Return the policy that plays a set."""
    return POLICIES[play](task)


def completion_names(program: RewardProgram) -> tuple[str, ...]:
    """Return a name for each completion bit: that of the entry that sets it.

    Args:
        program: the program.

    Returns:
        K names; `("reward",)` for a program of numbers only.
    """
    if not program.num_completed:
        return ("reward",)
    names = tuple(program.entries[place].name for place in completing_entries(program))
    assert len(names) == bit_count(program)
    return names


def completing_entries(program: RewardProgram) -> tuple[int, ...]:
    """Return, for each completion bit, the index of the entry that sets it."""
    if not program.num_completed:
        return (0,)
    return tuple(i for i, entry in enumerate(program.entries) if "completed" in entry.returns)


def _score(
    task: Task, program: RewardProgram, play: Play, key: jax.Array, episodes: int
) -> TrajectorySet:
    keys = jax.random.split(key, episodes)
    score = score_trajectories(task, program, policy_of(task, play), jax.random.clone(keys))
    return TrajectorySet(play, keys, Score(*(np.asarray(leaf) for leaf in score)))
