"""Text to syntax tree, with bounds on everything that hostile text could make large.

The text is never executed: `ast.parse` is the only part of CPython that sees it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from jaxcar.errors import RefusedProgram
from jaxcar.lang.diagnostic import Diagnostic, diagnostic, shortened
from jaxcar.lang.rules import Limits
from jaxcar.lang.sizes import own_size
from jaxcar.lang.source import ProgramSource, Span

_DEFAULT_LIMITS = Limits()
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_STRINGS_AND_BRACKETS = re.compile(
    r"""\#[^\r\n]*"""
    r"""|\"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)|'''(?:\\.|[^\\])*?(?:'''|\Z)"""
    r"""|"(?:\\.|[^"\\\r\n])*"?|'(?:\\.|[^'\\\r\n])*'?"""
    r"""|[()\[\]{}]""",
    re.DOTALL,
)
_BRACES_PER_STRING = 2_000  # CPython 3.11 takes quadratic time over the fields of an f-string
_NODES_PER_STATEMENT = 20
_PARTS_PER_NODE = 1_000
_CONDITIONS_PER_NODE = 256  # each is reached under all before it
_SHALLOWER = "give parts of it names of their own, or move them into functions"
_NO_PLACE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


class _Known(NamedTuple):
    """A message of CPython's parser that has a code and a fix of its own."""

    pattern: re.Pattern[str]
    code: str
    fix: str | None


_KNOWN = (
    _Known(re.compile("too many nested|too many levels of indent"), "JC502", _SHALLOWER),
    _Known(re.compile("integer string conversion"), "JC506", "write a smaller number"),
    _Known(
        re.compile("invalid (non-printable )?character"),
        "JC104",
        "type it anew: straight quotes, plain spaces, - and * from the keyboard",
    ),
    _Known(
        re.compile("indent|inconsistent use of tabs"),
        "JC106",
        "indent each block by four spaces, without tabs",
    ),
    _Known(
        re.compile("Missing parentheses in call to 'print'"), "JC101", "write print(...), or remove"
    ),
)


def parse(source: ProgramSource, limits: Limits = _DEFAULT_LIMITS) -> ast.Module:
    """Read a program's text into CPython's own syntax tree.

    Args:
        source: the program.
        limits: bounds on size, nesting and number of statements.

    Returns:
        The tree, at most `limits.depth` deep, so that recursive visitors are safe.

    Raises:
        RefusedProgram: the text is no Python, too large, or has characters that mislead a reader.

    Example:
        >>> type(parse(ProgramSource("def done(frame): return True")).body[0]).__name__
        'FunctionDef'
    """
    for check in (_check_encoding, _check_size, _check_characters, _check_brackets):
        _refuse(check(source, limits))
    tree = _syntax_tree(source)
    _refuse(_check_tree(source, tree, limits))
    _refuse(_check_identifiers(source))
    return tree


def _refuse(found: Iterator[Diagnostic]) -> None:
    diagnostics = tuple(found)
    if diagnostics:
        raise RefusedProgram(diagnostics)


def _check_encoding(source: ProgramSource, limits: Limits) -> Iterator[Diagnostic]:
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        place = _place(source, error.start)
        yield diagnostic(
            "JC103",
            f"character {_code_point(source.text[error.start])} cannot be encoded as UTF-8",
            source,
            place,
            fix="remove it; programs are stored as UTF-8",
        )


def _check_size(source: ProgramSource, limits: Limits) -> Iterator[Diagnostic]:
    size = len(source.text.encode())
    if size > limits.source_bytes:
        yield diagnostic(
            "JC501",
            f"the source has {size:,} bytes; the limit is {limits.source_bytes:,}",
            source,
            Span(1, 1, 1, 1),
            fix="shorten it: compute tables in a loop rather than writing them out",
        )


def _check_characters(source: ProgramSource, limits: Limits) -> Iterator[Diagnostic]:
    position = source.text.find("\0")
    if position >= 0:
        yield diagnostic(
            "JC102", "the text has a NUL byte", source, _place(source, position), fix="remove it"
        )
    for match in _DIRECTION.finditer(source.text):
        yield diagnostic(
            "JC104",
            f"{_code_point(match.group())} changes the direction of the text, so that it reads"
            " differently from what it does",
            source,
            _place(source, match.start()),
            fix="remove it",
        )


def _check_brackets(source: ProgramSource, limits: Limits) -> Iterator[Diagnostic]:
    """Refuse deep brackets before the parser sees them, whose time can grow steeply with depth."""
    depth = 0
    for match in _STRINGS_AND_BRACKETS.finditer(source.text):
        if match.group() in "([{":
            depth += 1
        elif match.group() in ")]}":
            depth = max(0, depth - 1)
        elif match.group().count("{") > _BRACES_PER_STRING:
            yield diagnostic(
                "JC506",
                f"a string has more than {_BRACES_PER_STRING:,} braces",
                source,
                _place(source, match.start()),
                fix="write shorter strings",
            )
            return
        if depth > limits.depth:
            yield _too_deep(source, _place(source, match.start()), limits)
            return


def _too_deep(source: ProgramSource, place: Span | ast.AST, limits: Limits) -> Diagnostic:
    return diagnostic(
        "JC502",
        f"the source is nested more than {limits.depth} levels deep",
        source,
        place,
        fix=_SHALLOWER,
    )


