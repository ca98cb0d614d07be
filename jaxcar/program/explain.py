"""A program explained on given inputs: each line of its source with what it gave there.

The program is compiled as ever, and its entries are then run eagerly, loops that are traced once
turn by turn in Python, so that every value on the way is known.
"""

from __future__ import annotations

import ast
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
from jaxcar.program.faults import Fault, describe_fault, encode, fault_line, is_limit_fault
from jaxcar.program.precision import computing
from jaxcar.program.reward_program import RewardProgram
from jaxcar.program.shown import fields
from jaxcar.program.structure import restored
from jaxcar.program.watch import Note, Watch

_FIRST = 4
_PICTURES = ("frame", "initial_frame", "previous_frame")
Given = Mapping[str, Any]


class Seen(NamedTuple):
    """What one statement of a line gave.

    Attributes:
        form: "value" (assigned, or changed), "test", "turn" (of a `for`; there may be none), or
            "returned".
        values: its first values, in a few words each, and the last one where there are more.
        number: how many values there were in all.
        true: of a test, how often it held.
        cut: whether more turns of a loop followed, which were not watched.
    """

    form: str
    values: tuple[str, ...]
    number: int
    true: int
    cut: bool = False


class Row(NamedTuple):
    """A line of the source.

    Attributes:
        line: its number, from 1.
        text: the line.
        reached: whether it was executed; None where there is nothing to execute.
        seen: what its statements gave, in order.
        caught: what was raised there and caught by the program itself, in words.
        faults: the faults of the step that arose there, in words; those of limits say so.
    """

    line: int
    text: str
    reached: bool | None
    seen: tuple[Seen, ...] = ()
    caught: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


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
    lines = _Lines(program._compiled[0].entry.module.tree, text)
    explained = []
    for values in inputs:
        ends = [run.step(values) for run in runs]
        rows = lines.rows([run.set_up for run in runs], [run.notes for run in runs])
        faults = [int(end.fault) for end in ends]
        said = tuple(run.said(end) for run, end in zip(runs, ends, strict=True))
        explained.append(ExplainedStep(_with_faults(rows, faults), said))
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
        self.set_up, self.notes = self.watch.notes, []  # type: tuple[list[Note], list[Note]]

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


