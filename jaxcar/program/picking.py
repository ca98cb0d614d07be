"""NumPy's names that pick elements: take, take_along_axis, select, compress, choose."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import cast
from jaxcar.program.choosing import where
from jaxcar.program.construction import arrayed
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.indexing import get_item
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, INT, Tensor, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe


@library("numpy.take")
def take(trace: Trace, a: Any, indices: Any, axis: Any = None) -> Any:
    """Return the elements at positions along an axis, or of the flattened array."""
    a, places = arrayed(trace, a), arrayed(trace, indices)
    if not (axis is None or isinstance(axis, (int, np.integer))):
        trace.refuse(
            "JC406", "`axis` of np.take must be known before run time", fix=fixes.AXIS_CONSTANT
        )
    if is_static((a, places)):
        return fold(trace, np.take, a, places, axis=axis)
    if not is_numeric(a) or not is_numeric(places) or as_tensor(places).dtype.kind not in "iu":
        trace.refuse(
            "JC404",
            f"np.take of {describe(a)} at {describe(places)}: NumPy raises TypeError",
            fix="give whole numbers as positions: places.astype(int)",
        )
    array = as_tensor(a)
    if axis is None:
        flat = Tensor(array.value.reshape(-1), array.dtype, False, array.bounds)
        return _apart(get_item(trace, flat, places))
    if not -array.ndim <= axis < array.ndim:
        trace.refuse(
            "JC405",
            f"axis {axis} is out of bounds for {describe(array)}: NumPy raises AxisError",
            fix=fixes.AXIS,
        )
    before = (slice(None),) * (int(axis) % array.ndim)
    return _apart(get_item(trace, array, (*before, places)))


def _apart(value: Any) -> Any:
    """Return a copy: np.take never gives a view."""
    return Tensor(value.value, value.dtype, False, value.bounds)


@library("numpy.take_along_axis")
def take_along_axis(trace: Trace, arr: Any, indices: Any, axis: Any = -1) -> Any:
    """Return, for each line along an axis, the elements at its own positions."""
    a, places = arrayed(trace, arr), arrayed(trace, indices)
    if is_static((a, places, axis)):
        return fold(trace, np.take_along_axis, a, places, axis)
    if not is_numeric(a) or not is_numeric(places) or not isinstance(axis, int):
        trace.refuse(
            "JC404",
            f"np.take_along_axis of {describe(a)} at {describe(places)}: NumPy raises an exception",
            fix="give as many axes and whole numbers: places[:, None]",
        )
    array, index = as_tensor(a), as_tensor(places)
    if index.dtype.kind not in "iu" or index.ndim != array.ndim or array.ndim == 0:
        trace.refuse(
            "JC404",
            f"np.take_along_axis of {describe(a)} at {describe(places)}: NumPy raises an exception",
            fix="give as many axes and whole numbers: places[:, None]",
        )
    place = axis % array.ndim
    size = array.shape[place]
    others = [i for i in range(array.ndim) if i != place]
    if [array.shape[i] for i in others] != [index.shape[i] for i in others] or size == 0:
        trace.refuse(
            "JC403",
            "np.take_along_axis takes positions of the array's shape here, but for the axis, not "
            f"{index.shape} for {array.shape}",
            fix="give one position for each line: np.argmax(a, axis=0)[None]",
        )
    number = index.value.astype(INT)  # what carries it may be too narrow for -size
    trace.raise_where(Fault.INDEX, jnp.any((number < -size) | (number >= size)))
    wrapped = jnp.where(number < 0, number + size, number)
    wrapped = jnp.clip(wrapped, 0, size - 1).astype(jnp.int32)
    value = jnp.take_along_axis(array.value, wrapped, place, mode="clip")
    return Tensor(value, array.dtype, False, array.bounds)


@library("numpy.select")
def select(trace: Trace, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Return, for each element, the choice of the first condition that holds."""
    groups = [x.items if isinstance(x, ListValue) else x for x in (condlist, choicelist)]
    if not all(isinstance(group, (tuple, list)) for group in groups) or not groups[0]:
        trace.refuse(
            "JC403",
            "np.select takes two lists",
            fix="call it as np.select([a > 0, a < 0], [1, -1], 0)",
        )
    if len(groups[0]) != len(groups[1]):
        trace.refuse(
            "JC404",
            "np.select takes as many choices as conditions: NumPy raises ValueError",
            fix="give one choice for each condition",
        )
    conditions = [arrayed(trace, x) for x in groups[0]]
    choices = [arrayed(trace, x) for x in (*groups[1], default)]
    if not all(is_numeric(x) for x in (*conditions, *choices)):
        refuse_operands(trace, "select", *conditions, *choices)
    if any(as_tensor(x).dtype != BOOL for x in conditions):
        trace.refuse(
            "JC404",
            "the conditions of np.select are not bools: NumPy raises TypeError",
            fix="compare: a > 0",
        )
    dtype = np.result_type(*(_weak(x) for x in choices))
    shape = np.broadcast_shapes(*(shape_of(x) for x in (*conditions, *choices)))
    result = cast(trace, choices[-1], dtype)
    for condition, choice in zip(conditions[::-1], choices[-2::-1], strict=True):
        result = where(trace, condition, cast(trace, choice, dtype), result)
    made = as_tensor(result)
    return Tensor(jnp.broadcast_to(made.value, shape), dtype, False, made.bounds)


def _weak(value: Any) -> Any:
    """Return what decides the dtype: of a Python number, a number of its kind."""
    tensor = as_tensor(value)
    python = tensor.python is not False and tensor.dtype != BOOL
    return {"i": 0, "f": 0.0}[tensor.dtype.kind] if python else tensor.dtype


@library("numpy.compress")
def compress(trace: Trace, condition: Any, a: Any) -> Any:
    """Return the elements of a vector where a condition holds."""
    mask, array = arrayed(trace, condition), arrayed(trace, a)
    if not is_numeric(mask) or not is_numeric(array) or shape_of(mask) != shape_of(array):
        trace.refuse(
            "JC403",
            f"np.compress takes a vector and as many bools here, not {describe(array)} and "
            f"{describe(mask)}",
            fix="write x[mask]",
        )
    if as_tensor(array).ndim != 1 or as_tensor(mask).dtype != BOOL:
        trace.refuse(
            "JC403", "np.compress takes a vector and as many bools here", fix="write x[mask]"
        )
    return get_item(trace, array, mask)


@library("numpy.extract")
def extract(trace: Trace, condition: Any, arr: Any) -> Any:
    """Return the elements of a vector where a condition holds."""
    return compress(trace, condition, arr)
