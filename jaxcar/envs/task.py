"""What a task is: an environment, its picture, its words, its sub-tasks and its expert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import jax
    from gymnax.environments.environment import Environment, EnvParams


class SubTask(NamedTuple):
    """Name one step of a task and say, from the state, whether it is done.

    The truth is for scoring reward programs and policies; no learner and no model sees it.

    Args:
        name: a short identifier, such as `has_key`.
        text: the same in plain words.
        truth: `(state, params) -> bool[]`, a pure function of one unbatched state.
    """

    name: str
    text: str
    truth: Callable[[Any, Any], jax.Array]


@dataclass(frozen=True)
class Task:
    """Hold everything that jaxcar knows of a task.

    Args:
        id: the name under which `jaxcar.make` finds it.
        env: a gymnax `Environment`; the `info` of its `step_env` has `success`, a `bool[]`.
        params: the parameters that belong to this task.
        render: `(state, params) -> uint8[H, W, 3]`, RGB, pure and unbatched.
        frame_shape: `(H, W, 3)` of the picture.
        text: what is to be done, in words for a reader who sees only pictures.
        subtasks: the steps of the task in the order in which they are done.
        expert: `(key, state, params) -> action`, pure and unbatched.

    Example:
        >>> import jax
        >>> from jaxcar.envs.registry import make
        >>> task = make("MiniGrid-DoorKey-6x6-v0")
        >>> _, state = task.env.reset(jax.random.key(0), task.params)
        >>> jax.jit(task.render)(state, task.params).shape == task.frame_shape
        True
        >>> [subtask.name for subtask in task.subtasks]
        ['has_key', 'door_open', 'at_goal']
    """

    id: str
    env: Environment
    params: EnvParams
    render: Callable[[Any, Any], jax.Array]
    frame_shape: tuple[int, int, int]
    text: str
    subtasks: tuple[SubTask, ...]
    expert: Callable[[jax.Array, Any, Any], jax.Array]
