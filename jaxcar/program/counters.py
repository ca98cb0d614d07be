"""`collections.Counter`: how often each element occurs, and arithmetic of such counts."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.program import dicts
from jaxcar.program.columns import numbers
from jaxcar.program.containers import DictValue, DictView, LazyItems, ListValue, NoKindError, Rows
from jaxcar.program.definitions import ValueMethod
from jaxcar.program.iteration import iterate, view_items
from jaxcar.program.kinds import Kind
from jaxcar.program.list_elements import element
from jaxcar.program.merge import merge
from jaxcar.program.operators import binary
from jaxcar.program.ordering import sorted_list
from jaxcar.program.packing import unpack
from jaxcar.program.predicate import Bit
from jaxcar.program.registry import library
from jaxcar.program.rows import (
    compacted,
    element_kind,
    gathered,
    join_kinds,
    kept_first,
    matching,
    repack,
    to_rows,
    valid,
)
from jaxcar.program.tensors import INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_static
from jaxcar.program.wording import undefined

_COUNT = Kind("tensor", (), (INT, (), True, None, False))


@library("collections.Counter")
def counter(trace: Trace, items: Any = ()) -> DictValue:
    """Return how often each element occurs."""
    made = DictValue({}, default=collections.Counter)
    if isinstance(items, DictValue) and items.form == "dict":
        dicts.update(trace, made, items)
        return made
    found = list(iterate(trace, items, ordered=False))
    if all(bit is True and is_static(item) for bit, item in found):
        for _, item in found:
            key = dicts.checked_key(trace, item)
            made.entries[key] = made.entries.get(key, 0) + 1
        return made
    made.rows = _counted(trace, found)
    return made


def _counted(trace: Trace, found: list[tuple[Bit, Any]]) -> Rows:
    """Return a row for each distinct element, in the order of their first occurrence."""
    try:
        keys = compacted(element_kind([item for _, item in found]), found)
    except NoKindError as error:
        trace.refuse(
            "JC401",
            f"a Counter of elements of different kinds: {error.message}",
            fix="count elements of one kind",
        )
    there = valid(keys)
    same = _equal_pairs(trace, keys, keys) & there[:, None] & there[None, :]
    earlier = jnp.tril(same, -1).any(axis=1)
    counts = jnp.sum(same, axis=1, dtype=jnp.int32)
    return _kept(keys, counts, there & ~earlier)


def _equal_pairs(trace: Trace, a: Rows, b: Rows) -> jax.Array:
    """Return which elements of `a` equal which of `b`: bool[capacity of a, capacity of b]."""

    def one(_: jax.Array, *leaves: jax.Array) -> jax.Array:
        return matching(trace, b, unpack(a.kind, list(leaves)))

    return jax.vmap(one)(jnp.arange(a.capacity), *a.leaves)


def _kept(keys: Rows, counts: jax.Array, wanted: jax.Array) -> Rows:
    """Return rows of pairs (key, count) for the wanted keys, in order."""
    kind = Kind("tuple", (keys.kind, _COUNT))
    pairs = Rows(kind, [*keys.leaves, counts.astype(INT)], keys.length, keys.capacity)
    order = kept_first(wanted)
    size = jnp.sum(wanted, dtype=jnp.int32)
    high = keys.length.bounds[1] if keys.length.bounds else keys.capacity
    return gathered(pairs, order, Tensor(size, INT, True, (0, high)))


def _parts(value: DictValue) -> tuple[Rows, jax.Array]:
    """Return the keys and the counts of a counter."""
    rows = to_rows(value) if value.rows is None else value.rows
    keys = Rows(rows.kind.parts[0], rows.leaves[:-1], rows.length, rows.capacity)
    counted = numbers(Rows(rows.kind.parts[1], rows.leaves[-1:], rows.length, rows.capacity))
    if counted is None or len(rows.kind.parts[1].parts) or counted.values.dtype != INT:
        raise NoKindError("counts that are not whole numbers")
    return keys, jnp.where(valid(rows), counted.values.value, 0)


_OPERATIONS: dict[str, Callable[[jax.Array, jax.Array], jax.Array]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "bitwise_and": jnp.minimum,
    "bitwise_or": jnp.maximum,
}


def combined(trace: Trace, name: str, a: DictValue, b: DictValue) -> DictValue:
    """Return `a + b`, `a - b`, `a & b` or `a | b`: the counts above 0."""
    if name not in _OPERATIONS:
        trace.refuse(
            "JC404",
            undefined(name, a, b),
            fix="use +, -, & or |",
        )
    made = DictValue({}, default=collections.Counter)
    empty = [x.rows is None and not x.entries for x in (a, b)]
    if all(empty) or (empty[0] and name in ("bitwise_and", "subtract")):
        return made
    try:
        left = _parts(b if empty[0] else a)
        right = _parts(a if empty[1] else b)
        if empty[1]:
            right = (right[0], right[1] * 0)
        made.rows = _joined(trace, name, left, right, empty)
    except NoKindError as error:
        trace.refuse(
            "JC312",
            f"arithmetic of these counters is not supported yet: {error.message}",
            fix="count the elements in one Counter",
        )
    return made


def _joined(trace: Trace, name: str, left: Any, right: Any, empty: list[bool]) -> Rows:
    (keys_a, counts_a), (keys_b, counts_b) = left, right
    if empty[0]:
        return _kept(keys_b, counts_b, counts_b > 0)
    kind = join_kinds(keys_a.kind, keys_b.kind)
    keys_a, keys_b = repack(keys_a, kind), repack(keys_b, kind)
    same = _equal_pairs(trace, keys_a, keys_b) & valid(keys_a)[:, None]
    operation = _OPERATIONS[name]
    first = operation(counts_a, jnp.sum(jnp.where(same, counts_b[None], 0), axis=1))
    alone = valid(keys_b) & ~same.any(axis=0)
    second = operation(jnp.zeros_like(counts_b), counts_b)
    leaves = [jnp.concatenate(pair) for pair in zip(keys_a.leaves, keys_b.leaves, strict=True)]
    size = keys_a.capacity + keys_b.capacity
    highs = [k.length.bounds[1] if k.length.bounds else k.capacity for k in (keys_a, keys_b)]
    length = Tensor(jnp.int32(size), INT, True, (0, sum(highs)))
    keys = Rows(kind, leaves, length, size)
    wanted = jnp.concatenate([valid(keys_a), alone])
    counts = jnp.concatenate([first, second])
    return _kept(keys, counts, wanted & (counts > 0))


def most_common(trace: Trace, owner: DictValue, n: Any = None) -> ListValue:
    """Return pairs of the elements and their counts, the largest counts first."""
    if n is not None and (not isinstance(n, int) or isinstance(n, bool)):
        trace.refuse(
            "JC406",
            "how many `most_common` returns must be known before run time",
            fix="write a number: c.most_common(1), or slice: c.most_common()[:n]",
        )
    pairs = LazyItems(iter(view_items(trace, DictView(owner, "items"))))
    ordered = sorted_list(trace, pairs, ValueMethod("count", lambda pair: pair[1]), True)
    if n is None:
        return ordered
    first = slice(0, max(n, 0))
    if ordered.rows is None:
        return ListValue(ordered.items[first], trace.path)
    made: ListValue = element(trace, ordered, first)
    return made


def total(trace: Trace, owner: DictValue) -> Any:
    """Return the sum of the counts."""
    found: Any = 0
    for bit, count in view_items(trace, DictView(owner, "values"), ordered=False):
        with trace.under(bit):
            found = merge(bit, binary(trace, "add", found, count), found)
    return found


def subtract(trace: Trace, owner: DictValue, other: Any = None, **keywords: Any) -> None:
    """Take the counts of other items away, below 0 too."""
    if other is not None:
        dicts.count(trace, owner, other, "subtract")
    if keywords:
        dicts.count(trace, owner, DictValue(dict(keywords)), "subtract")


OWN: dict[str, Callable[..., Any]] = {
    "most_common": most_common,
    "subtract": subtract,
    "total": total,
}
METHODS: dict[str, Callable[..., Any]] = {**dicts.METHODS, **OWN}
