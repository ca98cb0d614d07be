"""The names of scipy.spatial.distance that programs may use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.casting import cast
from jaxcar.program.construction import arrayed
from jaxcar.program.elementwise import divide, multiply
from jaxcar.program.faults import Fault
from jaxcar.program.lengths import vector_length
from jaxcar.program.linear_algebra import dot, norm
from jaxcar.program.pairwise import add_rows
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.tensors import FLOAT, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold, ufunc
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe

_ROOT = "scipy.spatial.distance"


def _vectors(trace: Trace, name: str, u: Any, v: Any) -> tuple[Any, Any]:
    u, v = arrayed(trace, u), arrayed(trace, v)
    for x in (u, v):
        if not is_numeric(x) or as_tensor(x).ndim != 1:
            trace.refuse(
                "JC405",
                f"{name} of {describe(x)}: SciPy raises ValueError, it takes vectors",
                fix="flatten it: x.ravel(), or compare rows with cdist(a, b)",
            )
    return u, v


def _known(trace: Trace, name: str, *arguments: Any) -> Any:
    from scipy.spatial import distance

    return fold(trace, getattr(distance, name), *arguments)


@library(f"{_ROOT}.euclidean")
def euclidean(trace: Trace, u: Any, v: Any) -> Any:
    """Return the length of the difference; nan and infinity raise ValueError."""
    u, v = _vectors(trace, "euclidean", u, v)
    if is_static((u, v)):
        return _known(trace, "euclidean", u, v)
    gap = as_tensor(ufunc(trace, "subtract", u, v, library=True))
    if gap.dtype.kind == "f":
        trace.raise_where(Fault.VALUE, ~jnp.all(jnp.isfinite(gap.value)))
    if gap.dtype.kind != "f" or gap.dtype == np.float16:
        return norm(trace, gap)
    wide = gap.value.astype(FLOAT)
    length = vector_length([wide[i] for i in range(wide.shape[0])])
    # BLAS's nrm2 rounds once, in the precision of the vector.
    return Tensor(length.astype(gap.dtype).astype(FLOAT), FLOAT, True)


@library(f"{_ROOT}.sqeuclidean")
def sqeuclidean(trace: Trace, u: Any, v: Any) -> Any:
    """Return the squared length of the difference."""
    u, v = _vectors(trace, "sqeuclidean", u, v)
    if is_static((u, v)):
        return _known(trace, "sqeuclidean", u, v)
    u, v = (x if as_tensor(x).dtype.kind == "f" else cast(trace, x, FLOAT) for x in (u, v))
    gap = ufunc(trace, "subtract", u, v, library=True)
    return dot(trace, gap, gap)


@library(f"{_ROOT}.cityblock")
def cityblock(trace: Trace, u: Any, v: Any) -> Any:
    """Return the sum of the absolute differences."""
    u, v = _vectors(trace, "cityblock", u, v)
    if is_static((u, v)):
        return _known(trace, "cityblock", u, v)
    gap = ufunc(trace, "absolute", ufunc(trace, "subtract", u, v, library=True), library=True)
    return reduction(trace, "sum", gap)


@library(f"{_ROOT}.chebyshev")
def chebyshev(trace: Trace, u: Any, v: Any) -> Any:
    """Return the largest absolute difference."""
    u, v = _vectors(trace, "chebyshev", u, v)
    if is_static((u, v)):
        return _known(trace, "chebyshev", u, v)
    gap = as_tensor(
        ufunc(trace, "absolute", ufunc(trace, "subtract", u, v, library=True), library=True)
    )
    if gap.shape[0] == 0:
        trace.refuse(
            "JC404",
            "chebyshev of empty vectors: SciPy raises ValueError",
            fix="give vectors of at least one element",
        )
    # Python's max: nan is passed over unless it comes first.
    best = add_rows(gap.value, lambda best, x: jnp.where(x > best, x, best))
    return Tensor(best, gap.dtype, False, gap.bounds)


@library(f"{_ROOT}.cosine")
def cosine(trace: Trace, u: Any, v: Any) -> Any:
    """Return 1 minus the cosine of the angle between two vectors."""
    u, v = _vectors(trace, "cosine", u, v)
    if is_static((u, v)):
        return _known(trace, "cosine", u, v)
    uv, uu, vv = (dot(trace, a, b) for a, b in ((u, v), (u, u), (v, v)))
    squared = as_tensor(ufunc(trace, "multiply", uu, vv, library=True))
    trace.raise_where(Fault.ARITHMETIC, squared.value < 0)
    root = Tensor(jnp.sqrt(squared.value.astype(FLOAT)), FLOAT, True)
    ratio = ufunc(trace, "true_divide", uv, root, library=True)
    gap = ufunc(trace, "subtract", 1.0, ratio, library=True)
    low = ufunc(trace, "maximum", gap, 0.0, library=True)
    return ufunc(trace, "minimum", low, 2.0, library=True)


def _square_sum(gap: jax.Array) -> jax.Array:
    return add_rows(multiply(gap, gap))


def _absolute_sum(gap: jax.Array) -> jax.Array:
    return add_rows(jnp.abs(gap))


def _largest(gap: jax.Array) -> jax.Array:
    start = jnp.zeros((1, *gap.shape[1:]), gap.dtype)  # SciPy passes over nan
    sizes = jnp.concatenate([start, jnp.abs(gap)])
    return add_rows(sizes, lambda best, x: jnp.where(x > best, x, best))


_GAPS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "euclidean": lambda gap: jnp.sqrt(_square_sum(gap)),
    "sqeuclidean": _square_sum,
    "cityblock": _absolute_sum,
    "chebyshev": _largest,
}


@library(f"{_ROOT}.cdist")
def cdist(trace: Trace, XA: Any, XB: Any, metric: Any = "euclidean") -> Any:  # noqa: N803
    """Return the distance of each row of the first from each row of the second."""
    a, b = arrayed(trace, XA), arrayed(trace, XB)
    if metric not in (*_GAPS, "cosine"):
        trace.refuse(
            "JC403",
            f"cdist does not take metric={metric!r} here",
            fix="use 'euclidean', 'sqeuclidean', 'cityblock', 'chebyshev' or 'cosine'",
        )
    for x in (a, b):
        if not is_numeric(x) or as_tensor(x).ndim != 2:
            trace.refuse(
                "JC405",
                f"cdist of {describe(x)}: SciPy raises ValueError, it takes arrays of rows",
                fix="make it an array of points: x.reshape(-1, 3)",
            )
    left, right = as_tensor(a), as_tensor(b)
    if left.shape[1] != right.shape[1] or left.shape[1] == 0:
        trace.refuse(
            "JC405",
            f"cdist of shapes {left.shape} and {right.shape}: SciPy raises ValueError",
            fix="give both as many columns",
        )
    check_size(trace, (left.shape[0], right.shape[0], left.shape[1]))
    if is_static((a, b)):
        return _known(trace, "cdist", a, b, metric)
    x = left.value.astype(FLOAT).T[:, :, None]
    y = right.value.astype(FLOAT).T[:, None, :]
    if metric != "cosine":
        return Tensor(_GAPS[metric](x - y), FLOAT)
    products = add_rows(multiply(*jnp.broadcast_arrays(x, y)))
    lengths = [jnp.sqrt(_square_sum(side)) for side in (x, y)]
    ratio = divide(products, multiply(*jnp.broadcast_arrays(*lengths)))
    ratio = jnp.where(jnp.abs(ratio) > 1, jnp.copysign(1.0, ratio), ratio)
    return Tensor(1.0 - ratio, FLOAT)
