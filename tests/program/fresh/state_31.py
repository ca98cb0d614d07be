from enum import Enum, auto
import numpy as np


class Stage(Enum):
    FIND_KEY = auto()
    GO_TO_DOOR = auto()
    GO_TO_GOAL = auto()
    FINISHED = auto()
    DEAD = auto()


class KeyDoorReward:
    BONUS = {
        Stage.GO_TO_DOOR: 0.3,
        Stage.GO_TO_GOAL: 0.5,
        Stage.FINISHED: 1.0,
        Stage.DEAD: -1.0,
    }

    def __init__(self):
        self.reset()

    def reset(self):
        self.stage = Stage.FIND_KEY
        self.visits = np.zeros((8, 8), dtype=np.int64)
        self.last_pose = None
        self.t = 0

    def _transition(self, tile, carrying, door_open):
        if tile == 2:
            return Stage.DEAD
        if tile == 5:
            return Stage.FINISHED
        if self.stage is Stage.FIND_KEY and door_open:
            return Stage.GO_TO_GOAL
        if self.stage is Stage.FIND_KEY and carrying == 3:
            return Stage.GO_TO_DOOR
        if self.stage is Stage.GO_TO_DOOR:
            if door_open:
                return Stage.GO_TO_GOAL
            if carrying != 3:
                return Stage.FIND_KEY  # dropped it
        return self.stage

    def step(self, grid, agent_pos, agent_dir, carrying, door_open):
        if self.stage in (Stage.FINISHED, Stage.DEAD):
            return 0.0, {"bonus": 0.0, "explore": 0.0, "idle": 0.0, "time": 0.0}

        self.t += 1
        r, c = int(agent_pos[0]), int(agent_pos[1])
        new_stage = self._transition(grid[r, c], carrying, door_open)

        bonus = 0.0
        if new_stage is not self.stage:
            if self.stage is Stage.GO_TO_DOOR and new_stage is Stage.FIND_KEY:
                bonus = -self.BONUS[Stage.GO_TO_DOOR]
            else:
                bonus = self.BONUS[new_stage]
            if new_stage is Stage.FINISHED:
                bonus *= max(0.1, 1.0 - 0.9 * self.t / 256)
            # a new stage means exploring afresh
            self.visits[:] = 0
            self.stage = new_stage

        self.visits[r, c] += 1
        explore = 0.02 / np.sqrt(self.visits[r, c])

        pose = (r, c, int(agent_dir), int(carrying), bool(door_open))
        idle = -0.02 if pose == self.last_pose else 0.0
        self.last_pose = pose

        parts = {"bonus": bonus, "explore": float(explore), "idle": idle, "time": -0.005}
        return sum(parts.values()), parts
