"""Compare every operation of jaxcar.vision with OpenCV; write docs/vision.json and docs/vision.md.

    python scripts/measure_vision.py [--page]

`--page` only writes the page again, from the figures of docs/vision.json. The operations, their
arguments and what they are given are the tests' own: tests/vision/vision_cases.
"""

from __future__ import annotations

import json
import pathlib
import sys
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "vision"))

import cv2
import jax
import numpy as np
from vision_cases import GROUPS
from vision_cases.case import Case, Measured, measured, wanted
from vision_cases.inputs import blobs_of, pictures, shapes
from vision_cases.pixels import CONVERSIONS
from vision_cases.refusals import REFUSALS
from vision_cases.scenes import grid_worlds, table_tops
from vision_cases.shapes import COMPONENTS, CONTOURS, POINTS
from vision_cases.windows import ELEMENTS
from vision_frames import every_colour, frames

from jaxcar import vision
from jaxcar.run.machine import describe

RECORD, PAGE = ROOT / "docs" / "vision.json", ROOT / "docs" / "vision.md"
BATCH = 512  # one size for all, so that an operation is compiled once for each shape
KINDS = ("random", "real")
BATCHES = (
    ("random", lambda count: frames(16, 16, count, seed=7)),
    ("random", lambda count: frames(33, 47, count, seed=7)),
    ("random", lambda count: frames(64, 64, count, seed=7)),
    ("real", lambda count: grid_worlds(count, seed=7)),
    ("real", lambda count: table_tops(count, 33, 47, seed=7)),
)


def inputs_of(batch: np.ndarray) -> dict[str, np.ndarray]:
    """Return every input that operations have names for."""
    return {**pictures(batch, seed=7), **shapes(blobs_of(batch), seed=7)}


def row_of(group: str, case: Case, given: list[tuple[str, dict[str, np.ndarray]]]) -> dict:
    """Compare one operation on all batches; return its figures by name."""
    run = jax.jit(case.ours)
    found: list[tuple[str, Measured]] = []
    beyond = 0
    for kind, inputs in given:
        ours = run(*(inputs[name] for name in case.inputs))
        theirs = wanted(case, inputs)
        found.append((kind, measured(case, ours, theirs)))
        beyond += int(theirs[0].sum()) if case.bounded else 0
    run.clear_cache()
    counts = {k: sum(each.count for kind, each in found if kind == k) for k in KINDS}
    total = sum(counts.values())
    return {
        "group": group,
        "operation": case.operation,
        "call": case.call,
        **counts,
        "beyond": beyond,
        "absolute": max(each.absolute for _, each in found),
        "relative": max(each.relative for _, each in found),
        "error": max(each.error(case) for _, each in found),
        "unequal": sum(each.unequal * each.count for _, each in found) / total,
        "tolerance": case.tolerance,
    }


def colours_that_differ() -> list[dict]:
    """Return for each conversion of colours how many of all colours differ from OpenCV's."""
    runs, totals = [jax.jit(case.ours) for case in CONVERSIONS], [0] * len(CONVERSIONS)
    count = 0
    for picture in every_colour():
        count += picture.shape[0] * picture.shape[1]
        for i, case in enumerate(CONVERSIONS):
            same = np.asarray(runs[i](picture)) == case.theirs(picture)
            totals[i] += int((~same.reshape(*picture.shape[:2], -1).all(-1)).sum())
    return [
        {"call": case.call, "colours": count, "unequal": total}
        for case, total in zip(CONVERSIONS, totals, strict=True)
    ]


def kernels_that_differ() -> dict:
    """Return how many kernels of `structuring_element` differ from OpenCV's."""
    sizes = [(w, h) for w in range(1, 26) for h in range(1, 26)]
    differ = sum(
        not np.array_equal(
            vision.structuring_element(shape, *size), cv2.getStructuringElement(code, size)
        )
        for shape, code in ELEMENTS.items()
        for size in sizes
    )
    return {"kernels": len(sizes) * len(ELEMENTS), "unequal": differ}


def measure() -> dict[str, Any]:
    """Compare everything; return the record."""
    begin = time.perf_counter()
    given = [(kind, inputs_of(make(BATCH))) for kind, make in BATCHES]
    rows = []
    for group, cases in GROUPS.items():
        rows += [row_of(group, case, given) for case in cases]
        print(f"{group}: {len(cases)} calls, {time.perf_counter() - begin:.0f} s", flush=True)
    machine = describe()
    return {
        "versions": machine["versions"] | {"opencv": cv2.__version__},
        "system": machine["system"],
        "seconds": round(time.perf_counter() - begin),
        "pictures": {k: BATCH * sum(kind == k for kind, _ in given) for k in KINDS},
        "rows": rows,
        "every colour": colours_that_differ(),
        "kernels": kernels_that_differ(),
    }


