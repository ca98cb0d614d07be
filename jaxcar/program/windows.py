"""Parts of an array between bounds that are known only at run time: `frame[top:bottom, 3:9]`.

The array stays whole, with a mask for each axis. What follows may be elementwise operations with
numbers, reductions, sizes, and indices of the other axes; the rest is refused with a hint.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.predicate import level
from jaxcar.program.tensors import INT, Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import affine_of
from jaxcar.program.values import is_static
from jaxcar.program.views import link
from jaxcar.program.wording import describe

_HINT = (
    "reduce it: .sum(), .mean(), .max(), .any(), np.sum(part > 3); or compare coordinates, e.g. "
    "mask & (rows >= top) & (rows < bottom) with rows = np.arange(height)[:, None]"
)


def window(trace: Trace, array: Tensor, keys: tuple[Any, ...], known: bool) -> Window:
    """Return the part of an array that slices with traced bounds name.

    Args:
        trace: the present tracing.
        array: the array.
        keys: slices, known integers and ellipsis.
        known: whether the array is known while tracing, and `array` a copy of it.
    """
    keys = _spread(trace, array, keys)
    masks: list[jax.Array | None] = []
    counts: list[Any] = []
    starts: list[Any] = []
    plain: list[Any] = []
    for size, key in zip(array.shape, keys, strict=True):
        if isinstance(key, slice) and not is_static(key):
            mask, first, count = _inside(trace, key, size)
            masks.append(mask)
            counts.append(count)
            starts.append(first)
            plain.append(slice(None))
            continue
        plain.append(key)
        if isinstance(key, slice):
            masks.append(None)
            counts.append(len(range(*key.indices(size))))
            starts.append(0)
    from jaxcar.program.indexing import get_item  # it makes windows by way of this module

    value = as_tensor(get_item(trace, array, tuple(plain)))
    if value.view is not None:
        value.view.known |= known
    return Window(value, tuple(masks), tuple(counts), tuple(starts))


def fixed_parts(
    array: Tensor, keys: tuple[Any, ...], known: bool
) -> tuple[Tensor, tuple[Any, ...]] | None:
    """Cut slices whose start is known at run time only, but whose length is known: `x[i:i + 8]`.

    Args:
        array: the array.
        keys: the index, some of them slices with run-time bounds.
        known: whether the array is known while tracing, and `array` a copy of it.

    Returns:
        The array cut to them, and the keys that are left; None where a length is not known, or
        where a bound may lie outside the array.
    """
    if any(key is None for key in keys):
        return None
    used = sum(key is not Ellipsis for key in keys)
    place = next((i for i, key in enumerate(keys) if key is Ellipsis), len(keys))
    left, places = list(keys), []
    for i, key in enumerate(keys):
        if not isinstance(key, slice) or is_static(key):
            continue
        axis = i if i < place else i + array.ndim - used - 1
        found = _fixed(key, array.shape[axis])
        if found is None:
            return None
        places.append((axis, *found))
        left[i] = slice(None)

    def cut(value: jax.Array) -> jax.Array:
        for axis, first, length in places:
            value = jax.lax.dynamic_slice_in_dim(value, first, length, axis)
        return value

    def put(value: jax.Array, new: jax.Array) -> jax.Array:
        starts = [jnp.int32(0)] * value.ndim
        for axis, first, _ in places:
            starts[axis] = first
        return jax.lax.dynamic_update_slice(value, new, starts)

    part = Tensor(cut(array.value), array.dtype, False, array.bounds)
    link(part, array, cut, put, known=known, traced=True)
    return part, tuple(left)


def _fixed(key: slice, size: int) -> tuple[jax.Array, int] | None:
    if key.step not in (None, 1) or not all(isinstance(x, Tensor) for x in (key.start, key.stop)):
        return None
    (base, factor, offset), (other, same, end) = affine_of(key.start), affine_of(key.stop)
    low, high = key.start.bounds or (-1, 0), key.stop.bounds or (0, size + 1)
    if base is not other or factor != same or low[0] < 0 or high[1] > size or end <= offset:
        return None
    return key.start.value.astype(jnp.int32), end - offset


def _spread(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return one key for each axis."""
    if any(key is None for key in keys):
        trace.refuse(
            "JC312",
            "a new axis beside run-time bounds is not supported yet",
            fix="index with None after the reduction, or keep the whole array and a mask",
        )
    used = sum(key is not Ellipsis for key in keys)
    if used > array.ndim:
        trace.refuse(
            "JC405",
            f"{used} indices into {describe(array)}: NumPy raises IndexError",
            fix=f"use {array.ndim} indices",
        )
    fill = (slice(None),) * (array.ndim - used)
    place = next((i for i, key in enumerate(keys) if key is Ellipsis), len(keys))
    spread = (*keys[:place], *fill, *keys[place + 1 :])
    for key in spread:
        if not isinstance(key, (slice, int, np.integer, Tensor)) or (
            isinstance(key, Tensor) and key.ndim
        ):
            trace.refuse(
                "JC312",
                f"{describe(key)} beside run-time bounds is not supported yet",
                fix="index in two steps: part = a[..., 0], then part[y0:y1]",
            )
    return spread


