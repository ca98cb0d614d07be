"""Methods of sets: elements known while tracing, or packed into rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.bits import all_of, from_bit
from jaxcar.program.comparison import contains
from jaxcar.program.containers import DictValue, ListValue, Rows
from jaxcar.program.counting import count_true
from jaxcar.program.dicts import checked_key, clear, copy, discard_entry, is_known_key, put
from jaxcar.program.iteration import Items, iterate
from jaxcar.program.lists import check_unfrozen
from jaxcar.program.merge import collapsed, merge
from jaxcar.program.predicate import both, negate
from jaxcar.program.rows import kept_first, valid
from jaxcar.program.tensors import INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET, Maybe


def add(trace: Trace, owner: DictValue, item: Any) -> None:
    """Add an element."""
    check_unfrozen(trace, owner)
    key = checked_key(trace, item)
    if is_known_key(owner, key):
        old = trace.settle(owner.entries.get(key, UNSET))
        made = merge(trace.path, True, True if old is UNSET else old)
        if old is UNSET and trace.path is not True:
            made = Maybe(True, trace.path)
        elif isinstance(old, Maybe):
            made = merge(trace.path, True, old)
        owner.entries[key] = made
        return
    put(trace, owner, key, key)


def from_items(trace: Trace, items: Items) -> DictValue:
    """Return a set of the elements that occur."""
    made = DictValue({}, form="set")
    for bit, item in items:
        with trace.under(bit):
            add(trace, made, item)
    return made


def from_collection(trace: Trace, value: Any) -> DictValue:
    """Return a set of the elements of a value; of a list of numbers, all at once."""
    rows = value.rows if isinstance(value, ListValue) else None
    if rows is None or rows.kind.form != "tensor" or len(rows.leaves) > 1 or rows.kind.detail[3]:
        return from_items(trace, iterate(trace, value, ordered=False))
    (column,), there = rows.leaves, valid(rows)
    if column.ndim > 1:
        return from_items(trace, iterate(trace, value, ordered=False))
    place = jax.lax.iota(np.int32, rows.capacity)
    again = (column[:, None] == column[None, :]) & (place[:, None] > place[None, :])
    first = there & ~jnp.any(again & there[None, :], axis=1)
    low, high = rows.length.bounds or (0, rows.capacity)
    length = Tensor(count_true(first), INT, True, (min(low, 1), min(high, rows.capacity)))
    kept = Rows(rows.kind, [column[kept_first(first)]], length, rows.capacity)
    return DictValue({}, form="set", rows=kept)


def discard(trace: Trace, owner: DictValue, item: Any) -> None:
    """Remove an element if it is there."""
    discard_entry(trace, owner, item, wanted=False)


def remove(trace: Trace, owner: DictValue, item: Any) -> None:
    """Remove an element; KeyError where it is not there."""
    discard_entry(trace, owner, item, wanted=True)


def update(trace: Trace, owner: DictValue, *others: Any) -> None:
    """Add the elements of other collections."""
    for other in others:
        for bit, item in list(iterate(trace, other, ordered=False)):
            with trace.under(bit):
                add(trace, owner, item)


def union(trace: Trace, owner: DictValue, *others: Any) -> DictValue:
    """Return the elements of any of the sets."""
    made = copy(trace, owner)
    update(trace, made, *others)
    return made


def _filtered(trace: Trace, owner: DictValue, other: Any, wanted: bool) -> DictValue:
    made = DictValue({}, form="set")
    for bit, item in list(iterate(trace, owner, ordered=False)):
        inside = contains(trace, item, other)
        with trace.under(both(bit, inside if wanted else negate(inside))):
            if trace.path is not False:
                add(trace, made, item)
    return made


def intersection(trace: Trace, owner: DictValue, other: Any) -> DictValue:
    """Return the elements of both sets."""
    return _filtered(trace, owner, other, wanted=True)


def difference(trace: Trace, owner: DictValue, other: Any) -> DictValue:
    """Return the elements that the other set lacks."""
    return _filtered(trace, owner, other, wanted=False)


def symmetric_difference(trace: Trace, owner: DictValue, other: DictValue) -> DictValue:
    """Return the elements of just one of the sets."""
    return union(trace, difference(trace, owner, other), difference(trace, other, owner))


def is_subset(trace: Trace, owner: DictValue, other: Any) -> Any:
    """Return whether all elements are in the other set."""
    bits = []
    for bit, item in list(iterate(trace, owner, ordered=False)):
        bits.append(negate(both(bit, negate(contains(trace, item, other)))))
    return from_bit(all_of(bits))


def is_superset(trace: Trace, owner: DictValue, other: DictValue) -> Any:
    """Return whether all elements of the other set are in this one."""
    return is_subset(trace, other, owner)


def is_disjoint(trace: Trace, owner: DictValue, other: Any) -> Any:
    """Return whether the sets share no element."""
    bits = []
    for bit, item in list(iterate(trace, owner, ordered=False)):
        bits.append(negate(both(bit, contains(trace, item, other))))
    return from_bit(all_of(bits))


METHODS: dict[str, Callable[..., Any]] = {
    "add": add,
    "clear": clear,
    "copy": copy,
    "difference": difference,
    "discard": discard,
    "intersection": intersection,
    "isdisjoint": is_disjoint,
    "issubset": is_subset,
    "issuperset": is_superset,
    "remove": remove,
    "symmetric_difference": symmetric_difference,
    "union": union,
    "update": update,
}


def in_place(trace: Trace, name: str, owner: DictValue, other: Any) -> DictValue:
    """Perform `owner |= other` and the like."""
    check_unfrozen(trace, owner)
    if name == "union":
        update(trace, owner, other)
        return owner
    made = METHODS[name](trace, owner, other)
    if trace.path is not True:
        made = collapsed(merge(trace.path, made, copy(trace, owner)))
    if made.rows is not None:
        owner.rows = made.rows
    else:
        owner.entries = made.entries
    return owner
