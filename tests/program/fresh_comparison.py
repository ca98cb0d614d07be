"""The fresh programs over a picture compared with CPython, and how much their answers vary."""

from __future__ import annotations

import collections
import re
from typing import Any, NamedTuple

import numpy as np
from fresh_frames import SEQUENCES, STEPS, frames_for, resets_for
from fresh_inputs import FOLDER, frame_of
from oracle import differences

from jaxcar.lang.source import ProgramSource
from jaxcar.program import compile_reward

_PLACE = re.compile(r"(\S+ \S+) \[(\d+), (\d+)\]")


class Comparison(NamedTuple):
    """What came of one program.

    Attributes:
        found: differences, in words, but for limit faults and what follows one in its episode.
        counts: those of `oracle.differences`.
        answers: for each entry, how many different answers CPython gives, and the share of steps
            with another than the commonest.
    """

    found: list[str]
    counts: dict[str, float]
    answers: dict[str, tuple[int, float]]


def compared(
    name: str,
    sequences: int = SEQUENCES,
    steps: int = STEPS,
    source: ProgramSource | None = None,
) -> Comparison:
    """Compare one program with CPython on sequences of pictures.

    Args:
        name: of the program, such as "image_01".
        sequences: how many.
        steps: of each.
        source: a mended text of it.
    """
    if source is None:
        source = ProgramSource((FOLDER / f"{name}.py").read_text(), f"{name}.py")
    program = compile_reward(source, frame=frame_of(name))
    frames, resets = frames_for(name, sequences, steps), resets_for(sequences, steps)
    rows: list[Any] = []
    found, counts = differences(program, {"frame": frames}, resets, answers=rows)
    answers = {}
    for info, of_entry in zip(program.entries, rows, strict=True):
        said = collections.Counter(
            (s.completed, s.reward, tuple(sorted(s.components.items())), s.line)
            for row in of_entry
            for s in row
        )
        ((_, most),) = said.most_common(1)
        answers[info.name] = (len(said), 1 - most / said.total())
    return Comparison(_unexplained(found, resets), counts, answers)


def _unexplained(found: list[str], resets: np.ndarray) -> list[str]:
    """Leave out limit faults, and the steps after one: memory stays as it was before it."""
    left, lost = [], {}
    for line in found:
        entry, b, t = _PLACE.match(line).groups()
        b, t = int(b), int(t)
        begun = int(np.flatnonzero(resets[b, : t + 1])[-1])
        if "limit: " in line:
            lost[entry, b, begun] = True
        elif (entry, b, begun) not in lost:
            left.append(line)
    return left
