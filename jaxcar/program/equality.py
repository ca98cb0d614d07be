"""Equality and identity of values of any kind, as Python's `==` and `is` see them."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar.program.bits import all_of, any_of, truth
from jaxcar.program.containers import DictValue, DictView, ListValue, Record
from jaxcar.program.definitions import ClassValue, EnumMember, Instance, LibraryObject
from jaxcar.program.faults import Fault
from jaxcar.program.marks import compare_marks
from jaxcar.program.merge import optional_parts
from jaxcar.program.operators import fold_python, is_array_like, stacked
from jaxcar.program.predicate import Bit, both, either, literal, negate
from jaxcar.program.special_methods import overloads
from jaxcar.program.tensors import BOOL, Selected, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import (
    UNSET,
    Choice,
    Inert,
    Maybe,
    Optional,
    Text,
    is_numeric,
    is_static,
    unwrap_static,
)
from jaxcar.program.wording import describe


def compare_arrays(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compare an array with a sequence, elementwise, as NumPy does."""
    return compare_numbers(trace, name, stacked(trace, a), stacked(trace, b))


def compare_numbers(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compare numbers or arrays."""
    if is_static(a) and is_static(b):
        return fold_python(trace, name, a, b)
    return ufunc(trace, name, a, b)


def equal(trace: Trace, a: Any, b: Any) -> Bit:
    """Return whether Python's `a == b` is true, for values of any kind."""
    if overloads(a, b):
        from jaxcar.program.object_comparison import compare_objects  # it uses this module

        return truth_of(trace, compare_objects(trace, "equal", a, b))
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
    if isinstance(a, (str, EnumMember, Text)) and isinstance(b, (str, EnumMember, Text)):
        return _equal_text(a, b)
    if isinstance(a, Choice) or isinstance(b, Choice):
        sides = [x.options if isinstance(x, Choice) else [(True, x)] for x in (a, b)]
        pairs = [(both(p, q), x, y) for p, x in sides[0] for q, y in sides[1]]
        return any_of([both(bit, equal(trace, x, y)) for bit, x, y in pairs if bit is not False])
    if isinstance(a, LibraryObject) and isinstance(b, LibraryObject):
        if a.type is not b.type:
            return False
        names = a.type.compared
        return all_of([equal(trace, a.fields[name], b.fields[name]) for name in names])
    a, b = (_as_tuple(x, y) for x, y in ((a, b), (b, a)))
    if isinstance(a, ListValue) and isinstance(b, ListValue):
        from jaxcar.program.list_equality import equal_lists  # it compares by way of this module

        return equal_lists(trace, a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        if len(a) != len(b):
            return False
        return equal_items(trace, a, b)
    if is_numeric(a) and is_numeric(b):
        return truth(trace, compare_numbers(trace, "equal", a, b))
    if isinstance(a, (np.dtype, type, slice)) or isinstance(b, (np.dtype, type, slice)):
        if is_static(a) and is_static(b):
            return bool(unwrap_static(a) == unwrap_static(b))
        trace.refuse(
            "JC312",
            f"comparing {describe(a)} with {describe(b)} is not supported yet",
            fix="compare numbers with numbers, or arrays with arrays",
        )
    if isinstance(a, DictValue) and isinstance(b, DictValue):
        return a.form == b.form and _equal_entries(trace, a, b)
    if isinstance(a, (DictValue, DictView, Selected)) or isinstance(b, (DictView, Selected)):
        trace.refuse(
            "JC312",
            f"comparing {describe(a)} with {describe(b)} is not supported yet",
            fix="compare numbers: sum(...), len(...), or np.array_equal(a, b) of arrays",
        )
    if is_array_like(a) or is_array_like(b):
        trace.refuse(
            "JC312",
            f"comparing {describe(a)} with {describe(b)} is not supported yet",
            fix="compare numbers with numbers, or arrays with arrays",
        )
    return a is b


def _as_tuple(value: Any, other: Any) -> Any:
    """Return a tuple as one of run-time length beside another such."""
    if isinstance(value, tuple) and isinstance(other, ListValue) and other.form == "tuple":
        return ListValue(list(value), frozen=True, form="tuple")
    return value


def equal_items(trace: Trace, left: Any, right: Any) -> Bit:
    """Compare element by element; objects are asked no further than the first difference."""
    alike: Bit = True
    for x, y in zip(left, right, strict=True):
        if not overloads(x, y):
            alike = both(alike, same_element(trace, x, y))
            continue
        with trace.under(alike):
            if trace.path is not False:
                alike = both(alike, same_element(trace, x, y))
    return alike


def _equal_entries(trace: Trace, a: DictValue, b: DictValue) -> Bit:
    """Compare sets or dicts whose keys are known while tracing."""
    bits: list[Bit] = []
    for key in {**a.entries, **b.entries}:
        sides = [trace.settle(x.entries.get(key, UNSET)) for x in (a, b)]
        there = [x.defined if isinstance(x, Maybe) else x is not UNSET for x in sides]
        alike = either(both(*there), both(negate(there[0]), negate(there[1])))
        if a.form == "dict" and all(bit is not False for bit in there):
            values = [x.value if isinstance(x, Maybe) else x for x in sides]
            alike = both(alike, either(negate(there[0]), equal(trace, *values)))
        bits.append(alike)
    return all_of(bits)


def same_element(trace: Trace, a: Any, b: Any) -> Bit:
    """Return whether two elements are one object or equal: how Python compares sequences."""
    if a is b:
        return True
    for one, other in ((a, b), (b, a)):
        doubtful = isinstance(one, Instance) and one.frozen and not one.constant
        if doubtful and "__eq__" in one.cls.functions and isinstance(other, Instance):
            trace.refuse(
                "JC312",
                "comparing these objects inside other values is not supported yet",
                fix="compare the objects' fields",
            )
    return equal(trace, a, b)


def _equal_text(a: str | EnumMember | Text, b: str | EnumMember | Text) -> Bit:
    if not isinstance(a, Text) and not isinstance(b, Text):
        return a == b
    if not isinstance(a, Text):
        a, b = b, a
    assert isinstance(a, Text)
    if not isinstance(b, Text):
        return literal(a.index == a.options.index(b)) if b in a.options else False
    pairs = [(i, b.options.index(o)) for i, o in enumerate(a.options) if o in b.options]
    return any_of([literal((a.index == i) & (b.index == j)) for i, j in pairs])


_CELLS = (Instance, ClassValue, ListValue, DictValue)


def identical(trace: Trace, a: Any, b: Any) -> Bit:
    """Return `a is b`: for None, and for bools, whose identity is their value."""
    a, b = trace.narrow(a), trace.narrow(b)
    if a is None or b is None:
        _, some = optional_parts(b if a is None else a)
        return negate(some)
    if isinstance(a, Optional) and isinstance(b, Optional):
        none = both(negate(a.some), negate(b.some))
        return either(none, both(both(a.some, b.some), identical(trace, a.value, b.value)))
    if isinstance(a, Optional) and not isinstance(b, Optional):
        return both(a.some, identical(trace, a.value, b))
    if isinstance(b, Optional) and not isinstance(a, Optional):
        return both(b.some, identical(trace, a, b.value))
    if all(isinstance(x, (EnumMember, Text)) for x in (a, b)):
        members = [o for x in (a, b) for o in (x.options if isinstance(x, Text) else (x,))]
        if all(isinstance(member, EnumMember) for member in members):
            return _equal_text(a, b)
    if isinstance(a, _CELLS) and isinstance(b, _CELLS):
        if getattr(a, "frozen", False) or getattr(b, "frozen", False):
            trace.refuse(
                "JC312",
                "`is` between these objects is not supported yet",
                fix="compare a field that tells them apart",
            )
        return a is b
    if isinstance(a, Record) and isinstance(b, Record) and a.mark is not None is not b.mark:
        return _same_record(trace, a, b)
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
    trace.refuse(
        "JC312",
        f"`is` between {describe(a)} and {describe(b)} is not supported yet",
        fix="use `==`",
    )


def _same_record(trace: Trace, a: Record, b: Record) -> Bit:
    """Return whether two namedtuples are one object."""
    if a.type is not b.type:
        return False
    same, unsure = compare_marks(a.mark, b.mark)
    trace.raise_where(Fault.UNSPECIFIED_LIMIT, unsure)
    return same
