import math
from collections import deque

import numpy as np

# Foot order: front-left, front-right, rear-left, rear-right.
FL, FR, RL, RR = range(4)
DIAGONALS = ((FL, RR), (FR, RL))


class GaitReward:
    """Rewards a steady trot.

    Remembers, for every foot, how long it has been in the air and how long it
    has been on the ground, plus a short history of contacts from which the
    duty factor of each foot is estimated.
    """

    def __init__(self, dt=0.02, target_air_time=0.25, history=100):
        self.dt = dt
        self.target_air_time = target_air_time
        self.history = history
        self.reset()

    def reset(self):
        self.air_time = np.zeros(4)
        self.contact_time = np.zeros(4)
        self.last_contacts = np.ones(4, dtype=bool)
        self.contact_history = deque(maxlen=self.history)

    def step(self, foot_contacts, command, joint_vel):
        contacts = np.asarray(foot_contacts, dtype=bool)
        moving = math.hypot(command[0], command[1]) > 0.1 or abs(command[2]) > 0.1

        # Filter single-step contact dropouts.
        filtered = contacts | self.last_contacts
        touchdown = filtered & (self.air_time > 0.0)

        self.air_time += self.dt
        self.contact_time += self.dt

        if moving:
            reward = (
                1.0 * self._air_time_reward(touchdown)
                + 0.5 * self._diagonal_sync(contacts)
                + 0.3 * self._duty_factor_reward()
                - 0.2 * self._long_stance(contacts)
            )
            # Hopping with all the feet off the ground is not a trot.
            if not contacts.any():
                reward -= 0.5
        else:
            # With no command, all feet should stay down and the legs be still.
            reward = 0.25 * contacts.sum() - 0.01 * np.abs(joint_vel).sum()

        self.air_time[filtered] = 0.0
        self.contact_time[~filtered] = 0.0
        self.last_contacts = contacts.copy()
        self.contact_history.append(contacts.copy())
        return float(reward)

    def _air_time_reward(self, touchdown):
        """On touchdown, pay for swings near the wanted duration."""
        error = np.abs(self.air_time - self.target_air_time)
        score = 1.0 - np.minimum(error / self.target_air_time, 2.0)
        return np.sum(score * touchdown)

    @staticmethod
    def _diagonal_sync(contacts):
        """1 for a perfect trot, -1 when the pairs are completely mixed up."""
        in_phase = sum(contacts[a] == contacts[b] for a, b in DIAGONALS) / 2
        out_of_phase = sum(
            contacts[a] != contacts[b] for a in DIAGONALS[0] for b in DIAGONALS[1]
        ) / 4
        return in_phase + out_of_phase - 1.0

    def _duty_factor_reward(self):
        if len(self.contact_history) < self.history // 2:
            return 0.0
        duty = np.mean(self.contact_history, axis=0)
        # The four feet should share the work evenly, at around 55 % stance.
        return math.exp(-8.0 * abs(duty.mean() - 0.55)) * math.exp(-10.0 * duty.std())

    def _long_stance(self, contacts):
        """Number of feet that have been dragging for more than half a second."""
        return np.count_nonzero(contacts & (self.contact_time > 0.5))
