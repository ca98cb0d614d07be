"""What is wrong with a program, where, and what to write instead: as text and as JSON."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from jaxcar.lang.codes import CODES
from jaxcar.lang.source import ProgramSource, Span, span_of

_WIDTH = 100  # characters of a source line that are shown
_MARGIN = 40  # characters kept before the caret in a longer line


class Label(NamedTuple):
    """A second place that explains the first, such as the other of two conflicting definitions."""

    span: Span
    text: str


@dataclass(frozen=True)
class Diagnostic:
    """One fault of a program.

    Args:
        code: a key of `jaxcar.lang.codes.CODES`.
        message: one line that stands alone, without the source beside it.
        source: the program.
        span: where the fault is.
        labels: further places in the same source.
        notes: what else helps to understand it.
        fix: what to write instead, in the language's own words.
        severity: an "error" refuses the program, a "warning" does not.

    Example:
        >>> source = ProgramSource("done = Tru", name="door.py")
        >>> print(Diagnostic("JC201", "`Tru` is not defined", source, Span(1, 8, 1, 11)).render())
        error[JC201]: `Tru` is not defined
         --> door.py:1:8
          |
        1 | done = Tru
          |        ^^^
    """

    code: str
    message: str
    source: ProgramSource
    span: Span
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    fix: str | None = None
    severity: Literal["error", "warning"] = "error"

    @property
    def line(self) -> int:
        """Return the line of the fault, counted from 1."""
        return self.span.line

    @property
    def column(self) -> int:
        """Return the column of the fault, in characters counted from 1."""
        return self.span.column

    def render(self) -> str:
        """Return the diagnostic as a block of lines: message, place, source with carets, notes."""
        head = f"{self.severity}[{self.code}]: {self.message}"
        gutter = len(str(max(span.line for span in (self.span, *(x.span for x in self.labels)))))
        pad = " " * gutter
        place = f"{pad}--> {_shown(self.source.name)}:{self.span.line}:{self.span.column}"
        lines = [head, place, f"{pad} |", *self._excerpt(gutter)]
        lines += [f"{pad} = note: {note}" for note in self.notes]
        if self.fix is not None:
            lines.append(f"{pad} = fix: {self.fix}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the diagnostic as plain JSON values; lines and columns start at 1."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": self.span.end_line,
            "end_column": self.span.end_column,
            "labels": [{**label.span._asdict(), "text": label.text} for label in self.labels],
            "notes": list(self.notes),
            "fix": self.fix,
        }

    def _excerpt(self, gutter: int) -> list[str]:
        """Return the marked source lines in order, `...` between lines that are not adjacent."""
        marks = [(self.span, "^", ""), *((x.span, "-", f" {x.text}") for x in self.labels)]
        lines: list[str] = []
        previous = None
        for span, mark, text in sorted(marks, key=lambda item: (item[0].line, item[1] == "-")):
            shown, start, width = _window(self.source.line(span.line), span)
            if span.line != previous:
                if previous is not None and span.line > previous + 1:
                    lines.append("...")
                lines.append(f"{span.line:>{gutter}} | {shown}".rstrip())
            lines.append(f"{' ' * gutter} | {' ' * start}{mark * width}{text}")
            previous = span.line
        return lines


def diagnostic(
    code: str,
    message: str,
    source: ProgramSource,
    place: ast.AST | Span,
    *,
    labels: Sequence[tuple[ast.AST | Span, str]] = (),
    notes: Sequence[str] = (),
    fix: str | None = None,
    severity: Literal["error", "warning"] = "error",
) -> Diagnostic:
    """Build a diagnostic whose place is a node of the tree or a span.

    Args:
        code: a key of `CODES`; another is an assertion error, for codes are part of the interface.
        message: one line that stands alone.
        source: the program.
        place: the node or span at fault.
        labels: pairs of a node or span and what to say beside it.
        notes: what else helps to understand the fault.
        fix: what to write instead.
        severity: "error" or "warning".

    Returns:
        The diagnostic.

    Example:
        >>> tree = ast.parse("a = b")
        >>> found = diagnostic("JC201", "`b` is not defined", ProgramSource("a = b"), tree.body[0])
        >>> found.line, found.column
        (1, 1)
    """
    assert code in CODES, f"unregistered code {code}"
    assert message and "\n" not in message, f"{code}: the message is one line"
    return Diagnostic(
        code=code,
        message=message,
        source=source,
        span=_span(place, source),
        labels=tuple(Label(_span(where, source), text) for where, text in labels),
        notes=tuple(notes),
        fix=fix,
        severity=severity,
    )


def shortened(name: str, limit: int = 40) -> str:
    """Return a name from the program in a form that is safe and short enough for a message.

    Example:
        >>> shortened("a" * 50, limit=10)
        'aaaaaaa...'
    """
    text = _shown(name[: limit + 1])
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _span(place: ast.AST | Span, source: ProgramSource) -> Span:
    return place if isinstance(place, Span) else span_of(place, source)


def _shown(text: str) -> str:
    """Return text with tabs as spaces, and characters that would disturb a terminal spelt out."""
    return "".join(_shown_character(character) for character in text)


def _shown_character(character: str) -> str:
    if character == "\t":
        return "    "
    if character.isprintable():
        return character
    return f"<U+{ord(character):04X}>"


def _window(line: str, span: Span) -> tuple[str, int, int]:
    """Return the part of a line that is shown, and the first column and width of its underline."""
    first = span.column - 1
    last = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    cut = max(0, first - _MARGIN) if len(line) > _WIDTH else 0
    part = line[cut : cut + _WIDTH]
    before, marked = part[: first - cut], part[first - cut : max(last, first) - cut]
    head = "..." if cut else ""
    tail = "..." if len(line) > cut + _WIDTH else ""
    shown = f"{head}{_shown(part)}{tail}"
    return shown, len(head) + _cells(before), max(1, _cells(marked))


def _cells(text: str) -> int:
    """Return how many cells of a terminal the shown form of a text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in _shown(text))
    return len(_shown(text)) + wide
