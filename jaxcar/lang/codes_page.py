"""Every diagnostic code in words, with a program that yields it and the program mended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from jaxcar.lang.codes import CODES, CodeInfo, Meaning
from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.examples import EXAMPLES, Example
from jaxcar.lang.rules import Limits

_INTRODUCTION = """\
# Diagnostic codes

<!-- Written by scripts/write_language_page.py from codes.py and examples/ in jaxcar/lang. -->

What jaxcar says of a program carries a code. A code, once published, keeps its meaning; the message
beside it may change. Each code stands here with a short program that yields it, what is said of
that program, and the program mended as the fix says. The tests run all of them. Where nothing else
is said, a program is given `frame`, a picture of shape `(8, 8, 3)`. Characters that cannot be seen
are spelt out, as in `<U+00A0>`.

A code means one of these:

"""
_MEANINGS: dict[Meaning, tuple[str, str]] = {
    "mistake": (
        "A mistake in the program",
        "CPython, NumPy or OpenCV would refuse it too, or it does not do what it seems to, or the"
        " text does not answer what was asked for.",
    ),
    "not yet": (
        "Not supported yet",
        "CPython runs it. A later version of the language may accept it; today it must be written"
        " in another way.",
    ),
    "never": (
        "Never supported",
        "CPython runs it, and the language leaves it out on purpose.",
    ),
    "mistake or not yet": (
        "A mistake in the program, or not supported yet",
        "CPython refuses some of these programs; a later version may accept the others.",
    ),
    "mistake or never": (
        "A mistake in the program, or never supported",
        "CPython refuses some of these programs; the language leaves out the others on purpose.",
    ),
    "limit": (
        "Over a limit",
        "The program is in the language and too large. The caller may raise the limit:"
        " `compile_reward(..., limits=Limits(...))`.",
    ),
    "warning": ("A warning", "The program is accepted; what the warning names does nothing."),
    "retired": ("Retired", "Nothing yields the code any more."),
}
_KINDS = {
    "text": "Reading the text",
    "names": "Names",
    "syntax": "Statements and expressions",
    "kinds": "Kinds of value, and shapes",
    "limits": "Limits",
    "entry": "The entry and its inputs",
}


def codes_page(diagnosed: Mapping[str, str]) -> str:
    r"""Return the documentation page of the diagnostic codes.

    Args:
        diagnosed: for each code with an example, its first diagnostic, rendered.

    Returns:
        Markdown: a section for each code.

    Example:
        >>> page = codes_page(dict.fromkeys(EXAMPLES, "error: ..."))
        >>> "### JC303\n\nA function calls itself. **Never supported.**" in page
        True
    """
    present = {code: info for code, info in CODES.items() if info.meaning != "retired"}
    parts = [_INTRODUCTION + _meanings(), _index()]
    for kind, title in _KINDS.items():
        parts.append(f"## {title}\n")
        parts += [_section(x, i, diagnosed[x]) for x, i in present.items() if i.kind == kind]
    retired = [f"- {code}: {info.title}." for code, info in CODES.items() if code not in present]
    if retired:
        parts.append(f"## Retired\n\n{_MEANINGS['retired'][1]}\n")
        parts.append("\n".join(retired) + "\n")
    return "\n".join(parts)


def code_rows() -> list[tuple[str, str]]:
    """Return every code, linked to its section on the page, and what it stands for.

    Example:
        >>> code_rows()[0]
        ('[JC101](codes.md#jc101)', 'the text is not valid Python')
    """
    rows = []
    for code, info in CODES.items():
        retired = info.meaning == "retired"
        linked = f"[{code}](codes.md#{'retired' if retired else code.lower()})"
        rows.append((linked, f"{info.title}{' (retired)' if retired else ''}"))
    return rows


def _meanings() -> str:
    used = {info.meaning for info in CODES.values()}
    return "".join(
        f"- **{words}.** {sense}\n" for key, (words, sense) in _MEANINGS.items() if key in used
    )


def _index() -> str:
    rows = ["| code | stands for | means |", "| --- | --- | --- |"]
    for (code, title), info in zip(code_rows(), CODES.values(), strict=True):
        words = _MEANINGS[info.meaning][0]
        linked = code.replace("codes.md", "")
        rows.append(f"| {linked} | {title.removesuffix(' (retired)')} | {_lowered(words)} |")
    return "\n".join(rows) + "\n"


def _section(code: str, info: CodeInfo, diagnosed: str) -> str:
    example = EXAMPLES[code]
    title = info.title[0].upper() + info.title[1:]
    parts = [
        f"### {code}\n",
        f"{title}. **{_MEANINGS[info.meaning][0]}.**{_given(example)}\n",
        _fenced(_visible(example.bad), "python"),
        _fenced(diagnosed, "text"),
        "Mended:\n",
        _fenced(_visible(example.mended), "python"),
    ]
    return "\n".join(parts)


def _given(example: Example) -> str:
    """Return what a program is given, where that is not the frame alone."""
    words = []
    if example.inputs is not None:
        named = (f"`{name}`, {x.dtype}{list(x.shape)}" for name, x in example.inputs.items())
        words.append(f"The inputs are {'; '.join(named)}.")
    if example.entry is not None:
        words.append(f"The caller asks for `entry={example.entry!r}`.")
    if example.limits is not None:
        words.append(f"The limits are `{_tightened(example.limits)}`.")
    return "".join(f" {sentence}" for sentence in words)


def _tightened(limits: Limits) -> str:
    usual = vars(Limits())
    changed = (f"{name}={x:_}" for name, x in vars(limits).items() if x != usual[name])
    return f"Limits({', '.join(changed)})"


def _visible(text: str) -> str:
    """Return a program with the characters that cannot be seen spelt out."""
    lines = text.removesuffix("\n").split("\n")
    return "\n".join(shortened(line, limit=8 * len(line) + 1) for line in lines)


def _fenced(text: str, language: str) -> str:
    ticks: Iterable[str] = re.findall("`+", text)
    fence = "`" * max(3, 1 + max(map(len, ticks), default=0))
    return f"{fence}{language}\n{text}\n{fence}\n"


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]
