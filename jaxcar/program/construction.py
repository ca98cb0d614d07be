"""NumPy's names that make arrays: from sequences, filled, joined, evenly spaced."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import astype, cast, stack
from jaxcar.program.containers import ListValue
from jaxcar.program.layout import lies_in_rows
from jaxcar.program.registry import library
from jaxcar.program.tensors import Selected, Tensor, Window, as_tensor, copied_window, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold, ufunc
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe


def arrayed(trace: Trace, value: Any) -> Any:
    """Return a sequence as an array; numbers and arrays as they are."""
    value = trace.present(value)
    return stack(trace, value) if isinstance(value, (tuple, ListValue)) else value


def dtype_of(trace: Trace, value: Any, default: Any) -> np.dtype:
    """Return the dtype that a `dtype=` argument names."""
    if value is None:
        return np.dtype(default)
    named = isinstance(value, (str, np.dtype)) or any(value is kind for kind in (bool, int, float))
    if named or (isinstance(value, type) and issubclass(value, np.generic)):
        try:
            found = np.dtype(value)
        except (TypeError, ValueError) as error:
            trace.refuse(
                "JC404",
                f"{value!r} is not a dtype: NumPy raises {type(error).__name__}",
                fix="name one: np.uint8, np.int64, np.float32, np.float64 or bool",
            )
        if found.kind in "biuf" and found.itemsize <= 8 and found.isnative:
            return found
        trace.refuse(
            "JC403",
            f"the language has no dtype {found}",
            fix="name one: np.uint8, np.int64, np.float32, np.float64 or bool",
        )
    trace.refuse(
        "JC403",
        f"{describe(value)} is not a dtype",
        fix="name one: np.uint8, np.int64, np.float32, np.float64 or bool",
    )


def numpy_number(value: Any) -> Any:
    """Return a number as NumPy's, no longer Python's."""
    if isinstance(value, Tensor):
        return Tensor(value.value, value.dtype, False, value.bounds)
    return value


@library("numpy.array")
def array(trace: Trace, object: Any, dtype: Any = None, *, copy: Any = True) -> Any:
    """Make an array; a copy."""
    if copy is not True:
        trace.refuse("JC403", "np.array takes no `copy` here", fix="write np.asarray(x)")
    return asarray(trace, copied(object), dtype)


@library("numpy.asarray")
def asarray(trace: Trace, a: Any, dtype: Any = None) -> Any:
    """Make an array of numbers or sequences."""
    a = trace.present(a)
    wanted = None if dtype is None else dtype_of(trace, dtype, None)
    if isinstance(a, Selected):
        return a if wanted is None else astype(trace, a, wanted)
    made = stack(trace, a, wanted)
    if isinstance(made, (Selected, Window)):
        return made
    if isinstance(made, Tensor):
        return numpy_number(made) if made.python is not False else made
    return np.asarray(made)


def copied(value: Any) -> Any:
    """Return an array with memory of its own; other values as they are."""
    if isinstance(value, Tensor):
        return Tensor(value.value, value.dtype, value.python, value.bounds)
    if isinstance(value, Window):
        return copied_window(value, value.values)
    if isinstance(value, Selected):
        return dataclasses.replace(value, shared=False, lineage=object())
    return value.copy() if isinstance(value, np.ndarray) else value


def _shape(trace: Trace, shape: Any) -> tuple[int, ...]:
    shape = unwrap_static(shape) if is_static(shape) else shape
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in sizes):
        if is_static(shape):
            trace.refuse(
                "JC404",
                "an array's shape is not made of whole numbers >= 0: NumPy raises an exception",
                fix="write whole numbers: np.zeros(int(n)), np.zeros((3, 4))",
            )
        trace.refuse(
            "JC406",
            "an array's shape must be whole numbers known before run time",
            fix=fixes.LONGEST,
        )
    result = tuple(int(n) for n in sizes)
    check_size(trace, result)
    return result


def _filled(trace: Trace, shape: tuple[int, ...], value: Any, dtype: np.dtype) -> Any:
    if is_static(value):
        return fold(trace, np.full, shape, value, dtype)
    cell = as_tensor(cast(trace, value, dtype))
    return Tensor(jnp.broadcast_to(cell.value, shape), dtype, False, cell.bounds)


@library("numpy.zeros", "numpy.empty")
def zeros(trace: Trace, shape: Any, dtype: Any = None) -> Any:
    """Make an array of zeros."""
    return _filled(trace, _shape(trace, shape), 0, dtype_of(trace, dtype, float))


@library("numpy.ones")
def ones(trace: Trace, shape: Any, dtype: Any = None) -> Any:
    """Make an array of ones."""
    return _filled(trace, _shape(trace, shape), 1, dtype_of(trace, dtype, float))


@library("numpy.full")
def full(trace: Trace, shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Make an array filled with a value."""
    fill_value = trace.present(fill_value)
    return _filled(
        trace, _shape(trace, shape), fill_value, dtype_of(trace, dtype, _dtype(trace, fill_value))
    )