HEAD = """\
# What jaxcar.vision computes, beside OpenCV

<!-- Written by scripts/measure_vision.py; tests/vision/test_page.py holds it true. -->

Every operation was given the same pictures as OpenCV {opencv} and compared number by number,
shapes and dtypes too: {random:,} random pictures (noise of few or many values, tiles, empty,
full, single pixels, borders, ramps; 16x16, 33x47 and 64x64) and {real:,} real ones (MiniGrid's
DoorKey and Empty under random play with tiles of 8, 16 and 32 pixels, 64x64; drawn table-tops,
33x47, some blurred or grainy). Operations on contours were given OpenCV's own contours of these
pictures, as many as the tables say; contours were sought in the pictures' brighter pixels, at
most {contours} of at most {points} points, and {components} components. `plane` is one channel,
`colour` is three; `other`, `mask` and figures' places differ from picture to picture. jax {jax},
{system}, XLA's full optimisation, under `jax.jit`. The figures are in
[vision.json](vision.json).

**Exact** means: not one number of any result differed. Elsewhere the table gives the largest
absolute error, the largest relative error (of numbers that are not 0 in OpenCV's result; it is
large where those are small) and the share of numbers that differ at all. The tests
(`tests/vision/test_cases.py`) fail beyond the tolerance given. They compare the same calls under
two nested `jax.vmap`s and with `jax_enable_x64` too.
"""
LIMITS = """\
## Where exactness ends

| operation | bound |
| --- | --- |
| `find_contours` | as many contours and points as the arguments say; beyond, `overflow` is set |
| `connected_components` | as many components as the argument says; beyond, `overflow` is set |
| `line` | both ends within the picture; else it says so |
| `contour_moments` | points from 0 to 511 |
| `contour_area` | points from 0 to 32767 |
| `arc_length` | points from 0 to 2047 |
| `picture_moments` | up to 512x512 pixels; central moments as the table says |
| `add`, `subtract` | scalars within +-2**30 |
| floats | subnormal numbers count as 0 on XLA's CPU back end |

Where OpenCV's own answer differs by processor, there is none to be equal to: `box_blur` over two
pixels is refused for that. With one thread, `cv2.Canny` of OpenCV 5.0.0 ends its process on some
pictures of noise ("double free or corruption"); it is compared with two threads.
"""


def result(row: dict[str, Any]) -> str:
    """Return what the table says of one call."""
    if not row["unequal"]:
        flagged = f"; {row['beyond']:,} pictures flagged as beyond the bounds, by both"
        return "exact" + (flagged if row["beyond"] else "")
    within = f"tolerance {row['tolerance']:.0e}"
    if row["error"] != row["absolute"]:
        return f"{row['error']:.1e} of the raw moment at most; {within}"
    return (
        f"{row['absolute']:.1e} at most, relative {row['relative']:.1e}, {row['unequal']:.1%} of"
        f" numbers differ; {within}"
    )


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table of one group."""
    lines = [
        "| operation | compared with | random | real | result |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        counts = f"{row['random']:,} | {row['real']:,}"
        lines.append(f"| `{row['operation']}` | `{row['call']}` | {counts} | {result(row)} |")
    return "\n".join(lines) + "\n"


def summary(rows: list[dict[str, Any]]) -> str:
    """Return a table of the groups."""
    lines = [
        "| group | operations | calls compared | of these exact |",
        "| --- | --- | --- | --- |",
    ]
    for group in GROUPS:
        own = [row for row in rows if row["group"] == group]
        exact = sum(not row["unequal"] for row in own)
        operations = len({row["operation"] for row in own})
        lines.append(f"| {group} | {operations} | {len(own)} | {exact} |")
    return "\n".join(lines) + "\n"


def special(record: dict[str, Any]) -> str:
    """Return what is said of every colour and every kernel."""
    colours = "\n".join(
        f"| `{row['call']}` | {row['colours']:,} | {row['unequal']:,} |"
        for row in record["every colour"]
    )
    kernels = record["kernels"]
    return (
        "## Every colour\n\nAll 2**24 colours, one by one (also a slow test):\n\n"
        f"| compared with | colours | that differ |\n| --- | --- | --- |\n{colours}\n\n"
        "`structuring_element` draws what `cv2.getStructuringElement` does: "
        f"{kernels['kernels']:,} kernels from 1x1 to 25x25, of which {kernels['unequal']} differ.\n"
    )


def refusals() -> str:
    """Return the table of what is refused."""
    lines = ["| call | why |", "| --- | --- |"]
    lines += [f"| `{refusal.call}` | {refusal.why} |" for refusal in REFUSALS]
    return (
        "## What is refused\n\nWith a `JaxcarError` that says what is there instead. What programs"
        " may call of OpenCV is on [the language page](language.md).\n\n" + "\n".join(lines) + "\n"
    )


def page(record: dict[str, Any]) -> str:
    """Return docs/vision.md."""
    rows = record["rows"]
    bounds = {"contours": CONTOURS, "points": POINTS, "components": COMPONENTS}
    head = HEAD.format(
        **record["versions"], **record["pictures"], **bounds, system=record["system"]
    )
    groups = [
        f"## {group}\n\n{table([row for row in rows if row['group'] == group])}" for group in GROUPS
    ]
    return "\n".join([head, summary(rows), *groups, special(record), refusals(), LIMITS])


def main() -> None:
    if "--page" not in sys.argv[1:]:
        RECORD.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(json.loads(RECORD.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
