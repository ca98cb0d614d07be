"""A corridor of a few cells, its picture and programs by hand: isolates what is paid and measured.

The programs stand for compiled ones: everything they return is set by the test, faults included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import struct
from gymnax.environments import spaces
from gymnax.environments.environment import Environment

from jaxcar.envs.task import SubTask, Task

FRAME = (2, 3, 3)


@struct.dataclass
class CorridorState:
    cell: jax.Array
    time: jax.Array


@struct.dataclass
class CorridorParams:
    max_steps_in_episode: int = 6
    length: int = 4


class Corridor(Environment):
    """Action 1 goes right, 0 left; the last cell ends the episode and pays 1."""

    @property
    def default_params(self):
        return CorridorParams()

    @property
    def num_actions(self):
        return 2

    def action_space(self, params=None):
        return spaces.Discrete(2)

    def observation_space(self, params=None):
        return spaces.Box(0.0, 10.0, (2,), jnp.float32)

    def observe(self, key, state, action, params):
        return jnp.stack([state.cell, state.time]).astype(jnp.float32)

    def reset_env(self, key, params):
        state = CorridorState(jnp.int32(0), jnp.int32(0))
        return self.observe(key, state, None, params), state

    def step_env(self, key, state, action, params):
        cell = jnp.clip(state.cell + jnp.where(action == 1, 1, -1), 0, params.length)
        state = CorridorState(cell.astype(jnp.int32), state.time + 1)
        success = cell == params.length
        obs = self.observe(key, state, action, params)
        return obs, state, success.astype(jnp.float32), success, {"success": success}


def render(state, params):
    """Show the cell in red at every pixel, and nothing else."""
    return jnp.zeros(FRAME, jnp.uint8).at[..., 0].set(state.cell.astype(jnp.uint8))


def corridor_task(expert: Callable[..., Any] | None = None, **params: int) -> Task:
    return Task(
        id="Corridor",
        env=Corridor(),
        params=CorridorParams(**params),
        render=render,
        frame_shape=FRAME,
        text="Walk to the end of the corridor.",
        subtasks=(
            SubTask("halfway", "Two cells done.", lambda state, params: state.cell >= 2),
            SubTask("at_end", "At the end.", lambda state, params: state.cell == params.length),
        ),
        expert=expert or (lambda key, state, params: jnp.int32(1)),
    )


class Out(NamedTuple):
    reward: jax.Array
    completed: jax.Array
    components: dict[str, jax.Array]
    fault: jax.Array


class Entry(NamedTuple):
    name: str
    source_name: str = "<program>"
    returns: str = "completed"


@dataclass(frozen=True)
class HandProgram:
    """`look(calls, first red, red) -> (reward, completed list, fault list)`.

    Its memory counts the calls of the episode and keeps the first frame's red.
    """

    look: Callable[[Any, Any, Any], tuple[Any, list[Any], list[Any]]]
    names: tuple[str, ...] = ()
    num_entries: int = 1
    shape: tuple[int, ...] = FRAME
    input_names: tuple[str, ...] = ("frame",)
    initial_names: tuple[str, ...] = ()
    component_names: tuple[str, ...] = ("red",)
    sources: tuple[Any, ...] = field(default=())

    @property
    def num_completed(self) -> int:
        return len(self.names)

    @property
    def entries(self) -> tuple[Entry, ...]:
        numbers = (Entry("pay", returns="reward"),)
        return tuple(Entry(name) for name in self.names) or numbers

    @property
    def inputs(self) -> dict[str, jax.ShapeDtypeStruct]:
        return {name: jax.ShapeDtypeStruct(self.shape, jnp.uint8) for name in self.input_names}

    def init(self, *, initial_frame, **_):
        return {"calls": jnp.int32(0), "first": initial_frame[0, 0, 0].astype(jnp.int32)}

    def step(self, memory, *, frame, **_):
        red = frame[0, 0, 0].astype(jnp.int32)
        reward, completed, fault = self.look(memory["calls"], memory["first"], red)
        out = Out(
            jnp.asarray(reward, jnp.float32),
            jnp.array([jnp.asarray(bit, bool) for bit in completed], bool).reshape(-1),
            {"red": red.astype(jnp.float32)},
            jnp.array([jnp.asarray(code, jnp.int32) for code in fault], jnp.int32),
        )
        return {**memory, "calls": memory["calls"] + 1}, out


def two_bits(*thresholds: int) -> HandProgram:
    """A program whose bit k says that the cell is at least the k-th threshold."""
    names = tuple(f"at_{threshold}" for threshold in thresholds)
    return HandProgram(
        lambda calls, first, red: (0.0, [red >= t for t in thresholds], [0] * len(names)), names
    )
