"""What the resolver hands on, and that CPython agrees on what is a program at all."""

from __future__ import annotations

import ast
import copy
import doctest
import importlib
import pathlib

import pytest
from test_error_files import diagnose, programs

import jaxcar.lang
from jaxcar.errors import RefusedProgram
from jaxcar.lang.parse import parse
from jaxcar.lang.resolve import called_methods, called_names, resolve
from jaxcar.lang.source import ProgramSource, span_of


def resolved(text: str, host: frozenset[str] = frozenset()):
    source = ProgramSource(text)
    return resolve(source, parse(source), host=host)


PROGRAM = '''
"""A program."""
import logging, os
import numpy as np
from numpy.linalg import norm as length
from typing import Tuple

log = logging.getLogger(__name__)
Pair = Tuple[int, int]
LOW: int = 3
HIGH = LOW + np.uint8(2)

def near(frame, limit: Pair = (1, 2)) -> bool:
    import math
    return length(frame.sum(axis=(0, 1))) > limit[0] * math.pi

def done(frame):
    near_enough = near(frame)
    log.info("done")
    return near_enough

def other(frame):
    done = frame.sum()
    return done > LOW

class Door:
    def reset(self):
        self.count = 0
    def look(self, frame):
        return self.help(frame)
    @staticmethod
    def help(frame):
        return near(frame)

if __name__ == "__main__":
    other(3)
'''


def test_parts_of_a_program():
    module = resolved(PROGRAM)
    assert module.errors == ()
    assert {x.code for x in module.warnings} == {"JC205", "JC320"}
    assert module.imports == {
        "logging": "logging",
        "os": "os",
        "np": "numpy",
        "length": "numpy.linalg.norm",
        "Tuple": "typing.Tuple",
        "log": "logging",
        "math": "math",
    }
    assert list(module.functions) == ["near", "done", "other"]
    assert list(module.classes) == ["Door"]
    assert [ast.unparse(x) for x in module.constants] == ["LOW = 3", "HIGH = LOW + np.uint8(2)"]
    assert not [x for x in ast.walk(module.tree) if getattr(x, "annotation", None)]


def test_entries_are_the_functions_that_nobody_calls():
    module = resolved(PROGRAM)
    assert set(module.functions) - called_names(module) == {"done", "other"}
    assert called_methods(module.classes["Door"]) == {"help"}


def test_the_later_of_two_definitions_counts():
    module = resolved("def f(frame):\n    return 1\ndef f(frame):\n    return 2\n")
    assert module.functions["f"].lineno == 3


def test_the_given_tree_is_left_as_it_is():
    source = ProgramSource(PROGRAM)
    tree = parse(source)
    before = ast.dump(copy.deepcopy(tree), include_attributes=True)
    resolve(source, tree)
    assert ast.dump(tree, include_attributes=True) == before


def test_places_survive_the_removal_of_annotations():
    source = ProgramSource("LOW: int = 3\n")
    (node,) = resolve(source, parse(source)).constants
    assert span_of(node, source) == (1, 1, 1, 13)
    assert span_of(node.value, source) == (1, 12, 1, 13)


RECORDS = """
import functools, warnings
from dataclasses import dataclass as record
from typing import ClassVar, NamedTuple
import numpy as np

@record(frozen=True)
class P:
    y: int
    x: float = 0.0
    COUNT: ClassVar[int] = 3
    z = 1

class Q(NamedTuple):
    x: "float"

class Plain:
    x: int = 3
    y: int

@functools.lru_cache(maxsize=None)
def done(frame: np.ndarray):
    with np.errstate(all="ignore"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.warn("slow", UserWarning, stacklevel=3)
    np.seterr(all="ignore")
    return frame[Ellipsis]
"""


def test_fields_keep_their_places_and_what_does_nothing_is_gone():
    module = resolved(RECORDS)
    assert module.diagnostics == ()
    lines = {name: ast.unparse(node).split("\n")[1:] for name, node in module.classes.items()}
    assert [x.strip() for x in lines["P"][1:]] == ["y: None", "x: None = 0.0", "COUNT = 3", "z = 1"]
    assert [x.strip() for x in lines["Q"]] == ["x: None"]
    assert [x.strip() for x in lines["Plain"]] == ["x = 3", "pass"]
    assert ast.unparse(module.functions["done"]) == (
        "def done(frame):\n    pass\n    warnings.warn('slow')\n    pass\n    return frame[...]"
    )
    fields = [node for node in ast.walk(module.tree) if isinstance(node, ast.AnnAssign)]
    assert [type(node.annotation) for node in fields] == [ast.Constant] * 3
    assert len(module.classes["P"].decorator_list) == 1


HOSTED = """
import numpy as np

def reach(thing, other):
    return np.linalg.norm(thing.pose.p - other.tcp.p) + get_position("door").speed[0].unknown

def compute(self, action, info: dict):
    tcp = self.agent.tcp
    self.count = 3
    self.total += self.robot().pose.raw_pose
    return reach(self.cube, self) + tcp.pose.p[0] + env.limit
"""


def test_names_of_the_caller_are_defined_and_have_any_attribute():
    host = frozenset({"self", "action", "info", "get_position", "env"})
    assert resolved(HOSTED, host).diagnostics == ()
    codes = {found.code for found in resolved(HOSTED).errors}
    assert codes == {"JC201", "JC210"}


def test_names_of_the_caller_leave_the_rest_as_it_is():
    host = frozenset({"env", "abs"})
    text = "import numpy as np\ndef f(x):\n    return lost + np.amy(x) + (1).foo + np.pi.bar\n"
    assert [x.code for x in resolved(text, host).errors] == ["JC201", "JC202", "JC210", "JC210"]
    text = "class A:\n    def step(self, frame):\n        return self.count\n"
    assert [x.code for x in resolved(text, host).errors] == ["JC212"]
    assert resolved("def f(frame):\n    return abs.speed(frame)\n", host).errors == ()


def test_names_of_the_caller_are_near_misses():
    (found,) = resolved(
        "def f(x):\n    return get_positon(x)\n", frozenset({"get_position"})
    ).errors
    assert found.fix == "did you mean `get_position`?"


def test_methods_called_by_way_of_the_class_are_called():
    (node,) = resolved(
        "class A:\n"
        "    def step(self, frame): return self.make(frame)\n"
        "    @classmethod\n"
        "    def make(cls, frame): return cls.help(frame)\n"
        "    def help(frame): return frame\n"
    ).classes.values()
    assert called_methods(node) == {"make", "help"}


def accepted() -> list:
    """Return the programs of the error files that have warnings at most."""
    return [
        program
        for program in programs()
        if all(found.severity == "warning" for found in diagnose(program.values[0]))
    ]


@pytest.mark.parametrize("text", accepted())
def test_what_is_accepted_compiles_in_cpython(text):
    compile(text, "program.py", "exec", dont_inherit=True)


@pytest.mark.parametrize("word", sorted(set(PROGRAM.split())))
def test_a_missing_word_is_a_diagnostic_or_a_program(word):
    mutated = PROGRAM.replace(word, "", 1)
    source = ProgramSource(mutated)
    try:
        module = resolve(source, parse(source))
    except RefusedProgram as refused:
        assert refused.diagnostics
        return
    if not module.errors:
        compile(mutated, "program.py", "exec", dont_inherit=True)


@pytest.mark.parametrize(
    "path", sorted(pathlib.Path(jaxcar.lang.__file__).parent.glob("*.py")), ids=lambda x: x.stem
)
def test_examples_in_docstrings(path):
    name = "jaxcar.lang" if path.stem == "__init__" else f"jaxcar.lang.{path.stem}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0
