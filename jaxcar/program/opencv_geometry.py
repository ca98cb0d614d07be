"""cv2's functions that resize, turn, mirror and surround pictures."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from jaxcar import vision
from jaxcar.program.opencv_arguments import (
    colour_of,
    is_colour,
    leave_out,
    made,
    picture,
    real,
    refuse_argument,
    size,
    whole,
)
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size

_INTERPOLATIONS: dict[int, Any] = {0: "nearest", 1: "linear", 3: "area"}
_TURNS: tuple[Any, ...] = ("90_clockwise", "180", "90_counterclockwise")
_BORDERS: tuple[Any, ...] = ("constant", "replicate", "reflect", "wrap", "reflect_101")


@library("cv2.resize")
def resize(
    trace: Trace,
    src: Any,
    dsize: Any,
    dst: Any = None,
    fx: Any = 0,
    fy: Any = 0,
    interpolation: Any = 1,
) -> Any:
    """Resize a picture to (width, height), or by factors."""
    leave_out(trace, "resize", dst=(dst, None))
    given = picture(trace, src, "resize")
    code = whole(trace, "resize", "interpolation", interpolation)
    if code not in _INTERPOLATIONS:
        fix = "use cv2.INTER_NEAREST, INTER_LINEAR or INTER_AREA"
        refuse_argument(trace, "resize", "interpolation", code, fix)
    wanted = (0, 0) if trace.present(dsize) is None else size(trace, "resize", "dsize", dsize)
    factors = real(trace, "resize", "fx", fx), real(trace, "resize", "fy", fy)
    height, width = given.shape[:2]
    if min(wanted) > 0:
        if any(factors):
            refuse_argument(trace, "resize", "fx", factors[0], "give either dsize or fx and fy")
    else:
        wanted = (
            _scaled(trace, width, wanted[0], factors[0]),
            _scaled(trace, height, wanted[1], factors[1]),
        )
    check_size(trace, (*wanted, *given.shape[2:]))
    return made(
        vision.resize(given.value, *wanted, _INTERPOLATIONS[code], channels=is_colour(given))
    )


def _scaled(trace: Trace, length: int, wanted: int, factor: float) -> int:
    """Return a length times a factor; OpenCV's scale is then the factor, not the ratio."""
    found = round(length * factor)
    if wanted or factor <= 0 or found < 1:
        trace.refuse(
            "JC404",
            "cv2.resize to no size, or to an empty picture: OpenCV raises cv2.error",
            fix="give the size: cv2.resize(frame, (32, 32))",
        )
    if found / length != factor:
        refuse_argument(
            trace,
            "resize",
            "fx, fy",
            factor,
            f"give the size itself, (width, height): {length} * {factor} is no whole number",
        )
    return found


@library("cv2.flip")
def flip(trace: Trace, src: Any, flipCode: Any, dst: Any = None) -> Any:
    """Mirror a picture."""
    leave_out(trace, "flip", dst=(dst, None))
    given = picture(trace, src, "flip")
    code = whole(trace, "flip", "flipCode", flipCode)
    return made(vision.flip(given.value, code, channels=is_colour(given)))


@library("cv2.rotate")
def rotate(trace: Trace, src: Any, rotateCode: Any, dst: Any = None) -> Any:
    """Turn a picture by quarters."""
    leave_out(trace, "rotate", dst=(dst, None))
    given = picture(trace, src, "rotate")
    code = whole(trace, "rotate", "rotateCode", rotateCode)
    if code not in range(len(_TURNS)):
        refuse_argument(trace, "rotate", "rotateCode", code, "use cv2.ROTATE_90_CLOCKWISE")
    return made(vision.rotate(given.value, _TURNS[code], channels=is_colour(given)))


@library("cv2.copyMakeBorder")
def add_border(
    trace: Trace,
    src: Any,
    top: Any,
    bottom: Any,
    left: Any,
    right: Any,
    borderType: Any,
    dst: Any = None,
    value: Any = 0,
) -> Any:
    """Surround a picture with a border."""
    name = "copyMakeBorder"
    leave_out(trace, name, dst=(dst, None))
    given = picture(trace, src, name)
    widths = {"top": top, "bottom": bottom, "left": left, "right": right}
    sizes = [whole(trace, name, side, width) for side, width in widths.items()]
    if min(sizes) < 0:
        trace.refuse(
            "JC404",
            f"a border of {min(sizes)} pixels: OpenCV raises cv2.error",
            fix="give widths that are not negative, or slice: frame[1:-1]",
        )
    code = whole(trace, name, "borderType", borderType)
    if code not in range(len(_BORDERS)):
        refuse_argument(trace, name, "borderType", code, "use cv2.BORDER_CONSTANT")
    height, width = given.shape[:2]
    rows, columns = height + sizes[0] + sizes[1], width + sizes[2] + sizes[3]
    check_size(trace, (rows, columns, *given.shape[2:]))
    colour = colour_of(trace, name, "value", value, given)
    above, below, before, after = sizes
    return made(
        vision.add_border(
            given.value,
            above,
            below,
            before,
            after,
            _BORDERS[code],
            jnp.asarray(colour),
            channels=is_colour(given),
        )
    )
