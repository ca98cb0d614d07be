"""From two pictures to accepted reward programs: ask, extract, compile, verify, repair.

Every sub-task has a program of its own. Those that compile are compiled and verified together; one
that is refused or blamed is mended alone. Each round is verified on trajectories that no repair has
seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import jax

from jaxcar.errors import RefusedProgram, ReplyError
from jaxcar.lang.page import prompt_section
from jaxcar.lang.source import ProgramSource
from jaxcar.pictures import Pictures, pictures
from jaxcar.program.compile import compile_reward
from jaxcar.verification import Verdict, collect_evidence, judge, measure
from jaxcar.verification.judge import find_preset
from jaxcar.vlm.prompts import (
    ProgramBrief,
    Prompt,
    SubTaskText,
    diagnostics_prompt,
    enlarge,
    program_prompt,
    subtasks_prompt,
    verdict_prompt,
)
from jaxcar.vlm.replies import extract_program, extract_subtasks

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram
    from jaxcar.verification.measurement import Measurement
    from jaxcar.verification.verdict import Preset
    from jaxcar.vlm.clients import Client

VERIFICATION_SEED = 0

__all__ = ["Exchange", "Pictures", "Synthesis", "pictures", "synthesize"]


class Exchange(NamedTuple):
    """One prompt and the reply to it.

    Attributes:
        kind: "subtasks", "program", "diagnostics" or "verdict".
        subtask: the index of the sub-task that it is about, or None.
        round: 0 for first replies, then the number of the repair round.
        prompt: what was asked.
        sample: which answer to this very prompt it is.
        reply: the reply, word for word.
        model: what answered.
        outcome: what could be read from the reply, in words.
    """

    kind: str
    subtask: int | None
    round: int
    prompt: Prompt
    sample: int
    reply: str
    model: str
    outcome: str


@dataclass(frozen=True, eq=False)
class Synthesis:
    """What came of it.

    Attributes:
        task: the task.
        pictures: what the model was shown.
        subtasks: the sub-tasks that it named, in order.
        sources: each sub-task's last program, or None where no reply held one.
        program: all of them compiled together, or None where one is refused.
        verdict: the verdict on `program`, or None without one.
        measurement: what the verdict was made from, or None without one.
        problems: for each sub-task why its last program is refused, or "".
        exchanges: every prompt and reply, as they happened.
    """

    task: Task
    pictures: Pictures
    subtasks: tuple[SubTaskText, ...]
    sources: tuple[ProgramSource | None, ...]
    program: RewardProgram | None
    verdict: Verdict | None
    measurement: Measurement | None
    problems: tuple[str, ...]
    exchanges: tuple[Exchange, ...]

    @property
    def accepted(self) -> bool:
        """Say whether the programs may be trained on."""
        return self.verdict is not None and self.verdict.accepted

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why they may not, a sentence each; empty when accepted."""
        if self.verdict is not None:
            return self.verdict.reasons
        return tuple(problem for problem in self.problems if problem)


class Check(NamedTuple):
    """How programs are verified: the arguments of `verify`, but for the key of each round."""

    preset: Preset
    key: jax.Array
    expert_episodes: int
    random_episodes: int


@dataclass(eq=False)
class _Draft:
    """A sub-task's program on its way; `prompt` is what is to be asked next, or None."""

    brief: ProgramBrief
    prompt: Prompt | None
    kind: str = "program"
    text: str = ""
    source: ProgramSource | None = None
    problem: str = ""


@dataclass(eq=False)
class _Conversation:
    """Asks the client and keeps every exchange."""

    client: Client
    listener: Callable[[Exchange], None] | None
    exchanges: list[Exchange] = field(default_factory=list)

    def ask(self, prompt: Prompt, kind: str, subtask: int | None, number: int, read: Any) -> Any:
        """Return what `read` makes of the reply, or the ReplyError that it raises."""
        sample = sum(exchange.prompt.key == prompt.key for exchange in self.exchanges)
        reply = self.client.ask(prompt, sample)
        try:
            result = read(reply.text)
            outcome = "read"
        except ReplyError as error:
            result, outcome = error, str(error)
        exchange = Exchange(kind, subtask, number, prompt, sample, reply.text, reply.model, outcome)
        self.exchanges.append(exchange)
        if self.listener is not None:
            self.listener(exchange)
        return result


