"""MiniGrid Unlock: reward for picking up the key and opening the door (any colour)."""
import numpy as np

TILE = 8
AGENT_RED = np.array([255, 0, 0])


def coloured(picture, min_saturation=60):
    """Pixels that are neither black, gray nor white."""
    return np.ptp(picture.astype(np.int16), axis=2) >= min_saturation


def tiles(picture):
    h, w = picture.shape[:2]
    for y in range(0, h - TILE + 1, TILE):
        for x in range(0, w - TILE + 1, TILE):
            yield (y, x), picture[y:y + TILE, x:x + TILE]


def door_position(picture):
    """A closed door is drawn up to the border of its tile on all four sides."""
    best, best_score = None, 0
    for pos, tile in tiles(picture):
        mask = coloured(tile, 30)
        border = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
        score = border.sum() * 2 + mask.sum()
        if score > best_score:
            best, best_score = pos, score
    return best


def key_position(picture, door):
    """The key has the door's hue; compare direction of the colour vectors."""
    y, x = door
    door_tile = picture[y:y + TILE, x:x + TILE].reshape(-1, 3).astype(float)
    hue = door_tile[door_tile.sum(axis=1).argmax()]
    hue /= np.linalg.norm(hue) + 1e-6

    best, best_count = None, 2
    for pos, tile in tiles(picture):
        if pos == door:
            continue
        px = tile.astype(float)
        norm = np.linalg.norm(px, axis=2)
        same = (px @ hue > 0.97 * norm) & (norm > 80)
        # the agent is a solid triangle, about half its tile
        n = int(same.sum())
        if best_count < n < 26:
            best, best_count = pos, n
    return best


def key_taken(frame, initial_frame):
    door = door_position(initial_frame)
    if door is None:
        return False
    key = key_position(initial_frame, door)
    if key is None:
        return False
    y, x = key
    return not coloured(frame[y:y + TILE, x:x + TILE]).any()


def door_opened(frame, initial_frame):
    door = door_position(initial_frame)
    if door is None:
        return False
    y, x = door
    before = coloured(initial_frame[y:y + TILE, x:x + TILE], 30).sum()
    after = coloured(frame[y:y + TILE, x:x + TILE], 30).sum()
    return bool(after < 0.7 * before)
