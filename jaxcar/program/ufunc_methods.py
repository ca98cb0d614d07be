"""The reductions of NumPy's ufuncs: `np.maximum.reduce(arrays)`, `np.bitwise_or.reduce(masks)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.casting import stack
from jaxcar.program.containers import ListValue
from jaxcar.program.reductions import reduction
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import Tensor, as_tensor
from jaxcar.program.totals import no_dtype, no_out
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import fold
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe

_AS_FUNCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
_OF_BITS: dict[str, tuple[Callable[..., Any], int]] = {
    "bitwise_and": (jax.lax.bitwise_and, -1),
    "bitwise_or": (jax.lax.bitwise_or, 0),
    "bitwise_xor": (jax.lax.bitwise_xor, 0),
}


def _define(name: str) -> None:
    @library(f"numpy.{name}.reduce")
    def reduce(
        trace: Trace,
        array: Any,
        /,
        axis: Any = 0,
        dtype: Any = None,
        out: Any = None,
        *,
        keepdims: Any = False,
    ) -> Any:
        no_out(trace, out)
        no_dtype(trace, f"{name}.reduce", dtype)
        array = trace.present(array)
        if isinstance(array, (tuple, ListValue)):
            array = stack(trace, array)
        if is_numeric(array) and not np.ndim(getattr(array, "value", array)):
            trace.refuse(
                "JC404",
                f"np.{name}.reduce of {describe(array)}: NumPy raises TypeError",
                fix="give it an array or a list of arrays",
            )
        if name in _AS_FUNCTIONS:
            return reduction(trace, _AS_FUNCTIONS[name], array, axis, keepdims)
        return _of_bits(trace, name, array, axis, keepdims)


for _name in (*_AS_FUNCTIONS, *_OF_BITS):
    _define(_name)


def _of_bits(trace: Trace, name: str, array: Any, axis: Any, keepdims: Any) -> Any:
    """Combine the bits of all elements along axes."""
    if not is_static(axis) or not is_static(keepdims):
        trace.refuse(
            "JC406",
            f"`axis` of np.{name}.reduce must be known before run time",
            fix=fixes.AXIS_CONSTANT,
        )
    if is_static(array):
        return fold(trace, getattr(np, name).reduce, array, axis=axis, keepdims=keepdims)
    if not is_numeric(array):
        refuse_operands(trace, f"{name}.reduce", array)
    given = as_tensor(array)
    sample = np.empty(tuple(min(size, 1) for size in given.shape), given.dtype)
    plain = unwrap_static(axis)
    made = fold(trace, getattr(np, name).reduce, sample, axis=plain, keepdims=keepdims)
    axes = range(given.ndim) if plain is None else np.atleast_1d(plain)
    chosen = tuple(sorted(int(a) % given.ndim for a in axes))
    combine, start = _OF_BITS[name]
    initial = jnp.asarray(bool(start) if given.dtype.kind == "b" else start)
    first = initial.astype(given.value.dtype)
    value = jax.lax.reduce(given.value, first, combine, chosen)
    value = jnp.expand_dims(value, chosen) if keepdims else value
    return Tensor(value, made.dtype)
