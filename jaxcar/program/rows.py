"""Elements of one kind whose number is known only at run time, packed into arrays.

A list that grows on some paths only, a queue, a set of visited cells: each leaf of their elements
becomes one array with a row per element, of which the first `length` count. All operations work on
every row at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.containers import DictValue, ListValue, NoKindError, Rows
from jaxcar.program.definitions import Instance
from jaxcar.program.equality import equal
from jaxcar.program.faults import Fault
from jaxcar.program.kinds import Kind, form_of, unlent
from jaxcar.program.lending import lend
from jaxcar.program.merge import join_pending
from jaxcar.program.packing import pack, unpack, zeros
from jaxcar.program.predicate import Bit, literal, traced
from jaxcar.program.structure import join_memory
from jaxcar.program.tensors import BOOL, INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import Maybe

_FIRST_CAPACITY = 4


def join_kinds(a: Kind, b: Kind) -> Kind:
    """Return the kind of values that are of the one kind on some paths, of the other elsewhere.

    Raises:
        NoKindError: there is none.
    """
    if a == b:
        return a
    found: list[Kind] = []

    def join(bit: jax.Array, first: Any, second: Any) -> jax.Array:
        found.append(form_of(join_memory(literal(bit), *map(_unpacked, (a, b), (first, second)))))
        return bit

    shapes = [jax.eval_shape(functools.partial(zeros, kind)) for kind in (a, b)]
    jax.eval_shape(join, jax.ShapeDtypeStruct((), bool), *shapes)
    return found[-1]


def _unpacked(kind: Kind, leaves: Sequence[jax.Array]) -> Any:
    return unpack(kind, list(leaves))


def element_kind(items: Sequence[Any]) -> Kind:
    """Return the one kind of several elements.

    Raises:
        NoKindError: there is none.
    """
    kinds = [unlent(_general(form_of(item))) for item in items]
    return functools.reduce(join_kinds, kinds)


def _general(kind: Kind) -> Kind:
    """Return the kind of which a known number is a case: elements are seldom all the same."""
    if kind.form == "static":
        value = kind.detail.value
        if isinstance(value, (bool, int, float, np.generic)):
            dtype = np.asarray(value).dtype if not isinstance(value, int) else INT
            dtype = BOOL if isinstance(value, bool) else dtype
            python = not isinstance(value, np.generic)
            return Kind("tensor", (), (dtype, (), python, None, False))
        if type(value) is tuple:
            return Kind("tuple", tuple(_general(form_of(item)) for item in value))
        return kind
    if kind.form in ("tuple", "record", "optional", "maybe", "library object"):
        return Kind(kind.form, tuple(map(_general, kind.parts)), kind.detail)
    return kind


def repack(rows: Rows, kind: Kind) -> Rows:
    """Return rows as rows of a wider kind."""
    if rows.kind == kind:
        return rows

    def one(_: jax.Array, *leaves: jax.Array) -> list[jax.Array]:
        return pack(unpack(rows.kind, list(leaves)), kind)

    leaves = jax.vmap(one)(jnp.arange(rows.capacity), *rows.leaves)
    return Rows(kind, list(leaves), rows.length, rows.capacity)


def packed_rows(value: ListValue | DictValue, kind: Kind, capacity: int) -> Rows:
    """Return the rows of a list or dict, of the given element kind and capacity.

    Args:
        value: with rows of that kind or a narrower one, or with known elements.
        kind: of an element.
        capacity: at least as many as there are elements.
    """
    return resized(_as_rows(value, kind), capacity)


def _entries(value: DictValue) -> list[tuple[Bit, Any]]:
    """Return the elements of a set or the pairs of a dict, each with whether it is there."""
    found: list[tuple[Bit, Any]] = []
    for key, entry in value.entries.items():
        entry = join_pending(entry)
        defined = entry.defined if isinstance(entry, Maybe) else True
        inner = entry.value if isinstance(entry, Maybe) else entry
        found.append((defined, key if value.form == "set" else (key, inner)))
    return found


def to_rows(value: ListValue | DictValue, others: Sequence[Any] = ()) -> Rows:
    """Turn a list or dict into rows in place, of a kind that other elements fit too.

    Raises:
        NoKindError: the elements have no common kind.
    """
    kinds = [*_element_kinds(value), *(unlent(_general(form_of(item))) for item in others)]
    if not kinds:
        raise NoKindError("an empty list whose elements are not known")
    value.rows = _as_rows(value, functools.reduce(join_kinds, kinds))
    return value.rows


def kept_first(mask: jax.Array) -> jax.Array:
    """Return the positions of the true elements, in order, then zeros: bool[n] -> i32[n].

    Each true element writes its position to where it belongs: far cheaper than a stable sort.
    """
    size = mask.shape[0]
    if size < 2:
        return jnp.zeros(size, jnp.int32)
    places = jax.lax.select(
        mask, jax.lax.cumsum(mask.astype(jnp.int32)) - 1, jnp.full(size, size, jnp.int32)
    )
    empty = jnp.zeros(size, jnp.int32)
    positions = jax.lax.iota(jnp.int32, size)
    return empty.at[places].set(positions, mode="drop", unique_indices=True)


def compacted(
    kind: Kind,
    items: Sequence[tuple[Bit, Any]],
    length: Tensor | None = None,
    *,
    for_now: bool = False,
) -> Rows:
    """Pack the elements that occur, in order.

    Args:
        kind: of every element.
        items: each element with whether it occurs.
        length: how many occur, where it is known that they are the first ones.
        for_now: whether the rows are looked at once, and not kept.
    """
    for bit, item in () if for_now else items:
        lend(item, bit)
    capacity = max(len(items), 1)
    packed = [pack(item, kind) for _, item in items] or [zeros(kind)]
    leaves = [jnp.stack(column) for column in zip(*packed, strict=True)]
    if all(bit is True for bit, _ in items):
        return Rows(kind, leaves, Tensor(jnp.int32(len(items)), INT, True, _same(items)), capacity)
    if length is not None:
        return Rows(kind, leaves, length, capacity)
    present = jnp.stack([traced(bit) for bit, _ in items])
    order = kept_first(present)
    sure = sum(bit is True for bit, _ in items)
    length = Tensor(jnp.sum(present, dtype=jnp.int32), INT, True, (sure, len(items)))
    return Rows(kind, [leaf[order] for leaf in leaves], length, capacity)


def _same(items: Sequence[Any]) -> tuple[int, int]:
    return (len(items), len(items))


def resized(rows: Rows, capacity: int) -> Rows:
    """Return rows with another capacity, at least as large as their length."""
    if capacity == rows.capacity:
        return rows
    extra = capacity - rows.capacity
    if extra < 0:
        leaves = [leaf[:capacity] for leaf in rows.leaves]
    else:
        leaves = [
            jnp.concatenate([leaf, jnp.zeros((extra, *leaf.shape[1:]), leaf.dtype)])
            for leaf in rows.leaves
        ]
    low, high = rows.length.bounds or (0, capacity)
    bounds = (min(low, capacity), min(high, capacity))
    return Rows(rows.kind, leaves, Tensor(rows.length.value, INT, True, bounds), capacity)


def valid(rows: Rows) -> jax.Array:
    """Return which rows count: bool[capacity]."""
    return jnp.arange(rows.capacity) < rows.length.value


def same_keys(a: Rows, b: Rows) -> jax.Array:
    """Tell whether two dicts of one length have the same keys in the same order."""
    if a.kind.parts[0] != b.kind.parts[0]:
        return jnp.bool_(False)
    size, result = min(a.capacity, b.capacity), jnp.bool_(True)
    for x, y in zip(a.leaves[: len(zeros(a.kind.parts[0]))], b.leaves, strict=False):
        if x is not y:
            old, new = x[:size].reshape(size, -1), y[:size].reshape(size, -1)
            equal = (old == new) | ((old != old) & (new != new))
            result &= jnp.all(equal.all(1) | ~valid(a)[:size])
    return result


def row_at(rows: Rows, position: Any) -> Any:
    """Return the element at a position that is in range, an int or i32[]."""
    if isinstance(position, int):
        leaves = [leaf[min(position, rows.capacity - 1)] for leaf in rows.leaves]
    else:
        place = jnp.clip(position, 0, rows.capacity - 1)
        leaves = [jax.lax.dynamic_index_in_dim(x, place, 0, keepdims=False) for x in rows.leaves]
    return held(unpack(rows.kind, leaves))


def held(value: Any) -> Any:
    """Return an element that was read from rows: a copy, which may not be changed in place."""
    if isinstance(value, (ListValue, DictValue, Instance)):
        value.frozen = True
    if isinstance(value, Tensor) and value.ndim:
        value.frozen = True
    if isinstance(value, tuple):
        for item in value:
            held(item)
    return value


def checked_place(trace: Trace, rows: Rows, index: Any) -> jax.Array:
    """Return the row of a Python index, negative ones from the end; out of range is a fault."""
    length = rows.length.value.astype(jnp.int32)
    position = index.value if isinstance(index, Tensor) else jnp.asarray(int(index))
    place = jnp.where(position < 0, position + length, position)
    low = rows.length.bounds[0] if rows.length.bounds else 0
    proven = isinstance(index, int) and -low <= index < low
    if not proven:
        trace.raise_where(Fault.INDEX, (place < 0) | (place >= length))
    return place.astype(jnp.int32)


def placed(rows: Rows, place: jax.Array, item: Any, where: Bit) -> Rows:
    """Return rows with the element at one place replaced where the bit holds."""
    chosen = (jnp.arange(rows.capacity) == place) & traced(where)
    lend(item, where)
    packed = pack(item, rows.kind)
    leaves = [
        jnp.where(chosen.reshape((-1,) + (1,) * (leaf.ndim - 1)), new[None], leaf)
        for leaf, new in zip(rows.leaves, packed, strict=True)
    ]
    return Rows(rows.kind, leaves, rows.length, rows.capacity)


def accepting(rows: Rows, item: Any) -> Rows:
    """Return rows of a kind that the item fits too."""
    kind = element_kind([item])
    if kind != rows.kind:
        kind = join_kinds(rows.kind, kind)
    return repack(rows, kind)


def appended(trace: Trace, rows: Rows, item: Any, where: Bit) -> Rows:
    """Return rows with one more element where the bit holds; too many are a limit fault."""
    rows = accepting(rows, item)
    low, high = rows.length.bounds or (0, rows.capacity)
    limit = trace.limits.list_capacity
    if high >= rows.capacity and rows.capacity < limit:
        rows = resized(rows, min(limit, max(_FIRST_CAPACITY, 2 * rows.capacity)))
    length = rows.length.value.astype(jnp.int32)
    if high >= rows.capacity:
        with trace.under(where):
            trace.raise_where(Fault.CAPACITY_LIMIT, length >= rows.capacity)
    rows = placed(rows, length, item, where)
    grown = jnp.minimum(length + traced(where).astype(jnp.int32), rows.capacity)
    bounds = (low + (where is True), min(high + 1, rows.capacity))
    return Rows(rows.kind, rows.leaves, Tensor(grown, INT, True, bounds), rows.capacity)


def removed(rows: Rows, place: jax.Array, where: Bit) -> Rows:
    """Return rows without the element at one place, where the bit holds."""
    after = (jnp.arange(rows.capacity) >= place) & traced(where)
    leaves = [
        jnp.where(after.reshape((-1,) + (1,) * (x.ndim - 1)), jnp.roll(x, -1, axis=0), x)
        for x in rows.leaves
    ]
    low, high = rows.length.bounds or (0, rows.capacity)
    length = rows.length.value.astype(jnp.int32) - traced(where).astype(jnp.int32)
    bounds = (max(low - 1, 0), max(high - (where is True), 0))
    return Rows(rows.kind, leaves, Tensor(jnp.maximum(length, 0), INT, True, bounds), rows.capacity)


def inserted(trace: Trace, rows: Rows, place: jax.Array, item: Any, where: Bit) -> Rows:
    """Return rows with an element put before the one at a place, where the bit holds."""
    rows = appended(trace, rows, item, where)
    after = (jnp.arange(rows.capacity) > place) & traced(where)
    leaves = [
        jnp.where(after.reshape((-1,) + (1,) * (x.ndim - 1)), jnp.roll(x, 1, axis=0), x)
        for x in rows.leaves
    ]
    moved = Rows(rows.kind, leaves, rows.length, rows.capacity)
    return placed(moved, place, item, where)


def gathered(rows: Rows, order: jax.Array, length: Tensor) -> Rows:
    """Return the rows at positions, i32[n], of which the first `length` count."""
    order = jnp.clip(order, 0, rows.capacity - 1)
    return Rows(rows.kind, [leaf[order] for leaf in rows.leaves], length, order.shape[0])


def each(rows: Rows, function: Callable[[Any], jax.Array]) -> Any:
    """Apply a function of an element, without faults, to all rows at once: [capacity, ...]."""

    def one(_: jax.Array, *leaves: jax.Array) -> Any:
        return function(unpack(rows.kind, list(leaves)))

    return jax.vmap(one)(jnp.arange(rows.capacity), *rows.leaves)


def matching(trace: Trace, rows: Rows, item: Any, of_pairs: bool = False) -> jax.Array:
    """Return which elements that count equal an item: bool[capacity].

    Args:
        trace: the present tracing.
        rows: the elements.
        item: what they are compared with.
        of_pairs: whether to compare the first of each pair: the key.
    """

    def refuse(function: Any, arguments: list[Any]) -> Any:
        trace.refuse(
            "JC312",
            "comparing objects by their `__eq__` in a list whose length depends on the frame is "
            "not supported yet",
            fix="compare an attribute: any(x.n == n for x in values)",
        )

    # Faults, near-ties and calls of the program cannot leave `vmap`.
    near, trace.near = trace.near, None
    apply, trace.apply = trace.apply, refuse
    try:
        hits = each(rows, lambda x: traced(equal(trace, item, x[0] if of_pairs else x)))
    finally:
        trace.near, trace.apply = near, apply
    return hits & valid(rows)


def first_place(hits: jax.Array) -> jax.Array:
    """Return the position of the first true element, i32[]; 0 where there is none."""
    return jax.lax.argmax(hits, 0, jnp.int32)


def merged_rows(p: Bit, a: ListValue | DictValue, b: ListValue | DictValue) -> Rows | None:
    """Return the rows of `a` where p holds, of `b` elsewhere; None where their kinds do not join.

    Args:
        p: the path of `a`.
        a: a list or dict.
        b: one of the same form.
    """
    kinds = [kind for side in (a, b) for kind in _element_kinds(side)]
    if not kinds:
        return None
    try:
        joined = functools.reduce(join_kinds, kinds)
        made = [_as_rows(side, joined) for side in (a, b)]
    except NoKindError:
        return None
    capacity = max(rows.capacity for rows in made)
    first, second = (resized(rows, capacity) for rows in made)
    here = traced(p)
    leaves = [jnp.where(here, x, y) for x, y in zip(first.leaves, second.leaves, strict=True)]
    lengths = [rows.length for rows in (first, second)]
    bounds = [x.bounds or (0, capacity) for x in lengths]
    one, other = (x.value.astype(jnp.int32) for x in lengths)
    value = jnp.where(here, one, other)
    joint = (min(low for low, _ in bounds), max(high for _, high in bounds))
    return Rows(joined, leaves, Tensor(value, INT, True, joint), capacity)


def _element_kinds(value: ListValue | DictValue) -> list[Kind]:
    if value.rows is not None:
        return [value.rows.kind]
    items = value.items if isinstance(value, ListValue) else [x for _, x in _entries(value)]
    return [unlent(_general(form_of(item))) for item in items]


def _as_rows(value: ListValue | DictValue, kind: Kind) -> Rows:
    if value.rows is not None:
        return repack(value.rows, kind)
    items = [(True, x) for x in value.items] if isinstance(value, ListValue) else _entries(value)
    return compacted(kind, items)
