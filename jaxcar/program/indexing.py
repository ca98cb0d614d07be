"""Subscripts: reading and writing elements of arrays, sequences and dicts."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes, special_methods
from jaxcar.program.choices import distribute, has_choice
from jaxcar.program.columns import of_array, packed, part_of
from jaxcar.program.containers import DictValue, ListValue, RangeValue
from jaxcar.program.definitions import ClassValue, Instance
from jaxcar.program.dicts import entry
from jaxcar.program.faults import Fault
from jaxcar.program.host import Host, refuse_host
from jaxcar.program.keys import (
    check_rank,
    check_step,
    checked_keys,
    index_array,
    is_mask,
    plain_key,
    within,
)
from jaxcar.program.list_elements import element, known_slice
from jaxcar.program.lists import check_sliceable, nothing
from jaxcar.program.merge import merge
from jaxcar.program.orders import Order
from jaxcar.program.predicate import literal
from jaxcar.program.ranges import is_known, known_range
from jaxcar.program.rows import checked_place, row_at
from jaxcar.program.subsets import picked
from jaxcar.program.tensors import BOOL, Selected, Tensor, Window, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold
from jaxcar.program.values import is_static, unwrap_static
from jaxcar.program.views import record_view
from jaxcar.program.windows import fixed_parts, get_window, window
from jaxcar.program.wording import describe


def get_item(trace: Trace, value: Any, index: Any) -> Any:
    """Return `value[index]`, with IndexError and KeyError as faults."""
    value = trace.present(value)
    if isinstance(value, Host):
        return (
            value.element(unwrap_static(index)) if is_static(index) else refuse_host(trace, value)
        )
    if isinstance(value, DictValue):
        if value.form == "set":
            trace.refuse(
                "JC404",
                "a set has no elements by index: Python raises TypeError",
                fix="go through sorted(...) of it, or test `x in s`",
            )
        return entry(trace, value, index)
    if isinstance(value, Instance):
        return special_methods.element(trace, value, index)
    index = index if special_methods.overloads(value) else trace.present(index)
    if isinstance(value, ClassValue) and isinstance(index, str) and "enum" in value.options:
        if index in value.constants:
            return value.constants[index]
        trace.give_up(
            Fault.KEY,
            "JC409",
            f"{describe(value)} has no member {index!r}: Python raises KeyError",
            fix=f"name one that it has: {', '.join(value.constants)}",
        )
    if has_choice(value, index):
        return distribute(trace, lambda x, y: get_item(trace, x, y), value, index)
    if isinstance(value, (tuple, ListValue, RangeValue, str)):
        return _get_element(trace, value, index)
    if isinstance(value, Selected):
        return _get_selected(trace, value, index)
    if isinstance(value, Window):
        return get_window(trace, value, index)
    if isinstance(value, np.generic) or not isinstance(value, (Tensor, np.ndarray)):
        trace.refuse(
            "JC404",
            f"{describe(value)} is indexed: Python raises TypeError",
            fix="use the number itself, or index an array, a list or a tuple",
        )
    _check_result(trace, shape_of(value), index)
    for key in index if isinstance(index, tuple) else (index,):
        check_step(trace, key.step if isinstance(key, slice) else None)
    if is_static(value) and is_static(index):
        return fold_index(trace, value, index)
    return _get_array(trace, as_tensor(value), index, known=not isinstance(value, Tensor))


def get_from_order(trace: Trace, order: Order, index: Any) -> Any:
    """Return `order[index]`; an element that NumPy leaves open is a limit fault."""
    part = get_item(trace, order.positions, index)
    open_ = get_item(trace, Tensor(order.unsure, BOOL), index)
    if not isinstance(part, Tensor) or not isinstance(open_, Tensor):
        trace.sure(order)
        return part
    found = Order(part, open_.value)
    return found if part.ndim else trace.sure(found)


def fold_index(trace: Trace, value: Any, index: Any) -> Any:
    """Index a known array by a known index; out of range is a fault where it may be caught."""
    if trace.frames:
        try:
            return value[unwrap_static(index)]
        except IndexError:
            trace.raise_where(Fault.INDEX, True)
            return value.reshape(-1)[0] if value.size else value.dtype.type(0)
    return fold(trace, lambda array, key: array[key], value, index)


def _check_result(trace: Trace, shape: tuple[int, ...], index: Any) -> None:
    """Refuse to gather more elements than the limits allow."""
    keys = index if isinstance(index, tuple) else (index,)
    sizes = [shape_of(key) for key in keys if is_array(key) and key.dtype != BOOL]
    if sizes:
        gathered = int(np.prod(np.broadcast_shapes(*sizes), dtype=object))
        check_size(trace, (gathered, *shape[len(keys) :]))


def _get_element(trace: Trace, value: Any, index: Any) -> Any:
    if isinstance(value, RangeValue):
        if not is_known(value):
            trace.refuse(
                "JC406",
                "a range of run-time length cannot be indexed",
                fix="compute the number: start + i * step",
            )
        whole = known_range(value)
        if isinstance(index, (int, np.integer)):
            try:
                return whole[int(index)]
            except IndexError:
                whole = whole[:1]  # enough to say so below
        limit = trace.limits.loop_trips
        if whole[limit:]:
            trace.refuse(
                "JC505",
                f"a range of more than {limit:,} elements is indexed at run time, or sliced",
                fix="compute the number: start + i * step",
            )
        value = tuple(whole)
    if isinstance(value, ListValue) and value.rows is not None:
        return element(trace, value, index)
    items: Any = value.items if isinstance(value, ListValue) else value
    if isinstance(index, slice):
        check_sliceable(trace, value)
        index = slice(*(trace.narrow(x) for x in (index.start, index.stop, index.step)))
        check_step(trace, index.step)
        if not is_static(index):
            if isinstance(value, ListValue):
                return known_slice(trace, value, index)
            trace.refuse(
                "JC406",
                "the bounds of a tuple's slice must be known before run time",
                fix=fixes.BOUNDS,
            )
        part = items[index]
        return ListValue(list(part), trace.path) if isinstance(value, ListValue) else part
    if isinstance(index, (bool, int, np.integer)):
        if not -len(items) <= index < len(items):
            if not items:
                nothing(trace, "an element of an empty sequence")
            trace.raise_where(Fault.INDEX, True)
            return items[0]
        return items[int(index)]
    if isinstance(index, Tensor) and index.ndim == 0 and index.dtype.kind in "iub":
        return _choose(trace, list(items), index)
    trace.refuse(
        "JC404",
        f"{describe(value)} is indexed by {describe(index)}: Python raises TypeError",
        fix="index with an int: x[int(i)]",
    )


def _choose(trace: Trace, items: list[Any], index: Tensor) -> Any:
    if not items:
        nothing(trace, "an element of an empty sequence")
    trace.raise_where(Fault.INDEX, ~within(index, len(items)))
    place = jnp.where(index.value < 0, index.value + len(items), index.value)
    result = items[0]
    for position, item in enumerate(items[1:], start=1):
        result = merge(literal(place == position), item, result)
    return result


def _get_selected(trace: Trace, value: Selected, index: Any) -> Any:
    keys = index if isinstance(index, tuple) else (index,)
    if value.values.ndim > 1 and keys and isinstance(keys[0], slice) and keys[0] == slice(None):
        columns = get_item(trace, value.values, (slice(None), *keys[1:]))
        value.shared = True
        return Selected(columns, value.mask, value.size_bounds, value.packed, shared=True)
    position = keys[0]
    if _is_positions(position) and not keys[1:]:
        return picked(trace, value, position)
    if is_mask(position) or isinstance(position, Selected):
        return _narrowed(trace, value, position, keys[1:])
    if isinstance(position, slice):
        made = _selected_slice(trace, value, position, keys[1:])
        value.shared = made.shared = True
        return made
    if not isinstance(position, (int, np.integer, Tensor)) or isinstance(position, bool):
        trace.refuse(
            "JC312",
            f"indexing an array of run-time length by {describe(index)} is not supported yet",
            fix="use its length, .min(), .max(), .mean(), or element [0] or [-1]",
        )
    if isinstance(position, Tensor):
        if position.ndim or position.dtype.kind not in "iu":
            trace.refuse(
                "JC312",
                "indexing an array of run-time length by an array is not supported yet",
                fix=fixes.POSITIONS,
            )
        rows = of_array(value)
        found = row_at(rows, checked_place(trace, rows, position))
    else:
        found = _nth(trace, value, int(position))
    return get_item(trace, found, keys[1:]) if keys[1:] else found


def _is_positions(index: Any) -> bool:
    """Tell whether an index is an array of positions, of known length or not."""
    array = index.values if isinstance(index, Selected) else index
    return isinstance(array, Tensor) and array.ndim == 1 and array.dtype.kind in "iu"


def _narrowed(trace: Trace, value: Selected, mask: Any, rest: tuple[Any, ...]) -> Any:
    """Select again, by a mask that was computed from the same selection."""
    if rest or not isinstance(mask, Selected) or mask.values.dtype != BOOL:
        trace.refuse(
            "JC312",
            "indexing an array of run-time length by this array is not supported yet",
            fix="combine the masks first, then select once",
        )
    if mask.mask is not value.mask or mask.values.ndim != 1:
        trace.refuse(
            "JC312",
            "selecting by a mask of another array of run-time length is not supported yet",
            fix="combine the masks first, then select once",
        )
    return Selected(value.values, value.mask & mask.values.value, (0, value.size_bounds[1]))


def _selected_slice(trace: Trace, value: Selected, part: slice, rest: tuple[Any, ...]) -> Selected:
    """Return `a[start:stop]` of an array of run-time length: its bounds count the selected."""
    backwards = is_static(part) and (part.start, part.stop, part.step) == (None, None, -1)
    if not is_static(part) or (part.step not in (None, 1) and not backwards):
        trace.refuse(
            "JC312",
            "a slice of an array of run-time length needs constant bounds and no step but -1 alone",
            fix=f"{fixes.BOUNDS}, or x[::-1]",
        )
    value = packed(value)
    size = value.count().value.astype(jnp.int32)
    if backwards:
        made = _turned(value, size)
        return _get_selected(trace, made, (slice(None), *rest)) if rest else made

    def bound(x: Any, default: Any) -> Any:
        if x is None:
            return default
        return jnp.maximum(size + x, 0) if x < 0 else jnp.minimum(jnp.int32(x), size)

    first, last = bound(part.start, jnp.int32(0)), bound(part.stop, size)
    made = part_of(value, first, jnp.maximum(last - first, 0))
    return _get_selected(trace, made, (slice(None), *rest)) if rest else made


def _turned(value: Selected, size: jax.Array) -> Selected:
    """Return the elements of a packed array of run-time length backwards."""
    places = size - 1 - jnp.arange(value.mask.shape[0], dtype=jnp.int32)
    rows = value.values
    array = rows.value[jnp.maximum(places, 0)]
    turned = Tensor(array, rows.dtype, False, rows.bounds)
    return Selected(turned, value.mask, value.size_bounds, packed=True)


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


def _get_array(trace: Trace, array: Tensor, index: Any, known: bool = False) -> Any:
    keys = index if isinstance(index, tuple) else (index,)
    keys = tuple(plain_key(trace, key) for key in keys)
    masks = [key for key in keys if is_mask(key)]
    if masks:
        return _select(trace, array, keys)
    if any(isinstance(key, Selected) for key in keys):
        return _gather_selected(trace, array, keys)
    if any(isinstance(key, slice) and not is_static(key) for key in keys):
        cut = fixed_parts(array, keys, known)
        if cut is None:
            return window(trace, array, keys, known)
        return get_item(trace, *cut)
    check_rank(trace, array, keys)
    checked = checked_keys(trace, array, keys)
    if array.shape == (0,) and any(isinstance(key, jax.Array) for key in checked):
        nothing(trace, f"an element of an empty array, {describe(array)},")
    view = not any(isinstance(key, jax.Array) and key.ndim for key in checked)
    value = index_array(array.value, checked)
    result = Tensor(value, array.dtype, False, array.bounds)
    if view and result.ndim:
        # NumPy's basic slices share memory with the array.
        record_view(result, array, checked, known=known)
    return result


def _gather_selected(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> Selected:
    """Index by positions of run-time number, such as those that `np.where(mask)` gives."""
    chosen = [key for key in keys if isinstance(key, Selected)]
    if any(key.mask is not chosen[0].mask or key.values.ndim != 1 for key in chosen):
        trace.refuse(
            "JC312",
            "indexing by positions that come from different arrays is not supported yet",
            fix="index with the boolean mask itself: a[mask]",
        )
    if any(key.values.dtype.kind not in "iu" for key in chosen):
        trace.refuse(
            "JC404",
            "an array is indexed by floats: NumPy raises IndexError",
            fix="make whole numbers of them: x.astype(int)",
        )
    mask = chosen[0].mask
    plain = tuple(
        Tensor(
            jnp.where(mask, key.values.value, 0),
            key.values.dtype,
            False,
            _or_zero(key.values.bounds),
        )
        if isinstance(key, Selected)
        else key
        for key in keys
    )
    if any(isinstance(key, slice) for key in plain[: len(chosen)]):
        trace.refuse(
            "JC312",
            "a slice before positions of run-time number is not supported yet",
            fix="put the positions first: np.moveaxis(a, 0, -1)[ys]",
        )
    return Selected(_get_array(trace, array, plain), mask, chosen[0].size_bounds)


def _or_zero(bounds: Any) -> Any:
    return None if bounds is None else (min(bounds[0], 0), max(bounds[1], 0))


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
            "JC405",
            f"a mask of shape {mask.shape} does not fit an array of shape {array.shape}: NumPy "
            "raises IndexError",
            fix=fixes.SHAPES,
        )
    size = int(np.prod(mask.shape))
    values = array.value.reshape(size, *array.shape[mask.ndim :])
    rows = Tensor(values, array.dtype, False, array.bounds)
    return Selected(rows, mask.value.reshape(size), (0, size))


def is_array(value: Any) -> bool:
    """Tell whether the value is an array that `op=` changes in place."""
    return isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0
