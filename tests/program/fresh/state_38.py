import math


def reward(observations, step, is_success, is_failure) -> float:
    if is_failure:
        # failing early is worse than failing late
        return -10.0 * math.exp(-step / 200)
    if is_success:
        return 10.0

    x, x_dot, theta, theta_dot = (float(v) for v in observations)
    upright = math.cos(theta)
    centred = 1.0 - min(abs(x) / 2.4, 1.0)
    calm = math.exp(-0.1 * (x_dot ** 2 + theta_dot ** 2))
    return 0.7 * upright + 0.2 * centred + 0.1 * calm
