"""A program explained on given inputs: each line of its source with what it gave there.

The program is compiled as ever, and its entries are then run eagerly, loops that are traced once
turn by turn in Python, so that every value on the way is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.lang.source import ProgramSource
from jaxcar.program.compile import compile_reward
from jaxcar.program.definitions import Instance
from jaxcar.program.entry_runs import Leaves
from jaxcar.program.execution import CompiledEntry, EntryStep
from jaxcar.program.explained_lines import Lines, Row, with_faults
from jaxcar.program.faults import describe_fault, is_limit_fault
from jaxcar.program.precision import computing
from jaxcar.program.reward_program import RewardProgram
from jaxcar.program.shown import fields
from jaxcar.program.structure import restored
from jaxcar.program.watch import Note, Watch

_PICTURES = ("frame", "initial_frame", "previous_frame")
Given = Mapping[str, Any]


class Said(NamedTuple):
    """What an entry says of a step.

    Attributes:
        entry: its name.
        completed: its bit, or None where it gives none.
        reward: its number, or None where it gives none.
        components: the numbers of the dict that it returns.
        fault: the fault in words with its line, or None.
        limit: whether that is a limit of jaxcar's and no error of the program.
        memory: what the object remembers afterwards, field to value in a few words.
    """

    entry: str
    completed: bool | None
    reward: float | None
    components: dict[str, float]
    fault: str | None
    limit: bool
    memory: dict[str, str]


class ExplainedStep(NamedTuple):
    """One step.

    Attributes:
        rows: the lines of the source, all of them.
        said: what each entry says.
    """

    rows: tuple[Row, ...]
    said: tuple[Said, ...]


class Explanation(NamedTuple):
    """What a program does on an episode.

    Attributes:
        name: the source's name.
        steps: the steps in order; lines that only the set-up executes are in every step.
    """

    name: str
    steps: tuple[ExplainedStep, ...]


def explain(
    source: str | ProgramSource, steps: Sequence[Given], *, entry: str | None = None
) -> Explanation:
    r"""Run a program on the steps of one episode, and tell what each line gave.

    Args:
        source: the program.
        steps: for each step the inputs by name: arrays, or None for an argument that is always
            None. Pictures are `frame` u8[H, W, 3]; the first step may have `initial_frame` and
            `previous_frame` too, which are else its `frame`.
        entry: as in `compile_reward`.

    Returns:
        The steps with their rows; the numbers are those of `RewardProgram.say`.

    Raises:
        RefusedProgram: the program is outside the language.
        JaxcarError: the steps have no inputs, or inputs of different names, shapes or dtypes.

    Example:
        >>> text = "def far(pos):\n    d = abs(pos)\n    return d > 2"
        >>> step = explain(text, [{"pos": np.float64(-3)}]).steps[0]
        >>> [(row.line, row.seen[0].values) for row in step.rows if row.seen]
        [(2, ('3.0',)), (3, ('True',))]
        >>> step.said[0].completed
        True
    """
    text = source if isinstance(source, ProgramSource) else ProgramSource(source)
    declared, frame = _declared(steps)
    program = compile_reward(text, entry=entry, inputs=declared, frame=frame)
    inputs = [_values(program, given) for given in _with_pictures(steps)]
    runs = [_Run(compiled, inputs[0]) for compiled in program._compiled]
    lines = Lines(program._compiled[0].entry.module.tree, text)
    explained = []
    for values in inputs:
        ends = [run.step(values) for run in runs]
        rows = lines.rows([run.set_up for run in runs], [run.notes for run in runs])
        faults = [int(end.fault) for end in ends]
        said = tuple(run.said(end) for run, end in zip(runs, ends, strict=True))
        explained.append(ExplainedStep(with_faults(rows, faults), said))
    return Explanation(text.name, tuple(explained))


def _declared(steps: Sequence[Given]) -> tuple[dict[str, Any], tuple[int, int, int] | None]:
    """Return the declaration that the steps' inputs fit."""
    if not steps or not any(steps):
        raise JaxcarError("there is nothing to run the program on", expected="frames, or inputs")
    first = {name: _shape(value) for name, value in steps[0].items()}
    frame = first.get("frame")
    for i, step in enumerate(steps):
        for name in sorted({*first, *step} - {*_PICTURES[1:]}):
            found = _shape(step.get(name))
            if (name in step) is not (name in first) or found != first[name]:
                _differ(name, i, found if name in step else "nothing", first.get(name, "nothing"))
    for name in _PICTURES[1:]:
        if frame is not None and first.get(name, frame) != frame:
            _differ(name, 0, first[name], frame)
    shape = None if frame is None else tuple(frame.shape)
    return {name: s for name, s in first.items() if name not in _PICTURES}, shape


