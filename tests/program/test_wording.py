"""Diagnostics: every kind of value has words, every refusal a fix, and one cause is said once."""

from __future__ import annotations

import ast
import inspect
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxcar.lang.rules import Limits
from jaxcar.program import check, compile_reward, containers, definitions, tensors, values
from jaxcar.program.definitions import Factory
from jaxcar.program.host import Host
from jaxcar.program.opencv_api import FramePath
from jaxcar.program.wording import describe

ROOT = pathlib.Path(__file__).parents[2] / "jaxcar" / "program"
FRAME = (8, 8, 3)
CLASS = ast.parse("class Door: pass").body[0]
FUNCTION = ast.parse("def near(x): return x").body[0]
ARRAY = tensors.Tensor(jnp.zeros((2, 3)), np.dtype("f4"))
NUMBER = tensors.Tensor(jnp.zeros(()), np.dtype("f4"), True)
MASK = jnp.ones(2, bool)
CLS = definitions.ClassValue(CLASS, {}, frozenset(), {})
CALL = definitions.FunctionValue(FUNCTION, None)
POINT = containers.RecordType("Point", ("x", "y"))
MEMBER = definitions.EnumMember("Phase", "OPEN", 1)
BLOB = definitions.LibraryType("Blob", {}, (), {})
DICT = containers.DictValue({"a": 1})

SAID = [
    (ARRAY, "an array of float32 with shape (2, 3)"),
    (NUMBER, "a Python float"),
    (tensors.Selected(ARRAY, MASK, (0, 2)), "an array of float32 of run-time length"),
    (tensors.Window(ARRAY, (MASK, None), (1, 3), (0, 0)), "a part of an array of float32"),
    (values.Optional(NUMBER, True), "a Python float or None"),
    (values.Maybe(NUMBER, True), "a Python float that has a value on some paths only"),
    (values.Pending(True, 1, 2), "a value that depends on the path"),
    (values.Conflict("lists meet"), "a value whose kind depends on the path"),
    (values.Unset(), "no value"),
    (values.Text(("a", "b"), jnp.int32(0)), "text"),
    (values.Text((MEMBER,), jnp.int32(0)), "a member of `Phase`"),
    (values.Inert(), "text"),
    (values.Poison(), "what was refused before"),
    (values.Choice([(True, NUMBER), (False, ARRAY)]), "a Python float or an array of float32"),
    (containers.Rows(None, [], NUMBER, 4), "elements whose number depends on the frame"),
    (containers.ListValue([1]), "a list"),
    (containers.ListValue([1], form="deque"), "a deque"),
    (DICT, "a dict"),
    (containers.DictValue({}, form="set"), "a set"),
    (containers.Record((1, 2), POINT), "a namedtuple `Point`"),
    (POINT, "the namedtuple class `Point`"),
    (definitions.Instance(CLS, {}), "an object of `Door`"),
    (CALL, "the function `near`"),
    (CLS, "the class `Door`"),
    (definitions.Auto(), "enum.auto()"),
    (MEMBER, "the enum member `Phase.OPEN`"),
    (definitions.BoundMethod(None, CALL), "the method `near`"),
    (definitions.LibraryName("numpy.mean"), "`numpy.mean`"),
    (BLOB, "the class `Blob`"),
    (definitions.LibraryObject(BLOB, {}, ()), "a Blob"),
    (definitions.ValueMethod("sum", len), "the method `sum`"),
    (containers.LazyItems(iter(())), "an iterator"),
    (containers.Indexed(lambda: 3, lambda x: x, 3), "a sequence"),
    (containers.DictView(DICT, "keys"), "the keys of a dict"),
    (containers.RangeValue(0, 3, 1), "a range"),
    (Host("self.tcp", {}, set()), "`self.tcp`, an object of the caller's"),
    (FramePath(ARRAY), "the path of a picture"),
    (Factory(list), "what makes a field's default"),
    (definitions.SuperValue(None, CLS), "super()"),
    (NotImplemented, "NotImplemented"),
    (np.zeros(3), "an array of float64 with shape (3,)"),
    (np.uint8(3), "a NumPy uint8"),
    (True, "a Python bool"),
    ("door", "text"),
    ((1,), "a tuple"),
    (None, "None"),
    (..., "`...`"),
    (np.uint8, "the type `uint8`"),
    (np.dtype("u1"), "a dtype"),
]


@pytest.mark.parametrize("value, words", SAID, ids=[words for _, words in SAID])
def test_a_value_is_described_in_the_words_of_users(value, words):
    assert describe(value).startswith(words)


