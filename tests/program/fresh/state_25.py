"""Dense shaped reward for pushing a cube to a goal location."""
import numpy as np

CUBE_HALF_SIZE = 0.02
GOAL_RADIUS = 0.05

WEIGHTS = {
    "reach": 0.3,
    "align": 0.2,
    "push": 1.0,
    "success": 5.0,
    "action": -0.005,
    "gripper_open": -0.1,
}


def _behind_point(cube_pos, goal_pos, standoff=CUBE_HALF_SIZE + 0.005):
    """Point on the far side of the cube from the goal, where the push starts."""
    direction = goal_pos[:2] - cube_pos[:2]
    norm = np.linalg.norm(direction)
    if norm < 1e-6:
        return cube_pos.copy()
    target = cube_pos.copy()
    target[:2] -= standoff * direction / norm
    return target


def _alignment(ee_pos, cube_pos, goal_pos):
    """Cosine between the ee->cube and the cube->goal directions in the plane."""
    a = cube_pos[:2] - ee_pos[:2]
    b = goal_pos[:2] - cube_pos[:2]
    denom = np.linalg.norm(a) * np.linalg.norm(b)
    if denom < 1e-8:
        return 0.0
    return float(np.clip(np.dot(a, b) / denom, -1.0, 1.0))


def compute_reward(ee_pos, cube_pos, cube_vel, goal_pos, gripper_width, action):
    reach_dist = np.linalg.norm(ee_pos - _behind_point(cube_pos, goal_pos))
    goal_dist = np.linalg.norm(cube_pos[:2] - goal_pos[:2])
    speed = np.linalg.norm(cube_vel)

    components = {
        "reach": 1.0 - np.tanh(5.0 * reach_dist),
        "align": max(_alignment(ee_pos, cube_pos, goal_pos), 0.0),
        "push": 1.0 - np.tanh(5.0 * goal_dist),
        "success": float(goal_dist < GOAL_RADIUS and speed < 0.05),
        "action": np.sum(np.square(action)),
        "gripper_open": float(gripper_width > 0.01),
    }
    components = {name: WEIGHTS[name] * float(value) for name, value in components.items()}
    return sum(components.values()), components
