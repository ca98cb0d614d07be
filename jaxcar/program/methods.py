"""Attributes and methods of values: `mask.sum()`, `frame.shape`, `areas.append(x)`, `d.get(k)`."""

from __future__ import annotations

import collections
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxcar.program import array_methods, counters, deques, dicts, fixes, lists, ordering, sets
from jaxcar.program.containers import DictValue, ListValue, RangeValue
from jaxcar.program.definitions import ValueMethod
from jaxcar.program.formatting import format_braces
from jaxcar.program.host import Host, refuse_host
from jaxcar.program.iteration import iterate
from jaxcar.program.merge import collapsed, merge
from jaxcar.program.number_methods import of_number
from jaxcar.program.operators import binary
from jaxcar.program.predicate import literal
from jaxcar.program.reductions import reduction
from jaxcar.program.tensors import Selected, Tensor, Window, copied_window
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import INERT, Inert, Text, is_numeric, is_static, unwrap_static
from jaxcar.program.windows import refuse_window
from jaxcar.program.wording import describe

_ARRAY = array_methods.METHODS
_LIMITS = ("eps", "max", "min", "tiny", "smallest_normal", "resolution", "bits")
_REDUCTIONS = ("any", "all", "sum", "prod", "mean", "min", "max", "argmin", "argmax", "std", "var")


def attribute(trace: Trace, value: Any, name: str) -> Any:
    """Return a data attribute of an array, or a method of any value.

    Args:
        trace: the present tracing.
        value: the owner.
        name: the attribute's name.

    Returns:
        The attribute's value, or a `ValueMethod`.
    """
    if isinstance(value, (np.finfo, np.iinfo)) and name in _LIMITS:
        return getattr(value, name)
    number = of_number(trace, value, name)
    if number is not None:
        return _bind(name, number, trace, value)
    if isinstance(value, (Tensor, np.ndarray, np.generic, Selected)):
        python = isinstance(value, Tensor) and value.python is not False
        if not python:
            return _array_attribute(trace, value, name)
    if isinstance(value, ListValue) and value.form == "deque" and name == "maxlen":
        return value.maxlen
    if isinstance(value, (slice, RangeValue)) and name in ("start", "stop", "step"):
        return getattr(value, name)
    methods = _methods_of(value)
    if name in methods:
        return _bind(name, methods[name], trace, value)
    if isinstance(value, Window):
        return _window_attribute(trace, value, name)
    if isinstance(value, Host):
        refuse_host(trace, value)
    if hasattr(_python_type(value), name):
        trace.refuse(
            "JC312",
            f"`.{name}` of {describe(value)} is not supported yet",
            fix=fixes.for_attribute(value, name),
        )
    trace.refuse(
        "JC409",
        f"{describe(value)} has no attribute `{name}`: Python raises AttributeError",
        fix=fixes.for_attribute(value, name),
    )


def _python_type(value: Any) -> type:
    """Return CPython's type of a value, as far as it has methods that the language may lack."""
    if isinstance(value, ListValue):
        return {"deque": collections.deque, "tuple": tuple}.get(value.form, list)
    if isinstance(value, DictValue):
        return set if value.form == "set" else dict
    if isinstance(value, tuple):
        return tuple
    if isinstance(value, Tensor):
        return type(value.dtype.type(0).item()) if value.python is True else value.dtype.type
    if isinstance(value, (str, Text, Inert)):
        return str
    return type(value) if is_numeric(value) else object


def _methods_of(value: Any) -> dict[str, Callable[..., Any]]:
    if isinstance(value, ListValue):
        return _OF_LISTS[value.form]
    if isinstance(value, DictValue):
        if value.default is collections.Counter:
            return counters.METHODS
        return sets.METHODS if value.form == "set" else dicts.METHODS
    if isinstance(value, tuple):
        return lists.TUPLE_METHODS
    return _TEXT if isinstance(value, (str, Text, Inert)) else {}


def _window_attribute(trace: Trace, value: Window, name: str) -> Any:
    """Return an attribute of a part between run-time bounds."""
    if name == "shape":
        return value.counts
    if name == "size":
        return functools.reduce(lambda a, b: binary(trace, "multiply", a, b), value.counts)
    if name in ("ndim", "dtype"):
        return getattr(value.values, name)
    if name in _REDUCTIONS:
        return ValueMethod(name, functools.partial(_reduce, trace, name, value))
    if name == "astype":
        return ValueMethod(name, lambda dtype: array_methods.astype(trace, value, dtype))
    if name == "copy":
        return ValueMethod(name, lambda: copied_window(value, value.values))
    return refuse_window(trace, f"`.{name}`")


def _bind(name: str, function: Callable[..., Any], trace: Trace, owner: Any) -> ValueMethod:
    return ValueMethod(name, functools.partial(function, trace, owner))


def _array_attribute(trace: Trace, value: Any, name: str) -> Any:
    if name in ("shape", "size", "ndim", "dtype", "T"):
        return _array_data(trace, value, name)
    if name in _ARRAY:
        return ValueMethod(name, array_methods.method(trace, value, name))
    trace.refuse(
        "JC409",
        f"{describe(value)} has no attribute `{name}`: Python raises AttributeError",
        fix=fixes.for_attribute(value, name),
    )


