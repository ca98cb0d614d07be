"""Programs on whole trajectories: each set is one jitted call that stores counts and no frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.envs.rollout import Fold, Step, play
from jaxcar.payment import credit
from jaxcar.program.faults import is_limit_fault

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram

NEVER = 2**31 - 1

Policy = Callable[[jax.Array, Any, Any], Any]


class Score(NamedTuple):
    """What a program said along one trajectory, its reset frame included.

    K counts completion bits, P entries, M the task's truths. Step 0 is the reset frame. The leaves
    are JAX arrays on the device and NumPy arrays on the host.

    Attributes:
        length: i32[], steps taken; the trajectory has one frame more.
        success: bool[], whether the task was done.
        first: i32[K], the step of the first completion, or `NEVER`.
        credited: bool[K], completed in order.
        at_start: bool[K], completed on the reset frame.
        said: i32[K], frames on which the bit was set.
        true: i32[M], frames on which the truth held.
        both: i32[K, M], frames on which both were so.
        python_faults: i32[P], frames on which CPython would have raised.
        limit_faults: i32[P], frames on which a limit was met.
        first_fault: i32[P], the first fault's code, or 0.
        fault_step: i32[P], its step, or `NEVER`.
        non_finite: i32[], frames on which the reward was not finite.
    """

    length: Any
    success: Any
    first: Any
    credited: Any
    at_start: Any
    said: Any
    true: Any
    both: Any
    python_faults: Any
    limit_faults: Any
    first_fault: Any
    fault_step: Any
    non_finite: Any


class Snapshots(NamedTuple):
    """Chosen frames of a trajectory and what the program said there.

    Attributes:
        frames: uint8[F, H, W, 3].
        completed: bool[F, K].
        fault: i32[F, P].
    """

    frames: Any
    completed: Any
    fault: Any


def expert_policy(task: Task) -> Policy:
    """Return the task's expert as `(key, obs, state) -> action`."""
    return lambda key, obs, state: task.expert(key, state, task.params)


def random_policy(task: Task) -> Policy:
    """Return uniform play over the task's action space as `(key, obs, state) -> action`."""
    return lambda key, obs, state: task.env.action_space(task.params).sample(key)


def bit_count(program: RewardProgram) -> int:
    """Return K; a program of numbers only has one bit, set while its number is above 0."""
    return program.num_completed or 1


def score_trajectories(
    task: Task, program: RewardProgram, policy: Policy, keys: jax.Array
) -> Score:
    """Play one fresh episode for each key and score the program on every frame of it.

    Args:
        task: the task.
        program: the program.
        policy: who plays.
        keys: typed keys, [E].

    Returns:
        The scores, every leaf with leading axis E.
    """
    fold = _score_fold(task, program)
    return _episodes(task, policy, lambda _: fold)(keys, jnp.zeros(keys.shape[0]))


def snapshot_trajectories(
    task: Task, program: RewardProgram, policy: Policy, keys: jax.Array, steps: jax.Array
) -> Snapshots:
    """Play the same episodes again, and keep some of their frames.

    Args:
        task: the task.
        program: the program.
        policy: who plays.
        keys: typed keys, [E], as `score_trajectories` was given.
        steps: i32[E, F], which steps to keep; 0 is the reset frame.

    Returns:
        The snapshots, every leaf with leading axis E; zeros for steps that an episode has not.
    """
    return _episodes(task, policy, lambda row: _snapshot_fold(task, program, row))(keys, steps)


def _episodes(
    task: Task, policy: Policy, fold_of: Callable[[jax.Array], Fold]
) -> Callable[[jax.Array, jax.Array], Any]:
    def episode(key: jax.Array, row: jax.Array) -> Any:
        _, *_, result = play(task.env, task.params, policy, fold_of(row), key, 1)
        return jax.tree.map(lambda leaf: leaf[0], result)

    return jax.jit(jax.vmap(episode))


class _Look(NamedTuple):
    memory: Any
    frame: jax.Array
    completed: jax.Array
    fault: jax.Array
    non_finite: jax.Array


