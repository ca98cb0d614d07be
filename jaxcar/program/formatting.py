"""Formatting: text made of values, which is only printed, where Python can make it."""

from __future__ import annotations

import itertools
import re
import string
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.values import INERT, Choice, Inert, Text, is_static, unwrap_static
from jaxcar.program.wording import describe

LONGEST = 1000
_FIX = "format one number: f'{float(x):.2f}'"


def is_short(value: Any) -> bool:
    """Tell whether a value is known and short as text: a number or a text."""
    if isinstance(value, str):
        return len(value) <= LONGEST
    whole = isinstance(value, int) and abs(value) < 2**64
    return whole or isinstance(value, (bool, float, np.number, np.bool_))


def format_value(trace: Trace, value: Any, spec: Any, converted: bool = False) -> Inert:
    """Return `format(value, spec)`; Python says whether the format fits values of this kind.

    Args:
        trace: the present tracing.
        value: what is formatted.
        spec: its format, as in `f"{value:spec}"`.
        converted: whether it is made text first, as in `f"{value!r:spec}"`.
    """
    if isinstance(spec, str) and not spec:
        return INERT
    value = value if converted else trace.present(value)
    try:
        if not isinstance(spec, str) or re.search(r"\d{4}", spec):
            raise ValueError("the format is not a short constant")
        for option in ["text"] if converted else _samples(value):
            format(option, spec)
    except (ValueError, TypeError) as error:
        words = repr(spec) if isinstance(spec, str) else describe(spec)
        trace.refuse("JC404", f"{describe(value)} is formatted with {words}: {error}", fix=_FIX)
    return INERT


def format_percent(trace: Trace, pattern: Any, values: Any) -> Inert:
    """Return `pattern % values`."""
    try:
        if not isinstance(pattern, str) or len(pattern) > LONGEST or "*" in pattern:
            raise ValueError("the pattern is not a short constant")
        if re.search(r"\d{4}", pattern):
            raise ValueError("the pattern is too wide")
        given = values if isinstance(values, tuple) else (values,)
        if isinstance(values, tuple):
            pattern % tuple(_sample(value) for value in values)
        else:
            for sample in _samples(values):
                pattern % sample
    except (TypeError, ValueError, KeyError) as error:
        trace.refuse("JC404", f"`%` formatting: {error}", fix="write an f-string")
    conversions = re.findall(r"%[-+ #0-9.]*([a-zA-Z])", pattern.replace("%%", ""))
    for conversion, value in zip(conversions, given, strict=False):
        if conversion in "diu" and isinstance(value, Tensor) and value.dtype.kind == "f":
            trace.raise_where(Fault.VALUE, jnp.isnan(value.value))
            trace.raise_where(Fault.OVERFLOW, jnp.isinf(value.value))
    return INERT


def format_braces(trace: Trace, pattern: Any, values: tuple[Any, ...], named: Any) -> Any:
    """Return `pattern.format(*values, **named)`: known where all of it is."""
    if not isinstance(pattern, str) or len(pattern) > LONGEST:
        trace.refuse(
            "JC312",
            "`.format` of text that is no short constant is not supported yet",
            fix="write an f-string",
        )
    given = {**{str(i): value for i, value in enumerate(values)}, **named}
    automatic = map(str, itertools.count())
    try:
        fields = _fields(pattern)
        if len({not name for name, _, _ in fields if not name or name.isdecimal()}) > 1:
            raise ValueError("braces with and without a number are mixed")
        for field, spec, conversion in fields:
            name = field or next(automatic)
            if name not in given:
                raise ValueError(f"it has no value for the field {name}")
            format_value(trace, given[name], spec, converted=conversion is not None)
    except ValueError as error:
        trace.refuse("JC404", f"`.format`: {error}", fix="write an f-string")
    if not is_static((*values, *named.values())):
        return INERT
    # Text that would outgrow a source is only printed, as a sum of texts is; so are collections.
    plain = {name: unwrap_static(value) for name, value in given.items()}
    if not all(isinstance(value, (str, int, float, np.generic)) for value in plain.values()):
        return INERT
    widest = max((len(str(value)) for value in plain.values()), default=0)
    if len(pattern) * (1 + widest) > trace.limits.source_bytes:
        return INERT
    return pattern.format(*map(unwrap_static, values), **{name: plain[name] for name in named})


def _fields(pattern: str) -> list[tuple[str, str, str | None]]:
    """Return the field, format and conversion of each pair of braces."""
    fields = []
    for _, field, spec, conversion in string.Formatter().parse(pattern):
        if field is None:
            continue
        if re.search(r"[.\[]", field) or "{" in (spec or ""):
            raise ValueError("a field that reads an attribute, an element or another field")
        fields.append((field, spec or "", conversion))
    return fields


def _samples(value: Any) -> list[Any]:
    """Return values of all kinds that a value can be."""
    if isinstance(value, Choice):
        return [_sample(option) for _, option in value.options]
    return [_sample(value)]


def _sample(value: Any) -> Any:
    """Return a value of the same kind, to try a format with."""
    if isinstance(value, Tensor) and value.ndim == 0 and value.mixed is None:
        return value.dtype.type(1).item() if value.python is not False else value.dtype.type(1)
    if isinstance(value, (Text, Inert)):
        return "text"
    if isinstance(value, (Tensor, np.ndarray, Selected, Window)):
        return np.zeros(2)
    if is_static(value):
        return unwrap_static(value)
    if isinstance(value, (tuple, ListValue, DictValue)):
        return {} if isinstance(value, DictValue) else []
    raise ValueError(f"{describe(value)} may not fit")
