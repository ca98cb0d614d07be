"""Two-finger valve turning.

Main signal: rotation towards the target angle, measured on the circle and unwrapped over
time so that going the long way round is visible.
"""
import numpy as np


class ValveTurnReward:
    weights = dict(
        rotate=4.0,
        close=1.0,
        contact=0.2,
        balance=-0.05,
        pinch=-0.3,
        jerk=-0.02,
        drop=-20.0,
        success=10.0,
    )

    def __init__(self, tolerance=0.1, hold=5, max_force=8.0):
        self.tolerance = tolerance
        self.hold = hold
        self.max_force = max_force
        self.reset()

    def reset(self):
        self.angle = None          # unwrapped valve angle
        self.raw_angle = None
        self.prev_error = None
        self.in_tolerance = 0
        self.succeeded = False
        self.dropped = False

    @staticmethod
    def _angle_diff(a, b):
        """Signed smallest difference a - b."""
        return float(np.arctan2(np.sin(a - b), np.cos(a - b)))

    def step(self, finger_pos, valve_angle, target_angle, tip_forces, object_dropped, last_actions):
        if self.raw_angle is None:
            self.angle = float(valve_angle)
        else:
            self.angle += self._angle_diff(valve_angle, self.raw_angle)
        self.raw_angle = float(valve_angle)

        error = abs(self._angle_diff(target_angle, self.angle))
        terms = {name: 0.0 for name in self.weights}

        if object_dropped:
            if not self.dropped:
                terms["drop"] = 1.0
            self.dropped = True
            return self._combine(terms)

        if self.prev_error is not None:
            terms["rotate"] = self.prev_error - error
        self.prev_error = error
        terms["close"] = 1.0 / (1.0 + 5.0 * error)

        touching = tip_forces > 0.1
        terms["contact"] = float(np.mean(touching))
        if touching.all():
            terms["balance"] = abs(tip_forces[0] - tip_forces[1])
        terms["pinch"] = float(np.sum(np.clip(tip_forces - self.max_force, 0, None)))

        # fingers colliding with each other
        if np.linalg.norm(finger_pos[0] - finger_pos[1]) < 0.01:
            terms["pinch"] += 1.0

        # second difference of the last three actions
        second_diff = np.diff(last_actions, n=2, axis=0)
        terms["jerk"] = float(np.square(second_diff).sum())

        self.in_tolerance = self.in_tolerance + 1 if error < self.tolerance else 0
        if self.in_tolerance >= self.hold and not self.succeeded:
            self.succeeded = True
            terms["success"] = 1.0

        return self._combine(terms)

    def _combine(self, terms):
        weighted = {k: float(self.weights[k] * v) for k, v in terms.items()}
        return sum(weighted.values()), weighted
