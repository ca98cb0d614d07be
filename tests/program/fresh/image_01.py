import numpy as np

TILE = 8


def _yellow(img):
    r, g, b = img[..., 0].astype(int), img[..., 1].astype(int), img[..., 2].astype(int)
    return (r > 80) & (g > 80) & (b < 60) & (abs(r - g) < 40)


def _per_tile(mask):
    h, w = mask.shape
    return mask.reshape(h // TILE, TILE, w // TILE, TILE).sum(axis=(1, 3))


def _key_and_door(initial_frame):
    """The door fills its tile with yellow, the key only covers a few pixels."""
    counts = _per_tile(_yellow(initial_frame))
    door = np.unravel_index(counts.argmax(), counts.shape)
    rest = counts.copy()
    rest[door] = 0
    key = np.unravel_index(rest.argmax(), rest.shape)
    return key, door, counts


def key_picked_up(frame, initial_frame):
    key, _, before = _key_and_door(initial_frame)
    now = _per_tile(_yellow(frame))
    return bool(before[key] > 0 and now[key] == 0)


def door_opened(frame, initial_frame):
    _, door, before = _key_and_door(initial_frame)
    now = _per_tile(_yellow(frame))
    return bool(now[door] < 0.7 * before[door])


def goal_reached(frame, initial_frame):
    r, g, b = initial_frame[..., 0], initial_frame[..., 1], initial_frame[..., 2]
    goal = _per_tile((g > 150) & (r < 80) & (b < 80))
    row, col = np.unravel_index(goal.argmax(), goal.shape)
    tile = frame[row * TILE:(row + 1) * TILE, col * TILE:(col + 1) * TILE]
    red = (tile[..., 0] > 150) & (tile[..., 1] < 80) & (tile[..., 2] < 80)
    return bool(red.sum() >= 5)
