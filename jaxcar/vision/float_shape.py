"""Area, length and upright rectangle of polygons whose corners are no whole numbers.

Source: OpenCV 5, modules/imgproc/src/shapedescr.cpp: sums of doubles, corner by corner.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from jaxcar.vision.fence import in_double, rounded_product


def _in_order(parts: jax.Array) -> jax.Array:
    """Add up f64[..., N] one after the other."""

    def add(total: jax.Array, part: jax.Array) -> tuple[jax.Array, None]:
        return total + part, None

    start = jnp.zeros(parts.shape[:-1], jnp.float64)
    return jax.lax.scan(add, start, jnp.moveaxis(parts, -1, 0))[0]


@in_double
def float_contour_area(points: jax.Array, oriented: bool = False) -> jax.Array:
    """Measure as `cv2.contourArea` does of single floats: exact.

    Args:
        points: f32[..., N, 2], x and y of all the corners.
        oriented: whether a polygon that runs clockwise on the screen keeps its sign.

    Returns:
        f64[...].

    Example:
        >>> float(float_contour_area(jnp.array([[0, 0], [0, 1.5], [2, 1.5], [2, 0]], jnp.float32)))
        3.0
    """
    x, y = (points[..., axis].astype(jnp.float64) for axis in (0, 1))
    a, b = (jnp.roll(axis, 1, axis=-1) for axis in (x, y))
    area = _in_order(a * y - b * x) * 0.5  # both products are exact
    return area if oriented else jnp.abs(area)


@in_double
def float_arc_length(points: jax.Array, closed: bool = True) -> jax.Array:
    """Measure as `cv2.arcLength` does of single floats: exact.

    Args:
        points: f32[..., N, 2], x and y of all the corners.
        closed: whether the side from the last point to the first counts.

    Returns:
        f64[...].

    Example:
        >>> float(float_arc_length(jnp.array([[0, 0], [1.5, 2]], jnp.float32), closed=False))
        2.5
    """
    dx, dy = (points[..., axis] - jnp.roll(points[..., axis], 1, axis=-1) for axis in (0, 1))
    squares = rounded_product(dx, dx) + rounded_product(dy, dy)
    sides = jnp.sqrt(squares).astype(jnp.float64)
    return _in_order(sides if closed else sides[..., 1:])


def float_bounding_rect(points: jax.Array) -> jax.Array:
    """Return x, y, width and height as `cv2.boundingRect` does of single floats: exact.

    Args:
        points: f32[..., N, 2], x and y within +-2**24.

    Returns:
        i32[..., 4].

    Example:
        >>> float_bounding_rect(jnp.array([[0.5, 1], [3.5, 2]], jnp.float32)).tolist()
        [0, 1, 4, 2]
    """

    def side(reduce: Callable[..., jax.Array], axis: int) -> jax.Array:
        return jnp.floor(reduce(points[..., axis], axis=-1)).astype(jnp.int32)

    left, top, right, bottom = (
        side(reduce, axis) for reduce in (jnp.min, jnp.max) for axis in (0, 1)
    )
    return jnp.stack([left, top, right - left + 1, bottom - top + 1], axis=-1)