def test_every_class_of_value_has_words():
    classes = {
        kind
        for module in (containers, definitions, tensors, values)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and not issubclass(kind, Exception)
    }
    assert classes <= {type(value) for value, _ in SAID}
    for value, _ in SAID:
        assert not any(f" {kind.__name__}" in describe(value) for kind in classes)
        assert describe(value) != "a value"


def test_every_refusal_says_what_to_write_instead():
    for path in ROOT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("refuse", "give_up"):
                continue
            passed_on = any(keyword.arg is None for keyword in node.keywords)
            fixed = any(keyword.arg == "fix" for keyword in node.keywords)
            assert fixed or passed_on, f"{path.name}:{node.lineno}"


FIXES = {
    "return a > 3 and a < 9": "JC404: write (a > 3) & (a < 9), then np.any(...) or np.all(...)",
    "return 3 < a < 9": "JC404: write (3 < a) & (a < 9), then np.any(...) or np.all(...)",
    "return np.linalg.norm(a, b) < 1": "JC404: write np.linalg.norm(a - b)",
    "return (1, 2) - (3, a[0, 0])": "JC404: make arrays: np.array(a) - np.array(b)",
    "return math.sqrt(a)": "JC404: use np.sqrt(x), or index one element",
    "return int(a)": "JC404: index one element: x[0], or convert all: x.astype(int)",
    "return float([1, a[0, 0]])": "JC408: index one element, or reduce it",
    "return a.count(3)": "JC409: count what is equal: (x == v).sum()",
    "return {'a': 1}['b']": "JC409: use one of its keys: 'a'; or give a default: d.get('b', 0)",
    "return a[0, 0, 0] > 1": "JC405: use 2 indices",
    "return (a + np.zeros((5, 3))).sum()": "JC405: slice or reshape both to one shape",
    "x, y, z = a[0, :2]\n    return x": "JC407: unpack into 2 names, or index it",
    "return np.zeros(int(a[0, 0])).sum()": "JC406: make it as long as it can get, and mask",
    "return float(10 ** 100)": "JC506: write a float: 1e100 or float('inf')",
    "return np.zeros((9999, 9999)).sum()": "JC507: make a smaller array",
    "return g(a[0, 0], 2)": "JC402: call it as g(x, *, y=1)",
    "return a.mean > 3": "JC404: call it",
    "return a": "JC605: reduce it: return mask.any(), mask.all() or x.sum()",
    "return {'near': a.sum()}": "JC605: return (number, dict)",
    "return h(a[0, 0])[0]": "JC401: return a tuple of one length on every path, or None",
}
PROGRAM = """\
import math
import numpy as np

def g(x, *, y=1):
    return x + y

def h(x):
    if x > 3:
        return (1, 2)
    return (1, 2, 3)

def f(a, b):
    {}
"""


@pytest.mark.parametrize("body", FIXES)
def test_the_fix_fits_the_mistake(body):
    shape = jax.ShapeDtypeStruct((4, 4), np.float32)
    found = check(PROGRAM.format(body), entry="f", inputs={"a": shape, "b": shape})
    assert len(found) == 1, [x.message for x in found]
    assert f"{found[0].code}: {found[0].fix}".startswith(FIXES[body])
    assert "`the" not in found[0].message


def test_what_the_entry_needs_is_said():
    (found,) = check("class A:\n    def _step(self, frame): return True", frame=FRAME)
    assert (found.code, found.fix) == ("JC601", "define one public method: def step(self, frame)")
    shape = jax.ShapeDtypeStruct((3,), np.float32)
    inputs = {"ee_pos": shape, "cube_pos": shape}
    found = check("def f(state): return True", inputs=inputs)[-1]
    assert found.fix == "take the fields themselves as parameters: def f(ee_pos, cube_pos)"


@pytest.mark.parametrize(
    "body",
    [
        "for i in range(9):\n        for j in range(9):\n            x = x + i\n    return x > 3",
        "x = sum(i for i in range(9) for j in range(9))\n    y = max(k for k in range(9))\n"
        "    return x > y",
    ],
)
def test_an_exceeded_limit_is_said_once(body):
    text = f"def f(frame):\n    x = 0\n    {body}"
    for limits in (Limits(loop_trips=20), Limits(equations=5)):
        with pytest.raises(Exception) as refused:
            compile_reward(text, frame=FRAME, limits=limits)
        codes = [x.code for x in refused.value.diagnostics]
        assert len(codes) == 1, codes


def test_a_fault_of_the_module_is_said_once():
    text = "X = (1, 2) - (3, 4)\ndef f(frame): return X\ndef g(frame): return X"
    assert [x.code for x in check(text, frame=FRAME)] == ["JC404"]
