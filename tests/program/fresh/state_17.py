import math

import numpy as np

OPEN_ANGLE = math.radians(60)
HOME = np.array([0.3, 0.0, 0.5])
HOME_RADIUS = 0.10


class OpenDoorAndReturn:
    def __init__(self):
        self.door_was_open = False
        self.returned = False
        self.max_angle = 0.0

    def reset(self):
        self.door_was_open = False
        self.returned = False
        self.max_angle = 0.0

    def step(self, ee_pos, handle_pos, door_angle, joint_vel):
        reward = -0.001 * float(np.square(joint_vel).sum())

        if not self.door_was_open:
            # go to the handle and swing the door
            to_handle = math.dist(ee_pos, handle_pos)
            reward += 0.2 * math.exp(-5 * to_handle)

            if door_angle > self.max_angle:
                reward += 2.0 * (float(door_angle) - self.max_angle)
                self.max_angle = float(door_angle)

            if door_angle > OPEN_ANGLE:
                self.door_was_open = True
                reward += 5.0
            return reward

        # The door has been open at some point: from now on only the hand matters.
        to_home = math.dist(ee_pos, HOME)
        reward += 1.0 - math.tanh(3.0 * to_home)

        if to_home <= HOME_RADIUS and not self.returned:
            self.returned = True
            reward += 10.0

        return reward
