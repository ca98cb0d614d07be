"""Success checks for "put each block in the bowl of its colour"."""

import numpy as np

BOWL_RADIUS = 0.06


def _in_matching_bowl(block_xy, block_color, bowl_xy, bowl_color) -> np.ndarray:
    """bool[6]: which blocks lie in a bowl of their own colour."""
    dists = np.linalg.norm(block_xy[:, None, :] - bowl_xy[None, :, :], axis=-1)
    same_color = block_color[:, None] == bowl_color[None, :]
    return np.any((dists < BOWL_RADIUS) & same_color, axis=1)


def _color_sorted(color, block_xy, block_color, block_present, bowl_xy, bowl_color) -> bool:
    wanted = block_present & (block_color == color)
    placed = _in_matching_bowl(block_xy, block_color, bowl_xy, bowl_color)
    return bool(np.all(placed[wanted]))


def color_0_sorted(block_xy, block_color, block_present, bowl_xy, bowl_color, held):
    return held == -1 and _color_sorted(0, block_xy, block_color, block_present, bowl_xy, bowl_color)


def color_1_sorted(block_xy, block_color, block_present, bowl_xy, bowl_color, held):
    return held == -1 and _color_sorted(1, block_xy, block_color, block_present, bowl_xy, bowl_color)


def color_2_sorted(block_xy, block_color, block_present, bowl_xy, bowl_color, held):
    return held == -1 and _color_sorted(2, block_xy, block_color, block_present, bowl_xy, bowl_color)


def any_block_placed(block_xy, block_color, block_present, bowl_xy, bowl_color, held):
    placed = _in_matching_bowl(block_xy, block_color, bowl_xy, bowl_color) & block_present
    if held >= 0:
        placed[held] = False
    return bool(placed.any())


def no_block_in_wrong_bowl(block_xy, block_color, block_present, bowl_xy, bowl_color):
    for i in np.flatnonzero(block_present):
        for j in range(len(bowl_xy)):
            inside = np.linalg.norm(block_xy[i] - bowl_xy[j]) < BOWL_RADIUS
            if inside and block_color[i] != bowl_color[j]:
                return False
    return True