class _Lines:
    """The lines of a source and what stands on each.

    Args:
        tree: the program.
        source: its text.
    """

    def __init__(self, tree: ast.Module, source: ProgramSource) -> None:
        self.lines = source.text.splitlines()
        self.forms: dict[ast.AST, tuple[int, str]] = {}
        self.spans: dict[ast.AST, range] = {}
        self.calls: set[ast.AST] = set()  # statements in functions; others run at every start
        self._visit(tree.body, inside=False)

    def _visit(self, body: Sequence[ast.stmt], inside: bool) -> None:
        for statement in body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            self._place(statement)
            called = inside or isinstance(statement, ast.FunctionDef)
            for child in ast.walk(statement) if inside else ():
                self.calls.add(child)
            for block in _blocks(statement):
                self._visit(block, called)

    def _place(self, node: ast.stmt) -> None:
        line, form = node.lineno, "value"
        if isinstance(node, (ast.If, ast.While, ast.Assert)):
            self.forms[node.test] = (line, "test")
        if isinstance(node, ast.For):
            self.forms[node.target] = (line, "turn")
        if isinstance(node, ast.Return):
            form = "returned"
        for case in node.cases if isinstance(node, ast.Match) else ():
            self.forms[case.pattern] = (case.pattern.lineno, "test")
        self.forms[node] = (line, form)
        for child in ast.walk(node):
            if isinstance(child, ast.NamedExpr):
                self.forms[child.target] = (child.lineno, "value")
        self.spans[node] = _span(node)

    def rows(self, set_up: list[list[Note]], runs: list[list[Note]]) -> tuple[Row, ...]:
        """Return the rows of a step; where only the set-up came, what it gave."""
        before, now = self._rows(self._joined(set_up)), self._rows(self._joined(runs))
        return tuple(
            first if first.reached and not row.reached else row
            for first, row in zip(before, now, strict=True)
        )

    def _joined(self, runs: list[list[Note]]) -> list[Note]:
        """Return the notes of all entries; the module's own statements count once."""
        rest = [note for run in runs[1:] for note in run if note.node in self.calls]
        return [*runs[0], *rest]

    def _rows(self, notes: Sequence[Note]) -> list[Row]:
        reached = {note.node for note in notes}
        state: dict[int, bool] = {}
        for node, span in self.spans.items():
            here = node in reached or node not in self.calls
            if isinstance(node, ast.FunctionDef):
                here = any(child in reached for child in node.body)
            state.update({line: state.get(line, False) or here for line in span})
        seen = self._seen(notes)
        caught: dict[int, dict[str, None]] = {}
        for note in notes:
            if note.form == "caught":
                line = getattr(note.node, "lineno", 0)
                caught.setdefault(line, {})[_words(encode(line, Fault[note.text]))] = None
        found = []
        for line, text in enumerate(self.lines, 1):
            gave, words = tuple(seen.get(line, ())), tuple(caught.get(line, ()))
            found.append(Row(line, text, self._reached(line, state), gave, words))
        return found

    def _reached(self, line: int, state: Mapping[int, bool]) -> bool | None:
        """Return whether a line was executed; `else:` and its like go by what follows them."""
        if line in state:
            return state[line]
        word = self.lines[line - 1].split("#")[0].strip()
        if not word.endswith(":") or word.startswith(("'", '"')):
            return None
        return next((state[n] for n in range(line, len(self.lines) + 1) if n in state), None)

    def _seen(self, notes: Sequence[Note]) -> dict[int, list[Seen]]:
        values: dict[ast.AST, list[str]] = {}
        for note in notes:
            if note.form == "value" and note.node in self.forms:
                values.setdefault(note.node, []).append(note.text)
        for note in notes:
            if isinstance(note.node, ast.For):
                values.setdefault(note.node.target, [])
        cut = {id(x) for note in notes if note.form == "cut" for x in ast.walk(note.node)}
        found: dict[int, list[Seen]] = {}
        for node, texts in values.items():
            line, form = self.forms[node]
            if isinstance(node, ast.Expr) and set(texts) == {"None"}:
                continue
            short = tuple(texts if len(texts) <= _FIRST + 1 else [*texts[:_FIRST], texts[-1]])
            seen = Seen(form, short, len(texts), texts.count("True"), id(node) in cut)
            found.setdefault(line, []).append(seen)
        return found


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of statements inside a statement."""
    found = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
    inner = [*getattr(node, "handlers", []), *getattr(node, "cases", [])]
    return [*found, *(part.body for part in inner)]


def _span(node: ast.stmt) -> range:
    """Return the lines of a statement, without those of the statements inside it."""
    inner = [block[0] for block in _blocks(node) if block]
    first = min([node.lineno, *(x.lineno for x in getattr(node, "decorator_list", []))])
    if isinstance(node, ast.Match):
        return range(first, max(first + 1, node.cases[0].pattern.lineno))
    if not inner:
        return range(first, (node.end_lineno or first) + 1)
    last = node.lineno
    head = [x for x in ast.iter_child_nodes(node) if isinstance(x, (ast.expr, ast.arguments))]
    for child in (y for x in head for y in ast.walk(x)):
        last = max(last, getattr(child, "end_lineno", None) or 0)
    return range(first, max(first, last) + 1)


def _words(code: int) -> str:
    return describe_fault(code).partition(": ")[2]


def _with_faults(rows: tuple[Row, ...], codes: Sequence[int]) -> tuple[Row, ...]:
    found: dict[int, dict[str, None]] = {}
    for code in codes:
        if code:
            found.setdefault(int(fault_line(code)), {})[_words(code)] = None
    return tuple(row._replace(faults=tuple(found.get(row.line, ()))) for row in rows)
