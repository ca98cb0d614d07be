"""The join of two values where control paths meet: `merge(p, a, b)` is a where p holds, else b."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.predicate import Bit, both, either, negate, traced
from jaxcar.program.values import (
    BOOL,
    FLOAT,
    INERT,
    INT,
    UNSET,
    Conflict,
    DictValue,
    Inert,
    ListValue,
    Maybe,
    Optional,
    Pending,
    Selected,
    Tensor,
    Text,
    as_tensor,
    dtypes_of,
    is_numeric,
    share,
)
from jaxcar.program.wording import describe

# bool within int within float: the kinds whose numbers may meet on one name.
_WIDE = {BOOL: 0, INT: 1, FLOAT: 2}


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
    if isinstance(a, Conflict) or isinstance(b, Conflict):
        return a if isinstance(a, Conflict) else b
    if a is None or b is None or _wraps(Optional, a, b):
        return _merge_optional(p, a, b)
    if isinstance(a, (str, Text, Inert)) and isinstance(b, (str, Text, Inert)):
        return _merge_text(p, a, b)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(merge(p, x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, ListValue) and isinstance(b, ListValue) and len(a.items) == len(b.items):
        # A new list, which later writes through either old name would not reach.
        items = [merge(p, x, y) for x, y in zip(a.items, b.items, strict=True)]
        return ListValue(items, frozen=True)
    if isinstance(a, DictValue) and isinstance(b, DictValue):
        return merge_entries(p, a, b)
    if isinstance(a, Selected) and isinstance(b, Selected):
        return _merge_selected(p, a, b)
    if is_numeric(a) and is_numeric(b):
        return _merge_numbers(p, a, b)
    if type(a) is type(b) and a == b:
        return a
    return _conflict(a, b)


def merge_entries(p: Bit, a: DictValue, b: DictValue) -> DictValue | Conflict:
    """Return the join of two dicts, key by key; a key of one path only becomes a `Maybe`."""
    if [k for k in a.entries if k in b.entries] != [k for k in b.entries if k in a.entries]:
        return Conflict("the order of the dict's keys depends on the path")
    keys = {**b.entries, **a.entries}
    entries = {k: merge(p, a.entries.get(k, UNSET), b.entries.get(k, UNSET)) for k in keys}
    return DictValue(entries, frozen=True, unordered=a.unordered or b.unordered)


def _wraps(kind: type, a: Any, b: Any) -> bool:
    return isinstance(a, kind) or isinstance(b, kind)


def _conflict(a: Any, b: Any) -> Conflict:
    for kind, words, items in (
        (ListValue, "lists", lambda x: x.items),
        (tuple, "tuples", lambda x: x),
    ):
        if isinstance(a, kind) and isinstance(b, kind):
            sizes = sorted((len(items(a)), len(items(b))))
            return Conflict(f"{words} of {sizes[0]} and of {sizes[1]} items meet")
    return Conflict(f"one path gives {describe(a)}, another gives {describe(b)}")


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
    options = tuple(sorted({*left.options, *right.options}))
    if len(options) == 1:
        return options[0]
    index = jnp.where(traced(p), _reindex(left, options), _reindex(right, options))
    return Text(options, index)


def _as_text(value: str | Text) -> Text:
    return Text((value,), jnp.int32(0)) if isinstance(value, str) else value


def _reindex(text: Text, options: tuple[str, ...]) -> Any:
    places = np.asarray([options.index(option) for option in text.options], np.int32)
    return jnp.asarray(places)[text.index]


def _merge_selected(p: Bit, a: Selected, b: Selected) -> Any:
    if a.values.dtype != b.values.dtype or a.values.shape != b.values.shape:
        return Conflict("arrays of run-time length from different places meet")
    values = _merge_numbers(p, a.values, b.values)
    if isinstance(values, Conflict):
        return values
    bounds = (
        min(a.size_bounds[0], b.size_bounds[0]),
        max(a.size_bounds[1], b.size_bounds[1]),
    )
    return Selected(values, jnp.where(traced(p), a.mask, b.mask), bounds)


def _merge_numbers(p: Bit, a: Any, b: Any) -> Any:
    if type(a) is type(b) and np.ndim(a) == 0 and not isinstance(a, Tensor) and _same(a, b):
        return a
    left, right = as_tensor(a), as_tensor(b)
    dtype = _join_dtype(left, right)
    if left.shape != right.shape or dtype is None:
        return _conflict(a, b)
    bounds = None
    if left.bounds is not None and right.bounds is not None:
        bounds = (min(left.bounds[0], right.bounds[0]), max(left.bounds[1], right.bounds[1]))
    python = either(both(p, left.python), both(negate(p), right.python))
    x, y = (_widen(side, dtype, bounds) for side in (left, right))
    joined = Tensor(jnp.where(traced(p), x, y), dtype, python, bounds)
    dtypes = dtypes_of(left) | dtypes_of(right)
    joined.mixed = dtypes if len(dtypes) > 1 else None
    if joined.ndim > 0:
        # It is one of the two: writing into it would have to reach that one as well.
        for side in (a, b):
            if isinstance(side, Tensor):
                share(joined, side)
        joined.frozen = left.frozen or right.frozen
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
