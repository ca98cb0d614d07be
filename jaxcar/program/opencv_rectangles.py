"""cv2's turned rectangles: `minAreaRect`, which gives a tuple, and `boxPoints` of such a tuple."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.containers import ListValue
from jaxcar.program.opencv_arguments import leave_out, made
from jaxcar.program.opencv_contours import check_corners, points_of
from jaxcar.program.opencv_features import is_coordinate, python_float
from jaxcar.program.registry import library
from jaxcar.program.tensors import as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe


@library("cv2.minAreaRect")
def min_area_rectangle(trace: Trace, points: Any) -> Any:
    """Return the smallest turned rectangle around a contour: ((x, y), (width, height), angle)."""
    places, length = points_of(trace, points, "minAreaRect")
    check_corners(trace, points, vision.convex_hull(places, length))
    found = vision.min_area_rectangle(places, length)
    x, y, width, height, angle = (python_float(part) for part in found)
    return (x, y), (width, height), angle


@library("cv2.boxPoints")
def box_points(trace: Trace, box: Any, points: Any = None) -> Any:
    """Return the corners of a turned rectangle, float32[4, 2]."""
    leave_out(trace, "boxPoints", points=(points, None))
    parts = _items(trace, box, 3)
    centre, size = (_items(trace, part, 2) for part in (parts or [None, None])[:2])
    numbers = [*(centre or []), *(size or []), *(parts or [None])[-1:]]
    if len(numbers) != 5 or not all(_is_number(trace, number) for number in numbers):
        trace.refuse(
            "JC404",
            f"cv2.boxPoints takes ((x, y), (width, height), angle) of Python numbers, not "
            f"{describe(trace.present(box))}: OpenCV raises cv2.error",
            fix="give it what cv2.minAreaRect returns: cv2.boxPoints(cv2.minAreaRect(c))",
        )
    fields = (as_tensor(trace.present(number)).value for number in numbers)
    rectangle = vision.RotatedRectangle(*(jnp.asarray(x).astype(jnp.float32) for x in fields))
    corners: jax.Array = vision.rectangle_corners(rectangle)
    return made(corners, np.float32)


def _items(trace: Trace, value: Any, count: int) -> list[Any] | None:
    """Return the elements of a tuple or list of so many; None for anything else."""
    value = trace.present(value)
    if isinstance(value, ListValue) and value.rows is None:
        value = tuple(value.items)
    return list(value) if isinstance(value, tuple) and len(value) == count else None


def _is_number(trace: Trace, value: Any) -> bool:
    value = trace.present(value)
    return is_numeric(value) and not as_tensor(value).ndim and is_coordinate(value)
