"""np.where of three operands: elements of one array or of another."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.alignment import on_window
from jaxcar.program.choices import distribute
from jaxcar.program.number_faults import check_fits
from jaxcar.program.promotion import loop_dtypes
from jaxcar.program.tensors import BOOL, Selected, Tensor, Window, storage_dtype
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import broadcast, fold, tensor_of
from jaxcar.program.values import Choice, is_static


def where(trace: Trace, condition: Any, a: Any, b: Any) -> Any:
    """Choose elementwise, with the dtype that `np.where(condition, a, b)` gives."""
    if all(is_static(operand) for operand in (condition, a, b)):
        return fold(trace, np.where, condition, a, b)
    operands = (condition, a, b)
    if any(isinstance(operand, Choice) for operand in operands):
        return distribute(trace, lambda *xs: where(trace, *xs), *operands)
    if any(isinstance(operand, Window) for operand in operands):
        return on_window(trace, "np.where", operands, lambda *xs: where(trace, *xs))
    if any(isinstance(operand, Selected) for operand in operands):
        return _where_selected(trace, *operands)
    tensors = tuple(tensor_of(trace, "where", operand) for operand in (condition, a, b))
    broadcast(trace, "where", [tensor.shape for tensor in tensors])
    chosen, left, right = tensors
    dtype = _where_dtype(trace, left, right)
    for side in (left, right):
        check_fits(trace, side, dtype)
    bounds = None
    if left.bounds is not None and right.bounds is not None and dtype.kind in "iu":
        bounds = (min(left.bounds[0], right.bounds[0]), max(left.bounds[1], right.bounds[1]))
    mask = chosen.value if chosen.dtype == BOOL else chosen.value != 0
    store = storage_dtype(dtype, bounds)
    value = jnp.where(mask, left.value.astype(store), right.value.astype(store))
    return Tensor(value, dtype, False, bounds)


def _where_selected(trace: Trace, *operands: Any) -> Selected:
    chosen = [operand for operand in operands if isinstance(operand, Selected)]
    if any(other.mask is not chosen[0].mask for other in chosen):
        trace.refuse(
            "JC312",
            "np.where of arrays of run-time length from different masks is not supported yet",
            fix="combine the masks first, then select once",
        )
    plain = [np.ndim(getattr(o, "value", o)) for o in operands if not isinstance(o, Selected)]
    if any(ndim >= chosen[0].values.ndim for ndim in plain):
        trace.refuse(
            "JC312",
            "np.where of an array of run-time length and of one with more axes is not supported "
            "yet",
            fix=fixes.POSITIONS,
        )
    values = where(trace, *(o.values if isinstance(o, Selected) else o for o in operands))
    return Selected(values, chosen[0].mask, chosen[0].size_bounds)


def _where_dtype(trace: Trace, left: Tensor, right: Tensor) -> np.dtype:
    if left.python is True and right.python is True:
        return np.result_type(left.dtype, right.dtype)
    name = "logical_and" if left.dtype == right.dtype == BOOL else "maximum"
    return loop_dtypes(trace, name, (left, right))[-1]
