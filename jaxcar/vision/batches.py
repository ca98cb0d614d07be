"""Functions of whole batches: under `jax.vmap`, also repeated, they see one axis of all frames.

Loops that follow contours end when the last lane has ended, and lanes that are free take the next
contour: mapped lane by lane, every loop would wait for the slowest frame. Such a function is one
operation of a traced program (a JAX primitive): two calls with the same operands are seen to be
the same, calls that do not need each other can be made as one, and tracing it costs nothing.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import batching, mlir

NAME = "whole_batch"


class Work(NamedTuple):
    """What is done with batches.

    Attributes:
        name: for those who read a traced program.
        function: operands [N, ...] to a pytree of arrays [N, ...]; pure, one object per meaning.
        cores: of each operand, how many axes one frame has.
        double: whether the function computes with 64 bits; else not even where JAX allows it.
        spared: which operand says by zeros that there is nothing to do for a frame.
    """

    name: str
    function: Callable[..., Any]
    cores: tuple[int, ...]
    double: bool = False
    spared: int = 0

    def run(self, front: int, *operands: jax.Array) -> Any:
        """Work on operands with `front` axes before those of a frame."""
        shape = operands[0].shape[:front]
        count = math.prod(shape)
        flat = [operand.reshape(count, *operand.shape[front:]) for operand in operands]
        if count == 0:
            # Of no frames there is nothing to look at: work on one of zeros, and keep none.
            flat = [jnp.zeros((1, *operand.shape[1:]), operand.dtype) for operand in flat]
        with jax.enable_x64(self.double):
            results = self.function(*flat)
        return jax.tree.map(lambda leaf: leaf[:count].reshape(*shape, *leaf.shape[1:]), results)


def in_batches(work: Work, *operands: jax.Array) -> Any:
    """Do work on operands [..., ...] with the same axes in front, as one operation.

    Args:
        work: what to do.
        operands: arrays.

    Returns:
        What `work.function` returns, with those axes in front.

    Example:
        >>> total = Work("total", lambda frames: frames.sum(axis=(1, 2)), (2,))
        >>> in_batches(total, jnp.ones((4, 3, 2, 2))).shape
        (4, 3)
    """
    front = operands[0].ndim - work.cores[0]
    shapes = tuple((operand.shape, operand.dtype) for operand in operands)
    structure, _ = _shapes(work, front, shapes)
    return jax.tree.unflatten(structure, _PRIMITIVE.bind(*operands, work=work, front=front))


def bind_again(params: dict[str, Any], *operands: jax.Array) -> list[jax.Array]:
    """Repeat an operation that was traced, with one more axis in front of its operands.

    Args:
        params: of the equation.
        operands: arrays [G, ...].

    Returns:
        The leaves of its results, [G, ...] each.
    """
    found: list[jax.Array] = _PRIMITIVE.bind(
        *operands, work=params["work"], front=params["front"] + 1
    )
    return found


_PRIMITIVE = Primitive(NAME)
_PRIMITIVE.multiple_results = True


@functools.lru_cache(maxsize=1024)
def _shapes(work: Work, front: int, shapes: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return the structure of the results, and the shape and dtype of each leaf."""
    with jax.enable_x64(True):  # a shape of 64 bits stays what it is
        operands = [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in shapes]
        results = jax.eval_shape(functools.partial(work.run, front), *operands)
    leaves, structure = jax.tree.flatten(results)
    return structure, tuple((leaf.shape, leaf.dtype) for leaf in leaves)


def _abstract(*operands: Any, work: Work, front: int) -> list[Any]:
    shapes = tuple((operand.shape, operand.dtype) for operand in operands)
    varying = next((operand for operand in operands if _varies(operand)), None)
    with jax.enable_x64(True):
        _, leaves = _shapes(work, front, shapes)
        if varying is None:
            return [jax.core.ShapedArray(shape, dtype) for shape, dtype in leaves]
        return [_varying(varying, shape, dtype) for shape, dtype in leaves]


def _varies(operand: Any) -> bool:
    """Tell whether an array says, inside shard_map, along which axes of the mesh it varies."""
    axes = getattr(operand, "manual_axis_type", None)
    return axes is not None and not axes.empty


def _varying(operand: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    whole = jax.sharding.PartitionSpec(*[None] * len(shape))
    sharding = operand.sharding.update(spec=whole)
    return operand.update(shape=shape, dtype=dtype, weak_type=False, sharding=sharding)


@functools.lru_cache(maxsize=256)
def _compiled(work: Work, front: int) -> Any:
    return jax.jit(lambda *operands: jax.tree.leaves(work.run(front, *operands)))


def _evaluate(*operands: jax.Array, work: Work, front: int) -> list[jax.Array]:
    wide = any(operand.dtype.itemsize == 8 for operand in operands)
    with jax.enable_x64(True) if wide else contextlib.nullcontext():
        found: list[jax.Array] = _compiled(work, front)(*operands)
    return found


def _lowered(*operands: jax.Array, work: Work, front: int) -> list[jax.Array]:
    return jax.tree.leaves(work.run(front, *operands))


def _batch(operands: Any, axes: Any, *, work: Work, front: int) -> tuple[Any, Any]:
    size = next(x.shape[d] for x, d in zip(operands, axes, strict=True) if d is not None)
    whole = [
        jnp.broadcast_to(operand, (size, *operand.shape))
        if axis is None
        else jnp.moveaxis(operand, axis, 0)
        for operand, axis in zip(operands, axes, strict=True)
    ]
    results = _PRIMITIVE.bind(*whole, work=work, front=front + 1)
    return results, [0] * len(results)


_PRIMITIVE.def_abstract_eval(_abstract)
_PRIMITIVE.def_impl(_evaluate)
batching.primitive_batchers[_PRIMITIVE] = _batch
_lower_plain = mlir.lower_fun(_lowered, multiple_results=True)


def _lower(context: Any, *operands: Any, **params: Any) -> Any:
    # Loops of the function start from constants, which vary along no axis of a mesh.
    plain = [jax.core.ShapedArray(aval.shape, aval.dtype) for aval in context.avals_in]
    return _lower_plain(context.replace(avals_in=plain), *operands, **params)


mlir.register_lowering(_PRIMITIVE, _lower)
