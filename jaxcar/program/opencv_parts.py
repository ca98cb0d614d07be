"""cv2's functions of parts of pictures between run-time bounds: `cv2.mean(frame[y:y + h])`.

The picture stays whole. What works pixel by pixel is done to all of it and gives a part between the
same bounds; what counts and measures takes the bounds for a mask.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.program.alignment import moved
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_arguments import mask_of, picture
from jaxcar.program.predicate import Bit, literal
from jaxcar.program.tensors import Tensor, Window, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.windows import mask_of as bounds_of
from jaxcar.program.wording import describe

Function = Callable[..., Any]


class Region(NamedTuple):
    """A picture, and what of it takes part.

    Attributes:
        picture: u8[H, W] or u8[H, W, C], the whole of it.
        inside: u8[H, W], 0 where pixels are left out; None where none are.
        corner: x and y of the pixel that has place (0, 0).
        empty: whether there is no pixel; a mask's pixels are not counted.
    """

    picture: Tensor
    inside: jax.Array | None
    corner: tuple[Any, Any] = (0, 0)
    empty: Bit = False


def pixelwise(of: str, *names: str, empty: Fault) -> Callable[[Function], Function]:
    """Let a function that works pixel by pixel take parts between run-time bounds, too.

    Args:
        of: its name.
        *names: its parameters that may be pictures, masks or lists of them.
        empty: what comes of a part without pixels. Where OpenCV does not raise it gives None: a
            limit of jaxcar.
    """

    def widen(function: Function) -> Function:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def widened(trace: Trace, *arguments: Any, **keywords: Any) -> Any:
            given = signature.bind(trace, *arguments, **keywords)
            values = {n: v for n, v in given.arguments.items() if n in names}
            found = {n: _parts_in(trace, value) for n, value in values.items()}
            parts = [part for of_one in found.values() for part in of_one]
            if not parts:
                return function(*given.args, **given.kwargs)
            for name, value in values.items():
                given.arguments[name] = _whole(trace, of, value, parts[0])
            trace.raise_where(empty, _is_empty(parts[0]))
            return _cut(function(*given.args, **given.kwargs), parts[0])

        return widened

    return widen


def _parts_in(trace: Trace, value: Any) -> list[Window]:
    value = trace.present(value)
    if isinstance(value, ListValue) and value.rows is None:
        value = tuple(value.items)
    if isinstance(value, tuple):
        return [part for item in value for part in _parts_in(trace, item)]
    return [value] if isinstance(value, Window) and _is_part(value) else []


def _is_part(value: Window) -> bool:
    """Tell whether a part is one of a picture, with its channels whole."""
    ndim = len(value.masks)
    return not value.packed and (ndim == 2 or (ndim == 3 and value.masks[2] is None))


def _whole(trace: Trace, name: str, value: Any, first: Window) -> Any:
    """Return the whole picture that a part was cut from, moved so that it fits the first."""
    value = trace.present(value)
    if isinstance(value, (tuple, ListValue)) and _parts_in(trace, value):
        items = value.items if isinstance(value, ListValue) else value
        return tuple(_whole(trace, name, item, first) for item in items)
    if isinstance(value, Window) and _is_part(value):
        planes = [Window(w.values, w.masks[:2], w.counts[:2], w.starts[:2]) for w in (value, first)]
        faults = (Fault.UNSPECIFIED_LIMIT, Fault.EXCEPTION)
        return moved(trace, f"cv2.{name}", planes[0], planes[1], *faults).values
    if is_numeric(value) and getattr(value, "ndim", 0) > 1:
        trace.refuse(
            "JC312",
            f"cv2.{name} of a part between run-time bounds and {describe(value)} is not supported "
            "yet",
            fix="slice the other array with the same bounds",
        )
    return value


def _cut(made: Any, part: Window) -> Any:
    """Return the part between the bounds of what a function made of whole pictures."""
    if isinstance(made, tuple):
        return tuple(_cut(item, part) for item in made)
    if not isinstance(made, Tensor) or made.ndim < 2:
        return made
    channels = made.shape[2:]
    masks = (*part.masks[:2], *(None for _ in channels))
    counts = (*part.counts[:2], *channels)
    return Window(made, masks, counts, (*part.starts[:2], *(0 for _ in channels)))


def _is_empty(part: Window) -> Bit:
    return literal(~jnp.any(bounds_of(part)))


def region(
    trace: Trace, name: str, src: Any, mask: Any = None, channels: bool | None = None
) -> Region:
    """Return a picture, or the whole of a part between run-time bounds with its bounds as a mask.

    Args:
        trace: the present tracing.
        name: of the function.
        src: the picture or part.
        mask: what the program gives for a mask: one for the picture, or None.
        channels: as `picture` takes it.
    """
    src, mask = trace.present(src), trace.present(mask)
    if not isinstance(src, Window) or not _is_part(src):
        given = picture(trace, src, name, channels)
        return Region(given, mask_of(trace, name, mask, given.shape))
    given = picture(trace, src.values, name, channels)
    bounds = bounds_of(Window(src.values, src.masks[:2], src.counts[:2], src.starts[:2]))
    inside = jnp.broadcast_to(bounds.reshape(bounds.shape[:2]), given.shape[:2])
    if mask is not None:
        if not isinstance(mask, Window):
            trace.refuse(
                "JC312",
                f"cv2.{name} of a part between run-time bounds with {describe(mask)} for a mask is "
                "not supported yet",
                fix="slice the mask with the same bounds",
            )
        wanted = mask_of(trace, name, _whole(trace, name, mask, src), given.shape)
        inside &= wanted != 0
    corner = (src.starts[1], src.starts[0])
    return Region(given, inside.astype(jnp.uint8), corner, _is_empty(src))


def raise_for_sides(trace: Trace, name: str, src: Any, *sides: tuple[int, int]) -> None:
    """Raise cv2.error for pictures or parts of these heights and widths: OpenCV's own exceptions.

    Args:
        trace: the present tracing.
        name: of the function.
        src: the picture or part.
        *sides: the heights and widths for which OpenCV raises.
    """
    src = trace.present(src)
    if isinstance(src, Window):
        counts = [as_tensor(count).value for count in src.counts[:2]]
        wrong = [(counts[0] == height) & (counts[1] == width) for height, width in sides]
        trace.raise_where(Fault.EXCEPTION, functools.reduce(jnp.logical_or, wrong))
    elif shape_of(src)[:2] in sides:
        trace.give_up(
            Fault.EXCEPTION,
            "JC404",
            f"cv2.{name} of {describe(src)}: OpenCV raises cv2.error",
            fix="give it a picture with more pixels",
        )
