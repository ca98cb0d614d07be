"""Text that is made to break a parser gets a diagnostic, never RecursionError or MemoryError."""

from __future__ import annotations

import dataclasses
import sys
import time

import pytest

from jaxcar.errors import RefusedProgram
from jaxcar.lang.parse import parse
from jaxcar.lang.resolve import resolve
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource

_DEEP = "".join(f"{' ' * level}if a:\n" for level in range(90)) + " " * 90 + "pass"
HOSTILE = {
    "nested parentheses": ("(" * 10_000 + ")" * 10_000, "JC502"),
    "open brackets": ("x = " + "[{(" * 30_000, "JC502"),
    "signs": ("x = " + "-" * 150_000 + "1", "JC502"),
    "nots": ("x = " + "not " * 40_000 + "1", "JC502"),
    "sums": ("x = " + "+".join(["1"] * 60_000), "JC502"),
    "attributes": ("x = a" + ".b" * 90_000, "JC502"),
    "calls": ("x = a" + "()" * 90_000, "JC502"),
    "elifs": ("if a: pass\n" + "elif b: pass\n" * 15_000, "JC502"),
    "lambdas": ("x = " + "lambda: " * 20_000 + "1", "JC502"),
    "powers": ("x = " + "2**" * 60_000 + "2", "JC502"),
    "indentation": (_DEEP, "JC502"),
    "five megabytes": ("x = 1\n" * 900_000, "JC501"),
    "statements": ("x=1;" * 40_000, "JC503"),
    "names": ("x = " + "a<" * 90_000 + "a", "JC503"),
    "fields of an f-string": ("x = f'" + "{x}" * 60_000 + "'", "JC506"),
    "digits": ("x = " + "9" * 190_000, "JC506"),
    "hexadecimal digits": ("x = 0x" + "f" * 190_000, "JC506"),
    "a long name": ("def f(frame): return " + "a" * 190_000, "JC201"),
    "many names": ("x = (" + ", ".join(f"name{i}" for i in range(900)) + ")", "JC201"),
    "thousands of names": ("x = (" + ", ".join(f"n{i}" for i in range(15_000)) + ")", "JC503"),
    "many similar names": ("".join(f"a{i} = b{i}\n" for i in range(4_000)), "JC201"),
    "doubling calls": (
        "def f0(x): return x\n"
        + "".join(f"def f{i}(x): return f{i - 1}(x) + f{i - 1}(x)\n" for i in range(1, 1_900)),
        "JC508",
    ),
    "doubling lambdas": (
        "f0 = lambda x: x\n"
        + "".join(f"f{i} = lambda x: (f{i - 1}(x), f{i - 1}(x))\n" for i in range(1, 3_000))
        + "def f(x): return f2999(x)\n",
        "JC508",
    ),
    "aliases": (
        "f0 = abs\n" + "".join(f"f{i} = f{i - 1}\n" for i in range(1, 3_900)) + "x = lost\n",
        "JC201",
    ),
    "methods of one name": (
        "".join(f"class A{i}:\n    def step(self, x): return x.step()\n" for i in range(1_200))
        + "x = lost",
        "JC201",
    ),
    "NUL": ("x = 1\0", "JC102"),
    "a lone surrogate": ("x = '\ud800'", "JC103"),
    "bidi in a comment": ("x = 1  # \u202e", "JC104"),
    "bidi in a string": ("x = '\u2066'", "JC104"),
    "a zero-width space": ("a\u200bb = 1", "JC104"),
    "a Cyrillic letter": ("n\u0440 = 1", "JC105"),
    "full-width letters": ("\uff4e\uff50 = 1", "JC105"),
    "empty": ("", "JC108"),
    "comments alone": ("# nothing\n\n", "JC108"),
    "an unfinished string": ("x = '''a" * 20_000, "JC101"),
    "a line of backslashes": ("x = 1 " + "\\\n" * 90_000, "JC101"),
}


def faults(text: str, limits: Limits = Limits()) -> tuple:  # noqa: B008 - it is frozen
    source = ProgramSource(text)
    try:
        return resolve(source, parse(source, limits), limits).errors
    except RefusedProgram as refused:
        return refused.diagnostics


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_gets_a_diagnostic_in_little_time(name):
    text, code = HOSTILE[name]
    start = time.process_time()
    found = faults(text)
    rendering = found[0].render()
    assert time.process_time() - start < 5, (
        "a second is the aim; this leaves room for slow machines"
    )
    assert {x.code for x in found} == {code}
    assert len(rendering) < 1_000
    assert all("\n" not in x.message and len(x.message) < 200 for x in found)


_WATCHED: list[str] | None = None


def _watch(event: str, arguments: tuple) -> None:
    if _WATCHED is not None:
        _WATCHED.append(event)


def test_the_text_is_read_and_never_run():
    global _WATCHED
    program = "import os\nos.system('touch x')\ndef f(x=exec('y')): return open('z'), eval('w')\n"
    faults(program)  # what the checks import themselves is imported now
    sys.addaudithook(_watch)
    _WATCHED = []
    found = faults(program)
    events, _WATCHED = _WATCHED, None
    assert {x.code for x in found} == {"JC204", "JC208", "JC316"}
    # `ast.parse` raises "compile"; `copy.deepcopy` calls `id`.
    assert set(events) <= {"compile", "builtins.id"}


def test_a_deep_python_stack_does_no_harm():
    def descend(level: int) -> tuple:
        return faults("x = lost") if level == 0 else descend(level - 1)

    assert [x.code for x in descend(sys.getrecursionlimit() // 2)] == ["JC201"]


def test_limits_are_named_with_what_was_found():
    (found,) = faults("x = 1\n" * 11, dataclasses.replace(Limits(), statements=10))
    assert found.message == "the program has 11 statements; the limit is 10"
    (found,) = faults("x = 1\n", dataclasses.replace(Limits(), source_bytes=5))
    assert found.message == "the source has 6 bytes; the limit is 5"
    (found,) = faults("x = [[[1]]]", dataclasses.replace(Limits(), depth=2))
    assert found.message == "the source is nested more than 2 levels deep"


def test_what_the_limits_allow_is_accepted():
    chain = "if a:\n    pass\n" + "elif a:\n    pass\n" * 40
    assert faults("a = 1\ndef f(frame):\n" + "\n".join(f"    {x}" for x in chain.split("\n"))) == ()
    assert faults("x = " + "(" * 50 + "1" + ")" * 50) == ()
    assert faults("\ufeffx = 1  # a byte order mark stands before this\r\ny = x\r") == ()
    assert faults("x = '\\d'") == ()
