"""NumPy's products of vectors and matrices, and norms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import cast
from jaxcar.program.construction import arrayed
from jaxcar.program.containers import ListValue
from jaxcar.program.elementwise import multiply
from jaxcar.program.pairwise import add_axes, add_rows
from jaxcar.program.reductions import reduction
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, FLOAT, Selected, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold, ufunc
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe

# Up to here OpenBLAS adds the products of two vectors one by one, those of f32 in 64 bits.
_KNOWN = 65_536  # of a known matrix; a singular value decomposition takes its time
_PLAIN = {np.dtype(np.float64): 15, np.dtype(np.float32): 31}


def operands(trace: Trace, name: str, a: Any, b: Any) -> tuple[Any, Any]:
    """Return two arguments as numbers or arrays."""
    a, b = arrayed(trace, a), arrayed(trace, b)
    if not is_numeric(a) or not is_numeric(b):
        refuse_operands(trace, name, a, b)
    return a, b


def inner_products(x: jax.Array, y: jax.Array) -> jax.Array:
    """Return the inner products along the last axis, of short vectors in OpenBLAS's order."""
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.sum(x * y, axis=-1, dtype=x.dtype)
    products = multiply(*jnp.broadcast_arrays(x, y))
    size = products.shape[-1]
    if size <= _PLAIN.get(np.dtype(x.dtype), 0):
        total = add_rows(jnp.moveaxis(products.astype(FLOAT), -1, 0)).astype(x.dtype)
        return jnp.where(total == 0, jnp.zeros_like(total), total)
    return add_axes(products, (products.ndim - 1,), False)


