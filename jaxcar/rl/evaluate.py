"""Evaluation: the task's success on fixed sets of complete, fresh episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax

from jaxcar.envs.rollout import Fold, Step, play
from jaxcar.errors import JaxcarError
from jaxcar.rl.progress import EPISODE_FOLD, EpisodeTally

if TYPE_CHECKING:
    from collections.abc import Callable

    from gymnax.environments.environment import Environment


class Evaluation(NamedTuple):
    """Complete episodes, scored by the task and never by a program.

    Attributes:
        success: f32[E], 1 where `info["success"]` held in the episode, else 0.
        task_return: f32[E], undiscounted sum of the environment's own reward.
        length: i32[E], steps.
    """

    success: jax.Array
    task_return: jax.Array
    length: jax.Array


def evaluate(
    env: Environment,
    params: Any,
    policy: Callable[[jax.Array, Any, Any], Any],
    key: jax.Array,
    episodes: int = 512,
    *,
    max_steps: int | None = None,
) -> Evaluation:
    """Play complete fresh episodes and score them; pure.

    The same key gives the same starts and the same noise, whatever the policy: policies, and
    moments of training, are compared on one set of episodes.

    Args:
        env: a gymnax environment whose `info` has `success`.
        params: its parameters; may be traced.
        policy: `(key, obs, state) -> action` for one environment: `learner.policy(network)`
            samples, `learner.policy(network, greedy=True)` takes the likeliest action.
        key: a typed key.
        episodes: E.
        max_steps: as in `play`.

    Returns:
        The scores, one per episode.

    Raises:
        JaxcarError: for an environment that does not say when its task has succeeded, and for
            what `play` refuses.
    """

    def update(tally: EpisodeTally, step: Step) -> EpisodeTally:
        if "success" not in step.info:
            raise JaxcarError(
                "the environment does not say whether its task has succeeded",
                where='info["success"]',
                got=sorted(step.info),
                fix="evaluate a jaxcar task, or put `success` into the info of step_env",
            )
        return EPISODE_FOLD.update(tally, step)

    fold = Fold(EPISODE_FOLD.init, update)
    tally = play(env, params, policy, fold, key, episodes, max_steps=max_steps)
    return Evaluation(tally.success, tally.task_return, tally.length)
