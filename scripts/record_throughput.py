"""Record how long vision's operations take beside a copy: tests/vision/throughput.json.

    python scripts/record_throughput.py [--passes 5]

Medians of several processes. `tests/vision/test_throughput.py` allows four times these ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

from jaxcar.run.machine import describe

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "tests" / "vision"


def measured() -> dict[str, float]:
    """Measure every operation once, in a process of its own."""
    command = [sys.executable, str(FOLDER / "throughput.py")]
    run = subprocess.run(command, env=os.environ, check=True, capture_output=True, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passes", type=int, default=5, help="processes; medians count")
    passes = [measured() for _ in range(parser.parse_args().passes)]
    ratios = {n: float(f"{statistics.median(p[n] for p in passes):.3g}") for n in sorted(passes[0])}
    spread = max(max(p[n] for p in passes) / min(p[n] for p in passes) for n in ratios)
    print(f"{len(ratios)} operations; the passes differ by a factor of {spread:.2f} at most")
    record = {"machine": describe(), "passes": len(passes), "ratios": ratios}
    (FOLDER / "throughput.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
