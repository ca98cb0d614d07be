"""What diagnostics say to write instead: words that several share, or that fit the program."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np

from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import BoundMethod, ClassValue, FunctionValue, ValueMethod
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.values import Inert, Maybe, Text
from jaxcar.program.wording import SYMBOLS

NUMBERS = "give it numbers or an array: np.array(values), or index one element"
ELEMENT = "index one element, or reduce it: .any(), .max(), .sum()"
CONSTANT = "use a constant here, one that is the same on every frame"
AXIS = "use an axis that the array has: axis=0 is the first, axis=-1 the last"
AXIS_CONSTANT = "write a constant, e.g. axis=0, or leave it out"
OPTION = "leave this argument out"
NO_OUT = "leave `out=` out, and assign the result to a name"
SHAPES = "slice or reshape both to one shape, e.g. a[:n], b[:n] with a constant n"
LONGEST = "make it as long as it can get, and mask: np.arange(N) < n"
SELECTED = "keep the whole array and a mask: np.where(mask, a, 0), or reduce: a[mask].mean()"
COLUMN = "take one column first: points[:, 0]"
POSITIONS = "use the boolean mask itself: a[mask], np.where(mask, a, b)"
SMALLER = "make a smaller array"
FEWER = "make fewer of them"
WIDER = "convert first: x.astype(int) or x.astype(float)"
ARRAY = "make it an array first: x = np.array(values)"
WINDOW = "keep the whole array, and mask what lies outside: np.where(inside, a, 0)"
ONE_KIND = "keep elements of one kind, or one list for each kind"
COPY = "change a copy, or build the value anew"
BOUNDS = "use constant bounds without a step, e.g. x[1:4] or x[-3:]"
FLOAT_CONSTANT = "write a float: 1e100 or float('inf')"
SHORTER = (
    "write less out: whole arrays instead of loops over elements, shorter branches, one call of a "
    "helper whose result is kept"
)
NOT_EMPTY = "test that it is not empty first: if x.size > 0"

_OF_ARRAYS = {
    "append": "collect in a list: values = [], values.append(x); or np.append(x, value)",
    "extend": "collect in a list: values = [], values.extend(x); or np.concatenate([x, y])",
    "count": "count what is equal: (x == v).sum()",
    "index": "find the first that is equal: np.argmax(x == v)",
    "insert": "write np.insert(x, 0, value)",
    "remove": "select what stays: x[x != v]",
    "pop": "index the last element: x[-1]",
    "reverse": "write x[::-1]",
    "keys": "index the array: x[0]",
    "values": "index the array: x[0]",
    "items": "go through it with enumerate(x)",
    "get": "index the array: x[0]",
    "add": "add with x + y, or collect in a set",
    "join": "join text with ','.join(parts)",
    "numpy": "leave it out: it is an array already",
    "tolist": "leave it out: it is a number already",
    "length": "write len(x)",
    "is_integer": "compare each: x == np.floor(x)",
    "bit_length": "index one element: int(x[0]).bit_length()",
}
_OF_SETS = {"pop": "say which element: x = min(s), then s.remove(x); or keep a list"}
_OF_ONE = {
    "bit_length": "make it a Python int: int(x).bit_length()",
}
_OF_ANY_ARRAY = "use what arrays have, such as x.sum(), x.mean(), x.max(), x.shape, or a loop"
_OF_NUMBERS = "it is one number: use it as it is, or make an array: np.asarray(x)"
_IS_A_LIST = "make it an array first: np.array(values).{name}"


def for_attribute(value: Any, name: str) -> str:
    """Return what to write instead of an attribute or method that a value does not have."""
    array = isinstance(value, (Tensor, np.ndarray, np.generic, Selected, Window))
    if array and (np.ndim(getattr(value, "value", value)) or isinstance(value, (Selected, Window))):
        known = hasattr(np, name) and callable(getattr(np, name))
        plain = f"call NumPy's function: np.{name}(x)" if known else _OF_ANY_ARRAY
        return _OF_ARRAYS.get(name, plain)
    if array or isinstance(value, (bool, int, float)):
        return _OF_ONE.get(name, _OF_NUMBERS)
    if isinstance(value, (ListValue, tuple)):
        if hasattr(np.ndarray, name):
            return _IS_A_LIST.format(name=name)
        return "use len(x), x[i], a loop, sum(), min(), max() or sorted()"
    if isinstance(value, DictValue):
        read = f"read an entry: d[{name!r}]"
        return read if value.form == "dict" else _OF_SETS.get(name, "use `in`, len() or sorted()")
    if isinstance(value, (FunctionValue, BoundMethod, ValueMethod)):
        return "call it first: f(x)"
    if isinstance(value, (str, Text, Inert)):
        return "use lower(), upper(), strip(), split(), startswith() or endswith()"
    return "use the value itself, or index it"


def for_operands(name: str, a: Any, b: Any) -> str:
    """Return what to write instead of an operator that two values do not have."""
    symbol = SYMBOLS.get(name, name)
    if all(isinstance(x, (ListValue, tuple)) for x in (a, b)):
        return f"make arrays: np.array(a) {symbol} np.array(b)"
    if any(isinstance(x, (ListValue, tuple)) for x in (a, b)):
        return f"make an array of the sequence: np.array(a) {symbol} b; or index one element"
    if any(isinstance(x, (str, Text, Inert)) for x in (a, b)):
        return "write an f-string for text, and compute with numbers only"
    if any(isinstance(x, DictValue) for x in (a, b)):
        return f"read the entries: d['x'] {symbol} 1, or sum(d.values())"
    for called in (a, b):
        if isinstance(called, (FunctionValue, BoundMethod, ValueMethod)):
            function = called.function if isinstance(called, BoundMethod) else called
            return f"call it: {function.name}()"
    return "use numbers or arrays on both sides"


def for_key(owner: DictValue, key: Any) -> str:
    """Return what to write instead of reading a key that a dict does not have."""
    keys = [k for k, value in owner.entries.items() if not isinstance(value, Maybe)]
    shown = ", ".join(repr(k)[:20] for k in keys[:8]) + (", ..." if len(keys) > 8 else "")
    there = f"use one of its keys: {shown}; or " if keys else ""
    return f"{there}give a default: d.get({key!r}, 0)"


def for_method(method: ValueMethod) -> str:
    """Return how to call a method of a value."""
    shown = []
    for name, parameter in inspect.signature(method.call).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            shown.append("...")
        elif parameter.default is inspect.Parameter.empty:
            shown.append(name)
        elif isinstance(parameter.default, (bool, int, float, str, type(None))):
            shown.append(f"{name}={parameter.default!r}")
    return f"call it as x.{method.name}({', '.join(shown)})"


def signature(function: FunctionValue) -> str:
    """Return how to call a function of the program: its name and parameters."""
    node = function.node
    given = ast.unparse(node.args)
    if isinstance(node, ast.Lambda):
        return f"(lambda {given}: ...)({given})"
    first, _, rest = given.partition(", ")
    return f"{node.name}({rest if first in ('self', 'cls') else given})"


def names_of(cls: ClassValue) -> str:
    """Return what a class of the program has."""
    return ", ".join([*cls.constants, *cls.functions]) or "nothing"


_IN_NUMPY = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"}
_IN_NUMPY |= {"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "fsum": "sum"}
_IN_NUMPY |= {"dist": "linalg.norm"}


def for_number(name: str, array: bool) -> str:
    """Return what to write instead of a call that takes one number, given something else."""
    other = _IN_NUMPY.get(name.removeprefix("math."), name.removeprefix("math."))
    if array and name.startswith("math.") and hasattr(np, other.partition(".")[0]):
        return f"use np.{other}(x), or index one element"
    if array and name in ("int", "float"):
        return f"index one element: x[0], or convert all: x.astype({name})"
    return ELEMENT if array else "index one element, or reduce it: x[0], max(x), sum(x)"


def operands_of(node: ast.AST, symbol: str) -> str:
    """Return the operands of a call, `and`, `or` or comparison, joined by an operator."""
    pairs: list[str] = []
    if isinstance(node, ast.Call):
        pairs = [ast.unparse(argument) for argument in node.args[:2]]
    elif isinstance(node, ast.BoolOp):
        pairs = [f"({ast.unparse(value)})" for value in node.values]
    elif isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        parts = zip(sides, node.ops, node.comparators, strict=False)
        pairs = [f"({ast.unparse(ast.Compare(a, [op], [b]))})" for a, op, b in parts]
    words = f" {symbol} ".join(pairs)
    return words if 0 < len(words) <= 80 and len(pairs) > 1 else f"a {symbol} b"


def for_truth(node: ast.AST) -> str:
    """Return what to write instead of the truth of an array, which a node asks for."""
    if isinstance(node, ast.BoolOp) or (isinstance(node, ast.Compare) and len(node.ops) > 1):
        symbol = "|" if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) else "&"
        return f"write {operands_of(node, symbol)}, then np.any(...) or np.all(...)"
    if isinstance(node, ast.UnaryOp):
        return "write ~mask for each element, or not np.any(mask)"
    return "say np.any(...) or np.all(...)"


def for_error(error: Exception) -> str:
    """Return what to write instead of a call that NumPy itself refuses."""
    if isinstance(error, OverflowError):
        return "convert first: x.astype(int) or float(x)"
    if isinstance(error, IndexError):
        return "use a position that the array has: x[0], x[-1]"
    if isinstance(error, TypeError):
        return "give numbers and arrays of one kind, and the arguments that NumPy names"
    if "axis" in str(error) or "dimension" in str(error):
        return AXIS
    if any(word in str(error) for word in ("shape", "broadcast", "aligned", "size")):
        return SHAPES
    return "give values that NumPy's function takes"
