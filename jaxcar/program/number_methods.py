"""Methods of numbers: `n.bit_length()` and `x.is_integer()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program.casting import near_whole
from jaxcar.program.predicate import Bit
from jaxcar.program.tensors import BOOL, INT, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_static_number
from jaxcar.program.wording import describe


def bit_length(trace: Trace, number: Any) -> Any:
    """Return how many bits the size of a Python int has."""
    if not isinstance(number, Tensor):
        return int(number).bit_length()
    size = jnp.abs(number.value.astype(INT)).astype(jnp.uint64)
    return Tensor(64 - lax.clz(size).astype(jnp.int32), INT, True, (0, 64))


def is_integer(trace: Trace, number: Any) -> Any:
    """Return whether a float is a whole number."""
    if not isinstance(number, Tensor):
        return bool(number.is_integer())
    value = number.value
    trace.doubt(near_whole(value))
    return Tensor(jnp.isfinite(value) & (jnp.floor(value) == value), BOOL, True)


METHODS: dict[str, Callable[..., Any]] = {"bit_length": bit_length, "is_integer": is_integer}


def of_number(trace: Trace, number: Any, name: str) -> Callable[..., Any] | None:
    """Return a method of a number by its name, or None where it has no such method.

    Args:
        trace: the present tracing.
        number: a Python or NumPy number, known or traced.
        name: the attribute's name.
    """
    if name not in METHODS or np.ndim(getattr(number, "value", number)):
        return None
    if not isinstance(number, Tensor) and not is_static_number(number):
        return None
    kind = number.dtype.kind if isinstance(number, Tensor) else np.asarray(number).dtype.kind
    python: Bit = not isinstance(number, np.generic)
    if isinstance(number, Tensor):
        python = number.python
    if name == "bit_length" and python is False:
        return None
    if getattr(number, "mixed", None) is not None or (kind != "f" and python not in (True, False)):
        trace.refuse(
            "JC401",
            f"`.{name}` of a number that is an int, a float or a bool depending on the path",
            fix="make it one kind on every path, e.g. int(...) or float(...)",
        )
    if kind == "f":
        return is_integer if name == "is_integer" else None
    if name == "is_integer":
        trace.refuse(
            "JC312",
            f"`.is_integer` of {describe(number)} is not supported: an int of Python 3.11 has none",
            fix="an int is whole: leave the call out, or write float(n).is_integer()",
        )
    return bit_length