def _inside(trace: Trace, key: slice, size: int) -> tuple[jax.Array, Any, Any]:
    """Return which positions a slice names, the first of them, and how many."""
    if key.step not in (None, 1):
        trace.refuse(
            "JC312", "a step beside run-time bounds is not supported yet", fix=fixes.WINDOW
        )
    # The same bounds give the same object: two parts between them fit each other.
    name = (_name(key.start), _name(key.stop), size, level())
    made = trace.windows.get(name)
    if made is None:
        made = trace.windows[name] = _made_inside(key, size)
    return made[:3]


def _name(bound: Any) -> Any:
    """Return what is the same for bounds that are known to be the same number."""
    if not isinstance(bound, Tensor):
        return bound
    base, factor, offset = affine_of(bound)
    return (id(base), factor, offset)


def _made_inside(key: slice, size: int) -> tuple[jax.Array, Any, Any, slice]:
    first = _bound(key.start, 0, size)
    last = _bound(key.stop, size, size)
    places = jnp.arange(size, dtype=jnp.int32)
    count = jnp.maximum(last - first, 0)
    inside = (places >= first) & (places < last)
    return inside, first, Tensor(count, INT, True, (0, size)), key


def _bound(bound: Any, default: int, size: int) -> jax.Array:
    if bound is None:
        return jnp.int32(default)
    value = bound.value if isinstance(bound, Tensor) else jnp.asarray(int(bound))
    wide = value.astype(jnp.int64) if value.dtype.itemsize == 8 else value.astype(jnp.int32)
    wide = jnp.where(wide < 0, wide + size, wide)
    return jnp.clip(wide, 0, size).astype(jnp.int32)


def window_mask(trace: Trace, array: Tensor, keys: tuple[Any, ...]) -> jax.Array:
    """Return which elements of an array slices with traced bounds name: bool of its shape."""
    inside = jnp.ones(array.shape, bool)
    for axis, (size, key) in enumerate(zip(array.shape, _spread(trace, array, keys), strict=True)):
        if isinstance(key, slice) and not is_static(key):
            mask = _inside(trace, key, size)[0]
        elif isinstance(key, slice):
            mask = jnp.zeros(size, bool).at[key].set(True)
        else:
            trace.refuse(
                "JC312",
                "writing through an index beside run-time bounds is not supported yet",
                fix="write through a mask: a[mask] = value",
            )
        inside &= mask.reshape((-1,) + (1,) * (array.ndim - axis - 1))
    return inside


def mask_of(part: Window) -> jax.Array:
    """Return which elements of the whole array are inside: bool, broadcast over whole axes."""
    ndim = part.values.ndim
    inside = jnp.ones((1,) * ndim, bool)
    for axis, mask in enumerate(part.masks):
        if mask is not None:
            inside = inside & mask.reshape((-1,) + (1,) * (ndim - axis - 1))
    return inside


def selection(trace: Trace, part: Window) -> Selected:
    """Return the elements inside, flat over the axes with run-time bounds, as one selection."""
    depth = max(axis for axis, mask in enumerate(part.masks) if mask is not None) + 1
    shape = part.values.shape
    size = int(np.prod(shape[:depth]))
    inside = jnp.broadcast_to(mask_of(part), (*shape[:depth], *(1,) * (len(shape) - depth)))
    values = part.values.value.reshape(size, *shape[depth:])
    rows = Tensor(values, part.values.dtype, False, part.values.bounds)
    return Selected(rows, inside.reshape(size), (0, size))


