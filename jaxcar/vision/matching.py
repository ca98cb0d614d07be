"""Where a picture looks like a template: normed correlation and squared difference.

Source: OpenCV 4 and 5, modules/imgproc/src/templmatch.cpp, which correlates in single floats (in
Fourier space for large templates). Here sums are whole numbers, and only the last quotient rounds:
the results differ from OpenCV's by its own error, which is greatest for coefficients of windows
that are almost flat (measured: 8e-4 there; 99.9 % of all are within 3e-5).
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.errors import JaxcarError

Method = Literal["correlation", "coefficient", "difference"]
_EPSILON = 1.1920928955078125e-07  # of single floats: FLT_EPSILON
_LARGEST = (1 << 31) // (255 * 255)  # pixels of a template whose sums fit 32 bits


def match_template(plane: jax.Array, template: jax.Array, method: Method) -> jax.Array:
    """Compare a template with every window, as `cv2.matchTemplate` does: within 1e-3.

    Args:
        plane: u8[..., H, W].
        template: u8[..., h, w], no larger; one for all pictures, or one for each.
        method: `correlation` for `cv2.TM_CCORR_NORMED`, `coefficient` for `TM_CCOEFF_NORMED`,
            `difference` for `TM_SQDIFF_NORMED`.

    Returns:
        f32[..., H - h + 1, W - w + 1].

    Raises:
        JaxcarError: the template is larger than the picture, or has more than 33,025 pixels.

    Example:
        >>> plane = jnp.array([[0, 9, 0, 5]], jnp.uint8)
        >>> found = match_template(plane, plane[:, :2], "difference")
        >>> [round(float(value), 3) for value in found[0]]
        [0.0, 1.0, 0.356]
    """
    (H, W), (h, w) = plane.shape[-2:], template.shape[-2:]
    if h > H or w > W or h * w > _LARGEST:
        raise JaxcarError("a template too large", got=f"{h} x {w}", expected=f"at most {H} x {W}")
    products, sums, squares = _window_sums(plane, template)
    with jax.enable_x64(True):
        values = template.astype(jnp.int32)
        total = jnp.sum(values, (-2, -1), dtype=jnp.int32)[..., None, None].astype(jnp.float64)
        square = jnp.sum(values * values, (-2, -1), dtype=jnp.int32)[..., None, None]
        square = square.astype(jnp.float64)
        across, mass, power = (part.astype(jnp.float64) for part in (products, sums, squares))
        numerator, own, theirs = across, power, square
        if method == "coefficient":
            numerator = across - mass * total / (h * w)
            own = power - mass * mass / (h * w)
            theirs = square - total * total / (h * w)
        elif method == "difference":
            numerator = power - 2 * across + square
        flat = (theirs < 0.5 / (h * w)) if method == "coefficient" else jnp.bool_(False)
        # OpenCV takes a window for flat where rounding might have made its contrast.
        own = jnp.where(own <= jnp.minimum(0.5, 10 * _EPSILON * power), 0, own)
        theirs = jnp.maximum(theirs, 0)
        scale = jnp.sqrt(own) * jnp.sqrt(theirs)
        quotient = _limited(numerator, scale, 1.0 if method == "difference" else 0.0)
        return jnp.where(flat, 1.0, quotient).astype(jnp.float32)


def _limited(numerator: jax.Array, scale: jax.Array, beyond: float) -> jax.Array:
    """Divide; quotients that rounding pushed past 1 are 1, and those far past it are `beyond`."""
    size = jnp.abs(numerator)
    quotient = numerator / jnp.where(scale > 0, scale, 1)
    return jnp.where(
        size < scale, quotient, jnp.where(size < scale * 1.125, jnp.sign(numerator), beyond)
    )


def _window_sums(plane: jax.Array, template: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return sums of products with the template, of values and of squares, i32 each."""
    (H, W), (h, w) = plane.shape[-2:], template.shape[-2:]
    height, width = H - h + 1, W - w + 1
    values, weights = plane.astype(jnp.int32), template.astype(jnp.int32)
    batch = np.broadcast_shapes(plane.shape[:-2], template.shape[:-2])

    def add_row(row: jax.Array, total: jax.Array) -> jax.Array:
        band = lax.dynamic_slice_in_dim(plane, row, height, -2).astype(jnp.int32)
        factors = lax.dynamic_slice_in_dim(weights, row, 1, -2)
        for column in range(w):
            total = total + band[..., column : column + width] * factors[..., column, None]
        return total

    products = lax.fori_loop(0, h, add_row, jnp.zeros((*batch, height, width), jnp.int32))
    return products, _box_sums(values, h, w), _box_sums(values * values, h, w)


def _box_sums(values: jax.Array, h: int, w: int) -> jax.Array:
    """Add up every h x w window: differences of running sums, which may wrap and still be right."""
    for axis, size in ((-2, h), (-1, w)):
        running = jnp.cumsum(values, axis=axis, dtype=jnp.int32)
        before = [(0, 0)] * values.ndim
        before[axis] = (1, 0)
        running = jnp.pad(running, before)
        length = running.shape[axis]
        ends = lax.slice_in_dim(running, size, length, axis=axis)
        values = ends - lax.slice_in_dim(running, 0, length - size, axis=axis)
    return values
