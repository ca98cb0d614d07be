"""State programs: how fast they are checked, traced and compiled, and how fast they then run.

    python benchmarks/compile.py [--repeats 5] [--out benchmarks/results/compile.json]

Five programs of `benchmarks/programs`, on one core: CPU seconds of `jaxcar.check` on the text alone
and with inputs, of `compile_reward` (tracing) and of XLA, each with nothing compiled before; then
steps per CPU-second of 1024 environments over 100 steps, in exact mode and in f32, beside CPython
and NumPy running the same text on the same inputs, one environment after another, in the same
process. Every step has inputs of its own, and every reward is summed; the sums of both sides are
compared.
"""

from __future__ import annotations

from measure import arguments, compiled, report, seconds, use_one_core

use_one_core()

import os

os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"

import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jaxcar
from jaxcar.program.reward_program import RewardProgram

BATCH, STEPS, HOST_ENVS = 1024, 100, 20
FOLDER = pathlib.Path(__file__).parent / "programs"
Arrays = dict[str, np.ndarray]


def staged(rng: np.random.Generator, shape: tuple[int, ...]) -> Arrays:
    near = rng.random((*shape, 1)) < 0.5
    cube = rng.uniform(-0.3, 0.3, (*shape, 3))
    goal = rng.uniform(-0.3, 0.3, (*shape, 3))
    return {
        "tcp": cube + rng.normal(0, 0.02, (*shape, 3)),
        "cube": np.where(near, goal + rng.normal(0, 0.02, (*shape, 3)), cube),
        "goal": goal,
        "opening": rng.uniform(0, 0.08, shape),
        "grasped": rng.random(shape) < 0.5,
        "speed": rng.normal(0, 0.3, (*shape, 7)),
    }


def components(rng: np.random.Generator, shape: tuple[int, ...]) -> Arrays:
    vectors = {"velocity": 3, "turn": 3, "gravity": 3, "joints": 12, "default": 12}
    vectors |= {"action": 12, "last_action": 12}
    found = {name: rng.normal(0, 0.5, (*shape, size)) for name, size in vectors.items()}
    found["height"] = rng.uniform(0.2, 0.4, shape)
    found["contacts"] = rng.random((*shape, 4)) < 0.5
    found["command"] = rng.normal(0, 1, (*shape, 3)) * (rng.random((*shape, 1)) < 0.8)
    return found


def memory(rng: np.random.Generator, shape: tuple[int, ...]) -> Arrays:
    has_key = rng.random(shape) < 0.3
    return {
        "pos": rng.uniform(0, 8, (*shape, 2)),
        "goal": rng.uniform(0, 8, (*shape, 2)),
        "key": rng.uniform(0, 8, (*shape, 2)),
        "has_key": has_key,
        "door_open": has_key & (rng.random(shape) < 0.3),
    }


def objects(rng: np.random.Generator, shape: tuple[int, ...]) -> Arrays:
    bins = rng.uniform(-0.5, 0.5, (*shape, 3, 2))
    kinds = rng.integers(-1, 3, (*shape, 8))
    own = np.take_along_axis(bins, np.maximum(kinds, 0)[..., None], axis=-2)
    positions = rng.uniform(-0.5, 0.5, (*shape, 8, 3))
    placed = rng.random((*shape, 8, 1)) < 0.4
    positions[..., :2] = np.where(placed, own + 0.02, positions[..., :2])
    positions[..., 2] = np.where(placed[..., 0], 0.02, positions[..., 2])
    return {
        "positions": positions,
        "kinds": kinds,
        "bins": bins,
        "gripper": rng.uniform(-0.5, 0.5, (*shape, 3)),
        "held": rng.integers(-1, 8, shape),
    }


def search(rng: np.random.Generator, shape: tuple[int, ...]) -> Arrays:
    return {
        "grid": (rng.random((*shape, 8, 8)) < 0.25).astype(np.int64),
        "agent": rng.integers(0, 8, (*shape, 2)),
        "goal": rng.integers(0, 8, (*shape, 2)),
    }


PROGRAMS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Arrays]] = {
    "staged": staged,
    "components": components,
    "memory": memory,
    "objects": objects,
    "search": search,
}


def inputs_of(name: str) -> Arrays:
    """Return the inputs of every step, [STEPS, BATCH, ...], as simulators give them: 32 bits."""
    found = PROGRAMS[name](np.random.default_rng(0), (STEPS, BATCH))
    narrow = {"f": np.float32, "i": np.int32, "b": bool}
    return {key: array.astype(narrow[array.dtype.kind]) for key, array in found.items()}