def _dtype(trace: Trace, value: Any) -> np.dtype:
    if not is_numeric(value):
        trace.refuse(
            "JC403",
            f"an array cannot be filled with {describe(value)}",
            fix="fill it with a number: np.full(shape, 0.0)",
        )
    return as_tensor(value).dtype


def _like(trace: Trace, x: Any, value: Any, dtype: Any) -> Any:
    x = arrayed(trace, x)
    if not is_numeric(x):
        trace.refuse("JC403", f"an array cannot be made like {describe(x)}", fix=fixes.ARRAY)
    model = as_tensor(x)
    made = _filled(trace, model.shape, value, dtype_of(trace, dtype, model.dtype))
    # NumPy's array lies in memory as the model does.
    apart = isinstance(made, np.ndarray) and not trace.known_arrays and not lies_in_rows(model)
    return as_tensor(made) if apart else made


@library("numpy.zeros_like")
def zeros_like(trace: Trace, a: Any, dtype: Any = None) -> Any:
    """Make zeros of the shape of a."""
    return _like(trace, a, 0, dtype)


@library("numpy.empty_like")
def empty_like(trace: Trace, prototype: Any, dtype: Any = None) -> Any:
    """Make zeros of the shape of an array."""
    return _like(trace, prototype, 0, dtype)


@library("numpy.ones_like")
def ones_like(trace: Trace, a: Any, dtype: Any = None) -> Any:
    """Make ones of the shape of a."""
    return _like(trace, a, 1, dtype)


@library("numpy.full_like")
def full_like(trace: Trace, a: Any, fill_value: Any, dtype: Any = None) -> Any:
    """Fill an array of the shape of a."""
    return _like(trace, a, trace.present(fill_value), dtype)


