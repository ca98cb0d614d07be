"""Attributes and methods of values: `mask.sum()`, `frame.shape`, `areas.append(x)`, `d.get(k)`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import construction, numpy_api
from jaxcar.program.indexing import get_item
from jaxcar.program.merge import merge
from jaxcar.program.predicate import same
from jaxcar.program.reductions import reduction
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import (
    DictValue,
    DictView,
    ListValue,
    Maybe,
    Selected,
    Tensor,
    ValueMethod,
    is_static,
    share,
    unwrap_static,
)
from jaxcar.program.wording import describe

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
    if isinstance(value, (Tensor, np.ndarray, np.generic, Selected)):
        python = isinstance(value, Tensor) and value.python is not False
        if not python:
            return _array_attribute(trace, value, name)
    if isinstance(value, ListValue) and name in _LIST:
        return _bind(name, _LIST[name], trace, value)
    if isinstance(value, DictValue) and name in _DICT:
        return _bind(name, _DICT[name], trace, value)
    trace.refuse("JC409", f"{describe(value)} has no attribute `{name}`")


def _bind(name: str, function: Callable[..., Any], trace: Trace, owner: Any) -> ValueMethod:
    return ValueMethod(name, functools.partial(function, trace, owner))


def _array_attribute(trace: Trace, value: Any, name: str) -> Any:
    if name in ("shape", "size", "ndim", "dtype", "T"):
        return _array_data(trace, value, name)
    if name in _REDUCTIONS:
        return ValueMethod(name, functools.partial(_reduce, trace, name, value))
    if name in _ARRAY:
        return _bind(name, _ARRAY[name], trace, value)
    trace.refuse("JC409", f"{describe(value)} has no attribute `{name}`")


def _array_data(trace: Trace, value: Any, name: str) -> Any:
    if isinstance(value, Selected):
        rest = value.values.shape[1:]
        if name == "shape":
            return (value.count(), *rest)
        if name == "size":
            return ufunc(trace, "multiply", value.count(), int(np.prod(rest)))
        if name in ("ndim", "dtype"):
            return value.values.ndim if name == "ndim" else value.values.dtype
        trace.refuse("JC312", "transposing an array of run-time length is not supported yet")
    if not isinstance(value, Tensor):
        return getattr(value, name)
    if name == "shape":
        return value.shape
    if name == "size":
        return int(np.prod(value.shape))
    if name == "ndim":
        return value.ndim
    return value.dtype if name == "dtype" else _transpose(trace, value)


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
        trace.refuse("JC402", f"`{name}` takes no ddof")
    return reduction(trace, name, value, axis, keepdims, ddof)


def _astype(trace: Trace, value: Any, dtype: Any) -> Any:
    return construction.astype(trace, value, construction.dtype_of(trace, dtype, None))


def _copy(trace: Trace, value: Any) -> Any:
    return construction.copied(value)


def _reshape(trace: Trace, value: Any, *shape: Any) -> Any:
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, ListValue)) else shape
    if not is_static(sizes) or isinstance(value, Selected):
        trace.refuse("JC406", "the shape of an array must be known before run time")
    wanted = tuple(int(n) for n in unwrap_static(sizes))
    size = int(np.prod(np.shape(numpy_api.unwrap(value))))
    known = int(np.prod([n for n in wanted if n >= 0]))
    unknown = sum(n < 0 for n in wanted)
    fits = known == size if unknown == 0 else unknown == 1 and known > 0 and size % known == 0
    if not fits:
        trace.refuse("JC405", f"{describe(value)} cannot take the shape {wanted}")
    if not isinstance(value, Tensor):
        return value.reshape(wanted)
    result = Tensor(value.value.reshape(wanted), value.dtype, False, value.bounds)
    share(result, value)
    result.frozen = value.frozen
    return result


def _ravel(trace: Trace, value: Any) -> Any:
    if isinstance(value, Selected):
        if value.values.ndim == 1:
            return value
        trace.refuse("JC312", "flattening rows of run-time number is not supported yet")
    return _reshape(trace, value, -1)


def _flatten(trace: Trace, value: Any) -> Any:
    return _copy(trace, _ravel(trace, value))


def _nonzero(trace: Trace, value: Any) -> Any:
    return numpy_api.nonzero(trace, value)


def _item(trace: Trace, value: Any, *index: Any) -> Any:
    if index:
        value = get_item(trace, value, index[0] if len(index) == 1 else tuple(index))
    if not isinstance(value, (Tensor, np.ndarray, np.generic)):
        trace.refuse("JC404", f"item() of {describe(value)}")
    if np.size(numpy_api.unwrap(value)) != 1:
        trace.refuse("JC404", f"item() of {describe(value)}: NumPy raises ValueError")
    if not isinstance(value, Tensor):
        return value.item()
    kind = {"b": bool, "i": np.int64, "u": np.int64, "f": np.float64}[value.dtype.kind]
    return Tensor(value.value.reshape(()), np.dtype(kind), True, value.bounds)


def _clip(trace: Trace, value: Any, low: Any = None, high: Any = None) -> Any:
    return numpy_api.clip(trace, value, low, high)


def _round(trace: Trace, value: Any, decimals: Any = 0) -> Any:
    return numpy_api.round_(trace, value, decimals)


def _transpose(trace: Trace, value: Any, *axes: Any) -> Any:
    order = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, ListValue)) else axes
    if not is_static(order) or isinstance(value, Selected):
        trace.refuse("JC406", "the order of axes must be known before run time")
    wanted = tuple(unwrap_static(order)) or None
    if not isinstance(value, Tensor):
        return np.transpose(value, wanted)
    if wanted is not None and sorted(wanted) != list(range(value.ndim)):
        trace.refuse("JC405", f"{describe(value)} has no axes {wanted}")
    result = Tensor(jnp.transpose(value.value, wanted), value.dtype, False, value.bounds)
    share(result, value)
    result.frozen = value.frozen
    return result


def _dot(trace: Trace, value: Any, other: Any) -> Any:
    return numpy_api.dot(trace, value, other)


_ARRAY: dict[str, Callable[..., Any]] = {
    "astype": _astype,
    "clip": _clip,
    "copy": _copy,
    "dot": _dot,
    "flatten": _flatten,
    "item": _item,
    "nonzero": _nonzero,
    "ravel": _ravel,
    "reshape": _reshape,
    "round": _round,
    "transpose": _transpose,
}


def _append(trace: Trace, value: ListValue, item: Any) -> None:
    if value.frozen or not same(trace.path, value.born):
        trace.refuse(
            "JC312",
            "appending to a list on some paths only is not supported yet",
            fix="count or combine the values in variables instead of collecting them",
        )
    if len(value.items) >= trace.limits.list_capacity:
        trace.refuse("JC505", f"a list outgrows {trace.limits.list_capacity} items")
    value.items.append(item)
    trace.bounded(value)


def _copy_list(trace: Trace, value: ListValue) -> ListValue:
    return ListValue(list(value.items), trace.path)


def _get(trace: Trace, value: DictValue, key: Any, default: Any = None) -> Any:
    if not is_static(key):
        trace.refuse("JC406", "a dict key must be known before run time")
    entry = value.entries.get(unwrap_static(key), default)
    return merge(entry.defined, entry.value, default) if isinstance(entry, Maybe) else entry


def _keys(trace: Trace, value: DictValue) -> DictView:
    return DictView(value, "keys")


def _values(trace: Trace, value: DictValue) -> DictView:
    return DictView(value, "values")


def _items(trace: Trace, value: DictValue) -> DictView:
    return DictView(value, "items")


_LIST: dict[str, Callable[..., Any]] = {"append": _append, "copy": _copy_list}
_DICT: dict[str, Callable[..., Any]] = {
    "get": _get,
    "items": _items,
    "keys": _keys,
    "values": _values,
}
