"""How many bits a program computes in: exactly as NumPy, or in 32 bits throughout."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Literal, get_args

import jax
import numpy as np

from jaxcar.errors import JaxcarError

Precision = Literal["exact", "f32"]


def check_precision(name: str) -> None:
    """Refuse a precision that does not exist.

    Raises:
        JaxcarError: it is neither "exact" nor "f32".
    """
    if name not in get_args(Precision):
        raise JaxcarError(
            "there is no such precision",
            where="precision=",
            got=name,
            expected=" or ".join(map(repr, get_args(Precision))),
        )


@contextlib.contextmanager
def computing(precision: Precision) -> Iterator[None]:
    """Trace with 64-bit types, or without any.

    Args:
        precision: "exact" for NumPy's own dtypes, or "f32": Python's floats and float64 arrays
            are single floats, integers have 32 bits, and what leaves them is a limit fault.

    Example:
        >>> import jax.numpy as jnp
        >>> with computing("f32"):
        ...     print(jnp.zeros(2, np.float64).dtype)
        float32
    """
    if precision == "exact":
        with jax.enable_x64(True):
            yield
        return
    with jax.enable_x64(False), warnings.catch_warnings():
        # JAX says of every 64-bit type that it gives 32 bits: here that is what was asked for.
        warnings.filterwarnings("ignore", message=".*requested dtype.*is not available")
        warnings.filterwarnings("ignore", message=".*overflow.*", category=RuntimeWarning)
        yield


def integer_limit() -> float:
    """Return the number that integers stay below: 2 to the 63, or to the 31 in 32 bits."""
    wide = jax.dtypes.canonicalize_dtype(np.int64) == np.int64
    return 2.0**63 if wide else 2.0**31
