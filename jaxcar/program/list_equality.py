"""Equality of lists and deques, also of those whose length depends on the frame."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxcar.program.columns import numbers
from jaxcar.program.containers import ListValue, Rows
from jaxcar.program.equality import equal, equal_items
from jaxcar.program.faults import Fault
from jaxcar.program.packing import unpack
from jaxcar.program.predicate import Bit, both, literal, traced
from jaxcar.program.rows import row_at
from jaxcar.program.trace import Trace


def equal_lists(trace: Trace, a: ListValue, b: ListValue) -> Bit:
    """Return whether two lists, or two deques, are as long and hold equal elements."""
    if a.form != b.form:
        return False
    if a is b:
        return True
    if a.rows is None and b.rows is None:
        if len(a.items) != len(b.items):
            return False
        return equal_items(trace, a.items, b.items)
    if a.rows is None:
        a, b = b, a
    assert a.rows is not None
    if b.rows is not None:
        return _equal_rows(trace, a.rows, b.rows)
    size = len(b.items)
    low, high = a.rows.length.bounds or (0, a.rows.capacity)
    if not low <= size <= high:
        return False
    _check_missing(trace, a.rows)
    alike: Bit = literal(a.rows.length.value == size)
    for place, item in enumerate(b.items):
        with trace.under(alike):
            alike = both(alike, equal(trace, row_at(a.rows, place), item))
    return alike


def _equal_rows(trace: Trace, a: Rows, b: Rows) -> Bit:
    most = min(a.capacity, b.capacity)
    split = len(a.leaves)
    for rows in (a, b):
        _check_missing(trace, rows)

    def one(_: jax.Array, *leaves: jax.Array) -> jax.Array:
        left, right = list(leaves[:split]), list(leaves[split:])
        return traced(equal(trace, unpack(a.kind, left), unpack(b.kind, right)))

    near, trace.near = trace.near, None  # not from inside `vmap`
    try:
        leaves = [leaf[:most] for leaf in (*a.leaves, *b.leaves)]
        alike = jax.vmap(one)(jnp.arange(most), *leaves)
    finally:
        trace.near = near
    size = a.length.value
    alike |= jnp.arange(most) >= size
    return literal((size == b.length.value) & jnp.all(alike))


def _check_missing(trace: Trace, rows: Rows) -> None:
    """Lists that hold one and the same nan are equal in Python: whether they do is not known."""
    column = numbers(rows)
    if column is not None and column.values.dtype.kind == "f":
        value = column.values.value
        missing = jnp.isnan(value).reshape(value.shape[0], -1).any(axis=1)
        trace.raise_where(Fault.UNSPECIFIED_LIMIT, jnp.any(missing & column.mask))
