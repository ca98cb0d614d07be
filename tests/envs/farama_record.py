"""Record what Farama minigrid does, as batches that the grid worlds can be compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import gymnasium
import jax
import minigrid
import numpy as np
from minigrid.core.constants import COLOR_NAMES
from minigrid.core.grid import Grid
from minigrid.core.mission import MissionSpace
from minigrid.core.world_object import Ball, Box, Door, Floor, Goal, Key, Lava, Wall, WorldObj
from minigrid.minigrid_env import MiniGridEnv

from jaxcar.envs.grid.farama import read_state
from jaxcar.envs.grid.state import GridState

gymnasium.register_envs(minigrid)


class Recording(NamedTuple):
    """N transitions of minigrid; the states before and after, and what it returned."""

    before: GridState
    action: np.ndarray
    after: GridState
    image: np.ndarray
    direction: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray


class Jumble(MiniGridEnv):
    """A walled world of random things: all kinds, colours and door states, boxes with contents."""

    def __init__(self, width: int = 9, height: int = 7, max_steps: int = 60, **options: Any):
        mission = MissionSpace(mission_func=lambda: "wander")
        super().__init__(
            mission_space=mission, width=width, height=height, max_steps=max_steps, **options
        )

    def _gen_grid(self, width: int, height: int) -> None:
        self.grid = Grid(width, height)
        self.grid.wall_rect(0, 0, width, height)
        for x in range(1, width - 1):
            for y in range(1, height - 1):
                if self._rand_int(0, 100) < 55:
                    self.put_obj(self._thing(), x, y)
        self.place_agent()
        self.mission = "wander"

    def _thing(self) -> WorldObj:
        color = self._rand_elem(COLOR_NAMES)
        makers: list[Callable[[], WorldObj]] = [
            lambda: Wall(color),
            lambda: Floor(color),
            lambda: Door(color),
            lambda: Door(color, is_open=True),
            lambda: Door(color, is_locked=True),
            lambda: Door(color, is_locked=True),
            lambda: Key(color),
            lambda: Key(color),
            lambda: Key(color),
            lambda: Ball(color),
            lambda: Box(color, self._contents()),
            lambda: Box(color, self._contents()),
            Goal,
            Lava,
        ]
        return makers[self._rand_int(0, len(makers))]()

    def _contents(self) -> WorldObj | None:
        color = self._rand_elem(COLOR_NAMES)
        held = (None, Key(color), Ball(color), Box(color), Door(color, is_locked=True), Goal())
        return held[self._rand_int(0, len(held))]


def stack(trees: list[Any]) -> Any:
    """Stack trees of arrays along a new first axis."""
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def record(env: Any, steps: int, seed: int, weights: tuple[float, ...]) -> Recording:
    """Let minigrid take random steps, from a new episode after each end."""
    env = env.unwrapped
    rng = np.random.default_rng(seed)
    rows = []
    env.reset(seed=seed)
    before = read_state(env)
    for action in rng.choice(7, size=steps, p=np.array(weights) / sum(weights)):
        obs, reward, terminated, truncated, _ = env.step(action)
        after = read_state(env)
        rows.append(
            Recording(
                before,
                np.int32(action),
                after,
                obs["image"],
                np.int32(obs["direction"]),
                np.float32(reward),
                np.bool_(terminated),
                np.bool_(truncated),
            )
        )
        before = after
        if terminated or truncated:
            env.reset()
            before = read_state(env)
    return stack(rows)