def _syntax_tree(source: ProgramSource) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as an invalid escape in a string: harmless
            tree = ast.parse(source.text)
    except SyntaxError as error:
        raise RefusedProgram([_syntax_fault(source, error)]) from None
    except (RecursionError, MemoryError):
        deep = diagnostic(
            "JC502",
            "the source is nested too deeply for Python to parse",
            source,
            Span(1, 1, 1, 1),
            fix=_SHALLOWER,
        )
        raise RefusedProgram([deep]) from None
    if not tree.body:
        empty = diagnostic(
            "JC108",
            "the text holds no statements",
            source,
            Span(1, 1, 1, 1),
            fix="write a function such as `def done(frame): return ...`",
        )
        raise RefusedProgram([empty])
    return tree


def _syntax_fault(source: ProgramSource, error: SyntaxError) -> Diagnostic:
    line = min(max(error.lineno or 1, 1), len(source.lines))
    fence = next((n for n, text in enumerate(source.lines, 1) if text.lstrip()[:3] == "```"), None)
    if fence is not None:
        return diagnostic(
            "JC107",
            "a Markdown fence stands in the program",
            source,
            Span(fence, 1, fence, len(source.line(fence)) + 1),
            fix="give the code alone, without ``` and without prose around it",
        )
    message = error.msg.partition(";")[0].partition(" - ")[0]
    known = next((entry for entry in _KNOWN if entry.pattern.search(message)), None)
    code = known.code if known else "JC101"
    fix = known.fix if known else None
    return diagnostic(
        code,
        f"the text is not valid Python: {shortened(message, limit=120)}",
        source,
        _error_span(source, error, line),
        fix=fix,
    )


def _error_span(source: ProgramSource, error: SyntaxError, line: int) -> Span:
    """Return the place that CPython gives, held within the text; it may be absent or beyond it."""
    width = len(source.line(line))
    column = min(max(error.offset or 1, 1), width + 1)
    if error.end_lineno != line or not error.end_offset:
        return Span(line, column, line, column + 1)
    return Span(line, column, line, max(column + 1, min(error.end_offset, width + 1)))


def _check_tree(source: ProgramSource, tree: ast.Module, limits: Limits) -> Iterator[Diagnostic]:
    """Bound the tree in depth and width; the walk keeps its own stack, for the tree may be deep."""
    statements = nodes = 0
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        nodes += 1
        statements += isinstance(node, ast.stmt)
        if depth > limits.depth:
            yield _too_deep(source, node, limits)
            return
        children = [n for n in ast.iter_child_nodes(node) if not isinstance(n, _NO_PLACE)]
        limit = _CONDITIONS_PER_NODE if isinstance(node, ast.BoolOp) else _PARTS_PER_NODE
        if len(children) > limit and (parts := _parts(node, children)) > limit:
            yield _too_wide(source, node, parts, limit)
            return
        pending += [(child, depth + 1) for child in children]
    for count, limit, words in (
        (statements, limits.statements, "statements"),
        (nodes, limits.statements * _NODES_PER_STATEMENT, "names, constants and operations"),
    ):
        if count > limit:
            yield diagnostic(
                "JC503",
                f"the program has {count:,} {words}; the limit is {limit:,}",
                source,
                tree.body[-1],
                fix="write loops and functions instead of repeating statements",
            )
            return
    if nodes > limits.equations:
        yield from _check_functions(source, tree, limits)


def _check_functions(
    source: ProgramSource, tree: ast.Module, limits: Limits
) -> Iterator[Diagnostic]:
    """Refuse functions that are too large by themselves, before their names are looked up."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        size = own_size(function)
        if size > limits.equations:
            yield diagnostic(
                "JC508",
                f"`{shortened(function.name)}` has {size:,} nodes; the limit is"
                f" {limits.equations:,}",
                source,
                function,
                fix="write loops and functions, and compute tables instead of writing them out",
            )
            return


def _parts(node: ast.AST, children: list[ast.AST]) -> int:
    """Return how many parts of a node count: statements and tables are bounded elsewhere."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
        return sum(not _is_entry(child) for child in children)
    return sum(not isinstance(child, ast.stmt) for child in children)


def _is_entry(node: ast.AST) -> bool:
    while isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, (ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict))


def _too_wide(source: ProgramSource, node: ast.AST, parts: int, limit: int) -> Diagnostic:
    place = node if isinstance(node, (ast.expr, ast.stmt)) else next(ast.iter_child_nodes(node))
    return diagnostic(
        "JC503",
        f"one expression or statement has {parts:,} parts; the limit is {limit:,}",
        source,
        place,
        fix="keep the values in an array or a table, and use a loop or a whole-array operation",
    )


def _check_identifiers(source: ProgramSource) -> Iterator[Diagnostic]:
    """Refuse names outside ASCII: Python folds some of them together, and some look alike."""
    if source.text.isascii():
        return
    seen: set[str] = set()
    for token in _tokens(source):
        if token.type == tokenize.NAME and not token.string.isascii() and token.string not in seen:
            seen.add(token.string)
            column = token.start[1] + 1
            stray = next(character for character in token.string if not character.isascii())
            yield diagnostic(
                "JC105",
                f"the name `{shortened(token.string)}` has the character {_code_point(stray)},"
                " which is outside ASCII and may look like another",
                source,
                Span(token.start[0], column, token.start[0], column + len(token.string)),
                fix="use the letters a-z, A-Z, digits and _ in names",
            )


def _tokens(source: ProgramSource) -> Iterator[tokenize.TokenInfo]:
    text = "\n".join(source.lines)
    # The text has been parsed already; where the two tokenizers disagree, the tree stands.
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _code_point(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"


def _place(source: ProgramSource, position: int) -> Span:
    """Return the span of one character, from its position in the text."""
    before = ProgramSource(source.text[:position]).lines
    line, column = len(before), len(before[-1]) + 1
    return Span(line, column, line, column + 1)
