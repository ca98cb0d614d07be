"""How many published reward programs, written by language models, jaxcar accepts unmodified.

    python experiments/acceptance.py FOLDER [--out docs/acceptance.md] [--json FILE]

FOLDER holds clones of public repositories; their programs never enter this one:

    git clone https://github.com/xlang-ai/text2reward
    git clone https://github.com/Genesis-Embodied-AI/RoboGen
    git clone https://github.com/VIRAL-UCBL1/VIRAL
    git clone https://github.com/dvVenuto/vlm-car

VIRAL's logs of earlier experiments are in its history; this puts them beside the newest:

    cd VIRAL && mkdir history && git rev-list --all --full-history -- '*.csv' | while read c; do
      git ls-tree -r $c -- src | awk '/csv$/ {print $3}' | while read b; do
        git cat-file blob $b > history/$b.csv; done; done

Every distinct program is compiled with the inputs that its text reads (`host_interface.py`), and an
accepted one is run beside CPython on 1,024 inputs (`differential.py`). `--json` keeps one line per
program as it goes; with `--resume`, programs that FILE has already are not run again. Only programs
that jaxcar accepts, or that import nothing but NumPy, SciPy and `math`, are executed by CPython.
"""

from __future__ import annotations

import argparse
import ast
import json
import pathlib
import time
import traceback
from typing import Any

from differential import Oracle, compare, draw, raised_line
from host_interface import inputs_of
from published import SUITES, Published, read, uses_randomness
from summary import page

from jaxcar import RefusedProgram, compile_reward

PICTURES = "VLM-CaR"
_HARMLESS = {"numpy", "math", "scipy", "typing"}
_NEVER = {"open", "exec", "eval", "input", "compile", "globals", "vars", "breakpoint"}


def measure(program: Published, steps: int) -> dict[str, Any]:
    """Return what became of one program, as plain JSON values; none of its text is among them."""
    begin = time.perf_counter()
    row: dict[str, Any] = {
        "suite": program.suite,
        "key": program.key,
        "place": program.place,
        "task": program.task,
        "imports": len(program.imports),
    }
    tree = program.tree
    if tree is None:
        return row | {"status": "not Python"}
    row["random"] = uses_randomness(tree)
    try:
        row |= _outcome(program, steps)
    except Exception:
        row |= {"status": "crashed", "traceback": traceback.format_exc()}
    return row | {"seconds": round(time.perf_counter() - begin, 2)}


def _outcome(program: Published, steps: int) -> dict[str, Any]:
    inputs = inputs_of(program)
    options: dict[str, Any] = {"inputs": inputs, "entry": program.entry}
    if program.suite == PICTURES:
        options = {"frame": (64, 64, 3)}
    try:
        compiled = compile_reward(program.source, **options)
    except RefusedProgram as refused:
        found = [
            {"code": d.code, "message": d.message, "line": d.line - len(program.imports)}
            for d in refused.diagnostics
        ]
        always = program.suite != PICTURES and always_raises(program, inputs)
        return {"status": "refused", "diagnostics": found, "always_raises": always}
    if program.suite == PICTURES or uses_randomness(ast.parse(program.text)):
        return {"status": "accepted"}
    given = draw(inputs, program.text, steps)
    result = compare(compiled, program.source, program.entry or "", given)
    return {"status": "differs" if result.different else "accepted", **result._asdict()}


def always_raises(program: Published, inputs: dict[str, Any]) -> bool:
    """Tell whether CPython itself raises in a refused program, on each of a few inputs."""
    tree = ast.parse(program.source)
    if not _is_harmless(tree) or not inputs:
        return False
    given = draw(inputs, program.text, 64)
    try:
        oracle = Oracle(program.source, program.entry or "", list(given))
    except Exception:
        return True
    for t in range(64):
        try:
            oracle({name: array[t] for name, array in given.items()})
            return False
        except Exception as error:
            if not raised_line(error):
                return False
    return True


def _is_harmless(tree: ast.Module) -> bool:
    """Tell whether a refused program may be executed: plain arithmetic that ends."""
    for node in ast.walk(tree):
        modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any(module.partition(".")[0] not in _HARMLESS for module in modules):
            return False
        if isinstance(node, ast.While) or (isinstance(node, ast.Name) and node.id in _NEVER):
            return False
    return True


def distinct(programs: list[Published]) -> list[Published]:
    """Return the programs without those that repeat another but for formatting and comments."""
    first: dict[str, Published] = {}
    for program in programs:
        first.setdefault(program.key, program)
    return list(first.values())


def _known(file: pathlib.Path | None, resume: bool) -> dict[str, dict[str, Any]]:
    if file is None or not resume or not file.exists():
        return {}
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return {row["key"]: row for row in rows}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="the folder of clones")
    parser.add_argument("--out", type=pathlib.Path, help="Markdown page for the figures")
    parser.add_argument("--json", type=pathlib.Path, help="a line of JSON for each program")
    parser.add_argument("--resume", action="store_true", help="keep what the JSON file has")
    parser.add_argument("--suite", action="append", choices=SUITES, help="leave out the others")
    parser.add_argument("--inputs", type=int, default=1024, help="a multiple of 32")
    return parser.parse_args()


def _measure_all(programs: list[Published], options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return a row per program; new ones are printed, and added to the JSON file as they come."""
    known = _known(options.json, options.resume)
    if options.json is not None and not known:
        options.json.write_text("")
    rows = []
    for program in programs:
        row = known.get(program.key)
        if row is None:
            row = measure(program, options.inputs)
            print(f"{row['status']:10} {row.get('seconds', 0):6} s  {program.place}", flush=True)
            if options.json is not None:
                with options.json.open("a") as file:
                    file.write(json.dumps(row) + "\n")
        rows.append(row)
    return rows


def main() -> None:
    options = _arguments()
    programs = [p for p in read(options.folder) if p.suite in (options.suite or SUITES)]
    rows = _measure_all(distinct(programs), options)
    text = page(programs, rows, options.inputs)
    print(text)
    if options.out is not None:
        options.out.write_text(text)


if __name__ == "__main__":
    main()
