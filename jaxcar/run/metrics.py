"""Measurements of a run as JSON lines: one line an arm and chunk, and a last one an arm."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from jaxcar.errors import RunError
from jaxcar.run import store

TIMINGS = ("compile_s", "train_s", "evaluate_s")
"""The fields that two runs of the same configuration do not share."""


@dataclass(frozen=True)
class Evaluated:
    """How a policy fared in fixed, fresh, complete episodes; every list has one entry a seed.

    Attributes:
        episodes: how many episodes each seed played.
        success: the share of episodes that solved the task.
        task_return: the mean sum of the environment's own rewards.
        length: the mean number of steps.
        subtasks: by name, the share of episodes in which the sub-task's truth held at some time.
    """

    episodes: int
    success: list[float]
    task_return: list[float]
    length: list[float]
    subtasks: dict[str, list[float]]


@dataclass(frozen=True)
class Measurement:
    """One line of metrics.

    Attributes:
        kind: "chunk" while training; "final" once, when the arm is finished.
        arm: the arm's name.
        update: how many updates each seed has made.
        steps: how many environment steps each seed has made.
        compile_s: seconds spent compiling so far.
        train_s: seconds spent in training chunks so far, without compiling and evaluating.
        evaluate_s: seconds spent evaluating so far.
        faults: how many steps of a program faulted so far, over all seeds.
        train: by name, the chunk's mean of each of the learner's metrics, one entry a seed; None
            where it is not a finite number.
        sampled: the evaluation with actions drawn from the policy.
        greedy: the evaluation with the likeliest actions; only in a final measurement.
    """

    kind: Literal["chunk", "final"]
    arm: str
    update: int
    steps: int
    compile_s: float
    train_s: float
    evaluate_s: float
    faults: int
    train: dict[str, list[float | None]]
    sampled: Evaluated
    greedy: Evaluated | None = None


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it: None in place of infinities and NaN."""
    return float(value) if math.isfinite(value) else None


class MetricsLog:
    """The metrics file of a run.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def append(self, measurement: Measurement) -> None:
        """Add a line and bring it to the disk.

        Args:
            measurement: what to add.

        Raises:
            RunError: it cannot be written.
        """
        line = json.dumps(dataclasses.asdict(measurement), allow_nan=False) + "\n"
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunError(
                "the metrics cannot be written",
                where=self.path,
                got=error.strerror,
                fix="free the disk, then resume the run",
            ) from None

    def read(self) -> list[Measurement]:
        """Read all whole lines; a last line without its end, from a killed run, is left out.

        Returns:
            The measurements in order, none where there is no file.

        Raises:
            RunError: a whole line is not a measurement.
        """
        if not self.path.exists():
            return []
        try:
            lines = self.path.read_bytes().split(b"\n")
        except OSError as error:
            raise RunError(
                "the metrics cannot be read", where=self.path, got=error.strerror
            ) from None
        return [self._parse(line, number) for number, line in enumerate(lines[:-1], 1)]

    def keep(self, wanted: Callable[[Measurement], bool]) -> list[Measurement]:
        """Drop lines, and a half-written last one, from the file.

        Args:
            wanted: says of a measurement whether it stays.

        Returns:
            What is left.

        Raises:
            RunError: the file cannot be read or written.
        """
        kept = [measurement for measurement in self.read() if wanted(measurement)]
        text = "".join(json.dumps(dataclasses.asdict(m), allow_nan=False) + "\n" for m in kept)
        if self.path.exists() and self.path.read_bytes() != text.encode():
            store.write(self.path, text)
        return kept

    def _parse(self, line: bytes, number: int) -> Measurement:
        try:
            data: dict[str, Any] = json.loads(line)
            data["sampled"] = Evaluated(**data["sampled"])
            if data.get("greedy") is not None:
                data["greedy"] = Evaluated(**data["greedy"])
            return Measurement(**data)
        except (ValueError, TypeError, KeyError) as error:
            raise RunError(
                "a line of the metrics is damaged",
                where=f"{self.path}:{number}",
                got=f"{type(error).__name__}: {error}",
                fix="delete that line and those after it, then resume the run",
            ) from None
