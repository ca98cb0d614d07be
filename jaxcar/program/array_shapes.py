"""NumPy's names that move elements: other shapes, other orders of axes, repeated and cut arrays.

NumPy itself moves the positions of the elements, while tracing; the elements follow. So what it
refuses is refused, with its words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.construction import arrayed, copied, numpy_number
from jaxcar.program.layout import remember_transposed
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import Bounds, Selected, Tensor, as_tensor, share
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.views import is_whole, link, record_moved
from jaxcar.program.wording import describe

Move = Callable[[np.ndarray], np.ndarray]


def moved(
    trace: Trace, name: str, array: Any, move: Move, *, view: bool = False, filler: Any = None
) -> Any:
    """Return an array with its elements moved as `move` moves their positions.

    Args:
        trace: the present tracing.
        name: NumPy's function, for messages.
        array: an array of any kind; of run-time length is refused.
        move: positions i64[shape of the array] to positions of any shape.
        view: whether NumPy's result shares memory with the array.
        filler: the number that stands where a position is negative.
    """
    if isinstance(array, Selected):
        trace.refuse(
            "JC312",
            f"np.{name} of an array of run-time length is not supported yet",
            fix=fixes.SELECTED,
        )
    if not is_numeric(array):
        refuse_operands(trace, name, array)
    if is_static(array) and view:
        return fold(trace, move, np.asarray(array))
    source = as_tensor(array)
    places = np.arange(source.value.size).reshape(source.shape)
    target = np.asarray(fold(trace, move, places))
    check_size(trace, target.shape)
    if is_static(array) and filler is None:
        return np.asarray(array).reshape(-1)[target]
    result = Tensor(_taken(source, target, filler), source.dtype, False, _bounds(source, filler))
    if view and isinstance(array, Tensor) and result.ndim:
        if name in ("reshape", "ravel"):
            # Where the elements do not lie row by row, NumPy may make a copy.
            if is_whole(array) or (name == "reshape" and array.ndim == 1):
                record_moved(result, array, target, whole=is_whole(array))
            else:
                share(result, array)
                result.frozen, result.lent = array.frozen, array.lent
        else:
            record_moved(result, array, target)
    return result


def _taken(source: Tensor, target: np.ndarray, filler: Any) -> Any:
    flat, order = source.value.reshape(-1), target.reshape(-1)
    if order.size == flat.size and np.array_equal(order, np.arange(flat.size)):
        return flat.reshape(target.shape)
    if order.size == 0 or flat.size == 0:
        number = 0 if filler is None else filler
        return jnp.full(target.shape, number, flat.dtype)
    value = jnp.take(flat, np.maximum(target, 0).astype(np.int32), mode="clip")
    if filler is None or order.min() >= 0:
        return value
    return jnp.where(target >= 0, value, jnp.asarray(filler, value.dtype))


def _bounds(source: Tensor, filler: Any) -> Bounds:
    if filler is None or source.bounds is None:
        return source.bounds
    return (min(source.bounds[0], int(filler)), max(source.bounds[1], int(filler)))


def known(trace: Trace, name: str, *values: Any) -> Any:
    """Return arguments that must be known before run time as Python and NumPy have them."""
    if not is_static(values):
        trace.refuse(
            "JC406",
            f"the shape and axes of np.{name} must be known before run time",
            fix=fixes.CONSTANT,
        )
    found = tuple(unwrap_static(value) for value in values)
    for value in found:
        sequence = isinstance(value, (list, tuple))
        if isinstance(value, type) or (sequence and not _has_one_kind(value)):
            trace.refuse(
                "JC404",
                f"np.{name} takes whole numbers for its shapes and axes, not {describe(value)} of "
                "something else: NumPy raises TypeError or ValueError"
                if sequence
                else f"np.{name} is given {describe(value)}: NumPy raises TypeError",
                fix=fixes.CONSTANT,
            )
    return found


def _has_one_kind(values: Any) -> bool:
    """Tell whether NumPy makes an array of numbers of a sequence."""
    try:
        return np.asarray(values).dtype.kind in "biuf"
    except ValueError:
        return False


@library("numpy.reshape")
def reshape(trace: Trace, a: Any, shape: Any, order: Any = "C") -> Any:
    """Give another shape to the elements in their order."""
    (sizes,) = known(trace, "reshape", shape)
    if not (isinstance(order, str) and order == "C"):
        trace.refuse("JC403", "np.reshape does not take `order` here", fix=fixes.OPTION)
    array = arrayed(trace, a)
    if isinstance(array, Selected) and _keeps_rows(array, sizes):
        made = Tensor(
            array.values.value.reshape(array.values.shape[0], *sizes[1:]),
            array.values.dtype,
            False,
            array.values.bounds,
        )
        return Selected(made, array.mask, array.size_bounds, array.packed)
    return moved(trace, "reshape", array, lambda x: x.reshape(sizes), view=True)


def _keeps_rows(array: Selected, sizes: Any) -> bool:
    """Tell whether a shape, of which the first number is -1, changes each element alone."""
    if not isinstance(sizes, (tuple, list)) or len(sizes) < 2 or sizes[0] != -1:
        return False
    return int(np.prod(sizes[1:])) == int(np.prod(array.values.shape[1:]))


@library("numpy.ravel")
def ravel(trace: Trace, a: Any, order: Any = "C") -> Any:
    """Flatten."""
    a = arrayed(trace, a)
    if not (isinstance(order, str) and order == "C"):
        trace.refuse("JC403", "np.ravel does not take `order` here", fix=fixes.OPTION)
    if isinstance(a, Selected) and a.values.ndim == 1:
        return a
    return moved(trace, "ravel", a, np.ravel, view=True)


@library("numpy.transpose", "numpy.permute_dims")
def transpose(trace: Trace, a: Any, axes: Any = None) -> Any:
    """Reverse the axes, or put them in another order."""
    (order,) = known(trace, "transpose", axes)
    return permuted(trace, "transpose", a, lambda x: np.transpose(x, order))


def permuted(trace: Trace, name: str, a: Any, move: Move) -> Any:
    """Put the axes in another order, as `move` does with those of a small array."""
    a = arrayed(trace, a)
    if isinstance(a, Tensor) and a.ndim > 1:
        names = np.empty(tuple(range(2, 2 + a.ndim)), bool)
        order = tuple(int(n) - 2 for n in fold(trace, move, names).shape)
        result = Tensor(jnp.transpose(a.value, order), a.dtype, False, a.bounds)
        back = tuple(int(n) for n in np.argsort(order))
        link(
            result,
            a,
            lambda value: jnp.transpose(value, order),
            lambda value, new: jnp.transpose(new, back),
        )
        remember_transposed(result, a, order)
        return result
    return moved(trace, name, a, move, view=True)


@library("numpy.swapaxes")
def swapaxes(trace: Trace, a: Any, axis1: Any, axis2: Any) -> Any:
    """Exchange two axes."""
    first, second = known(trace, "swapaxes", axis1, axis2)
    return permuted(trace, "swapaxes", a, lambda x: np.swapaxes(x, first, second))


@library("numpy.moveaxis")
def moveaxis(trace: Trace, a: Any, source: Any, destination: Any) -> Any:
    """Move axes to other places."""
    here, there = known(trace, "moveaxis", source, destination)
    return permuted(trace, "moveaxis", a, lambda x: np.moveaxis(x, here, there))


def _view(trace: Trace, name: str, m: Any, *values: Any) -> Any:
    """Move one array's elements without copying them."""
    given = known(trace, name, *values)
    move = getattr(np, name)
    return moved(trace, name, arrayed(trace, m), lambda x: move(x, *given), view=True)


