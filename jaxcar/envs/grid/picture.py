"""The picture of a grid world: Farama minigrid's, pixel for pixel."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.grid.dynamics import cells_at
from jaxcar.envs.grid.fence import fence
from jaxcar.envs.grid.sprites import load_sprites
from jaxcar.envs.grid.state import GridParams, GridState
from jaxcar.envs.grid.view import seen_cells


@dataclass(frozen=True)
class Picture:
    """Draw grid worlds; called with a state and its parameters.

    A frame is gathered from whole rows of sprites, four bytes at a time. Pictures of equal
    arguments are equal.

    Args:
        shape: (H, W) in cells.
        tile_size: pixels across a cell, one of `jaxcar.envs.grid.sprites.TILE_SIZES`.
        highlight: brighten the cells that the agent sees.
        see_through: walls and doors hide nothing from the agent.

    Raises:
        JaxcarError: there are no sprites of this tile size.

    Example:
        >>> from jaxcar.envs.grid.layouts import DoorKey
        >>> Picture((6, 6))(DoorKey(6)(jax.random.key(0)), GridParams()).shape
        (48, 48, 3)
    """

    shape: tuple[int, int]
    tile_size: int = 8
    highlight: bool = True
    see_through: bool = False

    def __post_init__(self) -> None:
        load_sprites(self.tile_size)

    @property
    def frame_shape(self) -> tuple[int, int, int]:
        """(height, width, 3) in pixels."""
        return self.shape[0] * self.tile_size, self.shape[1] * self.tile_size, 3

    def __call__(self, state: GridState, params: GridParams) -> jax.Array:
        """Draw one state.

        Args:
            state: the state, unbatched.
            params: unused.

        Returns:
            `uint8[H * tile, W * tile, 3]`, RGB.
        """
        del params
        tile = self.tile_size
        sprites = load_sprites(tile)
        words = np.ascontiguousarray(sprites.pixels.reshape(-1, tile * 3)).view(np.uint32)
        which = fence(self._sprite_numbers(state, sprites.number), state.time)
        rows = which[:, None, :] * tile + jnp.arange(tile, dtype=jnp.int32)[None, :, None]
        drawn = jnp.asarray(words)[rows]  # [H, tile, W, words of a row]
        return jax.lax.bitcast_convert_type(drawn, jnp.uint8).reshape(self.frame_shape)

    def _sprite_numbers(self, state: GridState, numbers: np.ndarray) -> jax.Array:
        here = cells_at(self.shape, state.agent_pos)
        agent = jnp.where(here, state.agent_dir + 1, 0)
        if self.highlight:
            bright = seen_cells(state, see_through=self.see_through).astype(jnp.int32)
        else:
            bright = jnp.zeros(self.shape, jnp.int32)
        cells = state.grid.astype(jnp.int32)
        _, colours, states, agents, levels = numbers.shape
        flat = (cells[..., 0] * colours + cells[..., 1]) * states + cells[..., 2]
        flat = (flat * agents + agent) * levels + bright
        return jnp.asarray(numbers.reshape(-1).astype(np.int32))[flat]
