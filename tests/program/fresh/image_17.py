"""Fifty little blocks: gather them in the green zone, out of the red one.

The reward of a step is the improvement of a score made of three parts:
share of blocks in the green zone, share in the red zone (bad) and how far
apart the blocks lie (bad).
"""
from dataclasses import dataclass
from typing import Optional

import cv2
import numpy as np

N_BLOCKS = 50


@dataclass
class Zone:
    left: int
    top: int
    right: int
    bottom: int

    def contains(self, points: np.ndarray) -> np.ndarray:
        x, y = points[:, 0], points[:, 1]
        return (x > self.left) & (x < self.right) & (y > self.top) & (y < self.bottom)

    @property
    def centre(self) -> np.ndarray:
        return np.array([(self.left + self.right) / 2, (self.top + self.bottom) / 2])


@dataclass
class Weights:
    green: float = 1.0
    red: float = 0.5
    spread: float = 0.25


def hue_mask(hsv: np.ndarray, *spans) -> np.ndarray:
    masks = [cv2.inRange(hsv, (lo, 80, 60), (hi, 255, 255)) for lo, hi in spans]
    return np.bitwise_or.reduce(masks)


def outline(mask: np.ndarray) -> Optional[Zone]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    x, y, w, h = cv2.boundingRect(np.vstack(contours))
    return Zone(x, y, x + w - 1, y + h - 1)


def block_centres(hsv: np.ndarray, block_area: float) -> np.ndarray:
    """One point per block; a clump of touching blocks gives several points."""
    mask = hue_mask(hsv, (100, 130))
    n, labels, stats, centroids = cv2.connectedComponentsWithStats(mask, connectivity=4)
    points = []
    for i in range(1, n):
        copies = max(1, int(round(stats[i, cv2.CC_STAT_AREA] / block_area)))
        if copies == 1:
            points.append(centroids[i])
            continue
        ys, xs = np.nonzero(labels == i)
        take = np.linspace(0, len(xs) - 1, copies).astype(int)
        points.extend(np.column_stack([xs[take], ys[take]]).astype(float))
    return np.array(points).reshape(-1, 2)


class GatherReward:
    weights = Weights()

    def __init__(self):
        self.reset()

    def reset(self):
        self.green: Optional[Zone] = None
        self.red: Optional[Zone] = None
        self.block_area: Optional[float] = None
        self.score: Optional[float] = None

    def step(self, frame):
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        if self.block_area is None:
            self._calibrate(hsv)

        points = block_centres(hsv, self.block_area)
        if len(points) == 0:
            return 0.0

        score = self._score(points, frame.shape)
        change = 0.0 if self.score is None else score - self.score
        self.score = score
        return float(change)

    def _calibrate(self, hsv):
        self.green = outline(hue_mask(hsv, (45, 80)))
        self.red = outline(hue_mask(hsv, (0, 10), (170, 179)))
        blue = cv2.countNonZero(hue_mask(hsv, (100, 130)))
        self.block_area = max(1.0, blue / N_BLOCKS)

    def _score(self, points, shape):
        w = self.weights
        score = 0.0
        if self.green is not None:
            score += w.green * self.green.contains(points).mean()
        if self.red is not None:
            score -= w.red * self.red.contains(points).mean()
        pairwise = np.linalg.norm(points[:, None] - points[None, :], axis=-1)
        score -= w.spread * pairwise.mean() / np.hypot(*shape[:2])
        return score
