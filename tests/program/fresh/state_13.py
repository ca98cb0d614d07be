"""Staged dense reward for picking up cube A and stacking it on cube B.

The reward is organised as a ladder of stages.  Every stage contributes a
shaped term in [0, 1] and the later stages only switch on once the earlier
ones have been satisfied, so the total is monotone along a sensible
trajectory:

    reach -> grasp -> lift -> align -> stack -> release

Small regularisers on joint velocity and action magnitude are subtracted at
the end.
"""

import numpy as np

CUBE_SIZE = 0.04
HALF_CUBE = CUBE_SIZE / 2.0
TABLE_HEIGHT = 0.0
LIFT_HEIGHT = 0.08
GRIPPER_OPEN = 0.08

WEIGHTS = {
    "reach": 1.0,
    "grasp": 1.0,
    "lift": 1.5,
    "align": 2.0,
    "stack": 4.0,
    "release": 6.0,
    "joint_vel": -0.002,
    "action": -0.01,
    "tilt": -0.1,
}


def _shaped(distance, scale):
    """Map a non-negative distance to (0, 1], with 1 at zero distance."""
    return 1.0 - np.tanh(scale * distance)


def _quat_tilt(quat):
    """Angle between the body z axis and the world z axis (w, x, y, z order)."""
    norm = np.linalg.norm(quat)
    if norm < 1e-8:
        return 0.0
    w, x, y, z = quat / norm
    cos_tilt = 1.0 - 2.0 * (x * x + y * y)
    return float(np.arccos(np.clip(cos_tilt, -1.0, 1.0)))


def _is_stacked(cube_a_pos, cube_b_pos):
    offset = cube_a_pos - cube_b_pos
    horizontal_ok = np.linalg.norm(offset[:2]) < HALF_CUBE
    vertical_ok = abs(offset[2] - CUBE_SIZE) < 0.01
    return bool(horizontal_ok and vertical_ok)


def compute_reward(
    ee_pos,
    gripper_width,
    cube_a_pos,
    cube_a_quat,
    cube_b_pos,
    grasped,
    qvel,
    action,
):
    components = dict.fromkeys(WEIGHTS, 0.0)

    # Stage 1: reach.
    reach_dist = np.linalg.norm(ee_pos - cube_a_pos)
    components["reach"] = _shaped(reach_dist, 5.0)

    stacked = _is_stacked(cube_a_pos, cube_b_pos)

    # Stage 2: grasp.  A completed stack keeps the credit after release.
    if grasped or stacked:
        components["reach"] = 1.0
        components["grasp"] = 1.0

        # Stage 3: lift.
        height = cube_a_pos[2] - TABLE_HEIGHT - HALF_CUBE
        lift = np.clip(height / LIFT_HEIGHT, 0.0, 1.0)
        components["lift"] = 1.0 if stacked else lift

        # Stage 4: bring the cube above its target.
        goal = cube_b_pos + np.array([0.0, 0.0, CUBE_SIZE])
        if lift > 0.3 or stacked:
            xy_dist = np.linalg.norm(cube_a_pos[:2] - goal[:2])
            z_dist = abs(cube_a_pos[2] - goal[2])
            components["align"] = 0.7 * _shaped(xy_dist, 8.0)
            if xy_dist < HALF_CUBE:
                components["align"] += 0.3 * _shaped(z_dist, 10.0)

    # Stage 5 and 6: stacked, then let go and back off.
    if stacked:
        components["stack"] = 1.0
        openness = np.clip(gripper_width / GRIPPER_OPEN, 0.0, 1.0)
        if not grasped:
            components["release"] = 0.5 + 0.5 * openness

    components["joint_vel"] = np.sum(np.square(qvel[:7]))
    components["action"] = np.sum(np.square(action))
    components["tilt"] = _quat_tilt(cube_a_quat) if grasped else 0.0

    weighted = {name: float(WEIGHTS[name] * value) for name, value in components.items()}
    return sum(weighted.values()), weighted
