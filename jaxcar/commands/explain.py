"""`jaxcar explain`: what each line of a program gives on pictures or named inputs."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from jaxcar.errors import ConfigError
from jaxcar.lang.source import ProgramSource
from jaxcar.run.inputs import read_inputs, read_picture
from jaxcar.run.schema import read_text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from jaxcar.program.explain import ExplainedStep, Explanation, Said
    from jaxcar.program.explained_lines import Row, Seen

_WIDTH = 100
_SOURCE = (28, 64)
_VALUES = 72


@dataclass(frozen=True)
class Explain:
    """Run a reward program on pictures or inputs, and show what each of its lines gives."""

    file: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]
    """The program."""

    frame: tuple[str, ...] = ()
    """Pictures: the steps of one episode, in this order."""

    initial: str | None = None
    """The episode's first picture; else the first --frame."""

    previous: str | None = None
    """The picture before the first --frame; else the episode's first picture."""

    inputs: str | None = None
    """Inputs by name: .npz arrays, or .json numbers and lists (a list of objects: one a step)."""

    entry: str | None = None
    """The function, or Class.method, that is the reward, where that is in doubt."""

    steps: int | None = None
    """Run so many steps and show the last of them; the last inputs stand for those not given."""

    json: bool = False
    """Print JSON, of every step, in place of text."""


def main(arguments: list[str]) -> int:
    """Explain one program file.

    Args:
        arguments: `FILE --frame PNG... [--initial PNG] [--previous PNG]`, or `FILE --inputs FILE`.

    Returns:
        0; the explanation is on standard output, faults of the program included.

    Raises:
        ConfigError: a file cannot be read, or the arguments contradict each other.
        JaxcarError: the inputs are not of one shape and dtype.
        RefusedProgram: the program is outside the reward language.
    """
    asked = tyro.cli(Explain, prog="jaxcar explain", args=arguments)
    source = ProgramSource(read_text(asked.file), name=asked.file)
    steps = _steps(asked)
    from jaxcar.program.explain import explain

    explanation = explain(source, steps, entry=asked.entry)
    if asked.json:
        print(json.dumps(_plain(explanation), indent=1))
        return 0
    from rich.console import Console

    given = _inputs_in_words(asked, steps)
    _print(explanation, given, Console(file=sys.stdout, highlight=False))
    return 0


def _steps(asked: Explain) -> list[dict[str, Any]]:
    """Return the inputs of each step."""
    if not asked.frame and (asked.initial or asked.previous):
        raise ConfigError("--initial and --previous go with --frame", fix="name the --frame too")
    if not asked.frame and asked.inputs is None:
        raise ConfigError(
            "there is nothing to run the program on",
            expected="--frame PNG for a program of pictures, --inputs FILE for one of state",
        )
    if asked.steps is not None and asked.steps < 1:
        raise ConfigError("--steps is too small", got=asked.steps, expected="1 or more")
    frames = [{"frame": read_picture(path)} for path in asked.frame]
    inputs = [] if asked.inputs is None else read_inputs(asked.inputs)
    if len(frames) > 1 and len(inputs) > 1 and len(frames) != len(inputs):
        raise ConfigError(
            "there are not as many frames as inputs",
            where=asked.inputs,
            got=f"{len(inputs)} steps for {len(frames)} frames",
        )
    count = asked.steps or max(len(frames), len(inputs))
    steps = [{**_at(inputs, i), **_at(frames, i)} for i in range(count)]
    for name, path in (("initial_frame", asked.initial), ("previous_frame", asked.previous)):
        if path is not None:
            steps[0][name] = read_picture(path)
    return steps


def _at(found: list[dict[str, Any]], step: int) -> dict[str, Any]:
    return found[min(step, len(found) - 1)] if found else {}


def _inputs_in_words(asked: Explain, steps: list[dict[str, Any]]) -> list[str]:
    """Return the inputs of the last step, one a line."""
    from jaxcar.program.shown import shown

    lines = []
    for name, value in steps[-1].items():
        note = ""
        if name == "frame":
            note = f"   {asked.frame[min(len(steps), len(asked.frame)) - 1]}"
        if name not in ("initial_frame", "previous_frame"):
            lines.append(f"{name} = {shown(value)}{note}")
    return lines


def _plain(explanation: Explanation) -> dict[str, Any]:
    def row(row: Row) -> dict[str, Any]:
        return {**row._asdict(), "seen": [seen._asdict() for seen in row.seen]}

    def step(step: ExplainedStep) -> dict[str, Any]:
        said = [said._asdict() for said in step.said]
        return {"rows": [row(each) for each in step.rows], "said": said}

    return {"file": explanation.name, "steps": [step(each) for each in explanation.steps]}


