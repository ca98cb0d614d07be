"""`jaxcar tasks`: what can be learned."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import tyro


@dataclass(frozen=True)
class Tasks:
    """List the tasks with their frames, spaces and sub-tasks."""

    json: bool = False
    """Print JSON in place of a table."""


def main(arguments: list[str]) -> int:
    """List the tasks.

    Args:
        arguments: `[--json]`.

    Returns:
        0.
    """
    asked = tyro.cli(Tasks, prog="jaxcar tasks", args=arguments)
    from jaxcar.envs.registry import make, task_ids

    rows = [_row(make(task_id)) for task_id in task_ids()]
    if asked.json:
        print(json.dumps(rows, indent=1))
        return 0
    cells = [tuple(rows[0]), *(tuple(map(_text, row.values())) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip())
    return 0


def _row(task: Any) -> dict[str, Any]:
    return {
        "task": task.id,
        "frame": list(task.frame_shape),
        "observation": _space(task.env.observation_space(task.params)),
        "action": _space(task.env.action_space(task.params)),
        "subtasks": [subtask.name for subtask in task.subtasks],
    }


def _space(space: Any) -> str:
    """A gymnax space in short: Discrete(7), Box(147), or the names of a dictionary's parts."""
    kind = type(space).__name__
    if hasattr(space, "n"):
        return f"{kind}({space.n})"
    if hasattr(space, "spaces"):
        parts = space.spaces
        return f"{kind}({', '.join(parts) if isinstance(parts, dict) else len(parts)})"
    return f"{kind}({'x'.join(map(str, space.shape))})"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ("x" if all(isinstance(v, int) for v in value) else ", ").join(map(str, value))
    return str(value)
