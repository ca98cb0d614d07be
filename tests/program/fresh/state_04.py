from typing import Dict, Tuple

import numpy as np


def compute_reward(
    ee_pos: np.ndarray,
    ee_vel: np.ndarray,
    cube_pos: np.ndarray,
    cube_euler: np.ndarray,
    goal_pos: np.ndarray,
    gripper_width: float,
    action: np.ndarray,
) -> Tuple[float, Dict[str, float]]:
    # Temperatures of the shaping terms
    reach_temp = 5.0
    goal_temp = 8.0
    fine_temp = 0.05
    tilt_temp = 0.3

    # Distance from the end effector to the cube
    reach_dist = np.linalg.norm(ee_pos - cube_pos)
    reach_reward = 1.0 - np.tanh(reach_temp * reach_dist)

    # Coarse and fine distance from the cube to the goal
    goal_dist = np.linalg.norm(cube_pos[:2] - goal_pos[:2])
    goal_reward = 3.0 * (1.0 - np.tanh(goal_temp * goal_dist))
    fine_reward = 2.0 * np.exp(-((goal_dist / fine_temp) ** 2))

    # Keep the cube flat on the table (roll and pitch near zero)
    tilt = np.sum(np.abs(cube_euler[:2]))
    upright_reward = 0.25 * np.exp(-tilt / tilt_temp)

    # A closed gripper makes a better pusher
    closed_reward = 0.1 * np.exp(-gripper_width / 0.02)

    # Smoothness penalties
    action_penalty = -0.01 * np.sum(action ** 2)
    vel_penalty = -0.02 * np.tanh(np.linalg.norm(ee_vel))

    components = {
        "reach_reward": float(reach_reward),
        "goal_reward": float(goal_reward),
        "fine_reward": float(fine_reward),
        "upright_reward": float(upright_reward),
        "closed_reward": float(closed_reward),
        "action_penalty": float(action_penalty),
        "vel_penalty": float(vel_penalty),
    }
    total_reward = sum(components.values())

    return total_reward, components
