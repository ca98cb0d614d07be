"""A value of a program in a few words, where everything is known: for `jaxcar explain`.

The values are those of `jaxcar.program.values` with concrete arrays inside. Numbers have six
digits, arrays their dtype and shape with their elements or their extremes, and the first elements
of a collection stand for all of them.
"""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from jaxcar.program.containers import DictValue, DictView, ListValue, RangeValue, Record, RecordType
from jaxcar.program.definitions import (
    BoundMethod,
    ClassValue,
    EnumMember,
    FunctionValue,
    Instance,
    LibraryName,
    LibraryObject,
    ValueMethod,
)
from jaxcar.program.predicate import Bit, traced
from jaxcar.program.rows import row_at
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.values import (
    UNSET,
    Choice,
    Conflict,
    Inert,
    Maybe,
    Optional,
    Pending,
    Text,
    Unset,
)

_ELEMENTS = 8
_LONGEST = 160
_DEPTH = 3
# Of these dtypes Python's own numbers are: they go without saying.
_PLAIN = ("bool", "int64", "float64")


def shown(value: Any) -> str:
    """Return a value in a few words.

    Args:
        value: what an expression of a program gave, without tracers.

    Returns:
        One line of at most 160 characters.

    Raises:
        jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError: something in it
            is being traced.

    Example:
        >>> shown((1, 2.5, np.zeros((64, 64), np.uint8)))
        '(1, 2.5, uint8[64, 64] all 0)'
    """
    text = _shown(settled(value), 0)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def settled(value: Any) -> Any:
    """Return the one of several possible values that is the case here, or UNSET."""
    while True:
        if isinstance(value, Pending):
            if value.path is None:
                value = value.joined
            else:
                value = value.new if _holds(value.path) else value.old
        elif isinstance(value, Maybe):
            value = value.value if _holds(value.defined) else UNSET
        elif isinstance(value, Optional):
            value = value.value if _holds(value.some) else None
        elif isinstance(value, Choice):
            value = next(option for bit, option in value.options if _holds(bit))
        elif isinstance(value, Text):
            value = value.options[int(value.index)]
        else:
            return value


def _holds(bit: Bit) -> bool:
    return bool(traced(bit))


def _shown(value: Any, depth: int) -> str:
    value = settled(value)
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return array_text(np.asarray(value))
    if isinstance(value, (bool, int, float)):
        return number_text(value)
    if isinstance(value, Selected):
        return array_text(_numpy(value.values)[np.asarray(value.mask)])
    if isinstance(value, Window):
        return array_text(_window(value))
    if isinstance(value, (ListValue, DictValue, Instance, LibraryObject, tuple)):
        return _collection(value, depth + 1) if depth < _DEPTH else "..."
    return _named(value)


def _named(value: Any) -> str:
    """Return what is no number, array or collection by its name."""
    if isinstance(value, EnumMember):
        return f"{value.owner}.{value.name}"
    if isinstance(value, (FunctionValue, BoundMethod, ValueMethod)):
        function = value.function if isinstance(value, BoundMethod) else value
        return f"<function {function.name}>"
    if isinstance(value, (ClassValue, RecordType)):
        name = value.node.name if isinstance(value, ClassValue) else value.name
        return f"<class {name}>"
    if isinstance(value, LibraryName):
        return value.path
    if isinstance(value, RangeValue):
        parts = [_shown(part, 0) for part in (value.start, value.stop, value.step)]
        return f"range({', '.join(parts)})"
    if isinstance(value, DictView):
        return f"{_shown(value.owner, 1)}.{value.form}()"
    if isinstance(value, (str, type(None), slice, np.dtype)):
        return repr(value)
    words = {Unset: "<no value>", Inert: "<text>", Conflict: "<no value>"}
    return words.get(type(value), f"<{type(value).__name__}>")


def number_text(value: float) -> str:
    """Return a Python number with six digits; floats look like floats.

    Example:
        >>> number_text(2.0), number_text(1 / 3), number_text(7), number_text(True)
        ('2.0', '0.333333', '7', 'True')
    """
    if not isinstance(value, float):
        text = str(value)
        return text if len(text) <= 24 else f"{text[:10]}...{text[-4:]}"
    text = f"{value:.6g}"
    return text if not text.lstrip("-").isdigit() else f"{text}.0"


def array_text(array: np.ndarray) -> str:
    """Return an array's dtype and shape with its elements, or what they are like.

    Example:
        >>> array_text(np.arange(3)), array_text(np.eye(8, dtype=bool))
        ('int64[3] [0, 1, 2]', 'bool[8, 8] 8 of 64 true')
        >>> array_text(np.float32(0.5)), array_text(np.linspace(0, 1, 11))
        ('float32 0.5', 'float64[11] 0.0 to 1.0, mean 0.5')
    """
    if array.ndim == 0:
        text = number_text(array.item())
        return text if array.dtype.name in _PLAIN else f"{array.dtype.name} {text}"
    head = f"{array.dtype.name}[{', '.join(map(str, array.shape))}]"
    if array.size <= _ELEMENTS:
        return f"{head} {_nested(array.tolist())}" if array.size else f"{head} empty"
    if array.dtype == bool:
        return f"{head} {np.count_nonzero(array)} of {array.size} true"
    return f"{head} {_extremes(array)}"


