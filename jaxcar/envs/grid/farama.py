"""States of Farama minigrid's environments, so that the two can be compared."""

from __future__ import annotations

from typing import Any

import jax
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
    return jax.tree.map(jnp.asarray, read_state(inner))


def read_state(env: Any) -> GridState:
    """Read the state of a Farama minigrid environment into NumPy arrays.

    Args:
        env: an unwrapped `minigrid` environment that has been reset.

    Returns:
        The state, its arrays NumPy's.

    Raises:
        JaxcarError: a box in it holds a box that is not empty.
    """
    grid, carried = env.grid, env.carrying
    shape = grid.height, grid.width
    contents = [_contents_code(thing) for thing in grid.grid]
    fields: dict[str, Any] = dict(  # NumPy's arrays stand in for JAX's
        time=np.int32(env.step_count),
        grid=np.ascontiguousarray(grid.encode().transpose(1, 0, 2)),
        contents=np.array(contents, np.uint8).reshape(shape),
        agent_pos=np.array(env.agent_pos, np.int32),
        agent_dir=np.int32(env.agent_dir),
        carrying=np.array(EMPTY if carried is None else carried.encode(), np.uint8),
        carried_contents=np.uint8(_contents_code(carried)),
    )
    return GridState(**fields)


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
