"""Median filters of 8-bit pictures, by exchanges of neighbours.

Source: OpenCV 4 and 5, modules/imgproc/src/median_blur.simd.hpp for what is computed (the border
repeats the outermost pixel). Sorted columns are shared by the windows that overlap them.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError
from jaxcar.vision.borders import add_border
from jaxcar.vision.fence import compute_once
from jaxcar.vision.planes import for_each_plane

_SORTED = {  # exchanges that sort three and five numbers
    3: ((0, 1), (1, 2), (0, 1)),
    5: ((0, 1), (3, 4), (2, 4), (2, 3), (1, 4), (0, 3), (0, 2), (1, 3), (1, 2)),
}


def median_blur(picture: jax.Array, side: int, *, channels: bool = False) -> jax.Array:
    """Take the median of each square as `cv2.medianBlur(picture, side)` does: exact.

    Args:
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        side: 1, 3 or 5.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8 of the picture's shape.

    Raises:
        JaxcarError: another side.

    Example:
        >>> median_blur(jnp.array([[0, 9, 0], [0, 0, 0]], jnp.uint8), 3).tolist()
        [[0, 0, 0], [0, 0, 0]]
    """
    if side == 1:
        return picture
    if side not in _SORTED:
        raise JaxcarError("a median over large squares", got=side, expected="1, 3 or 5")
    return for_each_plane(lambda plane: _median_of_plane(plane, side), picture, channels)


def _median_of_plane(plane: jax.Array, side: int) -> jax.Array:
    reach, (height, width) = side // 2, plane.shape[-2:]
    rows = compute_once(add_border(plane, reach, reach, reach, reach, "replicate"))
    columns = _sorted([rows[..., i : i + height, :] for i in range(side)])
    columns = [compute_once(column) for column in columns]
    # ranks[i][j]: the j-th smallest of the i-th smallest of the columns: it is no less than
    # (i + 1) * (j + 1) of the square's values, and no greater than as many from the other end.
    ranks = [_sorted([column[..., i : i + width] for i in range(side)]) for column in columns]
    middle = side * side // 2 + 1
    candidates = [
        compute_once(ranks[i][j])
        for i in range(side)
        for j in range(side)
        if (i + 1) * (j + 1) <= middle and (side - i) * (side - j) <= middle
    ]
    return compute_once(_median(candidates))


def _sorted(values: list[jax.Array]) -> list[jax.Array]:
    values = list(values)
    for low, high in _SORTED[len(values)]:
        values[low], values[high] = _exchanged(values[low], values[high])
    return values


def _exchanged(a: jax.Array, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    return jnp.minimum(a, b), jnp.maximum(a, b)


def _median(values: list[jax.Array]) -> jax.Array:
    """Return the median of an odd number of arrays.

    Of any (n + 3) / 2 of n values neither the smallest nor the greatest is the median: both are
    forgotten, and one of the values that wait takes their place.
    """
    waiting = list(values)
    held = [waiting.pop(0) for _ in range(len(values) // 2 + 2)] if len(values) > 1 else waiting
    while len(held) > 1:
        held = _without_extremes(held)
        if waiting:
            held.append(waiting.pop(0))
    return held[0]


def _without_extremes(values: list[jax.Array]) -> list[jax.Array]:
    """Exchange the smallest to the front and the greatest to the back, and drop both."""
    values, last = list(values), len(values) - 1
    for i in range((last + 1) // 2):
        values[i], values[last - i] = _exchanged(values[i], values[last - i])
    for i in range(1, last // 2 + 1):
        values[0], values[i] = _exchanged(values[0], values[i])
    for i in range((last + 1) // 2, last):
        values[i], values[last] = _exchanged(values[i], values[last])
    return [compute_once(value) for value in values[1:-1]]
