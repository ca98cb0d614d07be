"""Arrays whose elements OpenCV itself knows only to some error, and where that decides.

The error is remembered beside the array. A comparison within it counts as one that rounding may
decide; the place of a greatest element that another may equal is a limit fault, not a guess.
"""

from __future__ import annotations

import ast
import functools
import weakref
from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.program.faults import Fault
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace

_errors: weakref.WeakKeyDictionary[Tensor, jax.Array] = weakref.WeakKeyDictionary()


def remember_error(array: Tensor, error: jax.Array) -> None:
    """Record by how much each element may be wrong, f32 of the array's shape."""
    _errors[array] = error


def error_of(array: Tensor) -> jax.Array | None:
    """Return by how much each element may be wrong; None where the array is exact."""
    return _errors.get(array)


def check_place(trace: Trace, array: Tensor, best: jax.Array, hits: jax.Array) -> None:
    """Raise a limit fault where another element than the first may be the best one.

    Args:
        trace: the present tracing.
        array: the values.
        best: the best of them, [].
        hits: bool of the array's shape, only the place that was found.
    """
    error = error_of(array)
    if error is None:
        return
    own = jnp.max(jnp.where(hits, error, 0))
    both = own + error
    rival = ~hits & (both > 0) & (jnp.abs(array.value - best) <= both)
    trace.raise_where(Fault.UNSPECIFIED_LIMIT, jnp.any(rival))


def elements_read(trace: Trace, count: int) -> frozenset[int]:
    """Return which elements of the tuple that the present call gives are read: all, in doubt.

    Args:
        trace: the present tracing; its node is the call.
        count: how many elements there are.
    """
    node = trace.node
    place = (getattr(node, "lineno", 0), getattr(node, "col_offset", -1))
    found = _reads(trace.source.text).get(place)
    return frozenset(range(count)) if found is None else found


@functools.lru_cache(maxsize=32)
def _reads(text: str) -> dict[tuple[int, int], frozenset[int]]:
    """Return, by the places of calls, which elements of their results a program reads."""
    tree = ast.parse(text)
    loaded = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    found: dict[tuple[int, int], frozenset[int]] = {}
    for node in ast.walk(tree):
        call: Any = getattr(node, "value", None)
        if not isinstance(call, ast.Call):
            continue
        read = _read_of(node, loaded)
        if read is not None:
            found[call.lineno, call.col_offset] = read
    return found


def _read_of(node: ast.AST, loaded: set[str]) -> frozenset[int] | None:
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        index = node.slice.value
        return frozenset([index]) if isinstance(index, int) and index >= 0 else None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        names = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if names and not any(isinstance(name, ast.Starred) for name in names):
            return frozenset(
                i
                for i, name in enumerate(names)
                if not isinstance(name, ast.Name) or name.id in loaded
            )
    return None
