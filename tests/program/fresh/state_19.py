from typing import Optional

import numpy as np


class WaypointTour:
    """Visit waypoints 0, 1, 2, 3 in that order, then drive to the goal."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.previously_visited: set[int] = set()
        self.last_target: Optional[int] = None
        self.last_distance: float = 0.0
        self.finished: bool = False

    def reset(self) -> None:
        self.__init__()

    def step(self, pose: np.ndarray, goal: np.ndarray, waypoints: np.ndarray,
             visited_waypoints: np.ndarray, battery: float) -> float:
        if self.finished:
            return 0.0

        reward = -0.02
        n = len(waypoints)

        visited = set(np.flatnonzero(visited_waypoints).tolist())
        for idx in sorted(visited - self.previously_visited):
            if idx == len(self.order):
                self.order.append(idx)
                reward += 3.0 + idx          # later waypoints are worth more
            else:
                reward -= 1.0                # out of turn
        self.previously_visited |= visited

        # A waypoint touched too early only counts when the robot comes back to it.
        nxt = len(self.order)
        if nxt < n and nxt in self.previously_visited:
            if np.linalg.norm(waypoints[nxt] - pose[:2]) < 0.3:
                self.order.append(nxt)
                reward += 1.0
                nxt += 1

        target = waypoints[nxt] if nxt < n else goal
        distance = float(np.linalg.norm(target - pose[:2]))

        if self.last_target == nxt:
            reward += 2.0 * (self.last_distance - distance)
        self.last_target, self.last_distance = nxt, distance

        if nxt == n and distance < 0.25:
            self.finished = True
            reward += 10.0 + 5.0 * float(battery)

        return float(reward)
