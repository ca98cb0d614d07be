"""`collections.Counter`: how often each element occurs, and arithmetic of such counts."""

from __future__ import annotations

from typing import Any

from jaxcar.program import dicts
from jaxcar.program.comparison import contains
from jaxcar.program.iteration import iterate, view_items
from jaxcar.program.operators import binary
from jaxcar.program.predicate import both, negate
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import DictValue, DictView

_OPERATIONS = {
    "add": "add",
    "subtract": "subtract",
    "bitwise_and": "minimum",
    "bitwise_or": "maximum",
}


@library("collections.Counter")
def counter(trace: Trace, items: Any = ()) -> DictValue:
    """Return how often each element occurs."""
    made = DictValue({}, default=int)
    if isinstance(items, DictValue) and items.form == "dict":
        dicts.update(trace, made, items)
        return made
    for bit, item in iterate(trace, items, ordered=False):
        with trace.under(bit):
            if trace.path is not False:
                known = dicts.get(trace, made, item, 0)
                dicts.set_entry(trace, made, item, binary(trace, "add", known, 1))
    return made


def combined(trace: Trace, name: str, a: DictValue, b: DictValue) -> DictValue:
    """Return `a + b`, `a - b`, `a & b` or `a | b`: the counts above 0."""
    if name not in _OPERATIONS:
        trace.refuse("JC404", f"`{name}` is not defined for two counters")
    made = DictValue({}, default=int)
    for bit, (key, count) in view_items(trace, DictView(a, "items"), ordered=False):
        with trace.under(bit):
            if trace.path is not False:
                _keep(trace, made, name, key, count, dicts.get(trace, b, key, 0))
    if name == "bitwise_and":
        return made
    for bit, (key, count) in view_items(trace, DictView(b, "items"), ordered=False):
        with trace.under(both(bit, negate(contains(trace, key, a)))):
            if trace.path is not False:
                _keep(trace, made, name, key, 0, count)
    return made


def _keep(trace: Trace, made: DictValue, name: str, key: Any, a: Any, b: Any) -> None:
    operation = _OPERATIONS[name]
    if operation in ("add", "subtract"):
        count = binary(trace, operation, a, b)
    else:
        count = ufunc(trace, operation, a, b)
    with trace.under(truth_of(trace, ufunc(trace, "greater", count, 0))):
        if trace.path is not False:
            dicts.set_entry(trace, made, key, count)
