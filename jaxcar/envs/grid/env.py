"""The grid world as a gymnax environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import jax.numpy as jnp
from gymnax.environments import spaces
from gymnax.environments.environment import Environment

from jaxcar.envs.grid.cells import Action, Object
from jaxcar.envs.grid.dynamics import Event, act
from jaxcar.envs.grid.observations import observation
from jaxcar.envs.grid.state import GridParams, GridState


class Layout(Protocol):
    """Make the first state of an episode from a key; hashable, and equal where it does the same."""

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""

    def __call__(self, key: jax.Array) -> GridState:
        """Draw a first state."""


# (before, event, after) -> (success, failure), both bool[]; either ends the episode.
Rule = Callable[[GridState, Event, GridState], tuple[jax.Array, jax.Array]]


def reach_goal(before: GridState, event: Event, after: GridState) -> tuple[jax.Array, jax.Array]:
    """Succeed on stepping onto a goal, fail on stepping into lava.

    Args:
        before: the state before the step.
        event: what the step acted on.
        after: the state after it.

    Returns:
        (success, failure), both `bool[]`.
    """
    del before, after
    steps = event.action == Action.FORWARD
    return steps & (event.front[0] == Object.GOAL), steps & (event.front[0] == Object.LAVA)


@dataclass(frozen=True)
class GridEnv(Environment[GridState, GridParams]):
    """Step a grid world as Farama minigrid does; the reward is 1 - 0.9 * time / limit on success.

    Environments of equal arguments are equal, so that jitted functions are shared between them.

    Args:
        task_id: its name.
        layout: draws first states.
        max_steps: the default time limit.
        rule: says when an episode succeeds or fails.
        see_through: walls and doors hide nothing from the agent.
        kind: the observation, see `jaxcar.envs.grid.observations.observation`.

    Example:
        >>> from jaxcar.envs.grid.layouts import Empty
        >>> env = GridEnv("Empty", Empty(5), 100)
        >>> obs, state = env.reset(jax.random.key(0))
        >>> obs.shape
        (147,)
    """

    task_id: str
    layout: Layout
    max_steps: int
    rule: Rule = reach_goal
    see_through: bool = False
    kind: str = "symbolic"

    @property
    def name(self) -> str:
        """The task's id."""
        return self.task_id

    @property
    def default_params(self) -> GridParams:
        """The parameters of this task."""
        return GridParams(max_steps_in_episode=self.max_steps)

    @property
    def num_actions(self) -> int:
        """How many actions there are."""
        return len(Action)

    def reset_env(self, key: jax.Array, params: GridParams) -> tuple[Any, GridState]:
        """Draw a first state.

        Args:
            key: a key.
            params: the parameters.

        Returns:
            The observation and the state.
        """
        key_layout, key_observe = jax.random.split(key)
        state = self.layout(key_layout)
        return self.observe(key_observe, state, None, params), state

    def step_env(
        self,
        key: jax.Array,
        state: GridState,
        action: int | float | jax.Array,
        params: GridParams,
    ) -> tuple[Any, GridState, jax.Array, jax.Array, dict[Any, Any]]:
        """Take one step, without auto-reset.

        Args:
            key: a key; the dynamics are deterministic.
            state: state_t.
            action: action_t, an `Action`.
            params: the parameters.

        Returns:
            (observation_t+1, state_t+1, reward `f32[]`, terminated `bool[]`, info); info has
            `success`, `bool[]`.
        """
        after, event = act(state, jnp.asarray(action))
        success, failure = self.rule(state, event, after)
        limit = jnp.asarray(params.max_steps_in_episode, jnp.float32)
        reward = jnp.where(success, 1.0 - 0.9 * (after.time.astype(jnp.float32) / limit), 0.0)
        obs = self.observe(key, after, action, params)
        return obs, after, reward, success | failure, {"success": success}

    def observe(
        self,
        key: jax.Array,
        state: GridState,
        action: int | float | jax.Array | None,
        params: GridParams,
    ) -> Any:
        """Show a state to the policy.

        Args:
            key: unused: what is seen is certain.
            state: the state.
            action: unused.
            params: unused.

        Returns:
            The observation.
        """
        del key, action, params
        return observation(self.kind).observe(state, self.see_through)

    def action_space(self, params: GridParams) -> spaces.Discrete:
        """Give the space of actions.

        Args:
            params: unused.

        Returns:
            The space.
        """
        return spaces.Discrete(len(Action))

    def observation_space(self, params: GridParams) -> Any:
        """Give the space of observations.

        Args:
            params: unused.

        Returns:
            The space.
        """
        return observation(self.kind).space(self.layout.shape)
