"""The structure of memory: what it holds of a value, and the join of what two steps leave.

A `Kind` says what a value is, without the value. Memory is a pytree whose leaves have 32 bits or
fewer (64-bit leaves travel as pairs of u32), so that it passes unharmed through loops, selects and
checkpoints of code that runs without `jax_enable_x64`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program.containers import DictValue, ListValue, NoKindError, Record
from jaxcar.program.definitions import Instance
from jaxcar.program.kinds import Kind, form_of
from jaxcar.program.merge import collapsed, merge
from jaxcar.program.packing import pack, unpack, zeros
from jaxcar.program.predicate import Bit
from jaxcar.program.tensors import Tensor, is_shared
from jaxcar.program.trace import Trace
from jaxcar.program.values import Maybe, Optional

_KEEP = "keep numbers, text and arrays, or tuples, lists and dicts of them"


def kind_of(trace: Trace, value: Any, name: str) -> Kind:
    """Return the kind of a value that the program keeps in `self`.

    Args:
        trace: the present tracing; a value that cannot be kept is refused there.
        value: the value.
        name: the field, for messages.
    """
    try:
        trace.bounded(value)
        return form_of(value, trace.limits.list_capacity)
    except NoKindError as error:
        words = "has different kinds of value on different paths"
        message = (
            f"`self.{name}` {words}: {error.message}"
            if error.code == "JC401"
            else f"keeping {error.message} in `self.{name}` is not supported yet"
        )
        trace.refuse(error.code, message, fix=error.fix or _KEEP)


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
    new, old = detached(collapsed(new)), detached(collapsed(old))
    joined = _one(merge(bit, new, old))
    _restore(joined, [new, old])
    return joined


def _one(value: Any) -> Any:
    """Return a choice between lists, dicts or objects as one that holds the same."""
    if isinstance(value, (Maybe, Optional)):
        value.value = collapsed(value.value)
        return value
    return collapsed(value)


def detached(value: Any) -> Any:
    """Return a value that shares memory with no other, and knows whether it did."""
    if isinstance(value, Tensor):
        copy = Tensor(value.value, value.dtype, value.python, value.bounds)
        copy.mixed, copy.bit, copy.frozen = value.mixed, value.bit, is_shared(value)
        copy.lent = value.lent
        return copy
    if isinstance(value, Optional):
        return Optional(detached(value.value), value.some)
    if isinstance(value, Maybe):
        return Maybe(detached(value.value), value.defined)
    if isinstance(value, Record):
        return Record([detached(item) for item in value], value.type, value.mark)
    if isinstance(value, tuple):
        return tuple(detached(item) for item in value)
    if isinstance(value, ListValue):
        items = [] if value.rows is not None else [detached(item) for item in value.items]
        made: Any = ListValue(items, True, value.frozen, value.form, value.maxlen, value.rows)
        made.lent = value.lent
        return made
    if isinstance(value, DictValue):
        known = {} if value.rows is not None else value.entries
        entries = {key: detached(item) for key, item in known.items()}
        form = value.form
        made = DictValue(entries, value.frozen, value.unordered, form, value.rows, value.default)
        made.lent = value.lent
        return made
    if isinstance(value, Instance):
        fields = {k: detached(v) for k, v in value.fields.items()}
        return Instance(value.cls, fields, value.frozen, lent=value.lent)
    return value


def _restore(joined: Any, sides: list[Any]) -> None:
    if isinstance(joined, (Optional, Maybe)):
        _restore(joined.value, sides)
        return
    sides = [side.value if isinstance(side, (Optional, Maybe)) else side for side in sides]
    sides = [side for side in sides if type(side) is type(joined)]
    if isinstance(joined, (Tensor, ListValue, DictValue, Instance)):
        joined.frozen = any(side.frozen for side in sides)
        joined.lent = any(side.lent is not False for side in sides)
    if isinstance(joined, Tensor):
        joined.sharing = None
    elif isinstance(joined, (DictValue, Instance)):
        names = [_entries(side) for side in sides]
        held = _entries(joined)
        for key in held:
            part = held[key] = _one(held[key])
            _restore(part, [entries[key] for entries in names if key in entries])
    elif isinstance(joined, (tuple, ListValue)):
        rows = isinstance(joined, ListValue) and joined.rows is not None
        if isinstance(joined, ListValue) and not rows:
            joined.items = [_one(part) for part in joined.items]
        for i, part in enumerate(() if rows else _items(joined)):
            _restore(part, [_items(side)[i] for side in sides])


def _entries(value: DictValue | Instance) -> dict[Any, Any]:
    if isinstance(value, Instance):
        return value.fields
    return value.entries if value.rows is None else {}


def _items(value: Any) -> Any:
    return value.items if isinstance(value, ListValue) else value
