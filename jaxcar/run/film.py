"""A film of a trained policy: a few episodes as a GIF, and what the programs said along them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.envs.rollout import Fold, Step, play
from jaxcar.run import store
from jaxcar.run.scores import inner_state

if TYPE_CHECKING:
    from gymnax.environments.environment import Environment

    from jaxcar.envs.task import Task

EPISODES = 3
_LENGTH = 120
_SHOWN = 256
_MILLISECONDS = 90


class Filmed(NamedTuple):
    """Episodes as they were filmed; leading axis E, then N + 1 frames where said.

    Attributes:
        states: the task's states, [E, N + 1, ...]; what follows an episode's end is unset.
        completed: bool[E, N + 1, K], what the programs say of each frame; K is 0 without programs.
        length: i32[E], steps; the film holds the first N.
        success: bool[E].
    """

    states: Any
    completed: jax.Array
    length: jax.Array
    success: jax.Array


def film(
    env: Environment, task: Task, act: Callable[[jax.Array, Any, Any], Any], key: jax.Array
) -> Filmed:
    """Play a few fresh episodes and keep their states; pure.

    Args:
        env: the task's environment, or a rewarded one around it.
        task: the task.
        act: `(key, obs, state) -> action`, unbatched.
        key: a typed key.

    Returns:
        The episodes.
    """
    limit = int(getattr(task.params, "max_steps_in_episode", _LENGTH))
    frames = min(limit, _LENGTH) + 1
    bits = getattr(env, "num_subtasks", 0)

    def init(obs: Any, state: Any) -> Filmed:
        states = jax.tree.map(
            lambda leaf: jnp.broadcast_to(leaf, (frames, *jnp.shape(leaf))), inner_state(state)
        )
        start = getattr(state, "credited", jnp.zeros(bits, bool))
        completed = jnp.zeros((frames, bits), bool).at[0].set(start)
        return Filmed(states, completed, jnp.int32(0), jnp.bool_(False))

    def update(filmed: Filmed, step: Step) -> Filmed:
        at = filmed.length + 1
        now = inner_state(step.next_state)
        completed = step.info.get("completed", jnp.zeros(bits, bool))
        return Filmed(
            states=jax.tree.map(
                lambda kept, leaf: kept.at[at].set(leaf, mode="drop"), filmed.states, now
            ),
            completed=filmed.completed.at[at].set(completed, mode="drop"),
            length=at,
            success=filmed.success | step.info["success"],
        )

    return play(env, task.params, act, Fold(init, update), key, EPISODES)


def write_film(
    run: store.RunDirectory, filmed: Filmed, task: Task, names: list[str], arm: str, seed: int
) -> None:
    """Write the film's pictures and what was said along them into a run.

    Args:
        run: the run.
        filmed: the episodes.
        task: the task, which draws them.
        names: what to call the K completion bits.
        arm: whose policy it is.
        seed: which learner of the arm.

    Raises:
        RunError: they cannot be written.
    """
    render = jax.jit(jax.vmap(jax.vmap(lambda state: task.render(state, task.params))))
    pictures = np.asarray(render(filmed.states))
    host = jax.tree.map(np.asarray, filmed._replace(states=()))
    kept = [min(int(length), pictures.shape[1] - 1) + 1 for length in host.length]
    clips = [frames[:n] for frames, n in zip(pictures, kept, strict=True)]
    store.write(run.pictures / "policy.gif", _gif(clips))
    episodes = [
        {
            "success": bool(host.success[e]),
            "length": int(host.length[e]),
            "frames": kept[e],
            "completed": {
                name: _stretches(host.completed[e, : kept[e], k]) for k, name in enumerate(names)
            },
        }
        for e in range(EPISODES)
    ]
    store.write(run.film, json.dumps({"arm": arm, "seed": seed, "episodes": episodes}) + "\n")


def _gif(clips: list[np.ndarray]) -> bytes:
    """One GIF of several clips, enlarged without smoothing, resting on each last frame."""
    from PIL import Image

    images, durations = [], []
    for frames in clips:
        scale = max(1, _SHOWN // max(frames.shape[1:3]))
        large = frames.repeat(scale, axis=1).repeat(scale, axis=2)
        images += [Image.fromarray(frame).quantize(64, dither=Image.Dither.NONE) for frame in large]
        durations += [_MILLISECONDS] * (len(frames) - 1) + [10 * _MILLISECONDS]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )
    return buffer.getvalue()


def _stretches(bits: np.ndarray) -> list[list[int]]:
    """The runs of true bits as [first, behind the last]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bits.astype(np.int8), [0]])))
    return edges.reshape(-1, 2).tolist()
