"""cv2's functions that draw contours and polygons: `drawContours`, `fillPoly`, `polylines`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.containers import ListValue, Rows
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_arguments import colour_of, leave_out, refuse_argument
from jaxcar.program.opencv_contours import known_flag, points_of
from jaxcar.program.opencv_drawing import canvas, check_options, draw_on, thickness_of
from jaxcar.program.predicate import traced
from jaxcar.program.registry import library
from jaxcar.program.tensors import Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.wording import describe

_ALL = -1
_DEEPEST = 0x7FFFFFFF
# i16 or i32[C, P, 2] and i32[C], of which the first ones count, and how many there are.
_Polygons = tuple[jax.Array, jax.Array, Tensor | int]


def _of_rows(trace: Trace, name: str, rows: Rows) -> _Polygons:
    kind = rows.kind
    if kind.form != "selected" or not kind.detail[-1]:
        trace.refuse(
            "JC312",
            f"cv2.{name} of a list of run-time length that holds other arrays than contours is not "
            "supported yet",
            fix="draw them one by one: for c in contours: cv2.drawContours(mask, [c], -1, 255, -1)",
        )
    points, lengths = rows.leaves
    there = jnp.arange(rows.capacity, dtype=jnp.int32) < rows.length.value
    lengths = jnp.where(there, lengths, 0).astype(jnp.int32)
    return points.reshape(rows.capacity, -1, 2), lengths, rows.length


def _polygons(trace: Trace, name: str, argument: str, value: Any) -> _Polygons:
    """Return the polygons of a list or tuple of contours."""
    value = trace.present(value)
    if isinstance(value, ListValue) and value.rows is not None:
        return _of_rows(trace, name, value.rows)
    if not isinstance(value, (tuple, ListValue)):
        trace.refuse(
            "JC404",
            f"`{argument}` of cv2.{name} is {describe(value)}: OpenCV raises cv2.error, or takes "
            "it for something else",
            fix=f"give a list: cv2.{name}(mask, [contour], ...)",
        )
    items = list(value.items if isinstance(value, ListValue) else value)
    if not items:
        return jnp.zeros((1, 1, 2), jnp.int32), jnp.zeros(1, jnp.int32), 0
    found = [points_of(trace, item, name) for item in items]
    most = max(points.shape[0] for points, _ in found)
    padded = [jnp.pad(points, ((0, most - points.shape[0]), (0, 0))) for points, _ in found]
    return jnp.stack(padded), jnp.stack([length for _, length in found]), len(items)


def _one(trace: Trace, polygons: _Polygons, index: Any) -> tuple[jax.Array, jax.Array]:
    """Return the polygons of an index: all of them where it is negative."""
    points, lengths, count = polygons
    index = trace.present(index)
    plain = isinstance(index, (int, np.integer)) and not isinstance(index, bool)
    if not plain and not (
        isinstance(index, Tensor) and not index.ndim and index.dtype.kind in "iu"
    ):
        trace.refuse(
            "JC404",
            f"`contourIdx` of cv2.drawContours is {describe(index)}: OpenCV raises cv2.error",
            fix="give an int: -1 for all of the contours",
        )
    if count == 0 or (plain and int(index) < 0):
        return points, lengths
    number = as_tensor(index)
    wide, many = number.value.astype(jnp.int32), as_tensor(count).value.astype(jnp.int32)
    # Without any contours OpenCV returns at once.
    trace.raise_where(Fault.EXCEPTION, (many > 0) & (wide >= many))
    place = jnp.clip(wide, 0, lengths.shape[0] - 1)
    if (number.bounds or (_ALL, 0))[0] < 0 and not plain:
        chosen = (wide < 0) | (jnp.arange(lengths.shape[0], dtype=jnp.int32) == place)
        return points, jnp.where(chosen, lengths, 0)
    return points[place][None], lengths[place][None]


def _draw(
    trace: Trace,
    name: str,
    given: Tensor,
    figure: tuple[jax.Array, jax.Array],
    colour: tuple[str, Any],
    *,
    filled: bool,
    closed: bool = True,
) -> Tensor:
    """Draw polygons, points and lengths, on the present path."""
    points, lengths = figure
    paint = colour_of(trace, name, *colour, given)
    # Elsewhere nothing is to be drawn, which is faster.
    lengths = jnp.where(traced(trace.path), lengths, 0)
    H, W = given.shape[:2]
    pixels, outside = vision.polygons((H, W), points, lengths, filled=filled, closed=closed)
    trace.raise_where(Fault.UNSPECIFIED_LIMIT, outside)
    return draw_on(trace, given, pixels, paint)


@library("cv2.drawContours")
def draw_contours(
    trace: Trace,
    image: Any,
    contours: Any,
    contourIdx: Any,
    color: Any,
    thickness: Any = 1,
    lineType: Any = 8,
    hierarchy: Any = None,
    maxLevel: Any = _DEEPEST,
    offset: Any = (0, 0),
) -> Any:
    """Draw contours, as outlines of one pixel or filled; a point outside is a limit fault."""
    name = "drawContours"
    check_options(trace, name, lineType, 0)
    leave_out(trace, name, maxLevel=(maxLevel, _DEEPEST), offset=(offset, (0, 0)))
    if trace.present(hierarchy) is not None:
        fix = "leave it out: every contour is then drawn, or the one of `contourIdx` alone"
        refuse_argument(trace, name, "hierarchy", hierarchy, fix)
    given = canvas(trace, name, image)
    polygons = _polygons(trace, name, "contours", contours)
    figure = _one(trace, polygons, contourIdx)
    filled = thickness_of(trace, name, thickness, 1) < 0
    return _draw(trace, name, given, figure, ("color", color), filled=filled)


@library("cv2.fillPoly")
def fill_polygons(
    trace: Trace,
    img: Any,
    pts: Any,
    color: Any,
    lineType: Any = 8,
    shift: Any = 0,
    offset: Any = (0, 0),
) -> Any:
    """Fill polygons; a corner outside the picture is a limit fault."""
    name = "fillPoly"
    check_options(trace, name, lineType, shift)
    leave_out(trace, name, offset=(offset, (0, 0)))
    given = canvas(trace, name, img)
    points, lengths, _ = _polygons(trace, name, "pts", pts)
    return _draw(trace, name, given, (points, lengths), ("color", color), filled=True)


@library("cv2.polylines")
def polylines(
    trace: Trace,
    img: Any,
    pts: Any,
    isClosed: Any,
    color: Any,
    thickness: Any = 1,
    lineType: Any = 8,
    shift: Any = 0,
) -> Any:
    """Draw lines of one pixel through points; a point outside the picture is a limit fault."""
    name = "polylines"
    check_options(trace, name, lineType, shift)
    given = canvas(trace, name, img)
    points, lengths, _ = _polygons(trace, name, "pts", pts)
    closed = known_flag(trace, isClosed, name, "isClosed")
    if thickness_of(trace, name, thickness, 1) < 0:
        refuse_argument(trace, name, "thickness", thickness, "use cv2.fillPoly")
    figure = (points, lengths)
    return _draw(trace, name, given, figure, ("color", color), filled=False, closed=closed)
