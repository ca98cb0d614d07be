"""Comparison operators, identity and membership on the values of a program."""

from __future__ import annotations

import ast
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.choices import distribute
from jaxcar.program.equality import (
    compare_arrays,
    compare_numbers,
    equal,
    identical,
    same_element,
)
from jaxcar.program.merge import optional_parts
from jaxcar.program.operators import carrier, fold_python, is_array_like, is_numpy
from jaxcar.program.predicate import Bit, both, literal, negate
from jaxcar.program.ranges import in_range
from jaxcar.program.rows import matching
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import any_of, from_bit
from jaxcar.program.values import (
    Choice,
    DictValue,
    DictView,
    Instance,
    ListValue,
    Optional,
    RangeValue,
    Tensor,
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
    if isinstance(a, Choice) or isinstance(b, Choice):
        return distribute(trace, lambda x, y: compare(trace, op, x, y), a, b)
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
        return compare_numbers(trace, name, a, b)
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


def contains(trace: Trace, item: Any, container: Any) -> Bit:
    """Return `item in container`."""
    container = trace.present(container)
    if isinstance(container, DictView) and container.form == "keys":
        container = container.owner
    if isinstance(container, DictValue):
        if isinstance(item, (ListValue, DictValue)) or is_array_like(item):
            trace.refuse(
                "JC404",
                f"{describe(item)} cannot be in a {container.form}: Python raises TypeError",
            )
        if container.rows is not None:
            pairs = container.form == "dict"
            return literal(jnp.any(matching(trace, container.rows, item, pairs)))
        bits = []
        for key, value in container.entries.items():
            value = trace.settle(value)
            present = getattr(value, "defined", True)
            bits.append(both(present, equal(trace, item, key)))
        return any_of(bits)
    if isinstance(container, RangeValue):
        return in_range(trace, item, container)
    if isinstance(container, ListValue) and container.rows is not None:
        return literal(jnp.any(matching(trace, container.rows, item)))
    if isinstance(container, Instance) and "__contains__" in container.cls.functions:
        trace.refuse("JC312", "`in` of an object is not supported yet", fix="call a method")
    if isinstance(container, (tuple, ListValue)):
        items = container.items if isinstance(container, ListValue) else container
        return any_of([same_element(trace, item, x) for x in items])
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    if isinstance(container, (Tensor, np.ndarray)):
        matches = as_tensor(compare_numbers(trace, "equal", container, item))
        return literal(jnp.any(matches.value))
    trace.refuse("JC404", f"`in` is not defined for {describe(container)}")
