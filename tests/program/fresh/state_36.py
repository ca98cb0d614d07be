import numpy as np


def _wrap(angle):
    return (angle + np.pi) % (2 * np.pi) - np.pi


class WaypointPatrolReward:
    """Visit all four waypoints in any order, then drive to the goal before the battery runs out."""

    SAFE_DISTANCE = 0.4
    COLLISION_DISTANCE = 0.15
    GOAL_TOLERANCE = 0.3
    STUCK_WINDOW = 25

    def __init__(self):
        self.reset()

    def reset(self):
        self.prev_visited = None
        self.prev_target_dist = None
        self.prev_target = None
        self.prev_battery = None
        self.trail = []
        self.goal_reached = False

    def _current_target(self, pose, goal, visited, waypoints):
        remaining = waypoints[~visited]
        if len(remaining) == 0:
            return goal
        gaps = np.linalg.norm(remaining - pose[:2], axis=1)
        return remaining[np.argmin(gaps)]

    def _is_stuck(self):
        if len(self.trail) < self.STUCK_WINDOW:
            return False
        recent = np.array(self.trail[-self.STUCK_WINDOW:])
        return np.ptp(recent, axis=0).max() < 0.05

    def step(self, pose, goal, lidar, velocity, battery, visited_waypoints, waypoints):
        visited = np.asarray(visited_waypoints, dtype=bool)
        components = dict.fromkeys(
            ["progress", "heading", "waypoint", "goal", "clearance", "collision", "battery", "stuck"], 0.0
        )

        # waypoints newly ticked off
        if self.prev_visited is not None:
            components["waypoint"] = 5.0 * np.count_nonzero(visited & ~self.prev_visited)

        # progress towards whatever comes next
        target = self._current_target(pose, goal, visited, waypoints)
        to_target = target - pose[:2]
        dist = np.linalg.norm(to_target)
        if self.prev_target is not None and np.allclose(target, self.prev_target):
            components["progress"] = 2.0 * (self.prev_target_dist - dist)

        heading_error = _wrap(np.arctan2(to_target[1], to_target[0]) - pose[2])
        components["heading"] = 0.05 * np.cos(heading_error) * np.clip(velocity[0], 0.0, 1.0)

        # safety
        nearest = np.nanmin(lidar)
        if nearest < self.COLLISION_DISTANCE:
            components["collision"] = -10.0
        elif nearest < self.SAFE_DISTANCE:
            components["clearance"] = -0.5 * (1.0 - nearest / self.SAFE_DISTANCE)

        # energy
        if self.prev_battery is not None:
            components["battery"] = -0.5 * max(self.prev_battery - battery, 0.0)
        if battery <= 0.0:
            components["battery"] -= 5.0

        self.trail.append(pose[:2].copy())
        if self._is_stuck():
            components["stuck"] = -0.1

        if visited.all() and not self.goal_reached:
            if np.linalg.norm(goal - pose[:2]) < self.GOAL_TOLERANCE:
                self.goal_reached = True
                components["goal"] = 20.0 + 5.0 * battery

        self.prev_visited = visited.copy()
        self.prev_target = np.array(target)
        self.prev_target_dist = dist
        self.prev_battery = battery

        components = {k: float(v) for k, v in components.items()}
        return sum(components.values()), components
