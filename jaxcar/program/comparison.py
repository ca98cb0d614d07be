"""Comparison operators, identity and membership on the values of a program."""

from __future__ import annotations

import ast
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.merge import optional_parts
from jaxcar.program.operators import carrier, fold_python, is_array_like, is_numpy, stacked
from jaxcar.program.predicate import Bit, both, literal, negate
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import all_of, any_of, from_bit, truth, ufunc
from jaxcar.program.values import (
    BOOL,
    DictValue,
    DictView,
    Inert,
    ListValue,
    Optional,
    RangeValue,
    Selected,
    Tensor,
    Text,
    as_tensor,
    is_numeric,
    is_static,
)
from jaxcar.program.wording import describe

COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}


def compare(trace: Trace, op: ast.cmpop, a: Any, b: Any) -> Any:
    """Apply a comparison operator, `is` or `in`."""
    if isinstance(op, (ast.Is, ast.IsNot)):
        bit = identical(trace, a, b)
        return from_bit(bit if isinstance(op, ast.Is) else negate(bit))
    if isinstance(op, (ast.In, ast.NotIn)):
        bit = contains(trace, a, b)
        return from_bit(bit if isinstance(op, ast.In) else negate(bit))
    name = COMPARE[type(op)]
    equality = name in ("equal", "not_equal")
    a, b = trace.narrow(a), trace.narrow(b)
    if equality and (a is None or b is None or isinstance(a, Optional) or isinstance(b, Optional)):
        if any(is_array_like(x) for x in (a, b, *(optional_parts(x)[0] for x in (a, b)))):
            trace.refuse(
                "JC404",
                "an array is compared with None, which NumPy does element by element",
                fix="write `is None` or `is not None`",
            )
        bit = equal(trace, a, b)
        return from_bit(bit if name == "equal" else negate(bit))
    a, b = trace.present(a), trace.present(b)
    if is_numeric(carrier(a)) and is_numeric(carrier(b)):
        return _compare_numbers(trace, name, a, b)
    if not equality:
        if is_static(a) and is_static(b):
            return fold_python(trace, name, a, b)
        trace.refuse("JC404", f"`{name}` is not defined for {describe(a)} and {describe(b)}")
    if any(is_array_like(x) or is_numpy(x) for x in (a, b)):
        if any(not is_numeric(x) and not isinstance(x, (tuple, ListValue)) for x in (a, b)):
            trace.refuse("JC404", f"{describe(a)} is compared with {describe(b)}")
        return compare_arrays(trace, name, a, b)
    bit = equal(trace, a, b)
    return from_bit(bit if name == "equal" else negate(bit))


def compare_arrays(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compare an array with a sequence, elementwise, as NumPy does."""
    return _compare_numbers(trace, name, stacked(trace, a), stacked(trace, b))


def _compare_numbers(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if is_static(a) and is_static(b):
        return fold_python(trace, name, a, b)
    return ufunc(trace, name, a, b)


def equal(trace: Trace, a: Any, b: Any) -> Bit:
    """Return whether Python's `a == b` is true, for values of any kind."""
    if isinstance(a, Optional) or isinstance(b, Optional) or a is None or b is None:
        value_a, some_a = optional_parts(a)
        value_b, some_b = optional_parts(b)
        neither = both(negate(some_a), negate(some_b))
        if value_a is None or value_b is None:
            return neither
        same = both(both(some_a, some_b), equal(trace, value_a, value_b))
        return any_of([neither, same])
    if isinstance(a, Inert) or isinstance(b, Inert):
        trace.refuse(
            "JC410",
            "text that is made from run-time values is compared",
            fix="compare the values themselves, or use one of a few constant strings",
        )
    if isinstance(a, (str, Text)) and isinstance(b, (str, Text)):
        return _equal_text(a, b)
    if isinstance(a, (tuple, ListValue)) and type(a) is type(b):
        left, right = (x.items if isinstance(x, ListValue) else x for x in (a, b))
        if len(left) != len(right):
            return False
        return all_of([_same(trace, x, y) for x, y in zip(left, right, strict=True)])
    if is_numeric(a) and is_numeric(b):
        return truth(trace, _compare_numbers(trace, "equal", a, b))
    if isinstance(a, (DictValue, DictView, Selected)) or isinstance(b, (DictView, Selected)):
        trace.refuse("JC312", f"comparing {describe(a)} with {describe(b)} is not supported yet")
    if is_array_like(a) or is_array_like(b):
        trace.refuse("JC404", f"{describe(a)} is compared with {describe(b)}")
    return a is b


def _same(trace: Trace, a: Any, b: Any) -> Bit:
    """Return whether two elements are one object or equal: how Python compares sequences."""
    return a is b or equal(trace, a, b)


def _equal_text(a: str | Text, b: str | Text) -> Bit:
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, str):
        a, b = b, a
    assert isinstance(a, Text)
    if isinstance(b, str):
        return literal(a.index == a.options.index(b)) if b in a.options else False
    pairs = [(i, b.options.index(o)) for i, o in enumerate(a.options) if o in b.options]
    return any_of([literal((a.index == i) & (b.index == j)) for i, j in pairs])


def identical(trace: Trace, a: Any, b: Any) -> Bit:
    """Return `a is b`: for None, and for bools, whose identity is their value."""
    a, b = trace.narrow(a), trace.narrow(b)
    if a is None or b is None:
        _, some = optional_parts(b if a is None else a)
        return negate(some)
    if isinstance(a, Optional) and not isinstance(b, Optional):
        return both(a.some, identical(trace, a.value, b))
    if isinstance(b, Optional) and not isinstance(a, Optional):
        return both(b.some, identical(trace, a, b.value))
    for known, other in ((a, b), (b, a)):
        if isinstance(known, bool):
            if isinstance(other, bool):
                return known is other
            if isinstance(other, Tensor) and other.mixed is not None:
                trace.refuse("JC401", "whether this is a bool depends on the path", fix="use `==`")
            if isinstance(other, Tensor) and other.dtype == BOOL and other.ndim == 0:
                bit = truth(trace, other)
                return both(other.python, bit if known else negate(bit))
            return False
    trace.refuse("JC404", f"`is` between {describe(a)} and {describe(b)}", fix="use `==`")


def contains(trace: Trace, item: Any, container: Any) -> Bit:
    """Return `item in container`."""
    container = trace.present(container)
    if isinstance(container, DictView) and container.form == "keys":
        container = container.owner
    if isinstance(container, DictValue):
        if isinstance(item, (ListValue, DictValue)) or is_array_like(item):
            trace.refuse(
                "JC404", f"{describe(item)} cannot be a dict's key: Python raises TypeError"
            )
        bits = []
        for key, value in container.entries.items():
            present = getattr(value, "defined", True)
            bits.append(both(present, equal(trace, item, key)))
        return any_of(bits)
    if isinstance(container, RangeValue):
        pairs = zip(container.items, container.present, strict=True)
        return any_of([both(present, equal(trace, item, value)) for value, present in pairs])
    if isinstance(container, (tuple, ListValue)):
        items = container.items if isinstance(container, ListValue) else container
        return any_of([_same(trace, item, x) for x in items])
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    if isinstance(container, (Tensor, np.ndarray)):
        matches = as_tensor(_compare_numbers(trace, "equal", container, item))
        return literal(jnp.any(matches.value))
    trace.refuse("JC404", f"`in` is not defined for {describe(container)}")
