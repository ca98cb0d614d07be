"""How long vision's operations take, as multiples of copying the frames; prints JSON.

    python tests/vision/throughput.py [OPERATION ...]

One core, optimised as users run it, 256 frames of 64x64: the first case of each operation of
`vision_cases`. Processor time, the least of some rounds in which the copy takes its turns too.
"""

import json
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from measure import keep_freed_memory, use_one_core

use_one_core()

import jax
import numpy as np
from vision_cases import CASES
from vision_cases.inputs import blobs_of, pictures, shapes
from vision_frames import frames

BATCH, SIDE, ROUNDS = 256, 64, 15
SHORTEST = 2e-3  # seconds of work between two looks at the clock


def operations():
    """Return a case of each operation by its name: the first of the table."""
    return {case.operation: case for case in reversed(CASES)}


def spent(call, times):
    """Return the processor seconds of one call, of so many."""
    begin = time.process_time()
    for _ in range(times):
        jax.block_until_ready(call())
    return (time.process_time() - begin) / times


def ratios(cases):
    """Return the time of each case's operation over the time of copying the frames, by name."""
    batch = frames(SIDE, SIDE, BATCH)
    inputs = jax.device_put({**pictures(batch), **shapes(blobs_of(batch))})
    copy = jax.jit(lambda x: x.copy()).lower(inputs["colour"]).compile()
    result = {}
    for name, case in cases.items():
        arrays = [inputs[each] for each in case.inputs]
        run = jax.jit(case.ours).lower(*arrays).compile()
        calls = (lambda: copy(inputs["colour"])), (lambda run=run, arrays=arrays: run(*arrays))
        times = [max(1, round(SHORTEST / max(spent(call, 2), 1e-7))) for call in calls]
        rounds = [[spent(*pair) for pair in zip(calls, times, strict=True)] for _ in range(ROUNDS)]
        base, own = np.min(rounds, axis=0)
        result[name] = own / base
    return result


def main():
    keep_freed_memory()
    every = operations()
    print(json.dumps(ratios({name: every[name] for name in sys.argv[1:] or every})))


if __name__ == "__main__":
    main()
