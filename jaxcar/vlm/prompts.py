"""The prompts: pure functions from pictures and texts to what a vision-language model is shown.

A prompt says what can be seen and what is asked for, and nothing of a task's source, state or
truths. Each stands alone: a repair prompt repeats the first one, so that no earlier turn is needed.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import jinja2
import numpy as np

from jaxcar.errors import JaxcarError

VERSION = 1
SHOWN_PIXELS = 512
COLOURS = 16


class Picture(NamedTuple):
    """A picture as the model sees it.

    Attributes:
        name: what the prompt's text calls it.
        pixels: uint8[H, W, 3], RGB.
    """

    name: str
    pixels: np.ndarray

    @property
    def sha256(self) -> str:
        """Return the hash of the picture's size and pixels, whatever file holds it."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        digest.update(np.ascontiguousarray(self.pixels).tobytes())
        return digest.hexdigest()


class Prompt(NamedTuple):
    """All that a model is given.

    Attributes:
        text: the words.
        pictures: the pictures, in the order in which the text names them.
        version: which template made it, and in which version: `"program/1"`.
    """

    text: str
    pictures: tuple[Picture, ...]
    version: str

    @property
    def key(self) -> str:
        """Return the sha256 over version, text and pictures, under which a reply is recorded."""
        parts = [self.version, self.text]
        for picture in self.pictures:
            parts += [picture.name, picture.sha256]
        digest = hashlib.sha256()
        for part in parts:
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest()


class SubTaskText(NamedTuple):
    """A sub-task as a model named it.

    Attributes:
        name: a snake_case identifier.
        text: what must be visible for it to hold.
    """

    name: str
    text: str


class ProgramBrief(NamedTuple):
    """What every prompt for one sub-task's program is made from.

    Attributes:
        task_text: what is to be done, in plain words.
        start: uint8[H, W, 3], an episode's first frame at its native size.
        goal: uint8[H, W, 3], a solved episode's last frame at its native size.
        subtask: the sub-task that the program must check.
        subtasks: all sub-tasks, in order.
        language: what the reward language allows, as text.
    """

    task_text: str
    start: np.ndarray
    goal: np.ndarray
    subtask: SubTaskText
    subtasks: tuple[SubTaskText, ...]
    language: str


class ColourRow(NamedTuple):
    """Where one exact colour occurs in the two pictures, as ready-made cells of a table."""

    rgb: str
    start: str
    goal: str


