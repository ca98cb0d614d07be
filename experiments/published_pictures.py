"""VLM-CaR's published picture programs beside CPython and OpenCV.

    python experiments/published_pictures.py FOLDER [--frames 1024] [--out docs/pictures.md]

FOLDER is a clone of https://github.com/dvVenuto/vlm-car; its programs never enter this repository.
Each is compiled as it stands. One that is accepted is run in sequences of frames beside CPython and
OpenCV: scenes of what it looks for (`scenes.py`); half of them MiniGrid's for the door and key
program, which makes pictures of 1000x1000 of them. Values have to be equal, and faults to stand on
CPython's line.
"""

from __future__ import annotations

import argparse
import collections
import pathlib
import sys
from typing import Any, NamedTuple

import numpy as np
import scenes

from jaxcar import RefusedProgram, compile_reward

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "program"))
from oracle import differences, run_cpython

SCRIPTS = "verification_pipeline/GPT_scripts"
STEPS = 16


class Program(NamedTuple):
    """A published program: its file, what its frames show, and its class and method."""

    name: str
    scene: str
    owner: str
    method: str


PROGRAMS = (
    Program("doorkey", "door and key", "DoorKey8x8", "check_and_progress"),
    Program("pandas", "push", "PandaGym", "check_and_progress"),
    Program("separating_piles", "piles", "MoveBlocks", "reward"),
    Program("block_in_bowl", "bowl", "BowlTask", "reward"),
    Program("opendoor", "door and key", "OpenDoor", "check_and_progress"),
    Program("block_in_box", "box", "CubeGrasp", "reward"),
)
LARGE = "doorkey"  # works on a million pixels of each frame
LARGE_FRAMES = 200


def read(folder: pathlib.Path, program: Program) -> str:
    """Return the text of a program."""
    return (folder / SCRIPTS / f"{program.name}.py").read_text()


def frames_of(program: Program, count: int) -> np.ndarray:
    """Return frames for a program, u8[sequences, steps, 64, 64, 3]."""
    if program.scene == "door and key":
        return np.concatenate(
            [scenes.door_key_frames(4, count // 8), scenes.frames("door", 4, count // 8)]
        )
    return scenes.frames(program.scene, count // STEPS, STEPS)


def measure(program: Program, text: str, count: int) -> dict[str, Any]:
    """Return what became of a program."""
    row: dict[str, Any] = {"program": program.name}
    try:
        compiled = compile_reward(text, frame=(64, 64, 3))
    except RefusedProgram as refused:
        (first, *_) = [d for d in refused.diagnostics if d.severity == "error"]
        return row | {"refused": f"{first.code}, line {first.line}: {first.message}"}
    given = frames_of(program, LARGE_FRAMES if program.name == LARGE else count)
    resets = np.zeros(given.shape[:2], bool)
    resets[:, 0] = True
    found, counts = differences(compiled, {"frame": given}, resets)
    said = [s for row in run_cpython(compiled, 0, {"frame": given}, resets) for s in row]
    lines = collections.Counter(s.line for s in said if s.line)
    return row | {
        "frames": counts["steps"],
        "values": len({s.reward for s in said if not s.line}),
        "faults": dict(sorted(lines.items())),
        "limits": counts["limits"],
        "near": counts["near"],
        "different": len(found),
        "examples": found[:3],
    }


HEAD = """\
# VLM-CaR's picture programs

<!-- Written by experiments/published_pictures.py, from a clone of VLM-CaR's repository. -->

The paper's six published programs, compiled as they stand and run in sequences of 64x64 frames
beside CPython and OpenCV 5. *Values* counts the different numbers that CPython returned; *raised*
counts the frames on which CPython raises, by line: the compiled program faults on the same line of
the same frames. *Limits* are frames over a bound of jaxcar.

| program | frames | values | raised | limits | differing |
| --- | --- | --- | --- | --- | --- |
"""


def page(rows: list[dict[str, Any]]) -> str:
    """Return docs/pictures.md."""
    lines = []
    for row in rows:
        if "refused" in row:
            continue
        raised = ", ".join(f"{count} (line {line})" for line, count in row["faults"].items())
        cells = [row["program"], row["frames"], row["values"], raised or 0, row["limits"]]
        lines.append(f"| {' | '.join(map(str, [*cells, row['different']]))} |")
    refused = [f"- {row['program']}: {row['refused']}" for row in rows if "refused" in row]
    text = HEAD + "\n".join(lines) + "\n"
    if refused:
        text += "\nRefused, with the bug that CPython meets too:\n\n" + "\n".join(refused) + "\n"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--frames", type=int, default=1024)
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    rows = []
    for program in PROGRAMS:
        rows.append(measure(program, read(options.folder, program), options.frames))
        print(rows[-1], flush=True)
    if options.out is not None:
        options.out.write_text(page(rows))


if __name__ == "__main__":
    main()
