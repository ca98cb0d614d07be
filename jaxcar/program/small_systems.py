"""NumPy's determinants, inverses and solutions of systems of up to four rows, to rounding."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.construction import arrayed
from jaxcar.program.elementwise import divide, multiply
from jaxcar.program.faults import Fault
from jaxcar.program.linear_algebra import operands
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import FLOAT, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe

_SMALL = 4


def _known(trace: Trace, name: str, *arrays: Any) -> Any:
    """Return NumPy's result of known arrays, not too large."""
    if any(np.size(array) > 65_536 for array in arrays):
        trace.refuse(
            "JC507", f"np.linalg.{name} of so many numbers is over the limit", fix=fixes.SMALLER
        )
    return fold(trace, getattr(np.linalg, name), *arrays)


def _square(trace: Trace, name: str, a: Any) -> tuple[jax.Array, np.dtype]:
    """Return a small square matrix in 64 bits, and the dtype of NumPy's result."""
    a = arrayed(trace, a)
    if not is_numeric(a):
        refuse_operands(trace, f"linalg.{name}", a)
    matrix = as_tensor(a)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.dtype == np.float16:
        trace.refuse(
            "JC405",
            f"np.linalg.{name} of {describe(a)}: NumPy raises LinAlgError",
            fix="give a square matrix: a[:3, :3]",
        )
    if not 0 < matrix.shape[0] <= _SMALL:
        trace.refuse(
            "JC312",
            f"np.linalg.{name} of more than {_SMALL} rows is not supported yet",
            fix=f"use {_SMALL} rows or fewer",
        )
    dtype = matrix.dtype if matrix.dtype.kind == "f" else FLOAT
    return matrix.value.astype(FLOAT), dtype


def _eliminated(rows: jax.Array, size: int) -> tuple[jax.Array, jax.Array]:
    """Return rows [n, m] in upper triangular form, by partial pivoting, and the swaps' sign."""
    sign = jnp.ones((), rows.dtype)
    for k in range(size - 1):
        column = jnp.abs(rows[k:, k])
        # Not of the values themselves: XLA's argmax of 64 bits needs x64 when it is compiled.
        pivot = k + jax.lax.argmax(column == jnp.max(column), 0, jnp.int32)
        top, chosen = rows[k], rows[pivot]
        rows = rows.at[pivot].set(top).at[k].set(chosen)
        sign = jnp.where(pivot == k, sign, -sign)
        safe = jnp.where(chosen[k] == 0, jnp.ones_like(chosen[k]), chosen[k])
        factors = divide(rows[k + 1 :, k], jnp.broadcast_to(safe, (size - 1 - k,)))
        below = rows[k + 1 :] - multiply(*jnp.broadcast_arrays(factors[:, None], chosen))
        rows = rows.at[k + 1 :].set(below)
    return rows, sign


@library("numpy.linalg.det")
def det(trace: Trace, a: Any) -> Any:
    """Return the determinant of a matrix of up to 4 rows, to rounding."""
    if is_static(arrayed(trace, a)):
        return _known(trace, "det", arrayed(trace, a))
    matrix, dtype = _square(trace, "det", a)
    rows, sign = _eliminated(matrix, matrix.shape[0])
    result = sign
    for k in range(matrix.shape[0]):
        result = result * rows[k, k]
    return Tensor(result.astype(dtype), dtype)


def _solved(trace: Trace, matrix: jax.Array, right: jax.Array) -> jax.Array:
    """Solve for the columns of `right`; a singular matrix raises LinAlgError, a ValueError."""
    size = matrix.shape[0]
    rows, _ = _eliminated(jnp.concatenate([matrix, right], axis=1), size)
    pivots = jnp.diagonal(rows[:, :size])
    trace.raise_where(Fault.VALUE, jnp.any(pivots == 0))
    found: list[jax.Array] = []
    for k in reversed(range(size)):
        total = rows[k, size:]
        for j, row in zip(range(size - 1, k, -1), found, strict=False):
            total = total - multiply(jnp.full_like(row, 1) * rows[k, j], row)
        safe = jnp.where(pivots[k] == 0, jnp.ones_like(pivots[k]), pivots[k])
        found.append(divide(total, jnp.broadcast_to(safe, total.shape)))
    return jnp.stack(found[::-1])


@library("numpy.linalg.inv")
def inv(trace: Trace, a: Any) -> Any:
    """Return the inverse of a matrix of up to 4 rows, to rounding."""
    if is_static(arrayed(trace, a)):
        return _known(trace, "inv", arrayed(trace, a))
    matrix, dtype = _square(trace, "inv", a)
    identity = jnp.eye(matrix.shape[0], dtype=FLOAT)
    return Tensor(_solved(trace, matrix, identity).astype(dtype), dtype)


@library("numpy.linalg.solve")
def solve(trace: Trace, a: Any, b: Any) -> Any:
    """Solve a linear system of up to 4 equations, to rounding."""
    a, b = operands(trace, "linalg.solve", a, b)
    if is_static((a, b)):
        return _known(trace, "solve", a, b)
    matrix, dtype = _square(trace, "solve", a)
    right = as_tensor(b)
    if right.ndim not in (1, 2) or right.shape[0] != matrix.shape[0]:
        trace.refuse(
            "JC405",
            f"np.linalg.solve with {describe(b)}: NumPy raises ValueError",
            fix="give one number for each row: b[:3]",
        )
    columns = right.value.astype(FLOAT).reshape(right.shape[0], -1)
    kind = np.result_type(dtype, right.dtype if right.dtype.kind == "f" else FLOAT)
    result = _solved(trace, matrix, columns).reshape(right.shape)
    return Tensor(result.astype(kind), kind)
