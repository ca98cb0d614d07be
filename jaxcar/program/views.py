"""Slices that share memory with their array: what is written into one is seen in all.

Each basic slice knows how it lies in the array that it was cut from. After a write that array is
brought up to date, and from it all other slices of it that the program can still see.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from jaxcar.program.keys import index_array
from jaxcar.program.predicate import either, level
from jaxcar.program.tensors import Tensor, seen_beside, share
from jaxcar.program.trace import KnownArrayWrittenError

Cut = Callable[[jax.Array], jax.Array]
Put = Callable[[jax.Array, jax.Array], jax.Array]


class View:
    """How a slice lies in the array that it was cut from.

    Args:
        root: the array, of which only a weak reference is kept; None where it is gone.
        cut: the array's value to the slice's.
        put: the array's value and the slice's to the array's, with the slice in its place.
        known: whether the array is known while tracing.
        traced: whether an index is known at run time only.
        depth: how many slices lead from the array to this one.
        whole: whether it lies in memory without gaps, row by row, if the array does.
    """

    def __init__(
        self,
        root: Tensor | None,
        cut: Cut,
        put: Put,
        known: bool,
        traced: bool,
        depth: int,
        whole: bool = False,
    ) -> None:
        self._root = None if root is None else weakref.ref(root)
        self.cut, self.put = cut, put
        self.known, self.traced, self.depth, self.whole = known, traced, depth, whole

    def root(self) -> Tensor | None:
        """Return the array, if the program can still see it."""
        return None if self._root is None else self._root()


def record_view(part: Tensor, array: Tensor, keys: tuple[Any, ...], *, known: bool) -> None:
    """Record that one array is a basic slice of another.

    Args:
        part: the slice.
        array: what it was cut from.
        keys: the index, checked.
        known: whether the array is known while tracing, and `array` a copy of it.
    """
    traced = any(isinstance(key, jax.Array) for key in keys)

    def cut(value: jax.Array) -> jax.Array:
        return index_array(value, keys)

    def put(value: jax.Array, new: jax.Array) -> jax.Array:
        return value.at[keys].set(new)

    link(part, array, cut, put, known=known, traced=traced)


def record_moved(part: Tensor, array: Tensor, target: np.ndarray, *, whole: bool = False) -> None:
    """Record that one array holds elements of another, in the same memory.

    Args:
        part: the view.
        array: what it is a view of.
        target: for each element of the view, its position in the array, flat.
        whole: whether the view has all elements in their order.
    """
    shape, order = target.shape, target.reshape(-1).astype(np.int32)

    def cut(value: jax.Array) -> jax.Array:
        flat = value.reshape(-1)
        return (flat if whole else flat[order]).reshape(shape)

    def put(value: jax.Array, new: jax.Array) -> jax.Array:
        flat = new.reshape(-1)
        if not whole:
            flat = value.reshape(-1).at[order].set(flat)
        return flat.reshape(value.shape)

    link(part, array, cut, put, whole=whole)


def is_whole(array: Tensor) -> bool:
    """Tell whether an array is known to lie in memory without gaps, row by row.

    Of an array with several axes that is no view this is not known: NumPy keeps the order of the
    axes of what it was computed from.
    """
    return array.ndim == 1 if array.view is None else array.view.whole


def link(
    part: Tensor,
    array: Tensor,
    cut: Cut,
    put: Put,
    *,
    known: bool = False,
    traced: bool = False,
    whole: bool = False,
) -> None:
    """Record how an array lies in another, whose memory it shares; see `View`."""
    share(part, array)
    part.frozen, part.lent = part.frozen or array.frozen, either(part.lent, array.lent)
    above = array.view
    if above is None or above.root() is None:
        # What the program cannot see any more needs no update.
        known = known or (above is not None and above.known)
        part.view = View(array, cut, put, known, traced, 1, whole and is_whole(array))
        return
    part.view = View(
        above.root(),
        lambda value: cut(above.cut(value)),
        lambda value, new: above.put(value, put(above.cut(value), new)),
        known or above.known,
        traced or above.traced,
        above.depth + 1,
        whole and above.whole,
    )


def can_write(target: Tensor) -> bool:
    """Tell whether a write into an array reaches all that shares its memory.

    Raises:
        KnownArrayWrittenError: the array is a slice of one that is known while tracing.
    """
    if target.frozen:
        return False
    if target.view is not None and target.view.known:
        raise KnownArrayWrittenError
    others = seen_beside(target)
    if not others:
        return True
    root = _root_of(target)
    if root.frozen:
        return False
    if level():
        # Of what was cut outside the loop, or in an earlier turn, the loop knows nothing.
        inside = target.view is not None and target.view.depth == 1 and target.level == level()
        return inside and all(other is root for other in others)
    return all(
        other is root or (other.view is not None and other.view.root() is root and not other.level)
        for other in others
    )


def _root_of(target: Tensor) -> Tensor:
    """Return the array that a slice was cut from; the slice itself if nobody else sees that."""
    root = None if target.view is None else target.view.root()
    return target if root is None else root


def spread(target: Tensor) -> None:
    """Bring all that shares memory with an array up to date with it."""
    others = seen_beside(target)
    if not others:
        return
    root = _root_of(target)
    if target.view is not None and root is not target:
        bounds = None
        if root.bounds is not None and target.bounds is not None:
            lows, highs = zip(root.bounds, target.bounds, strict=True)
            bounds = (min(lows), max(highs))
        wide = Tensor(root.value, root.dtype, False, bounds)
        root.value = target.view.put(wide.value, target.value.astype(wide.value.dtype))
        root.bounds = wide.bounds
    for other in others:
        if other is not root and other.view is not None:
            made = Tensor(other.view.cut(root.value), other.dtype, False, root.bounds)
            other.value, other.bounds = made.value, made.bounds
