"""Scoring a policy on a task: success, return, length, and the sub-tasks' truths, by episode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.rollout import Fold, Step, play
from jaxcar.run.metrics import Evaluated

if TYPE_CHECKING:
    from gymnax.environments.environment import Environment

    from jaxcar.envs.task import Task


class Scores(NamedTuple):
    """What became of one episode; batched over episodes and seeds.

    Attributes:
        success: f32[], 1 where the episode solved the task.
        task_return: f32[], the sum of the environment's own rewards.
        length: i32[], its steps.
        reached: bool[N], the sub-tasks whose truth held at some time, the reset included.
    """

    success: jax.Array
    task_return: jax.Array
    length: jax.Array
    reached: jax.Array


def inner_state(state: Any) -> Any:
    """Return the task's own state where a rewarded environment wraps it."""
    return getattr(state, "task_state", state)


def score(
    env: Environment,
    task: Task,
    act: Callable[[jax.Array, Any, Any], Any],
    key: jax.Array,
    episodes: int,
) -> Scores:
    """Play fresh complete episodes of a task and score them; pure.

    Args:
        env: the task's environment, or a rewarded one around it.
        task: the task.
        act: `(key, obs, state) -> action`, unbatched.
        key: a typed key; the same key gives the same episodes.
        episodes: E.

    Returns:
        The scores, leading axis E.
    """

    def truths(state: Any) -> jax.Array:
        held = [subtask.truth(inner_state(state), task.params) for subtask in task.subtasks]
        return jnp.stack(held) if held else jnp.zeros(0, bool)

    def init(obs: Any, state: Any) -> Scores:
        return Scores(jnp.float32(0), jnp.float32(0), jnp.int32(0), truths(state))

    def update(scores: Scores, step: Step) -> Scores:
        reward = step.info.get("task_reward", step.reward)
        return Scores(
            success=jnp.maximum(scores.success, step.info["success"].astype(jnp.float32)),
            task_return=scores.task_return + reward,
            length=scores.length + 1,
            reached=scores.reached | truths(step.next_state),
        )

    return play(env, task.params, act, Fold(init, update), key, episodes)


def evaluated(scores: Scores, task: Task) -> Evaluated:
    """Bring scores of all seeds to the host.

    Args:
        scores: leading axes [S, E].
        task: the task.

    Returns:
        The means of each seed.
    """
    host = jax.tree.map(np.asarray, scores)
    reached = host.reached.mean(axis=1)
    return Evaluated(
        episodes=host.success.shape[1],
        success=_floats(host.success.mean(axis=1)),
        task_return=_floats(host.task_return.mean(axis=1)),
        length=_floats(host.length.mean(axis=1)),
        subtasks={s.name: _floats(reached[:, i]) for i, s in enumerate(task.subtasks)},
    )


def _floats(values: np.ndarray) -> list[float]:
    return [float(value) for value in values]
