"""A run's reward programs: from files or from a model's replies, verified before any training."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jaxcar.errors import RejectedReward, ReplyError
from jaxcar.lang.source import ProgramSource
from jaxcar.program.compile import RewardProgram, compile_reward
from jaxcar.run import schema, store
from jaxcar.run.train import VERIFY, key_for
from jaxcar.verification import Verdict, verify
from jaxcar.verification.measurement import completion_names
from jaxcar.vlm.transcript import Recording, ReplayClient, png_bytes

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.run.config import RunConfig
    from jaxcar.run.display import Display
    from jaxcar.run.store import RunDirectory
    from jaxcar.synthesize import Exchange

INDEX = "index.json"
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
        before = store.read_json(run.verdict)
        if not before["accepted"]:
            raise _rejection(before["reasons"], run.verdict)
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


def bit_names(program: RewardProgram) -> list[str]:
    """Return a name for each of a program's completion bits, none for a program of numbers."""
    return list(completion_names(program)) if program.num_completed else []


def _conclude(verdict: Verdict, run: RunDirectory, display: Display) -> None:
    store.write_json(run.verdict, verdict.to_dict())
    if not verdict.accepted:
        raise _rejection(verdict.reasons, run.verdict)
    display.say(
        f"accepted: all sub-tasks complete in {verdict.expert_complete} expert and "
        f"{verdict.random_complete} random episodes"
    )


def _rejection(reasons: Sequence[str], where: pathlib.Path) -> RejectedReward:
    shown = [reason.splitlines()[0] for reason in reasons[:_SHOWN_REASONS]]
    if len(reasons) > len(shown):
        shown.append(f"and {len(reasons) - len(shown)} more")
    return RejectedReward(
        "the reward programs are rejected, nothing was trained",
        where=where,
        got="; ".join(shown),
        fix="mend the programs and start a new run",
    )


def client_for(config: RunConfig) -> ReplayClient:
    """Return whoever answers a run's prompts.

    Args:
        config: the configuration.

    Returns:
        The client.

    Raises:
        ReplyError: there are no recorded replies.
    """
    folder = config.vlm.replies
    recording = Recording.shipped(config.task.id) if folder is None else Recording(folder)
    if not any(recording.directory.glob("*.json")):
        raise ReplyError(
            "there are no recorded replies for this task",
            where=config.task.id if folder is None else folder,
            fix="give program files with --programs, or a folder of replies with --vlm.replies",
        )
    return ReplayClient(recording)


def _synthesize(config: RunConfig, task: Task, run: RunDirectory, display: Display) -> Any:
    """Have a model write the programs; prompts, replies and pictures are stored as they come."""
    from jaxcar.synthesize import synthesize

    client = client_for(config)
    display.say(f"asking for reward programs for {task.id}")
    secretary = Secretary(run, client, display)
    found = synthesize(
        task,
        client,
        preset=config.verify.preset,
        rounds=config.vlm.rounds,
        expert_episodes=config.verify.expert_episodes,
        random_episodes=config.verify.random_episodes,
        listener=secretary.note,
    )
    store.write_json(run.subtasks, [subtask._asdict() for subtask in found.subtasks])
    if found.program is None or found.verdict is None:
        raise _rejection(found.reasons, run.exchanges)
    written = [(source.name, source.text) for source in found.sources if source is not None]
    store.write_programs(run, written)
    own = dataclasses.replace(config.vlm, replies=run.exchanges.name)
    store.write(run.config, schema.to_yaml(dataclasses.replace(config, vlm=own)))
    _conclude(found.verdict, run, display)
    return found.program


class Secretary:
    """Keeps what is said between a run and a model: a recording of its own, in order.

    Args:
        run: the run.
        client: who answers.
        display: told of every reply.
    """

    def __init__(self, run: RunDirectory, client: ReplayClient, display: Display) -> None:
        self.run = run
        self.display = display
        self.recording = Recording(run.exchanges)
        self.index: list[dict[str, Any]] = []
        if client.language is not None:
            self.recording.store_language(client.language)

    def note(self, exchange: Exchange) -> None:
        """Store one exchange, and the first one's pictures beside the run's.

        Args:
            exchange: the prompt and its reply.
        """
        prompt = exchange.prompt
        self.recording.store(prompt, exchange.sample, exchange.reply, exchange.model)
        file = self.recording.path(prompt.key, exchange.sample).name
        entry = {"file": file, "kind": exchange.kind, "subtask": exchange.subtask}
        self.index.append(entry | {"round": exchange.round, "outcome": exchange.outcome})
        store.write_json(self.run.exchanges / INDEX, self.index)
        if len(self.index) == 1:
            for number, picture in enumerate(prompt.pictures, 1):
                path = self.run.pictures / f"{number}-{picture.name}.png"
                store.write(path, png_bytes(picture.pixels))
        first_line = exchange.outcome.splitlines()[0]
        self.display.say(f"  {prompt.version} prompt, round {exchange.round}: {first_line}")