@library("numpy.expand_dims")
def expand_dims(trace: Trace, a: Any, axis: Any) -> Any:
    """Insert axes of length 1."""
    return _view(trace, "expand_dims", a, axis)


@library("numpy.squeeze")
def squeeze(trace: Trace, a: Any, axis: Any = None) -> Any:
    """Remove axes of length 1."""
    (place,) = known(trace, "squeeze", axis)
    array = arrayed(trace, a)
    if isinstance(array, Selected) and isinstance(place, int) and place % array.values.ndim:
        rows = array.values
        if rows.shape[place] == 1:
            made = Tensor(rows.value.squeeze(place), rows.dtype, False, rows.bounds)
            return Selected(made, array.mask, array.size_bounds, array.packed)
    return _view(trace, "squeeze", a, axis)


@library("numpy.flip")
def flip(trace: Trace, m: Any, axis: Any = None) -> Any:
    """Reverse the order along axes."""
    return _view(trace, "flip", m, axis)


@library("numpy.fliplr")
def fliplr(trace: Trace, m: Any) -> Any:
    """Reverse the columns."""
    return _view(trace, "fliplr", m)


@library("numpy.flipud")
def flipud(trace: Trace, m: Any) -> Any:
    """Reverse the rows."""
    return _view(trace, "flipud", m)


