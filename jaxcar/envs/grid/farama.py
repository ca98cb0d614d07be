"""States of Farama minigrid's environments, so that the two can be compared."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.envs.grid.cells import EMPTY, Object, code_of
from jaxcar.envs.grid.state import GridState
from jaxcar.errors import JaxcarError


def from_minigrid(env: Any) -> GridState:
    """Take the present state of a Farama minigrid environment.

    Args:
        env: a `minigrid` environment that has been reset, wrapped or not.

    Returns:
        The same state here; `mission` is left out.

    Raises:
        JaxcarError: it is no minigrid environment, it has not been reset, or a box in it holds a
            box that is not empty.

    Example:
        >>> import gymnasium, minigrid
        >>> env = gymnasium.make("MiniGrid-DoorKey-6x6-v0")
        >>> _ = env.reset(seed=0)
        >>> from_minigrid(env).grid.shape
        (6, 6, 3)
    """
    inner = getattr(env, "unwrapped", env)
    if not hasattr(inner, "grid") or not hasattr(inner, "agent_pos"):
        raise JaxcarError(
            "not a minigrid environment",
            where="from_minigrid",
            got=type(inner).__name__,
            expected="an environment of Farama minigrid",
        )
    if inner.agent_pos is None:
        raise JaxcarError(
            "this minigrid environment has no state yet", where="from_minigrid", fix="reset it"
        )
    grid = inner.grid
    things = [[grid.get(x, y) for x in range(grid.width)] for y in range(grid.height)]
    contents = [[_contents_code(thing) for thing in row] for row in things]
    carried = inner.carrying
    return GridState(
        time=jnp.asarray(inner.step_count, jnp.int32),
        grid=jnp.asarray(grid.encode().transpose(1, 0, 2), jnp.uint8),
        contents=jnp.asarray(contents, jnp.uint8),
        agent_pos=jnp.asarray(np.array(inner.agent_pos), jnp.int32),
        agent_dir=jnp.asarray(int(inner.agent_dir), jnp.int32),
        carrying=jnp.asarray(EMPTY if carried is None else carried.encode(), jnp.uint8),
        carried_contents=jnp.asarray(_contents_code(carried), jnp.uint8),
    )


def _contents_code(thing: Any) -> int:
    """Give the cell code of what a box holds; 0 for no box, or an empty one."""
    held = getattr(thing, "contains", None)
    if held is None:
        return 0
    if held.encode()[0] == Object.BOX and held.contains is not None:
        raise JaxcarError(
            "a box in a box that holds something cannot be represented",
            where="from_minigrid",
            expected="boxes that hold a thing, or an empty box",
        )
    return code_of(*held.encode())