def get_window(trace: Trace, part: Window, index: Any) -> Any:
    """Return `part[index]`: known indices of axes that are whole."""
    from jaxcar.program.indexing import get_item  # it makes windows by way of this module

    keys = index if isinstance(index, tuple) else (index,)
    used = sum(key is not Ellipsis for key in keys)
    fill = (slice(None),) * (part.values.ndim - used)
    place = next((i for i, key in enumerate(keys) if key is Ellipsis), len(keys))
    keys = (*keys[:place], *fill, *keys[place + 1 :])
    if part.packed and isinstance(keys[0], (int, np.integer)):
        rows = as_tensor(get_item(trace, part.values, int(keys[0])))
        count = part.counts[1]
        chosen = Selected(rows, part.masks[1], count.bounds, packed=True)
        return get_item(trace, chosen, keys[1:])
    for key, mask in zip(keys, part.masks, strict=True):
        if mask is not None and not (isinstance(key, slice) and key == slice(None)):
            trace.refuse(
                "JC406",
                "an index into a part between run-time bounds is not supported yet",
                fix="index the whole array with top + i instead",
            )
        if not isinstance(key, (slice, int, np.integer)) or not is_static(key):
            trace.refuse(
                "JC312",
                f"indexing {describe(part)} by {describe(key)} is not supported yet",
                fix="index the whole array: a[top + i]",
            )
    kept = [i for i, key in enumerate(keys) if isinstance(key, slice)]
    value = as_tensor(get_item(trace, part.values, keys))
    counts = [
        part.counts[i] if part.masks[i] is not None else value.shape[n] for n, i in enumerate(kept)
    ]
    return Window(
        value,
        tuple(part.masks[i] for i in kept),
        tuple(counts),
        tuple(part.starts[i] for i in kept),
    )


def reduce_window(
    trace: Trace, name: str, part: Window, axis: Any, keepdims: Any, ddof: Any
) -> Any:
    """Reduce over all axes, or over all that have run-time bounds and perhaps others."""
    from jaxcar.program.reductions import reduction  # it reduces windows by way of this module

    ndim = part.values.ndim
    bounded = {i for i, mask in enumerate(part.masks) if mask is not None}
    axes = (
        set(range(ndim))
        if axis is None
        else {int(i) % ndim for i in (axis if isinstance(axis, tuple) else (axis,))}
    )
    if name in ("argmin", "argmax") or keepdims or (axis is not None and not bounded <= axes):
        if name in ("any", "all") and not keepdims and len(axes) == 1:
            return _any_along(part, name, next(iter(axes)))
        trace.refuse(
            "JC406",
            f"np.{name} of a part between run-time bounds is not supported along this axis yet",
            fix=_HINT,
        )
    flat = selection(trace, part)
    depth = max(bounded) + 1
    if axis is None:
        return reduction(trace, name, flat, None, False, ddof)
    if not set(range(depth)) <= axes or axes != set(range(depth)):
        trace.refuse("JC406", f"np.{name} along these axes is not supported yet", fix=_HINT)
    return reduction(trace, name, flat, 0, False, ddof)


def _any_along(part: Window, name: str, axis: int) -> Window | Tensor:
    """Reduce a mask along one axis; the other axes keep their bounds."""
    truths = part.values.value != 0
    mask = part.masks[axis]
    if mask is not None:
        wide = mask.reshape((-1,) + (1,) * (part.values.ndim - axis - 1))
        truths = truths & wide if name == "any" else truths | ~wide
    made = Tensor(getattr(jnp, name)(truths, axis=axis), np.dtype(bool))
    kept = [i for i in range(part.values.ndim) if i != axis]
    if all(part.masks[i] is None for i in kept):
        return made
    return Window(
        made,
        tuple(part.masks[i] for i in kept),
        tuple(part.counts[i] for i in kept),
        tuple(part.starts[i] for i in kept),
    )


def refuse_window(trace: Trace, what: str) -> Any:
    """Refuse an operation on a part between run-time bounds."""
    trace.refuse(
        "JC406", f"{what} of a part between run-time bounds is not supported yet", fix=_HINT
    )
