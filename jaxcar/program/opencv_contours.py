"""Contours as programs see them: `cv2.findContours`, and what its results are.

A contour is an array of run-time length (`Selected`, its `points` set), the contours are a tuple of
run-time length of them. More contours, or longer ones, than the limits allow are a limit fault.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program import fixes
from jaxcar.program.columns import packed
from jaxcar.program.containers import ListValue, Rows
from jaxcar.program.faults import Fault
from jaxcar.program.kinds import form_of
from jaxcar.program.opencv_arguments import picture
from jaxcar.program.packing import pack
from jaxcar.program.predicate import literal
from jaxcar.program.registry import library
from jaxcar.program.tensors import INT, POINT_BOUNDS, Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import Optional, is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe

INT32 = np.dtype(np.int32)

_MODES = {0: "external", 1: "list", 2: "ccomp", 3: "tree"}
_METHODS = {1: "none", 2: "simple"}


@library("cv2.findContours")
def find_contours(
    trace: Trace,
    image: Any,
    mode: Any,
    method: Any,
    contours: Any = None,
    hierarchy: Any = None,
    offset: Any = (0, 0),
) -> Any:
    """Find the contours of a mask: a tuple of them, and their hierarchy or None."""
    mask = small_mask(trace, image, "findContours")
    whole = all(isinstance(x, (int, np.integer)) for x in (mode, method))
    if not whole or int(mode) not in _MODES or int(method) not in _METHODS:
        trace.refuse(
            "JC403",
            "cv2.findContours does not take this mode or method here",
            fix="use cv2.RETR_EXTERNAL, RETR_LIST, RETR_TREE or RETR_CCOMP, with "
            "cv2.CHAIN_APPROX_SIMPLE or CHAIN_APPROX_NONE",
        )
    moved = not is_static(offset) or tuple(unwrap_static(offset) or ()) != (0, 0)
    if contours is not None or hierarchy is not None or moved:
        trace.refuse(
            "JC403",
            "cv2.findContours takes a mask, a mode and a method alone here",
            fix="write contours, hierarchy = cv2.findContours(mask, mode, method)",
        )
    limits = trace.limits
    found = vision.find_contours(
        mask,
        _MODES[int(mode)],
        _METHODS[int(method)],
        contours=limits.contours,
        points=limits.contour_points,
    )
    trace.raise_where(Fault.CAPACITY_LIMIT, found.overflow)
    most = min(limits.contours, mask.size)
    count = Tensor(found.count, INT, True, (0, most))
    return _tuple(found, count, limits.contours), _hierarchy(found, count, limits.contours)


def small_mask(trace: Trace, image: Any, name: str) -> jax.Array:
    """Return the mask u8[H, W] that a function is given; anything else is refused."""
    tensor = picture(trace, image, name, channels=False)
    if max(tensor.shape) > POINT_BOUNDS[1] + 1:
        trace.refuse(
            "JC312",
            f"cv2.{name} of {describe(tensor)} is not supported yet",
            fix=f"give it a mask of 1 to {POINT_BOUNDS[1] + 1} rows and columns: mask[::2, ::2]",
        )
    return tensor.value


def _tuple(found: vision.Contours, count: Tensor, capacity: int) -> ListValue:
    kind = form_of(contour(found.points[0], found.lengths[0]))
    leaves = jax.vmap(lambda *one: pack(contour(*one), kind))(found.points, found.lengths)
    return ListValue([], frozen=True, form="tuple", rows=Rows(kind, leaves, count, capacity))


def contour(points: jax.Array, length: jax.Array) -> Selected:
    """Return a contour of points i32[P, 2] of which the first `length` count, one at least."""
    size = points.shape[0]
    values = Tensor(points[:, None, :].astype(INT32), INT32, False, POINT_BOUNDS)
    mask = jnp.arange(size, dtype=jnp.int32) < length
    return Selected(values, mask, (1, size), packed=True, points=True)


def _hierarchy(found: vision.Contours, count: Tensor, capacity: int) -> Optional:
    links = Tensor(found.hierarchy[None], INT32, False, (-1, capacity - 1))
    there = jnp.arange(capacity, dtype=jnp.int32) < found.count
    some = literal(found.count > 0)
    sure = Tensor(count.value, INT, True, (1, capacity))
    return Optional(Window(links, (None, there, None), (1, sure, 4), (0, 0, 0), packed=True), some)


def points_of(trace: Trace, value: Any, name: str) -> tuple[jax.Array, jax.Array]:
    """Return the points i32[P, 2] of a contour that a function is given, and how many count.

    What is no contour of this module's is checked: a limit fault where it is empty, or a point is
    not within 0 and 1023, as far as all functions are exact.
    """
    value = trace.present(value)
    array = value.values if isinstance(value, Selected) else value
    if not is_numeric(array) or not as_tensor(array).ndim:
        trace.refuse(
            "JC404",
            f"cv2.{name} takes a contour, not {describe(value)}: OpenCV raises cv2.error",
            fix="give it one contour: contours[0], or go through them: for c in contours",
        )
    tensor = as_tensor(array)
    if tensor.dtype != INT32:
        single = tensor.dtype == np.float32
        trace.refuse(
            "JC312" if single else "JC404",
            f"cv2.{name} of a contour of {tensor.dtype}"
            + (" is not supported yet" if single else ": OpenCV raises cv2.error"),
            fix="convert it: points.astype(np.int32)",
        )
    shape = tensor.shape
    size = shape[0] if isinstance(value, Selected) or len(shape) < 3 or shape[0] > 1 else shape[1]
    fits = len(shape) in (2, 3) and shape[-1] == 2 and tensor.value.size == 2 * size
    if not fits or not size:
        trace.refuse(
            "JC405",
            f"cv2.{name} takes points of shape (N, 1, 2) or (N, 2), not {describe(value)}",
            fix="give it one contour: contours[0], or points.reshape(-1, 2)",
        )
    if not isinstance(value, Selected):
        _check_points(trace, tensor, True)
        return tensor.value.reshape(size, 2).astype(jnp.int32), jnp.int32(size)
    if not value.points:
        value = packed(value)
        if value.size_bounds[0] < 1:
            trace.raise_where(Fault.POINT_LIMIT, ~jnp.any(value.mask))
        _check_points(trace, value.values, value.mask.reshape((-1,) + (1,) * (len(shape) - 1)))
    length = value.count().value.astype(jnp.int32)
    return value.values.value.reshape(size, 2).astype(jnp.int32), length


def _check_points(trace: Trace, points: Tensor, counted: Any) -> None:
    low, high = points.bounds or (0, -1)
    if low < POINT_BOUNDS[0] or high > POINT_BOUNDS[1]:
        outside = (points.value < POINT_BOUNDS[0]) | (points.value > POINT_BOUNDS[1])
        trace.raise_where(Fault.POINT_LIMIT, jnp.any(outside & counted))


def check_corners(trace: Trace, value: Any, hull: vision.Hulls) -> None:
    """Check that no corner of a hull is given twice, but by a contour that cv2 made.

    OpenCV sorts the points by place alone: which of two equal ones it takes for the corner, and so
    at which corner the hull begins, hangs on how the C++ library sorts.
    """
    value = trace.present(value)
    if isinstance(value, Selected) and value.points:
        return
    points, length = points_of(trace, value, "convexHull")
    place = (points[:, 1] << 16) | points[:, 0]
    index = jnp.arange(place.size, dtype=jnp.int32)
    known = jnp.sort(jnp.where(index < length, place, jnp.iinfo(jnp.int32).max))
    x, y = (hull.points[:, axis].astype(jnp.int32) for axis in (0, 1))
    corners = (y << 16) | x
    first, end = (jnp.searchsorted(known, corners, side=side) for side in ("left", "right"))
    twice = (end - first > 1) & (index < hull.lengths)
    trace.raise_where(Fault.UNSPECIFIED_LIMIT, jnp.any(twice))


def known_flag(trace: Trace, value: Any, name: str, argument: str) -> bool:
    """Return an argument that must be known while tracing as a bool."""
    if not isinstance(value, (bool, int, np.bool_)):
        trace.refuse(
            "JC406",
            f"`{argument}` of cv2.{name} must be known before run time",
            fix=fixes.CONSTANT,
        )
    return bool(value)
