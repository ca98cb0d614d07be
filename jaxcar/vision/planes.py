"""The channels of a picture as planes, and planes as the channels of a picture.

A reduction or a select over a short last axis does not vectorise on a CPU; slices with a stride and
padding between elements do. Everything else that works channel by channel is built on these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import jax
import jax.numpy as jnp
from jax import lax

from jaxcar.vision.fence import compute_once


def split(picture: jax.Array) -> tuple[jax.Array, ...]:
    """Return the channels one by one, as `cv2.split` does.

    Args:
        picture: u8[..., H, W, C].

    Returns:
        C planes u8[..., H, W].

    Example:
        >>> [int(plane[0, 0]) for plane in split(jnp.array([[[1, 2, 3]]], jnp.uint8))]
        [1, 2, 3]
    """
    return tuple(picture[..., channel] for channel in range(picture.shape[-1]))


def merge(planes: Sequence[jax.Array]) -> jax.Array:
    """Interleave planes to one picture, as `cv2.merge` does.

    Args:
        planes: C planes u8[..., H, W] of one shape.

    Returns:
        u8[..., H, W, C].

    Example:
        >>> merge([jnp.full((1, 1), i, jnp.uint8) for i in range(3)]).tolist()
        [[[0, 1, 2]]]
    """
    count = len(planes)
    nothing = [(0, 0, 0)] * planes[0].ndim
    spread = [
        lax.pad(
            plane.astype(jnp.uint8)[..., None],
            jnp.uint8(0),
            [*nothing, (channel, count - 1 - channel, 0)],
        )
        for channel, plane in enumerate(planes)
    ]
    # What reads one channel of this would make all of them again, one element at a time.
    return compute_once(reduce(jnp.bitwise_or, spread))


def for_each_plane(
    function: Callable[[jax.Array], jax.Array], picture: jax.Array, channels: bool
) -> jax.Array:
    """Apply a function of planes to every channel, traced once.

    Args:
        function: u8[..., H, W] to u8[..., h, w].
        picture: u8[..., H, W], or u8[..., H, W, C] with `channels`.
        channels: say that the picture's last axis is its channels.

    Returns:
        u8[..., h, w], or u8[..., h, w, C] with `channels`.

    Example:
        >>> for_each_plane(lambda plane: plane + 1, jnp.array([[[1, 2]]], jnp.uint8), True).tolist()
        [[[2, 3]]]
    """
    if not channels:
        return function(picture)
    planes = function(jnp.stack(split(picture)))
    return merge([planes[channel] for channel in range(picture.shape[-1])])
