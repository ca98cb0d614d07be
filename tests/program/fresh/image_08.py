from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np


class Thing(NamedTuple):
    x: int
    y: int
    w: int
    h: int
    area: int
    hue: int

    @property
    def fill(self) -> float:
        return self.area / float(self.w * self.h)

    def cut(self, image: np.ndarray) -> np.ndarray:
        return image[self.y:self.y + self.h, self.x:self.x + self.w]


def _saturated(frame: np.ndarray) -> np.ndarray:
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    return ((hsv[..., 1] > 90) & (hsv[..., 2] > 60)).astype(np.uint8)


def _things(frame: np.ndarray) -> list[Thing]:
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    n, labels, stats, _ = cv2.connectedComponentsWithStats(_saturated(frame), connectivity=8)
    found = []
    for i in range(1, n):
        x, y, w, h, area = (int(v) for v in stats[i])
        if area < 4:
            continue
        hue = int(np.median(hsv[..., 0][labels == i]))
        found.append(Thing(x, y, w, h, area, hue))
    return found


class UnlockPickup:
    """+1 when the door is first seen open, +2 when the box is first seen gone."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.door: Thing | None = None
        self.box: Thing | None = None
        self.start: np.ndarray | None = None
        self.door_open = False
        self.box_taken = False

    def step(self, frame):
        if self.start is None:
            self.start = frame.copy()
            self._remember(frame)
            return 0.0

        reward = 0.0
        if self.door is not None and not self.door_open:
            before = int(self.door.cut(_saturated(self.start)).sum())
            after = int(self.door.cut(_saturated(frame)).sum())
            if after < 0.65 * before:
                self.door_open = True
                reward += 1.0

        if self.door_open and self.box is not None and not self.box_taken:
            if self.box.cut(_saturated(frame)).sum() == 0:
                self.box_taken = True
                reward += 2.0
        return reward

    def _remember(self, frame):
        things = _things(frame)
        if not things:
            return
        # The door touches the walls so it has the largest bounding box.
        self.door = max(things, key=lambda t: (t.w * t.h, t.area))
        centre = self.door.x + self.door.w / 2

        # Agent and key share a room, the box lies alone in the other one.
        others = [t for t in things if t is not self.door]
        left = [t for t in others if t.x + t.w / 2 < centre]
        right = [t for t in others if t.x + t.w / 2 >= centre]
        room = right if len(right) < len(left) else left
        if room:
            self.box = max(room, key=lambda t: t.w * t.h)
