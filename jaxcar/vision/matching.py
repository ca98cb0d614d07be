"""Where a picture looks like a template: normed correlation and squared difference.

Source: OpenCV 4 and 5, modules/imgproc/src/templmatch.cpp, which correlates in single floats, in
Fourier space. Here sums are whole numbers, and only the last quotient rounds: the results differ
from OpenCV's by its own error. That was measured over pictures of 16x16 to 120x160, it is at most
3.2 * 2**-24 of the norms of template and picture multiplied; twice that is allowed for.
"""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.errors import JaxcarError

Method = Literal["correlation", "coefficient", "difference"]
_EPSILON = 1.1920928955078125e-07  # of single floats: FLT_EPSILON
_LARGEST = (1 << 31) // (255 * 255)  # pixels of a template whose sums fit 32 bits
_NOISE = 6.4 * 2.0**-24
_BEYOND = 1.125  # times the norm, from which OpenCV does not trust a correlation


class Matches(NamedTuple):
    """How alike a template and each window are.

    Attributes:
        values: f32[..., H - h + 1, W - w + 1].
        errors: f32 of the same shape, the most by which OpenCV's own values differ; 0 where a
            window or the template is flat, and what they are is fixed.
    """

    values: jax.Array
    errors: jax.Array


def match_template(plane: jax.Array, template: jax.Array, method: Method) -> jax.Array:
    """Compare a template with every window, as `cv2.matchTemplate` does: see `matches`.

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
    return matches([plane], [template], method).values


def matches(
    planes: list[jax.Array] | tuple[jax.Array, ...],
    templates: list[jax.Array] | tuple[jax.Array, ...],
    method: Method,
) -> Matches:
    """Compare a template of some channels with every window, as `cv2.matchTemplate` does.

    Args:
        planes: the channels of the picture, u8[..., H, W] each.
        templates: those of the template, u8[..., h, w] each, no larger.
        method: as in `match_template`.

    Returns:
        The values, and how far OpenCV's may be from them: 1e-6 mostly, and more in windows that
        are almost flat beside the picture and the template.

    Raises:
        JaxcarError: as in `match_template`; pixels of every channel count.

    Example:
        >>> plane = jnp.array([[0, 9, 0, 5]], jnp.uint8)
        >>> found = matches([plane], [plane[:, :2]], "correlation")
        >>> [round(float(value), 3) for value in found.values[0]], float(found.errors.max()) < 1e-5
        ([1.0, 0.0, 1.0], True)
    """
    (H, W), (h, w) = planes[0].shape[-2:], templates[0].shape[-2:]
    if h > H or w > W or h * w * len(planes) > _LARGEST:
        raise JaxcarError("a template too large", got=f"{h} x {w}", expected=f"at most {H} x {W}")
    sums = [_window_sums(plane, part) for plane, part in zip(planes, templates, strict=True)]
    with jax.enable_x64(True):
        across, power = (
            functools.reduce(jnp.add, (part[i].astype(jnp.float64) for part in sums))
            for i in (0, 2)
        )
        square = _total([part * part for part in (t.astype(jnp.int32) for t in templates)])
        numerator, own, theirs = across, power, square
        if method == "coefficient":
            for (_, mass, _), part in zip(sums, templates, strict=True):
                wide, total = mass.astype(jnp.float64), _total([part.astype(jnp.int32)])
                numerator = numerator - wide * total / (h * w)
                own = own - wide * wide / (h * w)
                theirs = theirs - total * total / (h * w)
        elif method == "difference":
            numerator = power - 2 * across + square
        flat = (theirs < 0.5 / (h * w)) if method == "coefficient" else jnp.bool_(False)
        # OpenCV takes a window for flat where rounding might have made its contrast.
        own = jnp.where(own <= jnp.minimum(0.5, 10 * _EPSILON * power), 0, own)
        theirs = jnp.maximum(theirs, 0)
        scale = jnp.sqrt(own) * jnp.sqrt(theirs)
        quotient = _limited(numerator, scale, 1.0 if method == "difference" else 0.0)
        whole = _total([part * part for part in (p.astype(jnp.int32) for p in planes)])
        noise = _NOISE * jnp.sqrt(square) * jnp.sqrt(whole) * (2 if method == "difference" else 1)
        return _matches(quotient, noise, scale, flat)


def _matches(quotient: jax.Array, noise: jax.Array, scale: jax.Array, flat: jax.Array) -> Matches:
    relative = noise / jnp.where(scale > 0, scale, 1)
    relative = jnp.where(relative < _BEYOND - 1, relative + 2.0**-23, 2.0)
    errors = jnp.where(flat | (scale <= 0), 0.0, relative)
    values = jnp.where(flat, 1.0, quotient).astype(jnp.float32)
    return Matches(values, jnp.broadcast_to(errors, values.shape).astype(jnp.float32))


def _total(parts: list[jax.Array]) -> jax.Array:
    """Add up whole pictures i32[..., h, w], to f64[..., 1, 1]."""
    sums = [jnp.sum(part.astype(jnp.float64), (-2, -1)) for part in parts]
    return functools.reduce(jnp.add, sums)[..., None, None]


def _limited(numerator: jax.Array, scale: jax.Array, beyond: float) -> jax.Array:
    """Divide; quotients that rounding pushed past 1 are 1, and those far past it are `beyond`."""
    size = jnp.abs(numerator)
    quotient = numerator / jnp.where(scale > 0, scale, 1)
    return jnp.where(
        size < scale, quotient, jnp.where(size < scale * _BEYOND, jnp.sign(numerator), beyond)
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
