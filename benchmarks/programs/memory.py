"""An object with memory: milestones paid once, progress, and a penalty for standing still.

Inputs: pos f32[2], goal f32[2], key f32[2], has_key bool[], door_open bool[].
"""

from collections import deque

import numpy as np


class Milestones:
    """Pays each milestone once."""

    def __init__(self):
        self.done = {"near_key": False, "has_key": False, "door_open": False}
        self.best = None
        self.recent = deque(maxlen=8)
        self.steps = 0

    def _pay_once(self, name, reached, amount):
        if reached and not self.done[name]:
            self.done[name] = True
            return amount
        return 0.0

    def reward(self, pos, goal, key, has_key, door_open):
        self.steps += 1
        total = 0.0
        to_key = float(np.linalg.norm(pos - key))
        total += self._pay_once("near_key", to_key < 1.5, 0.1)
        total += self._pay_once("has_key", bool(has_key), 0.3)
        total += self._pay_once("door_open", bool(has_key) and bool(door_open), 0.5)

        target = goal if has_key else key
        distance = float(np.abs(pos - target).sum())
        if self.best is None:
            self.best = distance
        elif distance < self.best:
            total += 0.05 * (self.best - distance)
            self.best = distance

        self.recent.append((float(pos[0]), float(pos[1])))
        if len(self.recent) == 8:
            xs = [x for x, _ in self.recent]
            ys = [y for _, y in self.recent]
            if max(xs) - min(xs) < 0.5 and max(ys) - min(ys) < 0.5:
                total -= 0.05
        return total - 0.001 * self.steps / 100
