"""DoorKey-8x8: parse the picture into a symbolic grid, then reason on symbols."""
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Dict, List, Optional, Tuple

import numpy as np

TILE = 8
Cell = Tuple[int, int]


class Kind(Enum):
    FLOOR = "floor"
    WALL = "wall"
    KEY = "key"
    DOOR_CLOSED = "closed door"
    DOOR_OPEN = "open door"
    GOAL = "goal"
    AGENT = "agent"


@dataclass
class Scene:
    kinds: Dict[Cell, Kind] = field(default_factory=dict)

    def find(self, *wanted: Kind) -> Optional[Cell]:
        for cell, kind in self.kinds.items():
            if kind in wanted:
                return cell
        return None

    def neighbours(self, cell: Cell) -> List[Cell]:
        r, c = cell
        around = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
        return [n for n in around if n in self.kinds]

    def distance(self, start: Cell, target: Cell) -> Optional[int]:
        """Breadth-first distance; walls and closed doors block unless they are the target."""
        blocked = {Kind.WALL, Kind.DOOR_CLOSED, Kind.KEY}
        queue = deque([(start, 0)])
        seen = {start}
        while queue:
            cell, d = queue.popleft()
            if cell == target:
                return d
            for n in self.neighbours(cell):
                if n in seen:
                    continue
                if self.kinds[n] in blocked and n != target:
                    continue
                seen.add(n)
                queue.append((n, d + 1))
        return None


def _classify(tile: np.ndarray) -> Kind:
    rgb = tile.reshape(-1, 3).astype(np.int16)
    r, g, b = rgb[:, 0], rgb[:, 1], rgb[:, 2]

    red = np.count_nonzero((r > 140) & (g < 90) & (b < 90))
    green = np.count_nonzero((g > 140) & (r < 90) & (b < 90))
    yellow = np.count_nonzero((r > 70) & (g > 70) & (b < 60))
    gray = np.count_nonzero((np.ptp(rgb, axis=1) < 20) & (r > 70))

    if red >= 6:
        return Kind.AGENT
    if green >= 30:
        return Kind.GOAL
    if yellow >= 36:
        return Kind.DOOR_CLOSED
    if yellow >= 3:
        # A key stays away from the borders of its tile, an outline does not.
        mask = ((tile[..., 0] > 70) & (tile[..., 1] > 70) & (tile[..., 2] < 60))
        border = mask.sum() - mask[1:-1, 1:-1].sum()
        return Kind.DOOR_OPEN if border >= 6 else Kind.KEY
    if gray >= 48:
        return Kind.WALL
    return Kind.FLOOR


def parse(picture: np.ndarray) -> Scene:
    rows, cols = picture.shape[0] // TILE, picture.shape[1] // TILE
    scene = Scene()
    for r in range(rows):
        for c in range(cols):
            tile = picture[r * TILE:(r + 1) * TILE, c * TILE:(c + 1) * TILE]
            scene.kinds[(r, c)] = _classify(tile)
    return scene


def picked_up_key(frame: np.ndarray, initial_frame: np.ndarray) -> bool:
    had_key = parse(initial_frame).find(Kind.KEY) is not None
    return had_key and parse(frame).find(Kind.KEY) is None


def opened_door(frame: np.ndarray, initial_frame: np.ndarray) -> bool:
    door = parse(initial_frame).find(Kind.DOOR_CLOSED)
    if door is None:
        return False
    return parse(frame).kinds[door] in (Kind.DOOR_OPEN, Kind.AGENT)


def reached_goal(frame: np.ndarray, initial_frame: np.ndarray) -> bool:
    goal = parse(initial_frame).find(Kind.GOAL)
    return goal is not None and parse(frame).find(Kind.AGENT) == goal


def closeness_to_goal(frame: np.ndarray, initial_frame: np.ndarray) -> float:
    """1 on the goal, falling with the walking distance, 0 while there is no way."""
    goal = parse(initial_frame).find(Kind.GOAL)
    scene = parse(frame)
    agent = scene.find(Kind.AGENT)
    if goal is None or agent is None:
        return 0.0
    d = scene.distance(agent, goal)
    return 0.0 if d is None else 1.0 / (1.0 + d)
