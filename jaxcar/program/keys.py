"""The keys of an index: made plain, checked, and proven or clipped into range."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.casting import stack
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.tensors import BOOL, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.wording import describe


def within(index: Tensor, size: int) -> jax.Array:
    """Return where indices are in range for an axis of this size."""
    return (index.value >= -size) & (index.value < size)


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
        part = trace.present(part)
        whole = isinstance(part, Tensor) and part.ndim == 0 and part.dtype.kind in "iu"
        if part is None or isinstance(part, (int, np.integer)):
            parts.append(None if part is None else int(part))
        elif whole:
            parts.append(part)
        else:
            trace.refuse(
                "JC404",
                f"a slice's bound is {describe(part)}: Python raises TypeError",
                fix="make it an int: x[: int(n)]",
            )
    check_step(trace, parts[2])
    return slice(*parts)


def check_step(trace: Trace, step: Any) -> None:
    """Say that Python raises where a slice's step is zero."""
    if isinstance(step, (int, np.integer)) and step == 0:
        trace.give_up(
            Fault.VALUE,
            "JC404",
            "a slice's step is zero: Python raises ValueError",
            fix="use a step other than 0, or leave it out",
        )


def is_mask(key: Any) -> bool:
    """Tell whether a key is a boolean mask."""
    return isinstance(key, (Tensor, np.ndarray)) and key.dtype == BOOL and key.ndim > 0


def check_rank(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> None:
    """Refuse more keys than the array has axes."""
    used = sum(1 for key in keys if key is not None and key is not Ellipsis)
    if used > array.ndim == 0:
        trace.refuse(
            "JC405",
            f"{describe(array)} is indexed: NumPy raises IndexError",
            fix="use the number itself, or index the array: x[0]",
        )
    if used > array.ndim:
        trace.refuse(
            "JC405",
            f"{used} indices into {describe(array)}: NumPy raises IndexError",
            fix=f"use {array.ndim} indices",
        )


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
        trace.refuse(
            "JC312",
            "indexing an array by a single bool is not supported yet",
            fix="use `if`, or np.where(flag, a, b)",
        )
    if isinstance(key, (int, np.integer)):
        if -size <= key < size:
            return int(key) % size
        if size == 0:
            trace.give_up(
                Fault.INDEX,
                "JC404",
                "an element of an empty array is read: NumPy raises IndexError",
                fix="test `.size > 0` first",
            )
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
    trace.refuse(
        "JC404",
        f"an array is indexed by {describe(key)}: NumPy raises IndexError",
        fix="index with ints, slices or a boolean mask: x[int(i)]",
    )
