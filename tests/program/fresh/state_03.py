from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Milestone:
    name: str
    bonus: float


MILESTONES = (
    Milestone("reached_cube", 1.0),
    Milestone("moved_cube", 2.0),
    Milestone("halfway", 3.0),
    Milestone("at_goal", 10.0),
)


class PushProgressReward:
    """Pays for progress since the previous step, and once for each milestone."""

    REACH_SCALE = 2.0
    PUSH_SCALE = 10.0
    TIME_PENALTY = 0.01

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._prev_reach: float | None = None
        self._prev_push: float | None = None
        self._start_cube: np.ndarray | None = None
        self._start_push: float = 0.0
        self._achieved: set[str] = set()

    def step(
        self,
        ee_pos: np.ndarray,
        cube_pos: np.ndarray,
        goal_pos: np.ndarray,
        action: np.ndarray,
    ) -> float:
        reach = float(np.linalg.norm(ee_pos - cube_pos))
        push = float(np.linalg.norm(cube_pos[:2] - goal_pos[:2]))

        if self._start_cube is None:
            # First step of the episode: nothing to compare with yet. Copy the
            # array, since the simulator may reuse its buffer.
            self._start_cube = cube_pos.copy()
            self._start_push = push
            self._prev_reach = reach
            self._prev_push = push

        reward = -self.TIME_PENALTY
        reward += self.PUSH_SCALE * (self._prev_push - push)
        if "reached_cube" not in self._achieved:
            reward += self.REACH_SCALE * (self._prev_reach - reach)

        reward += self._milestone_bonus(reach, push, cube_pos)
        reward -= 0.001 * float(np.square(action).sum())

        self._prev_reach = reach
        self._prev_push = push
        return reward

    def _milestone_bonus(self, reach: float, push: float, cube_pos: np.ndarray) -> float:
        moved = float(np.linalg.norm(cube_pos[:2] - self._start_cube[:2]))
        status = {
            "reached_cube": reach < 0.05,
            "moved_cube": moved > 0.02,
            "halfway": push < 0.5 * self._start_push,
            "at_goal": push < 0.05,
        }
        total = 0.0
        for milestone in MILESTONES:
            if status[milestone.name] and milestone.name not in self._achieved:
                self._achieved.add(milestone.name)
                total += milestone.bonus
        return total
