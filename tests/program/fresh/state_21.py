import statistics
from collections import deque


class BalanceStreakReward:
    """Rewards long uninterrupted streaks of balance.

    The mean and (population) variance of the last 20 pole angles are used to
    tell a steady pole from one that merely swings inside the limits.
    """

    WINDOW = 20
    ANGLE_LIMIT = 0.1           # rad, for a step to count towards the streak
    POSITION_LIMIT = 1.0        # m
    MILESTONES = (50, 100, 200, 400)

    def __init__(self):
        self.angles = deque(maxlen=self.WINDOW)
        self.streak = 0
        self.longest = 0
        self.milestones_left = list(self.MILESTONES)

    def reset(self):
        self.angles.clear()
        self.streak = 0
        self.longest = 0
        self.milestones_left = list(self.MILESTONES)

    @property
    def mean(self):
        return statistics.fmean(self.angles) if self.angles else 0.0

    @property
    def variance(self):
        return statistics.pvariance(self.angles) if len(self.angles) > 1 else 0.0

    def step(self, cart_position, pole_angle, is_success, is_failure):
        if is_failure:
            lost = self.streak
            self.streak = 0
            self.angles.clear()
            return -5.0 - 0.01 * min(lost, 100)

        angle = float(pole_angle)
        self.angles.append(angle)

        balanced = abs(angle) < self.ANGLE_LIMIT and abs(float(cart_position)) < self.POSITION_LIMIT
        self.streak = self.streak + 1 if balanced else 0
        self.longest = max(self.longest, self.streak)

        reward = 0.1 if balanced else -0.1
        reward += min(self.streak / 100, 1.0)

        if len(self.angles) == self.WINDOW:
            reward -= 2.0 * abs(self.mean)
            reward -= 20.0 * self.variance

        while self.milestones_left and self.longest >= self.milestones_left[0]:
            reward += self.milestones_left.pop(0) / 25

        return reward + (10.0 if is_success else 0.0)
