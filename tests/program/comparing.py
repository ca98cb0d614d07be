"""Many programs compared with CPython in one compile, and step by step without one."""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from oracle import Said, _agree, differences, run_cpython

from jaxcar.errors import RefusedProgram
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program import RewardProgram, compile_reward
from jaxcar.program.entries import make_inputs
from jaxcar.program.faults import describe_fault, fault_line

EAGER_STEPS = 8
# CPython 3.11 joins the store of a line with the read that begins the next, once a function has
# run often, and then names the first of the two lines.
_UNBOUND = re.compile(r"raised=<class 'UnboundLocalError'>.*UnboundLocalError")


class Program(NamedTuple):
    """A text with its entry."""

    text: str
    entry: str | None


class Compared(NamedTuple):
    """What came of some programs.

    Attributes:
        accepted: those that compile.
        refused: text to the messages of its diagnostics.
        found: differences, in words.
        wrong: the texts of the programs that differ.
        counts: those of `oracle.differences`.
    """

    accepted: list[Program]
    refused: dict[str, str]
    found: list[str]
    wrong: list[str]
    counts: dict[str, float]


def sort_out(
    programs: Sequence[Program], inputs: Any, limits: Limits | None = None
) -> tuple[list[Program], RewardProgram | None, dict[str, str]]:
    """Compile each by itself, and put the accepted ones together."""
    accepted: list[Program] = []
    refused: dict[str, str] = {}
    compiled: list[Any] = []
    for number, program in enumerate(programs):
        source = ProgramSource(program.text, f"random {number}")
        try:
            one = compile_reward(source, entry=program.entry, inputs=inputs, limits=limits)
        except RefusedProgram as error:
            refused[program.text] = str(error)
            continue
        accepted.append(program)
        compiled += one._compiled
    together = RewardProgram(compiled, make_inputs(inputs, None)) if compiled else None
    return accepted, together, refused


def compare(
    programs: Sequence[Program],
    inputs: Any,
    given: dict[str, np.ndarray],
    resets: np.ndarray,
    limits: Limits | None = None,
    eager: int | None = None,
) -> Compared:
    """Compare the accepted programs with CPython: under jit, vmap and scan, and some without.

    Args:
        programs: each is compiled by itself; the accepted ones run together.
        inputs: what they may look at.
        given: values of the inputs, [B, T, ...].
        resets: where episodes begin, [B, T].
        limits: bounds on the programs.
        eager: how many programs run without jit too, None for all.
    """
    accepted, program, refused = sort_out(programs, inputs, limits)
    if program is None:
        return Compared(accepted, refused, [], [], {"steps": 0, "limits": 0, "near": 0})
    found, counts = differences(program, given, resets, rtol=1e-9)
    found = [line for line in found if not _UNBOUND.search(line)]
    for index in range(len(program.entries) if eager is None else eager):
        found += eager_differences(program, index, given)
    names = [f"{e.source_name} {e.name} " for e in program.entries]
    pairs = zip(names, accepted, strict=True)
    wrong = [p.text for name, p in pairs if any(line.startswith(name) for line in found)]
    return Compared(accepted, refused, found, wrong, counts)


class _EndlessError(BaseException):
    """CPython has run for too long; no `except Exception` of a program catches it."""


def ends(program: RewardProgram, index: int, given: Any, resets: np.ndarray) -> bool:
    """Tell whether CPython runs one entry to the end in a few seconds."""

    def stop(number: int, frame: Any) -> None:
        raise _EndlessError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, 3.0)
    try:
        run_cpython(program, index, given, resets)
    except _EndlessError:
        return False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
    return True


def _only_annotated(text: str) -> bool:
    """Tell whether what is wrong with a module is in annotations, which mean nothing."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.copy_location(ast.Name("int", ast.Load()), node)
    try:
        exec(compile(tree, "<mutant>", "exec"), {"__name__": "mutant"})
    except Exception:
        return False
    return True


def compare_mutants(
    programs: Sequence[Program], inputs: Any, given: dict[str, np.ndarray], resets: np.ndarray
) -> Compared:
    """Compare those of some doubtful programs that are accepted; they may never end."""
    kept, unruly, limits = [], [], Limits(while_turns=200, equations=3_000)
    accepted, together, refused = sort_out(programs, inputs, limits)
    for index, program in enumerate(accepted):
        assert together is not None
        try:
            kept += [program] if ends(together, index, given, resets) else []
        except Exception as error:
            if _only_annotated(program.text):
                continue
            unruly.append(f"CPython: {error!r}\n{program.text}")
    result = compare(kept, inputs, given, resets, limits, eager=0)
    found = [line for line in result.found if "(limit: " not in line and ": limit: " not in line]
    return Compared(kept, refused, found + unruly, result.wrong, result.counts)


def eager_differences(
    program: RewardProgram, index: int, given: dict[str, np.ndarray], steps: int = EAGER_STEPS
) -> list[str]:
    """Compare one entry's first steps of the last sequence, operation by operation."""
    one = RewardProgram([program._compiled[index]], program._declared)
    values = {name: array[-1:, :steps] for name, array in given.items()}
    resets = np.arange(steps)[None] == 0
    rows = run_cpython(one, 0, values, resets)[0]
    info, found = one.entries[0], []
    memory = one.init(**{name: array[0, 0] for name, array in values.items()})
    with np.errstate(all="ignore"):
        for t, said in enumerate(rows):
            now = {name: array[0, t] for name, array in values.items()}
            memory, out = one.step(memory, **now)
            code = int(out.fault[0])
            completed = bool(out.completed[0]) if out.completed.size else None
            parts = {name: float(value) for name, value in out.components.items()}
            ours = Said(completed, float(out.reward), parts, int(fault_line(code)))
            if not _agree(said, ours, code, info.returns, 2e-6):
                found.append(
                    f"{info.source_name} {info.name} eager [{t}]: CPython {said}, ours {ours}"
                    f" ({describe_fault(code)})"
                )
    return found
