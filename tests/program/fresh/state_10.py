from collections import Counter

LAVA = 2
GOAL = 5


class ExplorationReward:
    def __init__(self):
        self.visits = Counter()
        self.last_pose = None
        self.idle_steps = 0

    def reset(self):
        self.visits.clear()
        self.last_pose = None
        self.idle_steps = 0

    def step(self, grid, agent_pos, agent_dir):
        r, c = (int(v) for v in agent_pos)
        pose = (r, c, int(agent_dir))
        reward = 0.0

        # New cells pay in full; old ones pay less with every visit.
        entered = self.last_pose is None or self.last_pose[:2] != (r, c)
        if entered:
            self.visits[r, c] += 1
            n = self.visits[r, c]
            reward += 1.0 if n == 1 else 0.1 / n ** 0.5

        # Standing still gets worse the longer it lasts. Turning is allowed,
        # but it costs a bit, so that spinning on the spot does not pay either.
        if pose == self.last_pose:
            self.idle_steps += 1
            reward -= min(0.05 * self.idle_steps, 0.5)
        else:
            self.idle_steps = 0
            if not entered:
                reward -= 0.02

        # Lava: bad to be next to, worse to be in.
        rows, cols = grid.shape
        adjacent = [(r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)]
        near_lava = sum(
            1 for i, j in adjacent if 0 <= i < rows and 0 <= j < cols and grid[i, j] == LAVA
        )
        reward -= 0.1 * near_lava
        if grid[r, c] == LAVA:
            reward -= 2.0
        elif grid[r, c] == GOAL:
            reward += 5.0

        self.last_pose = pose
        return reward