def _product(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Return the product of vectors and matrices."""
    left, right = as_tensor(a), as_tensor(b)
    if right.ndim > 2:
        trace.refuse(
            "JC312",
            f"np.{name} with {describe(b)} on the right is not supported yet",
            fix="write the products and sums: (a * b).sum(axis=-1)",
        )
    if left.shape[-1] != right.shape[0]:
        trace.refuse(
            "JC405",
            f"np.{name} of shapes {left.shape} and {right.shape}: NumPy raises ValueError",
            fix=fixes.SHAPES,
        )
    dtype = np.result_type(left.dtype, right.dtype)
    if dtype in (BOOL, np.float16):
        trace.refuse(
            "JC312",
            f"np.{name} of arrays of {dtype} is not supported yet",
            fix="convert them: x.astype(float)",
        )
    x, y = left.value.astype(dtype), right.value.astype(dtype)
    # Products and sums, not XLA's dot, which needs x64 for 64 bits when it is compiled.
    y = jnp.moveaxis(y, 0, -1) if y.ndim == 2 else y
    x = x[..., None, :] if left.ndim >= right.ndim == 2 else x
    check_size(trace, np.broadcast_shapes(x.shape, y.shape))
    return Tensor(inner_products(x, y), dtype)


@library("numpy.dot")
def dot(trace: Trace, a: Any, b: Any) -> Any:
    """Return the inner product of vectors, or of a matrix and a vector or matrix."""
    a, b = operands(trace, "dot", a, b)
    if is_static((a, b)):
        check_size(trace, (np.size(a), np.shape(b)[-1] if np.ndim(b) > 1 else 1))
        return fold(trace, np.dot, a, b)
    if np.ndim(unwrap(a)) == 0 or np.ndim(unwrap(b)) == 0:
        return ufunc(trace, "multiply", a, b, library=True)
    return _product(trace, "dot", a, b)


@library("numpy.matmul", "numpy.linalg.matmul")
def matmul(trace: Trace, a: Any, b: Any) -> Any:
    """Return the matrix product."""
    a, b = operands(trace, "matmul", a, b)
    if np.ndim(unwrap(a)) == 0 or np.ndim(unwrap(b)) == 0:
        trace.refuse("JC404", "np.matmul of a number: NumPy raises ValueError", fix="write a * b")
    if is_static((a, b)):
        check_size(trace, (np.size(a), np.shape(b)[-1] if np.ndim(b) > 1 else 1))
        return fold(trace, np.matmul, a, b)
    return _product(trace, "matmul", a, b)


@library("numpy.inner")
def inner(trace: Trace, a: Any, b: Any) -> Any:
    """Return the inner product along the last axes."""
    a, b = operands(trace, "inner", a, b)
    if np.ndim(unwrap(a)) == 0 or np.ndim(unwrap(b)) < 2:
        return dot(trace, a, b)
    check_size(trace, (np.size(unwrap(a)), np.shape(unwrap(b))[0]))
    if is_static((a, b)):
        return fold(trace, np.inner, a, b)
    right = as_tensor(b)
    turned = jnp.moveaxis(right.value, -1, 0)
    return _product(trace, "inner", a, Tensor(turned, right.dtype, False, right.bounds))


@library("numpy.vdot")
def vdot(trace: Trace, a: Any, b: Any) -> Any:
    """Return the inner product of the flattened arrays."""
    a, b = operands(trace, "vdot", a, b)
    if is_static((a, b)):
        return fold(trace, np.vdot, a, b)
    flat = [
        Tensor(x.value.reshape(-1), x.dtype, False, x.bounds) for x in (as_tensor(a), as_tensor(b))
    ]
    return _product(trace, "vdot", *flat)


@library("numpy.outer", "numpy.linalg.outer")
def outer(trace: Trace, a: Any, b: Any) -> Any:
    """Return all products of an element of a and one of b."""
    a, b = operands(trace, "outer", a, b)
    left, right = as_tensor(a), as_tensor(b)
    column = Tensor(left.value.reshape(-1, 1), left.dtype, False, left.bounds)
    row = Tensor(right.value.reshape(-1), right.dtype, False, right.bounds)
    check_size(trace, (left.value.size, right.value.size))
    if is_static((a, b)):
        return fold(trace, np.outer, a, b)
    return ufunc(trace, "multiply", column, row, library=True)


@library("numpy.cross", "numpy.linalg.cross")
def cross(trace: Trace, a: Any, b: Any) -> Any:
    """Return the cross product of vectors of three elements, along the last axis."""
    a, b = operands(trace, "cross", a, b)
    if is_static((a, b)):
        return fold(trace, np.cross, a, b)
    left, right = as_tensor(a), as_tensor(b)
    if left.ndim == 0 or right.ndim == 0 or left.shape[-1] != 3 or right.shape[-1] != 3:
        trace.refuse(
            "JC403",
            "np.cross takes vectors of three elements here",
            fix="give vectors of three elements: np.append(v, 0.0)",
        )

    def part(array: Tensor, i: int) -> Tensor:
        return Tensor(array.value[..., i], array.dtype, False, array.bounds)

    parts = []
    for i, j in ((1, 2), (2, 0), (0, 1)):
        first = ufunc(trace, "multiply", part(left, i), part(right, j), library=True)
        second = ufunc(trace, "multiply", part(left, j), part(right, i), library=True)
        parts.append(as_tensor(ufunc(trace, "subtract", first, second, library=True)))
    return Tensor(jnp.stack([p.value for p in parts], axis=-1), parts[0].dtype)


@library("numpy.trace")
def trace_(trace: Trace, a: Any, offset: Any = 0) -> Any:
    """Return the sum of the diagonal of a matrix."""
    a = arrayed(trace, a)
    if not is_numeric(a) or as_tensor(a).ndim != 2 or not isinstance(offset, int):
        trace.refuse(
            "JC403",
            f"np.trace takes a matrix and a constant offset here, not {describe(a)}",
            fix="index it down to a matrix, or write np.sum(np.diag(a))",
        )
    if is_static(a):
        return fold(trace, np.trace, a, offset)
    matrix = as_tensor(a)
    line = jnp.diagonal(matrix.value, offset)
    return reduction(trace, "sum", Tensor(line, matrix.dtype, False, matrix.bounds))


@library("numpy.linalg.trace")
def linalg_trace(trace: Trace, x: Any, /, *, offset: Any = 0) -> Any:
    """Return the sum of the diagonal of a matrix."""
    return trace_(trace, x, offset)


@library("numpy.linalg.norm")
def norm(trace: Trace, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    """Return the length of a vector, or of the vectors along an axis."""
    x = arrayed(trace, x)
    if isinstance(ord, (Selected, ListValue, tuple)) or np.ndim(unwrap(ord)):
        trace.refuse(
            "JC404",
            "the second argument of np.linalg.norm is `ord`, the kind of norm, not a second "
            "vector: NumPy raises ValueError",
            fix=f"write np.linalg.norm({fixes.operands_of(trace.node, '-')})",
        )
    if not is_static((ord, axis, keepdims)):
        trace.refuse(
            "JC406",
            "the options of np.linalg.norm must be known before run time",
            fix=fixes.CONSTANT,
        )
    given = x.values if isinstance(x, Selected) else x
    if not is_numeric(given):
        refuse_operands(trace, "linalg.norm", x)
    if is_static(x):
        if ord is not None and np.size(x) > _KNOWN:
            trace.refuse(
                "JC507",
                f"the norm {ord!r} of {np.size(x)} numbers is over the limit",
                fix=fixes.SMALLER,
            )
        return fold(trace, np.linalg.norm, x, ord, unwrap_static(axis), keepdims)
    values = as_tensor(given)
    matrix = values.ndim != 1 if axis is None else isinstance(axis, tuple)
    if ord not in (None, 1, 2, 0, np.inf, -np.inf) or (ord is not None and matrix):
        if not (ord == "fro" and values.ndim == 2 and axis is None):
            trace.refuse(
                "JC403",
                f"np.linalg.norm does not take ord={ord!r} of {describe(x)} here",
                fix="write it out: np.abs(x).sum(axis=0).max(), or flatten: x.ravel()",
            )
        ord = None
    wide = cast(trace, values, FLOAT if values.dtype.kind in "biu" else values.dtype)
    real = Selected(wide, x.mask, x.size_bounds) if isinstance(x, Selected) else wide
    return _norm(trace, real, ord, axis, keepdims)


def _norm(trace: Trace, x: Any, ord: Any, axis: Any, keepdims: Any) -> Any:
    if ord in (np.inf, -np.inf):
        sizes = ufunc(trace, "absolute", x, library=True)
        return reduction(trace, "max" if ord > 0 else "min", sizes, axis, keepdims)
    if ord == 0:
        hits = ufunc(trace, "not_equal", x, 0, library=True)
        kind = (x.values if isinstance(x, Selected) else x).dtype
        count = reduction(trace, "sum", hits, axis, keepdims)
        return cast(trace, count, kind)
    if ord == 1:
        return reduction(trace, "sum", ufunc(trace, "absolute", x, library=True), axis, keepdims)
    short = isinstance(x, Tensor) and x.value.size <= _PLAIN.get(x.dtype, 0)
    if axis is None and short:
        # NumPy takes the inner product, which OpenBLAS computes.
        flat = x.value.reshape(-1)
        total: Any = Tensor(inner_products(flat, flat), x.dtype)
        if keepdims:
            total = Tensor(total.value.reshape((1,) * x.ndim), x.dtype)
    else:
        squares = ufunc(trace, "square", x, library=True)
        total = reduction(trace, "sum", squares, axis, keepdims)
    return ufunc(trace, "sqrt", total, library=True)


def unwrap(value: Any) -> Any:
    """Return what carries a value, for its number of axes."""
    if isinstance(value, Selected):
        return value.values.value
    return value.value if isinstance(value, Tensor) else value
