"""Thresholds of 8-bit pictures, given or found by Otsu's method, and histograms.

Source: OpenCV 4 and 5, modules/imgproc/src/thresh.cpp and histogram.cpp; N. Otsu, "A threshold
selection method from gray-level histograms", IEEE Trans. SMC 9(1), 1979.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from jaxcar.vision.fence import rounded_product, rounded_quotient

Kind = Literal["binary", "binary_inverse", "truncate", "to_zero", "to_zero_inverse"]
_LEVELS = 256
_EPSILON = 1.1920928955078125e-07  # of single floats: FLT_EPSILON


def threshold(
    picture: jax.Array, level: jax.Array, maximum: jax.Array, kind: Kind = "binary"
) -> jax.Array:
    """Compare pixels with a level as `cv2.threshold` does: exact.

    Args:
        picture: u8[...].
        level: i32[] or i32 that broadcasts with the picture: the floor of OpenCV's `thresh`.
        maximum: i32[], OpenCV's `maxval`, rounded half to even.
        kind: `binary` (maximum above the level, else 0) and its inverse; `truncate` (at most the
            level); `to_zero` (0 up to the level) and its inverse.

    Returns:
        u8[...].

    Example:
        >>> threshold(jnp.array([[9, 10, 11]], jnp.uint8), 10, 255).tolist()
        [[0, 0, 255]]
    """
    level = jnp.asarray(level, jnp.int32)
    above = picture > jnp.clip(level, 0, 255).astype(jnp.uint8)
    above = jnp.where(level < 0, True, above)
    peak = jnp.clip(jnp.asarray(maximum, jnp.int32), 0, 255).astype(jnp.uint8)
    nothing = jnp.uint8(0)
    if kind == "binary":
        return jnp.where(above, peak, nothing)
    if kind == "binary_inverse":
        return jnp.where(above, nothing, peak)
    if kind == "truncate":
        return jnp.where(above, jnp.clip(level, 0, 255).astype(jnp.uint8), picture)
    if kind == "to_zero":
        return jnp.where(above, picture, nothing)
    return jnp.where(above, nothing, picture)


def histogram(plane: jax.Array, mask: jax.Array | None = None) -> jax.Array:
    """Count the pixels of each value, as `cv2.calcHist([plane], [0], mask, [256], [0, 256])` does.

    Args:
        plane: u8[..., H, W].
        mask: u8[..., H, W]; pixels where it is 0 are left out.

    Returns:
        i32[..., 256]; OpenCV 5 gives f32[256] of the same whole numbers.

    Example:
        >>> histogram(jnp.array([[0, 3, 3]], jnp.uint8))[:4].tolist()
        [1, 0, 0, 2]
    """
    *batch, H, W = plane.shape
    values = plane.reshape(-1, H * W).astype(jnp.int32)
    weights = jnp.int32(1)
    if mask is not None:
        weights = (jnp.broadcast_to(mask, plane.shape).reshape(values.shape) != 0).astype(jnp.int32)
    frames = jnp.arange(values.shape[0], dtype=jnp.int32)[:, None]
    counts = jnp.zeros((values.shape[0], _LEVELS), jnp.int32).at[frames, values].add(weights)
    return counts.reshape(*batch, _LEVELS)


def binned(counts: jax.Array, bins: int, low: float, high: float) -> jax.Array:
    """Add the counts of 256 values up in bins, as `cv2.calcHist` with fewer bins does.

    Args:
        counts: i32[..., 256], of `histogram`.
        bins: how many bins of one width.
        low: where the first begins.
        high: where the last ends; values outside low <= value < high are left out.

    Returns:
        i32[..., bins].

    Example:
        >>> binned(jnp.ones(256, jnp.int32), 4, 0, 256).tolist()
        [64, 64, 64, 64]
    """
    scale = bins / (high - low)
    place = [int((value * scale - low * scale) // 1) for value in range(_LEVELS)]
    sums = [
        counts[..., tuple(v for v in range(_LEVELS) if place[v] == i and low <= v < high)]
        for i in range(bins)
    ]
    return jnp.stack([jnp.sum(part, axis=-1, dtype=jnp.int32) for part in sums], axis=-1)


def otsu_level(picture: jax.Array) -> jax.Array:
    """Find the level that separates two classes best, as `cv2.THRESH_OTSU` does: exact.

    Args:
        picture: u8[..., H, W].

    Returns:
        i32[...]: the level for `threshold`, and what `cv2.threshold` returns first.

    Example:
        >>> int(otsu_level(jnp.array([[10, 12, 200, 202]], jnp.uint8)))
        12
    """
    counts = histogram(picture)
    with jax.enable_x64(True):
        scale = jnp.float64(1 / (picture.shape[-1] * picture.shape[-2]))
        shares = rounded_product(counts.astype(jnp.float64), scale)
        weighted = jnp.sum(counts * jnp.arange(_LEVELS, dtype=jnp.int32), axis=-1)
        average = rounded_product(weighted.astype(jnp.float64), scale)
        nothing = jnp.zeros(counts.shape[:-1], jnp.float64)
        start = _Separation(nothing, nothing, nothing, jnp.zeros(counts.shape[:-1], jnp.int32))

        def take(state: _Separation, now: tuple[jax.Array, jax.Array]) -> tuple[_Separation, None]:
            return _separation(state, *now, average), None

        values = jnp.arange(_LEVELS, dtype=jnp.float64)
        return lax.scan(take, start, (values, jnp.moveaxis(shares, -1, 0)))[0].level


class _Separation(NamedTuple):
    """The lower class so far, f64[...] each, and the best level, i32[...]."""

    mean: jax.Array
    share: jax.Array
    best: jax.Array
    level: jax.Array


def _separation(
    state: _Separation, value: jax.Array, share: jax.Array, average: jax.Array
) -> _Separation:
    """Take one value more into the lower class; keep the level of the best separation so far."""
    weight = rounded_product(state.mean, state.share)
    lower = state.share + share
    upper = 1.0 - lower
    proper = jnp.minimum(lower, upper) >= _EPSILON
    proper = proper & (jnp.maximum(lower, upper) <= 1.0 - _EPSILON)
    mean = rounded_quotient(weight + rounded_product(value, share), lower)
    rest = rounded_quotient(average - rounded_product(lower, mean), upper)
    spread = rounded_product(rounded_product(lower, upper), mean - rest)
    spread = rounded_product(spread, mean - rest)
    better = proper & (spread > state.best)
    return _Separation(
        jnp.where(proper, mean, weight),
        lower,
        jnp.where(better, spread, state.best),
        jnp.where(better, value.astype(jnp.int32), state.level),
    )
