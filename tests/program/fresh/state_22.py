import numpy as np

W_ANGLE, W_FINE, W_CONTACT, W_SMOOTH, W_EFFORT = 1.0, 2.0, 0.3, 0.05, 0.01
DROP_PENALTY = -20.0
MIN_FORCE, MAX_FORCE = 0.2, 5.0

angle_diff = lambda a, b: (a - b + np.pi) % (2 * np.pi) - np.pi


def contact_score(tip_forces):
    """1 if both tips press firmly but gently, 0 if neither does."""
    score = 0.0
    for force in tip_forces:
        if force < MIN_FORCE:
            continue
        elif force <= MAX_FORCE:
            score += 1.0
        else:
            score += max(0.0, 1.0 - (force - MAX_FORCE) / MAX_FORCE)
    return score / len(tip_forces)


def compute_valve_reward(finger_pos, valve_angle, target_angle, tip_forces, object_dropped, last_actions):
    error = abs(angle_diff(target_angle, valve_angle))

    first_diff = np.diff(last_actions, axis=0)
    second_diff = np.diff(last_actions, n=2, axis=0)
    spread = np.linalg.norm(finger_pos[0] - finger_pos[1])

    components = {
        "angle": -W_ANGLE * error / np.pi,
        "angle_fine": W_FINE * np.exp(-(error ** 2) / (2 * 0.1 ** 2)),
        "contact": W_CONTACT * contact_score(tip_forces),
        "smoothness": -W_SMOOTH * ((first_diff ** 2).sum() + 0.5 * (second_diff ** 2).sum()),
        "effort": -W_EFFORT * np.square(last_actions[-1]).sum(),
        "finger_collision": -0.5 if spread < 0.015 else 0.0,
        "drop": DROP_PENALTY if object_dropped else 0.0,
    }
    components = {k: float(v) for k, v in components.items()}
    total = sum(components.values())
    return total, components
