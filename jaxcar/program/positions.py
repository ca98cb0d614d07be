"""Coordinates from flat positions, and grids of coordinates: `np.unravel_index`, `np.mgrid`."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar.program import fixes
from jaxcar.program.construction import arrayed, numpy_number
from jaxcar.program.faults import Fault
from jaxcar.program.registry import library
from jaxcar.program.tensors import Selected, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold, ufunc
from jaxcar.program.values import is_static, unwrap_static
from jaxcar.program.wording import describe


@library("numpy.unravel_index")
def unravel_index(trace: Trace, indices: Any, shape: Any) -> Any:
    """Return the coordinates of flat positions, one value per axis."""
    indices = arrayed(trace, indices)
    if isinstance(shape, type):
        trace.refuse(
            "JC404",
            f"np.unravel_index is given {describe(shape)}: NumPy raises TypeError",
            fix="give it the array's shape: np.unravel_index(i, x.shape)",
        )
    if is_static((indices, shape)):
        return fold(trace, np.unravel_index, indices, shape)
    sizes = unwrap_static(shape) if is_static(shape) else None
    sizes = (sizes,) if isinstance(sizes, int) else sizes
    if sizes is None or not all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes):
        trace.refuse(
            "JC406",
            "the shape of np.unravel_index must be known before run time",
            fix=fixes.CONSTANT,
        )
    number = indices.values if isinstance(indices, Selected) else indices
    if not isinstance(number, Tensor) or number.dtype.kind not in "iu":
        trace.refuse(
            "JC404",
            f"np.unravel_index of {describe(indices)}: NumPy raises TypeError",
            fix="give whole numbers: np.argmax(x), x.astype(int)",
        )
    _check_range(trace, indices, int(np.prod(sizes)))
    rest, found = indices, []
    for size in reversed(sizes):
        found.append(numpy_number(ufunc(trace, "remainder", rest, int(size), library=True)))
        rest = ufunc(trace, "floor_divide", rest, int(size), library=True)
    return tuple(reversed(found))


def _check_range(trace: Trace, indices: Any, size: int) -> None:
    """Raise ValueError where a position lies outside."""
    number = indices.values if isinstance(indices, Selected) else indices
    if number.bounds is not None and number.bounds[0] >= 0 and number.bounds[1] < size:
        return
    outside = (number.value < 0) | (number.value >= size)
    if isinstance(indices, Selected):
        outside = outside & indices.mask
    trace.raise_where(Fault.VALUE, outside.any())


def coordinate_grid(trace: Trace, path: str, index: Any) -> Any:
    """Return `np.mgrid[0:h, 0:w]` or `np.ogrid[...]`.

    Args:
        trace: the present tracing.
        path: "numpy.mgrid" or "numpy.ogrid".
        index: slices whose bounds are known.
    """
    keys = index if isinstance(index, tuple) else (index,)
    if not all(isinstance(key, slice) and is_static(key) and key.stop is not None for key in keys):
        trace.refuse(
            "JC406",
            f"the bounds of `{path}` must be slices known before run time",
            fix="write the bounds as numbers, or use the shape of an input",
        )
    sizes = []
    for key in keys:
        numbers = [x for x in (key.start or 0, key.stop, key.step or 1)]
        if not all(isinstance(x, (int, np.integer)) for x in numbers) or numbers[2] == 0:
            trace.refuse(
                "JC406",
                f"the bounds of `{path}` must be whole numbers",
                fix="write the bounds as whole numbers",
            )
        sizes.append(max(0, -(-(int(numbers[1]) - int(numbers[0])) // int(numbers[2]))))
    check_size(trace, (len(keys), *sizes))
    grid = np.mgrid if path == "numpy.mgrid" else np.ogrid
    made = grid[tuple(keys) if isinstance(index, tuple) else keys[0]]
    return made if isinstance(made, np.ndarray) else tuple(made)
