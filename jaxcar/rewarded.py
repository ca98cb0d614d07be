"""A task whose reward is a program: programs look at every frame, and pay.

The programs see the whole picture even where the policy sees only part of it: that is privileged
information at training time. Evaluation is on `info["success"]`, never on what the programs pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from flax import struct
from gymnax.environments import spaces
from gymnax.environments.environment import Environment

from jaxcar.errors import JaxcarError
from jaxcar.observed import Observed, check_program, observe_frame
from jaxcar.payment import (
    Before,
    RewardMode,
    Terms,
    checked_weights,
    credit,
    make_payment,
    potential,
)

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram


@struct.dataclass
class RewardedState:
    """The task's state and what the programs remember of the episode.

    Attributes:
        task_state: the inner environment's state.
        memory: each program's memory, in the order of the programs.
        credited: bool[K], sub-tasks that were paid, or were true at the start and never will be.
        phi: f32[], the potential of this state; 0 unless the reward is `potential`.
        time: i32[], the inner environment's time.
    """

    task_state: Any
    memory: tuple[Any, ...]
    credited: jax.Array
    phi: jax.Array
    time: jax.Array


class RewardedEnv(Environment):
    r"""Add what reward programs pay to a task's own reward; itself a gymnax environment.

    `step_env` steps the task, renders the next state before any reset, once for all programs, and
    steps each program: programs see the terminal frame. `reset_env` runs a program's `init` and
    then one `step` on the reset frame, whose reward is discarded; what it says is completed there
    is credited without being paid. Memory begins anew with every episode.

    `first_completion` pays w_k once, at the first completion of sub-task k in the episode; in
    order, sub-task k is credited only with or after all before it. `raw` pays the programs' number
    at every step. `potential` pays `discount * phi(s', m') - phi(s, m)`, where phi is the weighted
    share of credited sub-tasks or, for programs without completion bits, their number; phi is 0 at
    termination, kept at truncation, and held where a program faults or is not finite. A faulted
    entry pays 0, and so does a number that is not finite. Only `potential` leaves the optimal
    policy as it is.

    Args:
        task: the task; its environment's own reward is always added.
        programs: `RewardProgram`s over the task's frame. K is the number of their completion bits,
            P that of their entries.
        reward: how to pay.
        weights: w, one for all sub-tasks or one for each; 0 for an arm that is paid nothing.
        discount: the learner's discount, for `potential`.
        in_order: whether sub-tasks are credited in order only.
        observe_progress: whether to append `credited` to a flat observation as K numbers. Use it
            in all arms of a comparison or in none.

    Attributes:
        task: as given.
        programs: as given, a tuple.
        num_subtasks: K.

    Raises:
        JaxcarError: for programs that do not fit the task or the way of paying.

    Example:
        >>> import jaxcar
        >>> task = jaxcar.make("MiniGrid-DoorKey-5x5-v0")
        >>> source = "def no_red(frame):\n    return bool(frame[:, :, 0].max() < 9)\n"
        >>> program = jaxcar.compile_reward(source, frame=task.frame_shape)
        >>> env = RewardedEnv(task, [program], weights=0.25)
        >>> key_reset, key_step = jax.random.split(jax.random.key(0))
        >>> obs, state = env.reset(key_reset)
        >>> *_, info = env.step(key_step, state, 2)
        >>> float(info["program_reward"])
        0.0
    """

    def __init__(
        self,
        task: Task,
        programs: RewardProgram | Sequence[RewardProgram],
        *,
        reward: RewardMode = "first_completion",
        weights: float | Sequence[float] = 0.25,
        discount: float = 0.99,
        in_order: bool = True,
        observe_progress: bool = False,
    ) -> None:
        super().__init__()
        self.task = task
        self.programs = tuple(programs) if isinstance(programs, Sequence) else (programs,)
        for program in self.programs:
            check_program(task, program)
        self.num_subtasks = sum(program.num_completed for program in self.programs)
        self.reward = reward
        self.in_order = in_order
        self.observe_progress = observe_progress
        self.terms = Terms(checked_weights(weights, self.num_subtasks), float(discount))
        numbers = sum(
            "reward" in entry.returns for program in self.programs for entry in program.entries
        )
        self._pay = make_payment(reward, self.num_subtasks, numbers, self.terms)
        if observe_progress:
            self._check_observation()

    @property
    def name(self) -> str:
        """The task's id and how it pays."""
        return f"{self.task.id} ({self.reward})"

    @property
    def default_params(self) -> Any:
        """The task's parameters."""
        return self.task.params

    @property
    def num_actions(self) -> int:
        """The task's number of actions."""
        return self.task.env.num_actions

    def action_space(self, params: Any = None) -> Any:
        """Return the task's action space."""
        return self.task.env.action_space(self._params(params))

    def state_space(self, params: Any = None) -> Any:
        """Return the space of the task's own state, which is part of this one's."""
        return self.task.env.state_space(self._params(params))

    def observation_space(self, params: Any = None) -> Any:
        """Return the task's observation space, with K more numbers under `observe_progress`."""
        space = self.task.env.observation_space(self._params(params))
        if not self.observe_progress:
            return space
        (size,) = space.shape
        low = jnp.concatenate([jnp.broadcast_to(space.low, (size,)), jnp.zeros(self.num_subtasks)])
        high = jnp.concatenate([jnp.broadcast_to(space.high, (size,)), jnp.ones(self.num_subtasks)])
        return spaces.Box(low, high, (size + self.num_subtasks,), space.dtype)

    def reset_env(self, key: jax.Array, params: Any) -> tuple[Any, RewardedState]:
        """Reset the task, and show every program the first frame.

        Args:
            key: a typed key.
            params: the task's parameters.

        Returns:
            The observation and the state.
        """
        obs, task_state = self.task.env.reset_env(key, params)
        frame = self.task.render(task_state, params)
        memory = tuple(program.init(initial_frame=frame) for program in self.programs)
        memory, seen = observe_frame(self.programs, memory, frame)
        state = RewardedState(
            task_state=task_state,
            memory=memory,
            credited=seen.completed,
            phi=self._initial_phi(seen),
            time=jnp.asarray(task_state.time, jnp.int32),
        )
        return self._with_progress(obs, state), state

    def step_env(
        self, key: jax.Array, state: RewardedState, action: Any, params: Any
    ) -> tuple[Any, RewardedState, jax.Array, jax.Array, dict[Any, Any]]:
        """Step the task, show every program the next frame, and pay.

        Args:
            key: a typed key.
            state: from `reset_env` or `step_env`.
            action: the task's action.
            params: the task's parameters.

        Returns:
            The observation, the state, the task's reward plus the programs', whether the episode
            terminated, and the task's `info` with `task_reward` and `program_reward` f32[],
            `components`, `completed` bool[K] (what the programs say of this frame), `credited`
            bool[K], `fault` i32[P] and `non_finite` bool[].
        """
        env = self.task.env
        obs, task_state, reward, terminated, info = env.step_env(
            key, state.task_state, action, params
        )
        frame = self.task.render(task_state, params)
        memory, seen = observe_frame(self.programs, state.memory, frame)
        credited = credit(state.credited, seen.completed, self.in_order)
        task_reward = jnp.asarray(reward, jnp.float32)
        program_reward, phi = self._pay(
            Before(state.credited, state.phi), seen, credited, terminated
        )
        after = RewardedState(
            task_state=task_state,
            memory=memory,
            credited=credited,
            phi=phi,
            time=jnp.asarray(task_state.time, jnp.int32),
        )
        paid = {
            "task_reward": task_reward,
            "program_reward": program_reward,
            "components": seen.components,
            "completed": seen.completed,
            "credited": credited,
            "fault": seen.fault,
            "non_finite": seen.non_finite,
        }
        obs = self._with_progress(obs, after)
        return obs, after, task_reward + program_reward, terminated, {**info, **paid}

    def observe(self, key: jax.Array, state: RewardedState, action: Any, params: Any) -> Any:
        """Return the task's observation of a state, with the progress where that is asked for."""
        obs = self.task.env.observe(key, state.task_state, action, params)
        return self._with_progress(obs, state)

    def is_truncated(self, state: RewardedState, params: Any) -> jax.Array:
        """Say whether the task's time is up: bool[]."""
        return self.task.env.is_truncated(state.task_state, params)

    def is_terminated(self, state: RewardedState, params: Any) -> jax.Array:
        """Say whether the task's own terms end the episode in this state: bool[]."""
        return self.task.env.is_terminated(state.task_state, params)

    def _params(self, params: Any) -> Any:
        return self.default_params if params is None else params

    def _initial_phi(self, seen: Observed) -> jax.Array:
        if self.reward != "potential":
            return jnp.float32(0.0)
        return potential(self.terms.weights, seen, seen.completed)

    def _with_progress(self, obs: Any, state: RewardedState) -> Any:
        if not self.observe_progress:
            return obs
        return jnp.concatenate([obs, state.credited.astype(obs.dtype)])

    def _check_observation(self) -> None:
        space = self.task.env.observation_space(self.task.params)
        shape = getattr(space, "shape", None)
        if not isinstance(space, spaces.Box) or shape is None or len(shape) != 1:
            raise JaxcarError(
                "observe_progress needs a flat observation to append to",
                where=self.task.id,
                got=f"{type(space).__name__}, shape {shape}",
                expected="Box of shape (n,)",
            )
        if self.num_subtasks == 0:
            raise JaxcarError(
                "observe_progress has nothing to show: no program says what is completed",
                fix="use programs that return a bool",
            )
