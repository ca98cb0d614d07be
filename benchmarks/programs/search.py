"""The shortest way on an 8x8 grid by breadth-first search: the reward is how near the goal is.

Inputs: grid i32[8, 8] (0 free, 1 wall), agent i32[2], goal i32[2].
"""

from collections import deque

MOVES = [(0, 1), (1, 0), (0, -1), (-1, 0)]


def shortest_path(grid, start, goal):
    queue = deque([(start, 0)])
    visited = {start}
    while queue:
        (row, column), steps = queue.popleft()
        if (row, column) == goal:
            return steps
        for down, right in MOVES:
            r, c = row + down, column + right
            if 0 <= r < 8 and 0 <= c < 8 and grid[r][c] == 0 and (r, c) not in visited:
                visited.add((r, c))
                queue.append(((r, c), steps + 1))
    return -1


def reward(grid, agent, goal):
    start = (int(agent[0]), int(agent[1]))
    end = (int(goal[0]), int(goal[1]))
    steps = shortest_path(grid, start, end)
    if steps < 0:
        return -1.0
    return 1.0 - steps / 64
