"""The tables of the language agree with CPython, NumPy and OpenCV, and with each other."""

from __future__ import annotations

import ast
import builtins
import functools
import pathlib
import pkgutil
import sys

import pytest
from test_error_files import diagnose, programs
from test_hostile_text import HOSTILE, faults

from jaxcar.lang import rules
from jaxcar.lang.codes import CODES
from jaxcar.lang.page import language_page, prompt_section

_ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize("path", sorted(rules.LIBRARY))
def test_accepted_library_names_exist(path):
    pkgutil.resolve_name(path)


def test_signatures_start_with_the_name():
    for path, entry in rules.LIBRARY.items():
        assert path.endswith(entry.signature.partition("(")[0])
        assert ("(" in entry.signature) == (entry.kind == "function")


def test_tables_are_disjoint():
    for tables in (
        (rules.LIBRARY, rules.LIBRARY_NOT_YET, rules.LIBRARY_NEVER),
        (rules.BUILTINS, rules.BUILTINS_NOT_YET, rules.BUILTINS_NEVER),
        (rules.NODES, rules.NOT_YET, rules.NEVER),
        (
            set().union(*rules.METHODS.values(), *rules.ATTRIBUTES.values()),
            {*rules.METHODS_NOT_YET, *rules.ATTRIBUTES_NOT_YET},
            rules.ATTRIBUTES_NEVER,
        ),
    ):
        names = [name for table in tables for name in table]
        assert len(names) == len(set(names))


def test_builtins_exist():
    for name in {*rules.BUILTINS, *rules.BUILTINS_NOT_YET, *rules.BUILTINS_NEVER}:
        assert hasattr(builtins, name) or name in ("help", "exit", "quit", "copyright", "credits")


def test_nodes_exist_or_belong_to_a_later_python():
    later = {"TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation"}
    for name in {*rules.NODES, *rules.NOT_YET, *rules.NEVER} - later:
        assert issubclass(getattr(ast, name), ast.AST)


def test_every_node_of_this_python_is_listed_or_refused_by_its_whole():
    parts = {"TypeIgnore"}
    unlisted = {
        name
        for name, node in vars(ast).items()
        if isinstance(node, type)
        and issubclass(node, ast.AST)
        and not node.__subclasses__()
        and not issubclass(node, ast.mod)
        and node.__module__ in ("ast", "_ast")
        and "Deprecated" not in (node.__doc__ or "")
    } - {*rules.NODES, *rules.NOT_YET, *rules.NEVER, *parts}
    deprecated = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis", "Index", "ExtSlice"}
    assert unlisted - deprecated <= {"AugLoad", "AugStore", "Param", "Suite", "slice"}


@functools.cache
def produced() -> frozenset[str]:
    """Return every code that the programs of these tests produce."""
    codes = {found.code for text in programs() for found in diagnose(text.values[0])}
    codes |= {found.code for text, _ in HOSTILE.values() for found in faults(text)}
    return frozenset(codes)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_of_the_text_and_the_resolver_is_produced(code):
    traced = CODES[code].kind in ("kinds", "entry")
    traced |= code in ("JC504", "JC505", "JC507", "JC509")
    assert (code in produced()) != traced, "tracing owns a code, or a program here produces it"


def test_the_language_page_is_up_to_date():
    written = (_ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert written == language_page(), "run scripts/write_language_page.py"


def test_the_page_names_everything():
    page = language_page()
    for name in {*rules.BUILTINS, *rules.LIBRARY_NOT_YET, *rules.LIBRARY_NEVER, *CODES}:
        assert name in page


def test_the_prompt_is_compact_and_names_the_library():
    text = prompt_section()
    assert len(text) < 5_000
    for name in ("argwhere", "inRange", "linalg.norm", "hypot", "COLOR_RGB2HSV", "initial_frame"):
        assert name in text
    assert "`while`" in text and "imread" not in text


def test_lang_needs_the_standard_library_only():
    for path in (_ROOT / "jaxcar" / "lang").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                root = name.partition(".")[0]
                assert root in sys.stdlib_module_names or name.startswith(
                    ("jaxcar.lang", "jaxcar.errors")
                )
