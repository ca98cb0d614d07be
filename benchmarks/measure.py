"""What every benchmark shares: one core, CPU seconds, medians, and where the figures came from."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import pathlib
import statistics
import time
from collections.abc import Callable
from typing import Any

_ONE_CORE = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
_KEEP_FREED_MEMORY = ((-1, 1 << 30), (-4, 0), (-8, 1))  # glibc: no trim, no mmap, one arena


def use_one_core() -> None:
    """Keep the process on one core of a CPU; call it before JAX is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_ONE_CORE}".strip()


def keep_freed_memory() -> None:
    """Have the process keep what it frees, where the allocator can be told to."""
    import numpy as np

    try:
        for option, value in _KEEP_FREED_MEMORY:
            ctypes.CDLL(None).mallopt(option, value)
        np.ones(1 << 29, np.uint8)  # pages to keep
    except (AttributeError, OSError):
        print("the allocator cannot be told to keep memory: large frames may seem slow")


def arguments(description: str) -> argparse.Namespace:
    """Read the flags that every benchmark has: repeats, and a file for the figures."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="timed calls; the median counts")
    parser.add_argument("--out", type=pathlib.Path, help="JSON file for the figures")
    return parser.parse_args()


def compiled(function: Callable[..., Any], *args: Any) -> tuple[Callable[..., Any], float]:
    """Compile ahead of time; return the executable and the seconds that it took."""
    import jax

    begin = time.perf_counter()
    executable = jax.jit(function).lower(*args).compile()
    return executable, time.perf_counter() - begin


def seconds(call: Callable[[], Any], repeats: int) -> dict[str, float]:
    """Time a call that blocks until it is done, after one warm-up; medians over the repeats.

    Returns:
        `cpu_s`, the processor time of this process, and `wall_s`.
    """
    call()
    cpu, wall = [], []
    for _ in range(repeats):
        begin = time.process_time(), time.perf_counter()
        call()
        cpu.append(time.process_time() - begin[0])
        wall.append(time.perf_counter() - begin[1])
    return {"cpu_s": statistics.median(cpu), "wall_s": statistics.median(wall)}


def report(name: str, rows: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Print the figures as a table and write them, with machine and versions, where asked to."""
    from jaxcar.run.machine import describe

    machine = describe()
    print(f"{name}: {machine['devices']}, {machine['versions']}")
    columns = list(dict.fromkeys(key for row in rows for key in row))
    print(" | ".join(columns))
    for row in rows:
        print(" | ".join(_cell(row.get(column)) for column in columns))
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"benchmark": name, "machine": machine, "rows": rows}, indent=2)
        options.out.write_text(text + "\n")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}"
    return "" if value is None else str(value)