def enlarge(frame: np.ndarray, name: str, shown: int = SHOWN_PIXELS) -> Picture:
    """Enlarge a frame by a whole factor, each pixel becoming a square block.

    Args:
        frame: uint8[H, W, 3], RGB.
        name: what the prompt calls the picture.
        shown: about how many pixels the longer side should have.

    Returns:
        The picture; a frame that is already larger is kept as it is.

    Raises:
        JaxcarError: for anything but a uint8 RGB frame.

    Example:
        >>> enlarge(np.zeros((64, 48, 3), np.uint8), "start").pixels.shape
        (512, 384, 3)
    """
    frame = np.asarray(frame)
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[-1] != 3 or frame.size == 0:
        raise JaxcarError(
            "a prompt's picture must be a uint8 RGB frame",
            where=name,
            got=f"{frame.dtype}{list(frame.shape)}",
            expected="uint8[H, W, 3]",
        )
    factor = max(1, shown // max(frame.shape[:2]))
    return Picture(name, frame.repeat(factor, axis=0).repeat(factor, axis=1))


def colour_table(start: np.ndarray, goal: np.ndarray, most: int = COLOURS) -> list[ColourRow]:
    """List the exact colours of two frames: a model cannot read pixel values off a picture.

    Args:
        start: uint8[H, W, 3].
        goal: uint8[H, W, 3].
        most: how many colours of each frame to list, the most frequent first.

    Returns:
        One row for each colour among the most frequent of either frame.

    Example:
        >>> black = np.zeros((2, 4, 3), np.uint8)
        >>> colour_table(black, black)[0]
        ColourRow(rgb='(0, 0, 0)', start='8 px, rows 0-1, columns 0-3', goal='8 px, rows 0-1, columns 0-3')
    """  # noqa: E501 - a printed record cannot be broken
    counts = [_colour_counts(frame) for frame in (start, goal)]
    listed = {colour for count in counts for colour in list(count)[:most]}
    order = sorted(listed, key=lambda colour: (-sum(c.get(colour, 0) for c in counts), colour))
    return [ColourRow(str(c), _occurrence(start, c), _occurrence(goal, c)) for c in order]


def subtasks_prompt(task_text: str, start: np.ndarray, goal: np.ndarray) -> Prompt:
    """Ask for the ordered, visually checkable sub-tasks of a task.

    Args:
        task_text: what is to be done, in plain words.
        start: uint8[H, W, 3], an episode's first frame.
        goal: uint8[H, W, 3], a solved episode's last frame.

    Returns:
        The prompt; `extract_subtasks` reads the reply.

    Example:
        >>> black = np.zeros((8, 8, 3), np.uint8)
        >>> prompt = subtasks_prompt("Reach the green square.", black, black)
        >>> prompt.version, [picture.name for picture in prompt.pictures]
        ('subtasks/1', ['start', 'goal'])
    """
    height, width = start.shape[:2]
    pictures = (enlarge(start, "start"), enlarge(goal, "goal"))
    return _prompt("subtasks", pictures, task_text=task_text, height=height, width=width)


def program_prompt(brief: ProgramBrief) -> Prompt:
    """Ask for a program that checks one sub-task on a frame.

    Args:
        brief: the task, the sub-task and the language.

    Returns:
        The prompt; `extract_program` reads the reply.

    Example:
        >>> black = np.zeros((8, 8, 3), np.uint8)
        >>> has_key = SubTaskText("has_key", "The key is gone from the floor.")
        >>> prompt = program_prompt(ProgramBrief("Fetch.", black, black, has_key, (has_key,), ""))
        >>> "def has_key(" in prompt.text
        True
    """
    return _prompt("program", _brief_pictures(brief), **_brief_values(brief))


def diagnostics_prompt(brief: ProgramBrief, program: str, problems: str) -> Prompt:
    """Ask for a refused program to be mended.

    Args:
        brief: what the first prompt was made from.
        program: the refused program, or "" when the reply held none.
        problems: every reason for the refusal, rendered.

    Returns:
        The prompt; `extract_program` reads the reply.

    Example:
        >>> black = np.zeros((8, 8, 3), np.uint8)
        >>> has_key = SubTaskText("has_key", "The key is gone from the floor.")
        >>> brief = ProgramBrief("Fetch.", black, black, has_key, (has_key,), "")
        >>> diagnostics_prompt(brief, "def has_key(frame): ...", "error[JC101]").version
        'diagnostics/1'
    """
    values = {**_brief_values(brief), "program": program, "problems": problems}
    return _prompt("diagnostics", _brief_pictures(brief), **values)


def verdict_prompt(
    brief: ProgramBrief, program: str, findings: Sequence[str], frames: Sequence[Picture]
) -> Prompt:
    """Ask for a program that failed verification to be mended.

    Args:
        brief: what the first prompt was made from.
        program: the program that failed.
        findings: what verification measured, a sentence each.
        frames: frames that show where it failed, enlarged; their names say what each shows.

    Returns:
        The prompt; `extract_program` reads the reply.

    Example:
        >>> black = np.zeros((8, 8, 3), np.uint8)
        >>> has_key = SubTaskText("has_key", "The key is gone from the floor.")
        >>> brief = ProgramBrief("Fetch.", black, black, has_key, (has_key,), "")
        >>> shown = [enlarge(black, "an expert's last frame: your program returned False")]
        >>> len(verdict_prompt(brief, "def has_key(frame): ...", ["never true"], shown).pictures)
        3
    """
    pictures = (*_brief_pictures(brief), *frames)
    names = [picture.name for picture in frames]
    values = {**_brief_values(brief), "program": program, "findings": findings, "shown": names}
    return _prompt("verdict", pictures, **values)


def _brief_pictures(brief: ProgramBrief) -> tuple[Picture, Picture]:
    return enlarge(brief.start, "start"), enlarge(brief.goal, "goal")


def _brief_values(brief: ProgramBrief) -> dict[str, object]:
    height, width = brief.start.shape[:2]
    return {
        **brief._asdict(),
        "height": height,
        "width": width,
        "colours": colour_table(brief.start, brief.goal),
    }


def _colour_counts(frame: np.ndarray) -> dict[tuple[int, int, int], int]:
    colours, counts = np.unique(frame.reshape(-1, 3), axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {(int(r), int(g), int(b)): int(counts[i]) for i in order for r, g, b in [colours[i]]}


def _occurrence(frame: np.ndarray, colour: tuple[int, int, int]) -> str:
    rows, columns = np.nonzero((frame == np.array(colour, np.uint8)).all(axis=-1))
    if rows.size == 0:
        return "absent"
    row_span = f"rows {rows.min()}-{rows.max()}"
    return f"{rows.size} px, {row_span}, columns {columns.min()}-{columns.max()}"


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("jaxcar.vlm", "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def _prompt(template: str, pictures: tuple[Picture, ...], **values: object) -> Prompt:
    text = _templates().get_template(f"{template}.j2").render(**values)
    return Prompt(text, pictures, f"{template}/{VERSION}")
