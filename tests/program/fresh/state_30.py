"""Potential-based shaping on true shortest-path distance.

The agent must fetch the key, open the door and reach the goal.  The potential is the
negative number of moves still needed for the whole plan, so that the shaping leaves the
optimal policy unchanged.
"""
from __future__ import annotations

from collections import deque

import numpy as np

WALL, LAVA, KEY, DOOR, GOAL = 1, 2, 3, 4, 5
UNREACHABLE = 64


def _bfs(grid: np.ndarray, start: tuple[int, int], blocked: set[int]) -> np.ndarray:
    """Steps from `start` to every cell; -1 where there is no way."""
    rows, cols = grid.shape
    dist = np.full(grid.shape, -1, dtype=int)
    dist[start] = 0
    queue = deque([start])
    while queue:
        r, c = queue.popleft()
        for nr, nc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if not (0 <= nr < rows and 0 <= nc < cols):
                continue
            if dist[nr, nc] >= 0 or int(grid[nr, nc]) in blocked:
                continue
            dist[nr, nc] = dist[r, c] + 1
            queue.append((nr, nc))
    return dist


def _find(grid: np.ndarray, code: int) -> tuple[int, int] | None:
    cells = np.argwhere(grid == code)
    return (int(cells[0][0]), int(cells[0][1])) if cells.size else None


def _leg(grid, start, end, blocked) -> int:
    if start is None or end is None:
        return UNREACHABLE
    d = int(_bfs(grid, start, blocked)[end])
    return d if d >= 0 else UNREACHABLE


class ShortestPathShaping:
    GAMMA = 0.99
    SCALE = 0.05

    def __init__(self):
        self.last_potential = None
        self.done = False

    def reset(self):
        self.last_potential = None
        self.done = False

    def __call__(self, grid, agent_pos, carrying, door_open):
        return self.step(grid, agent_pos, carrying, door_open)

    def step(self, grid, agent_pos, carrying, door_open):
        if self.done:
            return 0.0

        pos = (int(agent_pos[0]), int(agent_pos[1]))
        cell = int(grid[pos])

        if cell == LAVA:
            self.done = True
            return -1.0
        if cell == GOAL:
            self.done = True
            return 1.0

        potential = -self.SCALE * self._moves_left(grid, pos, carrying, door_open)
        shaping = 0.0
        if self.last_potential is not None:
            shaping = self.GAMMA * potential - self.last_potential
        self.last_potential = potential
        return shaping - 0.001

    def _moves_left(self, grid, pos, carrying, door_open) -> int:
        closed = {WALL, LAVA}
        door, goal = _find(grid, DOOR), _find(grid, GOAL)

        if door_open or door is None:
            return _leg(grid, pos, goal, closed)

        after_door = _leg(grid, door, goal, closed)
        if carrying == KEY:
            return min(_leg(grid, pos, door, closed) + after_door, 3 * UNREACHABLE)

        key = _find(grid, KEY)
        to_key = _leg(grid, pos, key, closed | {DOOR})
        key_to_door = _leg(grid, key, door, closed)
        return to_key + key_to_door + after_door
