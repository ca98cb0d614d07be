"""The arms of a run: the same learner on the programs' reward and on the environment's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jaxcar.rewarded import RewardedEnv
from jaxcar.rl import Learner, make_learner

if TYPE_CHECKING:
    from gymnax.environments.environment import Environment

    from jaxcar.envs.task import Task
    from jaxcar.run.config import RunConfig


class Arm(NamedTuple):
    """One way of being rewarded.

    Attributes:
        name: "program" or "sparse".
        env: what it learns on.
        test_env: what it is scored on: the task's own environment, or, where the policy observes
            its progress, the rewarded one, whose success is the task's all the same.
        learner: PPO on `env`.
    """

    name: str
    env: Environment
    test_env: Environment
    learner: Learner


def build_arms(config: RunConfig, task: Task, program: Any | None) -> list[Arm]:
    """Build a run's arms.

    Args:
        config: the configuration.
        task: the task.
        program: the compiled programs; None where no arm needs them.

    Returns:
        The arms, in the configuration's order.

    Raises:
        JaxcarError: the programs do not fit the task or the way of paying.
    """
    return [_build(name, config, task, program) for name in config.arms]


def _build(name: str, config: RunConfig, task: Task, program: Any | None) -> Arm:
    env = task.env
    if name == "program" or config.reward.observe_progress:
        assert program is not None, "an arm that needs programs has none"
        env = RewardedEnv(
            task,
            [program],
            reward=config.reward.mode if name == "program" else "first_completion",
            weights=config.reward.weights if name == "program" else 0.0,
            discount=config.train.discount,
            in_order=config.reward.in_order,
            observe_progress=config.reward.observe_progress,
        )
    test_env = env if config.reward.observe_progress else task.env
    return Arm(name, env, test_env, make_learner(env, config.train))
