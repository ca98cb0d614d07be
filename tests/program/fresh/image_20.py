"""Dense maze reward: negative shortest path length from the blue to the red dot."""
from __future__ import annotations

import heapq
import math

import numpy as np

WALL_LEVEL = 60
STEPS = [
    (dy, dx, math.hypot(dy, dx))
    for dy in (-1, 0, 1)
    for dx in (-1, 0, 1)
    if (dy, dx) != (0, 0)
]


def dot(image: np.ndarray, channel: int) -> tuple[int, int] | None:
    rgb = image.astype(np.int16)
    a, b = (rgb[..., c] for c in range(3) if c != channel)
    hits = np.argwhere((rgb[..., channel] > 120) & (a < 100) & (b < 100))
    if hits.size == 0:
        return None
    centre = hits.mean(axis=0)
    # the closest real pixel of the dot, never a wall
    y, x = hits[np.linalg.norm(hits - centre, axis=1).argmin()]
    return int(y), int(x)


def free_space(image: np.ndarray) -> np.ndarray:
    return image.max(axis=2) > WALL_LEVEL


def distance_map(free: np.ndarray, source: tuple[int, int]) -> np.ndarray:
    """Dijkstra over free pixels with eight neighbours, no cutting of corners."""
    h, w = free.shape
    dist = np.full((h, w), np.inf)
    dist[source] = 0.0
    heap = [(0.0, source)]
    while heap:
        d, (y, x) = heapq.heappop(heap)
        if d > dist[y, x]:
            continue
        for dy, dx, cost in STEPS:
            ny, nx = y + dy, x + dx
            if not (0 <= ny < h and 0 <= nx < w) or not free[ny, nx]:
                continue
            if dy and dx and not (free[y, nx] and free[ny, x]):
                continue
            if d + cost < dist[ny, nx]:
                dist[ny, nx] = d + cost
                heapq.heappush(heap, (d + cost, (ny, nx)))
    return dist


class MazeReward:
    def __init__(self):
        self.reset()

    def reset(self):
        self._dist = None
        self._scale = 1.0

    def step(self, frame):
        agent = dot(frame, channel=2)
        if self._dist is None:
            goal = dot(frame, channel=0)
            if goal is None:
                return 0.0
            self._dist = distance_map(free_space(frame), goal)
            reachable = self._dist[np.isfinite(self._dist)]
            self._scale = max(1.0, float(reachable.max()))
        if agent is None:
            return -1.0
        d = self._dist[agent]
        return -float(d) / self._scale if np.isfinite(d) else -1.0
