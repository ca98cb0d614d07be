"""The lines of a program's source, each with what it gave when the program ran."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jaxcar.lang.source import ProgramSource
from jaxcar.program.faults import Fault, describe_fault, encode, fault_line
from jaxcar.program.watch import Note

_FIRST = 4


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


class Lines:
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


def with_faults(rows: tuple[Row, ...], codes: Sequence[int]) -> tuple[Row, ...]:
    """Return the rows with the faults of their lines, in words."""
    found: dict[int, dict[str, None]] = {}
    for code in codes:
        if code:
            found.setdefault(int(fault_line(code)), {})[_words(code)] = None
    return tuple(row._replace(faults=tuple(found.get(row.line, ()))) for row in rows)
