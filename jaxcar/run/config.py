"""What a run is told: frozen dataclasses, read from YAML and overridden by flags."""

from __future__ import annotations

import dataclasses
import pathlib
from dataclasses import dataclass, field
from typing import Literal

from jaxcar.errors import ConfigError
from jaxcar.rl import PPOConfig
from jaxcar.run import schema

ArmName = Literal["program", "sparse"]


@dataclass(frozen=True)
class TaskConfig:
    """Which task to learn."""

    id: str
    """A task's id; `jaxcar tasks` lists them."""

    options: dict[str, bool | int | float | str] = field(default_factory=dict)
    """The task's own options, such as tile_size."""


@dataclass(frozen=True)
class VlmConfig:
    """Who writes the programs."""

    client: Literal["replay"] = "replay"
    """replay answers from recorded replies."""

    replies: str | None = None
    """Folder of recorded replies; null for those that ship with jaxcar."""

    rounds: int = 3
    """How many times a program may be repaired after its first reply."""

    def __post_init__(self) -> None:
        _at_least("vlm.rounds", self.rounds, 0)


@dataclass(frozen=True)
class VerifyConfig:
    """How programs are verified before any training."""

    preset: str = "paper"
    """The conditions of acceptance."""

    expert_episodes: int = 1000
    """Expert trajectories."""

    random_episodes: int = 1000
    """Random trajectories."""

    def __post_init__(self) -> None:
        _at_least("verify.expert_episodes", self.expert_episodes, 1)
        _at_least("verify.random_episodes", self.random_episodes, 1)


@dataclass(frozen=True)
class RewardConfig:
    """How programs pay; the environment's own reward is always added."""

    mode: Literal["first_completion", "raw", "potential"] = "first_completion"
    """first_completion pays each sub-task once an episode, raw pays the program's number at every
    step, potential pays differences of a potential and leaves the optimal policy alone."""

    weights: float | tuple[float, ...] = 0.25
    """What a sub-task pays: one number for all, or one for each."""

    in_order: bool = True
    """Whether a sub-task counts only after those before it."""

    observe_progress: bool = False
    """Whether the completed sub-tasks are part of the observation, in every arm."""


@dataclass(frozen=True)
class EvaluateConfig:
    """How policies are scored: on task success, in fixed, fresh, complete episodes."""

    episodes: int = 512
    """Episodes of each seed."""

    every: int = 40_000
    """Environment steps of each seed between two evaluations."""

    stop_at: float | None = None
    """An arm stops when every seed's success has reached this; null to use all steps."""

    def __post_init__(self) -> None:
        _at_least("evaluate.episodes", self.episodes, 1)
        _at_least("evaluate.every", self.every, 1)
        if self.stop_at is not None and not 0 < self.stop_at <= 1:
            raise ConfigError(
                "evaluate.stop_at is no share", got=self.stop_at, expected="a number in (0, 1]"
            )


@dataclass(frozen=True)
class RunConfig:
    """One run: a task, programs that reward it, and learners with and without them."""

    task: TaskConfig
    """Which task to learn."""

    programs: tuple[str, ...] = ()
    """Files of reward programs to use in place of asking a model."""

    vlm: VlmConfig = field(default_factory=VlmConfig)
    """Who writes the programs."""

    verify: VerifyConfig = field(default_factory=VerifyConfig)
    """How programs are verified."""

    reward: RewardConfig = field(default_factory=RewardConfig)
    """How programs pay."""

    train: PPOConfig = field(default_factory=PPOConfig)
    """The learner."""

    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    """How policies are scored."""

    arms: tuple[ArmName, ...] = ("program", "sparse")
    """program learns from the programs' reward, sparse from the environment's alone."""

    seeds: int = 4
    """Learners of each arm, trained side by side."""

    seed: int = 0
    """Where all randomness of the run comes from."""

    checkpoint_minutes: float = 5.0
    """Minutes between two checkpoints of an arm."""

    out: str | None = None
    """The run directory; null for runs/ and the configuration's name."""

    def __post_init__(self) -> None:
        _at_least("seeds", self.seeds, 1)
        if not self.arms or len(set(self.arms)) != len(self.arms):
            raise ConfigError(
                "arms must name each arm once",
                got=", ".join(self.arms) or "none",
                expected="program, sparse or both",
            )
        if self.checkpoint_minutes < 0:
            raise ConfigError("checkpoint_minutes is negative", got=self.checkpoint_minutes)
        self._check_sizes()

    def _check_sizes(self) -> None:
        """Refuse what does not divide: nothing is rounded in silence."""
        batch = self.train.steps_per_update
        _divides("evaluate.every", self.evaluate.every, "the steps of one update", batch)
        total = self.train.total_steps
        _divides("train.total_steps", total, "evaluate.every", self.evaluate.every)

    @property
    def updates_per_chunk(self) -> int:
        """Return how many updates lie between two evaluations."""
        return self.evaluate.every // self.train.steps_per_update

    @property
    def needs_program(self) -> bool:
        """Return whether any arm needs the programs."""
        return "program" in self.arms or self.reward.observe_progress


def load_config(path: str | pathlib.Path) -> RunConfig:
    """Read a configuration file.

    Args:
        path: a YAML file. Files and folders that it names are relative to its own folder.

    Returns:
        The configuration; `out` is filled in from the file's name where it is left open.

    Raises:
        ConfigError: it cannot be read or used; the message has the file and line.
    """
    config = schema.load(RunConfig, path)
    folder = pathlib.Path(path).resolve().parent
    name = folder.name if pathlib.Path(path).name == "config.yaml" else pathlib.Path(path).stem
    replies = config.vlm.replies
    return dataclasses.replace(
        config,
        programs=tuple(str(folder / program) for program in config.programs),
        vlm=dataclasses.replace(config.vlm, replies=replies and str(folder / replies)),
        out=config.out or f"runs/{name}",
    )


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ConfigError(f"{name} is too small", got=value, expected=f"at least {least}")


def _divides(name: str, value: int, unit_name: str, unit: int) -> None:
    if value < unit or value % unit:
        near = max(unit, round(value / unit) * unit)
        raise ConfigError(
            f"{name} is not a multiple of {unit_name}",
            got=value,
            expected=f"a multiple of {unit}",
            fix=f"write {near}",
        )
