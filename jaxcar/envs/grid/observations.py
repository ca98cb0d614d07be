"""How a grid world is shown to a policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from gymnax.environments import spaces

from jaxcar.envs.grid.cells import NUM_COLOURS, NUM_OBJECTS, NUM_STATES, Object
from jaxcar.envs.grid.dynamics import cells_at
from jaxcar.envs.grid.state import GridState
from jaxcar.envs.grid.view import VIEW_SIZE, partial_view
from jaxcar.errors import JaxcarError

NUM_DIRECTIONS = 4


class Observation(NamedTuple):
    """Pair an observation with its space.

    Args:
        observe: `(state, see_through) -> observation`.
        space: `(H, W) ->` the gymnax space of the observations of grids of this shape.
    """

    observe: Callable[[GridState, bool], Any]
    space: Callable[[tuple[int, int]], Any]


def observation_kinds() -> tuple[str, ...]:
    """List the values that the option `observation` may have.

    Returns:
        The names.
    """
    return tuple(_kinds())


def observation(kind: str) -> Observation:
    """Find an observation by its name.

    Args:
        kind: one of
            `"symbolic"`: `f32[147]`, the partial view [x][y][channel] flattened, each channel
            divided by its largest value (object / 10, colour / 5, state / 2), so that all lie
            in [0, 1]. The view turns with the agent, hence no direction is added.
            `"onehot"`: `f32[980]`, the partial view with each cell as one-hot object (11),
            colour (6) and state (3).
            `"minigrid"`: minigrid's own, `{"image": uint8[7, 7, 3], "direction": i32[]}`.
            `"full"`: `f32[W * H * 3 + 2]`, the whole grid [x][y][channel] with the agent as
            minigrid's fully observed wrapper writes it, (10, 0, direction), divided by
            (10, 5, 3); then the carried object / 10 and colour / 5.

    Returns:
        The observation and its space.

    Raises:
        JaxcarError: there is no such kind.

    Example:
        >>> observation("symbolic").space((8, 8)).shape
        (147,)
    """
    kinds = _kinds()
    if kind not in kinds:
        raise JaxcarError(
            "unknown kind of observation",
            where="observation",
            got=repr(kind),
            expected=", ".join(repr(name) for name in kinds),
        )
    return kinds[kind]


def _kinds() -> dict[str, Observation]:
    return {
        "symbolic": Observation(_symbolic, lambda shape: _unit_box(VIEW_SIZE**2 * 3)),
        "onehot": Observation(
            _onehot,
            lambda shape: _unit_box(VIEW_SIZE**2 * (NUM_OBJECTS + NUM_COLOURS + NUM_STATES)),
        ),
        "minigrid": Observation(_minigrid, _minigrid_space),
        "full": Observation(_full, lambda shape: _unit_box(shape[0] * shape[1] * 3 + 2)),
    }


def _unit_box(size: int) -> spaces.Box:
    return spaces.Box(0.0, 1.0, (size,), jnp.float32)


def _scaled(cells: jax.Array, largest_state: int) -> jax.Array:
    largest = (NUM_OBJECTS - 1, NUM_COLOURS - 1, largest_state)
    factors = jnp.array([1.0 / number for number in largest], jnp.float32)
    return (cells.astype(jnp.float32) * factors).reshape(-1)


def _symbolic(state: GridState, see_through: bool) -> jax.Array:
    return _scaled(partial_view(state, see_through=see_through), NUM_STATES - 1)


def _onehot(state: GridState, see_through: bool) -> jax.Array:
    image = partial_view(state, see_through=see_through)
    sizes = (NUM_OBJECTS, NUM_COLOURS, NUM_STATES)
    hot = [image[..., [i]] == jnp.arange(size, dtype=jnp.uint8) for i, size in enumerate(sizes)]
    return jnp.concatenate(hot, axis=-1).astype(jnp.float32).reshape(-1)


def _minigrid(state: GridState, see_through: bool) -> dict[str, jax.Array]:
    image = partial_view(state, see_through=see_through)
    return {"image": image, "direction": state.agent_dir}


def _minigrid_space(shape: tuple[int, int]) -> spaces.Dict:
    image = spaces.Box(0, 255, (VIEW_SIZE, VIEW_SIZE, 3), jnp.uint8)
    return spaces.Dict({"image": image, "direction": spaces.Discrete(NUM_DIRECTIONS)})


def _full(state: GridState, see_through: bool) -> jax.Array:
    agent = jnp.stack([jnp.int32(Object.AGENT), jnp.int32(0), state.agent_dir])
    height, width = state.grid.shape[:2]
    here = cells_at((height, width), state.agent_pos)
    cells = jnp.where(here[..., None], agent.astype(jnp.uint8), state.grid)
    cells = _scaled(cells.transpose(1, 0, 2), NUM_DIRECTIONS - 1)
    return jnp.concatenate([cells, _scaled(state.carrying, NUM_STATES - 1)[:2]])
