"""What lies outside a picture: borders by reflection, repetition or a constant.

Source: OpenCV 4 and 5, modules/core/src/copy.cpp (copyMakeBorder, borderInterpolate).
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np

Border = Literal["constant", "replicate", "reflect", "reflect_101", "wrap"]
_MODES = {
    "constant": "constant",
    "replicate": "edge",
    "reflect": "symmetric",
    "reflect_101": "reflect",
    "wrap": "wrap",
}


def add_border(
    picture: jax.Array,
    top: int,
    bottom: int,
    left: int,
    right: int,
    border: Border = "reflect_101",
    value: jax.Array | int = 0,
    *,
    channels: bool = False,
) -> jax.Array:
    """Surround a picture as `cv2.copyMakeBorder` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        top: rows above.
        bottom: rows below.
        left: columns to the left.
        right: columns to the right.
        border: `reflect_101` leaves the outermost pixel out of the reflection and is OpenCV's
            default for filters.
        value: u8[] or u8[C], for `constant`.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8[..., top + H + bottom, left + W + right], and the channels.

    Example:
        >>> add_border(jnp.array([[1, 2, 3]], jnp.uint8), 0, 0, 1, 1).tolist()
        [[2, 1, 2, 3, 2]]
    """
    width = [(0, 0)] * picture.ndim
    first = picture.ndim - (3 if channels else 2)
    width[first], width[first + 1] = (top, bottom), (left, right)
    if border != "constant":
        return jnp.pad(picture, width, mode=_MODES[border])
    padded = jnp.pad(picture, width)
    if isinstance(value, int) and value == 0:
        return padded
    H, W = picture.shape[first : first + 2]
    inside = np.pad(np.ones((H, W), bool), width[first : first + 2])
    outside = jnp.asarray(value).astype(picture.dtype)
    return jnp.where(inside[..., None] if channels else inside, padded, outside)
