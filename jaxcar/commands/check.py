"""`jaxcar check`: whether a program is in the reward language, and what to change where not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

import tyro

from jaxcar.errors import ConfigError
from jaxcar.lang.source import ProgramSource
from jaxcar.run.schema import read_text


@dataclass(frozen=True)
class Check:
    """Check a reward program: exit 0 when it is accepted, 1 when it is refused."""

    file: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
    """The program."""

    json: bool = False
    """Print JSON in place of text."""

    frame: tuple[int, int, int] | None = None
    """Height, width and 3: trace the program on such a frame too."""

    task: str | None = None
    """A task on whose frames to trace the program."""

    entry: str | None = None
    """The function, or Class.method, that is the reward, where that is in doubt."""


def main(arguments: list[str]) -> int:
    """Check one program file.

    Args:
        arguments: `FILE [--json] [--frame H W 3 | --task ID] [--entry NAME]`.

    Returns:
        0 when accepted, 1 when refused; the diagnostics are on standard output.

    Raises:
        ConfigError: the file cannot be read, or the arguments contradict each other.
        UnknownTask: there is no such task.
    """
    asked = tyro.cli(Check, prog="jaxcar check", args=arguments)
    source = ProgramSource(read_text(asked.file), name=asked.file)
    from jaxcar.program.compile import check

    found = check(source, entry=asked.entry, frame=_frame(asked))
    accepted = all(diagnostic.severity != "error" for diagnostic in found)
    if asked.json:
        diagnostics = [diagnostic.to_json() for diagnostic in found]
        data = {"file": asked.file, "accepted": accepted, "diagnostics": diagnostics}
        print(json.dumps(data, indent=1))
        return 0 if accepted else 1
    for diagnostic in found:
        print(diagnostic.render(), end="\n\n")
    traced = asked.frame is not None or asked.task is not None
    note = "" if traced or not accepted else " as text; --frame or --task traces it as well"
    print(f"{asked.file}: {'accepted' if accepted else 'refused'}{note}")
    return 0 if accepted else 1


def _frame(asked: Check) -> tuple[int, int, int] | None:
    if asked.frame is not None and asked.task is not None:
        raise ConfigError(
            "--frame and --task both name a frame", fix="give one of them", got=asked.task
        )
    if asked.task is not None:
        from jaxcar.envs.registry import make

        return make(asked.task).frame_shape
    if asked.frame is not None and (min(asked.frame) < 1 or asked.frame[2] != 3):
        raise ConfigError(
            "--frame is no picture's shape",
            got=" ".join(map(str, asked.frame)),
            expected="height, width and 3, such as --frame 64 64 3",
        )
    return asked.frame