@library("numpy.arange")
def arange(trace: Trace, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Make evenly spaced numbers."""
    if not is_static((start, stop, step)):
        trace.refuse(
            "JC406",
            "the bounds of np.arange must be known before run time",
            fix="make it as long as it can get, and mask: np.arange(N) < n; or loop over range(n)",
        )
    first, last = (0, start) if stop is None else (start, stop)
    if not all(isinstance(x, (int, float, np.number)) for x in (first, last, step)) or step == 0:
        trace.refuse(
            "JC404",
            "np.arange takes numbers and a step other than 0: NumPy raises an exception",
            fix="count in whole steps: np.arange(0, 10, 2)",
        )
    if not all(math.isfinite(x) for x in (first, last, step)):
        trace.refuse(
            "JC404",
            "np.arange of infinity or nan: NumPy raises ValueError",
            fix="give finite bounds",
        )
    check_size(trace, (max(0, int((last - first) / step) + 1),))
    kind = None if dtype is None else dtype_of(trace, dtype, None)
    return fold(trace, np.arange, first, last, step, dtype=kind)


def _sample(number: Tensor) -> Any:
    """Return a number of the same type, Python's or NumPy's."""
    zero = number.dtype.type(0)
    return zero.item() if number.python is not False else zero


@library("numpy.linspace")
def linspace(
    trace: Trace,
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: Any = True,
    retstep: Any = False,
    dtype: Any = None,
) -> Any:
    """Make evenly spaced numbers between two, as `linspace` in NumPy's function_base.py."""
    start, stop = trace.present(start), trace.present(stop)
    if isinstance(num, int) and num < 0:
        trace.refuse(
            "JC404",
            f"np.linspace of {num} points: NumPy raises ValueError",
            fix="give a number of points that is not negative",
        )
    if not is_static((num, endpoint)) or not isinstance(num, int):
        trace.refuse(
            "JC406",
            "`num` and `endpoint` of np.linspace must be known before run time",
            fix="write the number of points: np.linspace(a, b, 50)",
        )
    if retstep is not False:
        trace.refuse("JC403", "np.linspace does not take `retstep` here", fix=fixes.OPTION)
    check_size(trace, (num,))
    kind = None if dtype is None else dtype_of(trace, dtype, None)
    if is_static((start, stop)):
        return fold(trace, np.linspace, start, stop, num, endpoint, dtype=kind)
    if not is_numeric(start) or not is_numeric(stop) or shape_of(start) or shape_of(stop):
        trace.refuse(
            "JC312",
            f"np.linspace from {describe(start)} to {describe(stop)} is not supported yet",
            fix="make the ends numbers: np.linspace(float(a), float(b), 50)",
        )
    first, last = (as_tensor(x) for x in (start, stop))
    made = np.linspace(_sample(first), _sample(last), 2).dtype
    if made == np.float16 or kind not in (None, made):
        trace.refuse(
            "JC403",
            f"np.linspace does not take dtype={kind or made} here",
            fix="leave the dtype out, and convert the result: .astype(np.float32)",
        )
    begin, end = (numpy_number(cast(trace, x, made)) for x in (first, last))
    division = num - 1 if endpoint else num
    places = np.arange(num, dtype=made)
    delta = ufunc(trace, "subtract", end, begin, library=True)
    if division <= 0:
        return ufunc(trace, "add", ufunc(trace, "multiply", places, delta), begin, library=True)
    step = as_tensor(ufunc(trace, "true_divide", delta, float(division), library=True))
    plain = as_tensor(ufunc(trace, "multiply", places, step, library=True)).value
    fine = ufunc(trace, "multiply", places / division, delta, library=True)
    scaled = Tensor(jnp.where(step.value == 0, as_tensor(fine).value, plain), made)
    result = as_tensor(ufunc(trace, "add", scaled, begin, library=True)).value
    if endpoint and num > 1:
        result = result.at[-1].set(end.value)
    return Tensor(result, made)


def _square(*sizes: Any, **options: Any) -> Any:
    given = [n for n in (*sizes[:2], *(options.get(name) for name in "NMn")) if n is not None]
    return (given[0], given[-1]) if given else ()


def _line(start: Any, stop: Any, num: Any = 50, *rest: Any, **options: Any) -> Any:
    return (num,)


def _grid(dimensions: Any, **options: Any) -> Any:
    return (len(dimensions), *dimensions)


def _triangle(n: Any, k: Any = 0, m: Any = None) -> Any:
    return (2, n, n if m is None else m)


def _places(indices: Any, shape: Any = ()) -> Any:
    return np.shape(indices)


# How large the result will be, before NumPy makes it.
_KNOWN: dict[str, Any] = {
    **{"eye": _square, "identity": _square, "tri": _square, "indices": _grid},
    **{"logspace": _line, "geomspace": _line},
    **{"tril_indices": _triangle, "triu_indices": _triangle},
    "diag_indices": lambda n, ndim=2: (ndim, n),
}


def _define_known(name: str) -> None:
    """Define a function of arguments that are known before run time: NumPy computes it."""

    def known(trace: Trace, *values: Any, **named: Any) -> Any:
        if not is_static((*values, *named.values())):
            trace.refuse(
                "JC406",
                f"the arguments of np.{name} must be known before run time",
                fix=fixes.CONSTANT,
            )
        plain = tuple(unwrap_static(value) for value in values)
        options = {key: unwrap_static(value) for key, value in named.items()}
        size = fold(trace, lambda: tuple(int(n) for n in _KNOWN[name](*plain, **options)))
        check_size(trace, tuple(abs(n) for n in size))
        if "dtype" in options:
            options["dtype"] = dtype_of(trace, options["dtype"], float)
        return fold(trace, lambda: getattr(np, name)(*plain, **options))

    library(f"numpy.{name}")(known)


for _name in _KNOWN:
    _define_known(_name)


@library("numpy.dtype")
def dtype_(trace: Trace, dtype: Any) -> Any:
    """Return a dtype."""
    return dtype_of(trace, dtype, float)


@library("numpy.finfo")
def finfo(trace: Trace, dtype: Any) -> Any:
    """Return the limits of a float dtype."""
    kind = dtype_of(trace, dtype.dtype if isinstance(dtype, Tensor) else dtype, float)
    if kind.kind != "f":
        trace.refuse(
            "JC404",
            f"np.finfo of {kind}: NumPy raises ValueError",
            fix="name a float type: np.finfo(np.float64)",
        )
    return np.finfo(kind)


@library("numpy.iinfo")
def iinfo(trace: Trace, int_type: Any) -> Any:
    """Return the limits of an integer dtype."""
    kind = dtype_of(trace, int_type.dtype if isinstance(int_type, Tensor) else int_type, int)
    if kind.kind not in "iu":
        trace.refuse(
            "JC404",
            f"np.iinfo of {kind}: NumPy raises ValueError",
            fix="name an integer type: np.iinfo(np.int64)",
        )
    return np.iinfo(kind)
