"""Programs split by `---`, with the expected diagnostics in comments on the offending lines.

`### "regex" "regex"` expects as many diagnostics on its line as it has expressions, each matched
by "CODE: message". A line without expects none.
"""

from __future__ import annotations

import pathlib
import re

import pytest

from jaxcar.errors import RefusedProgram
from jaxcar.lang.parse import parse
from jaxcar.lang.resolve import resolve
from jaxcar.lang.source import ProgramSource

_FOLDER = pathlib.Path(__file__).parent
_EXPECTATION = re.compile(r'###((?: "[^"]*")+)\s*$')


def programs() -> list:
    """Return every program of every error file, as pytest parameters."""
    found = []
    for path in sorted(_FOLDER.glob("*.car")):
        line = 1
        for text in path.read_text(encoding="utf-8").split("---\n"):
            found.append(pytest.param(text, id=f"{path.name}:{line}"))
            line += text.count("\n") + 1
    return found


def diagnose(text: str):
    """Return all diagnostics of a program, whichever stage finds them."""
    source = ProgramSource(text, name="program.py")
    try:
        return resolve(source, parse(source)).diagnostics
    except RefusedProgram as refused:
        return refused.diagnostics


@pytest.mark.parametrize("text", programs())
def test_exactly_the_expected_lines_have_diagnostics(text):
    found: dict[int, list[str]] = {}
    for diagnostic in diagnose(text):
        found.setdefault(diagnostic.line, []).append(f"{diagnostic.code}: {diagnostic.message}")
    for number, line in enumerate(text.split("\n"), start=1):
        match = _EXPECTATION.search(line)
        patterns = re.findall(r'"([^"]*)"', match.group(1)) if match else []
        messages = found.get(number, [])
        assert len(messages) == len(patterns), f"line {number}: {messages}"
        for pattern, message in zip(patterns, messages, strict=True):
            assert re.search(pattern, message), f"line {number}: {pattern!r}: {message!r}"


@pytest.mark.parametrize("text", programs())
def test_every_diagnostic_says_what_to_write_instead(text):
    for found in diagnose(text):
        assert found.fix or found.code == "JC101"
