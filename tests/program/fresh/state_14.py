import numpy as np


class StackCubeReward:
    """State-machine reward: reach -> grasp -> lift -> place.

    The phase is stored between calls. Moving forward pays a one-off bonus,
    dropping the cube moves the machine back to "reach" and costs a penalty.
    """

    PHASES = ("reach", "grasp", "lift", "place")
    BONUS = {"grasp": 1.0, "lift": 2.0, "place": 3.0}

    REACH_TOL = 0.025
    LIFT_CLEARANCE = 0.06
    CUBE_EDGE = 0.04
    XY_TOL = 0.015
    Z_TOL = 0.008

    def __init__(self):
        self.reset()

    def reset(self):
        self.phase = "reach"
        self.paid = set()
        self.initial_height = None
        self.prev_distance = None
        self.done = False

    def step(self, ee_pos, gripper_width, cube_a_pos, cube_b_pos, grasped, action):
        if self.initial_height is None:
            self.initial_height = float(cube_a_pos[2])

        if self.done:
            return 1.0

        reward = -0.01 - 0.001 * float(np.dot(action, action))

        if self.phase == "reach":
            reward += self._reach(ee_pos, cube_a_pos)
        elif self.phase == "grasp":
            reward += self._grasp(ee_pos, gripper_width, cube_a_pos, grasped)
        elif self.phase == "lift":
            reward += self._lift(cube_a_pos, grasped)
        elif self.phase == "place":
            reward += self._place(cube_a_pos, cube_b_pos, grasped)
        else:
            raise ValueError(f"unknown phase {self.phase!r}")

        return float(reward)

    # -- phases ---------------------------------------------------------

    def _reach(self, ee_pos, cube_a_pos):
        distance = np.linalg.norm(cube_a_pos - ee_pos)
        reward = self._progress(distance)
        if distance < self.REACH_TOL:
            reward += self._advance("grasp")
        return reward

    def _grasp(self, ee_pos, gripper_width, cube_a_pos, grasped):
        if grasped:
            return self._advance("lift")
        if np.linalg.norm(cube_a_pos - ee_pos) > 3 * self.REACH_TOL:
            # wandered off without closing the fingers
            return self._fall_back(penalty=0.2)
        # closer to the cube width is better
        gap = abs(float(gripper_width) - self.CUBE_EDGE)
        return 0.1 * np.exp(-50.0 * gap)

    def _lift(self, cube_a_pos, grasped):
        if not grasped:
            return self._fall_back(penalty=1.0)
        height = cube_a_pos[2] - self.initial_height
        remaining = max(self.LIFT_CLEARANCE - height, 0.0)
        reward = self._progress(remaining)
        if remaining == 0.0:
            reward += self._advance("place")
        return reward

    def _place(self, cube_a_pos, cube_b_pos, grasped):
        target = cube_b_pos + np.array([0.0, 0.0, self.CUBE_EDGE], dtype=np.float32)
        error = cube_a_pos - target
        aligned = np.hypot(error[0], error[1]) < self.XY_TOL
        seated = abs(error[2]) < self.Z_TOL

        if aligned and seated:
            if not grasped:
                self.done = True
                return 10.0
            return 0.5
        if not grasped:
            return self._fall_back(penalty=1.5)
        return self._progress(np.linalg.norm(error))

    # -- helpers --------------------------------------------------------

    def _progress(self, distance):
        """Reward the reduction in distance since the previous call."""
        previous, self.prev_distance = self.prev_distance, float(distance)
        if previous is None:
            return 0.0
        return 10.0 * (previous - self.prev_distance)

    def _advance(self, phase):
        self.phase = phase
        self.prev_distance = None
        if phase in self.paid:
            return 0.0
        self.paid.add(phase)
        return self.BONUS[phase]

    def _fall_back(self, penalty):
        self.phase = "reach"
        self.prev_distance = None
        return -penalty
