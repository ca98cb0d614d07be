"""Assignments to elements of arrays, lists and dicts, and changes in place."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import cast, stack
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import Instance
from jaxcar.program.dicts import set_entry
from jaxcar.program.faults import Fault
from jaxcar.program.host import Host
from jaxcar.program.iteration import iterate
from jaxcar.program.keys import check_rank, checked_keys, index_array, is_mask, plain_key, within
from jaxcar.program.lending import check_unlent
from jaxcar.program.list_elements import set_element
from jaxcar.program.lists import check_apart, check_sliceable, check_unfrozen, everywhere
from jaxcar.program.merge import merge
from jaxcar.program.number_faults import check_fits
from jaxcar.program.predicate import Bit, both, literal, traced
from jaxcar.program.special_methods import overloads
from jaxcar.program.special_methods import set_element as set_object_element
from jaxcar.program.tensors import Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import KnownArrayWrittenError, Trace
from jaxcar.program.ufuncs import broadcast, fold
from jaxcar.program.values import Choice, Optional, is_numeric, is_static
from jaxcar.program.views import can_write, spread
from jaxcar.program.windows import mask_of, window_mask
from jaxcar.program.wording import describe


def set_item(trace: Trace, target: Any, index: Any, value: Any) -> None:
    """Perform `target[index] = value` on the present path."""
    target = trace.present(target)
    index = index if overloads(target) else trace.present(index)
    if isinstance(target, Host):
        trace.refuse(
            "JC312",
            f"assigning to an element of {describe(target)}, is not supported",
            fix="keep the value in a variable, or in an attribute of an object of your own class",
        )
    if isinstance(target, Instance):
        set_object_element(trace, target, index, value)
        return
    if isinstance(target, Choice):
        for bit, option in target.options:
            with trace.under(bit):
                if trace.path is not False:
                    set_item(trace, option, index, value)
        return
    if isinstance(target, DictValue):
        set_entry(trace, target, index, value)
    elif isinstance(target, ListValue):
        check_unfrozen(trace, target)
        check_apart(trace, target, value)
        _set_element(trace, target, index, value)
    else:
        _check_writable(trace, target)
        _set_array(trace, target, index, value)


def _check_writable(trace: Trace, target: Any) -> None:
    if isinstance(target, Window):
        trace.refuse(
            "JC312",
            "writing into a part between run-time bounds is not supported yet",
            fix="write through the bounds: a[y0:y1] = value",
        )
    if isinstance(target, Selected):
        trace.refuse(
            "JC312",
            f"writing into {describe(target)} is not supported yet",
            fix="compute a new array: np.where(mask, a, b), or c + offset",
        )
    if isinstance(target, np.ndarray):
        raise KnownArrayWrittenError
    if not isinstance(target, Tensor) or target.ndim == 0:
        trace.refuse(
            "JC404",
            f"an element of {describe(target)} is assigned: Python raises TypeError",
            fix="make a list or an array of it first",
        )
    _check_shared(trace, target)


def _check_shared(trace: Trace, target: Tensor) -> None:
    check_unlent(trace, target)
    if not can_write(target):
        trace.refuse(
            "JC312",
            "writing into an array that another name may share is not supported yet",
            fix="copy where the other name is made, d = x.ravel().copy(), or make a new array: "
            "a = a + 1",
        )


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
            f"the result, {describe(new)}, cannot be stored in {describe(old)} in place: NumPy "
            "raises an exception",
            fix="assign to a new name: c = a + b",
        )
    return cast(trace, result, old.dtype)


def overwrite(trace: Trace, target: Any, stored: Tensor) -> None:
    """Replace all elements of an array in place on the present path."""
    _check_writable(trace, target)
    whole = Tensor(jnp.broadcast_to(stored.value, target.shape), stored.dtype, False, stored.bounds)
    _store(trace, target, whole, lambda old, new: new)


def overwrite_window(trace: Trace, target: Window, new: Any) -> None:
    """Replace the elements between run-time bounds in place on the present path."""
    same = isinstance(new, Window) and len(new.masks) == len(target.masks)
    if not same or any(a is not b for a, b in zip(new.masks, target.masks, strict=True)):
        trace.refuse(
            "JC312",
            "a part between run-time bounds is changed in place by another part or array: not "
            "supported yet",
            fix="make a new array of both: c = a + b",
        )
    stored, inside = in_place(trace, target.values, new.values), mask_of(target)
    _check_shared(trace, target.values)
    whole = jnp.broadcast_to(stored.value, target.values.shape)
    made = Tensor(whole, stored.dtype, False, stored.bounds)
    _store(trace, target.values, made, lambda old, value: jnp.where(inside, value, old))


def overwrite_selected(trace: Trace, target: Any, mask: Any, old: Selected, new: Any) -> None:
    """Perform `target[mask] op= ...`, whose result for the elements `old` is `new`."""
    _check_writable(trace, target)
    if not isinstance(new, Selected) or new.mask is not old.mask:
        trace.refuse(
            "JC312",
            "what a mask selects is changed in place by another array of run-time length: not "
            "supported yet",
            fix="choose with np.where(mask, new, a)",
        )
    stored = in_place(trace, old.values, new.values)
    whole = jnp.broadcast_to(stored.value, old.values.shape).reshape(target.shape)
    made = Tensor(whole, stored.dtype, False, stored.bounds)
    given = as_tensor(mask).value
    wide = given.reshape(given.shape + (1,) * (target.ndim - given.ndim))
    _store(trace, target, made, lambda old, value: jnp.where(wide, value, old))


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
    spread(target)


def _set_element(trace: Trace, target: ListValue, index: Any, value: Any) -> None:
    if isinstance(index, slice):
        check_sliceable(trace, target)
        _set_slice(trace, target, index, value)
        return
    if target.rows is not None:
        set_element(trace, target, index, value)
        return
    size = len(target.items)
    if isinstance(index, (int, np.integer)) and not isinstance(index, bool):
        if not -size <= index < size:
            trace.raise_where(Fault.INDEX, True)
            return
        target.items[index] = merge(trace.path, value, target.items[index])
        return
    if isinstance(index, Tensor) and index.dtype.kind in "iu" and index.ndim == 0:
        trace.raise_where(Fault.INDEX, ~within(index, size))
        place = jnp.where(index.value < 0, index.value + size, index.value)
        for position, item in enumerate(target.items):
            here = both(trace.path, literal(place == position))
            target.items[position] = merge(here, value, item)
        return
    trace.refuse(
        "JC404",
        f"a list element is assigned at {describe(index)}: Python raises TypeError",
        fix="index with an int: x[int(i)] = value",
    )


def _set_slice(trace: Trace, target: ListValue, index: slice, value: Any) -> None:
    if not everywhere(trace, target) or not is_static(index):
        trace.refuse(
            "JC312",
            "assigning to a slice of this list is not supported yet",
            fix="build the list anew: x = x[:a] + new + x[b:]",
        )
    items = list(target.items)
    stored = [item for bit, item in iterate(trace, value) if bit is True]
    items[index] = stored
    target.items = items


def _set_array(trace: Trace, target: Tensor, index: Any, value: Any) -> None:
    keys = index if isinstance(index, tuple) else (index,)
    keys = tuple(plain_key(trace, key) for key in keys)
    stored = _stored_value(trace, target, value)
    if any(is_mask(key) for key in keys):
        wide = _wide_mask(trace, target, keys, stored)
        _store(trace, target, stored, lambda old, new: jnp.where(wide, new, old))
        return
    if any(isinstance(key, Selected) for key in keys):
        trace.refuse(
            "JC312",
            "writing at positions of run-time number is not supported yet",
            fix="write through the boolean mask itself: a[mask] = value",
        )
    if any(isinstance(key, slice) and not is_static(key) for key in keys):
        inside = window_mask(trace, target, keys)
        if stored.ndim:
            trace.refuse(
                "JC312",
                "writing an array between run-time bounds is not supported yet",
                fix=fixes.WINDOW,
            )
        _store(trace, target, stored, lambda old, new: jnp.where(inside, new, old))
        return
    check_rank(trace, target, keys)
    checked = checked_keys(trace, target, keys)
    place = jax.eval_shape(lambda v: index_array(v, checked), target.value).shape
    if broadcast(trace, "assignment", [place, stored.shape]) != place:
        trace.refuse(
            "JC405",
            f"values of shape {stored.shape} do not fit into a place of shape {place}: NumPy "
            "raises ValueError",
            fix=fixes.SHAPES,
        )
    if sum(isinstance(key, jax.Array) and key.ndim > 0 for key in checked) and stored.ndim:
        # Which of several values for one place stays is NumPy's order, not XLA's.
        trace.refuse(
            "JC312",
            "writing several values at an array of positions is not supported yet",
            fix="write one value, or choose with a mask: np.where(mask, new, a)",
        )
    _store(trace, target, stored, lambda old, new: old.at[checked].set(new))


def _stored_value(trace: Trace, target: Tensor, value: Any) -> Tensor:
    if isinstance(trace.narrow(value), Optional):
        trace.refuse(
            "JC404",
            "a value that may be None is stored in an array: NumPy raises TypeError where it is",
            fix="test `is not None` first",
        )
    value = trace.present(value)
    if isinstance(value, Choice):
        # What is stored has one dtype: that of the array.
        options = [(bit, _stored_under(trace, bit, target, x)) for bit, x in value.options]
        joined: Any = options[0][1]
        for bit, option in options[1:]:
            joined = merge(bit, option, joined)
        return as_tensor(joined)
    if isinstance(value, (Selected, Window)):
        trace.refuse(
            "JC312",
            "assigning an array of run-time length is not supported yet",
            fix=fixes.POSITIONS,
        )
    source = stack(trace, value) if isinstance(value, (tuple, ListValue)) else value
    if not is_numeric(source):
        trace.refuse(
            "JC404",
            f"{describe(source)} is stored in an array: NumPy raises TypeError or ValueError",
            fix="store a number: float(...), or an array of numbers",
        )
    if is_static(source) and not isinstance(source, np.ndarray):
        cell = np.zeros((), target.dtype)
        # NumPy itself says whether a Python number fits.
        return as_tensor(fold(trace, lambda number: _filled(cell, number), source))
    tensor = as_tensor(source)
    if tensor.ndim == 0 and tensor.python is not False:
        check_fits(trace, tensor, target.dtype)
    return as_tensor(cast(trace, tensor, target.dtype))


def _stored_under(trace: Trace, bit: Bit, target: Tensor, value: Any) -> Tensor:
    with trace.under(bit):
        return _stored_value(trace, target, value)


def _filled(cell: np.ndarray, number: Any) -> np.ndarray:
    cell[()] = number
    return cell


def _wide_mask(trace: Trace, target: Tensor, keys: tuple[Any, ...], stored: Tensor) -> jax.Array:
    if len(keys) != 1:
        trace.refuse(
            "JC312",
            "assigning through a mask beside other indices is not supported yet",
            fix="choose with np.where(mask, new, a)",
        )
    mask = as_tensor(keys[0])
    if target.shape[: mask.ndim] != mask.shape:
        trace.refuse(
            "JC405",
            f"a mask of shape {mask.shape} does not fit {describe(target)}: NumPy raises "
            "IndexError",
            fix=fixes.SHAPES,
        )
    if stored.ndim > target.ndim - mask.ndim:
        trace.refuse(
            "JC312",
            "assigning an array through a mask is not supported yet",
            fix="choose with np.where(mask, new, a)",
        )
    place = target.shape[mask.ndim :]
    if broadcast(trace, "assignment", [place, stored.shape]) != place:
        trace.refuse(
            "JC405",
            f"values of shape {stored.shape} do not fit rows of shape {place}: NumPy raises "
            "ValueError",
            fix=fixes.SHAPES,
        )
    return mask.value.reshape(mask.shape + (1,) * (target.ndim - mask.ndim))