def _extremes(array: np.ndarray) -> str:
    missing = np.isnan(array)
    count = int(np.count_nonzero(missing))
    if count == array.size:
        return "all nan"
    there = array[~missing]
    low, high = (number_text(x.item()) for x in (there.min(), there.max()))
    with np.errstate(over="ignore", invalid="ignore"):
        mean = number_text(float(there.mean(dtype=np.float64)))
    text = f"all {low}" if low == high else f"{low} to {high}, mean {mean}"
    return f"{text}, {count} of {array.size} nan" if count else text


def _nested(items: Any) -> str:
    if not isinstance(items, list):
        return number_text(items)
    return f"[{', '.join(map(_nested, items))}]"


def _numpy(value: Tensor) -> np.ndarray:
    return np.asarray(value.value).astype(value.dtype)


def _tensor(value: Tensor) -> str:
    if value.ndim == 0 and _holds(value.python):
        return number_text(np.asarray(value.value).item())
    return array_text(_numpy(value))


def _window(value: Window) -> np.ndarray:
    masks = [
        np.ones(size, bool) if mask is None else np.asarray(mask)
        for size, mask in zip(value.values.shape, value.masks, strict=False)
    ]
    return _numpy(value.values)[np.ix_(*masks)]


def fields(value: Instance) -> dict[str, str]:
    """Return the fields of an object, those that are set, in a few words each.

    Args:
        value: the object.

    Returns:
        Field to text, in the order in which the object holds them.
    """
    there = {name: settled(field) for name, field in value.fields.items()}
    return {name: shown(v) for name, v in there.items() if not isinstance(v, Unset)}


def _collection(value: Any, depth: int) -> str:
    if isinstance(value, Instance):
        there = {name: settled(field) for name, field in value.fields.items()}
        parts = [f"{k}={_shown(v, depth)}" for k, v in there.items() if not isinstance(v, Unset)]
        return f"{value.cls.node.name}({_joined(parts)})"
    if isinstance(value, LibraryObject):
        parts = [f"{k}={_shown(value.fields[k], depth)}" for k in value.type.compared]
        return f"{value.type.name}({_joined(parts)})"
    if isinstance(value, Record):
        pairs = zip(value.type.fields, value, strict=True)
        return f"{value.type.name}({_joined([f'{k}={_shown(v, depth)}' for k, v in pairs])})"
    if isinstance(value, DictValue):
        return _dict(value, depth)
    if isinstance(value, tuple):
        parts = [_shown(item, depth) for item in value[: _ELEMENTS + 1]]
        return f"({parts[0]},)" if len(value) == 1 else f"({_joined(parts, len(value))})"
    items, size = _items(value)
    inside = _joined([_shown(item, depth) for item in items], size)
    if value.form == "tuple":
        return f"({inside}{',' if size == 1 else ''})"
    text = f"[{inside}]"
    if value.form != "deque":
        return text
    return f"deque({text}{'' if value.maxlen is None else f', maxlen={value.maxlen}'})"


def _items(value: ListValue | DictValue) -> tuple[list[Any], int]:
    """Return the first elements of a list, or of rows, and how many there are."""
    if value.rows is not None:
        size = int(value.rows.length.value)
        return [row_at(value.rows, i) for i in range(min(size, _ELEMENTS + 1))], size
    assert isinstance(value, ListValue)
    return value.items[: _ELEMENTS + 1], len(value.items)


def _dict(value: DictValue, depth: int) -> str:
    if value.rows is not None:
        items, size = _items(value)
    else:
        there = [(key, settled(entry)) for key, entry in value.entries.items()]
        there = [(key, entry) for key, entry in there if not isinstance(entry, Unset)]
        size = len(there)
        items = [key if value.form == "set" else (key, entry) for key, entry in there]
    items = items[: _ELEMENTS + 1]
    if value.form == "set":
        parts = [_shown(item, depth) for item in items]
        return f"{{{_joined(parts, size)}}}" if parts else "set()"
    parts = [f"{_shown(key, depth)}: {_shown(entry, depth)}" for key, entry in items]
    return f"{{{_joined(parts, size)}}}"


def _joined(parts: list[str], size: int | None = None) -> str:
    """Return the first parts; how many there are in all where some are left out."""
    size = len(parts) if size is None else size
    if size <= _ELEMENTS:
        return ", ".join(parts)
    return f"{', '.join(parts[:_ELEMENTS])}, ... {size} in all"


# What `shown` raises inside a function that JAX is tracing.
TRACED = (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError)
