"""A run's reward programs: from files or from a model's replies, verified before any training."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jaxcar.errors import RejectedReward
from jaxcar.lang.source import ProgramSource
from jaxcar.program.compile import RewardProgram, compile_reward
from jaxcar.run import schema, store
from jaxcar.run.train import VERIFY, key_for
from jaxcar.verification import Verdict, verify

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.run.config import RunConfig
    from jaxcar.run.display import Display
    from jaxcar.run.store import RunDirectory

_SHOWN_REASONS = 5


def read_sources(paths: Sequence[str]) -> list[ProgramSource]:
    """Read program files.

    Args:
        paths: the files.

    Returns:
        Their texts, named after the files.

    Raises:
        ConfigError: a file cannot be read as text.
    """
    return [ProgramSource(schema.read_text(path), name=path) for path in paths]


def compile_sources(sources: Sequence[ProgramSource], task: Task) -> RewardProgram:
    """Compile programs together for a task's frames.

    Args:
        sources: the programs.
        task: the task.

    Returns:
        One program.

    Raises:
        RefusedProgram: a program is outside the reward language.
    """
    return compile_reward(list(sources), frame=task.frame_shape)


def obtain(config: RunConfig, task: Task, run: RunDirectory, display: Display) -> RewardProgram:
    """Return a run's verified program: the stored one, or a new one, which is then stored.

    Args:
        config: the configuration.
        task: the task.
        run: the run.
        display: told of each stage.

    Returns:
        The compiled program, whose verdict is acceptance.

    Raises:
        RejectedReward: the verdict is a rejection; it is stored all the same.
        RefusedProgram: a program is outside the reward language.
        ReplyError: a reply is missing or cannot be used.
    """
    stored = store.read_programs(run)
    if stored is None and not config.programs:
        return _synthesize(config, task, run, display)
    if stored is None:
        sources = read_sources(config.programs)
        store.write_programs(run, [(source.name, source.text) for source in sources])
    else:
        sources = [ProgramSource(text, name=name) for name, text, _ in stored]
    program = compile_sources(sources, task)
    if run.verdict.exists():
        accepted = store.read_json(run.verdict)
        _refuse_rejected(accepted["accepted"], accepted["reasons"], run)
        return program
    display.say(f"verifying {len(sources)} program{'s' * (len(sources) > 1)} on {task.id}")
    verdict = verify(
        task,
        program,
        preset=config.verify.preset,
        key=key_for(config.seed, VERIFY),
        expert_episodes=config.verify.expert_episodes,
        random_episodes=config.verify.random_episodes,
    )
    _conclude(verdict, run, display)
    return program


def _conclude(verdict: Verdict, run: RunDirectory, display: Display) -> None:
    store.write_json(run.verdict, verdict.to_dict())
    _refuse_rejected(verdict.accepted, verdict.reasons, run)
    display.say(
        f"accepted: all sub-tasks complete in {verdict.expert_complete} expert and "
        f"{verdict.random_complete} random episodes"
    )


def _refuse_rejected(accepted: bool, reasons: Sequence[str], run: RunDirectory) -> None:
    if accepted:
        return
    shown = list(reasons[:_SHOWN_REASONS])
    if len(reasons) > len(shown):
        shown.append(f"and {len(reasons) - len(shown)} more")
    raise RejectedReward(
        "the reward programs are rejected, nothing was trained",
        where=run.verdict,
        got="; ".join(shown),
        fix="mend the programs and start a new run",
    )


def _synthesize(config: RunConfig, task: Task, run: RunDirectory, display: Display) -> Any:
    raise NotImplementedError(json.dumps(str(pathlib.Path(run.path))))
