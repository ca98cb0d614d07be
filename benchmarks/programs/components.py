"""A locomotion reward with its components in a dict.

Inputs: velocity f32[3], turn f32[3], gravity f32[3], height f32[], joints f32[12], default f32[12],
action f32[12], last_action f32[12], contacts bool[4], command f32[3].
"""

import math

import numpy as np

WEIGHTS = {
    "track_linear": 1.0,
    "track_turn": 0.5,
    "upright": -1.0,
    "height": -10.0,
    "pose": -0.05,
    "smooth": -0.01,
    "feet": 0.1,
}


def reward(
    velocity, turn, gravity, height, joints, default, action, last_action, contacts, command
):
    error = np.sum(np.square(command[:2] - velocity[:2]))
    turn_error = (command[2] - turn[2]) ** 2
    terms = {
        "track_linear": math.exp(-float(error) / 0.25),
        "track_turn": math.exp(-float(turn_error) / 0.25),
        "upright": float(gravity[0] ** 2 + gravity[1] ** 2),
        "height": (float(height) - 0.3) ** 2,
        "pose": float(np.abs(joints - default).sum()),
        "smooth": float(np.square(action - last_action).sum()),
        "feet": 0.0,
    }
    standing = np.linalg.norm(command) < 0.1
    if standing:
        terms["pose"] *= 5.0
    else:
        terms["feet"] = 1.0 if np.sum(contacts) == 2 else 0.0
    components = {name: WEIGHTS[name] * value for name, value in terms.items()}
    total = sum(components.values())
    return max(total, -5.0), components
