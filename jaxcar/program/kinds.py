"""What a value is, without the value: kinds of what is remembered, or carried through a loop."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaxcar.program.containers import DictValue, ListValue, NoKindError, Record, Rows
from jaxcar.program.definitions import Instance, LibraryObject
from jaxcar.program.merge import collapsed
from jaxcar.program.tensors import Selected, Tensor, is_shared
from jaxcar.program.values import (
    Choice,
    Conflict,
    Inert,
    Maybe,
    Optional,
    Text,
    is_static,
    unwrap_static,
)
from jaxcar.program.wording import describe

_LEAST_ROOM = 4


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a remembered value is.

    Args:
        form: "static", "tensor", "choice", "optional", "maybe", "tuple", "record", "list", "rows",
            "dict", "dict rows", "text", "selected", "object" or "library object".
        parts: the kinds of what it holds.
        detail: what else is fixed: the known value, a dtype and shape, keys, strings, a class.
        lent: whether a copy of it is kept elsewhere (`jaxcar.program.lending`).
    """

    form: str
    parts: tuple[Kind, ...] = ()
    detail: Any = None
    lent: bool = False


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
        detail = (rows.dtype, rows.shape, value.size_bounds, value.packed, value.points)
        return Kind("selected", (), detail)
    if isinstance(value, Text):
        return Kind("text", (), value.options)
    if isinstance(value, Inert):
        return Kind("static", (), _Known(value))
    if isinstance(value, (ListValue, DictValue, Instance)):
        return _mutable_kind(value, capacity)
    if isinstance(value, LibraryObject):
        parts = tuple(form_of(field, capacity) for field in value.fields.values())
        return Kind("library object", parts, (tuple(value.fields), value.type, value.size))
    if isinstance(value, Record):
        marked = () if value.mark is None else (value.mark,)
        items = tuple(form_of(item, capacity) for item in (*value, *marked))
        return Kind("record", items, _Named(value.type.name, value.type))
    if isinstance(value, tuple) and (not is_static(value) or _holds_list(value)):
        return Kind("tuple", tuple(form_of(item, capacity) for item in value))
    if isinstance(value, Conflict):
        raise NoKindError(value.message, f"give it {value.fix}", "JC401")
    if is_static(value):
        return Kind("static", (), _Known(unwrap_static(value)))
    raise NoKindError(describe(value))


def _holds_list(value: Any) -> bool:
    """Tell whether a tuple holds a list, which is changed in place even if it is known."""
    if isinstance(value, tuple):
        return any(map(_holds_list, value))
    return isinstance(value, ListValue)


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
    detail = (value.dtype, value.shape, python, mixed, frozen)
    return Kind("tensor", (), detail, value.ndim > 0 and value.lent is not False)


def _mutable_kind(value: ListValue | DictValue | Instance, capacity: int | None) -> Kind:
    lent = value.lent is not False
    if isinstance(value, ListValue):
        detail: tuple[Any, ...] = (value.frozen, value.form, value.maxlen)
        if value.rows is not None:
            # A deque with a bound holds one more for a moment.
            room = _room(value.rows, capacity)
            room = room if value.maxlen is None else min(room, value.maxlen)
            return Kind("rows", (value.rows.kind,), (*detail, room), lent)
        items = tuple(form_of(item, capacity) for item in value.items)
        return Kind("list", items, detail, lent)
    if isinstance(value, DictValue):
        detail = (value.frozen, value.unordered, value.form, _Known(value.default))
        if value.rows is not None:
            room = _room(value.rows, capacity)
            return Kind("dict rows", (value.rows.kind,), (*detail, room), lent)
        parts = tuple(form_of(entry, capacity) for entry in value.entries.values())
        return Kind("dict", parts, (tuple(value.entries), *detail), lent)
    parts = tuple(form_of(field, capacity) for field in value.fields.values())
    named = _Named(value.cls.node.name, value.cls)
    return Kind("object", parts, (tuple(value.fields), named, value.frozen), lent)


def has_arrays(kind: Kind) -> bool:
    """Tell whether a kind is of contours or blobs, whose copies are dear, or holds some."""
    return kind.form in ("selected", "library object") or any(map(has_arrays, kind.parts))


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
    return Kind(kind.form, parts, detail, kind.lent)


def unlent(kind: Kind) -> Kind:
    """Return a kind without the mark that a copy is kept elsewhere: that of a copy."""
    return Kind(kind.form, tuple(map(unlent, kind.parts)), kind.detail)
