"""Trot gait reward: track the command while moving diagonal feet together."""

from collections import deque
from dataclasses import dataclass

import numpy as np

FL, FR, RL, RR = range(4)
DT = 0.02


@dataclass(frozen=True)
class GaitConfig:
    tracking_sigma: float = 0.2
    desired_air_time: float = 0.25
    max_air_time: float = 0.6
    w_track: float = 2.0
    w_air: float = 1.0
    w_trot: float = 0.3
    w_accel: float = 2.5e-7
    w_energy: float = 1e-4
    w_limit: float = 5.0
    upright_cos: float = 0.5


class TrotReward:
    LOWER = np.tile([-0.8, -0.5, -2.6], 4)
    UPPER = np.tile([0.8, 2.5, -0.8], 4)

    def __init__(self):
        self.cfg = GaitConfig()
        self.reset()

    def reset(self):
        self.air_time = np.zeros(4)
        self.last_contacts = np.ones(4, dtype=bool)
        self.last_joint_vel = None
        self.vel_history = deque(maxlen=10)
        self.fallen = False

    def step(self, base_quat, base_lin_vel, joint_pos, joint_vel, joint_torques,
             foot_contacts, command):
        cfg = self.cfg
        contacts = np.asarray(foot_contacts, dtype=bool)

        # Latch: once it has fallen it earns nothing more in this episode.
        if self.fallen:
            return 0.0, {"fallen": 0.0}
        if self._up_cosine(base_quat) < cfg.upright_cos:
            self.fallen = True
            return -5.0, {"fallen": -5.0}

        self.vel_history.append(self._to_heading_frame(base_quat, base_lin_vel[:2]))
        mean_vel = np.mean(self.vel_history, axis=0)
        err = np.sum(np.square(mean_vel - command[:2]))

        out = {
            "track": cfg.w_track * np.exp(-err / cfg.tracking_sigma),
            "air_time": cfg.w_air * self._air_time_term(contacts, command),
            "trot": cfg.w_trot * self._trot_term(contacts, command),
            "energy": -cfg.w_energy * np.dot(np.abs(joint_torques), np.abs(joint_vel)),
            "accel": -cfg.w_accel * self._joint_accel_sq(joint_vel),
            "limits": -cfg.w_limit * self._limit_violation(joint_pos),
        }
        out = {k: float(v) for k, v in out.items()}
        return sum(out.values()), out

    @staticmethod
    def _up_cosine(quat):
        _, x, y, _ = quat
        return 1.0 - 2.0 * (x * x + y * y)

    @staticmethod
    def _to_heading_frame(quat, vel_xy):
        w, x, y, z = quat
        yaw = np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
        c, s = np.cos(yaw), np.sin(yaw)
        return np.array([c * vel_xy[0] + s * vel_xy[1], -s * vel_xy[0] + c * vel_xy[1]])

    def _air_time_term(self, contacts, command):
        touchdown = contacts & ~self.last_contacts
        self.air_time += DT
        landed = np.minimum(self.air_time, self.cfg.max_air_time) - self.cfg.desired_air_time
        term = np.sum(landed * touchdown)
        self.air_time[contacts] = 0.0
        self.last_contacts = contacts.copy()
        return term if np.linalg.norm(command[:2]) > 0.1 else 0.0

    @staticmethod
    def _trot_term(contacts, command):
        if np.linalg.norm(command[:2]) <= 0.1:
            return 1.0 if contacts.all() else 0.0
        diagonal_sync = (contacts[FL] == contacts[RR]) and (contacts[FR] == contacts[RL])
        alternating = contacts[FL] != contacts[FR]
        return 0.5 * diagonal_sync + 0.5 * (diagonal_sync and alternating)

    def _joint_accel_sq(self, joint_vel):
        if self.last_joint_vel is None:
            accel_sq = 0.0
        else:
            accel_sq = np.sum(((joint_vel - self.last_joint_vel) / DT) ** 2)
        self.last_joint_vel = joint_vel.copy()
        return accel_sq

    def _limit_violation(self, joint_pos):
        below = np.clip(self.LOWER - joint_pos, 0.0, None)
        above = np.clip(joint_pos - self.UPPER, 0.0, None)
        return np.sum(below + above)
