"""Grid worlds on one core: steps with their view and their picture, beside Farama minigrid.

    python benchmarks/envs.py [--repeats 5] [--out benchmarks/results/envs.json]

1024 environments take random actions. Every step makes the whole observation (and picture) of
every environment: they are carried through the loop, so that the compiler can leave none out.
"""

from __future__ import annotations

from measure import arguments, compiled, report, seconds, use_one_core

use_one_core()

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxcar.envs
from jaxcar.envs.task import Task

TASK = "MiniGrid-DoorKey-8x8-v0"
BATCH, STEPS, HOST_STEPS = 1024, 100, 1000


def rollout(task: Task, *, picture: bool) -> Callable[..., Any]:
    """Take random steps and carry what the last one shows."""

    def step(key, states):
        actions = (jax.random.bits(key, (BATCH,), jnp.uint8) % 7).astype(jnp.int32)
        obs, states, reward, _, _ = jax.vmap(task.env.step_env, (None, 0, 0, None))(
            key, states, actions, task.params
        )
        frames = jax.vmap(task.render, (0, None))(states, task.params) if picture else ()
        return states, (obs, frames), reward

    def run(key, states):
        def body(carry, key):
            states, _, total = carry
            states, shown, reward = step(key, states)
            return (states, shown, total + reward), None

        shapes = jax.eval_shape(step, key, states)[1]
        shown = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
        keys = jax.random.split(key, STEPS)
        return jax.lax.scan(body, (states, shown, jnp.zeros(BATCH)), keys)[0]

    return run


def row(what: str, steps: int, compile_s: float, times: dict[str, float]) -> dict[str, Any]:
    return {
        "what": what,
        "steps per CPU-s": steps / times["cpu_s"],
        "compile s": compile_s,
        "run s": times["wall_s"],
        "steps": steps,
    }


def jaxcar_row(what: str, task: Task, repeats: int, *, picture: bool = False) -> dict[str, Any]:
    key_reset, key_run = jax.random.split(jax.random.key(0))
    reset = jax.jit(jax.vmap(task.env.reset_env, (0, None)))
    _, states = reset(jax.random.split(key_reset, BATCH), task.params)
    run, compile_s = compiled(rollout(task, picture=picture), key_run, states)
    times = seconds(lambda: jax.block_until_ready(run(key_run, states)), repeats)
    return row(what, BATCH * STEPS, compile_s, times)


def minigrid_rows(repeats: int) -> list[dict[str, Any]]:
    """Step Farama minigrid with its own view, and with its 64x64 frame; none if not installed."""
    try:
        import gymnasium
        import minigrid
    except ImportError:
        return []
    gymnasium.register_envs(minigrid)
    env = gymnasium.make(TASK, tile_size=8).unwrapped
    actions = np.random.default_rng(0).integers(7, size=HOST_STEPS)

    def play(picture: bool) -> None:
        env.reset(seed=0)
        for action in actions:
            *_, terminated, truncated, _ = env.step(action)
            if picture:
                env.get_frame(tile_size=8)
            if terminated or truncated:
                env.reset()

    return [
        row(f"minigrid {minigrid.__version__}: {what}", HOST_STEPS, 0.0, seconds(run, repeats))
        for what, run in (
            ("step + view", lambda: play(False)),
            ("step + view + 64x64 frame", lambda: play(True)),
        )
    ]


def main() -> None:
    options = arguments(__doc__)
    task = jaxcar.envs.make(TASK)
    onehot = jaxcar.envs.make(TASK, observation="onehot")
    large = jaxcar.envs.make("MiniGrid-DoorKey-16x16-v0")
    rows = [
        jaxcar_row("step + view", task, options.repeats),
        jaxcar_row("step + view, one-hot", onehot, options.repeats),
        jaxcar_row("step + view, DoorKey-16x16", large, options.repeats),
        jaxcar_row("step + view + 64x64 picture", task, options.repeats, picture=True),
        *minigrid_rows(options.repeats),
    ]
    report(f"envs, {TASK}, batch {BATCH}, one core", rows, options)


if __name__ == "__main__":
    main()
