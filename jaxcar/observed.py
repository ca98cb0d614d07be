"""What programs say of a task's frames, and whether they can look at them at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.program.compile import RewardProgram

FRAME_INPUTS = frozenset({"frame", "initial_frame", "previous_frame"})


class Observed(NamedTuple):
    """What the programs say of one frame.

    Attributes:
        number: f32[], the sum of their rewards, of those that are finite.
        completed: bool[K], their completion bits, in the order of the programs.
        components: their components, f32[] each.
        fault: i32[P], one code for each of their entries.
        non_finite: bool[], whether any of their rewards is not finite.
    """

    number: jax.Array
    completed: jax.Array
    components: dict[str, jax.Array]
    fault: jax.Array
    non_finite: jax.Array


def observe_frame(
    programs: Sequence[RewardProgram], memory: tuple[Any, ...], frame: jax.Array
) -> tuple[tuple[Any, ...], Observed]:
    """Show one frame to every program.

    Args:
        programs: the programs.
        memory: their memories.
        frame: uint8[H, W, 3].

    Returns:
        The memories after it, and what the programs say.
    """
    steps = [program.step(m, frame=frame) for program, m in zip(programs, memory, strict=True)]
    outs = [out for _, out in steps]
    numbers = [jnp.asarray(out.reward, jnp.float32) for out in outs]
    finite = [jnp.isfinite(number) for number in numbers]
    names = [name for out in outs for name in out.components]
    components = {
        name if names.count(name) == 1 else f"{place}.{name}": jnp.asarray(value, jnp.float32)
        for place, out in enumerate(outs)
        for name, value in out.components.items()
    }
    seen = Observed(
        number=sum(
            (jnp.where(ok, number, 0.0) for ok, number in zip(finite, numbers, strict=True)),
            jnp.float32(0.0),
        ),
        completed=jnp.concatenate([jnp.zeros(0, bool), *(out.completed for out in outs)]),
        components=components,
        fault=jnp.concatenate([jnp.zeros(0, jnp.int32), *(out.fault for out in outs)]),
        non_finite=~jnp.all(jnp.array([True, *finite])),
    )
    return tuple(m for m, _ in steps), seen


def check_program(task: Task, program: RewardProgram) -> None:
    """Refuse a program that cannot look at a task's frames.

    Args:
        task: the task.
        program: the program.

    Raises:
        JaxcarError: when it was compiled for another shape, or asks for what a frame does not tell.
    """
    needed = {*program.input_names, *program.initial_names}
    missing = sorted(needed - FRAME_INPUTS)
    if missing:
        raise JaxcarError(
            "the program asks for inputs that the task's frame does not give",
            where=task.id,
            got=", ".join(missing),
            expected=", ".join(sorted(FRAME_INPUTS)),
            fix="compile it with frame=task.frame_shape",
        )
    for name in sorted(FRAME_INPUTS & program.inputs.keys()):
        declared = program.inputs[name]
        if tuple(declared.shape) != tuple(task.frame_shape) or declared.dtype != jnp.uint8:
            raise JaxcarError(
                "the program was compiled for another frame",
                where=f"{task.id}, input {name}",
                got=f"{declared.dtype}{list(declared.shape)}",
                expected=f"uint8{list(task.frame_shape)}",
                fix="compile it with frame=task.frame_shape",
            )
