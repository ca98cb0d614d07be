"""Manhattan-distance shaping towards the current sub-goal: key -> door -> goal."""

from enum import IntEnum
from typing import NamedTuple, Optional

import numpy as np


class Cell(IntEnum):
    EMPTY = 0
    WALL = 1
    LAVA = 2
    KEY = 3
    DOOR = 4
    GOAL = 5


class SubGoal(NamedTuple):
    name: str
    position: Optional[tuple]
    base_reward: float


MAX_DISTANCE = 14  # corner to corner on an 8x8 grid


def _locate(grid: np.ndarray, cell: Cell) -> Optional[tuple]:
    hits = np.argwhere(grid == cell)
    return tuple(hits[0]) if len(hits) else None


def _current_subgoal(grid, carrying, door_open) -> SubGoal:
    door = _locate(grid, Cell.DOOR)
    if door_open or door is None:
        return SubGoal("goal", _locate(grid, Cell.GOAL), 2.0)
    if carrying == Cell.KEY:
        return SubGoal("door", door, 1.0)
    return SubGoal("key", _locate(grid, Cell.KEY), 0.0)


def compute_reward(grid, agent_pos, carrying, door_open) -> float:
    row, col = agent_pos
    here = grid[row, col]
    if here == Cell.LAVA:
        return -5.0
    if here == Cell.GOAL:
        return 10.0

    subgoal = _current_subgoal(grid, carrying, door_open)
    if subgoal.position is None:
        # e.g. the key is gone but not in our hand: nothing to aim at
        return -0.1

    distance = abs(int(row) - subgoal.position[0]) + abs(int(col) - subgoal.position[1])
    closeness = 1.0 - distance / MAX_DISTANCE
    return float(subgoal.base_reward + closeness - 0.01)