def _shape(value: Any) -> jax.ShapeDtypeStruct | None:
    array = None if value is None else np.asarray(value)
    return None if array is None else jax.ShapeDtypeStruct(array.shape, array.dtype)


def _differ(name: str, step: int, got: Any, expected: Any) -> None:
    def words(shape: Any) -> Any:
        return f"{shape.dtype.name}{list(shape.shape)}" if hasattr(shape, "dtype") else shape

    raise JaxcarError(
        f"the input `{name}` of step {step + 1} does not fit the first step's inputs",
        got=words(got),
        expected=words(expected),
        fix="give inputs of one shape and dtype: they are the steps of one episode",
    )


def _with_pictures(steps: Sequence[Given]) -> list[dict[str, Any]]:
    """Return the steps with the initial and the previous frame that each of them sees."""
    made: list[dict[str, Any]] = []
    for step in steps:
        given = {name: value for name, value in step.items() if value is not None}
        if "frame" in given:
            first = made[0] if made else {"initial_frame": step.get("initial_frame", step["frame"])}
            given["initial_frame"] = first["initial_frame"]
            before = made[-1]["frame"] if made else given["initial_frame"]
            given["previous_frame"] = before if made else step.get("previous_frame", before)
        made.append(given)
    return made


def _values(program: RewardProgram, given: Given) -> dict[str, jax.Array]:
    with computing(program.precision):
        return {name: jnp.asarray(value) for name, value in given.items()}


class _Run:
    """One entry on one episode.

    Args:
        compiled: the entry.
        values: the inputs of the first step.

    Attributes:
        set_up: what was noted while the object was made.
        notes: what was noted in the latest step.
    """

    def __init__(self, compiled: CompiledEntry, values: dict[str, jax.Array]) -> None:
        self.watch = Watch()
        self.compiled = dataclasses.replace(compiled, watch=self.watch)
        self.leaves: Leaves
        with computing("exact"):
            self.leaves, self.fault = self.compiled.init(values)
        self.set_up = self.watch.notes
        self.notes: list[Note] = []

    def step(self, values: dict[str, jax.Array]) -> EntryStep:
        self.watch.begin()
        with computing("exact"):
            end = self.compiled.step(self.leaves, self.fault, values)
        self.leaves = end.leaves
        # Where the object could not even be made, no step is executed.
        self.notes = [] if int(self.fault) else self.watch.notes
        return end

    def said(self, end: EntryStep) -> Said:
        code, returns = int(end.fault), self.compiled.returns
        return Said(
            entry=self.compiled.entry.name,
            completed=None if end.completed is None else bool(end.completed),
            reward=float(end.reward) if "reward" in returns else None,
            components={name: float(value) for name, value in end.components.items()},
            fault=describe_fault(code) if code else None,
            limit=bool(is_limit_fault(code)),
            memory=self._memory(),
        )

    def _memory(self) -> dict[str, str]:
        kind = self.compiled.kind
        if kind is None:
            return {}
        with computing("exact"):
            instance = restored(kind, self.leaves, self.watch.classes)
            assert isinstance(instance, Instance)
            return fields(instance)
