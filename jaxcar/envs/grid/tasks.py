"""The grid tasks: what `jaxcar.make` builds for the ids of Farama minigrid."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax

from jaxcar.envs.grid.env import GridEnv
from jaxcar.envs.grid.expert import unlock_and_go
from jaxcar.envs.grid.layouts import DoorKey, Empty
from jaxcar.envs.grid.observations import observation as find_observation
from jaxcar.envs.grid.picture import Picture
from jaxcar.envs.grid.state import GridParams, GridState
from jaxcar.envs.grid.truths import at_goal, door_open, has_key
from jaxcar.envs.task import SubTask, Task

Expert = Callable[[jax.Array, GridState, GridParams], jax.Array]

AT_GOAL = SubTask("at_goal", "the agent stands on the green goal square", at_goal)
HAS_KEY = SubTask("has_key", "the agent has picked up the key", has_key)
DOOR_OPEN = SubTask("door_open", "the door stands open", door_open)


def empty(
    task_id: str,
    size: int,
    random_start: bool,
    /,
    *,
    tile_size: int = 8,
    highlight: bool = True,
    observation: str = "symbolic",
) -> Task:
    """Build an Empty task: walk to the goal of an empty room.

    Args:
        task_id: its id.
        size: cells across and down.
        random_start: the agent starts anywhere.
        tile_size: pixels across a cell.
        highlight: brighten the seen cells in the picture.
        observation: see `jaxcar.envs.grid.observations.observation`.

    Returns:
        The task.

    Raises:
        JaxcarError: no such tile size or observation.

    Example:
        >>> empty("Empty", 5, False).frame_shape
        (40, 40, 3)
    """
    env = GridEnv(task_id, Empty(size, random_start), 4 * size**2, see_through=True)
    return _task(
        env,
        tile_size=tile_size,
        highlight=highlight,
        observation=observation,
        text="Walk to the green goal square.",
        subtasks=(AT_GOAL,),
        expert=unlock_and_go,
    )


def door_key(
    task_id: str,
    size: int,
    /,
    *,
    tile_size: int = 8,
    highlight: bool = True,
    observation: str = "symbolic",
) -> Task:
    """Build a DoorKey task: fetch the key, unlock the door, walk to the goal.

    Args:
        task_id: its id.
        size: cells across and down.
        tile_size: pixels across a cell.
        highlight: brighten the seen cells in the picture.
        observation: see `jaxcar.envs.grid.observations.observation`.

    Returns:
        The task.

    Raises:
        JaxcarError: no such tile size or observation.

    Example:
        >>> door_key("DoorKey", 8).params.max_steps_in_episode
        640
    """
    return _task(
        GridEnv(task_id, DoorKey(size), 10 * size**2),
        tile_size=tile_size,
        highlight=highlight,
        observation=observation,
        text="Pick up the key, use it to open the locked door, and reach the green goal square.",
        subtasks=(HAS_KEY, DOOR_OPEN, AT_GOAL),
        expert=unlock_and_go,
    )


def _task(
    env: GridEnv,
    *,
    tile_size: int,
    highlight: bool,
    observation: str,
    text: str,
    subtasks: tuple[SubTask, ...],
    expert: Expert,
) -> Task:
    find_observation(observation)
    env = dataclasses.replace(env, kind=observation)
    picture = Picture(env.layout.shape, tile_size, highlight, env.see_through)
    return Task(
        id=env.task_id,
        env=env,
        params=env.default_params,
        render=picture,
        frame_shape=picture.frame_shape,
        text=text,
        subtasks=subtasks,
        expert=expert,
    )
