"""NumPy's reductions that pass over nan."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import cast
from jaxcar.program.choosing import where
from jaxcar.program.construction import arrayed, numpy_number
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, INT, Selected, Tensor, as_tensor
from jaxcar.program.totals import no_dtype, no_out
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold, ufunc
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe


def _without_nan(trace: Trace, a: Any, filler: float) -> tuple[Any, Any]:
    """Return an array with nan replaced, and where it was; None where there can be none."""
    a = arrayed(trace, a)
    given = a.values if isinstance(a, Selected) else a
    if not is_numeric(given):
        trace.refuse(
            "JC404",
            f"nan is looked for in {describe(a)}, which is not an array of numbers",
            fix=fixes.NUMBERS,
        )
    array = as_tensor(given)
    if array.dtype.kind != "f":
        return a, None
    hit = Tensor(jnp.isnan(array.value), BOOL)
    held = where(trace, hit, array.dtype.type(filler), numpy_number(array))
    if isinstance(a, Selected):
        parts = (Selected(as_tensor(x), a.mask, a.size_bounds) for x in (held, hit))
        return tuple(parts)  # type: ignore[return-value]
    return held, hit


def _define_nan(name: str, filler: float) -> None:
    @library(f"numpy.nan{name}")
    def reduce(
        trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False
    ) -> Any:
        no_out(trace, out)
        return passing_nan(trace, name, a, axis, keepdims, filler)


def passing_nan(trace: Trace, name: str, a: Any, axis: Any, keepdims: Any, filler: float) -> Any:
    """Reduce what is not nan; min and max of nothing but nan are nan."""
    if is_static((arrayed(trace, a), axis, keepdims)):
        return fold(
            trace, getattr(np, f"nan{name}"), arrayed(trace, a), axis=axis, keepdims=keepdims
        )
    held, hit = _without_nan(trace, a, filler)
    result = reduction(trace, name, held, axis, keepdims)
    if hit is None or name in ("sum", "prod"):
        return result
    empty = reduction(trace, "all", hit, axis, keepdims)
    return where(trace, empty, as_tensor(result).dtype.type(np.nan), result)


_define_nan("min", np.inf)
_define_nan("max", -np.inf)


def _define_nan_total(name: str, filler: float) -> None:
    @library(f"numpy.nan{name}")
    def reduce(
        trace: Trace,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
    ) -> Any:
        no_out(trace, out)
        no_dtype(trace, f"nan{name}", dtype)
        return passing_nan(trace, name, a, axis, keepdims, filler)


_define_nan_total("sum", 0.0)
_define_nan_total("prod", 1.0)


@library("numpy.nanmean")
def nanmean(
    trace: Trace,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
) -> Any:
    """Return the mean of what is not nan."""
    no_out(trace, out)
    no_dtype(trace, "nanmean", dtype)
    a = arrayed(trace, a)
    if is_static((a, axis, keepdims)):
        return fold(trace, np.nanmean, a, axis=axis, keepdims=keepdims)
    held, hit = _without_nan(trace, a, 0.0)
    if hit is None:
        return reduction(trace, "mean", held, axis, keepdims)
    total = reduction(trace, "sum", held, axis, keepdims)
    known = ufunc(trace, "logical_not", hit, library=True)
    count = as_tensor(reduction(trace, "sum", known, axis, keepdims))
    dtype = as_tensor(total).dtype
    # NumPy divides in 64 bits and rounds to the array's dtype.
    wide = cast(trace, total, np.dtype(np.float64))
    quotient = ufunc(trace, "true_divide", wide, cast(trace, count, INT), library=True)
    return cast(trace, quotient, dtype)
