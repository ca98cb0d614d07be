"""Sort the blocks by colour: tight groups, far apart from one another."""

from dataclasses import dataclass
from itertools import combinations
from typing import Dict, List

import numpy as np

COLOR_NAMES = {0: "red", 1: "blue", 2: "green"}


@dataclass
class SortParams:
    cluster_radius: float = 0.08   # m, a group this tight is fully "together"
    separation: float = 0.25       # m, groups this far apart are fully "separate"
    w_together: float = 1.0
    w_apart: float = 1.0
    w_success: float = 3.0
    w_held: float = 0.05


PARAMS = SortParams()


def _group_by_color(block_xy, block_color, block_present) -> Dict[int, np.ndarray]:
    groups: Dict[int, List[np.ndarray]] = {}
    for xy, color, present in zip(block_xy, block_color, block_present):
        if present:
            groups.setdefault(int(color), []).append(xy)
    return {color: np.stack(points) for color, points in sorted(groups.items())}


def _spread(points: np.ndarray) -> float:
    """Largest distance of a point of the group from the group's centre."""
    return float(np.linalg.norm(points - points.mean(axis=0), axis=1).max())


def _gap(a: np.ndarray, b: np.ndarray) -> float:
    """Smallest distance between a point of one group and one of the other."""
    return float(min(np.linalg.norm(p - q) for p in a for q in b))


def compute_reward(
    block_xy: np.ndarray,
    block_color: np.ndarray,
    block_present: np.ndarray,
    held: int,
) -> float:
    groups = _group_by_color(block_xy, block_color, block_present)
    if not groups:
        return 0.0

    spreads = {color: _spread(points) for color, points in groups.items()}
    gaps = [_gap(groups[a], groups[b]) for a, b in combinations(groups, 2)]

    # Every colour's blocks close together ...
    together = np.mean([
        1.0 if spread <= PARAMS.cluster_radius
        else np.exp(-(spread - PARAMS.cluster_radius) / 0.1)
        for spread in spreads.values()
    ])

    # ... and far from the others. One single colour is trivially apart.
    apart = np.mean([min(gap / PARAMS.separation, 1.0) for gap in gaps]) if gaps else 1.0

    reward = PARAMS.w_together * together + PARAMS.w_apart * apart

    sorted_now = (
        held < 0
        and all(spread <= PARAMS.cluster_radius for spread in spreads.values())
        and all(gap >= PARAMS.separation for gap in gaps)
    )
    if sorted_now:
        reward += PARAMS.w_success
    elif held >= 0:
        # A nudge to pick up the blocks that lie away from their own group.
        color = int(block_color[held])
        if color in groups and spreads[color] > PARAMS.cluster_radius:
            reward += PARAMS.w_held

    return float(reward)