def _print(explanation: Explanation, given: list[str], console: Console) -> None:
    from rich.text import Text

    def say(text: str | Text, style: str = "") -> None:
        line = text if isinstance(text, Text) else Text(text, style)
        console.print(line, soft_wrap=True)

    count = len(explanation.steps)
    for number, step in enumerate(explanation.steps[:-1], 1):
        for said in step.said:
            say(f"step {number} of {count}: {_says(said)}", "red" if said.fault else "")
    if count > 1:
        say(f"step {count} of {count}, line by line:")
    for line in given:
        say(f"  {line}")
    say("")
    last = explanation.steps[-1]
    width = console.width if console.is_terminal else _WIDTH + 60
    for text in _listing(last.rows, width):
        say(text)
    say("")
    for said in last.said:
        say(_says(said), "bold red" if said.fault else "bold")
        for name, value in said.memory.items():
            say(f"  self.{name} = {value}")


def _listing(rows: tuple[Row, ...], width: int) -> Iterator[Text]:
    """Yield the source with the values beside it, or below a line that is too long."""
    from rich.text import Text

    digits = len(str(len(rows)))
    least, most = _SOURCE
    sizes = [len(row.text) for row in rows if row.seen or row.caught or row.faults]
    longest = max((size for size in sizes if size <= most), default=0)
    column = max(least, min(longest, width - digits - 40))
    room = max(24, width - column - digits - 6)
    blank = " " * (digits + 3 + column)
    for row in rows:
        text = row.text.expandtabs(4)
        line = Text().append(f"{row.line:>{digits}} {'|' if row.reached else ' '} ", "dim")
        line.append(text, "" if row.reached else "dim")
        pad, notes = column - len(text), _notes(row, room)
        for note, style in notes:
            for part in textwrap.wrap(note, room, subsequent_indent="  "):
                if pad < 0:
                    yield line
                    line, pad = Text(blank), 0
                yield line.append(" " * (pad + 2)).append(part, style)
                line, pad = Text(blank), 0
        if not notes:
            line.rstrip()
            yield line


def _notes(row: Row, room: int) -> list[tuple[str, str]]:
    """Return what there is to say of a line, each part with its colour."""
    bad = [*row.caught, *row.faults]
    seen = [seen for seen in row.seen if seen.number or not bad]
    notes = [(_seen(each, room), _COLOURS[each.form]) for each in seen]
    notes += [(f"caught: {words}", "yellow") for words in row.caught]
    for words in row.faults:
        notes.append((words if words.startswith("limit: ") else f"fault: {words}", "bold red"))
    return notes


_COLOURS = {"value": "cyan", "test": "magenta", "turn": "blue", "returned": "bold green"}


def _seen(seen: Seen, room: int) -> str:
    """Return what a statement gave: the value, or the first ones, the last one and how many."""
    if seen.number == 0:
        return "no turns"
    if seen.number == 1 and not seen.cut:
        return seen.values[0]
    if seen.form == "test" and not seen.cut:
        return _tests(seen)
    words = ("turns" if seen.form == "turn" else "times") + ", then more" * seen.cut
    if len(set(seen.values)) == 1 and seen.number == len(seen.values):
        return f"{seen.values[0]} ({seen.number} {words})"
    shown = list(seen.values)
    # Values with commas of their own are parted by more than a comma.
    comma = "; " if any(", " in value for value in shown) else ", "
    while len(shown) > 2 and len(comma.join(shown)) > min(room, _VALUES):
        shown.pop(-2)
    rest = f"{comma}... " if len(shown) < seen.number else comma
    return f"{comma.join(shown[:-1])}{rest}{shown[-1]} ({seen.number} {words})"


def _tests(seen: Seen) -> str:
    if seen.true in (0, seen.number):
        return f"{seen.values[0]} ({seen.number} times)"
    if seen.true == seen.number - 1 and seen.values[-1] == "False" and seen.true > 1:
        return f"True {seen.true} times, then False"
    if seen.number == len(seen.values):
        return ", ".join(seen.values)
    return f"True {seen.true} of {seen.number} times"


def _says(said: Said) -> str:
    """Return what an entry says of a step, in a line."""
    from jaxcar.program.shown import number_text

    if said.fault is not None:
        what = "meets a limit of jaxcar's" if said.limit else "faults"
        return f"{said.entry} {what}: {said.fault}; the step pays 0 and changes no memory"
    parts = [] if said.completed is None else [f"completed {said.completed}"]
    parts += [] if said.reward is None else [f"reward {number_text(said.reward)}"]
    text = f"{said.entry}: {', '.join(parts)}"
    components = [f"{name} {number_text(value)}" for name, value in said.components.items()]
    return f"{text} ({', '.join(components)})" if components else text
