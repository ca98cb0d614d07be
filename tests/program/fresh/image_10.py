import numpy as np


def reward(frame, initial_frame):
    f = frame.astype(np.int32)
    s = initial_frame.astype(np.int32)
    cube = (f[..., 1] > f[..., 0] + 40) & (f[..., 1] > f[..., 2] + 40)
    cube0 = (s[..., 1] > s[..., 0] + 40) & (s[..., 1] > s[..., 2] + 40)
    pad = (np.minimum(s[..., 0], s[..., 1]) > s[..., 2] + 60) & (abs(s[..., 0] - s[..., 1]) < 70)
    pad &= ~cube0
    if not cube.any() or not cube0.any() or not pad.any():
        return 0.0
    goal = np.argwhere(pad).mean(axis=0)
    d = np.linalg.norm(np.argwhere(cube).mean(axis=0) - goal)
    d0 = np.linalg.norm(np.argwhere(cube0).mean(axis=0) - goal)
    return float(np.clip(1.0 - d / max(d0, 1.0), -1.0, 1.0))
