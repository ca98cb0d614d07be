"""Comparison of objects: their special methods, those of dataclasses, and identity."""

from __future__ import annotations

from typing import Any

from jaxcar.program.bits import from_bit
from jaxcar.program.choices import alternatives
from jaxcar.program.definitions import ClassValue, Instance
from jaxcar.program.equality import same_element
from jaxcar.program.faults import Fault
from jaxcar.program.predicate import Bit, both, negate
from jaxcar.program.special_methods import as_python, give_up, is_of_numpy, method
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.values import UNSET
from jaxcar.program.wording import SYMBOLS, describe

_METHODS = {
    "equal": "__eq__",
    "not_equal": "__ne__",
    "less": "__lt__",
    "less_equal": "__le__",
    "greater": "__gt__",
    "greater_equal": "__ge__",
}
_REFLECTED = {
    "equal": "equal",
    "not_equal": "not_equal",
    "less": "greater",
    "less_equal": "greater_equal",
    "greater": "less",
    "greater_equal": "less_equal",
}
_ORDERS = frozenset(_METHODS) - {"equal", "not_equal"}


def compare_objects(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Return `a < b` and the like where an operand is an object, perhaps on some paths only.

    Args:
        trace: the present tracing.
        name: the operator's ufunc.
        a: the left operand.
        b: the right operand.
    """
    from jaxcar.program.comparison import compare_plain  # it compares objects by this module

    def plain(x: Any, y: Any) -> Any:
        if isinstance(x, Instance) or isinstance(y, Instance):
            return _compare(trace, name, x, y)
        return compare_plain(trace, name, x, y)

    return alternatives(trace, plain, a, b)


def _compare(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if is_of_numpy(a):
        if not _defines(b, _METHODS[_REFLECTED[name]]):
            _refuse(trace, name, a, b)
        a = as_python(trace, name, a, b)
    turns = [(a, name, b), (b, _REFLECTED[name], a)]
    if isinstance(a, Instance) and isinstance(b, Instance):
        derived = b.cls is not a.cls and b.cls.derives_from(a.cls)
        turns = turns[::-1] if derived else turns
    for owner, asked, other in turns:
        if is_of_numpy(owner):
            _refuse(trace, name, a, b)
        result = _asked(trace, asked, owner, other)
        if result is not NotImplemented:
            return result
    if name in _ORDERS:
        return give_up(trace, name, a, b)
    return from_bit(_identical(trace, a, b) == (name == "equal"))


def _defines(value: Any, name: str) -> bool:
    return isinstance(value, Instance) and (
        name in value.cls.functions or (name == "__ne__" and "__eq__" in value.cls.functions)
    )


def _asked(trace: Trace, name: str, owner: Any, other: Any) -> Any:
    """Return what one operand says of a comparison; NotImplemented where it says nothing."""
    special = _METHODS[name]
    own = method(trace, owner, special)
    if own is not None:
        return trace.apply(own, [other])
    if not isinstance(owner, Instance):
        return NotImplemented
    if special in owner.cls.generated:
        return compared(trace, name, owner.cls.generated[special], owner, other)
    if name == "not_equal":
        same = _asked(trace, "equal", owner, other)
        return same if same is NotImplemented else from_bit(negate(truth_of(trace, same)))
    return True if name == "equal" and owner is other else NotImplemented


def compared(trace: Trace, name: str, cls: ClassValue, a: Instance, b: Any) -> Any:
    """Return what the comparison says that `@dataclass` wrote for a class."""
    from jaxcar.program.comparison import tuple_order

    if not isinstance(b, Instance) or a.cls is not b.cls:
        return NotImplemented
    names = [field.name for field in cls.fields or () if field.compare]
    left, right = (
        tuple(trace.read(x.fields.get(n, UNSET), n, Fault.ATTRIBUTE) for n in names) for x in (a, b)
    )
    if name in _ORDERS:
        return from_bit(tuple_order(trace, name, left, right))
    alike: Bit = True
    for x, y in zip(left, right, strict=True):
        with trace.under(alike):
            alike = both(alike, same_element(trace, x, y))
    return from_bit(alike)


def _identical(trace: Trace, a: Any, b: Any) -> bool:
    if a is b or not (isinstance(a, Instance) and isinstance(b, Instance)) or a.cls is not b.cls:
        return a is b
    if any(x.frozen and not x.constant for x in (a, b)):
        trace.refuse(
            "JC312",
            "comparing these objects is not supported yet",
            fix="compare a field that tells them apart",
        )
    return False


def _refuse(trace: Trace, name: str, a: Any, b: Any) -> Any:
    trace.refuse(
        "JC312",
        f"`{SYMBOLS[name]}` of {describe(a)} and {describe(b)} is not supported yet",
        fix="compare an attribute, or write a method and call it",
    )
