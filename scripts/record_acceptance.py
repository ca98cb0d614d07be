"""Record which of the freshly written programs are accepted, and write docs/fresh.md.

    python scripts/record_acceptance.py [--compare]

With --compare those over a picture that are accepted are compared with CPython again, which takes
some minutes; else what was found last stands.

The programs under tests/program/fresh were written by large language models that were told the task
and the names of the state alone; those refused were given back once, with the diagnostics alone
(`repaired/`). Texts are kept word for word.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import re
import sys
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "program"))

from fresh_inputs import FOLDER, TASK_OF, TASKS, frame_of

from jaxcar.lang.source import ProgramSource
from jaxcar.program import check

HELD_OUT = range(25, 41)
HEAD = """\
# Fresh programs

<!-- Written by scripts/record_acceptance.py; tests/program/test_fresh.py holds it true. -->

Reward programs that large language models wrote for this purpose: they were told the task and the
names of the state (or that there is a picture), nothing of jaxcar or of its language. They are kept
word for word in `tests/program/fresh`. Those that are accepted say what CPython says on 1,000
inputs each, in sequences with resets.
"""
COMPARED = FOLDER / "compared.json"


def errors_of(name: str, text: str) -> list[str]:
    """Return the codes for which a program is refused; none where it is accepted."""
    source = ProgramSource(text, f"{name}.py")
    inputs = TASKS[TASK_OF[name]] if name in TASK_OF else None
    found = check(source, inputs=inputs, frame=None if inputs else frame_of(name))
    return sorted({d.code for d in found if d.severity == "error"})


def reply_text(reply: str) -> str:
    """Return the program in a recorded reply."""
    match = re.search(r"```(?:python)?\n(.*?)```", reply, re.DOTALL)
    return match.group(1) if match else reply


def share(names: list[str], record: dict[str, list[str]]) -> str:
    """Return "accepted of all (percent)"."""
    accepted = sum(not record[name] for name in names)
    return f"{accepted} of {len(names)} ({100 * accepted / len(names):.1f} %)"


def compare_pictures(names: list[str]) -> dict[str, dict[str, Any]]:
    """Compare the accepted programs over a picture with CPython on 1,000 pictures each."""
    from fresh_comparison import compared

    record = {}
    for name in names:
        result = compared(name)
        record[name] = {"differences": len(result.found), **result.counts}
        record[name]["answers"] = {
            entry: {"different": count, "varied": round(varied, 3)}
            for entry, (count, varied) in result.answers.items()
        }
        print(name, record[name], flush=True)
    return record


def main() -> None:
    """Check every program, write the record and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", action="store_true")
    again = parser.parse_args().compare
    record = {p.stem: errors_of(p.stem, p.read_text()) for p in sorted(FOLDER.glob("*.py"))}
    repaired = {
        p.stem: errors_of(p.stem, reply_text(p.read_text()))
        for p in sorted((FOLDER / "repaired").glob("*.md"))
    }
    pictures = [name for name in record if name.startswith("image") and not record[name]]
    if again:
        COMPARED.write_text(json.dumps(compare_pictures(pictures), indent=1) + "\n")
    (FOLDER / "acceptance.json").write_text(json.dumps(record, indent=1) + "\n")
    (FOLDER / "repaired.json").write_text(json.dumps(repaired, indent=1) + "\n")
    (ROOT / "docs" / "fresh.md").write_text(page(record, repaired))


def page(record: dict[str, list[str]], repaired: dict[str, list[str]]) -> str:
    """Return docs/fresh.md."""
    states = [name for name in record if name.startswith("state")]
    images = [name for name in record if name.startswith("image")]
    later = [name for name in states if int(name[-2:]) in HELD_OUT]
    after = {name: repaired.get(name, record[name]) for name in record}
    rows = [
        "| programs | accepted unmodified | after one round of repair |",
        "| --- | --- | --- |",
        f"| over a state | {share(states, record)} | {share(states, after)} |",
        f"| of these, the last {len(later)} | {share(later, record)} | {share(later, after)} |",
        f"| over a picture | {share(images, record)} | {share(images, after)} |",
    ]
    codes = collections.Counter(code for name in states for code in record[name])
    picture = collections.Counter(code for name in images for code in record[name])
    found = json.loads(COMPARED.read_text())
    lines = [HEAD, *rows, "", _NOTES, _codes("state", codes), _codes("picture", picture)]
    lines.append(_compared(found))
    return "\n".join(lines)


_NOTES = """\
The language was widened with the first 24 state programs in view. The last 16 were written after
that; at first contact 13 of them (81.2 %) were accepted, and one more after one mend of the
compiler (a dict comprehension over a dict whose order depends on the path). A repair round gave the
program's text and its diagnostics to a model, once; its replies are in `repaired/`. Of those over a
picture 11 of 20 (55.0 %) were accepted at first contact; then the language was widened with the
others in view. What is left after the round of repair: two searches over grids in plain Python are
larger, written out, than the limit on operations, and one program compares arrays of run-time
length with themselves, all pairs.
"""
_PICTURES = """\
Every accepted program over a picture was given 1,000 pictures: 20 sequences of 50 with resets.
Those of DoorKey are the task's own under expert and random steps, the others are drawn after what
the programs look for (`tests/program/fresh_frames.py`). `answers` counts the different ones that
CPython gives, and `varied` is the share of steps with another than the commonest: of a branch that
is never taken nothing is learnt. Limit faults are jaxcar's own and are counted apart, with what
follows one in its episode: image_02 looks at the second of an `np.argsort` of counts most of which
are 0 where its key is drawn too bright for it, and NumPy does not say which of them that is.

| program | entry | answers | varied | raised | limits | near-ties | differences |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def _compared(found: dict[str, dict[str, Any]]) -> str:
    rows = []
    for name, of in found.items():
        counts = " | ".join(str(of[key]) for key in ("faults", "limits", "near", "differences"))
        for entry, answers in of["answers"].items():
            said = f"{answers['different']} | {100 * answers['varied']:.1f} %"
            rows.append(f"| {name} | `{entry}` | {said} | {counts} |")
            counts = " | " * 3
    return _PICTURES + "\n".join(rows) + "\n"


def _codes(words: str, codes: collections.Counter[str]) -> str:
    rows = "\n".join(f"| {code} | {count} |" for code, count in sorted(codes.items()))
    head = f"Codes of the refused programs over a {words}:\n\n| code | programs |\n| --- | --- |"
    return f"{head}\n{rows}\n"


if __name__ == "__main__":
    main()
