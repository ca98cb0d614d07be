"""From a model's reply to what was asked for. Replies are data: they are read, never run."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from jaxcar.errors import ReplyError
from jaxcar.vlm.prompts import SubTaskText

LONGEST_BLOCK = 200_000
MOST_SUBTASKS = 16
LONGEST_TEXT = 2_000

_PYTHON = frozenset({"python", "py", "python3"})
_DEFINITION = re.compile(r"^(?:def|class)\s+\w", re.MULTILINE)
_PROGRAM_START = re.compile(r"^(?:(?:def|class)\s+\w|import\s+\w|from\s+[\w.]+\s+import\s|@\w)")
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,63}")


class Block(NamedTuple):
    """A fenced block of a reply.

    Attributes:
        language: the first word after the fence, in lower case, or "".
        text: what stands between the fences, without the fence's own indentation.
        closed: whether the closing fence was there.
    """

    language: str
    text: str
    closed: bool


def fenced_blocks(reply: str) -> list[Block]:
    r"""Return the fenced blocks of a reply, in order, in time linear in its length.

    Args:
        reply: a model's reply; any line ends.

    Returns:
        The blocks. One that is never closed ends with the reply.

    Example:
        >>> fenced_blocks("So:\n```python\nx = 1\n```\n")
        [Block(language='python', text='x = 1', closed=True)]
    """
    blocks: list[Block] = []
    fence, indent, language, lines = "", 0, "", list[str]()
    for line in reply.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        bare = line.strip()
        if not fence:
            if bare.startswith(("```", "~~~")):
                marks = len(bare) - len(bare.lstrip(bare[0]))
                info = bare[marks:].strip()
                if "`" not in info:
                    fence, indent = bare[:marks], len(line) - len(line.lstrip())
                    language, lines = (info.split() or [""])[0].lower(), []
        elif bare.startswith(fence) and not bare.strip(fence[0]):
            blocks.append(Block(language, "\n".join(lines), True))
            fence = ""
        else:
            lines.append(line[min(indent, len(line) - len(line.lstrip())) :])
    if fence:
        blocks.append(Block(language, "\n".join(lines), False))
    return blocks


def extract_program(reply: str) -> str:
    r"""Return the program in a reply: its last Python block that defines a function or a class.

    A block without a language is taken where no Python block is; a reply without any fence is taken
    from its first line of code on.

    Args:
        reply: a model's reply.

    Returns:
        The program's text with `\n` line ends and one at its end.

    Raises:
        ReplyError: when there is no program, or it is cut off, too long, or no text.

    Example:
        >>> extract_program("Here:\n```python\ndef done(frame):\n    return True\n```")
        'def done(frame):\n    return True\n'
    """
    blocks = fenced_blocks(reply)
    tagged = [block for block in blocks if block.language in _PYTHON]
    candidates = tagged or [block for block in blocks if not block.language]
    defining = [block for block in candidates if _DEFINITION.search(block.text)]
    if not blocks:
        text = _unfenced_program(reply)
    elif defining:
        if not defining[-1].closed:
            raise _no_program("the last Python block has no closing fence: the reply is cut off")
        text = defining[-1].text
    else:
        text = ""
    if not text.strip():
        raise _no_program(f"{len(blocks)} fenced blocks, {len(tagged)} of Python, no function")
    return _checked_text(text, "program").strip("\n") + "\n"


def extract_subtasks(reply: str) -> tuple[SubTaskText, ...]:
    r"""Return the sub-tasks that a reply lists as JSON.

    Args:
        reply: a model's reply.

    Returns:
        The sub-tasks in the reply's order, with distinct names.

    Raises:
        ReplyError: when no block holds such a list; the message says what the last one lacks.

    Example:
        >>> extract_subtasks('[{"name": "at_goal", "text": "The agent is on the goal."}]')
        (SubTaskText(name='at_goal', text='The agent is on the goal.'),)
    """
    blocks = fenced_blocks(reply)
    tagged = [block.text for block in blocks if block.language == "json"]
    candidates = tagged or [block.text for block in blocks] or [_unfenced_list(reply)]
    try:
        data = json.loads(_checked_text(candidates[-1], "list of sub-tasks"))
    except (ValueError, RecursionError) as error:
        raise _no_subtasks(f"not JSON ({error})") from error
    if not isinstance(data, list) or not 1 <= len(data) <= MOST_SUBTASKS:
        raise _no_subtasks(f"a {type(data).__name__}, not a list of 1 to {MOST_SUBTASKS} objects")
    subtasks = tuple(_subtask(item, place) for place, item in enumerate(data, 1))
    names = [subtask.name for subtask in subtasks]
    if len(set(names)) < len(names):
        raise _no_subtasks(f"names that occur twice: {', '.join(names)}")
    return subtasks


def _subtask(item: object, place: int) -> SubTaskText:
    if not isinstance(item, dict):
        raise _no_subtasks(f"item {place} is a {type(item).__name__}, not an object")
    name, text = item.get("name"), item.get("text")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _no_subtasks(f"item {place} has the name {_short(name)}, not a snake_case identifier")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TEXT:
        raise _no_subtasks(f"item {place} has no text of 1 to {LONGEST_TEXT} characters")
    return SubTaskText(name, " ".join(_checked_text(text, f"text of {name}").split()))


def _unfenced_program(reply: str) -> str:
    lines = reply.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines):
        if _PROGRAM_START.match(line):
            text = "\n".join(lines[number:])
            return text if _DEFINITION.search(text) else ""
    return ""


def _unfenced_list(reply: str) -> str:
    first, last = reply.find("["), reply.rfind("]")
    return reply[first : last + 1] if 0 <= first < last else ""


def _checked_text(text: str, what: str) -> str:
    if len(text) > LONGEST_BLOCK:
        raise ReplyError(
            f"the reply's {what} is too long",
            got=f"{len(text)} characters",
            expected=f"at most {LONGEST_BLOCK}",
        )
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ReplyError(f"the reply's {what} holds a NUL character", where=f"line {line}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ReplyError(
            f"the reply's {what} is not Unicode text", where=f"character {error.start}"
        ) from error
    return text


def _no_program(got: str) -> ReplyError:
    return ReplyError(
        "the reply holds no program",
        got=got,
        expected="one fenced ```python block that defines a function",
    )


def _no_subtasks(got: str) -> ReplyError:
    return ReplyError(
        "the reply holds no list of sub-tasks",
        got=got,
        expected='one fenced ```json block: [{"name": "snake_case", "text": "..."}, ...]',
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
