"""The programs on docs/codes.md: each bad one yields its code, each mended one runs as CPython."""

from __future__ import annotations

import ast
import contextlib
import io
import pathlib
import runpy
import warnings

import numpy as np
import pytest
from oracle import differences

from jaxcar.lang.codes import CODES, MEANINGS
from jaxcar.lang.examples import EXAMPLES
from jaxcar.lang.examples.example import FRAME
from jaxcar.program import check

ROOT = pathlib.Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "write_language_page.py"))
compiled, diagnosed, given, pages = (
    SCRIPT[name] for name in ("compiled", "diagnosed", "given", "pages")
)
SEQUENCES, STEPS = 2, 3
FOUND_BY_READING = ("text", "names", "syntax", "kinds")
WITHOUT_A_FIX = ("JC101",)
RUNS_ANYWAY = ("JC307", "JC108")  # mistakes that raise nothing


def played(example):
    """Random inputs [SEQUENCES, STEPS, ...] for an example; no frame is empty or dark."""
    rng = np.random.default_rng(7)
    shape = (SEQUENCES, STEPS)
    if example.inputs is None:
        return {"frame": rng.integers(1, 256, shape + FRAME, np.uint8)}
    made = {
        "float32": lambda size: rng.normal(size=size).astype(np.float32),
        "int64": lambda size: rng.integers(1, 6, size),
        "bool": lambda size: rng.integers(0, 2, size).astype(bool),
    }
    return {name: made[x.dtype](shape + x.shape) for name, x in example.inputs.items()}


def call(text, arguments):
    """Run the last function of a text, or the step of its last class, in CPython."""
    space = {"__name__": "program"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        exec(compile(text, "program", "exec", dont_inherit=True), space)
        definitions = (ast.FunctionDef, ast.ClassDef)
        name = [x.name for x in ast.parse(text).body if isinstance(x, definitions)][-1]
        function = space[name]().step if isinstance(space[name], type) else space[name]
        known = function.__code__.co_varnames[: function.__code__.co_argcount]
        return function(**{k: v for k, v in arguments.items() if k in known})


def test_every_code_has_an_example_unless_it_is_retired():
    present = [code for code, info in CODES.items() if info.meaning != "retired"]
    assert list(EXAMPLES) == present
    assert {info.meaning for info in CODES.values()} <= set(MEANINGS)


def test_nothing_yields_a_retired_code():
    retired = {code for code, info in CODES.items() if info.meaning == "retired"}
    for path in (ROOT / "jaxcar").rglob("*.py"):
        if path.name != "codes.py":
            assert not [x for x in retired if f'"{x}"' in path.read_text(encoding="utf-8")], path


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_bad_program_yields_the_code_first(code):
    example = EXAMPLES[code]
    found = diagnosed(example.bad, example)
    severity = "warning" if CODES[code].meaning == "warning" else "error"
    assert (found[0].code, found[0].severity) == (code, severity)
    assert found[0].fix or code in WITHOUT_A_FIX, "a diagnostic says what to write instead"
    if example.limits is None:
        assert check(example.bad, entry=example.entry, **given(example))[0].code == code
    if severity == "warning":
        compiled(example.bad, example)


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_mended_program_runs_as_cpython_does(code):
    example = EXAMPLES[code]
    assert example.mended != example.bad
    assert not diagnosed(example.mended, example)
    program = compiled(example.mended, example)
    resets = np.zeros((SEQUENCES, STEPS), bool)
    found, counts = differences(program, played(example), resets)
    assert not found
    assert counts["faults"] == counts["limits"] == 0


@pytest.mark.parametrize("code", [x for x in EXAMPLES if CODES[x].kind in FOUND_BY_READING])
def test_cpython_refuses_mistakes_and_runs_what_the_language_leaves_out(code):
    example = EXAMPLES[code]
    arguments = {name: x[0, 0] for name, x in played(example).items()}
    meaning = CODES[code].meaning
    if meaning == "mistake" and code not in RUNS_ANYWAY:
        with pytest.raises(Exception):  # noqa: B017 - whatever Python or NumPy raises
            call(example.bad, arguments)
    elif meaning in ("not yet", "never"):
        with contextlib.suppress(ModuleNotFoundError):  # the program imports what is not here
            call(example.bad, arguments)


def test_the_pages_are_up_to_date():
    for name, text in pages().items():
        written = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert written == text, "run scripts/write_language_page.py"
