"""The kinds of value in the words that diagnostics use."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxcar.program.containers import (
    DictValue,
    DictView,
    Indexed,
    LazyItems,
    ListValue,
    RangeValue,
    Record,
    RecordType,
    Rows,
)
from jaxcar.program.definitions import (
    Auto,
    BoundMethod,
    ClassValue,
    EnumMember,
    Factory,
    FunctionValue,
    Instance,
    LibraryName,
    LibraryObject,
    LibraryType,
    SuperValue,
    ValueMethod,
)
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.values import (
    Choice,
    Conflict,
    Inert,
    Maybe,
    Optional,
    Pending,
    Poison,
    Text,
    Unset,
)

# What a program writes for an operation that is named by its NumPy ufunc.
SYMBOLS: dict[str, str] = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "true_divide": "/",
    "floor_divide": "//",
    "remainder": "%",
    "power": "**",
    "matmul": "@",
    "bitwise_and": "&",
    "bitwise_or": "|",
    "bitwise_xor": "^",
    "left_shift": "<<",
    "right_shift": ">>",
    "invert": "~",
    "negative": "-",
    "positive": "+",
    "equal": "==",
    "not_equal": "!=",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
}


def describe(value: Any) -> str:
    """Return the kind of a value in the words that diagnostics use."""
    for kind, words in _WORDS:
        if isinstance(value, kind):
            return words if isinstance(words, str) else words(value)
    return _of_the_caller(value)


def undefined(what: str, *values: Any) -> str:
    """Say that Python does not define something for these values.

    Args:
        what: an operator's ufunc, or the words for what is asked.
        *values: the operands.
    """
    shown = f"`{SYMBOLS[what]}`" if what in SYMBOLS else what
    kinds = " and ".join(describe(value) for value in values)
    return f"{shown} is not defined for {kinds}: Python raises TypeError"


def _of_the_caller(value: Any) -> str:
    """Describe what the modules define that themselves use this one."""
    from jaxcar.program.host import Host
    from jaxcar.program.opencv_api import FramePath

    if isinstance(value, Host):
        return f"`{value.path}`, an object of the caller's"
    if isinstance(value, FramePath):
        return "the path of a picture"
    return "a value"


def _tensor(value: Tensor) -> str:
    if value.python is True:
        return f"a Python {_PYTHON_NAMES[value.dtype.kind]}"
    if value.ndim == 0:
        return f"a NumPy {value.dtype}"
    return f"an array of {value.dtype} with shape {value.shape}"


_PYTHON_NAMES = {"b": "bool", "i": "int", "f": "float"}


def _choice(value: Choice) -> str:
    return " or ".join(dict.fromkeys(describe(option) for _, option in value.options))


def _list(value: ListValue) -> str:
    return f"a {value.form}" if value.rows is None else f"a {value.form} of run-time length"


def _dict(value: DictValue) -> str:
    return "a Counter" if value.default is collections.Counter else f"a {value.form}"


def _function(value: FunctionValue) -> str:
    return "a lambda" if value.name == "<lambda>" else f"the function `{value.name}`"


def _text(value: Text) -> str:
    member = isinstance(value.options[0], EnumMember)
    return f"a member of `{value.options[0].owner}`" if member else "text"


_WORDS: tuple[tuple[Any, str | Callable[[Any], str]], ...] = (
    (Tensor, _tensor),
    (type(None), "None"),
    (np.generic, lambda x: f"a NumPy {x.dtype}"),
    (bool, "a Python bool"),
    (int, "a Python int"),
    (float, "a Python float"),
    (np.ndarray, lambda x: f"an array of {x.dtype} with shape {x.shape}"),
    (Selected, lambda x: f"an array of {x.values.dtype} of run-time length"),
    (Window, lambda x: f"a part of an array of {x.values.dtype} between run-time bounds"),
    (Optional, lambda x: f"{describe(x.value)} or None"),
    (Maybe, lambda x: f"{describe(x.value)} that has a value on some paths only"),
    (Choice, _choice),
    (Text, _text),
    ((str, Inert), "text"),
    (Record, lambda x: f"a namedtuple `{x.type.name}`"),
    (tuple, "a tuple"),
    (ListValue, _list),
    (DictValue, _dict),
    (Rows, "elements whose number depends on the frame"),
    (RangeValue, "a range"),
    (LazyItems, "an iterator"),
    (Indexed, "a sequence"),
    (DictView, lambda x: f"the {x.form} of a dict"),
    (FunctionValue, _function),
    (BoundMethod, lambda x: f"the method `{x.function.name}`"),
    (ValueMethod, lambda x: f"the method `{x.name}`"),
    (LibraryType, lambda x: f"the class `{x.name}`"),
    (LibraryObject, lambda x: f"a {x.type.name}"),
    (LibraryName, lambda x: f"`{x.path.removeprefix('builtins.')}`"),
    (ClassValue, lambda x: f"the class `{x.node.name}`"),
    (RecordType, lambda x: f"the namedtuple class `{x.name}`"),
    (Instance, lambda x: f"an object of `{x.cls.node.name}`"),
    (EnumMember, lambda x: f"the enum member `{x.owner}.{x.name}`"),
    (Auto, "enum.auto()"),
    (Factory, "what makes a field's default"),
    (SuperValue, "super()"),
    (type(NotImplemented), "NotImplemented"),
    (Pending, "a value that depends on the path"),
    (Conflict, "a value whose kind depends on the path"),
    (Unset, "no value"),
    (Poison, "what was refused before"),
    (slice, "a slice"),
    (type(Ellipsis), "`...`"),
    (np.dtype, "a dtype"),
    (type, lambda x: f"the type `{x.__name__}`"),
    ((np.finfo, np.iinfo), "the limits of a type"),
)
