import numpy as np

EMPTY, WALL, LAVA, KEY, DOOR, GOAL = range(6)

# right, down, left, up
DIRS = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def has_key(carrying):
    return bool(carrying == KEY)


def facing_key(grid, agent_pos, agent_dir):
    dr, dc = DIRS[int(agent_dir) % 4]
    r, c = int(agent_pos[0]) + dr, int(agent_pos[1]) + dc
    if not (0 <= r < grid.shape[0] and 0 <= c < grid.shape[1]):
        return False
    return bool(grid[r, c] == KEY)


def next_to_door(grid, agent_pos):
    doors = np.argwhere(grid == DOOR)
    if len(doors) == 0:
        return False
    return bool((np.abs(doors - agent_pos).sum(axis=1) == 1).any())


def door_unlocked(door_open):
    return bool(door_open)


def stays_off_lava(grid, agent_pos):
    row, col = agent_pos
    return bool(grid[row, col] != LAVA)


def reached_goal(grid, agent_pos):
    return bool(grid[tuple(agent_pos)] == GOAL)
