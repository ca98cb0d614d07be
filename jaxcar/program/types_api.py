"""The types that programs may name, and the builtins that ask for a value's type."""

from __future__ import annotations

import collections
from typing import Any

import numpy as np

from jaxcar.program.bits import from_bit
from jaxcar.program.containers import DictValue, ListValue, Record, RecordType
from jaxcar.program.definitions import (
    BoundMethod,
    ClassValue,
    EnumMember,
    FunctionValue,
    Instance,
    LibraryName,
    ValueMethod,
)
from jaxcar.program.predicate import both
from jaxcar.program.registry import library
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.values import Inert, Optional, Text
from jaxcar.program.wording import describe


@library("builtins.callable")
def callable_(trace: Trace, x: Any) -> bool:
    """Tell whether a value can be called."""
    if isinstance(x, Instance):
        return "__call__" in x.cls.functions
    return isinstance(
        x, (RecordType, FunctionValue, BoundMethod, ValueMethod, LibraryName, type, ClassValue)
    )


@library("builtins.isinstance")
def is_instance(trace: Trace, x: Any, kind: Any) -> Any:
    """Tell whether a value is of a type; known while tracing."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    x = trace.narrow(x)
    if isinstance(x, Optional):
        return from_bit(both(x.some, truth_of(trace, is_instance(trace, x.value, kind))))
    if isinstance(x, Tensor) and x.mixed is not None:
        trace.refuse(
            "JC401",
            "whether this is a bool, an int or a float depends on the path",
            fix="make it one kind on every path, e.g. with float(...)",
        )
    return any(_is_of(trace, x, each) for each in kinds)


_PYTHON_KINDS: dict[str, tuple[type, ...]] = {"b": (bool, int), "i": (int,), "f": (float,)}


def _is_of(trace: Trace, x: Any, kind: Any) -> bool:
    if isinstance(x, Instance) or isinstance(kind, ClassValue):
        return isinstance(x, Instance) and x.cls.derives_from(kind)
    if isinstance(kind, RecordType):
        return isinstance(x, Record) and x.type is kind
    if not isinstance(kind, type):
        trace.refuse(
            "JC404",
            f"isinstance() needs a type, not {describe(kind)}: Python raises TypeError",
            fix="name a type: isinstance(x, (int, float))",
        )
    if isinstance(x, Tensor):
        if not isinstance(x.python, bool):
            trace.refuse(
                "JC401",
                "whether this is a Python or a NumPy number depends on the path",
                fix="make it one kind on every path, e.g. with float(...)",
            )
        if x.python:
            return kind in _PYTHON_KINDS[x.dtype.kind]
        sample = np.zeros(x.shape, x.dtype)
        return isinstance(sample if x.shape else sample[()], kind)
    if isinstance(x, (Selected, Window)):
        return issubclass(np.ndarray, kind)
    if isinstance(x, ListValue):
        return issubclass({"list": list, "tuple": tuple}.get(x.form, collections.deque), kind)
    if isinstance(x, DictValue):
        return issubclass(dict if x.form == "dict" else set, kind)
    if isinstance(x, (Text, Inert)):
        return issubclass(str, kind)
    if isinstance(x, (bool, int, float, str, tuple, np.generic, np.ndarray)) or x is None:
        return isinstance(x, kind)
    if isinstance(x, EnumMember):
        return False
    trace.refuse(
        "JC312",
        f"isinstance() of {describe(x)} is not supported yet",
        fix="leave the test out: the kinds of the inputs are known",
    )


TYPES: dict[str, type] = {
    **{"int": int, "float": float, "bool": bool, "str": str, "list": list, "tuple": tuple},
    **{"dict": dict, "set": set, "frozenset": frozenset},
}
