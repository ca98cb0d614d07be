"""The pictures of grid cells, as package data.

The sprites were drawn by the tile renderer of minigrid (Farama Foundation,
https://github.com/Farama-Foundation/Minigrid, Apache License 2.0); `scripts/bake_sprites.py` makes
the file anew.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from jaxcar.errors import JaxcarError

TILE_SIZES = (8, 16, 32)


class Sprites(NamedTuple):
    """Hold the distinct pictures of a cell at one tile size.

    Args:
        pixels: `uint8[N, tile, tile, 3]`, RGB.
        number: `uint16[object, colour, state, agent, highlight]`, which sprite shows a cell; agent
            is 0 for none, else 1 + its direction.
    """

    pixels: np.ndarray
    number: np.ndarray


@lru_cache(maxsize=len(TILE_SIZES))
def load_sprites(tile_size: int) -> Sprites:
    """Read the sprites of one tile size.

    Args:
        tile_size: pixels across a cell, one of `TILE_SIZES`.

    Returns:
        The sprites.

    Raises:
        JaxcarError: there are no sprites of this size.

    Example:
        >>> load_sprites(8).pixels.shape[1:]
        (8, 8, 3)
    """
    if not isinstance(tile_size, int) or tile_size not in TILE_SIZES:
        raise JaxcarError(
            "no pictures of this tile size",
            where="tile_size",
            got=repr(tile_size),
            expected=", ".join(map(str, TILE_SIZES)),
        )
    path = files("jaxcar.envs.grid").joinpath("sprites.npz")
    with path.open("rb") as file, np.load(file) as stored:
        pixels = stored[f"palette_{tile_size}"][stored[f"pixels_{tile_size}"]]
        return Sprites(pixels, stored["number"])
