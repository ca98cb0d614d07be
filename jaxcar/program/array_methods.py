"""Methods of arrays: `mask.sum()`, `frame.astype(int)`, `x.reshape(4, -1)`, `x.sort()`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxcar.program import (
    array_shapes,
    construction,
    fixes,
    linear_algebra,
    numpy_api,
    picking,
    rearranging,
    running,
    searching,
    sorting,
    totals,
)
from jaxcar.program.casting import cast
from jaxcar.program.columns import of_array
from jaxcar.program.containers import ListValue
from jaxcar.program.indexing import get_item
from jaxcar.program.layout import lay_in_rows
from jaxcar.program.tensors import Selected, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe
from jaxcar.program.writing import overwrite


def astype(trace: Trace, value: Any, dtype: Any, *, copy: Any = True) -> Any:
    """Convert to a dtype."""
    return construction.astype(trace, value, construction.dtype_of(trace, dtype, None))


def _copy(trace: Trace, value: Any) -> Any:
    made = construction.copied(value)
    if isinstance(made, Tensor):
        lay_in_rows(made)
    return made


def _several(arguments: tuple[Any, ...]) -> Any:
    """Return the sizes or axes given one by one, or as one sequence."""
    one = len(arguments) == 1 and isinstance(arguments[0], (tuple, ListValue))
    return arguments[0] if one else arguments


def _reshape(trace: Trace, value: Any, *shape: Any) -> Any:
    sizes = _several(shape)
    if not is_static(sizes):
        trace.refuse(
            "JC406", "the shape of an array must be known before run time", fix=fixes.LONGEST
        )
    return array_shapes.reshape(trace, value, sizes)


def _flatten(trace: Trace, value: Any) -> Any:
    return _copy(trace, array_shapes.ravel(trace, value))


def transpose(trace: Trace, value: Any, *axes: Any) -> Any:
    """Reverse the axes, or put them in another order."""
    order = _several(axes)
    if not is_static(order) or isinstance(value, Selected):
        trace.refuse(
            "JC406", "the order of axes must be known before run time", fix=fixes.AXIS_CONSTANT
        )
    return array_shapes.transpose(trace, value, order if order != () else None)


def _item(trace: Trace, value: Any, *index: Any) -> Any:
    if index:
        value = get_item(trace, value, index[0] if len(index) == 1 else tuple(index))
    if not isinstance(value, (Tensor, np.ndarray, np.generic)):
        trace.refuse(
            "JC409",
            f"item() of {describe(value)}: Python raises AttributeError",
            fix="index one element: x[0]",
        )
    if np.size(linear_algebra.unwrap(value)) != 1:
        trace.refuse(
            "JC404",
            f"item() of {describe(value)}: NumPy raises ValueError",
            fix="index one element: x[0].item()",
        )
    return value.item() if not isinstance(value, Tensor) else _python_number(value)


def _python_number(value: Tensor) -> Tensor:
    kind = {"b": bool, "i": np.int64, "u": np.int64, "f": np.float64}[value.dtype.kind]
    return Tensor(value.value.reshape(()), np.dtype(kind), True, value.bounds)


def _tolist(trace: Trace, value: Any) -> Any:
    if isinstance(value, Selected) and value.values.ndim == 1:
        return ListValue([], trace.path, rows=of_array(value, python=True))
    if isinstance(value, Selected):
        trace.refuse(
            "JC312",
            "a list of lists of an array of run-time length is not supported yet",
            fix=fixes.SELECTED,
        )
    known = not isinstance(value, Tensor)
    size, limit = np.size(value) if known else value.value.size, trace.limits.loop_trips
    limit = trace.limits.list_capacity**2 if known else limit
    if size > limit:
        trace.refuse(
            "JC505",
            f"a list of {size:,} numbers is over the limit {limit:,}",
            fix="keep it an array, and work on whole arrays",
        )
    return _listed(trace, value.tolist()) if known else _nested(trace, value)


def _listed(trace: Trace, value: Any) -> Any:
    if isinstance(value, list):
        return trace.bounded(ListValue([_listed(trace, item) for item in value], trace.path))
    return value


def _nested(trace: Trace, value: Tensor) -> Any:
    if value.ndim == 0:
        return _python_number(value)
    rows = [Tensor(value.value[i], value.dtype, False, value.bounds) for i in range(value.shape[0])]
    return trace.bounded(ListValue([_nested(trace, row) for row in rows], trace.path))


def _sort(
    trace: Trace, value: Any, axis: Any = -1, kind: Any = None, *, stable: Any = None
) -> None:
    if isinstance(value, Selected) or not is_numeric(value) or as_tensor(value).ndim == 0:
        trace.refuse(
            "JC312",
            f"sorting {describe(value)} in place is not supported yet",
            fix="write x = np.sort(x)",
        )
    if axis is None:
        trace.refuse("JC403", "x.sort() takes one axis", fix="write x = np.sort(x, axis=None)")
    overwrite(trace, value, as_tensor(sorting.sort(trace, value, axis, kind, stable=stable)))


def _fill(trace: Trace, value: Any, number: Any) -> None:
    number = trace.present(number)
    if (
        isinstance(value, Selected)
        or not is_numeric(number)
        or np.ndim(linear_algebra.unwrap(number))
    ):
        trace.refuse(
            "JC312" if isinstance(value, Selected) else "JC404",
            f"{describe(value)} is filled with {describe(number)}",
            fix="fill it with one number: x.fill(0)",
        )
    dtype = as_tensor(value).dtype
    given = as_tensor(number)
    known = is_static(number) and number == cast(trace, number, dtype)
    if not known and not np.can_cast(given.dtype, dtype, "same_kind"):
        trace.refuse(
            "JC403", f"{describe(value)} is filled with {describe(number)}", fix="convert it first"
        )
    overwrite(trace, value, as_tensor(cast(trace, number, dtype)))


def _searchsorted(trace: Trace, value: Any, v: Any, side: Any = "left") -> Any:
    return searching.searchsorted(trace, value, v, side)


def _compress(trace: Trace, value: Any, condition: Any) -> Any:
    return picking.compress(trace, condition, value)


def _running(name: str) -> Callable[..., Any]:
    def total(
        trace: Trace, value: Any, axis: Any = None, dtype: Any = None, out: Any = None
    ) -> Any:
        totals.no_out(trace, out)
        return running.running(trace, name, value, axis, dtype)

    return total


def _clip(
    trace: Trace,
    value: Any,
    min: Any = None,
    max: Any = None,
    out: Any = None,
) -> Any:
    return numpy_api.clip(trace, value, min, max, out)


def _conjugate(trace: Trace, value: Any) -> Any:
    return construction.copied(value)


METHODS: dict[str, Callable[..., Any]] = {
    **totals.REDUCTIONS,
    "argsort": sorting.argsort,
    "astype": astype,
    "clip": _clip,
    "compress": _compress,
    "conj": _conjugate,
    "conjugate": _conjugate,
    "copy": _copy,
    "cumprod": _running("cumprod"),
    "cumsum": _running("cumsum"),
    "diagonal": rearranging.diagonal,
    "dot": linear_algebra.dot,
    "fill": _fill,
    "flatten": _flatten,
    "item": _item,
    "nonzero": searching.nonzero,
    "ravel": array_shapes.ravel,
    "repeat": rearranging.repeat,
    "reshape": _reshape,
    "round": numpy_api.round_,
    "searchsorted": _searchsorted,
    "sort": _sort,
    "squeeze": array_shapes.squeeze,
    "swapaxes": array_shapes.swapaxes,
    "take": picking.take,
    "tolist": _tolist,
    "trace": linear_algebra.trace_,
    "transpose": transpose,
}


def method(trace: Trace, value: Any, name: str) -> Callable[..., Any]:
    """Return a method bound to an array: a function of the method's arguments."""
    return functools.partial(METHODS[name], trace, value)
