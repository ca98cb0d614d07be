"""Record which of the freshly written programs are accepted, and write docs/fresh.md.

    python scripts/record_acceptance.py

The programs under tests/program/fresh were written by large language models that were told the task
and the names of the state alone; those refused were given back once, with the diagnostics alone
(`repaired/`). Texts are kept word for word.
"""

from __future__ import annotations

import collections
import json
import pathlib
import re
import sys

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
word for word in `tests/program/fresh`. Those over a state that are accepted say what CPython says
on 1,000 inputs each, in sequences with resets.
"""


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


def main() -> None:
    """Check every program, write the record and the page."""
    record = {p.stem: errors_of(p.stem, p.read_text()) for p in sorted(FOLDER.glob("*.py"))}
    repaired = {
        p.stem: errors_of(p.stem, reply_text(p.read_text()))
        for p in sorted((FOLDER / "repaired").glob("*.md"))
    }
    (FOLDER / "acceptance.json").write_text(json.dumps(record, indent=1) + "\n")
    (FOLDER / "repaired.json").write_text(json.dumps(repaired, indent=1) + "\n")
    (ROOT / "docs" / "fresh.md").write_text(page(record, repaired))


def page(record: dict[str, list[str]], repaired: dict[str, list[str]]) -> str:
    """Return docs/fresh.md."""
    states = [name for name in record if name.startswith("state")]
    images = [name for name in record if name.startswith("image")]
    later = [name for name in states if int(name[-2:]) in HELD_OUT]
    after = {name: repaired.get(name, record[name]) for name in states}
    rows = [
        "| programs | accepted unmodified | after one round of repair |",
        "| --- | --- | --- |",
        f"| over a state | {share(states, record)} | {share(states, after)} |",
        f"| of these, the last {len(later)} | {share(later, record)} | {share(later, after)} |",
        f"| over a picture | {share(images, record)} | |",
    ]
    codes = collections.Counter(code for name in states for code in record[name])
    picture = collections.Counter(code for name in images for code in record[name])
    lines = [HEAD, *rows, "", _NOTES, _codes("state", codes), _codes("picture", picture)]
    return "\n".join(lines)


_NOTES = """\
The language was widened with the first 24 state programs in view. The last 16 were written after
that; at first contact 13 of them (81.2 %) were accepted, and one more after one mend of the
compiler (a dict comprehension over a dict whose order depends on the path). A repair round gave the
program's text and its diagnostics to a model, once; its replies are in `repaired/`. Those over a
picture are accepted or refused here; they are not yet compared on 1,000 frames.
"""


def _codes(words: str, codes: collections.Counter[str]) -> str:
    rows = "\n".join(f"| {code} | {count} |" for code, count in sorted(codes.items()))
    head = f"Codes of the refused programs over a {words}:\n\n| code | programs |\n| --- | --- |"
    return f"{head}\n{rows}\n"


if __name__ == "__main__":
    main()
