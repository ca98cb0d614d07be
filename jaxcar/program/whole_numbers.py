"""Functions of whole numbers: math.gcd, lcm, isqrt, factorial, comb and perm, np.gcd and lcm."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.program import fixes
from jaxcar.program.faults import Fault
from jaxcar.program.predicate import literal
from jaxcar.program.registry import library
from jaxcar.program.tensors import INT, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.wording import describe

_MOST = 20  # 21! needs more than 64 bits
_ROWS = 67  # as does the middle of Pascal's row 67


def _whole(trace: Trace, name: str, x: Any) -> Any:
    """Return an argument as a Python int, known or traced; others raise TypeError."""
    x = trace.present(x)
    if isinstance(x, (bool, int, np.bool_, np.integer)):
        if not -(2**63) <= int(x) < 2**63:
            trace.refuse(
                "JC506", "an integer constant is outside the 64-bit range", fix=fixes.FLOAT_CONSTANT
            )
        return int(x)
    if isinstance(x, Tensor) and x.ndim == 0 and x.dtype.kind in "iub" and x.mixed is None:
        return Tensor(x.value, INT, True, x.bounds if x.dtype.kind != "b" else (0, 1))
    trace.refuse(
        "JC404",
        f"math.{name} of {describe(x)}: Python raises TypeError",
        fix=f"give it a whole number: math.{name}(int(x))",
    )


def _kept(trace: Trace, name: str, value: int) -> int:
    """Return a known result, unless it has more bits than the limits allow."""
    if value.bit_length() > trace.limits.int_bits:
        trace.refuse(
            "JC506",
            f"math.{name} has {value.bit_length()} bits, over the limit",
            fix=fixes.FLOAT_CONSTANT,
        )
    return value


def greatest_divisor(a: jax.Array, b: jax.Array) -> jax.Array:
    """Return the greatest common divisor of i64 arrays, by Euclid's algorithm."""

    def step(pair: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        x, y = pair
        safe = jnp.where(y == 0, jnp.ones_like(y), y)
        return jnp.where(y == 0, x, y), jnp.where(y == 0, y, lax.rem(x, safe))

    pair = (jnp.abs(a), jnp.abs(b))
    return lax.while_loop(lambda pair: jnp.any(pair[1] != 0), step, pair)[0]


def _fold(trace: Trace, name: str, integers: tuple[Any, ...], first: int, pair: Any) -> Any:
    values = [_whole(trace, name, x) for x in integers]
    if not any(isinstance(value, Tensor) for value in values):
        return _kept(trace, name, getattr(math, name)(*values))
    arrays = [as_tensor(value).value.astype(INT) for value in values]
    for array in arrays:
        trace.raise_where(Fault.INTEGER_LIMIT, array == np.iinfo(np.int64).min)
    return Tensor(reduce(pair, arrays, jnp.full((), first, INT)), INT, True)


@library("math.gcd")
def gcd(trace: Trace, *integers: Any) -> Any:
    """Return the greatest common divisor."""
    return _fold(trace, "gcd", integers, 0, greatest_divisor)


@library("math.lcm")
def lcm(trace: Trace, *integers: Any) -> Any:
    """Return the least common multiple."""

    def pair(a: jax.Array, b: jax.Array) -> jax.Array:
        divisor = greatest_divisor(a, b)
        part = jnp.abs(a) // jnp.where(divisor == 0, jnp.ones_like(divisor), divisor)
        rough = part.astype(jnp.float64) * jnp.abs(b).astype(jnp.float64)
        trace.raise_where(Fault.INTEGER_LIMIT, rough >= 2.0**63 * (1 - 2.0**-50))
        return part * jnp.abs(b)

    return _fold(trace, "lcm", integers, 1, pair)


@library("math.isqrt")
def isqrt(trace: Trace, n: Any) -> Any:
    """Return the square root rounded down."""
    n = _whole(trace, "isqrt", n)
    if not isinstance(n, Tensor):
        if n < 0:
            trace.raise_where(Fault.VALUE, True)
            return 0
        return math.isqrt(n)
    value = n.value.astype(INT)
    trace.raise_where(Fault.VALUE, value < 0)
    value = jnp.maximum(value, 0)
    root = jnp.minimum(jnp.sqrt(value.astype(jnp.float64)).astype(INT), 3_037_000_499)
    root = jnp.where(root * root > value, root - 1, root)
    above = root + 1
    fits = (above <= 3_037_000_499) & (above * above <= value)
    return Tensor(jnp.where(fits, above, root), INT, True, (0, 3_037_000_499))


def _from_table(
    trace: Trace, table: np.ndarray, n: Tensor, k: Tensor, too_large: jax.Array
) -> Tensor:
    """Return table[n, k]; negative arguments raise ValueError, unknown entries are a limit."""
    rows, columns = n.value.astype(INT), k.value.astype(INT)
    trace.raise_where(Fault.VALUE, (rows < 0) | (columns < 0))
    trace.raise_where(Fault.INTEGER_LIMIT, too_large)
    last = [jnp.clip(x, 0, size - 1) for x, size in zip((rows, columns), table.shape, strict=True)]
    found = jnp.asarray(table)[last[0].astype(jnp.int32), last[1].astype(jnp.int32)]
    return Tensor(found, INT, True, (0, int(table.max())))


def _choice(trace: Trace, name: str, n: Any, k: Any, function: Callable[..., int]) -> Any:
    n, k = _whole(trace, name, n), _whole(trace, name, k)
    if not isinstance(n, Tensor) and not isinstance(k, Tensor):
        if n < 0 or k < 0:
            trace.raise_where(Fault.VALUE, True)
            return 0
        if n > 10_000:
            trace.refuse("JC506", f"math.{name} of {n} is over the limit", fix=fixes.FLOAT_CONSTANT)
        return _kept(trace, name, function(n, k))
    size = _ROWS if name == "comb" else _MOST + 1
    table = np.asarray([[function(i, j) for j in range(size + 1)] for i in range(size)], np.int64)
    rows, columns = as_tensor(n), as_tensor(k)
    # More to choose than there are: 0, whatever the size.
    beyond = (rows.value >= size) & (columns.value <= rows.value)
    return _from_table(trace, table, _held(rows, columns), columns, beyond)


def _held(rows: Tensor, columns: Tensor) -> Tensor:
    """Return the row, and row 0 where more are chosen than there are."""
    none = (columns.value > rows.value) & (rows.value >= 0)
    return Tensor(jnp.where(none, 0, rows.value), INT, True, None)


@library("math.comb")
def comb(trace: Trace, n: Any, k: Any) -> Any:
    """Return the number of ways to choose k of n."""
    return _choice(trace, "comb", n, k, math.comb)


@library("math.perm")
def perm(trace: Trace, n: Any, k: Any = None) -> Any:
    """Return the number of ways to choose k of n in order."""
    return factorial(trace, n) if k is None else _choice(trace, "perm", n, k, math.perm)


@library("math.factorial")
def factorial(trace: Trace, n: Any) -> Any:
    """Return the product of 1 to n."""
    n = _whole(trace, "factorial", n)
    if isinstance(n, Tensor):
        table = np.asarray([[math.factorial(i)] for i in range(_MOST + 1)], np.int64)
        zero = Tensor(jnp.zeros((), INT), INT, True, (0, 0))
        return _from_table(trace, table, n, zero, literal(n.value > _MOST).value)
    if n < 0:
        trace.raise_where(Fault.VALUE, True)
        return 1
    if n > 1_000:
        trace.refuse("JC506", f"math.factorial of {n} is over the limit", fix=fixes.FLOAT_CONSTANT)
    return _kept(trace, "factorial", math.factorial(n))
