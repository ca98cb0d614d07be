import math

import numpy as np


class SortingReward:
    def __init__(self):
        self.radius = 0.05
        self.placed = set()
        self.prev_held = -1
        self.prev_dist = None

    def reset(self):
        self.placed = set()
        self.prev_held = -1
        self.prev_dist = None

    def step(self, block_xy, block_color, block_present, bowl_xy, bowl_color, held):
        held = int(held)
        reward = 0.0

        bowls_by_color = {}
        for j, color in enumerate(bowl_color):
            bowls_by_color.setdefault(int(color), []).append(j)

        # which blocks are at rest in a right / wrong bowl
        now_placed = set()
        wrong = 0
        for i in range(len(block_xy)):
            if not block_present[i] or i == held:
                continue
            j = self._bowl_under(block_xy[i], bowl_xy)
            if j is None:
                continue
            if bowl_color[j] == block_color[i]:
                now_placed.add(i)
            else:
                wrong += 1

        reward += 1.0 * len(now_placed - self.placed)
        reward -= 1.2 * len(self.placed - now_placed)
        reward -= 0.05 * wrong

        # carrying: shaped by how much closer the held block gets to its nearest good bowl
        if held >= 0:
            if held != self.prev_held:
                reward += 0.1 if held not in self.placed else -0.1
                self.prev_dist = None
            targets = bowls_by_color.get(int(block_color[held]), [])
            if targets:
                d = min(math.dist(block_xy[held], bowl_xy[j]) for j in targets)
                if self.prev_dist is not None:
                    reward += 2.0 * (self.prev_dist - d)
                self.prev_dist = d
        else:
            self.prev_dist = None

        # all blocks that can be sorted are sorted
        sortable = {
            i for i in np.flatnonzero(block_present).tolist()
            if int(block_color[i]) in bowls_by_color
        }
        if sortable and sortable <= now_placed and not sortable <= self.placed:
            reward += 10.0

        self.placed = now_placed
        self.prev_held = held
        return reward

    def _bowl_under(self, xy, bowl_xy):
        d = np.hypot(*(bowl_xy - xy).T)
        j = int(np.argmin(d))
        return j if d[j] <= self.radius else None
