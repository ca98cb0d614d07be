"""Learning: PPO on any gymnax environment, with or without a reward program."""

from jaxcar.rl.evaluate import Evaluation, evaluate
from jaxcar.rl.ppo import (
    Learner,
    LearnerState,
    Metrics,
    PPOConfig,
    TrainResult,
    make_learner,
    make_train,
)

__all__ = [
    "Evaluation",
    "Learner",
    "LearnerState",
    "Metrics",
    "PPOConfig",
    "TrainResult",
    "evaluate",
    "make_learner",
    "make_train",
]
