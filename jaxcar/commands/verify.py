"""`jaxcar verify`: judge reward programs on a task, before any training."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tyro

from jaxcar.run.signals import stop_wish

if TYPE_CHECKING:
    from jaxcar.verification import Share, Verdict


@dataclass(frozen=True)
class Verify:
    """Verify programs on a task's expert and random episodes: exit 0 accepted, 1 rejected."""

    task: str
    """A task's id."""

    program: tuple[str, ...]
    """The program files, in the order of the sub-tasks."""

    preset: str = "paper"
    """The conditions of acceptance."""

    expert_episodes: int = 1000
    """Expert trajectories."""

    random_episodes: int = 1000
    """Random trajectories."""

    seed: int = 0
    """Where the episodes come from."""

    json: bool = False
    """Print JSON in place of tables."""


def main(arguments: list[str]) -> int:
    """Verify program files on a task.

    Args:
        arguments: `--task ID --program FILE... [--preset NAME] [--json]`.

    Returns:
        0 when accepted, 1 when rejected; the verdict is on standard output.

    Raises:
        RefusedProgram: a program is outside the reward language.
        JaxcarError: a task, file or preset cannot be used.
    """
    asked = tyro.cli(Verify, prog="jaxcar verify", args=arguments)
    import jax

    from jaxcar.envs.registry import make
    from jaxcar.run.programs import compile_sources, read_sources
    from jaxcar.verification import verify

    task = make(asked.task)
    program = compile_sources(read_sources(asked.program), task)
    with stop_wish() as wish:
        verdict = verify(
            task,
            program,
            preset=asked.preset,
            key=jax.random.key(asked.seed),
            expert_episodes=asked.expert_episodes,
            random_episodes=asked.random_episodes,
        )
    if wish.number is not None:
        raise KeyboardInterrupt
    if asked.json:
        print(json.dumps(verdict.to_dict(), indent=1, allow_nan=False))
    else:
        print_verdict(verdict)
    return 0 if verdict.accepted else 1


def print_verdict(verdict: Verdict) -> None:
    """Print a verdict as tables and reasons, on standard output.

    Args:
        verdict: the verdict.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    names = ("sub-task", "expert", "random", "at start", "out of order", "truth", "precision")
    for name in (*names, "recall"):
        table.add_column(name, justify="left" if name == "sub-task" else "right")
    for subtask in verdict.subtasks:
        match = subtask.truth
        shares = (subtask.expert, subtask.random, subtask.true_at_start, subtask.early)
        row = [subtask.name, *map(_percent, shares), "-", "-", "-"]
        if match is not None:
            row[-3:] = [match.name, *map(_percent, (match.random_precision, match.random_recall))]
        table.add_row(*row)
    Console(file=sys.stdout, highlight=False).print(table)
    print(f"expert episodes that complete all, in order: {verdict.expert_complete}")
    print(f"random episodes that complete all:           {verdict.random_complete}")
    for reason in verdict.reasons:
        print(f"- {reason}")
    print("accepted" if verdict.accepted else "rejected", f"by preset {verdict.preset!r}")


def _percent(share: Share) -> str:
    return f"{share.value:.1%}" if share.total else "-"
