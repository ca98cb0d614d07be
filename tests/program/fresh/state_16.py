from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Deque, Dict, Tuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DrawerConfig:
    max_opening: float = 0.3
    success_fraction: float = 0.95
    reach_weight: float = 0.5
    opening_weight: float = 3.0
    progress_weight: float = 20.0
    accel_weight: float = 0.02
    force_weight: float = 0.01
    force_limit: float = 25.0
    success_bonus: float = 10.0


@dataclass
class Memory:
    last_opening: float | None = None
    best_opening: float = 0.0
    velocities: Deque[NDArray[np.float64]] = field(default_factory=lambda: deque(maxlen=4))
    success_paid: bool = False


class OpenDrawerReward:
    """Open the drawer completely, with smooth joint motion."""

    def __init__(self) -> None:
        self.cfg = DrawerConfig()
        self.mem = Memory()

    def reset(self) -> None:
        self.mem = Memory()

    def step(
        self,
        ee_pos: NDArray[np.float64],
        handle_pos: NDArray[np.float64],
        drawer_opening: float,
        joint_vel: NDArray[np.float64],
        contact_forces: NDArray[np.float64],
    ) -> Tuple[float, Dict[str, float]]:
        cfg, mem = self.cfg, self.mem
        opening = float(np.clip(drawer_opening, 0.0, cfg.max_opening))

        terms: Dict[str, float] = {
            "reach": cfg.reach_weight * self._reach(ee_pos, handle_pos),
            "opening": cfg.opening_weight * opening / cfg.max_opening,
            "progress": cfg.progress_weight * self._new_progress(opening),
            "smoothness": -cfg.accel_weight * self._roughness(joint_vel),
            "force": -cfg.force_weight * self._excess_force(contact_forces),
            "success": 0.0,
        }

        if opening >= cfg.success_fraction * cfg.max_opening and not mem.success_paid:
            mem.success_paid = True
            terms["success"] = cfg.success_bonus

        mem.last_opening = opening
        return float(sum(terms.values())), terms

    @staticmethod
    def _reach(ee_pos: NDArray[np.float64], handle_pos: NDArray[np.float64]) -> float:
        distance = float(np.linalg.norm(handle_pos - ee_pos))
        return float(np.exp(-10.0 * distance))

    def _new_progress(self, opening: float) -> float:
        """Only pay for opening the drawer further than ever before."""
        if self.mem.last_opening is None:
            self.mem.best_opening = opening
            return 0.0
        gain = max(0.0, opening - self.mem.best_opening)
        self.mem.best_opening = max(self.mem.best_opening, opening)
        return gain

    def _roughness(self, joint_vel: NDArray[np.float64]) -> float:
        # The loop may reuse its buffers, so keep a copy.
        self.mem.velocities.append(np.array(joint_vel, dtype=np.float64, copy=True))
        if len(self.mem.velocities) < 2:
            return 0.0
        history = np.stack(self.mem.velocities)
        accel = np.diff(history, axis=0)
        cost = float(np.mean(np.sum(accel**2, axis=1)))
        if len(accel) >= 2:
            jerk = np.diff(accel, axis=0)
            cost += 0.5 * float(np.mean(np.sum(jerk**2, axis=1)))
        return cost

    def _excess_force(self, contact_forces: NDArray[np.float64]) -> float:
        magnitudes = np.linalg.norm(contact_forces, axis=-1)
        return float(np.maximum(magnitudes - self.cfg.force_limit, 0.0).sum())
