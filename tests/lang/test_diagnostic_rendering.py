"""Diagnostics as text, word for word, and as JSON."""

from __future__ import annotations

import json
import textwrap

from jaxcar.errors import RefusedProgram
from jaxcar.lang.diagnostic import diagnostic
from jaxcar.lang.parse import parse
from jaxcar.lang.resolve import resolve
from jaxcar.lang.source import ProgramSource, Span


def rendered(text: str) -> str:
    source = ProgramSource(textwrap.dedent(text).lstrip("\n"), name="door.py")
    try:
        found = resolve(source, parse(source)).diagnostics
    except RefusedProgram as refused:
        found = refused.diagnostics
    return "\n\n".join(x.render() for x in found) + "\n"


def test_a_caret_points_at_the_fault_and_the_fix_follows():
    assert rendered("""
        import numpy as np

        def done(frame):
            return np.count_nonzeros(frame)
        """) == textwrap.dedent("""\
        error[JC202]: `numpy` has no `count_nonzeros` in the language
         --> door.py:4:12
          |
        4 |     return np.count_nonzeros(frame)
          |            ^^^^^^^^^^^^^^^^^
          = fix: did you mean `count_nonzero`?
        """)


def test_labels_show_the_other_place():
    assert rendered("""
        def f(n):
            m = n - 1

            return f(m)
        """) == textwrap.dedent("""\
        error[JC303]: the function `f` calls itself
         --> door.py:4:12
          |
        1 | def f(n):
          | --------- `f` is defined here
        ...
        4 |     return f(m)
          |            ^
          = fix: write a `for` or `while` loop
        """)


def test_columns_count_characters_and_wide_ones_take_two_cells():
    assert rendered("""
        def done(frame):
            print("鍵é", coun)
        """) == textwrap.dedent("""\
        error[JC201]: the name `coun` is not defined
         --> door.py:2:17
          |
        2 |     print("鍵é", coun)
          |                  ^^^^
          = fix: define it, or take it as a parameter
        """)


def test_a_warning_says_so():
    assert rendered("""
        import os
        def done(frame):
            return True
        """).startswith("warning[JC205]: `os` is outside the language; it is not used, and ignored")


def test_all_faults_are_reported_in_source_order():
    text = rendered("""
        import torch
        def done(frame, seen=[]):
            match torch.any(frame):
                case [x]:
                    x = lost
        """)
    codes = [line[6:11] for line in text.splitlines() if line.startswith("error")]
    assert codes == ["JC204", "JC304", "JC317", "JC201"]


def test_a_long_line_is_shown_around_its_fault():
    text = rendered(f"x = ({'1, ' * 40}lost{', 1' * 40})\n")
    shown, caret = text.splitlines()[3:5]
    assert len(shown) < 120
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "lost"


def test_characters_that_disturb_a_terminal_are_spelt_out():
    text = rendered("def done(frame):\n    return '\x1b[31m\u202e'\n")
    assert "\x1b" not in text and "\u202e" not in text
    assert "<U+001B>" in text and "<U+202E>" in text


def test_notes_and_labels_on_one_line():
    source = ProgramSource("a = b + c", name="sum.py")
    found = diagnostic(
        "JC405",
        "shapes (3,) and (4,) do not match",
        source,
        Span(1, 7, 1, 8),
        labels=[(Span(1, 5, 1, 6), "shape (3,)"), (Span(1, 9, 1, 10), "shape (4,)")],
        notes=["shapes match from the last axis backwards"],
    )
    assert found.render() == textwrap.dedent("""\
        error[JC405]: shapes (3,) and (4,) do not match
         --> sum.py:1:7
          |
        1 | a = b + c
          |       ^
          |     - shape (3,)
          |         - shape (4,)
          = note: shapes match from the last axis backwards""")


def test_json_round_trip():
    source = ProgramSource("def done(frame):\n    return lost\n")
    (found,) = resolve(source, parse(source)).errors
    data = json.loads(json.dumps(found.to_json()))
    assert data == {
        "code": "JC201",
        "severity": "error",
        "message": "the name `lost` is not defined",
        "line": 2,
        "column": 12,
        "end_line": 2,
        "end_column": 16,
        "labels": [],
        "notes": [],
        "fix": "define it, or take it as a parameter",
    }
