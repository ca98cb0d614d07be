"""Subscripts: reading and writing elements of arrays, sequences and dicts."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.faults import Fault
from jaxcar.program.merge import merge
from jaxcar.program.operators import binary, cast, stack
from jaxcar.program.predicate import both, literal, negate, same, traced
from jaxcar.program.trace import KnownArrayWrittenError, Trace
from jaxcar.program.ufuncs import any_of, broadcast, check_fits, check_size, fold
from jaxcar.program.values import (
    BOOL,
    UNSET,
    DictValue,
    ListValue,
    Maybe,
    Optional,
    RangeValue,
    Selected,
    Tensor,
    Text,
    as_tensor,
    describe,
    is_numeric,
    is_shared,
    is_static,
    shape_of,
    share,
    unwrap_static,
)


def get_item(trace: Trace, value: Any, index: Any) -> Any:
    """Return `value[index]`, with IndexError and KeyError as faults."""
    value, index = trace.present(value), trace.present(index)
    if isinstance(value, DictValue):
        return _get_entry(trace, value, index)
    if isinstance(value, (tuple, ListValue, RangeValue, str)):
        return _get_element(trace, value, index)
    if isinstance(value, Selected):
        return _get_selected(trace, value, index)
    if isinstance(value, np.generic) or not isinstance(value, (Tensor, np.ndarray)):
        trace.refuse("JC404", f"{describe(value)} has no elements")
    _check_result(trace, shape_of(value), index)
    if is_static(value) and is_static(index):
        return fold(trace, lambda array, key: array[key], value, index)
    return _get_array(trace, as_tensor(value), index)


def _check_result(trace: Trace, shape: tuple[int, ...], index: Any) -> None:
    """Refuse to gather more elements than the limits allow."""
    keys = index if isinstance(index, tuple) else (index,)
    sizes = [shape_of(key) for key in keys if is_array(key) and key.dtype != BOOL]
    if sizes:
        gathered = int(np.prod(np.broadcast_shapes(*sizes), dtype=object))
        check_size(trace, (gathered, *shape[len(keys) :]))


def _get_entry(trace: Trace, value: DictValue, key: Any) -> Any:
    if isinstance(key, Text):
        return _by_text(trace, value, key)
    if not is_static(key):
        trace.refuse(
            "JC406",
            "a dict key must be known before run time",
            fix="compare the value with each key in an if / elif chain",
        )
    entry = value.entries.get(unwrap_static(key), UNSET)
    if entry is UNSET:
        trace.refuse("JC409", f"the dict has no key {unwrap_static(key)!r}")
    if isinstance(entry, Maybe):
        trace.raise_where(Fault.KEY, negate(entry.defined))
        return entry.value
    return entry


def _by_text(trace: Trace, value: DictValue, key: Text) -> Any:
    result: Any = UNSET
    for position, option in enumerate(key.options):
        chosen = literal(key.index == position)
        entry = value.entries.get(option, UNSET)
        if entry is not UNSET:
            result = merge(chosen, entry, result)
    missing = [i for i, option in enumerate(key.options) if option not in value.entries]
    trace.raise_where(Fault.KEY, any_of([literal(key.index == i) for i in missing]))
    return result.value if isinstance(result, Maybe) else result


def _get_element(trace: Trace, value: Any, index: Any) -> Any:
    items: Any = value
    if isinstance(value, (ListValue, RangeValue)):
        items = value.items
    if isinstance(value, RangeValue) and any(bit is not True for bit in value.present):
        trace.refuse("JC406", "a range of run-time length cannot be indexed")
    if isinstance(index, slice) and is_static(index):
        part = items[index]
        return ListValue(list(part)) if isinstance(value, ListValue) else part
    if isinstance(index, (bool, int, np.integer)):
        if not -len(items) <= index < len(items):
            trace.raise_where(Fault.INDEX, True)
            if not items:
                trace.refuse("JC404", f"an element of empty {describe(value)} is read")
            return items[0]
        return items[index]
    if isinstance(index, Tensor) and index.ndim == 0 and index.dtype.kind in "iub":
        return _choose(trace, list(items), index)
    trace.refuse("JC406", f"{describe(value)} cannot be indexed by {describe(index)}")


def _choose(trace: Trace, items: list[Any], index: Tensor) -> Any:
    if not items:
        trace.refuse("JC404", "an element of an empty sequence is read")
    trace.raise_where(Fault.INDEX, ~_within(index, len(items)))
    place = jnp.where(index.value < 0, index.value + len(items), index.value)
    result = items[0]
    for position, item in enumerate(items[1:], start=1):
        result = merge(literal(place == position), item, result)
    return result


def _within(index: Tensor, size: int) -> jax.Array:
    return (index.value >= -size) & (index.value < size)


def _get_selected(trace: Trace, value: Selected, index: Any) -> Any:
    if isinstance(index, tuple) and len(index) == 2 and index[0] == slice(None):
        column = get_item(trace, value.values, (slice(None), index[1]))
        return Selected(column, value.mask, value.size_bounds)
    if isinstance(index, (Tensor, Selected)) and not isinstance(index, Selected):
        trace.refuse(
            "JC312", "indexing an array of run-time length by an array is not supported yet"
        )
    position = index[0] if isinstance(index, tuple) and index else index
    if not isinstance(position, (int, np.integer)):
        trace.refuse(
            "JC312",
            f"an array of run-time length cannot be indexed by {describe(index)} yet",
            fix="use its length, .min(), .max(), .mean(), or element [0] or [-1]",
        )
    element = _nth(trace, value, int(position))
    return get_item(trace, element, index[1:]) if isinstance(index, tuple) else element


def _nth(trace: Trace, value: Selected, position: int) -> Tensor:
    """Return the n-th selected element; negative positions count from the end."""
    needed = position + 1 if position >= 0 else -position
    if value.size_bounds[0] < needed:
        trace.raise_where(Fault.INDEX, value.count().value < needed)
    order = jnp.cumsum(value.mask if position >= 0 else value.mask[::-1], dtype=jnp.int32)
    place = jax.lax.argmax(order == needed, 0, jnp.int32)
    if position < 0:
        place = value.mask.shape[0] - 1 - place
    row = jax.lax.dynamic_index_in_dim(value.values.value, place, 0, keepdims=False)
    return Tensor(row, value.values.dtype, False, value.values.bounds)


def _get_array(trace: Trace, array: Tensor, index: Any) -> Any:
    keys = index if isinstance(index, tuple) else (index,)
    keys = tuple(_plain_key(trace, key) for key in keys)
    masks = [key for key in keys if _is_mask(key)]
    if masks:
        return _select(trace, array, keys)
    if any(isinstance(key, Selected) for key in keys):
        trace.refuse(
            "JC312",
            "indexing by positions of run-time number is not supported yet",
            fix="index with the boolean mask itself: a[mask]",
        )
    _check_rank(trace, array, keys)
    checked = _checked_keys(trace, array, keys)
    view = not any(isinstance(key, jax.Array) and key.ndim for key in checked)
    value = _index(array.value, checked)
    result = Tensor(value, array.dtype, False, array.bounds)
    if view and result.ndim:
        # NumPy's basic slices share memory with the array.
        share(result, array)
        result.frozen = array.frozen
    return result


def _index(value: jax.Array, keys: tuple[Any, ...]) -> jax.Array:
    if any(isinstance(key, jax.Array) for key in keys):
        return value.at[keys].get(mode="clip", wrap_negative_indices=False)
    return value[keys]


def _plain_key(trace: Trace, key: Any) -> Any:
    key = trace.present(key)
    if isinstance(key, ListValue):
        return stack(trace, key)
    if isinstance(key, slice):
        return _plain_slice(trace, key)
    return key


def _plain_slice(trace: Trace, key: slice) -> slice:
    parts = []
    for part in (key.start, key.stop, key.step):
        if part is None or isinstance(part, (int, np.integer)):
            parts.append(None if part is None else int(part))
        elif isinstance(part, (Tensor, Optional)):
            trace.refuse(
                "JC406",
                "a slice's bounds must be known before run time",
                notes=["run-time bounds are not supported yet"],
                fix="compare coordinates instead, e.g. mask & (rows >= top) & (rows < bottom) "
                "with rows = np.arange(height)[:, None]",
            )
        else:
            trace.refuse("JC404", f"a slice's bound is {describe(part)}: Python raises TypeError")
    return slice(*parts)


def _is_mask(key: Any) -> bool:
    return isinstance(key, (Tensor, np.ndarray)) and key.dtype == BOOL and key.ndim > 0


def _check_rank(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> None:
    used = sum(1 for key in keys if key is not None and key is not Ellipsis)
    if used > array.ndim:
        trace.refuse("JC405", f"{used} indices into {describe(array)}")


def _checked_keys(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the keys with indices proven or clipped into range, faults recorded."""
    used = sum(1 for key in keys if key is not None and key is not Ellipsis)
    axis, result = 0, []
    for key in keys:
        if key is Ellipsis:
            axis += array.ndim - used
        if key is Ellipsis or key is None:
            result.append(key)
            continue
        result.append(_checked_key(trace, key, array.shape[axis]))
        axis += 1
    return tuple(result)


