"""How arrays lie in memory, which decides how NumPy adds, and what of them is known while tracing.

Of orders, only those of transposed arrays are remembered here. Slices need no memory: NumPy copies
them row by row before it adds all of their elements, and adds along axes as in a whole array.
"""

from __future__ import annotations

import weakref
from typing import Any

import jax
import numpy as np

from jaxcar.program.tensors import Tensor, as_tensor

Order = tuple[int, ...]

_orders: weakref.WeakKeyDictionary[Tensor, Order] = weakref.WeakKeyDictionary()


def remember(array: Tensor, order: Order) -> None:
    """Record the axes of an array from the slowest to the fastest in memory."""
    if order != tuple(range(len(order))):
        _orders[array] = order


def order_of(array: Tensor) -> Order:
    """Return the axes of an array from the slowest to the fastest in memory."""
    return _orders.get(array, tuple(range(array.ndim)))


def remember_transposed(result: Tensor, source: Tensor, axes: Order) -> None:
    """Record the order of a view whose axis i is axis `axes[i]` of the source."""
    remember(result, tuple(axes.index(axis) for axis in order_of(source)))


_in_rows: weakref.WeakSet[Tensor] = weakref.WeakSet()
_known: weakref.WeakKeyDictionary[Tensor, tuple[np.ndarray, jax.Array]] = (
    weakref.WeakKeyDictionary()
)


def lay_in_rows(array: Tensor) -> None:
    """Record that an array has memory of its own, in which it lies row by row without gaps."""
    _in_rows.add(array)


def lies_in_rows(array: Tensor) -> bool:
    """Tell whether an array is known to lie row by row: OpenCV draws on no others."""
    return array in _in_rows


def traced_array(array: np.ndarray) -> Tensor:
    """Return an array that is known while tracing as one that the program may write into."""
    tensor = as_tensor(array)
    _known[tensor] = (array, tensor.value)
    if array.flags.c_contiguous:
        lay_in_rows(tensor)
    return tensor


def known_array(value: Any) -> np.ndarray | None:
    """Return an array whose elements are known while tracing; None where they are not."""
    if isinstance(value, np.ndarray):
        return value
    if not isinstance(value, Tensor) or value not in _known:
        return None
    array, then = _known[value]
    return array if value.value is then else None
