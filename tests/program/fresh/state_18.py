"""Point-goal navigation reward with obstacle avoidance and a jerk penalty."""

from collections import deque
from math import atan2, cos, exp, pi, sin

import numpy as np

GOAL_RADIUS = 0.3
COLLISION_RADIUS = 0.25
SAFE_RADIUS = 0.8
MAX_RANGE = 10.0
HISTORY = 5


def wrap_angle(angle):
    """Wrap an angle to (-pi, pi]."""
    return atan2(sin(angle), cos(angle))


def clearance(position, lidar, obstacles):
    """Smallest distance to anything, by lidar or by the obstacle map."""
    finite = lidar[np.isfinite(lidar)]
    from_lidar = finite.min() if finite.size else MAX_RANGE
    from_map = np.min(np.linalg.norm(obstacles - position, axis=1))
    return float(min(from_lidar, from_map, MAX_RANGE))


class NavigationReward:

    def __init__(self):
        self.velocities = deque(maxlen=HISTORY)
        self.last_distance = None
        self.reached = False
        self.collisions = 0

    def reset(self):
        self.velocities.clear()
        self.last_distance = None
        self.reached = False
        self.collisions = 0

    def _jerkiness(self):
        """Mean absolute second difference of the recent velocities."""
        if len(self.velocities) < 3:
            return 0.0
        v = np.array(self.velocities)  # (n, 2)
        second_diff = v[2:] - 2.0 * v[1:-1] + v[:-2]
        return float(np.abs(second_diff).mean(axis=0) @ np.array([1.0, 0.5]))

    def step(self, pose, goal, lidar, obstacles, velocity, battery):
        position, heading = pose[:2], pose[2]
        self.velocities.append((float(velocity[0]), float(velocity[1])))

        delta = goal - position
        distance = float(np.hypot(*delta))
        components = {}

        # progress
        if self.last_distance is None:
            components["progress"] = 0.0
        else:
            components["progress"] = 5.0 * (self.last_distance - distance)
        self.last_distance = distance

        # heading
        if distance > GOAL_RADIUS:
            bearing_error = wrap_angle(atan2(delta[1], delta[0]) - heading)
            components["heading"] = 0.1 * (1.0 - abs(bearing_error) / (pi / 2))
        else:
            components["heading"] = 0.0

        # obstacles
        gap = clearance(position, lidar, obstacles)
        if gap < COLLISION_RADIUS:
            self.collisions += 1
            components["obstacle"] = -10.0
        elif gap < SAFE_RADIUS:
            components["obstacle"] = -exp(-4.0 * (gap - COLLISION_RADIUS))
        else:
            components["obstacle"] = 0.0

        components["jerk"] = -0.3 * self._jerkiness()
        components["battery"] = -0.05 if battery < 0.1 else 0.0
        components["time"] = -0.01

        if distance < GOAL_RADIUS and not self.reached:
            self.reached = True
            components["goal"] = 20.0 / (1 + self.collisions)
        else:
            components["goal"] = 0.0

        return sum(components.values()), components
