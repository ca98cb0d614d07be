"""NumPy's names that go by order: sort, argsort and unique."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program import fixes
from jaxcar.program.construction import arrayed, numpy_number
from jaxcar.program.indexing import get_item
from jaxcar.program.orders import Order
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.searching import isin
from jaxcar.program.tensors import INT, Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe

# NumPy sorts up to 16 elements by insertion, which keeps equal ones in order; elements of 32 and
# 64 bits go through vector instructions where the processor has them, and do so from 4 on.
_STABLE_NARROW, _STABLE_WIDE = 16, 3
_WIDE = 8  # columns of rows that are compared


def vector(trace: Trace, name: str, a: Any, axis: Any) -> tuple[Tensor, int]:
    """Return an array, flattened where no axis is given, and the axis, not negative."""
    if isinstance(a, (Selected, Window)):
        trace.refuse(
            "JC312",
            f"np.{name} of {describe(a)} is not supported yet",
            fix="select its elements by a mask first: a[mask]",
        )
    if not is_numeric(a) or not (axis is None or isinstance(axis, (int, np.integer))):
        trace.refuse(
            "JC404",
            f"np.{name} of {describe(a)} along an axis that is {describe(axis)}: NumPy raises "
            "TypeError",
            fix=fixes.NUMBERS,
        )
    array = as_tensor(a)
    if axis is None:
        array, axis = Tensor(array.value.reshape(-1), array.dtype, False, array.bounds), 0
    if not -array.ndim <= axis < array.ndim:
        trace.refuse(
            "JC405",
            f"axis {axis} is out of bounds for {describe(array)}: NumPy raises AxisError",
            fix=fixes.AXIS,
        )
    return array, int(axis) % array.ndim


def _keys(value: jax.Array) -> jax.Array:
    return value.astype(jnp.uint8) if value.dtype == jnp.bool_ else value


def in_order(value: jax.Array, axis: int) -> jax.Array:
    """Return the elements in increasing order along an axis, nan last."""
    return lax.sort(_keys(value), dimension=axis, is_stable=False).astype(value.dtype)


def packed(array: Selected) -> jax.Array:
    """Return the selected elements in order, then the others."""
    unused = (~array.mask).astype(jnp.uint8)
    value = array.values.value
    ordered = lax.sort((unused, _keys(value)), dimension=0, num_keys=2, is_stable=False)[1]
    return ordered.astype(value.dtype)


def _first(array: Selected) -> jax.Array:
    """Return the mask of as many first places as are selected, bool[n]."""
    size = array.mask.shape[0]
    return jnp.arange(size, dtype=jnp.int32) < jnp.sum(array.mask, dtype=jnp.int32)


@library("numpy.sort")
def sort(
    trace: Trace, a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    """Return a sorted copy."""
    a = arrayed(trace, a)
    if order is not None or not is_static((axis, kind, stable)):
        trace.refuse(
            "JC403",
            "np.sort takes an axis and a kind known before run time",
            fix=fixes.AXIS_CONSTANT,
        )
    if is_static(a):
        return fold(trace, np.sort, a, axis=axis)
    if isinstance(a, Selected):
        if a.values.ndim != 1:
            trace.refuse(
                "JC312", "sorting rows of run-time number is not supported yet", fix=fixes.COLUMN
            )
        ordered = Tensor(packed(a), a.values.dtype, False, a.values.bounds)
        return Selected(ordered, _first(a), a.size_bounds)
    array, place = vector(trace, "sort", a, axis)
    return Tensor(in_order(array.value, place), array.dtype, False, array.bounds)


@library("numpy.argsort")
def argsort(
    trace: Trace, a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    """Return the positions of the elements in increasing order.

    Without kind="stable" the order of equal elements is NumPy's own affair from 4 elements on (17
    of 8 or 16 bits): it depends on the processor, and is a limit fault where it is looked at.
    """
    a = arrayed(trace, a)
    if order is not None or not is_static((axis, kind, stable)):
        trace.refuse(
            "JC403",
            "np.argsort takes an axis and a kind known before run time",
            fix=fixes.AXIS_CONSTANT,
        )
    keeps = stable is True or kind in ("stable", "mergesort")
    if is_static(a):
        return fold(trace, np.argsort, a, axis=axis, kind="stable" if keeps else None)
    if isinstance(a, Selected):
        trace.refuse(
            "JC312",
            "np.argsort of an array of run-time length is not supported yet",
            fix="sort the values: np.sort(x), or find one: np.argmax(x)",
        )
    array, place = vector(trace, "argsort", a, axis)
    size = array.shape[place]
    # The stored array may be narrower than NumPy's.
    places = lax.broadcasted_iota(jnp.int32, array.shape, place)
    ordered, found = lax.sort((_keys(array.value), places), dimension=place, num_keys=1)
    most = _STABLE_WIDE if array.dtype.itemsize > 2 else _STABLE_NARROW
    if not keeps and size > most:
        low = lax.slice_in_dim(ordered, 0, size - 1, axis=place)
        high = lax.slice_in_dim(ordered, 1, size, axis=place)
        ties = (low == high) | ((low != low) & (high != high))
        sides = [(0, 0, 0)] * ties.ndim
        before, after = sides.copy(), sides.copy()
        before[place], after[place] = (1, 0, 0), (0, 1, 0)
        unsure = lax.pad(ties, False, before) | lax.pad(ties, False, after)
        return Order(Tensor(found, INT, False, (0, size - 1)), unsure)
    return Tensor(found, INT, False, (0, max(size - 1, 0)))


@library("numpy.unique")
def unique(
    trace: Trace,
    ar: Any,
    return_index: Any = False,
    return_inverse: Any = False,
    return_counts: Any = False,
    axis: Any = None,
) -> Any:
    """Return the different elements in increasing order, and how often each occurs."""
    ar = arrayed(trace, ar)
    options = (return_index, return_inverse, return_counts)
    if not is_static((axis, *options)):
        trace.refuse(
            "JC406",
            "the options of np.unique must be known before run time",
            fix="write return_counts=True, or leave it out",
        )
    if is_static(ar):
        if axis is None and not any(options):
            # Sorting is what NumPy does for the indices; its hashing takes minutes for millions.
            return fold(trace, np.unique, ar, return_index=True)[0]
        return fold(trace, np.unique, ar, *options, axis=axis)
    rows, mask, bounds = _rows(trace, ar, axis)
    if return_inverse and (axis is not None or isinstance(ar, Selected)):
        trace.refuse("JC403", "np.unique of rows takes no `return_inverse` here", fix=fixes.OPTION)
    values, index, lengths, inverse = _runs(rows, mask, bounds)
    results: list[Any] = [values]
    if return_index:
        results.append(index)
    if return_inverse:
        places = inverse.reshape(as_tensor(ar).shape)
        results.append(Tensor(places, INT, False, (0, max(rows.shape[0] - 1, 0))))
    if return_counts:
        results.append(lengths)
    return tuple(results) if len(results) > 1 else values


def _rows(trace: Trace, ar: Any, axis: Any) -> tuple[Tensor, jax.Array, tuple[int, int]]:
    """Return what is compared, elements or rows, which of it counts, and how many there are."""
    given = ar.values if isinstance(ar, Selected) else ar
    if not is_numeric(given):
        refuse_operands(trace, "unique", ar)
    array = as_tensor(given)
    if axis is not None and not (
        axis == 0 and array.ndim == 2 and array.dtype.kind in "iub" and 0 < array.shape[1] <= _WIDE
    ):
        trace.refuse(
            "JC403",
            "`axis` of np.unique must be 0, of short rows of whole numbers",
            fix="flatten, or make one number of each row: x[:, 0] * 256 + x[:, 1]",
        )
    if isinstance(ar, Selected):
        if array.ndim != 1 and axis is None:
            trace.refuse(
                "JC312",
                "np.unique of rows of run-time number without axis=0 is not supported yet",
                fix="write np.unique(points, axis=0)",
            )
        return array, ar.mask, ar.size_bounds
    rows = array if axis == 0 else vector(trace, "unique", ar, None)[0]
    return rows, jnp.ones(rows.shape[:1], bool), (rows.shape[0],) * 2


def _runs(
    rows: Tensor, mask: jax.Array, bounds: tuple[int, int]
) -> tuple[Selected, Selected, Selected, jax.Array]:
    """Return the first of each run of equal rows, its position, the run's length, and all ranks."""
    size = rows.shape[0]
    keys = _keys(rows.value).reshape(size, -1)
    columns = [keys[:, i] for i in range(keys.shape[1])]
    places = jnp.cumsum(mask, dtype=jnp.int32) - 1
    unused = (~mask).astype(jnp.uint8)
    operands = (unused, *columns, places)
    _, *ordered, place = lax.sort(operands, dimension=0, num_keys=1 + len(columns))
    count = jnp.sum(mask, dtype=jnp.int32)
    ranks = jnp.arange(size, dtype=jnp.int32)
    same = jnp.ones((size,), bool)
    for column in ordered:
        before = jnp.concatenate([column[:1], column[:-1]])
        same &= (column == before) | ((column != column) & (before != before))
    first = (~same | (ranks == 0)) & (ranks < count)
    starts = jnp.where(first, ranks, size)
    following = jnp.concatenate([starts[1:], jnp.full((1,), size, jnp.int32)])[:size]
    after = jnp.minimum(lax.cummin(following, reverse=True), count)
    made = (min(bounds[0], 1), _most(rows, bounds[1]))
    joined = jnp.stack(ordered, axis=-1).reshape(rows.shape).astype(rows.value.dtype)
    values = Tensor(joined, rows.dtype, False, rows.bounds)
    index = Tensor(place, INT, False, (0, max(size - 1, 0)))
    length = Tensor(after - ranks, INT, False, (-size, size))
    inverse = jnp.zeros((size,), jnp.int32).at[place].set(jnp.cumsum(first, dtype=jnp.int32) - 1)
    found = (Selected(part, first, made) for part in (values, index, length))
    return (*found, inverse)  # type: ignore[return-value]