def timed(call: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the median CPU seconds of a call that starts with nothing compiled, and its result."""
    taken, result = [], None
    for _ in range(repeats):
        jax.clear_caches()
        begin = time.process_time()
        result = call()
        taken.append(time.process_time() - begin)
    return statistics.median(taken), result


def rollout(program: RewardProgram) -> Callable[[Any], Any]:
    """Return the rewards' sum over an episode of every environment, and how often it faulted."""

    def run(inputs: Any) -> Any:
        start = jax.vmap(lambda given: program.init(**given))(jax.tree.map(lambda x: x[0], inputs))

        def step(carry: Any, given: Any) -> Any:
            state, total, faults = carry
            state, out = jax.vmap(lambda m, g: program.step(m, **g))(state, given)
            return (state, total + out.reward, faults + jnp.sum(out.fault != 0)), None

        carry = (start, jnp.zeros(BATCH), jnp.int32(0))
        return jax.lax.scan(step, carry, inputs)[0][1:]

    return run


def host_episodes(program: RewardProgram, inputs: Arrays) -> Callable[[], list[float]]:
    """Return a call that runs the program's text in CPython: here, and nowhere in the package."""
    space: dict[str, Any] = {}
    exec(compile(program.sources[0].text, "<benchmark program>", "exec"), space)
    owner, _, method = program.entries[0].name.partition(".")
    names = [name for name, _ in program._compiled[0].entry.parameters]
    # The arrays of each step are cut out beforehand: a simulator has them at hand.
    given = [
        [{name: inputs[name][t, env] for name in names} for t in range(STEPS)]
        for env in range(HOST_ENVS)
    ]

    def call() -> list[float]:
        totals = []
        for episode in given:
            function = getattr(space[owner](), method) if method else space[owner]
            said = [function(**step) for step in episode]
            totals.append(float(sum(r[0] if isinstance(r, tuple) else r for r in said)))
        return totals

    return call


def row(name: str, repeats: int) -> list[dict[str, Any]]:
    """Measure one program in both modes; CPython's figures are the same in both rows."""
    text = (FOLDER / f"{name}.py").read_text()
    inputs = inputs_of(name)
    shapes = {key: jax.ShapeDtypeStruct(x.shape[2:], x.dtype) for key, x in inputs.items()}
    check_s, _ = timed(lambda: jaxcar.check(text), max(repeats, 9))
    deep_s, found = timed(lambda: jaxcar.check(text, inputs=shapes), repeats)
    assert not [each for each in found if each.severity == "error"], found
    rows = []
    for precision in ("exact", "f32"):

        def trace(precision: Any = precision) -> RewardProgram:
            return jaxcar.compile_reward(text, inputs=shapes, precision=precision)

        trace_s, program = timed(trace, repeats)
        xla_s, _ = timed(lambda program=program: one_step(program, inputs), max(repeats // 2, 1))
        run, _ = compiled(rollout(program), inputs)
        device = jax.device_put(inputs)
        times = seconds(lambda run=run, device=device: jax.block_until_ready(run(device)), repeats)
        totals, faults = jax.tree.map(np.asarray, run(device))
        host = host_episodes(program, inputs)
        host_times = seconds(host, repeats)
        speed = BATCH * STEPS / times["cpu_s"]
        host_speed = HOST_ENVS * STEPS / host_times["cpu_s"]
        expected = np.array(host())
        rows.append(
            {
                "program": name,
                "precision": precision,
                "check s": check_s,
                "check with inputs s": deep_s,
                "trace s": trace_s,
                "XLA s": xla_s,
                "equations": program.cost(1).equations,
                "steps per CPU-s": speed,
                "CPython steps per CPU-s": host_speed,
                "ratio": speed / host_speed,
                "faults": int(faults),
                "greatest relative difference": float(
                    np.max(np.abs(totals[:HOST_ENVS] - expected) / np.maximum(1, np.abs(expected)))
                ),
            }
        )
    return rows


def one_step(program: RewardProgram, inputs: Arrays) -> Any:
    """Compile a step of the batch: what a training loop has of the program."""
    given = {key: x[0] for key, x in inputs.items()}
    start = jax.eval_shape(jax.vmap(lambda g: program.init(**g)), given)
    step = jax.jit(jax.vmap(lambda m, g: program.step(m, **g)))
    return step.lower(start, given).compile()


def main() -> None:
    options = arguments(__doc__)
    rows = [each for name in PROGRAMS for each in row(name, options.repeats)]
    report(f"compile, batch {BATCH}, one core", rows, options)


if __name__ == "__main__":
    main()