def _checked_key(trace: Trace, key: Any, size: int) -> Any:
    if isinstance(key, slice):
        return key
    if isinstance(key, (bool, np.bool_)):
        trace.refuse("JC404", "indexing by a single bool is not supported")
    if isinstance(key, (int, np.integer)):
        if -size <= key < size:
            return int(key) % size
        trace.raise_where(Fault.INDEX, True)
        return 0
    if isinstance(key, (Tensor, np.ndarray)) and key.dtype.kind in "iu":
        tensor = as_tensor(key)
        if tensor.bounds is None or tensor.bounds[0] < -size or tensor.bounds[1] >= size:
            trace.raise_where(Fault.INDEX, ~jnp.all(_within(tensor, size)))
        index = tensor.value
        if tensor.bounds is None or tensor.bounds[0] < 0:
            index = jnp.where(index < 0, index + size, index)
        return jnp.clip(index, 0, size - 1).astype(jnp.int32)
    trace.refuse("JC404", f"an array is indexed by {describe(key)}: NumPy raises IndexError")


def _select(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> Selected:
    mask = as_tensor(keys[0])
    if len(keys) > 1:
        rest = keys[1:]
        if not all(isinstance(key, (int, slice)) for key in rest) or not _is_mask(keys[0]):
            trace.refuse(
                "JC312",
                "a mask beside other indices is not supported yet",
                fix="index in two steps: a[..., channel][mask]",
            )
        array = _get_array(trace, array, (slice(None),) * mask.ndim + rest)
    if array.shape[: mask.ndim] != mask.shape:
        trace.refuse(
            "JC405", f"a mask of shape {mask.shape} does not fit an array of shape {array.shape}"
        )
    size = int(np.prod(mask.shape))
    values = array.value.reshape(size, *array.shape[mask.ndim :])
    rows = Tensor(values, array.dtype, False, array.bounds)
    return Selected(rows, mask.value.reshape(size), (0, size))


def set_item(trace: Trace, target: Any, index: Any, value: Any) -> None:
    """Perform `target[index] = value` on the present path."""
    target, index = trace.present(target), trace.present(index)
    if isinstance(target, DictValue):
        _check_unfrozen(trace, target)
        if not is_static(index) or isinstance(index, (ListValue, np.ndarray)):
            trace.refuse("JC406", "a dict key must be known before run time")
        key = unwrap_static(index)
        old = target.entries.get(key, UNSET)
        target.unordered |= isinstance(old, Maybe)
        target.entries[key] = merge(trace.path, value, old)
    elif isinstance(target, ListValue):
        _check_unfrozen(trace, target)
        _set_element(trace, target, index, value)
    else:
        _check_writable(trace, target)
        _set_array(trace, target, index, value)


def _check_unfrozen(trace: Trace, target: ListValue | DictValue) -> None:
    if target.frozen:
        trace.refuse(
            "JC312",
            f"changing {describe(target)} in place that another name may hold is not supported yet",
            fix="change a copy, or build the value anew",
        )


def _check_writable(trace: Trace, target: Any) -> None:
    if isinstance(target, np.ndarray):
        raise KnownArrayWrittenError
    if not isinstance(target, Tensor) or target.ndim == 0:
        trace.refuse("JC404", f"an element of {describe(target)} cannot be assigned")
    if is_shared(target):
        trace.refuse(
            "JC312",
            "writing into an array that another name may share is not supported yet",
            fix="write into a copy: b = a.copy()",
        )


def is_array(value: Any) -> bool:
    """Tell whether the value is an array that `op=` changes in place."""
    return isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0


def in_place(trace: Trace, old: Any, new: Any) -> Tensor:
    """Return the result of `old op= ...` in old's dtype; NumPy raises where it does not fit."""
    result = as_tensor(new) if is_numeric(new) else None
    if (
        result is None
        or np.broadcast_shapes(result.shape, old.shape) != old.shape
        or not np.can_cast(result.dtype, old.dtype, "same_kind")
    ):
        trace.refuse(
            "JC404",
            f"the result, {describe(new)}, cannot be stored in {describe(old)} in place",
            fix="assign to a new name: c = a + b",
        )
    return cast(trace, result, old.dtype)


def overwrite(trace: Trace, target: Any, stored: Tensor) -> None:
    """Replace all elements of an array in place on the present path."""
    _check_writable(trace, target)
    whole = Tensor(jnp.broadcast_to(stored.value, target.shape), stored.dtype, False, stored.bounds)
    _store(trace, target, whole, lambda old, new: new)


def _store(trace: Trace, target: Tensor, stored: Tensor, change: Any) -> None:
    """Write `change(old, stored)` into the target where the present path leads."""
    bounds = None
    if target.bounds is not None and stored.bounds is not None:
        bounds = (
            min(target.bounds[0], stored.bounds[0]),
            max(target.bounds[1], stored.bounds[1]),
        )
    old = Tensor(target.value, target.dtype, False, bounds)
    new = change(old.value, stored.value.astype(old.value.dtype))
    target.bounds = old.bounds
    reached = trace.path
    target.value = new if reached is True else jnp.where(traced(reached), new, old.value)


def extend_list(trace: Trace, name: str, old: ListValue, value: Any) -> None:
    """Perform `old += value` or `old *= value` on a list."""
    _check_unfrozen(trace, old)
    if not same(trace.path, old.born):
        trace.refuse("JC312", "extending a list on some paths only is not supported yet")
    if name == "add" and not isinstance(value, DictValue):
        old.items.extend(known_elements(trace, value))
        return
    result = binary(trace, name, old, value)
    if not isinstance(result, ListValue):
        trace.refuse("JC404", f"a list is extended by {describe(value)}")
    old.items[:] = result.items


def known_elements(trace: Trace, value: Any) -> list[Any]:
    """Return the elements of a sequence whose length is known while tracing."""
    value = trace.present(value)
    if isinstance(value, (tuple, str)):
        return list(value)
    if isinstance(value, ListValue):
        return list(value.items)
    if is_array(value):
        return [get_item(trace, value, i) for i in range(value.shape[0])]
    trace.refuse("JC312", f"extending a list by {describe(value)} is not supported yet")


def _set_element(trace: Trace, target: ListValue, index: Any, value: Any) -> None:
    size = len(target.items)
    if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
        if not -size <= index < size:
            trace.raise_where(Fault.INDEX, True)
            return
        target.items[index] = merge(trace.path, value, target.items[index])
        return
    if isinstance(index, Tensor) and index.dtype.kind in "iu" and index.ndim == 0:
        trace.raise_where(Fault.INDEX, ~_within(index, size))
        place = jnp.where(index.value < 0, index.value + size, index.value)
        for position, item in enumerate(target.items):
            here = both(trace.path, literal(place == position))
            target.items[position] = merge(here, value, item)
        return
    trace.refuse("JC312", f"a list element is assigned by {describe(index)}")


def _set_array(trace: Trace, target: Tensor, index: Any, value: Any) -> None:
    keys = index if isinstance(index, tuple) else (index,)
    keys = tuple(_plain_key(trace, key) for key in keys)
    stored = _stored_value(trace, target, value)
    if any(_is_mask(key) for key in keys):
        wide = _wide_mask(trace, target, keys, stored)
        _store(trace, target, stored, lambda old, new: jnp.where(wide, new, old))
        return
    if any(isinstance(key, Selected) for key in keys):
        trace.refuse(
            "JC312",
            "writing at positions of run-time number is not supported yet",
            fix="write through the boolean mask itself: a[mask] = value",
        )
    _check_rank(trace, target, keys)
    checked = _checked_keys(trace, target, keys)
    place = jax.eval_shape(lambda v: _index(v, checked), target.value).shape
    if broadcast(trace, "assignment", [place, stored.shape]) != place:
        trace.refuse(
            "JC405", f"values of shape {stored.shape} do not fit into a place of shape {place}"
        )
    if sum(isinstance(key, jax.Array) and key.ndim > 0 for key in checked) and stored.ndim:
        # Which of several values for one place stays is NumPy's order, not XLA's.
        trace.refuse(
            "JC312", "writing several values at an array of positions is not supported yet"
        )
    _store(trace, target, stored, lambda old, new: old.at[checked].set(new))


def _stored_value(trace: Trace, target: Tensor, value: Any) -> Tensor:
    if isinstance(trace.narrow(value), Optional):
        trace.refuse(
            "JC404",
            "a value that may be None is stored in an array",
            fix="test `is not None` first",
        )
    value = trace.present(value)
    if isinstance(value, Selected):
        trace.refuse("JC312", "assigning an array of run-time length is not supported yet")
    source = stack(trace, value) if isinstance(value, (tuple, ListValue)) else value
    if not is_numeric(source):
        trace.refuse("JC404", f"{describe(source)} is stored in an array")
    if is_static(source) and not isinstance(source, np.ndarray):
        cell = np.zeros((), target.dtype)
        # NumPy itself says whether a Python number fits.
        return as_tensor(fold(trace, lambda number: _filled(cell, number), source))
    tensor = as_tensor(source)
    if tensor.ndim == 0 and tensor.python is not False:
        check_fits(trace, tensor, target.dtype)
    return as_tensor(cast(trace, tensor, target.dtype))


def _filled(cell: np.ndarray, number: Any) -> np.ndarray:
    cell[()] = number
    return cell


def _wide_mask(trace: Trace, target: Tensor, keys: tuple[Any, ...], stored: Tensor) -> jax.Array:
    if len(keys) != 1:
        trace.refuse("JC312", "assigning through a mask beside other indices is not supported yet")
    mask = as_tensor(keys[0])
    if target.shape[: mask.ndim] != mask.shape:
        trace.refuse("JC405", f"a mask of shape {mask.shape} does not fit {describe(target)}")
    if stored.ndim > target.ndim - mask.ndim:
        trace.refuse("JC312", "assigning an array through a mask is not supported yet")
    place = target.shape[mask.ndim :]
    if broadcast(trace, "assignment", [place, stored.shape]) != place:
        trace.refuse("JC405", f"values of shape {stored.shape} do not fit rows of shape {place}")
    return mask.value.reshape(mask.shape + (1,) * (target.ndim - mask.ndim))
