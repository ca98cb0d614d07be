"""No operation of vision becomes several times slower: its time beside that of a copy.

The ratios of tests/vision/throughput.json were measured by scripts/record_throughput.py. Machines
and their noise differ by less than `ROOM`; an operation that falls out of fusion, or is computed
again for every reader, by more.
"""

import json
import os
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
RECORDED = json.loads((FOLDER / "throughput.json").read_text())["ratios"]
ROOM = 4
TRIES = 3


def measured(names):
    """Measure in a process of its own: XLA reads its flags once, and tests compile fast."""
    command = [sys.executable, str(FOLDER / "throughput.py"), *names]
    run = subprocess.run(
        command, env=os.environ | {"XLA_FLAGS": ""}, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


def too_slow(ratios):
    """Return what was measured of those that took too long."""
    return {name: ratio for name, ratio in ratios.items() if ratio > ROOM * RECORDED[name]}


def test_operations_are_as_fast_as_they_were():
    slow = too_slow(measured(sorted(RECORDED)))
    for _ in range(TRIES - 1):
        if slow:  # a neighbour's noise does not last
            slow = too_slow(measured(sorted(slow)))
    said = [f"{n}: {r:.3g} copies, recorded {RECORDED[n]:.3g}" for n, r in slow.items()]
    assert not slow, "; ".join(said)


def test_every_operation_has_a_bound():
    from vision_cases import CASES

    assert set(RECORDED) == {case.operation for case in CASES}


def test_six_times_slower_is_too_slow():
    assert too_slow({name: 6 * ratio for name, ratio in RECORDED.items()}).keys() == set(RECORDED)
    assert not too_slow(RECORDED)
