import numpy as np


def compute_reward(block_xy, block_color, block_present, bowl_xy, bowl_color, held,
                   radius=0.05, shaping_weight=0.3, done_bonus=1.0):
    """Fraction of blocks in the bowl of their own colour, plus distance shaping."""
    if not block_present.any():
        return 0.0, {"placed": 0.0, "shaping": 0.0, "held": 0.0, "wrong": 0.0, "done": 0.0}

    # (6, 3) distances, and the mask of the pairs that share a colour
    dist = np.linalg.norm(block_xy[:, None, :] - bowl_xy[None, :, :], axis=-1)
    match = block_color[:, None] == bowl_color[None, :]
    own_dist = np.where(match, dist, np.inf).min(axis=1)
    other_dist = np.where(match, np.inf, dist).min(axis=1)

    released = np.arange(len(block_xy)) != held
    in_own = block_present & released & (own_dist <= radius)
    in_other = block_present & released & ~in_own & (other_dist <= radius)

    n = block_present.sum()
    placed = in_own.sum() / n
    wrong = -0.5 * in_other.sum() / n

    # exp(-inf) == 0, so that blocks without a bowl add nothing
    closeness = np.exp(-own_dist / 0.2)
    shaping = shaping_weight * closeness[block_present].mean()

    # holding something is only useful if it still has to be carried to its bowl
    held_bonus = 0.0
    if held >= 0 and block_present[held]:
        held_bonus = 0.05 + 0.1 * closeness[held]

    parts = {
        "placed": float(placed),
        "shaping": float(shaping),
        "held": float(held_bonus),
        "wrong": float(wrong),
        "done": done_bonus if placed == 1.0 else 0.0,
    }
    return sum(parts.values()), parts
