"""A staged dense reward: reach for a cube, grasp it, lift it, bring it to its goal.

Inputs: tcp f32[3], cube f32[3], goal f32[3], opening f32[], grasped bool[], speed f32[7].
"""

import numpy as np

LIFTED = 0.04
AT_GOAL = 0.05


def compute_reward(tcp, cube, goal, opening, grasped, speed):
    distance = np.linalg.norm(tcp - cube)
    reward = 1 - np.tanh(5.0 * distance)

    if distance < 0.03 and not grasped:
        reward += 0.5 * (1.0 - min(float(opening) / 0.08, 1.0))

    if grasped:
        reward = 2.25
        height = float(cube[2])
        reward += min(max(height / LIFTED, 0.0), 1.0)
        if height > LIFTED:
            to_goal = np.linalg.norm(cube - goal)
            reward += 2.0 * (1 - np.tanh(5.0 * to_goal))
            if to_goal < AT_GOAL:
                still = 1 - np.tanh(np.linalg.norm(speed))
                reward += 1.0 + still

    reward -= 0.01 * float(np.sum(np.square(speed)))
    return float(reward)
