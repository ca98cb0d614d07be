"""The fresh programs over a picture compared with CPython, and how much their answers vary."""

from __future__ import annotations

import collections
from typing import Any, NamedTuple

from fresh_frames import SEQUENCES, STEPS, frames_for, resets_for
from fresh_inputs import FOLDER, frame_of
from oracle import differences

from jaxcar.lang.source import ProgramSource
from jaxcar.program import compile_reward


class Comparison(NamedTuple):
    """What came of one program.

    Attributes:
        found: differences, in words.
        counts: those of `oracle.differences`.
        answers: for each entry, how many different answers CPython gives, and the share of steps
            with another than the commonest.
    """

    found: list[str]
    counts: dict[str, float]
    answers: dict[str, tuple[int, float]]


def compared(name: str, sequences: int = SEQUENCES, steps: int = STEPS) -> Comparison:
    """Compare one program with CPython on sequences of pictures.

    Args:
        name: of the program, such as "image_01".
        sequences: how many.
        steps: of each.
    """
    text = (FOLDER / f"{name}.py").read_text()
    program = compile_reward(ProgramSource(text, f"{name}.py"), frame=frame_of(name))
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
    return Comparison(found, counts, answers)