def synthesize(
    task: Task,
    client: Client,
    *,
    key: jax.Array | None = None,
    preset: str | Preset = "paper",
    rounds: int = 3,
    expert_episodes: int = 1000,
    random_episodes: int = 1000,
    listener: Callable[[Exchange], None] | None = None,
) -> Synthesis:
    """Have a model write a task's reward programs, and mend them until they are accepted.

    Args:
        task: the task.
        client: who answers prompts.
        key: a typed key for verification; round r uses `fold_in(key, r)`. The default is a fixed
            key, and so are the pictures: recorded replies are found again by exact prompts, which
            hold pictures and measured numbers.
        preset: the rule of acceptance.
        rounds: how many rounds of repair follow the first replies.
        expert_episodes: trajectories of the expert in each verification.
        random_episodes: trajectories of random play in each verification.
        listener: called with every exchange as it happens.

    Returns:
        What came of it, accepted or not.

    Raises:
        ReplyError: when the client has no answer, or no reply names sub-tasks.
        JaxcarError: for an unknown preset, or a task whose expert fails on the pictures' episode.

    Example:
        >>> import jaxcar
        >>> from jaxcar.vlm import Recording, ReplayClient
        >>> task = jaxcar.make("MiniGrid-DoorKey-8x8-v0")
        >>> client = ReplayClient(Recording.shipped(task.id))
        >>> result = synthesize(task, client)  # doctest: +SKIP
        >>> result.accepted  # doctest: +SKIP
        True
    """
    key = jax.random.key(VERIFICATION_SEED) if key is None else key
    check = Check(find_preset(preset), key, expert_episodes, random_episodes)
    shown = pictures(task)
    conversation = _Conversation(client, listener)
    subtasks = _ask_subtasks(conversation, task, shown, rounds)
    language = client.language or prompt_section()
    briefs = [
        ProgramBrief(task.text, shown.start, shown.goal, subtask, subtasks, language)
        for subtask in subtasks
    ]
    drafts = [_Draft(brief, program_prompt(brief)) for brief in briefs]
    outcome: _Outcome = _Outcome(None, None, None)
    for number in range(rounds + 1):
        _write(conversation, task, drafts, number)
        outcome = _try_together(task, drafts, check, number)
        if outcome.verdict is not None and outcome.verdict.accepted:
            break
        if number < rounds:
            _plan_repairs(task, drafts, outcome)
    return Synthesis(
        task=task,
        pictures=shown,
        subtasks=subtasks,
        sources=tuple(draft.source for draft in drafts),
        program=outcome.program,
        verdict=outcome.verdict,
        measurement=outcome.measurement,
        problems=tuple(draft.problem for draft in drafts),
        exchanges=tuple(conversation.exchanges),
    )


class _Outcome(NamedTuple):
    program: RewardProgram | None
    verdict: Verdict | None
    measurement: Measurement | None


def _ask_subtasks(
    conversation: _Conversation, task: Task, shown: Pictures, rounds: int
) -> tuple[SubTaskText, ...]:
    prompt = subtasks_prompt(task.text, shown.start, shown.goal)
    for number in range(rounds + 1):
        result = conversation.ask(prompt, "subtasks", None, number, extract_subtasks)
        if not isinstance(result, ReplyError):
            return result
    raise result


def _write(conversation: _Conversation, task: Task, drafts: list[_Draft], number: int) -> None:
    """Ask for every draft that waits, and compile each answer alone."""
    for place, draft in enumerate(drafts):
        if draft.prompt is None:
            continue
        result = conversation.ask(draft.prompt, draft.kind, place, number, extract_program)
        draft.prompt = None
        if isinstance(result, ReplyError):
            draft.text, draft.source, draft.problem = "", None, str(result)
        else:
            draft.text = result
            draft.source = ProgramSource(result, name=f"{draft.brief.subtask.name}.py")
            draft.problem = _problem(task, draft.source)


def _problem(task: Task, source: ProgramSource) -> str:
    """Return why a program cannot check a sub-task, or ""."""
    try:
        program = compile_reward(source, frame=task.frame_shape)
    except RefusedProgram as error:
        return "\n\n".join(diagnostic.render() for diagnostic in error.diagnostics)
    if program.num_completed == 1 and program.num_entries == 1:
        return ""
    entries = ", ".join(f"{entry.name} (returns {entry.returns})" for entry in program.entries)
    return f"expected one function that returns one bool, and got: {entries}"


def _try_together(task: Task, drafts: list[_Draft], check: Check, number: int) -> _Outcome:
    """Compile and verify all programs together, when each compiles alone."""
    sources = [draft.source for draft in drafts if draft.source and not draft.problem]
    if len(sources) < len(drafts):
        return _Outcome(None, None, None)
    program = compile_reward(sources, frame=task.frame_shape)
    measurement = measure(
        task,
        program,
        key=jax.random.fold_in(check.key, number),
        expert_episodes=check.expert_episodes,
        random_episodes=check.random_episodes,
    )
    return _Outcome(program, judge(task, program, measurement, check.preset), measurement)


def _plan_repairs(task: Task, drafts: list[_Draft], outcome: _Outcome) -> None:
    """Give every draft that failed the prompt that asks to mend it."""
    for draft in drafts:
        if draft.problem:
            draft.kind = "diagnostics"
            draft.prompt = diagnostics_prompt(draft.brief, draft.text, draft.problem)
    program, verdict, measurement = outcome
    if program is None or verdict is None or measurement is None:
        return
    for place in verdict.blamed:
        draft = drafts[place]
        evidence = collect_evidence(task, program, measurement, verdict, place)
        frames = [enlarge(shown.frame, shown.label) for shown in evidence.frames]
        draft.kind = "verdict"
        draft.prompt = verdict_prompt(draft.brief, draft.text, evidence.findings, frames)
