from collections import deque

import numpy as np

EMPTY, WALL, LAVA, KEY, DOOR, GOAL = range(6)
NEIGHBOURS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def _bfs_distances(grid, sources, door_passable):
    """Steps from every cell to the nearest source; -1 where there is no path."""
    n_rows, n_cols = grid.shape
    blocked = {WALL, LAVA}
    if not door_passable:
        blocked.add(DOOR)

    dist = np.full(grid.shape, -1, dtype=int)
    queue = deque()
    for r, c in sources:
        dist[r, c] = 0
        queue.append((r, c))

    while queue:
        r, c = queue.popleft()
        for dr, dc in NEIGHBOURS:
            nr, nc = r + dr, c + dc
            if not (0 <= nr < n_rows and 0 <= nc < n_cols):
                continue
            if dist[nr, nc] != -1 or grid[nr, nc] in blocked:
                continue
            dist[nr, nc] = dist[r, c] + 1
            queue.append((nr, nc))
    return dist


class ShortestPathShaping:
    """Potential-based shaping, F = gamma * phi(s') - phi(s), with phi = -distance."""

    def __init__(self):
        self.gamma = 0.99
        self.unreachable = 64
        self.scale = 0.1
        self.reset()

    def reset(self):
        self.prev_potential = None

    def _potential(self, grid, agent_pos, carrying, door_open):
        goals = [tuple(rc) for rc in np.argwhere(grid == GOAL)]
        if not goals:
            return -self.scale * self.unreachable

        passable = bool(door_open) or carrying == KEY
        dist = _bfs_distances(grid, goals, passable)
        d = dist[tuple(agent_pos)]
        if d >= 0:
            return -self.scale * d

        # The goal is behind the door: go for the key first.
        keys = [tuple(rc) for rc in np.argwhere(grid == KEY)]
        if keys:
            to_key = _bfs_distances(grid, keys, door_passable=False)[tuple(agent_pos)]
            from_key = min((dist_k for dist_k in (
                _bfs_distances(grid, goals, door_passable=True)[k] for k in keys
            ) if dist_k >= 0), default=-1)
            if to_key >= 0 and from_key >= 0:
                return -self.scale * (to_key + from_key)

        return -self.scale * self.unreachable

    def step(self, grid, agent_pos, carrying, door_open):
        potential = self._potential(grid, agent_pos, carrying, door_open)
        shaping = 0.0
        if self.prev_potential is not None:
            shaping = self.gamma * potential - self.prev_potential
        self.prev_potential = potential

        cell = grid[agent_pos[0], agent_pos[1]]
        task = 1.0 if cell == GOAL else -1.0 if cell == LAVA else 0.0

        return float(task + shaping), {"task": task, "shaping": float(shaping)}
