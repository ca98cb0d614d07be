"""VLM-CaR's published programs as a whole, beside CPython with OpenCV.

    python benchmarks/pictures.py FOLDER [--repeats 5] [--out FILE]

FOLDER is a clone of https://github.com/dvVenuto/vlm-car. Frames of 64x64, 1024 environments in each
of 4 steps of a scan, on one core; CPython runs frame after frame in the same process, its pictures
already in memory. Compile time is that of one step for 256 environments, with no cache.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time

from measure import report, seconds, use_one_core

use_one_core()

import os

os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "experiments"))

import contextlib
from collections.abc import Callable
from typing import Any

import cv2
import jax
import jax.numpy as jnp
import numpy as np
from published_pictures import PROGRAMS, Program, read
from scenes import frames
from vision import keep_freed_memory

from jaxcar import compile_reward
from jaxcar.program.reward_program import RewardProgram

BATCH, LENGTH, STEPS, COMPILED = 1024, 32, 4, 256
NAMES = ("pandas", "separating_piles", "block_in_bowl")


def compile_seconds(program: RewardProgram) -> float:
    """Return the processor time of tracing and compiling a step."""
    shape = jax.ShapeDtypeStruct((COMPILED, 64, 64, 3), jnp.uint8)
    memory = jax.eval_shape(jax.vmap(lambda f: program.init(initial_frame=f)), shape)
    begin = time.process_time()
    jax.jit(jax.vmap(lambda m, f: program.step(m, frame=f))).lower(memory, shape).compile()
    return time.process_time() - begin


def ours(program: RewardProgram, pictures: np.ndarray) -> Callable[[], Any]:
    """Return a call that steps every environment, one frame of its sequence after the other."""
    now = jnp.asarray(pictures)
    first = jnp.asarray(pictures[::LENGTH].repeat(LENGTH, 0))

    def start(frame: jax.Array) -> Any:
        return program.step(program.init(initial_frame=frame), frame=frame)[0]

    def step(memory: Any, turn: jax.Array) -> Any:
        shown = jnp.roll(now, turn, axis=0)
        memory, out = jax.vmap(lambda m, f: program.step(m, frame=f))(memory, shown)
        return memory, jnp.sum(out.reward)

    memory = jax.jit(jax.vmap(start))(first)
    run = jax.jit(lambda memory: jax.lax.scan(step, memory, jnp.arange(STEPS))[1])
    run = run.lower(memory).compile()
    return lambda: jax.block_until_ready(run(memory))


def theirs(program: Program, text: str, pictures: np.ndarray) -> Callable[[], Any]:
    """Return a call that runs CPython over all frames, with a new object for each sequence."""
    space: dict[str, Any] = {}
    exec(text, space)
    read_picture = cv2.imread
    shown = [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures]
    current: list[np.ndarray] = []

    def run() -> None:
        cv2.imread = lambda path: current[0].copy()
        for begin in range(0, len(shown), LENGTH):
            look = getattr(space[program.owner](), program.method)
            for picture in shown[begin : begin + LENGTH]:
                current[:] = [picture]
                with contextlib.suppress(Exception):
                    look("frame.png")
        cv2.imread = read_picture

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    keep_freed_memory()
    cv2.setNumThreads(1)
    rows = []
    for program in PROGRAMS:
        if program.name not in NAMES:
            continue
        text = read(options.folder, program)
        pictures = frames(program.scene, BATCH // LENGTH, LENGTH).reshape(BATCH, 64, 64, 3)
        compiled = compile_reward(text, frame=(64, 64, 3))
        row: dict[str, Any] = {"program": program.name, "compile s": compile_seconds(compiled)}
        own = seconds(ours(compiled, pictures), options.repeats)["cpu_s"] / STEPS / BATCH
        peer = seconds(theirs(program, text, pictures), options.repeats)["cpu_s"] / BATCH
        row |= {"us per frame": own * 1e6, "CPython us": peer * 1e6, "CPython / ours": peer / own}
        rows.append(row)
    report(f"published picture programs, batch {BATCH}, one core", rows, options)


if __name__ == "__main__":
    main()
