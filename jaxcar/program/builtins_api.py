"""Python's builtin functions of numbers and text, and len()."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import dicts
from jaxcar.program.bits import from_bit
from jaxcar.program.casting import near_whole, to_float, to_integer
from jaxcar.program.containers import DictValue, DictView, ListValue, RangeValue, Record
from jaxcar.program.definitions import AUTO, ClassValue, Instance
from jaxcar.program.formatting import format_value, is_short
from jaxcar.program.operators import binary
from jaxcar.program.ranges import range_length
from jaxcar.program.registry import library
from jaxcar.program.rounding import round_whole, rounded
from jaxcar.program.special_methods import applied, overloads
from jaxcar.program.tensors import INT, Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.truth import special, truth_of
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import INERT, Inert, Text, is_static_number
from jaxcar.program.wording import describe


@library("builtins.len")
def length(trace: Trace, x: Any) -> Any:
    """Return the number of elements."""
    x = trace.present(x)
    if isinstance(x, Selected):
        return x.count()
    if isinstance(x, Window):
        return x.counts[0]
    if isinstance(x, RangeValue):
        size = range_length(trace, x)
        if isinstance(size, int) and size >= 2**63:
            trace.refuse(
                "JC404",
                "len() of a range of 2**63 elements or more: Python raises OverflowError",
                fix="compute the number: (stop - start + step - 1) // step",
            )
        return size
    if isinstance(x, ListValue):
        return len(x.items) if x.rows is None else x.rows.length
    if isinstance(x, (DictValue, DictView)):
        return dicts.size(trace, x if isinstance(x, DictValue) else x.owner)
    if isinstance(x, (tuple, str)):
        return len(x)
    if isinstance(x, ClassValue) and "enum" in x.options:
        return len(x.options["enum"])
    if isinstance(x, Text) and all(isinstance(option, str) for option in x.options):
        sizes = np.asarray([len(option) for option in x.options], np.int32)
        bounds = (int(sizes.min()), int(sizes.max()))
        return Tensor(jnp.asarray(sizes)[x.index], INT, True, bounds)
    if isinstance(x, (Tensor, np.ndarray)) and x.ndim > 0:
        return x.shape[0]
    if isinstance(x, Instance) and "__len__" in x.cls.functions:
        return special(trace, x, "__len__", int)
    if isinstance(x, (Text, Inert)):
        trace.refuse(
            "JC410",
            "the length of text that is made from run-time values is used",
            fix="use text that is one of a few constants, or the numbers that it is made from",
        )
    trace.refuse(
        "JC404",
        f"{describe(x)} has no len(): Python raises TypeError",
        fix="len() is for arrays, lists and text: test a number itself, or use .size",
    )


@library("builtins.abs")
def absolute(trace: Trace, x: Any) -> Any:
    """Return the absolute value."""
    x = trace.present(x)
    if isinstance(x, (Instance, Record)):
        return applied(trace, x, "__abs__", "abs()")
    return abs(x) if is_static_number(x) else ufunc(trace, "absolute", x)


@library("builtins.int")
def integer(trace: Trace, x: Any = 0) -> Any:
    """Return the integer part."""
    return to_integer(trace, x)


@library("builtins.float")
def real(trace: Trace, x: Any = 0.0) -> Any:
    """Return a Python float."""
    if isinstance(x, str) and x.strip().lower().lstrip("+-") in ("inf", "nan", "infinity"):
        return float(x)
    return to_float(trace, x)


@library("builtins.bool")
def boolean(trace: Trace, x: Any = False) -> Any:
    """Return the truth of a value."""
    return from_bit(truth_of(trace, x))


@library("builtins.str")
def text(trace: Trace, x: Any = "") -> Any:
    """Return text that may be printed."""
    if is_short(x):
        return str(x)
    return x if isinstance(x, (str, Text)) else INERT


@library("builtins.print")
def show(trace: Trace, *values: Any, **options: Any) -> None:
    """Do nothing."""


@library("builtins.pow")
def power(trace: Trace, x: Any, y: Any) -> Any:
    """Return x ** y."""
    return binary(trace, "power", x, y)


@library("builtins.round")
def round_(trace: Trace, x: Any, digits: Any = None) -> Any:
    """Round, ties to even."""
    x = trace.present(x)
    if digits is not None and not (isinstance(digits, int) and abs(digits) <= 300):
        trace.refuse(
            "JC403",
            "round() takes a small number of digits known before run time",
            fix="write the digits as a number, e.g. round(x, 2)",
        )
    if is_static_number(x):
        try:
            return round(x, digits)
        except (TypeError, ValueError, OverflowError) as error:
            trace.refuse(
                "JC404",
                f"round() of {describe(x)}: Python raises {type(error).__name__}: {error}",
                fix="round one number to an int number of digits: round(x, 2)",
            )
    if not isinstance(x, Tensor) or x.ndim:
        trace.refuse(
            "JC404",
            f"round() of {describe(x)}: Python raises TypeError",
            fix="index one element, or use np.round(x)",
        )
    if x.dtype.kind != "f":
        return round_whole(trace, x, digits)
    if digits is not None:
        return rounded(trace, x, digits)
    trace.doubt(near_whole(x.value))
    return to_integer(trace, ufunc(trace, "rint", x))


@library("builtins.divmod")
def divmod_(trace: Trace, x: Any, y: Any) -> Any:
    """Return quotient and remainder."""
    if overloads(x, y, records=True):
        fix = "write (x // y, x % y)"
        trace.refuse("JC312", "divmod() of an object is not supported yet", fix=fix)
    return (binary(trace, "floor_divide", x, y), binary(trace, "remainder", x, y))


@library("enum.auto")
def auto(trace: Trace) -> Any:
    """Return what stands for the next value until the enum is made."""
    return AUTO


@library("builtins.repr")
def representation(trace: Trace, x: Any) -> Any:
    """Return text that may be printed."""
    return INERT


@library("builtins.format")
def formatted(trace: Trace, x: Any, spec: Any = "") -> Any:
    """Return text that may be printed, where Python can make it."""
    return format_value(trace, x, spec)


@library("builtins.slice")
def slice_(trace: Trace, first: Any, second: Any = Ellipsis, third: Any = None) -> slice:
    """Return a slice."""
    return slice(first) if second is Ellipsis else slice(first, second, third)
