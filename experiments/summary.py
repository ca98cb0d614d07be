"""The page of figures that `acceptance.py` writes: counts per suite, codes and messages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from published import SUITES, Published

from jaxcar.lang.codes import CODES
from jaxcar.run.machine import describe

Row = dict[str, Any]

_APART = ("Text2Reward, by hand", "VLM-CaR")
_HEAD = """\
# Published reward programs

How many reward programs that others published, written by language models, jaxcar accepts as they
are, and whether they say what CPython says. This page is written by

    python experiments/acceptance.py FOLDER --out docs/acceptance.md

whose docstring says where the programs come from; none of their text is here.
{versions}.
"""

_READING = """\
- *found*: functions in the files or logs (VIRAL's logs, old and new, repeat most of theirs);
  *distinct*: those that differ in more than formatting, comments and docstrings. Texts that are
  *not Python* (cut off in a log) and programs that draw *random* numbers are left out of the share.
- A program's text is never edited. Its suite's own runner executes it in a namespace that holds
  `np` and `cdist`; where a program uses these without an import, the import is put in front of it
  ({imported:,} of the {distinct:,} programs). RoboGen's functions are taken out of the class
  template that RoboGen's own code put around the model's reply.
- Inputs are what the text reads of its simulator, by name: `self.tcp.pose.p`,
  `self.agent.check_grasp(self.obj, max_angle=30)`, `get_joint_limit(self, 'Oven', 'joint_0')[0]`;
  `experiments/host_interface.py` has the rules for their shapes.
- Every program that compiles is run on {steps} inputs (usual and extreme ones, zeros, equal points,
  thresholds, a few nan and inf, no subnormals); *differing* ones said something else than CPython
  on one or more, and are not *accepted*. Booleans and the lines of faults are compared exactly,
  numbers to 1e-5 of their scale (f32) or 1e-9 (f64).
- *raise*: refused programs that raise in CPython too, on every input that was tried.
"""


def page(programs: list[Published], rows: list[Row], steps: int) -> str:
    """Return the page.

    Args:
        programs: everything found, repetitions included.
        rows: one per distinct program, from `acceptance.measure`.
        steps: inputs for each accepted program.
    """
    versions = describe()["versions"]
    words = ", ".join(f"{name} {versions[name]}" for name in ("jaxcar", "python", "numpy", "jax"))
    imported = sum(row["imports"] > 0 for row in rows)
    parts = [
        _HEAD.format(versions=f"Measured with {words}"),
        _share(rows),
        _suites(programs, rows),
        _READING.format(imported=imported, distinct=len(rows), steps=f"{steps:,}"),
        _comparison(rows),
        "## Why programs are refused\n",
        _codes(_state(rows)),
        _messages(_state(rows)),
        "## Apart\n",
        _others(rows),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _state(rows: list[Row]) -> list[Row]:
    """Return the programs of the share: generated, over states, without randomness."""
    return [
        row
        for row in rows
        if row["suite"] not in _APART and row["status"] != "not Python" and not row["random"]
    ]


def _share(rows: list[Row]) -> str:
    state = _state(rows)
    accepted = _count(state, "accepted")
    raising = sum(row.get("always_raises", False) for row in state)
    runs = len(state) - raising
    return (
        f"**Accepted: {accepted} of {len(state)} ({_percent(accepted, len(state))}) generated "
        f"programs over states without randomness**; {_percent(accepted, runs)} of the {runs} that "
        "CPython can run.\n"
    )


def _suites(programs: list[Published], rows: list[Row]) -> str:
    head = (
        "suite", "found", "distinct", "not Python", "random", "accepted", "refused", "raise",
        "crashed", "differing", "share",
    )  # fmt: skip
    found = Counter(program.suite for program in programs)
    lines = []
    for suite in [suite for suite in SUITES if suite in found]:
        mine = [row for row in rows if row["suite"] == suite]
        plain = [row for row in mine if row["status"] != "not Python" and not row["random"]]
        accepted = _count(plain, "accepted")
        lines.append(
            (
                suite,
                found[suite],
                len(mine),
                _count(mine, "not Python"),
                sum(row.get("random", False) for row in mine),
                accepted,
                _count(plain, "refused"),
                sum(row.get("always_raises", False) for row in plain),
                _count(mine, "crashed"),
                _count(plain, "differs"),
                _percent(accepted, len(plain)),
            )
        )
    return _table(head, lines)


def _comparison(rows: list[Row]) -> str:
    compared = [row for row in rows if "steps" in row]
    total = {name: sum(row[name] for row in compared) for name in ("steps", "faults", "limits")}
    different = sum(row["different"] for row in compared)
    return (
        f"Compared with CPython: {len(compared)} programs, {total['steps']:,} inputs; CPython "
        f"raises on {total['faults']:,} of them, a limit of jaxcar was met on "
        f"{total['limits']:,}, and {different:,} differ.\n"
    )


def _codes(rows: list[Row]) -> str:
    refused = [row["diagnostics"] for row in rows if row["status"] == "refused"]
    first = Counter(found[0]["code"] for found in refused)
    every = Counter(code for found in refused for code in {each["code"] for each in found})
    lines = [
        (code, first[code], count, CODES[code].title)
        for code, count in sorted(every.items(), key=lambda item: (-item[1], item[0]))
    ]
    return _table(("code", "first", "programs", "meaning"), lines)


def _messages(rows: list[Row]) -> str:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts.update({(d["code"], _general(d["message"])) for d in row.get("diagnostics", ())})
    lines = [
        (count, code, message.replace("|", "\\|"))
        for (code, message), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return _table(("programs", "code", "message"), lines)


def _general(message: str) -> str:
    """Return a message without the arguments of the calls that it names."""
    return re.sub(r"(`[\w.]+\()[^`]*\)`", r"\1...)`", message)


def _others(rows: list[Row]) -> str:
    words = {
        "Text2Reward, by hand": "reward functions that Text2Reward's authors wrote as references",
        "VLM-CaR": "programs over pictures, compared on [a page of their own](pictures.md)",
    }
    parts = []
    for suite in _APART:
        mine = [row for row in rows if row["suite"] == suite]
        if mine:
            accepted = _count(mine, "accepted")
            parts += [f"{suite}: {words[suite]}; {accepted} of {len(mine)} accepted.\n"]
            parts += [_messages(mine)]
    return "\n".join(parts)


def _count(rows: Iterable[Row], status: str) -> int:
    return sum(row["status"] == status for row in rows)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def _table(head: tuple[str, ...], lines: list[tuple[Any, ...]]) -> str:
    if not lines:
        return "None.\n"
    rows = [head, tuple("---" for _ in head), *lines]
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in rows)
