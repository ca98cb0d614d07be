"""The text of a reward program, and places in it."""

from __future__ import annotations

import ast
import functools
import hashlib
import re
from dataclasses import dataclass
from typing import NamedTuple

_LINE_BREAK = re.compile("\r\n|\r|\n")
_BYTE_ORDER_MARK = "\ufeff"


class Span(NamedTuple):
    """A stretch of source text, as editors count it.

    Lines and columns start at 1; columns count characters, not bytes; `end_column` is exclusive.
    """

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True)
class ProgramSource:
    r"""The text of one program and the name under which diagnostics speak of it.

    A byte order mark at the start is dropped, as CPython drops it.

    Args:
        text: Python source.
        name: a file name, or any words that tell this program from others.

    Example:
        >>> source = ProgramSource("x = 1\ny = 2\n", name="two.py")
        >>> source.line(2)
        'y = 2'
        >>> source.sha256[:8]
        '8353afe5'
    """

    text: str
    name: str = "<program>"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.removeprefix(_BYTE_ORDER_MARK))

    @functools.cached_property
    def sha256(self) -> str:
        """Return the hexadecimal SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @functools.cached_property
    def lines(self) -> tuple[str, ...]:
        """Return the lines without their ends, split where CPython's tokenizer splits them."""
        return tuple(_LINE_BREAK.split(self.text))

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1; an empty text where there is no such line."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def column(self, line: int, byte_offset: int) -> int:
        """Turn the UTF-8 byte offset that `ast` gives into a column counted from 1."""
        text = self.line(line)
        if text.isascii():
            return byte_offset + 1
        prefix = text.encode("utf-8", "surrogatepass")[:byte_offset]
        return len(prefix.decode("utf-8", "ignore")) + 1


def span_of(node: ast.AST, source: ProgramSource) -> Span:
    """Return where a node of the tree stands in the source.

    Args:
        node: a node of `ast.parse(source.text)`; one without a place, such as a module, gives the
            first character of the text.
        source: the text that the node was parsed from.

    Returns:
        The span, in lines and characters counted from 1.

    Example:
        >>> source = ProgramSource("total = é + b")
        >>> span_of(ast.parse(source.text).body[0].value.right, source)
        Span(line=1, column=13, end_line=1, end_column=14)
    """
    line = getattr(node, "lineno", None)
    if line is None:
        return Span(1, 1, 1, 1)
    offset = getattr(node, "col_offset", 0)
    end_line = getattr(node, "end_lineno", None) or line
    end_offset = getattr(node, "end_col_offset", None)
    column = source.column(line, offset)
    end = column if end_offset is None else source.column(end_line, end_offset)
    return Span(line, column, end_line, end)
