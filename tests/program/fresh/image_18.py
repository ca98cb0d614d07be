import math

import numpy as np


def upright(frame):
    """cos of the pole's angle from the vertical: 1 upright, 0 lying flat."""
    rgb = frame.astype(int)
    r, g, b = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    # the pole is (202, 152, 101) in gym's rendering
    pole = (r > 120) & (r - b > 40) & (r > g) & (g > b)
    ys, xs = np.nonzero(pole)
    if len(xs) < 4:
        return 0.0
    # principal axis of the brown pixels
    pts = np.stack([xs - xs.mean(), ys - ys.mean()])
    _, vectors = np.linalg.eigh(np.cov(pts))
    dx, dy = vectors[:, -1]
    angle = math.atan2(abs(dx), abs(dy))
    return math.cos(angle)


def still_balanced(frame):
    return upright(frame) > math.cos(math.radians(12))
