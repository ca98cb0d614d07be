"""Open the drawer, gently."""

from dataclasses import dataclass, field
from typing import Dict, Tuple

import numpy as np

OPEN_TARGET = 0.25  # metres
FORCE_LIMIT = 30.0  # newtons per finger


@dataclass
class DrawerReward:
    best_opening: float = 0.0
    start_opening: float = 0.0
    started: bool = False
    contact_streak: int = 0
    peak_force: float = 0.0
    milestones: Dict[float, bool] = field(default_factory=dict)

    def __post_init__(self):
        self.reset()

    def reset(self):
        self.best_opening = 0.0
        self.start_opening = 0.0
        self.started = False
        self.contact_streak = 0
        self.peak_force = 0.0
        self.milestones = {0.25: False, 0.5: False, 0.75: False, 1.0: False}

    def step(
        self,
        ee_pos,
        handle_pos,
        drawer_opening,
        joint_vel,
        contact_forces,
    ) -> Tuple[float, Dict[str, float]]:
        opening = float(drawer_opening)
        if not self.started:
            self.start_opening = opening
            self.best_opening = opening
            self.started = True

        distance = np.linalg.norm(ee_pos - handle_pos)
        forces = np.linalg.norm(contact_forces, axis=1)
        self.peak_force = max(self.peak_force, float(forces.max()))

        # A grasp is both fingers touching near the handle.
        gripping = bool(np.all(forces > 0.5)) and distance < 0.05
        self.contact_streak = self.contact_streak + 1 if gripping else 0

        reward = {}
        reward["approach"] = float(np.exp(-10.0 * distance))
        reward["grip"] = 0.5 * min(self.contact_streak, 10) / 10

        # Only new ground counts, so rocking the drawer back and forth earns nothing.
        gain = max(0.0, opening - self.best_opening)
        self.best_opening = max(self.best_opening, opening)
        reward["opening"] = 50.0 * gain

        span = max(OPEN_TARGET - self.start_opening, 1e-6)
        fraction = (opening - self.start_opening) / span
        bonus = 0.0
        for level, reached in self.milestones.items():
            if not reached and fraction >= level:
                self.milestones[level] = True
                bonus += 5.0 * level
        reward["milestone"] = bonus

        reward["force"] = -0.02 * float(np.maximum(forces - FORCE_LIMIT, 0.0).sum())
        reward["smooth"] = -0.01 * float(joint_vel @ joint_vel)

        return sum(reward.values()), reward
