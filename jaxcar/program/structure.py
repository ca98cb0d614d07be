"""The structure of what a program remembers: from values to a fixed tuple of arrays and back.

A `Kind` says what a value is, without the value. Memory is a pytree whose leaves have 32 bits or
fewer (64-bit leaves travel as pairs of u32), so that it passes unharmed through loops, selects and
checkpoints of code that runs without `jax_enable_x64`.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program.merge import merge
from jaxcar.program.predicate import Bit, literal, traced
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    BOOL,
    UNSET,
    ClassValue,
    Conflict,
    DictValue,
    Inert,
    Instance,
    ListValue,
    Maybe,
    Optional,
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


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a remembered value is.

    Args:
        form: "static", "tensor", "optional", "maybe", "tuple", "list", "dict", "text", "selected"
            or "object".
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


def kind_of(trace: Trace, value: Any, name: str) -> Kind:
    """Return the kind of a value that the program keeps in `self`.

    Args:
        trace: the present tracing; a value that cannot be kept is refused there.
        value: the value.
        name: the field, for messages.
    """
    if isinstance(value, Maybe):
        return Kind("maybe", (kind_of(trace, value.value, name),))
    if isinstance(value, Optional):
        return Kind("optional", (kind_of(trace, value.value, name),))
    if isinstance(value, Tensor):
        python = value.python if isinstance(value.python, bool) else None
        mixed = value.mixed and tuple(sorted(value.mixed, key=str))
        # What shares memory with another value now would still share it at the next step.
        frozen = value.ndim > 0 and is_shared(value)
        return Kind("tensor", (), (value.dtype, value.shape, python, mixed, frozen))
    if isinstance(value, Selected):
        rows = value.values
        return Kind("selected", (), (rows.dtype, rows.shape, value.size_bounds))
    if isinstance(value, Text):
        return Kind("text", (), value.options)
    if isinstance(value, Inert):
        return Kind("static", (), _Known(value))
    if isinstance(value, ListValue):
        items = tuple(kind_of(trace, item, name) for item in value.items)
        return Kind("list", items, value.frozen)
    if isinstance(value, tuple) and not is_static(value):
        return Kind("tuple", tuple(kind_of(trace, item, name) for item in value))
    if isinstance(value, (DictValue, Instance)):
        entries = value.entries if isinstance(value, DictValue) else value.fields
        parts = tuple(kind_of(trace, entry, name) for entry in entries.values())
        if isinstance(value, DictValue):
            return Kind("dict", parts, (tuple(entries), value.frozen, value.unordered))
        return Kind("object", parts, (tuple(entries), value.cls.node.name))
    if isinstance(value, Conflict):
        trace.refuse(
            "JC401",
            f"`self.{name}` has different kinds of value on different paths: {value.message}",
            fix="give it one kind and one length on every path: numbers with int(...) or "
            "float(...), arrays of one dtype and shape, counters instead of growing lists",
        )
    if is_static(value):
        return Kind("static", (), _Known(unwrap_static(value)))
    trace.refuse("JC312", f"keeping {describe(value)} in `self.{name}` is not supported yet")


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
    if kind.form == "selected":
        return [narrow(value.values.value.astype(kind.detail[0])), value.mask]
    if kind.form == "text":
        options = (value,) if isinstance(value, str) else value.options
        places = np.asarray([kind.detail.index(option) for option in options], np.int32)
        index = jnp.int32(0) if isinstance(value, str) else value.index
        return [jnp.asarray(places)[index]]
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
    leaves = [narrow(Tensor(tensor.value, dtype).value)]
    return leaves if python is not None else [*leaves, traced(tensor.python)]


def zeros(kind: Kind) -> Leaves:
    """Return leaves of zeros for a kind whose value is absent."""
    if kind.form == "static":
        return []
    if kind.form in ("maybe", "optional"):
        return [jnp.zeros((), bool), *zeros(kind.parts[0])]
    if kind.form == "tensor":
        dtype, shape, python, _, _ = kind.detail
        leaf = narrow(jnp.zeros(shape, dtype))
        return [leaf] if python is not None else [leaf, jnp.zeros((), bool)]
    if kind.form == "selected":
        dtype, shape, _ = kind.detail
        return [narrow(jnp.zeros(shape, dtype)), jnp.zeros(shape[0], bool)]
    if kind.form == "text":
        return [jnp.int32(0)]
    return [leaf for part in kind.parts for leaf in zeros(part)]


def unpack(kind: Kind, leaves: Leaves, classes: dict[str, ClassValue]) -> Any:
    """Return the value of a kind from its leaves, which are consumed from the front.

    Args:
        kind: the kind.
        leaves: a list of arrays; those of this value are removed from it.
        classes: the program's classes by name, for objects.
    """
    if kind.form == "static":
        return _fresh(kind.detail.value)
    if kind.form in ("maybe", "optional"):
        bit = literal(leaves.pop(0))
        inner = unpack(kind.parts[0], leaves, classes)
        return Maybe(inner, bit) if kind.form == "maybe" else Optional(inner, bit)
    if kind.form == "tensor":
        return _unpack_tensor(kind, leaves)
    if kind.form == "selected":
        dtype, _, size_bounds = kind.detail
        rows = Tensor(widen(leaves.pop(0), dtype), dtype)
        return Selected(rows, leaves.pop(0), size_bounds)
    if kind.form == "text":
        return Text(kind.detail, leaves.pop(0))
    items = [unpack(part, leaves, classes) for part in kind.parts]
    if kind.form == "tuple":
        return tuple(items)
    if kind.form == "list":
        return ListValue(items, frozen=kind.detail)
    entries = dict(zip(kind.detail[0], items, strict=True))
    if kind.form == "dict":
        return DictValue(entries, *kind.detail[1:])
    return Instance(classes[kind.detail[1]], entries)


def _fresh(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _unpack_tensor(kind: Kind, leaves: Leaves) -> Tensor:
    dtype, _, python, mixed, frozen = kind.detail
    value = widen(leaves.pop(0), dtype)
    bit: Any = literal(leaves.pop(0)) if python is None else python
    tensor = Tensor(value, dtype, bit)
    tensor.mixed, tensor.frozen = mixed and frozenset(mixed), frozen
    if dtype == BOOL and value.ndim == 0:
        tensor.bit = literal(value)
    return tensor


def join_memory(bit: Bit, new: Any, old: Any) -> Any:
    """Return what a field can hold after a step, or before it: their join, as memory holds it.

    Nothing but the memory holds the joined value, so that it may be changed in place unless one of
    the two may not.
    """
    new, old = _detached(new), _detached(old)
    joined = merge(bit, new, old)
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
    if isinstance(value, tuple):
        return tuple(_detached(item) for item in value)
    if isinstance(value, ListValue):
        return ListValue([_detached(item) for item in value.items], frozen=value.frozen)
    if isinstance(value, DictValue):
        entries = {key: _detached(item) for key, item in value.entries.items()}
        return DictValue(entries, value.frozen, value.unordered)
    if isinstance(value, Instance):
        return Instance(value.cls, {k: _detached(v) for k, v in value.fields.items()})
    return value


def _restore(joined: Any, sides: list[Any]) -> None:
    if isinstance(joined, (Optional, Maybe)):
        _restore(joined.value, sides)
        return
    sides = [side.value if isinstance(side, (Optional, Maybe)) else side for side in sides]
    sides = [side for side in sides if type(side) is type(joined)]
    if isinstance(joined, (Tensor, ListValue, DictValue)):
        joined.frozen = any(side.frozen for side in sides)
    if isinstance(joined, Tensor):
        joined.sharing = None
    elif isinstance(joined, DictValue):
        for key, part in joined.entries.items():
            _restore(part, [side.entries[key] for side in sides if key in side.entries])
    elif isinstance(joined, (tuple, ListValue)):
        for i, part in enumerate(_items(joined)):
            _restore(part, [_items(side)[i] for side in sides])


def _items(value: Any) -> Any:
    return value.items if isinstance(value, ListValue) else value
