"""A loop over objects: put each of eight into the bin of its kind, and keep them apart.

Inputs: positions f32[8, 3], kinds i32[8], bins f32[3, 2], gripper f32[3], held i32[].
"""

import numpy as np

RADIUS = 0.1


def sorting_reward(positions, kinds, bins, gripper, held):
    placed = 0
    nearest = float("inf")
    reward = 0.0
    for i in range(len(positions)):
        x, y, z = positions[i]
        kind = int(kinds[i])
        if kind < 0:
            continue
        target = bins[kind]
        offset = float(np.hypot(x - target[0], y - target[1]))
        if offset < RADIUS and z < 0.05:
            placed += 1
            reward += 1.0
            continue
        if i == int(held):
            reward += 0.5 * max(0.0, 1.0 - offset)
        else:
            distance = float(np.linalg.norm(positions[i] - gripper))
            if distance < nearest:
                nearest = distance
    if held < 0 and nearest < float("inf"):
        reward += 0.2 * float(np.exp(-4.0 * nearest))

    crowded = 0
    for i in range(len(positions)):
        for j in range(i + 1, len(positions)):
            if np.linalg.norm(positions[i] - positions[j]) < 0.03:
                crowded += 1
    reward -= 0.1 * crowded
    if placed == len(positions):
        reward += 10.0
    return reward
