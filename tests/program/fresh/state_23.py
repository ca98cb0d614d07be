"""Curriculum reward for the valve: shrinking tolerances, each paid once."""
import math
from enum import Enum, auto
from typing import NamedTuple


class Status(Enum):
    RUNNING = auto()
    SOLVED = auto()
    DROPPED = auto()


class Level(NamedTuple):
    threshold: float  # rad
    bonus: float


LEVELS = [Level(0.5, 1.0), Level(0.2, 3.0), Level(0.1, 8.0)]
DECAY = 0.995
MIN_DECAY = 0.1
HOLD_STEPS = 3


class ValveCurriculum:
    def __init__(self):
        self.reset()

    def reset(self):
        self.t = 0
        self.level = 0
        self.hold = 0
        self.status = Status.RUNNING
        self.log = {}

    def decay(self):
        return max(MIN_DECAY, DECAY ** self.t)

    def step(self, valve_angle, target_angle, tip_forces, object_dropped):
        self.t += 1

        if self.status is Status.DROPPED:
            return 0.0
        if object_dropped:
            self.status = Status.DROPPED
            return -5.0

        error = abs(math.remainder(float(target_angle) - float(valve_angle), math.tau))
        reward = -0.05 * error

        if self.status is Status.SOLVED:
            # keep it there
            return 0.1 if error < LEVELS[-1].threshold else reward

        current = LEVELS[self.level]
        if error < current.threshold:
            self.hold += 1
        else:
            self.hold = 0

        if self.hold >= HOLD_STEPS:
            # a good turn may clear several levels at once
            for lvl in LEVELS[self.level:]:
                if error >= lvl.threshold:
                    break
                reward += lvl.bonus * self.decay()
                self.log[lvl.threshold] = self.t
                self.level += 1
            self.hold = 0
            if self.level == len(LEVELS):
                self.status = Status.SOLVED

        if not any(f > 0.1 for f in tip_forces):
            reward -= 0.02

        return reward
