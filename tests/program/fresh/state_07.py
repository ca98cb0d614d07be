import numpy as np

TARGET_HEIGHT = 0.3


def reward(base_pos, base_quat, base_lin_vel, base_ang_vel, joint_torques):
    """Stay upright with the base 0.3 m above the ground."""
    _, x, y, _ = base_quat
    # z component of the body's up axis in the world: 1 upright, -1 upside down
    up = 1.0 - 2.0 * (x * x + y * y)
    height = base_pos[2]

    if up < 0.5 or height < 0.15:
        return -10.0  # fallen

    if not np.all(np.isfinite(base_lin_vel)):
        return -10.0  # the simulation blew up

    r_alive = 0.5
    r_upright = up ** 2
    r_height = np.exp(-((height - TARGET_HEIGHT) / 0.05) ** 2)
    p_motion = 0.1 * base_lin_vel[2] ** 2 + 0.02 * np.dot(base_ang_vel[:2], base_ang_vel[:2])
    p_torque = 1e-4 * np.dot(joint_torques, joint_torques)

    return float(r_alive + r_upright + r_height - p_motion - p_torque)
