"""Fused training on DoorKey-8x8: what image programs cost inside the training loop.

    python benchmarks/train_doorkey.py [--repeats 5] [--out benchmarks/results/train_doorkey.json]

The same PPO (64 environments, 147 inputs, two layers of 64) four times: with the recorded image
programs, without any, with a hand-written jnp reward on the state, and with the same programs run
by CPython and NumPy on frames that are brought to the host. Steps per CPU-second on one core.
"""

from __future__ import annotations

from measure import arguments, compiled, report, seconds, use_one_core

use_one_core()

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from gymnax.environments.environment import Environment

import jaxcar
from jaxcar.rl import PPOConfig, make_learner
from jaxcar.synthesize import synthesize
from jaxcar.vlm import Recording, ReplayClient

TASK = "MiniGrid-DoorKey-8x8-v0"
UPDATES = 4


@struct.dataclass
class HandState:
    """The task's state, and which sub-tasks were paid."""

    task_state: Any
    paid: jax.Array
    time: jax.Array


class HandRewarded(Environment):
    """The task with 0.25 for the first completion of each sub-task, read off the state."""

    def __init__(self, task: jaxcar.Task) -> None:
        super().__init__()
        self.task = task

    @property
    def default_params(self) -> Any:
        return self.task.params

    @property
    def num_actions(self) -> int:
        return self.task.env.num_actions

    def action_space(self, params: Any = None) -> Any:
        return self.task.env.action_space(params or self.default_params)

    def observation_space(self, params: Any = None) -> Any:
        return self.task.env.observation_space(params or self.default_params)

    def reset_env(self, key: jax.Array, params: Any) -> tuple[Any, HandState]:
        obs, state = self.task.env.reset_env(key, params)
        return obs, HandState(state, self._truths(state, params), state.time)

    def step_env(
        self, key: jax.Array, state: HandState, action: Any, params: Any
    ) -> tuple[Any, HandState, jax.Array, jax.Array, dict[str, Any]]:
        obs, after, reward, terminated, info = self.task.env.step_env(
            key, state.task_state, action, params
        )
        paid = state.paid | self._truths(after, params)
        bonus = 0.25 * jnp.sum(paid & ~state.paid)
        info = {**info, "task_reward": jnp.asarray(reward, jnp.float32), "program_reward": bonus}
        return obs, HandState(after, paid, after.time), reward + bonus, terminated, info

    def is_truncated(self, state: HandState, params: Any) -> jax.Array:
        return self.task.env.is_truncated(state.task_state, params)

    def _truths(self, state: Any, params: Any) -> jax.Array:
        return jnp.stack([subtask.truth(state, params) for subtask in self.task.subtasks])


def fused(name: str, env: Environment, params: Any, config: PPOConfig, repeats: int) -> dict:
    """Time `UPDATES` updates of the learner in one jitted call."""
    learner = make_learner(env, config)

    def train(state: Any) -> Any:
        def update(state: Any, _: None) -> Any:
            return learner.update(state, params)

        return jax.lax.scan(update, state, None, UPDATES)[0]

    state = jax.jit(learner.init)(jax.random.key(0), params)
    executable, compile_s = compiled(train, state)
    timed = seconds(lambda: jax.block_until_ready(executable(state)), repeats)
    steps = UPDATES * config.steps_per_update
    return row(name, steps, timed, compile_s)


def row(name: str, steps: int, timed: dict[str, float], compile_s: float) -> dict:
    return {
        "reward": name,
        "steps_per_cpu_s": steps / timed["cpu_s"],
        "steps_per_wall_s": steps / timed["wall_s"],
        "steps": steps,
        "compile_s": compile_s,
        **timed,
    }


def in_cpython(
    task: jaxcar.Task, sources: list[str], sparse: dict, config: PPOConfig, repeats: int
) -> dict:
    """Time the programs in CPython on one rollout's frames, and add the sparse learner's time.

    This is the usual way to use generated rewards: the learner stays jitted, and every frame goes
    to the host, where each environment's programs run one after another.
    """
    count = 512
    functions = [host_function(source) for source in sources]

    @jax.jit
    def frames_of(key: jax.Array) -> jax.Array:
        def frame(key: jax.Array) -> jax.Array:
            _, state = task.env.reset_env(key, task.params)
            return task.render(state, task.params)

        return jax.vmap(frame)(jax.random.split(key, count))

    def call() -> None:
        frames = np.asarray(frames_of(jax.random.key(1)))
        for frame in frames:
            for function, takes_initial in functions:
                function(frame, frames[0]) if takes_initial else function(frame)

    timed = seconds(call, repeats)
    per_step = {key: timed[key] / count + sparse[key] / sparse["steps"] for key in timed}
    steps = sparse["steps"]
    scaled = {key: value * steps for key, value in per_step.items()}
    return row("the same programs in CPython on host frames", steps, scaled, sparse["compile_s"])


def host_function(source: str) -> tuple[Any, bool]:
    """Run a recorded program's text in CPython: here, and nowhere in the package."""
    program = jaxcar.compile_reward(source, frame=(64, 64, 3))
    namespace: dict[str, Any] = {}
    exec(compile(source, "<recorded program>", "exec"), namespace)
    function = namespace[program.entries[0].name]
    return function, "initial_frame" in program.initial_names


def main() -> None:
    options = arguments(__doc__)
    task = jaxcar.make(TASK)
    result = synthesize(task, ReplayClient(Recording.shipped(TASK)))
    assert result.program is not None and result.accepted, result.reasons
    config = PPOConfig()
    env = jaxcar.RewardedEnv(task, [result.program])
    rows = [
        fused("recorded image programs", env, task.params, config, options.repeats),
        fused("none (the task's own)", task.env, task.params, config, options.repeats),
        fused(
            "hand-written jnp on the state",
            HandRewarded(task),
            task.params,
            config,
            options.repeats,
        ),
    ]
    sources = [source.text for source in result.sources if source is not None]
    rows.append(in_cpython(task, sources, rows[1], config, options.repeats))
    for each in rows:
        each["ratio"] = each["steps_per_cpu_s"] / rows[0]["steps_per_cpu_s"]
    report("train_doorkey", rows, options)


if __name__ == "__main__":
    main()