def _array_data(trace: Trace, value: Any, name: str) -> Any:
    if isinstance(value, Selected):
        rest = value.values.shape[1:]
        if name == "shape":
            return (value.count(), *rest)
        if name == "size":
            return ufunc(trace, "multiply", value.count(), int(np.prod(rest)))
        if name in ("ndim", "dtype"):
            return value.values.ndim if name == "ndim" else value.values.dtype
        trace.refuse(
            "JC312",
            "transposing an array of run-time length is not supported yet",
            fix="take its columns: points[:, 0], points[:, 1]",
        )
    if not isinstance(value, Tensor):
        return getattr(value, name)
    if name == "shape":
        return value.shape
    if name == "size":
        return int(np.prod(value.shape))
    if name == "ndim":
        return value.ndim
    return value.dtype if name == "dtype" else array_methods.transpose(trace, value)


def _reduce(
    trace: Trace,
    name: str,
    value: Any,
    axis: Any = None,
    *,
    keepdims: Any = False,
    ddof: Any = 0,
) -> Any:
    if ddof != 0 and name not in ("std", "var"):
        trace.refuse(
            "JC402", f"`{name}` takes no ddof: NumPy raises TypeError", fix="leave ddof out"
        )
    return reduction(trace, name, value, axis, keepdims, ddof)


def _sort_list(trace: Trace, value: ListValue, *, key: Any = None, reverse: Any = False) -> None:
    lists.check_unfrozen(trace, value)
    made = ordering.sorted_list(trace, value, key, reverse)
    if trace.path is True or lists.everywhere(trace, value):
        if made.rows is not None:
            value.rows = made.rows
        else:
            value.items = made.items
        return
    joined = collapsed(merge(trace.path, made, lists.copy(trace, value)))
    if joined.rows is not None:
        value.rows = joined.rows
    else:
        value.items = joined.items


_OF_LISTS: dict[str, dict[str, Callable[..., Any]]] = {
    "list": {**lists.METHODS, "sort": _sort_list},
    "deque": deques.METHODS,
    "tuple": lists.TUPLE_METHODS,
}


def _on_text(name: str) -> Callable[..., Any]:
    def method(trace: Trace, value: Any, *arguments: Any) -> Any:
        """Apply the method of known text to known text; other text is only ever printed."""
        wide = _may_grow(trace, value, name, arguments)
        if isinstance(value, str) and is_static(arguments) and not wide:
            try:
                made = getattr(value, name)(*unwrap_static(arguments))
            except (TypeError, ValueError) as error:
                trace.refuse(
                    "JC404",
                    f"`.{name}` of text: Python raises {type(error).__name__}: "
                    f"{str(error).splitlines()[0]}",
                    fix="give it text, as in x.split(','), or leave it out",
                )
            return ListValue(made, trace.path) if isinstance(made, list) else made
        if name in ("startswith", "endswith") or isinstance(value, Text):
            if isinstance(value, Text) and is_static(arguments):
                options = [getattr(str(option), name)(*arguments) for option in value.options]
                made = options[0]
                for place, option in enumerate(options[1:], start=1):
                    made = merge(literal(value.index == place), option, made)
                return made
            trace.refuse(
                "JC410",
                f"`.{name}` of text that is made from run-time values",
                fix="compare the values themselves, or use one of a few constant strings",
            )
        return INERT

    return method


_TEXT: dict[str, Callable[..., Any]] = {
    name: _on_text(name)
    for name in (
        *("lower", "upper", "strip", "startswith", "endswith", "split", "replace"),
        "title",
    )
}


def _may_grow(trace: Trace, value: Any, name: str, arguments: tuple[Any, ...]) -> bool:
    """Tell whether a method of text could make more of it than the limits allow."""
    if not isinstance(value, str) or name != "replace":
        return False
    longest = max((len(str(x)) for x in arguments if isinstance(x, str)), default=1)
    return (len(value) + 1) * max(longest, 1) > trace.limits.source_bytes


def _join_text(trace: Trace, value: Any, parts: Any) -> Any:
    known = isinstance(parts, (ListValue, tuple)) and is_static(parts) and isinstance(value, str)
    words = list(unwrap_static(parts)) if known else []
    if not known or not all(isinstance(word, str) for word in words):
        # It is gone through as CPython does: an element that is no text raises, and may itself.
        for bit, part in iterate(trace, parts):
            with trace.under(bit):
                if trace.path is False:
                    continue
                word = trace.present(trace.settle(part))
                if not isinstance(word, (str, Text, Inert)):
                    trace.refuse(
                        "JC404",
                        f"join is given {describe(word)}, not text: Python raises TypeError",
                        fix="make text of each: ', '.join(str(x) for x in xs)",
                    )
        return INERT
    size = sum(map(len, words)) + len(value) * len(words)
    return value.join(words) if size <= trace.limits.source_bytes else INERT


def _format_text(trace: Trace, value: Any, *arguments: Any, **named: Any) -> Any:
    return format_braces(trace, value, arguments, named)


_TEXT |= {"join": _join_text, "format": _format_text}
