"""Float arithmetic that rounds as C does: each operation by itself, in the dtype that it says."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

_Function = TypeVar("_Function", bound=Callable[..., Any])
_BITS: dict[int, Any] = {4: np.int32, 8: np.int64}


def in_double(function: _Function) -> _Function:
    """Trace a function where 64-bit types exist, whatever the caller's own setting."""

    @functools.wraps(function)
    def traced(*args: Any, **keywords: Any) -> Any:
        with jax.enable_x64(True):
            return function(*args, **keywords)

    return traced  # type: ignore[return-value]


def multiply(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return a product that is rounded before anything is added to it, f32[...] or f64[...].

    XLA's CPU back end contracts `a * b + c`, but not where the product's bits are looked at.
    """
    product = a * b
    kind = _BITS[product.dtype.itemsize]
    seen = jax.lax.bitcast_convert_type(product, kind) == np.asarray(np.iinfo(kind).max, kind)
    return jnp.where(seen, jnp.full_like(product, jnp.nan), product)


def divide(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return a quotient, f32[...] or f64[...], that XLA does not make a product of a reciprocal."""
    return a / jnp.where(jnp.isnan(a), jnp.ones_like(b), b)
