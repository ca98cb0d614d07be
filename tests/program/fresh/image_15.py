import cv2
import numpy as np


class BlocksInBowls:
    COLORS = {"red": (220, 40, 40), "green": (40, 180, 60), "blue": (40, 80, 220)}
    MAX_DIST = 90
    STABLE_STEPS = 3

    def __init__(self):
        self.bowls = {}
        self.streak = {}
        self.best = 0
        self.reset()

    def reset(self):
        self.bowls = {}
        self.streak = {c: 0 for c in self.COLORS}
        self.best = 0

    def _labels(self, frame):
        """-1 where the picture is background, else index of the closest colour."""
        palette = np.array(list(self.COLORS.values()), dtype=np.float32)
        d = np.linalg.norm(frame[:, :, None].astype(np.float32) - palette, axis=3)
        label = d.argmin(axis=2)
        label[d.min(axis=2) > self.MAX_DIST] = -1
        return label

    def _fit_bowl(self, mask):
        n, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        if n <= 1:
            return None
        extents = stats[1:, cv2.CC_STAT_WIDTH] * stats[1:, cv2.CC_STAT_HEIGHT]
        i = 1 + int(extents.argmax())
        x, y, w, h = stats[i, :4]
        return x + w / 2, y + h / 2, min(w, h) / 2

    def step(self, frame):
        label = self._labels(frame)
        masks = {name: label == i for i, name in enumerate(self.COLORS)}

        if not self.bowls:
            self.bowls = {name: self._fit_bowl(m) for name, m in masks.items()}

        yy, xx = np.mgrid[:frame.shape[0], :frame.shape[1]]
        for name, mask in masks.items():
            bowl = self.bowls[name]
            if bowl is None:
                continue
            cx, cy, r = bowl
            interior = (xx - cx) ** 2 + (yy - cy) ** 2 < (0.6 * r) ** 2
            filled = mask[interior].mean() if interior.any() else 0.0
            self.streak[name] = self.streak[name] + 1 if filled > 0.3 else 0

        count = sum(s >= self.STABLE_STEPS for s in self.streak.values())
        gain = max(0, count - self.best)
        self.best = max(self.best, count)
        return gain + 0.05 * count
