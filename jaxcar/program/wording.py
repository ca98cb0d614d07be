"""The kinds of value in the words that diagnostics use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    pass
from jaxcar.program.values import (
    BoundMethod,
    ClassValue,
    DictValue,
    DictView,
    FunctionValue,
    Inert,
    Instance,
    LazyItems,
    LibraryName,
    ListValue,
    Optional,
    RangeValue,
    Selected,
    Tensor,
    Text,
    ValueMethod,
)


def describe(value: Any) -> str:
    """Return the kind of a value in the words that diagnostics use."""
    if isinstance(value, Optional):
        return f"{describe(value.value)} or None"
    if isinstance(value, Tensor):
        return _describe_tensor(value)
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    if isinstance(value, np.generic):
        return f"a NumPy {value.dtype}"
    if isinstance(value, Selected):
        return f"an array of {value.values.dtype} of run-time length"
    for kind, words in _WORDS:
        if isinstance(value, kind):
            return words
    return f"a {type(value).__name__}"


def _describe_tensor(value: Tensor) -> str:
    if value.python is True:
        return f"a Python {_PYTHON_NAMES[value.dtype.kind]}"
    if value.ndim == 0:
        return f"a NumPy {value.dtype}"
    return f"an array of {value.dtype} with shape {value.shape}"


_PYTHON_NAMES = {"b": "bool", "i": "int", "f": "float"}


_WORDS: tuple[tuple[Any, str], ...] = (
    (type(None), "None"),
    (bool, "a Python bool"),
    (int, "a Python int"),
    (float, "a Python float"),
    ((str, Text, Inert), "text"),
    (tuple, "a tuple"),
    (ListValue, "a list"),
    (DictValue, "a dict"),
    (RangeValue, "a range"),
    (LazyItems, "an iterator"),
    (DictView, "a view of a dict"),
    ((FunctionValue, BoundMethod, ValueMethod), "a function"),
    (LibraryName, "a library name"),
    (ClassValue, "a class"),
    (Instance, "an object"),
    (slice, "a slice"),
)
