import numpy as np


def reward_func(observations, is_success, is_failure):
    if is_failure:
        return -10.0

    x, x_dot, theta, theta_dot = observations

    upright = np.exp(-(theta / 0.1) ** 2)
    centered = np.exp(-(x / 0.5) ** 2)
    damping = 0.01 * x_dot ** 2 + 0.01 * theta_dot ** 2

    reward = 0.6 * upright + 0.4 * upright * centered - min(damping, 0.5)
    if is_success:
        reward += 10.0

    return float(reward)
