"""In which order arrays lie in memory, where that is not row by row: it decides how NumPy adds.

Only transposed arrays are remembered here. Slices need no memory: NumPy copies them row by row
before it adds all of their elements, and adds along axes as in a whole array.
"""

from __future__ import annotations

import weakref

from jaxcar.program.tensors import Tensor

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
