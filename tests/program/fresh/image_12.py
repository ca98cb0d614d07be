import numpy as np

GREEN = np.array([0.15, 0.75, 0.2])
YELLOW = np.array([0.95, 0.85, 0.15])


def chroma(rgb):
    """Shadow-proof colour: every channel divided by the brightness."""
    rgb = np.asarray(rgb, dtype=float)
    return rgb / (rgb.sum(axis=-1, keepdims=True) + 1e-6)


def like(image, colour, tol=0.13):
    rgb = image / 255.0
    return (np.linalg.norm(chroma(rgb) - chroma(colour), axis=-1) < tol) & (rgb.sum(axis=-1) > 0.25)


def box(mask):
    rows = np.flatnonzero(mask.any(axis=1))
    cols = np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return rows[0], cols[0], rows[-1] + 1, cols[-1] + 1


def overlap(a, b):
    """Share of box a lying inside box b."""
    h = max(0, min(a[2], b[2]) - max(a[0], b[0]))
    w = max(0, min(a[3], b[3]) - max(a[1], b[1]))
    return h * w / ((a[2] - a[0]) * (a[3] - a[1]))


def gap(a, b):
    dy = max(0, a[0] - b[2], b[0] - a[2])
    dx = max(0, a[1] - b[3], b[1] - a[3])
    return float(np.hypot(dx, dy))


def boxes(frame, initial_frame):
    return box(like(frame, GREEN)), box(like(initial_frame, YELLOW))


def moved(frame, initial_frame):
    was, now = like(initial_frame, GREEN), like(frame, GREEN)
    union = np.count_nonzero(was | now)
    if union == 0 or not now.any():
        return False
    return np.count_nonzero(was & now) / union < 0.6


def close(frame, initial_frame):
    cube, pad = boxes(frame, initial_frame)
    return cube is not None and pad is not None and gap(cube, pad) < 6


def on_pad(frame, initial_frame):
    cube, pad = boxes(frame, initial_frame)
    if cube is None or pad is None:
        return False
    top, left, bottom, right = cube
    footprint = (bottom - max(1, (bottom - top) // 3), left, bottom, right)
    return overlap(footprint, pad) > 0.7
