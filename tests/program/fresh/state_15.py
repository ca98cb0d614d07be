import numpy as np

CUBE = 0.04


def is_near_cube(ee_pos, cube_a_pos):
    return bool(np.linalg.norm(ee_pos - cube_a_pos) < 0.05)


def is_cube_grasped(ee_pos, gripper_width, cube_a_pos, grasped):
    fingers_closed_on_cube = 0.02 < gripper_width < 0.06
    return bool(grasped and fingers_closed_on_cube and np.linalg.norm(ee_pos - cube_a_pos) < 0.04)


def is_cube_above_target(cube_a_pos, cube_b_pos, grasped):
    dx, dy, dz = cube_a_pos - cube_b_pos
    return bool(grasped) and bool(np.sqrt(dx**2 + dy**2) < CUBE / 2 and dz > CUBE)


def is_stacked(cube_a_pos, cube_b_pos, grasped, gripper_width, qvel):
    if grasped or gripper_width < 0.05:
        return False
    offset = cube_a_pos - cube_b_pos
    return bool(
        np.all(np.abs(offset[:2]) < CUBE / 2)
        and np.isclose(offset[2], CUBE, atol=0.005)
        and np.max(np.abs(qvel)) < 0.5
    )
