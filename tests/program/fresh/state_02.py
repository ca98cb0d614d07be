import numpy as np


def touched_cube(ee_pos, cube_pos):
    """The end effector is close enough to be in contact with the cube."""
    return bool(np.linalg.norm(ee_pos - cube_pos) < 0.045)


def cube_has_moved(cube_vel, cube_pos, ee_pos):
    """The cube is sliding, and the arm is near enough to be the cause."""
    speed = np.linalg.norm(cube_vel[:2])
    arm_nearby = np.linalg.norm(ee_pos - cube_pos) < 0.10
    return bool(speed > 0.01 and arm_nearby)


def cube_within_5cm_of_goal(cube_pos, goal_pos):
    """The cube's centre is within 5 cm of the goal, measured in the table plane."""
    return bool(np.linalg.norm(cube_pos[:2] - goal_pos[:2]) <= 0.05)
