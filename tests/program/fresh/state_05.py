"""Velocity-tracking reward for a quadruped, in the style of legged_gym.

Every term is a small function of the state; `WEIGHTS` says how they are
combined. Positive weights are rewards, negative weights are penalties.
"""

import numpy as np

WEIGHTS = {
    "track_lin_vel": 1.5,
    "track_yaw_rate": 0.75,
    "lin_vel_z": -2.0,
    "ang_vel_xy": -0.05,
    "orientation": -1.0,
    "base_height": -10.0,
    "torques": -2e-4,
    "power": -1e-3,
    "joint_vel": -1e-4,
    "joint_pos_limits": -1.0,
    "stand_still": -0.2,
    "no_contact": -0.25,
}

TRACKING_SIGMA = 0.25
TARGET_HEIGHT = 0.30

# hip abduction, hip flexion, knee for each of the four legs
DEFAULT_JOINT_POS = np.tile([0.0, 0.8, -1.5], 4)
JOINT_LOWER = np.tile([-0.8, -0.6, -2.6], 4)
JOINT_UPPER = np.tile([0.8, 2.4, -0.9], 4)


def _rotation_matrix(quat):
    """Body-to-world rotation matrix of a (w, x, y, z) quaternion."""
    w, x, y, z = quat / np.linalg.norm(quat)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])


def _tracking(error, sigma=TRACKING_SIGMA):
    return np.exp(-np.sum(np.square(error)) / sigma)


def _limit_violation(joint_pos):
    below = np.clip(JOINT_LOWER - joint_pos, 0.0, None)
    above = np.clip(joint_pos - JOINT_UPPER, 0.0, None)
    return np.sum(below + above)


def compute_reward(
    base_pos,
    base_quat,
    base_lin_vel,
    base_ang_vel,
    joint_pos,
    joint_vel,
    joint_torques,
    foot_contacts,
    command,
):
    rot = _rotation_matrix(base_quat)
    lin_vel = rot.T @ base_lin_vel
    ang_vel = rot.T @ base_ang_vel
    gravity = rot.T @ np.array([0.0, 0.0, -1.0])

    standing = np.linalg.norm(command) < 0.1

    terms = {
        "track_lin_vel": _tracking(command[:2] - lin_vel[:2]),
        "track_yaw_rate": _tracking(command[2] - ang_vel[2]),
        "lin_vel_z": lin_vel[2] ** 2,
        "ang_vel_xy": np.sum(ang_vel[:2] ** 2),
        "orientation": np.sum(gravity[:2] ** 2),
        "base_height": (base_pos[2] - TARGET_HEIGHT) ** 2,
        "torques": np.sum(joint_torques ** 2),
        "power": np.sum(np.abs(joint_torques * joint_vel)),
        "joint_vel": np.sum(joint_vel ** 2),
        "joint_pos_limits": _limit_violation(joint_pos),
        "stand_still": np.sum(np.abs(joint_pos - DEFAULT_JOINT_POS)) if standing else 0.0,
        "no_contact": float(not np.any(foot_contacts)),
    }

    components = {name: float(WEIGHTS[name] * value) for name, value in terms.items()}
    return sum(components.values()), components