@library("numpy.rot90")
def rot90(trace: Trace, m: Any, k: Any = 1, axes: Any = (0, 1)) -> Any:
    """Turn by quarter turns."""
    return _view(trace, "rot90", m, k, axes)


def _define_at_least(name: str) -> None:
    @library(f"numpy.{name}")
    def at_least(trace: Trace, *arys: Any) -> Any:
        parts = [moved(trace, name, arrayed(trace, a), getattr(np, name), view=True) for a in arys]
        return parts[0] if len(parts) == 1 else tuple(parts)


for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    _define_at_least(_name)


@library("numpy.broadcast_to")
def broadcast_to(trace: Trace, array: Any, shape: Any) -> Any:
    """Repeat along new axes and axes of length 1; the result cannot be written."""
    (sizes,) = known(trace, "broadcast_to", shape)
    check_size(trace, tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,))
    made = moved(
        trace, "broadcast_to", arrayed(trace, array), lambda x: np.broadcast_to(x, sizes), view=True
    )
    if isinstance(made, Tensor):
        made.frozen = True
    return made


@library("numpy.copy")
def copy(trace: Trace, a: Any) -> Any:
    """Return an array with memory of its own."""
    a = arrayed(trace, a)
    if isinstance(a, np.ndarray):
        return a.copy()
    return Tensor(a.value, a.dtype, False, a.bounds) if isinstance(a, Tensor) else copied(a)


@library("numpy.shape")
def shape(trace: Trace, a: Any) -> Any:
    """Return the lengths of the axes."""
    a = arrayed(trace, a)
    if isinstance(a, Selected):
        return (a.count(), *a.values.shape[1:])
    return _sizes(trace, "shape", a)


def _sizes(trace: Trace, name: str, a: Any) -> tuple[int, ...]:
    if not is_numeric(a):
        refuse_operands(trace, name, a)
    return as_tensor(a).shape


@library("numpy.ndim")
def ndim(trace: Trace, a: Any) -> Any:
    """Return the number of axes."""
    a = arrayed(trace, a)
    return a.values.ndim if isinstance(a, Selected) else len(_sizes(trace, "ndim", a))


@library("numpy.size")
def size(trace: Trace, a: Any, axis: Any = None) -> Any:
    """Return the number of elements, or the length of an axis."""
    a = arrayed(trace, a)
    (place,) = known(trace, "size", axis)
    if isinstance(a, Selected):
        if a.values.ndim != 1:
            trace.refuse(
                "JC312",
                "np.size of rows of run-time number is not supported yet",
                fix="write len(points), or points.shape",
            )
        return a.count()
    sizes = _sizes(trace, "size", a)
    if place is None:
        return int(np.prod(sizes))
    return int(fold(trace, np.size, np.empty(sizes, bool), place))


@library("numpy.asanyarray", "numpy.ascontiguousarray")
def asanyarray(trace: Trace, a: Any) -> Any:
    """Return numbers or a sequence as an array."""
    a = arrayed(trace, a)
    if not isinstance(a, (Tensor, np.ndarray, Selected)):
        return np.asarray(a)
    return numpy_number(a)
