"""The two pictures of a task that a model is shown: an expert episode's first and last frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.rollout import Fold, Step, play
from jaxcar.errors import JaxcarError

if TYPE_CHECKING:
    from jaxcar.envs.task import Task

PICTURE_SEED = 0


class Pictures(NamedTuple):
    """What a model is shown of a task.

    Attributes:
        start: uint8[H, W, 3], the first frame of an expert episode.
        goal: uint8[H, W, 3], its last frame, before any reset.
    """

    start: np.ndarray
    goal: np.ndarray


def pictures(task: Task, key: jax.Array | None = None) -> Pictures:
    """Return the first and the last frame of an expert's episode.

    Args:
        task: the task.
        key: a typed key; by default a fixed one, so that prompts are the same every time.

    Returns:
        The two frames at their native size.

    Raises:
        JaxcarError: when the expert does not do the task in this episode.

    Example:
        >>> import jaxcar
        >>> pictures(jaxcar.make("MiniGrid-Empty-5x5-v0")).goal.shape
        (40, 40, 3)
    """
    key = jax.random.key(PICTURE_SEED) if key is None else key

    def begin(obs: Any, state: Any) -> tuple[Any, Any, jax.Array]:
        return state, state, jnp.zeros((), bool)

    def update(acc: tuple[Any, Any, jax.Array], step: Step) -> tuple[Any, Any, jax.Array]:
        start, _, success = acc
        return start, step.next_state, success | step.info["success"]

    def act(key: jax.Array, obs: Any, state: Any) -> Any:
        return task.expert(key, state, task.params)

    @jax.jit
    def episode(key: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        fold = Fold(begin, update)
        ends = play(task.env, task.params, act, fold, key, 1)
        start, goal, success = jax.tree.map(lambda leaf: leaf[0], ends)
        return task.render(start, task.params), task.render(goal, task.params), success

    start, goal, success = episode(key)
    if not success:
        raise JaxcarError(
            "the task's expert fails in the episode that was to give the pictures",
            where=task.id,
            fix="pass another key",
        )
    return Pictures(np.asarray(start), np.asarray(goal))