def _most(rows: Tensor, size: int) -> int:
    """Return how many different elements there can be."""
    if rows.bounds is None or rows.ndim > 1:
        return size
    return min(size, rows.bounds[1] - rows.bounds[0] + 1)


def _set_operands(trace: Trace, name: str, first: Any, second: Any) -> tuple[Any, Any]:
    a, b = arrayed(trace, first), arrayed(trace, second)
    kinds = {as_tensor(x.values if isinstance(x, Selected) else x).dtype for x in (a, b)}
    if len(kinds) > 1:
        trace.refuse("JC403", f"np.{name} of two dtypes", fix="convert one: x.astype(y.dtype)")
    return a, b


def _define_set(name: str, *, among: bool) -> None:
    @library(f"numpy.{name}")
    def chosen(trace: Trace, ar1: Any, ar2: Any) -> Any:
        a, b = _set_operands(trace, name, ar1, ar2)
        if is_static((a, b)):
            return fold(trace, getattr(np, name), a, b)
        values = unique(trace, numpy_number(a))
        found = isin(trace, values, b, invert=not among)
        if not isinstance(values, Selected):
            return get_item(trace, as_tensor(values), found)
        mask = as_tensor(found.values).value & values.mask
        return Selected(values.values, mask, (0, values.size_bounds[1]))


_define_set("intersect1d", among=True)
_define_set("setdiff1d", among=False)
