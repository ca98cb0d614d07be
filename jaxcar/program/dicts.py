"""Methods and entries of dicts: keys known while tracing, or packed into rows of pairs."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any, NoReturn

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.containers import DictValue, DictView, ListValue, NoKindError
from jaxcar.program.definitions import Instance, LibraryObject
from jaxcar.program.equality import equal
from jaxcar.program.faults import Fault
from jaxcar.program.lists import check_apart, check_unfrozen
from jaxcar.program.merge import merge
from jaxcar.program.predicate import Bit, both, either, literal, negate, traced
from jaxcar.program.rows import (
    accepting,
    appended,
    first_place,
    matching,
    placed,
    removed,
    row_at,
    to_rows,
)
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    UNSET,
    Maybe,
    Optional,
    Text,
    is_static,
    text_options,
    unwrap_static,
)
from jaxcar.program.wording import describe


def check_hashable(trace: Trace, key: Any, place: str = "be a key") -> None:
    """Refuse a key that Python cannot hash, or a tuple that holds one."""
    if isinstance(key, tuple):
        for part in key:
            check_hashable(trace, trace.narrow(part), place)
    mutable = isinstance(key, (ListValue, DictValue, Selected, Window, np.ndarray, slice))
    if mutable or (isinstance(key, Tensor) and key.ndim):
        trace.refuse(
            "JC404",
            f"{describe(key)} cannot {place}: Python raises TypeError",
            fix="make it a tuple of numbers: (int(x), int(y))",
        )


def checked_key(trace: Trace, key: Any) -> Any:
    """Return a key, refused where Python would refuse it or we cannot keep it."""
    key = trace.narrow(key)
    check_hashable(trace, key)
    if isinstance(key, (Optional, Instance, LibraryObject)):
        trace.refuse(
            "JC312",
            f"{describe(key)} as a key is not supported yet",
            fix="use a number, text or a tuple of them as the key",
        )
    if is_static(key):
        return unwrap_static(key)
    if isinstance(key, tuple):
        return tuple(checked_key(trace, part) for part in key)
    return key


def is_known_key(owner: DictValue, key: Any) -> bool:
    """Tell whether an entry is found while tracing."""
    return owner.rows is None and is_static(key)


def entry(trace: Trace, owner: DictValue, key: Any) -> Any:
    """Return `owner[key]`, with KeyError as a fault."""
    key = checked_key(trace, key)
    if is_known_key(owner, key):
        found = trace.settle(owner.entries.get(key, UNSET))
        if found is UNSET:
            return _missing(trace, owner, key)
        if isinstance(found, Maybe):
            if owner.default is not None:
                return _made(trace, owner, key, found)
            trace.raise_where(Fault.KEY, negate(found.defined))
            return found.value
        return found
    there, value = _find(trace, owner, key)
    if owner.default is not None:
        made = merge(there, value, default_of(trace, owner))
        _remember(trace, owner, key, made)
        return made
    if value is UNSET:
        trace.give_up(
            Fault.KEY,
            "JC409",
            "an entry of an empty dict is read: Python raises KeyError",
            fix="give a default: d.get(key, 0)",
        )
    trace.raise_where(Fault.KEY, negate(there))
    return value


def _remember(trace: Trace, owner: DictValue, key: Any, made: Any) -> None:
    """Store what a defaultdict has made for a key; a Counter stores nothing when it is read."""
    if owner.default is not collections.Counter:
        set_entry(trace, owner, key, made)


def default_of(trace: Trace, owner: DictValue) -> Any:
    """Return what a defaultdict makes for a missing key."""
    maker = owner.default
    if maker is collections.Counter:
        return 0
    if maker in (int, float, bool):
        return maker()
    if maker is list:
        return ListValue([], trace.path)
    if maker in (set, dict):
        return DictValue({}, form="set" if maker is set else "dict")
    trace.refuse("JC312", "a defaultdict of this factory is not supported yet", fix="use int, list")


def _missing(trace: Trace, owner: DictValue, key: Any) -> Any:
    if owner.default is not None:
        made = default_of(trace, owner)
        _remember(trace, owner, key, made)
        return made
    trace.give_up(
        Fault.KEY,
        "JC409",
        f"the dict has no key {key!r}: Python raises KeyError",
        fix=fixes.for_key(owner, key),
    )


def _made(trace: Trace, owner: DictValue, key: Any, found: Maybe) -> Any:
    made = merge(found.defined, found.value, default_of(trace, owner))
    _remember(trace, owner, key, made)
    return made


def _find(trace: Trace, owner: DictValue, key: Any) -> tuple[Bit, Any]:
    """Return whether there is such a key, and its value."""
    if owner.rows is not None:
        hits = matching(trace, owner.rows, key, of_pairs=True)
        return literal(jnp.any(hits)), row_at(owner.rows, first_place(hits))[1]
    there: Bit = False
    value: Any = UNSET
    for known, held in owner.entries.items():
        held = trace.settle(held)
        present = held.defined if isinstance(held, Maybe) else True
        hit = both(present, equal(trace, key, known))
        if hit is False:
            continue
        inner = held.value if isinstance(held, Maybe) else held
        value = inner if value is UNSET else merge(hit, inner, value)
        there = either(there, hit)
    return there, value


def set_entry(trace: Trace, owner: DictValue, key: Any, value: Any) -> None:
    """Perform `owner[key] = value` on the present path."""
    check_unfrozen(trace, owner)
    check_apart(trace, owner, value)
    key = checked_key(trace, key)
    if is_known_key(owner, key):
        old = owner.entries.get(key, UNSET)
        owner.unordered |= isinstance(old, Maybe)
        owner.entries[key] = merge(trace.path, value, old)
        return
    if isinstance(key, Text) and _has_all(trace, owner, key):
        for bit, option in text_options(key):
            here = both(trace.path, bit)
            owner.entries[option] = merge(here, value, owner.entries[option])
        return
    put(trace, owner, key, (key, value))


def _has_all(trace: Trace, owner: DictValue, key: Text) -> bool:
    """Tell whether a dict has every key that a text can be, on every path."""
    if owner.rows is not None or owner.form != "dict":
        return False
    found = [trace.settle(owner.entries.get(option, UNSET)) for option in key.options]
    return not any(value is UNSET or isinstance(value, Maybe) for value in found)


def put(trace: Trace, owner: DictValue, key: Any, element: Any) -> None:
    """Store an element (a pair, or of a set the key) under a key that is known at run time."""
    of_pairs = owner.form == "dict"
    if of_pairs and isinstance(element[1], (ListValue, DictValue, Instance)):
        refuse_collections(trace)
    try:
        rows = to_rows(owner, [element]) if owner.rows is None else accepting(owner.rows, element)
        hits = matching(trace, rows, key, of_pairs)
        there = literal(jnp.any(hits))
        if of_pairs:
            # The first key that was stored stays, as in Python: equal keys may differ in kind.
            place = first_place(hits)
            kept = (row_at(rows, place)[0], element[1])
            rows = placed(rows, place, kept, both(trace.path, there))
        owner.rows = appended(trace, rows, element, both(trace.path, negate(there)))
    except NoKindError as error:
        trace.refuse(
            "JC401",
            f"a {owner.form} whose keys depend on the frame holds entries of different kinds: "
            f"{error.message}",
            fix="keep keys of one kind and values of one kind, or fill it once before",
        )


def discard_entry(trace: Trace, owner: DictValue, key: Any, wanted: bool) -> None:
    """Remove a key; where there is none, raise KeyError if it is `wanted`."""
    check_unfrozen(trace, owner)
    key = checked_key(trace, key)
    if is_known_key(owner, key):
        found = trace.settle(owner.entries.get(key, UNSET))
        there: Bit = found.defined if isinstance(found, Maybe) else found is not UNSET
        if wanted:
            trace.raise_where(Fault.KEY, negate(there))
        if found is not UNSET:
            left = merge(trace.path, UNSET, found)
            if left is UNSET or (isinstance(left, Maybe) and left.defined is False):
                del owner.entries[key]
            else:
                owner.entries[key] = left
                owner.unordered = True
        return
    if owner.rows is None:
        to_rows(owner, [key if owner.form == "set" else (key, _any_value(trace, owner))])
    assert owner.rows is not None
    hits = matching(trace, owner.rows, key, owner.form == "dict")
    found_here = literal(jnp.any(hits))
    if wanted:
        trace.raise_where(Fault.KEY, negate(found_here))
    owner.rows = removed(owner.rows, first_place(hits), both(trace.path, found_here))


def _any_value(trace: Trace, owner: DictValue) -> Any:
    for value in owner.entries.values():
        value = trace.settle(value)
        return value.value if isinstance(value, Maybe) else value
    trace.refuse(
        "JC409",
        "an entry of an empty dict is removed: Python raises KeyError",
        fix="give a default: d.pop(key, None)",
    )


def get(trace: Trace, owner: DictValue, key: Any, default: Any = None) -> Any:
    """Return the value of a key, or a default."""
    key = checked_key(trace, key)
    if is_known_key(owner, key):
        found = trace.settle(owner.entries.get(key, UNSET))
        if found is UNSET:
            return default
        return merge(found.defined, found.value, default) if isinstance(found, Maybe) else found
    there, value = _find(trace, owner, key)
    return default if value is UNSET else merge(there, value, default)


def update(trace: Trace, owner: DictValue, other: Any = None, **keywords: Any) -> None:
    """Store the entries of another dict."""
    from jaxcar.program.iteration import iterate, pair_of, view_items

    if owner.default is collections.Counter:
        count(trace, owner, other)
    elif isinstance(other, DictValue) and other.form == "dict":
        for bit, (key, value) in view_items(trace, DictView(other, "items"), ordered=False):
            with trace.under(bit):
                set_entry(trace, owner, key, value)
    elif other is not None:
        for bit, pair in iterate(trace, other):
            with trace.under(bit):
                set_entry(trace, owner, *pair_of(trace, pair))
    for key, value in keywords.items():
        set_entry(trace, owner, key, value)


def refuse_collections(trace: Trace) -> NoReturn:
    """Refuse lists and sets under keys that are known at run time only."""
    trace.refuse(
        "JC312",
        "a list, set or dict under a key that depends on the frame is not supported yet",
        fix="make the dict with all its keys first: groups = {0: [], 1: [], 2: []}",
    )


def count(trace: Trace, owner: DictValue, other: Any, name: str = "add") -> None:
    """Perform `counter.update(items)`: counts are added up; or taken away, by name."""
    from jaxcar.program.iteration import iterate, view_items
    from jaxcar.program.operators import binary

    pairs = (
        [(bit, (item, 1)) for bit, item in iterate(trace, other, ordered=False)]
        if not (isinstance(other, DictValue) and other.form == "dict")
        else list(view_items(trace, DictView(other, "items"), ordered=False))
    )
    for bit, (key, number) in pairs:
        with trace.under(bit):
            if trace.path is not False:
                known = get(trace, owner, key, 0)
                set_entry(trace, owner, key, binary(trace, name, known, number))


def set_default(trace: Trace, owner: DictValue, key: Any, default: Any = None) -> Any:
    """Return the value of a key, which is stored where there is none."""
    if isinstance(default, (ListValue, DictValue)):
        found = trace.settle(owner.entries.get(unwrap_static(key), UNSET))
        if not is_static(key) or isinstance(found, Maybe):
            refuse_collections(trace)
        if found is not UNSET:
            return found
        set_entry(trace, owner, key, default)
        return default
    value = get(trace, owner, key, default)
    set_entry(trace, owner, key, value)
    return value


def pop(trace: Trace, owner: DictValue, key: Any, default: Any = UNSET) -> Any:
    """Remove a key and return its value."""
    if default is UNSET:
        value = entry(trace, owner, key)
        discard_entry(trace, owner, key, wanted=False)
        return value
    value = get(trace, owner, key, default)
    discard_entry(trace, owner, key, wanted=False)
    return value


def from_keys(trace: Trace, keys: Any, value: Any) -> DictValue:
    """Return `dict.fromkeys(keys, value)`."""
    from jaxcar.program.iteration import iterate

    made = DictValue({})
    for bit, key in iterate(trace, keys):
        with trace.under(bit):
            set_entry(trace, made, key, value)
    return made


def clear(trace: Trace, owner: DictValue) -> None:
    """Remove all entries."""
    check_unfrozen(trace, owner)
    if trace.path is True:
        owner.entries = {}
    elif owner.rows is None:
        for key in list(owner.entries):
            discard_entry(trace, owner, key, wanted=False)
    else:
        rows, length = owner.rows, owner.rows.length
        kept = jnp.where(traced(trace.path), 0, length.value.astype(jnp.int32))
        high = length.bounds[1] if length.bounds else rows.capacity
        size = Tensor(kept, length.dtype, True, (0, high))
        owner.rows = type(rows)(rows.kind, rows.leaves, size, rows.capacity)


def copy(trace: Trace, owner: DictValue) -> DictValue:
    """Return a dict or set of the same entries."""
    entries = {} if owner.rows is not None else dict(owner.entries)
    return DictValue(entries, False, owner.unordered, owner.form, owner.rows, owner.default)


def size(trace: Trace, owner: DictValue) -> Any:
    """Return how many entries there are: an int, or a traced Python int."""
    if owner.rows is not None:
        return owner.rows.length
    bits = [getattr(trace.settle(held), "defined", True) for held in owner.entries.values()]
    if all(bit is True for bit in bits):
        return len(bits)
    total = jnp.sum(jnp.stack([traced(bit) for bit in bits]), dtype=jnp.int32)
    sure = sum(bit is True for bit in bits)
    return Tensor(total, np.dtype(np.int64), True, (sure, len(bits)))


def _view(form: str) -> Callable[..., DictView]:
    return lambda trace, owner: DictView(owner, form)


METHODS: dict[str, Callable[..., Any]] = {
    "clear": clear,
    "copy": copy,
    "get": get,
    "items": _view("items"),
    "keys": _view("keys"),
    "pop": pop,
    "setdefault": set_default,
    "update": update,
    "values": _view("values"),
}
