"""Values as lists of arrays, and back: the leaves of a value of a known kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.containers import DictValue, ListValue, NoKindError, Record, Rows
from jaxcar.program.counting import count_true
from jaxcar.program.definitions import Instance, LibraryObject
from jaxcar.program.kinds import Kind, form_of
from jaxcar.program.marks import remembered
from jaxcar.program.merge import collapsed, join_pending
from jaxcar.program.predicate import literal, traced
from jaxcar.program.tensors import BOOL, INT, POINT_BOUNDS, Selected, Tensor, as_tensor, is_shared
from jaxcar.program.values import UNSET, Choice, Conflict, Maybe, Optional, Text, Unset, is_numeric
from jaxcar.program.wording import describe

Leaves = list[jax.Array]
_POINT = np.dtype(np.int16)  # carries the points of contours from turn to turn


def pack(value: Any, kind: Kind) -> Leaves:
    """Return the leaves of a value of this kind, or of a special case of it.

    Args:
        value: the value; one that is known, present or defined fits a wider kind.
        kind: the kind that all paths share.
    """
    value = collapsed(join_pending(value))
    if kind.form == "static":
        return []
    if kind.form == "maybe":
        defined = value.defined if isinstance(value, Maybe) else not isinstance(value, Unset)
        inner = value.value if isinstance(value, Maybe) else value
        return [traced(defined), *_pack_or_zero(inner, kind.parts[0])]
    if kind.form == "optional":
        some = value.some if isinstance(value, Optional) else value is not None
        inner = value.value if isinstance(value, Optional) else value
        inner = UNSET if inner is None else inner
        return [traced(some), *_pack_or_zero(inner, kind.parts[0])]
    if kind.form == "tensor":
        return _pack_tensor(value, kind)
    if kind.form == "choice":
        return _pack_choice(value, kind)
    if kind.form == "selected":
        return _pack_selected(value, kind)
    if kind.form == "text":
        options = value.options if isinstance(value, Text) else (value,)
        places = np.asarray([kind.detail.index(option) for option in options], np.int32)
        index = value.index if isinstance(value, Text) else jnp.int32(0)
        return [jnp.asarray(places)[index]]
    if kind.form in ("rows", "dict rows"):
        return _pack_rows(value, kind)
    return [leaf for item, part in _children(value, kind) for leaf in _pack_or_zero(item, part)]


def _children(value: Any, kind: Kind) -> list[tuple[Any, Kind]]:
    if kind.form in ("dict", "object", "library object"):
        entries = value.entries if isinstance(value, DictValue) else value.fields
        keys = kind.detail[0]
        return [(entries.get(k, UNSET), p) for k, p in zip(keys, kind.parts, strict=True)]
    items = value.items if isinstance(value, ListValue) else value
    if kind.form == "record" and len(kind.parts) > len(items):
        items = (*items, value.mark)
    return list(zip(items, kind.parts, strict=True))


def _pack_or_zero(value: Any, kind: Kind) -> Leaves:
    if isinstance(value, Conflict):
        raise NoKindError(value.message, f"give it {value.fix}", "JC401")
    return zeros(kind) if isinstance(value, Unset) else pack(value, kind)


def _pack_tensor(value: Any, kind: Kind) -> Leaves:
    dtype, _, python, _, _ = kind.detail
    tensor = as_tensor(value)
    leaves = [Tensor(tensor.value, dtype).value]
    return leaves if python is not None else [*leaves, traced(tensor.python)]


def _pack_selected(value: Selected, kind: Kind) -> Leaves:
    """Pack an array of run-time length: its mask is a length where it is packed."""
    dtype, _, _, packed, points = kind.detail
    rows = value.values.value.astype(_POINT if points else dtype)
    return [rows, count_true(value.mask).astype(jnp.int32) if packed else value.mask]


def _unpack_selected(kind: Kind, leaves: Leaves) -> Selected:
    dtype, shape, size_bounds, packed, points = kind.detail
    rows = leaves.pop(0)
    values = Tensor(rows.astype(dtype), dtype, False, POINT_BOUNDS) if points else None
    mask = leaves.pop(0)
    if packed:
        mask = jnp.arange(shape[0], dtype=jnp.int32) < mask
    return Selected(values or Tensor(rows, dtype), mask, size_bounds, packed, points=points)


def _place_of(kind: Kind, option: Any) -> int:
    """Return which of the kinds of a choice a value has.

    Raises:
        NoKindError: it has none of them.
    """
    found = form_of(option)
    if found in kind.parts:
        return kind.parts.index(found)
    if is_numeric(option):
        array = as_tensor(option)
        python = array.python if isinstance(option, Tensor) else not isinstance(option, np.ndarray)
        for place, part in enumerate(kind.parts):
            if part.form != "tensor" or part.detail[:2] != (array.dtype, array.shape):
                continue
            lent = array.ndim > 0 and array.lent is not False
            if part.detail[2] not in (None, python) or part.lent < lent:
                continue
            if part.detail[4] >= is_shared(array):
                return place
    raise NoKindError(f"{describe(option)} among others", fixes.ONE_KIND, "JC401")


def _pack_choice(value: Any, kind: Kind) -> Leaves:
    """Pack the position of the option that holds, and every option."""
    options = value.options if isinstance(value, Choice) else [(True, value)]
    parts: list[Any] = [UNSET] * len(kind.parts)
    position = jnp.int32(0)
    for bit, option in options:
        place = _place_of(kind, option)
        parts[place] = option
        position = jnp.where(traced(bit), jnp.int32(place), position)
    packed = [_pack_or_zero(o, part) for o, part in zip(parts, kind.parts, strict=True)]
    return [position, *(leaf for leaves in packed for leaf in leaves)]


def _pack_rows(value: Any, kind: Kind) -> Leaves:
    from jaxcar.program.rows import packed_rows

    rows = packed_rows(value, kind.parts[0], kind.detail[-1])
    return [rows.length.value.astype(jnp.int32), *rows.leaves]


def zeros(kind: Kind) -> Leaves:
    """Return leaves of zeros for a kind whose value is absent."""
    if kind.form == "static":
        return []
    if kind.form in ("maybe", "optional"):
        return [jnp.zeros((), bool), *zeros(kind.parts[0])]
    if kind.form == "tensor":
        dtype, shape, python, _, _ = kind.detail
        leaf = jnp.zeros(shape, dtype)
        return [leaf] if python is not None else [leaf, jnp.zeros((), bool)]
    if kind.form == "selected":
        dtype, shape, _, packed, points = kind.detail
        length = jnp.int32(0) if packed else jnp.zeros(shape[0], bool)
        return [jnp.zeros(shape, _POINT if points else dtype), length]
    if kind.form == "text":
        return [jnp.int32(0)]
    if kind.form in ("rows", "dict rows"):
        room = kind.detail[-1]
        empty = [jnp.zeros((room, *leaf.shape), leaf.dtype) for leaf in zeros(kind.parts[0])]
        return [jnp.int32(0), *empty]
    first = [jnp.int32(0)] if kind.form == "choice" else []
    return [*first, *(leaf for part in kind.parts for leaf in zeros(part))]


def unpack(kind: Kind, leaves: Leaves, types: Mapping[str, Any] | None = None) -> Any:
    """Return the value of a kind from its leaves, which are consumed from the front.

    Args:
        kind: the kind.
        leaves: a list of arrays; those of this value are removed from it.
        types: the program's classes and namedtuples by name, for objects; None for those that the
            kind was made of, in the same tracing.
    """
    if kind.form == "static":
        return _fresh(kind.detail.value)
    if kind.form in ("maybe", "optional"):
        bit = literal(leaves.pop(0))
        inner = unpack(kind.parts[0], leaves, types)
        return Maybe(inner, bit) if kind.form == "maybe" else Optional(inner, bit)
    if kind.form == "tensor":
        return _unpack_tensor(kind, leaves)
    if kind.form == "choice":
        position = leaves.pop(0)
        options = [unpack(part, leaves, types) for part in kind.parts]
        return Choice([(literal(position == i), option) for i, option in enumerate(options)])
    if kind.form == "selected":
        return _unpack_selected(kind, leaves)
    if kind.form == "text":
        return Text(kind.detail, leaves.pop(0))
    if kind.form in ("rows", "dict rows"):
        return _unpack_rows(kind, leaves)
    return _unpack_parts(kind, [unpack(part, leaves, types) for part in kind.parts], types)


def _unpack_parts(kind: Kind, items: list[Any], types: Mapping[str, Any] | None) -> Any:
    if kind.form == "tuple":
        return tuple(items)
    if kind.form == "record":
        made = kind.detail.of(types)
        own = items[: len(made.fields)]
        marks = items[len(own) :]
        # Memory's leaves are unpacked by name.
        return Record(own, made, *(marks if types is None else map(remembered, marks)))
    if kind.form == "list":
        frozen, form, maxlen = kind.detail
        return _marked(ListValue(items, frozen=frozen, form=form, maxlen=maxlen), kind)
    entries = dict(zip(kind.detail[0], items, strict=True))
    if kind.form == "dict":
        frozen, unordered, form, default = kind.detail[1:]
        made = DictValue(entries, frozen, unordered, form, default=default.value)
        return _marked(made, kind)
    if kind.form == "library object":
        return LibraryObject(kind.detail[1], entries, kind.detail[2])
    return _marked(Instance(kind.detail[1].of(types), entries, kind.detail[2]), kind)


def _marked(value: Any, kind: Kind) -> Any:
    value.lent = kind.lent
    return value


def _unpack_rows(kind: Kind, leaves: Leaves) -> Any:
    room = kind.detail[-1]
    length = Tensor(leaves.pop(0), INT, True, (0, room))
    shapes = jax.eval_shape(lambda: zeros(kind.parts[0]))
    rows = Rows(kind.parts[0], [leaves.pop(0) for _ in shapes], length, room)
    if kind.form == "rows":
        frozen, form, maxlen, _ = kind.detail
        return _marked(ListValue([], frozen=frozen, form=form, maxlen=maxlen, rows=rows), kind)
    frozen, unordered, form, default, _ = kind.detail
    return _marked(DictValue({}, frozen, unordered, form, rows, default.value), kind)


def _fresh(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _unpack_tensor(kind: Kind, leaves: Leaves) -> Tensor:
    dtype, _, python, mixed, frozen = kind.detail
    value = leaves.pop(0)
    bit: Any = literal(leaves.pop(0)) if python is None else python
    tensor = Tensor(value, dtype, bit)
    tensor.mixed, tensor.frozen, tensor.lent = mixed and frozenset(mixed), frozen, kind.lent
    if dtype == BOOL and value.ndim == 0:
        tensor.bit = literal(value)
    return tensor
