"""Subscripts: reading and writing elements of arrays, sequences and dicts."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.casting import stack
from jaxcar.program.faults import Fault
from jaxcar.program.merge import merge
from jaxcar.program.predicate import literal, negate
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import any_of, check_size, fold
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
    is_static,
    shape_of,
    share,
    unwrap_static,
)
from jaxcar.program.wording import describe


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
    trace.raise_where(Fault.INDEX, ~within(index, len(items)))
    place = jnp.where(index.value < 0, index.value + len(items), index.value)
    result = items[0]
    for position, item in enumerate(items[1:], start=1):
        result = merge(literal(place == position), item, result)
    return result


def within(index: Tensor, size: int) -> jax.Array:
    """Return where indices are in range for an axis of this size."""
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
    keys = tuple(plain_key(trace, key) for key in keys)
    masks = [key for key in keys if is_mask(key)]
    if masks:
        return _select(trace, array, keys)
    if any(isinstance(key, Selected) for key in keys):
        trace.refuse(
            "JC312",
            "indexing by positions of run-time number is not supported yet",
            fix="index with the boolean mask itself: a[mask]",
        )
    check_rank(trace, array, keys)
    checked = checked_keys(trace, array, keys)
    view = not any(isinstance(key, jax.Array) and key.ndim for key in checked)
    value = index_array(array.value, checked)
    result = Tensor(value, array.dtype, False, array.bounds)
    if view and result.ndim:
        # NumPy's basic slices share memory with the array.
        share(result, array)
        result.frozen = array.frozen
    return result


def index_array(value: jax.Array, keys: tuple[Any, ...]) -> jax.Array:
    """Return the elements at keys that are in range."""
    if any(isinstance(key, jax.Array) for key in keys):
        return value.at[keys].get(mode="clip", wrap_negative_indices=False)
    return value[keys]


def plain_key(trace: Trace, key: Any) -> Any:
    """Return a key with lists as arrays and the bounds of slices as ints."""
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


def is_mask(key: Any) -> bool:
    """Tell whether a key is a boolean mask."""
    return isinstance(key, (Tensor, np.ndarray)) and key.dtype == BOOL and key.ndim > 0


def check_rank(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> None:
    """Refuse more keys than the array has axes."""
    used = sum(1 for key in keys if key is not None and key is not Ellipsis)
    if used > array.ndim:
        trace.refuse("JC405", f"{used} indices into {describe(array)}")


def checked_keys(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> tuple[Any, ...]:
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
            trace.raise_where(Fault.INDEX, ~jnp.all(within(tensor, size)))
        index = tensor.value
        if tensor.bounds is None or tensor.bounds[0] < 0:
            index = jnp.where(index < 0, index + size, index)
        return jnp.clip(index, 0, size - 1).astype(jnp.int32)
    trace.refuse("JC404", f"an array is indexed by {describe(key)}: NumPy raises IndexError")


def _select(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> Selected:
    mask = as_tensor(keys[0])
    if len(keys) > 1:
        rest = keys[1:]
        if not all(isinstance(key, (int, slice)) for key in rest) or not is_mask(keys[0]):
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


def is_array(value: Any) -> bool:
    """Tell whether the value is an array that `op=` changes in place."""
    return isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0
