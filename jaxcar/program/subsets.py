"""Elements of an array of run-time length at positions: `xs[take]`."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from jaxcar.program.columns import packed
from jaxcar.program.faults import Fault
from jaxcar.program.tensors import INT, Selected, Tensor
from jaxcar.program.trace import Trace


def picked(trace: Trace, value: Selected, positions: Selected | Tensor) -> Selected | Tensor:
    """Return the elements at positions, which count from the end where they are negative.

    Args:
        trace: the present tracing; a position that there is not is a fault.
        value: the array, along its first axis.
        positions: whole numbers, [N]; of known length or not.
    """
    whole = packed(value)
    index = positions.values if isinstance(positions, Selected) else positions
    asked = positions.mask if isinstance(positions, Selected) else np.ones(index.shape, bool)
    number, size = index.value.astype(INT), whole.count().value.astype(INT)
    wrong = (number < -size) | (number >= size)
    trace.raise_where(Fault.INDEX, jnp.any(wrong & asked))
    place = jnp.where(number < 0, number + size, number)
    place = jnp.clip(place, 0, max(whole.mask.shape[0] - 1, 0)).astype(jnp.int32)
    array = whole.values
    found = Tensor(array.value[place], array.dtype, False, array.bounds)
    if not isinstance(positions, Selected):
        return found
    return Selected(found, positions.mask, positions.size_bounds, positions.packed)