def _look(task: Task, program: RewardProgram, memory: Any, frame: jax.Array) -> _Look:
    memory, out = program.step(memory, frame=frame)
    bits = out.completed if program.num_completed else (out.reward > 0)[None]
    return _Look(memory, frame, bits, out.fault, ~jnp.isfinite(out.reward))


def _first_look(task: Task, program: RewardProgram, state: Any) -> _Look:
    frame = task.render(state, task.params)
    return _look(task, program, program.init(initial_frame=frame), frame)


def _score_fold(task: Task, program: RewardProgram) -> Fold:
    def truths(state: Any) -> jax.Array:
        values = [subtask.truth(state, task.params) for subtask in task.subtasks]
        return jnp.array([False, *values], bool)[1:]

    def begin(obs: Any, state: Any) -> tuple[Any, Score]:
        look = _first_look(task, program, state)
        empty = _empty_score(look.completed, truths(state).shape[0], look.fault.shape[0])
        score = _add_frame(empty, look, truths(state), jnp.int32(0))
        return look.memory, score._replace(at_start=look.completed, credited=look.completed)

    def update(acc: tuple[Any, Score], step: Step) -> tuple[Any, Score]:
        memory, score = acc
        look = _look(task, program, memory, task.render(step.next_state, task.params))
        score = score._replace(
            length=score.length + 1, success=score.success | step.info["success"]
        )
        return look.memory, _add_frame(score, look, truths(step.next_state), score.length)

    return Fold(begin, update)


def _empty_score(bits: jax.Array, truths: int, entries: int) -> Score:
    K = bits.shape[0]
    none = jnp.zeros((), jnp.int32)
    return Score(
        length=none,
        success=jnp.zeros((), bool),
        first=jnp.full(K, NEVER, jnp.int32),
        credited=jnp.zeros(K, bool),
        at_start=jnp.zeros(K, bool),
        said=jnp.zeros(K, jnp.int32),
        true=jnp.zeros(truths, jnp.int32),
        both=jnp.zeros((K, truths), jnp.int32),
        python_faults=jnp.zeros(entries, jnp.int32),
        limit_faults=jnp.zeros(entries, jnp.int32),
        first_fault=jnp.zeros(entries, jnp.int32),
        fault_step=jnp.full(entries, NEVER, jnp.int32),
        non_finite=none,
    )


def _add_frame(score: Score, look: _Look, truths: jax.Array, time: jax.Array) -> Score:
    limit = is_limit_fault(look.fault) & (look.fault != 0)
    fresh_fault = (look.fault != 0) & (score.first_fault == 0)
    return score._replace(
        first=jnp.where(look.completed, jnp.minimum(score.first, time), score.first),
        credited=credit(score.credited, look.completed),
        said=score.said + look.completed,
        true=score.true + truths,
        both=score.both + (look.completed[:, None] & truths[None, :]),
        python_faults=score.python_faults + ((look.fault != 0) & ~limit),
        limit_faults=score.limit_faults + limit,
        first_fault=jnp.where(fresh_fault, look.fault, score.first_fault),
        fault_step=jnp.where(fresh_fault, time, score.fault_step),
        non_finite=score.non_finite + look.non_finite,
    )


def _snapshot_fold(task: Task, program: RewardProgram, steps: jax.Array) -> Fold:
    def keep(kept: Snapshots, look: _Look, time: jax.Array) -> Snapshots:
        now = steps == time
        values = (look.frame, look.completed, look.fault)
        return Snapshots(
            *(
                jnp.where(now.reshape(-1, *[1] * value.ndim), value[None], old)
                for old, value in zip(kept, values, strict=True)
            )
        )

    def begin(obs: Any, state: Any) -> tuple[Any, jax.Array, Snapshots]:
        look = _first_look(task, program, state)
        values = (look.frame, look.completed, look.fault)
        empty = Snapshots(*(jnp.zeros((steps.shape[0], *v.shape), v.dtype) for v in values))
        return look.memory, jnp.int32(0), keep(empty, look, jnp.int32(0))

    def update(acc: tuple[Any, jax.Array, Snapshots], step: Step) -> Any:
        memory, time, kept = acc
        look = _look(task, program, memory, task.render(step.next_state, task.params))
        return look.memory, time + 1, keep(kept, look, time + 1)

    return Fold(begin, update)
