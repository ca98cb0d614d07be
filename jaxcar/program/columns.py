"""Rows of numbers as arrays of run-time length, and such arrays as rows."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.containers import Rows
from jaxcar.program.kinds import Kind
from jaxcar.program.packing import zeros
from jaxcar.program.rows import kept_first, valid
from jaxcar.program.tensors import BOOL, FLOAT, INT, Selected, Tensor


def numbers(rows: Rows) -> Selected | None:
    """Return rows of numbers, or of tuples of numbers, as an array of run-time length."""
    column = _column(rows.kind, list(rows.leaves))
    if column is None:
        return None
    return Selected(column, valid(rows), rows.length.bounds or (0, rows.capacity), packed=True)


def _column(kind: Kind, leaves: list[jax.Array]) -> Tensor | None:
    if kind.form == "tensor":
        dtype, _, _, mixed, _ = kind.detail
        # Whether each is Python's or NumPy's number is lost in an array.
        return None if mixed is not None else Tensor(leaves[0], dtype)
    if kind.form in ("tuple", "list"):
        parts, rest = [], leaves
        for part in kind.parts:
            size = len(jax.eval_shape(functools.partial(zeros, part)))
            parts.append(_column(part, rest[:size]))
            rest = rest[size:]
        if not parts or any(p is None or p.ndim != 1 for p in parts):
            return None
        dtype = np.result_type(*(p.dtype for p in parts if p is not None))
        columns = [p.value.astype(dtype) for p in parts if p is not None]
        return Tensor(jnp.stack(columns, axis=-1), dtype)
    return None


def of_array(value: Selected, python: bool = False) -> Rows:
    """Return an array of run-time length packed: rows of the array.

    Args:
        value: the array.
        python: whether the elements become Python numbers, as `.tolist()` makes them.
    """
    array, size = value.values, value.values.shape[0]
    order = kept_first(value.mask)
    dtype = array.dtype
    if python:
        dtype = {"b": BOOL, "f": FLOAT}.get(dtype.kind, INT)
    detail = (dtype, array.shape[1:], python, None, False)
    leaf = Tensor(array.value, dtype).value[order]
    return Rows(Kind("tensor", (), detail), [leaf], value.count(), max(size, 1))


def packed(value: Selected) -> Selected:
    """Return an array of run-time length whose elements are the first ones."""
    if value.packed:
        return value
    order = kept_first(value.mask)
    array = value.values
    rows = Tensor(array.value[order], array.dtype, False, array.bounds)
    mask = jnp.arange(value.mask.shape[0]) < value.count().value
    return Selected(rows, mask, value.size_bounds, packed=True)


def part_of(value: Selected, first: jax.Array, count: jax.Array) -> Selected:
    """Return `count` elements from position `first` on, of a packed array."""
    size = value.mask.shape[0]
    places = jnp.arange(size)
    order = jnp.clip(first + places, 0, size - 1)
    array = value.values
    rows = Tensor(array.value[order], array.dtype, False, array.bounds)
    return Selected(rows, places < count, (0, value.size_bounds[1]), packed=True)
