"""cv2's functions that draw on a picture in place, and return it: `rectangle`, `circle`, `line`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.layout import lies_in_rows
from jaxcar.program.opencv_arguments import (
    UINT8,
    colour_of,
    is_colour,
    leave_out,
    picture,
    refuse_argument,
    whole,
)
from jaxcar.program.registry import library
from jaxcar.program.tensors import INT, Tensor, as_tensor, dtype_bounds
from jaxcar.program.trace import KnownArrayWrittenError, Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe
from jaxcar.program.writing import overwrite

_FARTHEST = 1 << 14
_THICKEST = 32767
_BROADEST = 255  # of lines here
_CONNECTED = 8


def canvas(trace: Trace, name: str, img: Any) -> Tensor:
    """Return the array to draw on, which must lie in memory row by row."""
    img = trace.present(img)
    if isinstance(img, np.ndarray) and img.dtype == UINT8:
        raise KnownArrayWrittenError
    given = picture(trace, img, name)
    if given is not img or not lies_in_rows(given):
        trace.refuse(
            "JC312",
            f"cv2.{name} on {describe(img)} that may lie in memory in parts is not supported yet: "
            "OpenCV may raise cv2.error",
            fix="draw on a copy of the whole: canvas = img.copy()",
        )
    return given


def draw_on(trace: Trace, given: Tensor, figure: jax.Array, colour: jax.Array) -> Tensor:
    """Give the pixels of a figure, bool[H, W], a colour; return the array that was drawn on."""
    painted = vision.painted(given.value, figure, colour, channels=is_colour(given))
    overwrite(trace, given, Tensor(painted, UINT8))
    return given


def _point(trace: Trace, name: str, argument: str, value: Any) -> vision.Point:
    """Return a place of two whole numbers; far outside the picture is a limit fault."""
    value = trace.present(value)
    items: list[Any] = []
    if isinstance(value, (tuple, ListValue)) and not getattr(value, "rows", None):
        items = list(value.items if isinstance(value, ListValue) else value)
    elif is_numeric(value) and as_tensor(value).ndim == 1:
        tensor = as_tensor(value)
        items = [
            Tensor(tensor.value[i], tensor.dtype, False, tensor.bounds)
            for i in range(tensor.shape[0])
        ]
    items = [trace.present(item) for item in items]
    if len(items) != 2 or not all(_is_whole(item) for item in items):
        trace.refuse(
            "JC404",
            f"`{argument}` of cv2.{name} is not two whole numbers: OpenCV raises cv2.error",
            fix=f"give whole numbers: {argument}=(int(x), int(y))",
        )
    x, y = (_bounded(trace, item) for item in items)
    return vision.Point(x, y)


def _is_whole(value: Any) -> bool:
    if not is_numeric(value) or isinstance(value, bool):
        return False
    return as_tensor(value).ndim == 0 and as_tensor(value).dtype.kind in "iu"


def _bounded(trace: Trace, value: Any) -> jax.Array:
    number = as_tensor(value)
    low, high = number.bounds or dtype_bounds(number.dtype) or (0, 0)
    wide = number.value.astype(INT)
    if low < -_FARTHEST or high > _FARTHEST:
        far = (wide < -_FARTHEST) | (wide > _FARTHEST)
        trace.raise_where(Fault.UNSPECIFIED_LIMIT, far)
    return jnp.clip(wide, -_FARTHEST, _FARTHEST).astype(jnp.int32)


def thickness_of(trace: Trace, name: str, value: Any, most: int) -> int:
    """Return a thickness up to the greatest one that there is here; negative for filled."""
    thickness = whole(trace, name, "thickness", value)
    if thickness > _THICKEST or (name == "line" and thickness <= 0):
        trace.refuse(
            "JC404",
            f"cv2.{name} with thickness {thickness}: OpenCV raises cv2.error",
            fix="give thickness=1",
        )
    if thickness == 0 or thickness > most:
        fix = "give thickness=1" + ("" if name == "line" else ", or cv2.FILLED")
        refuse_argument(trace, name, "thickness", thickness, fix)
    return thickness


def check_options(trace: Trace, name: str, lineType: Any, shift: Any) -> None:
    """Refuse lines of another kind than 8-connected ones, and fractions of pixels."""
    leave_out(trace, name, lineType=(lineType, _CONNECTED), shift=(shift, 0))


@library("cv2.rectangle")
def rectangle(
    trace: Trace,
    img: Any,
    pt1: Any,
    pt2: Any,
    color: Any = None,
    thickness: Any = 1,
    lineType: Any = _CONNECTED,
    shift: Any = 0,
) -> Any:
    """Draw a rectangle, its corners included."""
    check_options(trace, "rectangle", lineType, shift)
    if color is None:
        refuse_argument(trace, "rectangle", "color", color, "give both corners and a colour")
    given = canvas(trace, "rectangle", img)
    first, second = (
        _point(trace, "rectangle", argument, value)
        for argument, value in (("pt1", pt1), ("pt2", pt2))
    )
    colour = colour_of(trace, "rectangle", "color", color, given)
    thick = thickness_of(trace, "rectangle", thickness, _THICKEST)
    H, W = given.shape[:2]
    return draw_on(trace, given, vision.rectangle((H, W), first, second, thick), colour)


@library("cv2.circle")
def circle(
    trace: Trace,
    img: Any,
    center: Any,
    radius: Any,
    color: Any,
    thickness: Any = 1,
    lineType: Any = _CONNECTED,
    shift: Any = 0,
) -> Any:
    """Draw a circle, as an outline of one pixel or filled."""
    check_options(trace, "circle", lineType, shift)
    given = canvas(trace, "circle", img)
    middle = _point(trace, "circle", "center", center)
    if not _is_whole(trace.present(radius)):
        trace.refuse(
            "JC404",
            f"the radius of cv2.circle is {describe(radius)}: OpenCV raises cv2.error",
            fix="make it a whole number: int(r)",
        )
    reach = as_tensor(trace.present(radius))
    if (reach.bounds or (-1, 0))[0] < 0:
        trace.raise_where(Fault.EXCEPTION, reach.value < 0)
    colour = colour_of(trace, "circle", "color", color, given)
    filled = thickness_of(trace, "circle", thickness, 1) < 0
    far = jnp.maximum(_bounded(trace, reach), 0)
    H, W = given.shape[:2]
    return draw_on(trace, given, vision.circle((H, W), middle, far, filled=filled), colour)


@library("cv2.line")
def line(
    trace: Trace,
    img: Any,
    pt1: Any,
    pt2: Any,
    color: Any,
    thickness: Any = 1,
    lineType: Any = _CONNECTED,
    shift: Any = 0,
) -> Any:
    """Draw a line; one that ends outside the picture is a limit fault."""
    check_options(trace, "line", lineType, shift)
    given = canvas(trace, "line", img)
    first, second = (
        _point(trace, "line", argument, value) for argument, value in (("pt1", pt1), ("pt2", pt2))
    )
    colour = colour_of(trace, "line", "color", color, given)
    thick = thickness_of(trace, "line", thickness, _BROADEST)
    H, W = given.shape[:2]
    if thick > 1:
        figure, outside = vision.thick_line((H, W), first, second, thick)
    else:
        figure, outside = vision.line((H, W), first, second)
    trace.raise_where(Fault.UNSPECIFIED_LIMIT, outside)
    return draw_on(trace, given, figure, colour)
