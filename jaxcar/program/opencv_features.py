"""Measures of contours, and the shapes made of them: cv2.contourArea, moments, approxPolyDP, ..."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.containers import DictValue
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_arguments import UINT8
from jaxcar.program.opencv_contours import check_corners, contour, known_flag, points_of, small_mask
from jaxcar.program.predicate import Bit, both, traced
from jaxcar.program.registry import library
from jaxcar.program.tensors import BOOL, FLOAT, INT, POINT_BOUNDS, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import Optional, is_numeric
from jaxcar.program.wording import describe

_MOST_EPSILON = 1e30
_FARTHEST = 1 << 24


def python_float(value: jax.Array) -> Tensor:
    """Return a number f32[] or f64[] as a Python float."""
    wide = jax.dtypes.canonicalize_dtype(FLOAT)
    return Tensor(jax.lax.convert_element_type(value, wide), FLOAT, True)


def _float_points(trace: Trace, value: Any) -> jax.Array | None:
    """Return points that are single floats, f32[N, 2], such as of boxPoints; None for others."""
    value = trace.present(value)
    if not isinstance(value, (Tensor, np.ndarray)) or as_tensor(value).dtype != np.float32:
        return None
    points = as_tensor(value)
    flat = [n for n in points.shape if n != 1] if points.ndim == 3 else list(points.shape)
    if points.ndim not in (2, 3) or points.shape[-1] != 2 or not points.shape[0] or len(flat) > 2:
        return None
    return points.value.reshape(-1, 2)


@library("cv2.contourArea")
def contour_area(trace: Trace, contour: Any, oriented: Any = False) -> Any:
    """Return the area within a contour, a float."""
    signed = known_flag(trace, oriented, "contourArea", "oriented")
    fine = _float_points(trace, contour)
    if fine is not None:
        return python_float(vision.float_contour_area(fine, signed))
    points, length = points_of(trace, contour, "contourArea")
    return python_float(vision.contour_area(points, length, signed))


@library("cv2.arcLength")
def arc_length(trace: Trace, curve: Any, closed: Any) -> Any:
    """Return the length of a contour, a float."""
    around = known_flag(trace, closed, "arcLength", "closed")
    fine = _float_points(trace, curve)
    if fine is not None:
        return python_float(vision.float_arc_length(fine, around))
    points, length = points_of(trace, curve, "arcLength")
    return python_float(vision.arc_length(points, length, around))


def _is_mask(array: Any) -> bool:
    return is_numeric(array) and as_tensor(array).dtype == UINT8


@library("cv2.boundingRect")
def bounding_rectangle(trace: Trace, array: Any) -> Any:
    """Return x, y, width and height of a contour, or of what is not 0 in a mask: ints.

    OpenCV takes None for an empty array, whose numbers are 0.
    """
    some: Bit = True
    while isinstance(array := trace.narrow(array), Optional):
        some, array = both(some, array.some), array.value
    with trace.under(some):
        parts = _rectangle_parts(trace, array)
    if some is not True:
        parts = [jnp.where(traced(some), part, 0) for part in parts]
    bounds = None if _float_points(trace, array) is not None else (0, POINT_BOUNDS[1] + 1)
    return tuple(Tensor(part.astype(jnp.int32), INT, True, bounds) for part in parts)


def _rectangle_parts(trace: Trace, array: Any) -> list[jax.Array]:
    fine = _float_points(trace, array)
    if fine is not None:
        trace.raise_where(Fault.POINT_LIMIT, ~jnp.all(jnp.abs(fine) < _FARTHEST))
        found = vision.float_bounding_rect(jnp.where(jnp.abs(fine) < _FARTHEST, fine, 0))
        return [found[i] for i in range(4)]
    if _is_mask(array):
        return _rectangle(small_mask(trace, array, "boundingRect") != 0)
    found = vision.bounding_rect(*points_of(trace, array, "boundingRect"))
    return [found[i] for i in range(4)]


def _rectangle(mask: jax.Array) -> list[jax.Array]:
    some = jnp.any(mask)
    sides = [jnp.any(mask, axis=axis) for axis in (0, 1)]
    low = [jax.lax.argmax(side, 0, jnp.int32) for side in sides]
    high = [side.shape[0] - 1 - jax.lax.argmax(side[::-1], 0, jnp.int32) for side in sides]
    size = [jnp.where(some, last - first + 1, 0) for first, last in zip(low, high, strict=True)]
    return [*low, *size]


@library("cv2.moments")
def moments(trace: Trace, array: Any, binaryImage: Any = False) -> Any:
    """Return the moments of a contour, or of a mask: a dict of floats."""
    array = trace.present(array)
    binary = known_flag(trace, binaryImage, "moments", "binaryImage")
    if _is_mask(array):
        found = vision.picture_moments(_moment_mask(trace, array), binary)
    else:
        found = vision.contour_moments(*points_of(trace, array, "moments"))
    return DictValue({name: python_float(part) for name, part in found._asdict().items()})


_LARGEST_MOMENTS = 512  # rows and columns of masks whose moments are exact


def _moment_mask(trace: Trace, array: Any) -> jax.Array:
    mask = small_mask(trace, array, "moments")
    if max(mask.shape) > _LARGEST_MOMENTS:
        trace.refuse(
            "JC312",
            f"cv2.moments of a mask of shape {mask.shape} is not supported yet",
            fix=f"give it a mask of at most {_LARGEST_MOMENTS} rows and columns: mask[::2, ::2]",
        )
    return mask


@library("cv2.approxPolyDP")
def approximate(
    trace: Trace,
    curve: Any,
    epsilon: Any,
    closed: Any,
    approxCurve: Any = None,
) -> Any:
    """Return a polygon of fewer corners."""
    points, length = points_of(trace, curve, "approxPolyDP")
    if not known_flag(trace, closed, "approxPolyDP", "closed") or approxCurve is not None:
        trace.refuse(
            "JC312",
            "cv2.approxPolyDP of an open curve is not supported yet",
            fix="write cv2.approxPolyDP(c, 0.02 * cv2.arcLength(c, True), True)",
        )
    distance = trace.present(epsilon)
    if not is_numeric(distance) or as_tensor(distance).ndim:
        trace.refuse(
            "JC404",
            f"`epsilon` of cv2.approxPolyDP is {describe(distance)}: OpenCV raises cv2.error",
            fix="give it a number: 0.02 * cv2.arcLength(c, True)",
        )
    wide = jax.dtypes.canonicalize_dtype(FLOAT)
    far = jax.lax.convert_element_type(as_tensor(distance).value, wide)
    fits = (far >= 0) & (far < _MOST_EPSILON)
    trace.raise_where(Fault.EXCEPTION, ~fits)
    found = vision.approximate_polygon(points, length, jnp.where(fits, far, 0.0))
    return contour(found.points, found.lengths)


@library("cv2.convexHull")
def convex_hull(
    trace: Trace,
    points: Any,
    hull: Any = None,
    clockwise: Any = False,
    returnPoints: Any = True,
) -> Any:
    """Return the convex hull of a contour."""
    places, length = points_of(trace, points, "convexHull")
    turned = known_flag(trace, clockwise, "convexHull", "clockwise")
    if not known_flag(trace, returnPoints, "convexHull", "returnPoints") or hull is not None:
        trace.refuse(
            "JC312",
            "the positions of a hull's corners are not supported yet",
            fix="take the corners themselves: hull = cv2.convexHull(c)",
        )
    found = vision.convex_hull(places, length, turned)
    check_corners(trace, points, found)
    return contour(found.points, found.lengths)


@library("cv2.isContourConvex")
def is_convex(trace: Trace, contour: Any) -> Any:
    """Tell whether a contour is convex."""
    points, length = points_of(trace, contour, "isContourConvex")
    return Tensor(vision.is_contour_convex(points, length), BOOL, True)


@library("cv2.pointPolygonTest")
def point_polygon_test(
    trace: Trace,
    contour: Any,
    pt: Any,
    measureDist: Any,
) -> Any:
    """Tell whether a point is inside (1), on (0) or outside (-1) of a contour, or how far."""
    points, length = points_of(trace, contour, "pointPolygonTest")
    measure = known_flag(trace, measureDist, "pointPolygonTest", "measureDist")
    place = _point(trace, pt)
    return python_float(vision.point_polygon_test(points, length, place, measure))


def _point(trace: Trace, pt: Any) -> jax.Array:
    """Return a point f32[2]; OpenCV takes Python's numbers and NumPy's floats."""
    pt = trace.present(pt)
    items = getattr(pt, "items", pt) if not isinstance(pt, (dict, DictValue)) else ()
    parts = [trace.present(x) for x in items] if isinstance(items, (tuple, list)) else []
    if len(parts) != 2 or not all(is_numeric(x) and not as_tensor(x).ndim for x in parts):
        trace.refuse(
            "JC404",
            f"the point of cv2.pointPolygonTest is {describe(pt)}: OpenCV raises cv2.error",
            fix="give it two Python numbers: (float(x), float(y))",
        )
    if not all(is_coordinate(x) for x in parts):
        trace.refuse(
            "JC404",
            "the point of cv2.pointPolygonTest holds a NumPy integer or a bool: OpenCV raises "
            "cv2.error",
            fix="give it two Python numbers: (float(x), float(y))",
        )
    return jnp.stack([as_tensor(x).value.astype(jnp.float32) for x in parts])


def is_coordinate(value: Any) -> bool:
    """Tell whether OpenCV takes a number for a float: Python's own, or NumPy's floats."""
    tensor = as_tensor(value)
    python = value.python if isinstance(value, Tensor) else not isinstance(value, np.generic)
    if tensor.mixed is not None:
        return False
    return tensor.dtype.kind == "f" or (tensor.dtype == INT and python is True)


@library("cv2.minEnclosingCircle")
def min_enclosing_circle(trace: Trace, points: Any) -> Any:
    """Return the centre and the radius of the smallest circle around a contour: floats."""
    found = vision.min_enclosing_circle(*points_of(trace, points, "minEnclosingCircle"))
    return (python_float(found.x), python_float(found.y)), python_float(found.radius)
