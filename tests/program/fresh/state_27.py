import numpy as np

DEFAULT_JOINT_POS = np.array([0.0, 0.8, -1.5] * 4)
TARGET_HEIGHT = 0.32


def _quat_rotate_inverse(q, v):
    """Rotate world-frame vector v into the body frame; q is (w, x, y, z)."""
    w, xyz = q[0], q[1:]
    return v * (2.0 * w**2 - 1.0) - 2.0 * w * np.cross(xyz, v) + 2.0 * xyz * np.dot(xyz, v)


def reward(base_pos, base_quat, base_lin_vel, joint_pos, joint_vel, joint_torques,
           foot_contacts, command):
    """Velocity tracking in the style of legged_gym.

    command = (vx, vy, yaw rate); the yaw rate is not observed here, so only the planar
    velocity is tracked.
    """
    quat = base_quat / (np.linalg.norm(base_quat) + 1e-9)
    body_vel = _quat_rotate_inverse(quat, base_lin_vel)
    gravity = _quat_rotate_inverse(quat, np.array([0.0, 0.0, -1.0]))

    vel_error = np.sum((command[:2] - body_vel[:2]) ** 2)
    standing = np.linalg.norm(command) < 0.1

    terms = {}
    terms["tracking_lin_vel"] = 1.5 * np.exp(-vel_error / 0.25)
    terms["lin_vel_z"] = -2.0 * body_vel[2] ** 2
    terms["orientation"] = -1.0 * np.sum(gravity[:2] ** 2)
    terms["base_height"] = -10.0 * (base_pos[2] - TARGET_HEIGHT) ** 2
    terms["torques"] = -1e-4 * np.sum(joint_torques**2)
    terms["power"] = -2e-4 * np.sum(np.abs(joint_torques * joint_vel))
    terms["stand_still"] = -0.5 * np.sum(np.abs(joint_pos - DEFAULT_JOINT_POS)) if standing else 0.0
    terms["no_fly"] = -0.5 if not np.any(foot_contacts) else 0.0

    if base_pos[2] < 0.15 or gravity[2] > -0.3:
        terms["termination"] = -10.0
    else:
        terms["termination"] = 0.0

    total = float(sum(terms.values()))
    return total, {k: float(v) for k, v in terms.items()}
