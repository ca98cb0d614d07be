import itertools

import numpy as np

CELL = 8
PALETTE = {
    "black": (0, 0, 0),
    "gray": (100, 100, 100),
    "yellow": (255, 255, 0),
    "dark_yellow": (115, 115, 0),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
}
NAMES = list(PALETTE)
COLOURS = np.array([PALETTE[n] for n in NAMES], dtype=np.int32)


def nearest_colour(picture):
    """Index into NAMES for every pixel."""
    diff = picture[:, :, None, :].astype(np.int32) - COLOURS[None, None, :, :]
    return (diff ** 2).sum(axis=-1).argmin(axis=-1)


def histograms(picture):
    """{(row, col): {colour name: pixels}} for every tile."""
    idx = nearest_colour(picture)
    rows, cols = idx.shape[0] // CELL, idx.shape[1] // CELL
    out = {}
    for r, c in itertools.product(range(rows), range(cols)):
        tile = idx[r * CELL:(r + 1) * CELL, c * CELL:(c + 1) * CELL]
        binned = np.bincount(tile.ravel(), minlength=len(NAMES))
        out[r, c] = dict(zip(NAMES, binned.tolist()))
    return out


def yellow(hist):
    return hist["yellow"] + hist["dark_yellow"]


def sub_tasks(frame, initial_frame):
    start = histograms(initial_frame)
    now = histograms(frame)

    by_yellow = sorted((t for t in start if yellow(start[t]) > 0), key=lambda t: yellow(start[t]))
    goal = max(start, key=lambda t: start[t]["green"])
    agent = max(now, key=lambda t: now[t]["red"])

    key_gone = len(by_yellow) >= 2 and yellow(now[by_yellow[0]]) == 0
    door_open = bool(by_yellow) and yellow(now[by_yellow[-1]]) < 0.7 * yellow(start[by_yellow[-1]])
    on_goal = now[agent]["red"] > 4 and agent == goal
    return key_gone, door_open, on_goal


def has_key(frame, initial_frame):
    return sub_tasks(frame, initial_frame)[0]


def has_opened_door(frame, initial_frame):
    key, door, _ = sub_tasks(frame, initial_frame)
    return key and door


def is_on_goal(frame, initial_frame):
    return sub_tasks(frame, initial_frame)[2]
