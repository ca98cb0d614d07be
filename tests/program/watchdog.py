"""A process of its own that checks programs, so that a bomb that goes off is seen and ended."""

from __future__ import annotations

import json
import pathlib
import resource
import select
import subprocess
import sys
import time
import tracemalloc
from typing import Any, NamedTuple

FRAME = (8, 8, 3)
ESCAPED = "no diagnostic, but an exception"
_ADDRESS_SPACE = 12 << 30


class Said(NamedTuple):
    """What became of a program.

    Attributes:
        errors: the messages of the diagnostics that are errors, with their codes.
        seconds: the processor time that `check` took; other work on the machine does not count.
        peak: the most bytes that Python held meanwhile.
        fault: of a program that was run for one step on a frame of threes, its fault.
    """

    errors: list[str]
    seconds: float
    peak: int
    fault: str = ""


class Watchdog:
    """Give programs to a worker process; start another where it does not answer."""

    def __init__(self) -> None:
        self.worker: subprocess.Popen[str] | None = None

    def ask(self, text: str, run: bool = False, patience: float = 15.0) -> Said | None:
        """Return what became of a program; None where the worker hung or died.

        Args:
            text: the program.
            run: whether to run it for one step where it is accepted.
            patience: seconds to wait.
        """
        worker = self.worker or self._start()
        assert worker.stdin is not None and worker.stdout is not None
        try:
            worker.stdin.write(json.dumps([text, run]) + "\n")
            worker.stdin.flush()
            ready, _, _ = select.select([worker.stdout], [], [], patience)
            line = worker.stdout.readline() if ready else ""
        except BrokenPipeError:
            line = ""
        if not line:
            self.stop()
            return None
        return Said(*json.loads(line))

    def _start(self) -> subprocess.Popen[str]:
        self.worker = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=pathlib.Path(__file__).parents[2],
        )
        assert self.worker.stdout is not None
        assert self.worker.stdout.readline() == "ready\n"
        return self.worker

    def stop(self) -> None:
        """End the worker."""
        if self.worker is not None:
            self.worker.kill()
            self.worker.communicate()
            self.worker = None


def _errors(text: str) -> list[str]:
    from jaxcar.program import check

    try:
        found = check(text, frame=FRAME)
    except Exception as error:
        return [f"{ESCAPED}: {error!r:.300}"]
    return [f"{d.code} in line {d.line}: {d.message}" for d in found if d.severity == "error"]


def _fault(text: str) -> str:
    import jax
    import numpy as np

    from jaxcar.program import compile_reward
    from jaxcar.program.faults import describe_fault

    program = compile_reward(text, frame=FRAME)
    _, out = jax.jit(program.step)(program.init(), frame=np.full(FRAME, 3, np.uint8))
    return describe_fault(int(out.fault[0]))


def _answer(text: str, run: bool) -> list[Any]:
    """Check a program twice: for the time, and for the memory, which slows everything down."""
    began = time.process_time()
    _errors(text)
    seconds = time.process_time() - began
    tracemalloc.start()
    try:
        errors = _errors(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return [errors, seconds, peak, _fault(text) if run and not errors else ""]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    _errors("import numpy as np\ndef f(frame): return np.zeros(3).sum() + frame.mean() > 9")
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
