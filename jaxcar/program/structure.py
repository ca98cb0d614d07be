"""The structure of what a program remembers: from values to a fixed tuple of arrays and back.

A `Kind` says what a value is, without the value. Memory is a pytree whose leaves have 32 bits or
fewer (64-bit leaves travel as pairs of u32), so that it passes unharmed through loops, selects and
checkpoints of code that runs without `jax_enable_x64`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program.merge import collapsed, merge
from jaxcar.program.predicate import Bit, literal, traced
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    BOOL,
    INT,
    UNSET,
    Choice,
    Conflict,
    DictValue,
    Inert,
    Instance,
    ListValue,
    Maybe,
    Optional,
    Record,
    Rows,
    Selected,
    Tensor,
    Text,
    Unset,
    as_tensor,
    is_shared,
    is_static,
    unwrap_static,
)
from jaxcar.program.wording import describe

Leaves = list[jax.Array]
_LEAST_ROOM = 4


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a remembered value is.

    Args:
        form: "static", "tensor", "choice", "optional", "maybe", "tuple", "record", "list", "rows",
            "dict", "dict rows", "text", "selected" or "object".
        parts: the kinds of what it holds.
        detail: what else is fixed: the known value, a dtype and shape, keys, strings, a class.
    """

    form: str
    parts: tuple[Kind, ...] = ()
    detail: Any = None


