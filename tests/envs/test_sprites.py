"""The baked pictures are those that minigrid draws."""

from __future__ import annotations

import importlib.util
import pathlib

import numpy as np
import pytest
from minigrid.core.grid import Grid
from minigrid.core.world_object import WorldObj

from jaxcar.envs.grid.sprites import TILE_SIZES, load_sprites
from jaxcar.errors import JaxcarError

ROOT = pathlib.Path(__file__).parents[2]
SHAPE = (11, 6, 3, 5, 2)


def _drawn(tile_size: int, at: tuple[int, ...]) -> np.ndarray:
    kind, colour, state, agent, highlight = (int(i) for i in at)
    thing = WorldObj.decode(kind, colour, state)
    direction = None if agent == 0 else agent - 1
    return Grid.render_tile(thing, direction, bool(highlight), tile_size).astype(np.uint8)


def test_every_sprite_of_8_pixels_is_minigrids():
    sprites = load_sprites(8)
    for at in np.ndindex(SHAPE):
        np.testing.assert_array_equal(sprites.pixels[sprites.number[at]], _drawn(8, at))


@pytest.mark.parametrize("tile_size", [16, 32])
def test_a_sample_of_large_sprites_is_minigrids(tile_size):
    sprites = load_sprites(tile_size)
    rng = np.random.default_rng(tile_size)
    for kind in range(1, 10):
        at = (kind, *(rng.integers(size) for size in SHAPE[1:]))
        np.testing.assert_array_equal(sprites.pixels[sprites.number[at]], _drawn(tile_size, at))


@pytest.mark.slow
def test_the_baked_file_is_up_to_date():
    path = ROOT / "scripts" / "bake_sprites.py"
    spec = importlib.util.spec_from_file_location("bake_sprites", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.stale(script.bake()) == []


def test_sprites_are_the_known_number_and_credited():
    for tile_size in TILE_SIZES:
        assert load_sprites(tile_size).pixels.shape == (492, tile_size, tile_size, 3)
    with np.load(ROOT / "jaxcar" / "envs" / "grid" / "sprites.npz") as stored:
        assert "Apache License 2.0" in str(stored["credit"])
        assert "Minigrid" in str(stored["credit"])


@pytest.mark.parametrize("tile_size", [7, 12, 8.0, "8"])
def test_other_tile_sizes_are_refused(tile_size):
    with pytest.raises(JaxcarError, match="tile size") as caught:
        load_sprites(tile_size)
    assert "8, 16, 32" in str(caught.value)
