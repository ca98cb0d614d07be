from typing import Optional

import numpy as np


class PushReward:
    """Progress-based push reward.

    Pays for every centimetre the cube moves closer to the goal, charges for jerky
    actions, and gives a one-off bonus once the cube has rested on the goal for
    `hold_steps` consecutive steps.
    """

    def __init__(self) -> None:
        self.success_threshold = 0.04
        self.hold_steps = 10
        self.progress_scale = 100.0
        self.reset()

    def reset(self) -> None:
        self._prev_goal_dist: Optional[float] = None
        self._prev_reach_dist: Optional[float] = None
        self._prev_action: Optional[np.ndarray] = None
        self._touched = False
        self._initial_height: Optional[float] = None
        self._steps_on_goal = 0
        self._bonus_paid = False

    def step(self, ee_pos, cube_pos, cube_vel, goal_pos, action):
        goal_dist = float(np.linalg.norm(goal_pos - cube_pos))
        reach_dist = float(np.linalg.norm(cube_pos - ee_pos))

        if self._initial_height is None:
            self._initial_height = float(cube_pos[2])

        reward = -0.01  # time penalty

        # Reaching only matters until first contact.
        if not self._touched:
            if self._prev_reach_dist is not None:
                reward += 0.2 * self.progress_scale * (self._prev_reach_dist - reach_dist)
            if reach_dist < 0.05 and np.linalg.norm(cube_vel) > 1e-3:
                self._touched = True
                reward += 0.5

        if self._prev_goal_dist is not None:
            reward += self.progress_scale * (self._prev_goal_dist - goal_dist)

        if self._prev_action is not None:
            reward -= 0.01 * float(np.sum((action - self._prev_action) ** 2))

        # It is a pushing task, so lifting is not allowed; nor is falling off the table.
        if abs(cube_pos[2] - self._initial_height) > 0.03:
            reward -= 1.0

        if goal_dist < self.success_threshold:
            self._steps_on_goal += 1
        else:
            self._steps_on_goal = 0

        if self._steps_on_goal >= self.hold_steps and not self._bonus_paid:
            reward += 25.0
            self._bonus_paid = True

        self._prev_goal_dist = goal_dist
        self._prev_reach_dist = reach_dist
        self._prev_action = np.array(action, copy=True)
        return float(reward)