@dataclasses.dataclass(frozen=True)
class _Known:
    """A known value, compared by type and content."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and _token(self.value) == _token(other.value)

    def __hash__(self) -> int:
        return hash(_token(self.value))


def _token(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, (tuple, list)):
        return (type(value).__name__, *(_token(item) for item in value))
    return (type(value).__name__, repr(value))


class NoKindError(Exception):
    """A value that can be kept neither in memory nor in the state of a loop.

    Args:
        message: what it is.
        fix: what to write instead.
        code: the diagnostic's code.
    """

    def __init__(self, message: str, fix: str | None = None, code: str = "JC312") -> None:
        super().__init__(message)
        self.message, self.fix, self.code = message, fix, code


def kind_of(trace: Trace, value: Any, name: str) -> Kind:
    """Return the kind of a value that the program keeps in `self`.

    Args:
        trace: the present tracing; a value that cannot be kept is refused there.
        value: the value.
        name: the field, for messages.
    """
    try:
        return form_of(value, trace.limits.list_capacity)
    except NoKindError as error:
        words = "has different kinds of value on different paths"
        message = (
            f"`self.{name}` {words}: {error.message}"
            if error.code == "JC401"
            else f"keeping {error.message} in `self.{name}` is not supported yet"
        )
        trace.refuse(error.code, message, fix=error.fix)


def form_of(value: Any, capacity: int | None = None) -> Kind:
    """Return the kind of a value.

    Args:
        value: the value.
        capacity: how many elements lists of run-time length may have; None for as many as now.

    Raises:
        NoKindError: it has none.
    """
    value = collapsed(value)
    if isinstance(value, (Maybe, Optional)):
        form = "maybe" if isinstance(value, Maybe) else "optional"
        return Kind(form, (form_of(value.value, capacity),))
    if isinstance(value, Tensor):
        return _tensor_kind(value)
    if isinstance(value, Choice):
        return Kind("choice", tuple(form_of(option, capacity) for _, option in value.options))
    if isinstance(value, Selected):
        rows = value.values
        return Kind("selected", (), (rows.dtype, rows.shape, value.size_bounds))
    if isinstance(value, Text):
        return Kind("text", (), value.options)
    if isinstance(value, Inert):
        return Kind("static", (), _Known(value))
    if isinstance(value, (ListValue, DictValue, Instance)):
        return _mutable_kind(value, capacity)
    if isinstance(value, Record):
        items = tuple(form_of(item, capacity) for item in value)
        return Kind("record", items, _Named(value.type.name, value.type))
    if isinstance(value, tuple) and not is_static(value):
        return Kind("tuple", tuple(form_of(item, capacity) for item in value))
    if isinstance(value, Conflict):
        raise NoKindError(
            value.message,
            "give it one kind and one length on every path: numbers with int(...) or "
            "float(...), arrays of one dtype and shape, counters instead of growing lists",
            "JC401",
        )
    if is_static(value):
        return Kind("static", (), _Known(unwrap_static(value)))
    raise NoKindError(describe(value))


@dataclasses.dataclass(frozen=True)
class _Named:
    """A type of the program, compared by name: each tracing makes its own."""

    name: str
    type: Any = dataclasses.field(compare=False)

    def of(self, types: Mapping[str, Any] | None) -> Any:
        """Return the type of this name among `types`, or the one that was seen."""
        return self.type if types is None else types[self.name]


def _tensor_kind(value: Tensor) -> Kind:
    python = value.python if isinstance(value.python, bool) else None
    mixed = value.mixed and tuple(sorted(value.mixed, key=str))
    # What shares memory with another value now would still share it at the next step.
    frozen = value.ndim > 0 and is_shared(value)
    return Kind("tensor", (), (value.dtype, value.shape, python, mixed, frozen))


def _mutable_kind(value: ListValue | DictValue | Instance, capacity: int | None) -> Kind:
    if isinstance(value, ListValue):
        detail = (value.frozen, value.form, value.maxlen)
        if value.rows is not None:
            # A deque with a bound holds one more for a moment.
            room = _room(value.rows, capacity)
            room = room if value.maxlen is None else min(room, value.maxlen)
            return Kind("rows", (value.rows.kind,), (*detail, room))
        items = tuple(form_of(item, capacity) for item in value.items)
        return Kind("list", items, detail)
    if isinstance(value, DictValue):
        detail = (value.frozen, value.unordered, value.form, _Known(value.default))
        if value.rows is not None:
            room = _room(value.rows, capacity)
            return Kind("dict rows", (value.rows.kind,), (*detail, room))
        parts = tuple(form_of(entry, capacity) for entry in value.entries.values())
        return Kind("dict", parts, (tuple(value.entries), *detail))
    parts = tuple(form_of(field, capacity) for field in value.fields.values())
    named = _Named(value.cls.node.name, value.cls)
    return Kind("object", parts, (tuple(value.fields), named, value.frozen))


def _room(rows: Rows, capacity: int | None) -> int:
    """Return how many elements to keep room for: a power of two, at most the capacity."""
    if capacity is None:
        return rows.capacity
    high = rows.length.bounds[1] if rows.length.bounds else rows.capacity
    return min(capacity, max(_LEAST_ROOM, 1 << max(high - 1, 0).bit_length()))


def grown(kind: Kind, before: Kind, capacity: int) -> Kind:
    """Return a kind in which whatever has grown since `before` may grow to the capacity at once.

    Args:
        kind: after one more step, or turn of a loop.
        before: the kind before it.
        capacity: how many elements there may be.
    """
    if kind.form != before.form or len(kind.parts) != len(before.parts):
        return kind
    parts = tuple(grown(a, b, capacity) for a, b in zip(kind.parts, before.parts, strict=True))
    detail = kind.detail
    if kind.form in ("rows", "dict rows") and detail[-1] > before.detail[-1]:
        most = detail[2] if kind.form == "rows" and detail[2] is not None else capacity
        detail = (*detail[:-1], min(most, capacity))
    return Kind(kind.form, parts, detail)


def narrow(array: jax.Array) -> jax.Array:
    """Return a leaf of 32 bits or fewer: 64-bit values as pairs of u32."""
    if array.dtype.itemsize == 8:
        return lax.bitcast_convert_type(array, jnp.uint32)
    return array


def widen(leaf: jax.Array, dtype: np.dtype) -> jax.Array:
    """Return the array of this dtype that a leaf stands for."""
    if dtype.itemsize == 8:
        return lax.bitcast_convert_type(leaf, dtype)
    return leaf


def pack(value: Any, kind: Kind) -> Leaves:
    """Return the leaves of a value of this kind, or of a special case of it.

    Args:
        value: the value; one that is known, present or defined fits a wider kind.
        kind: the kind that all paths share.
    """
    value = collapsed(value)
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
        return [value.values.value.astype(kind.detail[0]), value.mask]
    if kind.form == "text":
        options = value.options if isinstance(value, Text) else (value,)
        places = np.asarray([kind.detail.index(option) for option in options], np.int32)
        index = value.index if isinstance(value, Text) else jnp.int32(0)
        return [jnp.asarray(places)[index]]
    if kind.form in ("rows", "dict rows"):
        return _pack_rows(value, kind)
    return [leaf for item, part in _children(value, kind) for leaf in _pack_or_zero(item, part)]


def _children(value: Any, kind: Kind) -> list[tuple[Any, Kind]]:
    if kind.form in ("dict", "object"):
        entries = value.entries if isinstance(value, DictValue) else value.fields
        keys = kind.detail[0]
        return [(entries.get(k, UNSET), p) for k, p in zip(keys, kind.parts, strict=True)]
    items = value.items if isinstance(value, ListValue) else value
    return list(zip(items, kind.parts, strict=True))


def _pack_or_zero(value: Any, kind: Kind) -> Leaves:
    return zeros(kind) if isinstance(value, Unset) else pack(value, kind)


def _pack_tensor(value: Any, kind: Kind) -> Leaves:
    dtype, _, python, _, _ = kind.detail
    tensor = as_tensor(value)
    leaves = [Tensor(tensor.value, dtype).value]
    return leaves if python is not None else [*leaves, traced(tensor.python)]


def _pack_choice(value: Any, kind: Kind) -> Leaves:
    """Pack the position of the option that holds, and every option."""
    options = value.options if isinstance(value, Choice) else [(True, value)]
    parts: list[Any] = [UNSET] * len(kind.parts)
    position = jnp.int32(0)
    for bit, option in options:
        place = kind.parts.index(form_of(option))
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
        dtype, shape, _ = kind.detail
        return [jnp.zeros(shape, dtype), jnp.zeros(shape[0], bool)]
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
        dtype, _, size_bounds = kind.detail
        rows = Tensor(leaves.pop(0), dtype)
        return Selected(rows, leaves.pop(0), size_bounds)
    if kind.form == "text":
        return Text(kind.detail, leaves.pop(0))
    if kind.form in ("rows", "dict rows"):
        return _unpack_rows(kind, leaves)
    return _unpack_parts(kind, [unpack(part, leaves, types) for part in kind.parts], types)


def _unpack_parts(kind: Kind, items: list[Any], types: Mapping[str, Any] | None) -> Any:
    if kind.form == "tuple":
        return tuple(items)
    if kind.form == "record":
        return Record(items, kind.detail.of(types))
    if kind.form == "list":
        frozen, form, maxlen = kind.detail
        return ListValue(items, frozen=frozen, form=form, maxlen=maxlen)
    entries = dict(zip(kind.detail[0], items, strict=True))
    if kind.form == "dict":
        frozen, unordered, form, default = kind.detail[1:]
        return DictValue(entries, frozen, unordered, form, default=default.value)
    return Instance(kind.detail[1].of(types), entries, kind.detail[2])


def _unpack_rows(kind: Kind, leaves: Leaves) -> Any:
    room = kind.detail[-1]
    length = Tensor(leaves.pop(0), INT, True, (0, room))
    shapes = jax.eval_shape(lambda: zeros(kind.parts[0]))
    rows = Rows(kind.parts[0], [leaves.pop(0) for _ in shapes], length, room)
    if kind.form == "rows":
        frozen, form, maxlen, _ = kind.detail
        return ListValue([], frozen=frozen, form=form, maxlen=maxlen, rows=rows)
    frozen, unordered, form, default, _ = kind.detail
    return DictValue({}, frozen, unordered, form, rows, default.value)


def _fresh(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _unpack_tensor(kind: Kind, leaves: Leaves) -> Tensor:
    dtype, _, python, mixed, frozen = kind.detail
    value = leaves.pop(0)
    bit: Any = literal(leaves.pop(0)) if python is None else python
    tensor = Tensor(value, dtype, bit)
    tensor.mixed, tensor.frozen = mixed and frozenset(mixed), frozen
    if dtype == BOOL and value.ndim == 0:
        tensor.bit = literal(value)
    return tensor


def stored(value: Any, kind: Kind) -> tuple[jax.Array, ...]:
    """Return the leaves of a value as memory holds them: of 32 bits or fewer."""
    return tuple(narrow(leaf) for leaf in pack(value, kind))


def restored(kind: Kind, leaves: Sequence[jax.Array], types: Mapping[str, Any]) -> Any:
    """Return the value of a kind from the leaves that memory holds."""
    shapes = jax.eval_shape(lambda: zeros(kind))
    wide = [widen(leaf, shape.dtype) for leaf, shape in zip(leaves, shapes, strict=True)]
    return unpack(kind, wide, types)


def join_memory(bit: Bit, new: Any, old: Any) -> Any:
    """Return what a field can hold after a step, or before it: their join, as memory holds it.

    Nothing but the memory holds the joined value, so that it may be changed in place unless one of
    the two may not.
    """
    new, old = _detached(collapsed(new)), _detached(collapsed(old))
    joined = collapsed(merge(bit, new, old))
    if isinstance(joined, (Maybe, Optional)):
        joined.value = collapsed(joined.value)
    _restore(joined, [new, old])
    return joined


def _detached(value: Any) -> Any:
    """Return a value that shares memory with no other, and knows whether it did."""
    if isinstance(value, Tensor):
        copy = Tensor(value.value, value.dtype, value.python, value.bounds)
        copy.mixed, copy.bit, copy.frozen = value.mixed, value.bit, is_shared(value)
        return copy
    if isinstance(value, Optional):
        return Optional(_detached(value.value), value.some)
    if isinstance(value, Maybe):
        return Maybe(_detached(value.value), value.defined)
    if isinstance(value, Record):
        return Record([_detached(item) for item in value], value.type)
    if isinstance(value, tuple):
        return tuple(_detached(item) for item in value)
    if isinstance(value, ListValue):
        items = [] if value.rows is not None else [_detached(item) for item in value.items]
        return ListValue(items, True, value.frozen, value.form, value.maxlen, value.rows)
    if isinstance(value, DictValue):
        known = {} if value.rows is not None else value.entries
        entries = {key: _detached(item) for key, item in known.items()}
        form = value.form
        return DictValue(entries, value.frozen, value.unordered, form, value.rows, value.default)
    if isinstance(value, Instance):
        fields = {k: _detached(v) for k, v in value.fields.items()}
        return Instance(value.cls, fields, value.frozen)
    return value


def _restore(joined: Any, sides: list[Any]) -> None:
    if isinstance(joined, (Optional, Maybe)):
        _restore(joined.value, sides)
        return
    sides = [side.value if isinstance(side, (Optional, Maybe)) else side for side in sides]
    sides = [side for side in sides if type(side) is type(joined)]
    if isinstance(joined, (Tensor, ListValue, DictValue, Instance)):
        joined.frozen = any(side.frozen for side in sides)
    if isinstance(joined, Tensor):
        joined.sharing = None
    elif isinstance(joined, (DictValue, Instance)):
        names = [_entries(side) for side in sides]
        for key, part in _entries(joined).items():
            _restore(part, [entries[key] for entries in names if key in entries])
    elif isinstance(joined, (tuple, ListValue)):
        rows = isinstance(joined, ListValue) and joined.rows is not None
        for i, part in enumerate(() if rows else _items(joined)):
            _restore(part, [_items(side)[i] for side in sides])


def _entries(value: DictValue | Instance) -> dict[Any, Any]:
    if isinstance(value, Instance):
        return value.fields
    return value.entries if value.rows is None else {}


def _items(value: Any) -> Any:
    return value.items if isinstance(value, ListValue) else value
