"""Dense staged reward for pushing a cube to a goal on a table.

Stages
------
0. reach : bring the end effector behind the cube (opposite side from the goal)
1. push  : reduce the planar distance between the cube and the goal
2. goal  : keep the cube still inside the goal region

Each later stage is worth strictly more than the one before it, so the agent
never gains by going back to an earlier stage.
"""

import numpy as np

REACH_RADIUS = 0.06      # m, end effector counts as "at the cube"
GOAL_RADIUS = 0.05       # m, cube counts as "at the goal"
STANDOFF = 0.04          # m, distance behind the cube from which to push
STILL_SPEED = 0.02       # m/s

REACH_BONUS = 1.0
GOAL_BONUS = 5.0
STILL_BONUS = 2.0

ACTION_PENALTY = 0.01
HEIGHT_PENALTY = 2.0
TABLE_CLEARANCE = 0.03


def _push_point(cube_pos, goal_pos):
    """Point just behind the cube on the line that goes through the goal."""
    direction = goal_pos[:2] - cube_pos[:2]
    dist = np.linalg.norm(direction)
    if dist < 1e-6:
        return cube_pos.copy()
    direction = direction / dist
    point = cube_pos.copy()
    point[:2] -= STANDOFF * direction
    return point


def compute_reward(ee_pos, ee_vel, cube_pos, cube_vel, goal_pos, action):
    ee_to_cube = np.linalg.norm(ee_pos - cube_pos)
    ee_to_push = np.linalg.norm(ee_pos - _push_point(cube_pos, goal_pos))
    cube_to_goal = np.linalg.norm(cube_pos[:2] - goal_pos[:2])

    # Stage 0: reach.
    reward = 1.0 - np.tanh(5.0 * ee_to_push)

    # Stage 1: push. Only paid when the hand is really at the cube.
    at_cube = ee_to_cube < REACH_RADIUS
    at_goal = cube_to_goal < GOAL_RADIUS
    if at_cube or at_goal:
        reward = 1.0 + REACH_BONUS
        reward += 2.0 * (1.0 - np.tanh(4.0 * cube_to_goal))

        # a little extra for moving the cube in the right direction
        if not at_goal:
            to_goal = (goal_pos[:2] - cube_pos[:2]) / cube_to_goal
            reward += 0.5 * np.clip(np.dot(cube_vel[:2], to_goal), -0.5, 0.5)

    # Stage 2: at the goal.
    if at_goal:
        reward += GOAL_BONUS
        if np.linalg.norm(cube_vel) < STILL_SPEED:
            reward += STILL_BONUS

    # Regularisation.
    reward -= ACTION_PENALTY * np.sum(np.square(action))
    reward -= 0.005 * np.linalg.norm(ee_vel)

    # Do not lift the cube: it is supposed to be pushed.
    lifted = max(0.0, cube_pos[2] - goal_pos[2] - TABLE_CLEARANCE)
    reward -= HEIGHT_PENALTY * lifted

    return float(reward)
