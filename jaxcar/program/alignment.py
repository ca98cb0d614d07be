"""Elementwise functions of arrays of run-time length, and of parts between run-time bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.faults import Fault
from jaxcar.program.tensors import Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.wording import SYMBOLS


def on_selection(
    trace: Trace, name: str, operands: tuple[Any, ...], function: Callable[..., Any]
) -> Selected:
    """Apply an elementwise function to arrays of run-time length, and to numbers."""
    chosen = [operand for operand in operands if isinstance(operand, Selected)]
    if any(other.mask is not chosen[0].mask for other in chosen):
        operands = _aligned(trace, name, operands)
        chosen = [operand for operand in operands if isinstance(operand, Selected)]
    for operand in operands:
        if not isinstance(operand, Selected) and np.ndim(getattr(operand, "value", operand)) > (
            chosen[0].values.ndim - 1
        ):
            trace.refuse(
                "JC312",
                f"`{SYMBOLS.get(name, name)}` of an array of run-time length and of one with more "
                "axes is not supported yet",
                fix=fixes.POSITIONS,
            )
    values = function(*(o.values if isinstance(o, Selected) else o for o in operands))
    return Selected(values, chosen[0].mask, chosen[0].size_bounds, chosen[0].packed)


def _aligned(trace: Trace, name: str, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return packed arrays with one mask: their lengths must agree at run time."""
    chosen = [operand for operand in operands if isinstance(operand, Selected)]
    if not all(other.packed for other in chosen):
        trace.refuse(
            "JC312",
            f"`{name}` of arrays of run-time length that come from different masks "
            "is not supported yet",
            fix="combine the masks first, then select once",
        )
    size = min(other.mask.shape[0] for other in chosen)
    counts = [other.count().value for other in chosen]
    for other in counts[1:]:
        differ = counts[0] != other
        # NumPy repeats an array of one element.
        single = differ & ((counts[0] == 1) | (other == 1))
        trace.raise_where(Fault.CAPACITY_LIMIT, single)
        trace.raise_where(Fault.VALUE, differ & ~single)
    mask = chosen[0].mask[:size]
    high = min(other.size_bounds[1] for other in chosen)

    def cut(x: Selected) -> Selected:
        rows = Tensor(x.values.value[:size], x.values.dtype, False, x.values.bounds)
        return Selected(rows, mask, (0, high), packed=True)

    return tuple(cut(x) if isinstance(x, Selected) else x for x in operands)


def on_window(
    trace: Trace, name: str, operands: tuple[Any, ...], function: Callable[..., Any]
) -> Window:
    """Apply an elementwise function to parts between the same run-time bounds, and to numbers."""
    first = next(operand for operand in operands if isinstance(operand, Window))
    faults = (Fault.CAPACITY_LIMIT, Fault.VALUE)  # NumPy repeats an axis of one element
    operands = tuple(
        moved(trace, SYMBOLS.get(name, name), operand, first, *faults)
        if isinstance(operand, Window)
        else operand
        for operand in operands
    )
    for operand in operands:
        if isinstance(operand, (Window, Selected)):
            if isinstance(operand, Selected):
                trace.refuse(
                    "JC312",
                    f"`{name}` of a part between run-time bounds and an array of run-time length "
                    "is not supported yet",
                    fix=fixes.WINDOW,
                )
            continue
        shape = np.shape(getattr(operand, "value", operand))
        for axis, size in enumerate(reversed(shape), start=1):
            if axis > len(first.masks) or (first.masks[-axis] is not None and size != 1):
                trace.refuse(
                    "JC312",
                    f"`{name}` of a part between run-time bounds and an array is not supported yet",
                    fix="slice the other array with the same bounds",
                )
    made = function(*(o.values if isinstance(o, Window) else o for o in operands))
    counts = tuple(
        count if mask is not None else size
        for count, mask, size in zip(first.counts, first.masks, made.shape, strict=True)
    )
    return Window(made, first.masks, counts, first.starts)


def moved(
    trace: Trace, name: str, part: Window, first: Window, single: Fault, differ: Fault
) -> Window:
    """Return a part of an array with its elements where those of another part are.

    Args:
        trace: the present tracing.
        name: of the function that takes both.
        part: what is moved.
        first: the other part; its whole array has as many elements along every axis with bounds.
        single: what is raised where the parts differ in size and one has one element there.
        differ: what is raised where they differ otherwise.
    """
    if len(part.masks) == len(first.masks) and all(map(_same, part.masks, first.masks)):
        return part
    fits = len(part.masks) == len(first.masks) and all(
        (a is None) == (b is None) and (a is None or a.shape == b.shape)
        for a, b in zip(part.masks, first.masks, strict=True)
    )
    if not fits:
        trace.refuse(
            "JC312",
            f"`{name}` of parts between different run-time bounds is not supported yet",
            fix="give the bounds names, and slice every array with the same names",
        )
    value = part.values.value
    for axis, (mask, other) in enumerate(zip(part.masks, first.masks, strict=True)):
        if mask is None or _same(mask, other):
            continue
        counts = [as_tensor(x.counts[axis]).value for x in (part, first)]
        one = (counts[0] == 1) | (counts[1] == 1)
        trace.raise_where(single, (counts[0] != counts[1]) & one)
        trace.raise_where(differ, (counts[0] != counts[1]) & ~one)
        value = jnp.roll(value, first.starts[axis] - part.starts[axis], axis)
    values = Tensor(value, part.values.dtype, False, part.values.bounds)
    return Window(values, first.masks, first.counts, first.starts)


def _same(mask: Any, other: Any) -> bool:
    return mask is other
