"""Canny's edges.

Source: J. Canny, "A computational approach to edge detection", IEEE PAMI 8(6), 1986; OpenCV 4 and
5, modules/imgproc/src/canny.cpp, for the directions (tangents in 15 bits), ties and thresholds.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jaxcar.errors import JaxcarError
from jaxcar.vision.derivatives import sobel
from jaxcar.vision.fence import compute_once
from jaxcar.vision.morphology import dilate

_TANGENT = 13573  # of 22.5 degrees, times 2**15
_STEPS = 4  # of growth between two looks at whether anything still grows


def canny(
    plane: jax.Array, low: float, high: float, size: int = 3, *, squared: bool = False
) -> jax.Array:
    """Find edges as `cv2.Canny(plane, low, high, apertureSize=size)` does: exact.

    Args:
        plane: u8[..., H, W].
        low: what the gradient of a pixel that continues an edge exceeds.
        high: what it exceeds somewhere along every edge.
        size: of the derivatives, 3 or 5.
        squared: measure gradients by their length, OpenCV's `L2gradient`, not by the sum of
            their two sides.

    Returns:
        u8[..., H, W]: 255 on edges, 0 elsewhere.

    Raises:
        JaxcarError: another size.

    Example:
        >>> import jax.numpy as jnp
        >>> canny(jnp.array([[0, 0, 99, 99]] * 3, jnp.uint8), 50, 150)[1].tolist()
        [0, 255, 0, 0]
    """
    if size not in (3, 5):
        raise JaxcarError("edges by derivatives of another size", got=size, expected="3 or 5")
    low, high = (_level(value, squared) for value in (min(low, high), max(low, high)))
    dx, dy = (
        sobel(plane, *order, size, "i16", "replicate").astype(jnp.int32)
        for order in ((1, 0), (0, 1))
    )
    strength = dx * dx + dy * dy if squared else jnp.abs(dx) + jnp.abs(dy)
    ridge = _ridge(dx, dy, strength) & (strength > low)
    strong = ridge & (strength > high)
    return _grown(_as_mask(strong), _as_mask(ridge))


def _level(value: float, squared: bool) -> int:
    return math.floor(min(32767.0, value) ** 2 if squared and value > 0 else value)


def _as_mask(values: jax.Array) -> jax.Array:
    return compute_once(jnp.where(values, jnp.uint8(255), jnp.uint8(0)))


def _ridge(dx: jax.Array, dy: jax.Array, strength: jax.Array) -> jax.Array:
    """Mark the pixels that are stronger than both neighbours across the edge."""
    H, W = strength.shape[-2:]
    around = jnp.pad(strength, [(0, 0)] * (strength.ndim - 2) + [(1, 1), (1, 1)])

    def beside(down: int, right: int) -> jax.Array:
        return around[..., 1 + down : 1 + down + H, 1 + right : 1 + right + W]

    across, along = jnp.abs(dx), jnp.abs(dy) << 15
    flat = across * _TANGENT
    steep = flat + (across << 16)
    falling = (dx ^ dy) < 0
    # Of two equal neighbours the one to the right or below wins; across diagonals neither does.
    in_row = (strength > beside(0, -1)) & (strength >= beside(0, 1))
    in_column = (strength > beside(-1, 0)) & (strength >= beside(1, 0))
    diagonal = jnp.where(
        falling,
        (strength > beside(-1, 1)) & (strength > beside(1, -1)),
        (strength > beside(-1, -1)) & (strength > beside(1, 1)),
    )
    return jnp.where(along < flat, in_row, jnp.where(along > steep, in_column, diagonal))


def _grown(strong: jax.Array, ridge: jax.Array) -> jax.Array:
    """Follow ridges from their strong pixels to all eight neighbours, to the end."""

    def grow(state: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        found, _ = state
        larger = found
        for _ in range(_STEPS):
            larger = compute_once(dilate(larger, np.ones((3, 3))) & ridge)
        return larger, jnp.any(larger != found)

    return lax.while_loop(lambda state: state[1], grow, (strong, jnp.bool_(True)))[0]
