"""Where arithmetic on numbers raises: what does not fit, and division by zero."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxcar.program.faults import Fault
from jaxcar.program.intervals import inside
from jaxcar.program.precision import integer_limit
from jaxcar.program.predicate import Bit, both, literal
from jaxcar.program.tensors import FLOAT, INT, Tensor, dtype_bounds
from jaxcar.program.trace import Trace


def check_fits(trace: Trace, tensor: Tensor, loop: np.dtype) -> None:
    """A Python int that NumPy would convert to a dtype that cannot hold it raises OverflowError."""
    if tensor.python is False or tensor.dtype != INT or loop.kind not in "iu":
        return
    limits = dtype_bounds(loop)
    if inside(tensor.bounds, limits) or limits is None or tensor.bounds is None:
        return
    low, high = tensor.bounds
    if low == high:
        trace.refuse(
            "JC404",
            f"the Python integer {low} is out of bounds for {loop}: NumPy raises OverflowError",
            fix=f"convert the array first, e.g. .astype(int), or keep the number within {limits}",
        )
    outside = (tensor.value < max(low, limits[0])) | (tensor.value > min(high, limits[1]))
    trace.raise_where(Fault.OVERFLOW, both(tensor.python, literal(outside)))


def check_range(trace: Trace, name: str, tensors: tuple[Tensor, ...], python: Bit) -> None:
    """Python's integers grow without bound; ours end at 64 bits, with a limit fault."""
    values = [tensor.value.astype(FLOAT) for tensor in tensors]
    if name not in ("add", "subtract", "multiply", "negative", "absolute", "left_shift"):
        return
    if name == "left_shift":
        rough = values[0] * jnp.exp2(values[1])
    else:
        rough = getattr(jnp, name)(*values)
    # The estimate itself is rounded: stop a little before 64 bits end.
    limit = integer_limit()
    large = jnp.abs(rough) >= limit * (1 - (2.0**-50 if limit > 2.0**32 else 2.0**-22))
    trace.raise_where(Fault.INTEGER_LIMIT, both(python, literal(large)))


def raise_as_python(
    trace: Trace, name: str, tensors: tuple[Tensor, ...], result: np.dtype, python: Bit
) -> None:
    """Record division by zero and negative shifts of Python numbers."""
    if python is False:
        return
    if name in ("true_divide", "divide", "floor_divide", "remainder"):
        bounds = tensors[1].bounds
        if bounds is None or bounds[0] <= 0 <= bounds[1]:
            zero = literal(tensors[1].value == 0)
            trace.raise_where(Fault.ZERO_DIVISION, both(python, zero))
    if name in ("left_shift", "right_shift"):
        trace.raise_where(Fault.VALUE, both(python, literal(tensors[1].value < 0)))
