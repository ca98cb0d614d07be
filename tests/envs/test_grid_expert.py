"""Experts solve every layout, from any state that can be reached, by shortest plans."""

from __future__ import annotations

from collections import deque

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from farama_record import read_state

import jaxcar.envs
from jaxcar.envs.grid import Action, GridState, Object
from jaxcar.envs.task import Task


def _follow(task: Task, state: GridState) -> tuple[jax.Array, jax.Array]:
    """Let the expert act until the episode ends; (success, steps)."""

    def act(carry):
        state, _, steps = carry
        key = jax.random.key(0)
        action = task.expert(key, state, task.params)
        _, after, _, _, info = task.env.step_env(key, state, action, task.params)
        return after, info["success"], steps + 1

    def going(carry):
        state, success, _ = carry
        return ~success & ~task.env.is_truncated(state, task.params)

    _, success, steps = jax.lax.while_loop(going, act, (state, jnp.bool_(False), jnp.int32(0)))
    return success, steps


def _starts(task: Task, count: int, seed: int) -> GridState:
    keys = jax.random.split(jax.random.key(seed), count)
    return jax.jit(jax.vmap(task.env.layout))(keys)


def _row(states: GridState, i: int) -> GridState:
    return jax.tree.map(lambda leaf: np.asarray(leaf[i]), states)


def _shortest(start: GridState) -> int:
    """Breadth-first search over everything that can be done in DoorKey, in plain Python."""
    kinds = start.grid[..., 0]
    size = kinds.shape[0]
    ahead = ((1, 0), (0, 1), (-1, 0), (0, -1))
    keys = [tuple(int(i) for i in at) for at in np.argwhere(kinds == Object.KEY)]
    doors = np.argwhere(kinds == Object.DOOR)
    door = tuple(int(i) for i in doors[0]) if len(doors) else None
    door_state = int(start.grid[(*door, 2)]) if door else 0
    has_key = bool(keys) or int(start.carrying[0]) == Object.KEY
    first = (
        int(start.agent_pos[1]),
        int(start.agent_pos[0]),
        int(start.agent_dir),
        keys[0] if keys else None,
        door_state,
    )
    queue, seen = deque([(first, 0)]), {first}
    while queue:
        (y, x, direction, key, lock), steps = queue.popleft()
        if kinds[y, x] == Object.GOAL:
            return steps
        front = (y + ahead[direction][1], x + ahead[direction][0])
        wall = kinds[front] == Object.WALL
        inside = 0 <= front[0] < size and 0 <= front[1] < size
        after = [(y, x, (direction + 1) % 4, key, lock), (y, x, (direction - 1) % 4, key, lock)]
        free = inside and not wall and front != key and (front != door or lock == 0)
        if free:
            after.append((*front, direction, key, lock))
        if front == key:
            after.append((y, x, direction, None, lock))
        carries = key is None and has_key
        if carries and free and front != door and kinds[front] != Object.GOAL:
            after.append((y, x, direction, front, lock))
        if front == door and (lock != 2 or carries):
            after.append((y, x, direction, key, 1 if lock == 0 else 0))
        for pose in after:
            if pose not in seen:
                seen.add(pose)
                queue.append((pose, steps + 1))
    raise AssertionError("no way to the goal")


@pytest.mark.parametrize(
    ("task_id", "count"),
    [
        ("MiniGrid-Empty-5x5-v0", 1),
        ("MiniGrid-Empty-16x16-v0", 1),
        ("MiniGrid-Empty-Random-5x5-v0", 500),
        ("MiniGrid-Empty-Random-6x6-v0", 500),
        ("MiniGrid-DoorKey-5x5-v0", 500),
        ("MiniGrid-DoorKey-6x6-v0", 3000),
        ("MiniGrid-DoorKey-8x8-v0", 3000),
        ("MiniGrid-DoorKey-16x16-v0", 300),
    ],
)
def test_the_expert_solves_every_start_by_a_shortest_plan(task_id, count):
    task = jaxcar.envs.make(task_id)
    starts = _starts(task, count, seed=0)
    success, steps = jax.jit(jax.vmap(lambda state: _follow(task, state)))(starts)
    assert bool(success.all())
    if task.frame_shape[0] <= 64:
        for i in range(min(count, 8)):
            assert int(steps[i]) == _shortest(_row(starts, i))


@pytest.mark.parametrize("task_id", ["MiniGrid-DoorKey-5x5-v0", "MiniGrid-DoorKey-6x6-v0"])
def test_the_expert_solves_whatever_was_done_before(task_id):
    """From states amid random play: key in hand, dropped anywhere, door open, closed again."""
    task = jaxcar.envs.make(task_id)
    likely = jnp.log(jnp.array([1.0, 1.0, 3.0, 2.0, 1.0, 2.0, 0.01]))

    def wander(key: jax.Array, state: GridState) -> GridState:
        def step(state, key):
            key_guide, key_action = jax.random.split(key)
            guided = task.expert(key, state, task.params)
            random = jax.random.categorical(key_action, likely)
            action = jnp.where(jax.random.uniform(key_guide) < 0.3, guided, random)
            _, after, _, terminated, _ = task.env.step_env(key, state, action, task.params)
            return jax.tree.map(lambda a, b: jnp.where(terminated, a, b), state, after), None

        state, _ = jax.lax.scan(step, state, jax.random.split(key, 60))
        return state.replace(time=jnp.int32(0))

    keys = jax.random.split(jax.random.key(1), 800)
    with jax.debug_key_reuse(False):  # the expert and the dynamics do not use their keys
        states = jax.jit(jax.vmap(wander))(keys, _starts(task, 800, seed=2))
    success, steps = jax.jit(jax.vmap(lambda state: _follow(task, state)))(states)
    assert bool(success.all())

    carries = states.carrying[:, 0] == Object.KEY
    at_door = states.grid[..., 0] == Object.DOOR
    lock = jnp.sum(jnp.where(at_door, states.grid[..., 2], 0), axis=(1, 2))
    for hand in (False, True):
        for door in (0, 1, 2):
            rows = np.flatnonzero((carries == hand) & (lock == door))
            assert rows.size > 0
            for i in rows[:4]:
                assert int(steps[i]) == _shortest(_row(states, i))


def test_the_expert_does_nothing_where_nothing_can_be_done():
    task = jaxcar.envs.make("MiniGrid-DoorKey-5x5-v0")
    state = _row(_starts(task, 1, seed=3), 0)
    walled = jnp.where(
        state.grid[..., :1] == Object.KEY, jnp.array([2, 5, 0], jnp.uint8), state.grid
    )
    action = task.expert(jax.random.key(0), state.replace(grid=walled), task.params)
    assert int(action) == Action.DONE


def test_the_experts_plan_works_in_minigrid():
    task = jaxcar.envs.make("MiniGrid-DoorKey-8x8-v0")
    expert = jax.jit(task.expert)
    env = gymnasium.make(task.id).unwrapped
    for seed in range(5):
        env.reset(seed=seed)
        terminated = False
        for _ in range(60):
            state = read_state(env)
            action = expert(jax.random.key(0), state, task.params)
            _, reward, terminated, _, _ = env.step(int(action))
            if terminated:
                break
        assert terminated
        assert reward > 0
