"""The join of two values where control paths meet: `merge(p, a, b)` is a where p holds, else b."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.containers import DictValue, ListValue, Record
from jaxcar.program.definitions import EnumMember, FunctionValue, Instance, LibraryObject
from jaxcar.program.predicate import Bit, both, either, negate, traced
from jaxcar.program.primitives import chosen
from jaxcar.program.tensors import (
    BOOL,
    FLOAT,
    INT,
    Selected,
    Tensor,
    as_tensor,
    dtypes_of,
    shape_of,
    share,
)
from jaxcar.program.values import (
    INERT,
    POISON,
    UNSET,
    Choice,
    Conflict,
    Inert,
    Maybe,
    Optional,
    Pending,
    Poison,
    Text,
    is_numeric,
)
from jaxcar.program.wording import describe

# bool within int within float: the kinds whose numbers may meet on one name.
_WIDE = {BOOL: 0, INT: 1, FLOAT: 2}
_WORDS = (str, EnumMember, Text, Inert)


def merge(p: Bit, a: Any, b: Any) -> Any:
    """Return a where p holds and b elsewhere, over all kinds of value.

    Args:
        p: the predicate under which `a` was assigned.
        a: the new value.
        b: the old value, or UNSET.

    Returns:
        The joined value; a `Conflict` where the two kinds have no join.
    """
    if isinstance(p, bool):
        return a if p else b
    if a is b:
        return a
    if _wraps(Maybe, a, b) or a is UNSET or b is UNSET:
        return _merge_maybe(p, a, b)
    if isinstance(a, Poison) or isinstance(b, Poison):
        return POISON
    if isinstance(a, Conflict) or isinstance(b, Conflict):
        return a if isinstance(a, Conflict) else b
    if a is None or b is None or _wraps(Optional, a, b):
        return _merge_optional(p, a, b)
    if isinstance(a, _WORDS) and isinstance(b, _WORDS):
        return _merge_text(p, a, b)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        items = [merge(p, x, y) for x, y in zip(a, b, strict=True)]
        kinds = {getattr(side, "type", None) for side in (a, b)}
        if len(kinds) > 1:
            return _conflict(a, b)
        if not (isinstance(a, Record) and isinstance(b, Record)):
            return tuple(items)
        known = a.mark is not None and b.mark is not None
        return Record(items, a.type, merge(p, a.mark, b.mark) if known else None)
    if isinstance(a, LibraryObject) and isinstance(b, LibraryObject) and a.type is b.type:
        return _merge_library_objects(p, a, b)
    if any(_is_cell(x) for x in (a, b)):
        return _merge_choice(p, a, b)
    if isinstance(a, Selected) and isinstance(b, Selected):
        return _merge_selected(p, a, b)
    if isinstance(a, Choice) or isinstance(b, Choice):
        return _merge_choice(p, a, b)
    if is_numeric(a) and is_numeric(b):
        return _merge_numbers(p, a, b)
    if type(a) is type(b) and a == b:
        return a
    return _conflict(a, b)


def _merge_library_objects(p: Bit, a: LibraryObject, b: LibraryObject) -> Any:
    if a.size != b.size:
        sizes = " and of ".join(str(side.size) for side in (a, b))
        message = f"objects of `{a.type.name}` of pictures of {sizes} pixels meet"
        return Conflict(message, "one that belongs to a picture of the same size on every path")
    fields = {name: merge(p, value, b.fields[name]) for name, value in a.fields.items()}
    return LibraryObject(a.type, fields, a.size)


def _is_cell(value: Any) -> bool:
    """Tell whether a value is changed in place, or is one of several that are."""
    if isinstance(value, Choice):
        return _is_cell(value.options[0][1])
    return isinstance(value, (ListValue, DictValue, Instance))


def collapsed(value: Any) -> Any:
    """Return a choice between lists, dicts or objects as one that holds the same.

    It is a copy, by value: for going through, and for memory, which nothing else can see.
    """
    if not isinstance(value, Choice) or not _is_cell(value):
        return value
    joined: Any = value.options[0][1]
    frozen = any(option.frozen for _, option in value.options)
    lent: Bit = False
    for bit, option in value.options:
        lent = either(lent, both(bit, option.lent))
    for bit, option in value.options[1:]:
        joined = _merge_cells(bit, option, joined)
        if isinstance(joined, Conflict):
            return joined
    joined.frozen, joined.lent = frozen, lent
    return joined


def _merge_cells(p: Bit, a: Any, b: Any) -> Any:
    """Return a new list, dict or object, which later writes through either old one do not reach."""
    if isinstance(a, ListValue) and isinstance(b, ListValue):
        return _merge_lists(p, a, b)
    if isinstance(a, DictValue) and isinstance(b, DictValue):
        return merge_entries(p, a, b)
    if isinstance(a, Instance) and isinstance(b, Instance) and a.cls is b.cls:
        names = {**b.fields, **a.fields}
        fields = {
            k: merge(p, *(join_pending(x.fields.get(k, UNSET)) for x in (a, b))) for k in names
        }
        return Instance(a.cls, fields, frozen=True)
    return _conflict(a, b)


def _merge_lists(p: Bit, a: ListValue, b: ListValue) -> Any:
    """Return a new list, which later writes through either old name would not reach."""
    maxlen = a.maxlen if a.maxlen == b.maxlen else None
    if a.form != b.form or a.maxlen != b.maxlen:
        return _conflict(a, b)
    if a.rows is None and b.rows is None and len(a.items) == len(b.items):
        items = [merge(p, x, y) for x, y in zip(a.items, b.items, strict=True)]
        return ListValue(items, frozen=True, form=a.form, maxlen=maxlen)
    rows = _merge_rows(p, a, b)
    if rows is None:
        return _conflict(a, b)
    return ListValue([], frozen=True, form=a.form, maxlen=maxlen, rows=rows)


def _merge_rows(p: Bit, a: Any, b: Any) -> Any:
    """Return the join of the rows of two lists or dicts; None where their elements have none."""
    from jaxcar.program.rows import merged_rows  # elements are joined by `merge` in their turn

    return merged_rows(p, a, b)


def merge_entries(p: Bit, a: DictValue, b: DictValue) -> DictValue | Conflict:
    """Return the join of two dicts, key by key; a key of one path only becomes a `Maybe`."""
    if a.form != b.form:
        return _conflict(a, b)
    if a.rows is not None or b.rows is not None:
        rows = _merge_rows(p, a, b)
        if rows is None:
            return _conflict(a, b)
        return DictValue({}, True, a.unordered or b.unordered, a.form, rows, a.default)
    if a.form == "dict" and [k for k in a.entries if k in b.entries] != [
        k for k in b.entries if k in a.entries
    ]:
        return Conflict(
            "the order of the dict's keys depends on the path",
            "a dict with all its keys, in one order, before: d = {'a': 0, 'b': 0}",
        )
    keys = {**b.entries, **a.entries}
    entries = {k: merge(p, a.entries.get(k, UNSET), b.entries.get(k, UNSET)) for k in keys}
    return DictValue(entries, True, a.unordered or b.unordered, a.form, default=a.default)


def _wraps(kind: type, a: Any, b: Any) -> bool:
    return isinstance(a, kind) or isinstance(b, kind)


_ONE_LENGTH = "a {} of one length on every path, or None and test `is None`"
_ONE_KIND = "one kind on every path, or None and test `is None`"


def _conflict(a: Any, b: Any) -> Conflict:
    for kind, words, items in (
        (ListValue, "lists", lambda x: x.items),
        (tuple, "tuples", lambda x: x),
    ):
        if isinstance(a, kind) and isinstance(b, kind):
            if any(getattr(side, "rows", None) is not None for side in (a, b)):
                return Conflict(f"{words} with elements of different kinds meet", _ONE_KIND)
            sizes = sorted((len(items(a)), len(items(b))))
            message = f"{words} of {sizes[0]} and of {sizes[1]} items meet"
            return Conflict(message, _ONE_LENGTH.format(words[:-1]))
    message = f"one path gives {describe(a)}, another gives {describe(b)}"
    if isinstance(a, FunctionValue) and isinstance(b, FunctionValue):
        return Conflict(
            "each path gives a function of its own",
            "one function on every path, and choose inside it: lambda: 1 if c else 2",
        )
    if isinstance(a, tuple) or isinstance(b, tuple):
        return Conflict(message, _ONE_LENGTH.format("tuple"))
    if is_numeric(a) and is_numeric(b) and not (shape_of(a) or shape_of(b)):
        return Conflict(message)
    if all(isinstance(x, Selected) or is_numeric(x) for x in (a, b)):
        return Conflict(message, "an array of one shape and dtype on every path")
    return Conflict(message, _ONE_KIND)


def _merge_maybe(p: Bit, a: Any, b: Any) -> Any:
    value_a, defined_a = _parts(a)
    value_b, defined_b = _parts(b)
    defined = either(both(p, defined_a), both(negate(p), defined_b))
    if value_a is UNSET:
        value = value_b
    elif value_b is UNSET:
        value = value_a
    else:
        value = merge(p, value_a, value_b)
    return value if defined is True else Maybe(value, defined)


def _parts(value: Any) -> tuple[Any, Bit]:
    if value is UNSET:
        return UNSET, False
    if isinstance(value, Maybe):
        return value.value, value.defined
    return value, True


def _merge_optional(p: Bit, a: Any, b: Any) -> Any:
    value_a, some_a = optional_parts(a)
    value_b, some_b = optional_parts(b)
    if value_a is None:
        value = value_b
    elif value_b is None:
        value = value_a
    else:
        value = merge(p, value_a, value_b)
    if isinstance(value, Conflict):
        return value
    some = either(both(p, some_a), both(negate(p), some_b))
    return value if some is True else Optional(value, some)


def optional_parts(value: Any) -> tuple[Any, Bit]:
    """Return (the value, whether it is not None)."""
    if value is None:
        return None, False
    if isinstance(value, Optional):
        return value.value, value.some
    return value, True


def _merge_text(p: Bit, a: Any, b: Any) -> Any:
    if isinstance(a, Inert) or isinstance(b, Inert):
        return INERT
    left, right = _as_text(a), _as_text(b)
    options = tuple(sorted({*left.options, *right.options}, key=repr))
    if len(options) == 1:
        return options[0]
    index = jnp.where(traced(p), _reindex(left, options), _reindex(right, options))
    return Text(options, index)


def _as_text(value: str | EnumMember | Text) -> Text:
    return value if isinstance(value, Text) else Text((value,), jnp.int32(0))


def _reindex(text: Text, options: tuple[str, ...]) -> Any:
    places = np.asarray([options.index(option) for option in text.options], np.int32)
    return jnp.asarray(places)[text.index]


def _merge_selected(p: Bit, a: Selected, b: Selected) -> Any:
    if a.values.dtype != b.values.dtype or a.values.shape != b.values.shape:
        message = "arrays of run-time length from different places meet"
        return Conflict(message, "one array, and choose between two masks of one shape")
    values = _merge_numbers(p, a.values, b.values)
    if isinstance(values, Conflict):
        return values
    bounds = (
        min(a.size_bounds[0], b.size_bounds[0]),
        max(a.size_bounds[1], b.size_bounds[1]),
    )
    if a.lineage is not b.lineage:
        a.shared = b.shared = True
    shared = a.shared or b.shared
    mask = jnp.where(traced(p), a.mask, b.mask)
    packed, points = a.packed and b.packed, a.points and b.points
    return Selected(values, mask, bounds, packed, shared, a.lineage, points)


def _merge_numbers(p: Bit, a: Any, b: Any) -> Any:
    if type(a) is type(b) and np.ndim(a) == 0 and not isinstance(a, Tensor) and _same(a, b):
        return a
    left, right = as_tensor(a), as_tensor(b)
    dtype = _join_dtype(left, right)
    if left.shape != right.shape or dtype is None:
        return _merge_choice(p, a, b)
    bounds = None
    if left.bounds is not None and right.bounds is not None:
        bounds = (min(left.bounds[0], right.bounds[0]), max(left.bounds[1], right.bounds[1]))
    python = either(both(p, left.python), both(negate(p), right.python))
    x, y = (_widen(side, dtype, bounds) for side in (left, right))
    joined = Tensor(chosen(traced(p), x, y), dtype, python, bounds)
    dtypes = dtypes_of(left) | dtypes_of(right)
    joined.mixed = dtypes if len(dtypes) > 1 else None
    if joined.ndim > 0:
        # It is one of the two: writing into it would have to reach that one as well.
        for side in (a, b):
            if isinstance(side, Tensor):
                share(joined, side)
        joined.frozen = left.frozen or right.frozen
        joined.lent = either(both(p, left.lent), both(negate(p), right.lent))
    return joined


def postponed(p: Bit, new: Any, old: Any) -> Any:
    """Return what a name holds after an assignment under p, joined only when it is read."""
    if isinstance(p, bool):
        return new if p else old
    return Pending(p, new, old)


def join_pending(value: Any) -> Any:
    """Return the value of a name on all paths together."""
    chain = []
    while isinstance(value, Pending):
        if value.path is None:
            value = value.joined
            continue
        chain.append(value)
        value = value.old
    for link in reversed(chain):
        assert link.path is not None
        value = merge(link.path, link.new, value)
        # Forget the parts: an array that only they hold may be written again.
        link.joined, link.path, link.new, link.old = value, None, None, None
    return value


_CHOICES = 8


def _merge_choice(p: Bit, a: Any, b: Any) -> Any:
    """Return the join of numbers or arrays that differ in dtype or shape: each on its own path."""
    cells = _is_cell(a)
    if cells != _is_cell(b) or not all(
        isinstance(x, Choice) or is_numeric(x) or cells for x in (a, b)
    ):
        return _conflict(a, b)
    sides = [(p, a), (negate(p), b)]
    options: dict[Any, tuple[Bit, Any]] = {}
    for path, side in sides:
        for bit, value in side.options if isinstance(side, Choice) else [(True, side)]:
            here, key = both(path, bit), _likeness(value)
            if here is False:
                continue
            if key in options:
                there, other = options[key]
                kept = other if cells else _merge_numbers(here, value, other)
                options[key] = (either(here, there), kept)
            else:
                options[key] = (here, value)
    kinds = {_cell_kind(value) for _, value in options.values()} if cells else {None}
    if len(kinds) > 1:
        return _conflict(*[value for _, value in options.values()][:2])
    if len(options) > _CHOICES:
        joined = collapsed(Choice(list(options.values()))) if cells else _conflict(a, b)
        if cells and not isinstance(joined, Conflict):
            joined.frozen = True
            for bit, option in options.values():  # a later change of one would not reach the copy
                option.lent = either(option.lent, bit)
        return joined
    if len(options) == 1:
        return next(iter(options.values()))[1]
    return Choice(list(options.values()))


def _cell_kind(value: Any) -> Any:
    return value.cls if isinstance(value, Instance) else (type(value), value.form)


def _likeness(value: Any) -> Any:
    """Return what numbers that can be joined into one have in common."""
    if _is_cell(value):
        return id(value)
    tensor = as_tensor(value)
    wide = tensor.ndim == 0 and tensor.dtype in _WIDE
    return (tensor.shape, "python" if wide else tensor.dtype)


def _widen(side: Tensor, dtype: np.dtype, bounds: Any) -> Any:
    return Tensor(side.value, dtype, False, bounds).value


def _same(a: Any, b: Any) -> bool:
    # 0.0 and -0.0 are equal and differ; nan is unequal to itself and may be shared.
    return bool(a == b) and np.signbit(a) == np.signbit(b)


def _join_dtype(a: Tensor, b: Tensor) -> np.dtype | None:
    if a.dtype == b.dtype:
        return a.dtype
    if a.ndim == 0 and a.dtype in _WIDE and b.dtype in _WIDE:
        return max(a.dtype, b.dtype, key=_WIDE.__getitem__)
    return None
