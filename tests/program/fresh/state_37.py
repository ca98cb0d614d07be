import numpy as np


def navigation_reward(pose, goal, lidar, obstacles, velocity, battery, visited_waypoints, waypoints):
    x, y, theta = pose
    delta = goal - np.array([x, y])
    distance = np.hypot(delta[0], delta[1])

    # Crash: harsh and final.
    obstacle_gap = min(np.hypot(ox - x, oy - y) for ox, oy in obstacles)
    if obstacle_gap < 0.25 or lidar.min() < 0.1:
        return -50.0

    if battery <= 0:
        return -20.0

    n_visited = int(np.sum(visited_waypoints))
    if distance < 0.2:
        # Arriving early, without the waypoints, is worth much less.
        return 100.0 if n_visited == len(visited_waypoints) else 10.0

    # Direction agreement between where the robot looks and where the goal is.
    bearing = np.arctan2(delta[1], delta[0]) - theta
    facing = 0.5 * (1.0 + np.cos(bearing))

    # Front sector of the lidar: beams are evenly spaced, starting straight ahead.
    front = np.concatenate([lidar[:4], lidar[-3:]])
    caution = np.clip(1.0 - front.min(), 0.0, 1.0) * abs(velocity[0])

    missing = [w for w, seen in zip(waypoints, visited_waypoints) if not seen]
    tour = sum(np.exp(-np.linalg.norm(w - pose[:2])) for w in missing)

    urgency = 2.0 if battery < 0.2 else 1.0

    return float(
        -0.1 * urgency * distance
        + 0.2 * facing
        + 0.5 * n_visited
        + 0.3 * tour
        - 0.4 * caution
        - 0.02 * velocity[1] ** 2
    )
