"""NumPy's names that count elements by their value, and that slide one vector over another."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.construction import arrayed, linspace
from jaxcar.program.elementwise import multiply
from jaxcar.program.faults import Fault
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, FLOAT, INT, Selected, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe


def _elements(trace: Trace, name: str, x: Any) -> tuple[Tensor, Any]:
    """Return the elements as a vector, and which of them count."""
    x = arrayed(trace, x)
    if isinstance(x, Selected):
        repeats = int(np.prod(x.values.shape[1:]))
        mask = jnp.repeat(x.mask, repeats)
        values = x.values
    elif is_numeric(x):
        values, mask = as_tensor(x), None
    else:
        refuse_operands(trace, name, x)
    flat = Tensor(values.value.reshape(-1), values.dtype, False, values.bounds)
    return flat, jnp.ones(flat.shape, bool) if mask is None else mask


@library("numpy.bincount")
def bincount(trace: Trace, x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    """Count how often each whole number occurs; `minlength` must be above all that can occur."""
    if weights is not None or not isinstance(minlength, int) or minlength < 0:
        trace.refuse(
            "JC403",
            "np.bincount takes no `weights` here, and a constant `minlength`",
            fix="write np.bincount(x, minlength=256), and weigh with np.sum(w[x == i])",
        )
    given = arrayed(trace, x)
    check_size(trace, (minlength,))
    if is_static(given):
        largest = (
            max((int(n) for n in np.reshape(given, -1)), default=0)
            if is_numeric(given) and np.asarray(given).dtype.kind in "biu"
            else 0
        )
        check_size(trace, (largest + 1,))
        return fold(trace, np.bincount, given, minlength=minlength)
    flat, mask = _elements(trace, "bincount", given)
    if flat.dtype.kind not in "iub" or flat.dtype == np.uint64:
        trace.refuse(
            "JC404",
            f"np.bincount of {describe(x)}: NumPy raises TypeError",
            fix="make whole numbers of it: x.astype(int)",
        )
    bounds = flat.bounds or (0, 1)
    if bounds[1] >= minlength:
        trace.refuse(
            "JC406",
            "the length of what np.bincount returns must be known before run time",
            fix=f"say np.bincount(x, minlength={bounds[1] + 1})"
            if bounds[1] < trace.limits.array_elements
            else "limit the numbers first: np.clip(x, 0, 255)",
        )
    trace.raise_where(Fault.VALUE, jnp.any((flat.value < 0) & mask) if bounds[0] < 0 else False)
    places = jnp.where(mask, jnp.maximum(flat.value.astype(jnp.int32), 0), minlength)
    counts = jnp.zeros((minlength,), jnp.int32).at[places].add(1, mode="drop")
    return Tensor(counts, INT, False, (0, flat.shape[0]))


@library("numpy.histogram")
def histogram(trace: Trace, a: Any, bins: Any = 10, range: Any = None) -> Any:
    """Count the elements in bins; return the counts and the edges of the bins."""
    given = arrayed(trace, a)
    if not is_static((bins, range)) or isinstance(bins, str):
        trace.refuse(
            "JC406",
            "the bins and range of np.histogram must be known before run time",
            fix="write them out: np.histogram(x, bins=8, range=(0, 256))",
        )
    if isinstance(bins, int):
        check_size(trace, (abs(bins),))
    if is_static(given):
        return fold(trace, np.histogram, given, unwrap_static(bins), unwrap_static(range))
    flat, mask = _elements(trace, "histogram", given)
    own = isinstance(bins, int) and range is None
    if flat.dtype in (BOOL, np.float16) or (own and flat.dtype == np.float32):
        trace.refuse(
            "JC312",
            f"np.histogram of {describe(a)} is not supported yet",
            fix="convert it: x.astype(float)",
        )
    if own:
        edges: Any = _own_edges(trace, flat, mask, bins)
    else:
        sample = np.zeros(0, flat.dtype)
        edges = fold(
            trace, np.histogram_bin_edges, sample, unwrap_static(bins), unwrap_static(range)
        )
    check_size(trace, (flat.shape[0], as_tensor(edges).shape[0]))
    return _counted(flat, mask, as_tensor(edges)), edges


def _own_edges(trace: Trace, flat: Tensor, mask: Any, bins: int) -> Tensor:
    """Return edges from the smallest to the largest element."""
    if bins < 1 or flat.shape[0] == 0:
        trace.refuse(
            "JC404",
            "np.histogram of nothing, or without bins: NumPy raises ValueError",
            fix="give at least one element, and bins=1 or more",
        )
    value = flat.value.astype(FLOAT)
    low = jnp.min(jnp.where(mask, value, jnp.inf))
    high = jnp.max(jnp.where(mask, value, -jnp.inf))
    trace.raise_where(Fault.VALUE, jnp.any(mask & ~jnp.isfinite(value)))
    empty = ~jnp.any(mask)
    low, high = jnp.where(empty, 0.0, low), jnp.where(empty, 1.0, high)
    flat_range = low == high
    ends = (jnp.where(flat_range, low - 0.5, low), jnp.where(flat_range, high + 0.5, high))
    first, last = (Tensor(end, FLOAT) for end in ends)
    return as_tensor(linspace(trace, first, last, bins + 1))


def _counted(flat: Tensor, mask: Any, edges: Tensor) -> Tensor:
    value, limits = flat.value.astype(FLOAT)[:, None], edges.value.astype(FLOAT)
    held = mask[:, None]
    below = jnp.sum((value < limits[:-1]) & held, axis=0, dtype=jnp.int32)
    # The last bin has its upper edge too.
    within = jnp.sum((value <= limits[-1:]) & held, axis=0, dtype=jnp.int32)
    return Tensor(jnp.diff(jnp.concatenate([below, within])), INT, False, (0, flat.shape[0]))


@library("numpy.convolve")
def convolve(trace: Trace, a: Any, v: Any, mode: Any = "full") -> Any:
    """Slide one vector over another and add the products."""
    a, v = arrayed(trace, a), arrayed(trace, v)
    if mode not in ("full", "same", "valid"):
        trace.refuse(
            "JC404",
            f"mode={mode!r} of np.convolve: NumPy raises ValueError",
            fix="use 'full', 'same' or 'valid'",
        )
    if not is_numeric(a) or not is_numeric(v):
        refuse_operands(trace, "convolve", a, v)
    check_size(trace, (as_tensor(a).value.size, as_tensor(v).value.size))
    if is_static((a, v)):
        return fold(trace, np.convolve, a, v, mode)
    left, right = as_tensor(a), as_tensor(v)
    if left.ndim != 1 or right.ndim != 1 or 0 in (*left.shape, *right.shape):
        trace.refuse(
            "JC405",
            "np.convolve takes two vectors that are not empty: NumPy raises ValueError",
            fix="flatten them: x.ravel()",
        )
    dtype = np.result_type(left.dtype, right.dtype)
    if dtype in (BOOL, np.float16):
        trace.refuse(
            "JC312",
            f"np.convolve of arrays of {dtype} is not supported yet",
            fix="convert them: x.astype(float)",
        )
    left, right = (left, right) if left.shape[0] >= right.shape[0] else (right, left)
    long, short = left.value.astype(dtype), right.value.astype(dtype)
    n, m = long.shape[0], short.shape[0]
    check_size(trace, (n + m, m))
    if m > trace.limits.list_capacity:
        trace.refuse(
            "JC312",
            f"np.convolve of two vectors of {m} elements or more is not supported yet",
            fix="give a shorter second vector",
        )
    padded = jnp.pad(long, (m - 1, m - 1))
    total = None
    for k in reversed(range(m)):
        product = multiply(
            padded[m - 1 - k : n + 2 * (m - 1) - k], jnp.full((n + m - 1,), short[k])
        )
        total = product if total is None else total + product
    first, size = {"full": (0, n + m - 1), "same": ((m - 1) // 2, n), "valid": (m - 1, n - m + 1)}[
        mode
    ]
    assert total is not None
    return Tensor(total[first : first + size], dtype)
