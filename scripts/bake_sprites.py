"""Bake the pictures of grid cells from Farama minigrid's own tile renderer.

Writes `jaxcar/envs/grid/sprites.npz`. Run it with minigrid installed (`pip install minigrid`):

    python scripts/bake_sprites.py

`--check` compares instead of writing, and fails where the file is out of date.
"""

from __future__ import annotations

import argparse
import io
import pathlib
import sys

import numpy as np

SIZES = (8, 16, 32)
PATH = pathlib.Path(__file__).parent.parent / "jaxcar" / "envs" / "grid" / "sprites.npz"
NUM_OBJECTS, NUM_COLOURS, NUM_STATES = 11, 6, 3
DIRECTIONS = (None, 0, 1, 2, 3)
CREDIT = (
    "Pictures drawn by the tile renderer of minigrid {version} (Farama Foundation), "
    "https://github.com/Farama-Foundation/Minigrid, Apache License 2.0. "
    "Baked by scripts/bake_sprites.py."
)


def draw(size: int) -> np.ndarray:
    """Draw every kind of cell: uint8[object, colour, state, agent, highlight, size, size, 3]."""
    from minigrid.core.grid import Grid
    from minigrid.core.world_object import WorldObj

    drawn = []
    for kind in range(NUM_OBJECTS):
        for colour in range(NUM_COLOURS):
            for state in range(NUM_STATES):
                thing = WorldObj.decode(kind, colour, state)
                for direction in DIRECTIONS:
                    for highlight in (False, True):
                        drawn.append(Grid.render_tile(thing, direction, highlight, size))
    # A picture's pixels are rounded down when minigrid writes the tile into its frame.
    tiles = np.stack(drawn).astype(np.uint8)
    shape = (NUM_OBJECTS, NUM_COLOURS, NUM_STATES, len(DIRECTIONS), 2, size, size, 3)
    return tiles.reshape(shape)


def bake() -> dict[str, np.ndarray]:
    """Draw all sizes and keep the distinct sprites, with the index that finds them."""
    import minigrid

    arrays: dict[str, np.ndarray] = {}
    pictures = {size: draw(size) for size in SIZES}
    flat = np.concatenate([p.reshape(p[..., 0, 0, 0].size, -1) for p in pictures.values()], axis=1)
    _, first, inverse = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    arrays["number"] = inverse.reshape(pictures[SIZES[0]].shape[:5]).astype(np.uint16)
    for size, picture in pictures.items():
        sprites = picture.reshape(-1, size, size, 3)[first]
        palette, which = np.unique(sprites.reshape(-1, 3), axis=0, return_inverse=True)
        small = np.uint8 if len(palette) <= 256 else np.uint16
        arrays[f"palette_{size}"] = palette
        arrays[f"pixels_{size}"] = which.reshape(sprites.shape[:3]).astype(small)
    arrays["credit"] = np.array(CREDIT.format(version=minigrid.__version__))
    return arrays


def stale(arrays: dict[str, np.ndarray]) -> list[str]:
    """Name what differs between these arrays and the file."""
    with np.load(PATH) as stored:
        names = set(stored.files) ^ set(arrays)
        for name in set(stored.files) & set(arrays) - {"credit"}:
            if not np.array_equal(stored[name], arrays[name]):
                names.add(name)
    return sorted(names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = parser.parse_args().check
    arrays = bake()
    if check:
        differing = stale(arrays)
        print(f"out of date: {', '.join(differing)}" if differing else "up to date")
        return int(bool(differing))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    PATH.write_bytes(buffer.getvalue())
    print(f"{PATH}: {buffer.tell()} bytes, {arrays['number'].max() + 1} sprites at {SIZES}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
