"""Conversions: sequences to arrays, dtypes to dtypes, and `int(...)` and `float(...)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.choices import distribute, has_choice
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.precision import integer_limit
from jaxcar.program.tensors import (
    BOOL,
    FLOAT,
    INT,
    Selected,
    Tensor,
    Window,
    as_tensor,
    copied_window,
)
from jaxcar.program.trace import NEAR, Trace
from jaxcar.program.ufuncs import check_size
from jaxcar.program.values import (
    Choice,
    Inert,
    Optional,
    Text,
    is_numeric,
    is_static,
    unwrap_static,
)
from jaxcar.program.wording import describe


def stack(trace: Trace, value: Any, dtype: np.dtype | None = None) -> Any:
    """Return a (nested) sequence as the array that `np.array` makes of it."""
    if is_static(value):
        try:
            return _of_numbers(trace, np.array(unwrap_static(value), dtype))
        except (ValueError, TypeError, OverflowError) as error:
            trace.refuse(
                "JC404",
                f"NumPy raises {type(error).__name__}: {str(error).splitlines()[0]}",
                fix=fixes.NUMBERS,
            )
    if isinstance(value, Optional):
        value = trace.present(value)
    if isinstance(value, ListValue) and value.rows is not None:
        return _stack_rows(trace, value, dtype)
    if not isinstance(value, (tuple, ListValue)):
        if not is_numeric(value):
            trace.refuse(
                "JC312",
                f"an array of {describe(value)} is not supported yet",
                fix="collect numbers in a list: values = [1.0, 2.0]",
            )
        return value if dtype is None else cast(trace, value, dtype)
    items = value.items if isinstance(value, ListValue) else value
    if any(has_choice(item) for item in items):
        return distribute(trace, lambda *xs: stack(trace, xs, dtype), *items)
    made = [stack(trace, item, dtype) for item in items]
    if any(isinstance(part, Selected) for part in made):
        trace.refuse(
            "JC312",
            "an array of arrays of run-time length is not supported yet",
            fix="reduce each first: np.array([a[m].mean() for m in masks])",
        )
    parts = [as_tensor(part) for part in made]
    if len({part.shape for part in parts}) > 1:
        trace.refuse(
            "JC405",
            "an array of rows of different shapes: NumPy raises ValueError",
            fix="give every row as many elements",
        )
    check_size(trace, (len(parts), *parts[0].shape))
    common = dtype or np.result_type(*(part.dtype for part in parts))
    bounds = None
    if all(part.bounds is not None for part in parts):
        lows, highs = zip(*(part.bounds for part in parts if part.bounds), strict=True)
        bounds = (min(lows), max(highs))
    widened = [Tensor(part.value, common, False, bounds).value for part in parts]
    return Tensor(jnp.stack(widened), common, False, bounds)


def _of_numbers(trace: Trace, array: np.ndarray) -> np.ndarray:
    """Return an array that NumPy has made of a known sequence, if it holds numbers."""
    if array.dtype.kind not in "biuf":
        kind = "texts" if array.dtype.kind in "US" else "objects"
        trace.refuse(
            "JC312",
            f"an array of {kind} is not supported: NumPy makes one of this sequence",
            fix="give it numbers of at most 64 bits alone: no None, text or dict among them",
        )
    return array


def _stack_rows(trace: Trace, value: ListValue, dtype: np.dtype | None) -> Selected:
    """Return a list of run-time length as an array of run-time length."""
    from jaxcar.program.columns import numbers  # elements are compared by way of this module

    assert value.rows is not None
    array = numbers(value.rows)
    if array is None:
        trace.refuse(
            "JC312",
            "an array of elements whose number and kind depend on the frame is not supported yet",
            fix="collect numbers of one kind: float(x) for each, [0.0] instead of [0]",
        )
    return array if dtype is None else astype(trace, array, dtype)


def cast(trace: Trace, value: Any, dtype: np.dtype) -> Any:
    """Convert as `astype` does: floats truncate, integers wrap; out of range is a limit fault."""
    if not isinstance(value, Tensor):
        with np.errstate(all="ignore"):
            return np.asarray(value).astype(dtype)[()]
    if value.dtype.kind == "f" and dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = float(info.min), float(info.max)
        # NumPy leaves the conversion of such values to the C compiler: no answer is right.
        fits = (value.value > low - 1) & (value.value < high + 1)
        trace.raise_where(Fault.UNSPECIFIED_LIMIT, ~jnp.all(fits))
        held = jnp.where(fits, jnp.trunc(value.value), jnp.zeros_like(value.value))
        return Tensor(held.astype(dtype), dtype)
    if dtype.kind == "b":
        return Tensor(value.value != 0, BOOL)
    return Tensor(value.value.astype(_through(value, dtype)), dtype, False, _kept(value, dtype))


def astype(trace: Trace, value: Any, dtype: np.dtype) -> Any:
    """Convert as `cast` does, also arrays of run-time length."""
    if isinstance(value, Selected):
        return Selected(cast(trace, value.values, dtype), value.mask, value.size_bounds)
    if isinstance(value, Window):
        return copied_window(value, cast(trace, value.values, dtype))
    if isinstance(value, Choice):
        return distribute(trace, lambda x: astype(trace, x, dtype), value)
    return cast(trace, value, dtype)


def _kept(value: Tensor, dtype: np.dtype) -> Any:
    if value.bounds is None or dtype.kind not in "iu":
        return None
    info = np.iinfo(dtype)
    inside = info.min <= value.bounds[0] and value.bounds[1] <= info.max
    return value.bounds if inside else None


def _through(value: Tensor, dtype: np.dtype) -> np.dtype:
    return dtype if _kept(value, dtype) is None else value.value.dtype


def to_integer(trace: Trace, value: Any) -> Any:
    """Return `int(value)`: floats truncate; nan and infinity raise, 64 bits are our limit."""
    value = trace.present(value)
    if isinstance(value, Choice):
        return distribute(trace, lambda x: to_integer(trace, x), value)
    if isinstance(value, Selected):
        refuse_number(trace, value, "int")
    if not isinstance(value, Tensor):
        return _static_number(trace, int, value, "int")
    if value.ndim:
        refuse_number(trace, value, "int")
    scalar = value.value
    if value.dtype.kind != "f":
        bounds = value.bounds if value.dtype.kind in "iu" else (0, 1)
        return Tensor(scalar, INT, True, bounds)
    trace.raise_where(Fault.VALUE, jnp.isnan(scalar))
    trace.raise_where(Fault.OVERFLOW, jnp.isinf(scalar))
    trace.raise_where(
        Fault.INTEGER_LIMIT, jnp.isfinite(scalar) & (jnp.abs(scalar) >= integer_limit())
    )
    trace.doubt(near_whole(scalar))
    return Tensor(jnp.trunc(scalar).astype(INT), INT, True)


def near_whole(x: jax.Array) -> jax.Array:
    """Return where rounding may decide what a float truncates or rounds to."""
    twice = 2 * x
    return jnp.abs(twice - jnp.rint(twice)) <= NEAR * jnp.maximum(jnp.abs(twice), 1e-300)


def to_float(trace: Trace, value: Any, name: str = "float") -> Any:
    """Return `float(value)`; `name` is the function that asks for it, for messages."""
    value = trace.present(value)
    if isinstance(value, Choice):
        return distribute(trace, lambda x: to_float(trace, x, name), value)
    if not isinstance(value, Tensor):
        return _static_number(trace, float, value, name)
    if value.ndim:
        refuse_number(trace, value, name)
    return Tensor(value.value.astype(FLOAT), FLOAT, True)


def refuse_number(trace: Trace, value: Any, name: str) -> NoReturn:
    """Refuse a value that is not one number where a function needs one."""
    if isinstance(value, (str, Text, Inert)) and name in ("int", "float"):
        fix = "write the number itself"
        trace.refuse("JC312", f"{name}() of text is not supported yet", fix=fix)
    array = is_numeric(value) or isinstance(value, (Selected, Window))
    trace.refuse(
        "JC404" if array else "JC408",
        f"{name}() of {describe(value)}: Python raises TypeError",
        fix=fixes.for_number(name, array),
    )


def _static_number(trace: Trace, kind: Callable[[Any], Any], value: Any, name: str) -> Any:
    if not is_numeric(value) or np.ndim(value):
        refuse_number(trace, value, name)
    try:
        return kind(value)
    except ValueError:
        trace.raise_where(Fault.VALUE, True)
    except OverflowError:
        trace.raise_where(Fault.OVERFLOW, True)
    return kind(0)
