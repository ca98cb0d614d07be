"""Operations on arrays of one dtype and shape as XLA's own, which cost a third to trace.

Where operands differ each is `jnp`'s, so that the results are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Array = jax.Array
_COMPARISONS: dict[str, Callable[[Array, Array | np.ndarray], Array]] = {
    "equal": lax.eq,
    "not_equal": lax.ne,
    "less": lax.lt,
    "less_equal": lax.le,
    "greater": lax.gt,
    "greater_equal": lax.ge,
}


def conjunction(a: Array, b: Array) -> Array:
    """Return a and b, of two bool[]."""
    return lax.bitwise_and(a, b) if alike(a, b) else a & b


def disjunction(a: Array, b: Array) -> Array:
    """Return a or b, of two bool[]."""
    return lax.bitwise_or(a, b) if alike(a, b) else a | b


def compared(name: str, a: Array, b: Array | np.ndarray) -> Array:
    """Return what NumPy's comparison of this name says: bool[...]."""
    return _COMPARISONS[name](a, b) if alike(a, b) else getattr(jnp, name)(a, b)


def chosen(where: Array, a: Any, b: Any) -> Array:
    """Return `jnp.where(where, a, b)`.

    Example:
        >>> chosen(jnp.arange(3) > 0, jnp.ones(3), 5.0).tolist()
        [5.0, 1.0, 1.0]
    """
    a, b = _constant(a, b), _constant(b, a)
    arrays = isinstance(a, jax.Array) and isinstance(b, jax.Array) and alike(a, b)
    if arrays and where.dtype == bool and where.shape in ((), a.shape):
        return lax.select_n(where, b, a)
    return jnp.where(where, a, b)


def converted(value: Array, dtype: np.dtype) -> Array:
    """Return `value.astype(dtype)`."""
    if isinstance(value, jax.Array) and value.dtype == dtype and not value.aval.weak_type:
        return value
    return value.astype(dtype)


def alike(a: Any, b: Any) -> bool:
    """Tell whether two arrays have one dtype and shape."""
    return a.shape == b.shape and a.dtype == b.dtype


def _constant(value: Any, beside: Any) -> Any:
    """Return a Python float beside an array of floats as an array like it."""
    if type(value) is float and isinstance(beside, jax.Array) and beside.dtype.kind == "f":
        return lax.full_like(beside, value)
    return value
