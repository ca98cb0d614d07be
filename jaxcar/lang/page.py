"""The language in words, made from its rules: for the documentation and for a model's prompt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jaxcar.lang.codes import CODES
from jaxcar.lang.rules import (
    ATTRIBUTES,
    BUILTINS,
    BUILTINS_NEVER,
    BUILTINS_NOT_YET,
    CONSTRUCTS,
    IMPORTS,
    LIBRARY,
    LIBRARY_NEVER,
    LIBRARY_NOT_YET,
    METHODS,
    NEVER,
    NOT_YET,
    Entry,
    Limits,
)

_USUAL_ALIAS = {"numpy": "np", "numpy.linalg": "np.linalg"}
# Frames reach a prompted program as arguments; annotations need no telling.
_NOT_PROMPTED = frozenset(
    {
        "cv2.imread",
        "cv2.IMREAD_COLOR",
        *(path for path in LIBRARY if path.startswith("numpy.typing.")),
    }
)
_INTRODUCTION = """\
# The reward language

<!-- Written by scripts/write_language_page.py from jaxcar/lang/rules.py. -->

A reward program is ordinary Python with NumPy and OpenCV that looks at a frame, a `uint8` array of
shape `(height, width, 3)` in RGB, and says what has been reached. Its text is never executed: it
is parsed, checked and compiled to JAX. A program that is accepted returns what CPython would
return; what cannot be kept is refused with one of the codes below. Annotations mean nothing, and
`print`, `logging` and formatted text do nothing.

A program is either functions or a class. A top-level function that no other calls is an entry, and
its parameters are bound by name: `frame` (also `image`, `img`), `initial_frame`, `previous_frame`,
or named fields of the task's state. A class remembers in attributes of `self`, which `__init__` or
`reset` sets; its entry is the one public method that no other method calls.

What an entry returns is read so: a bool says whether the sub-task is completed; a number is the
reward; `(number, dict)` is the reward with its components; a tuple of one bool and one number is
both completion and reward.
"""
_PROMPT = """\
Write ordinary Python. The program is compiled, not executed, so keep to this part of the language.

A sub-task checker is a top-level function `def name(frame):` or `def name(frame, initial_frame):`
that returns a bool: True when the sub-task is completed in `frame`. `frame` is the picture now and
`initial_frame` the picture at the start of the episode: NumPy arrays of dtype uint8 and shape
(height, width, 3), channels in the order red, green, blue. uint8 arithmetic wraps around: convert
with `.astype(int)` before subtracting. Helper functions and module constants are welcome. To
remember earlier frames, write one class that sets every attribute in `__init__` or `reset` and has
one public method `step(self, frame)`.
The same frames must give the same answer, and a run-time error on a frame counts as a failure:
test for empty masks before indexing or averaging them.
"""


_EXACTNESS = """## What is exact

An accepted program returns what CPython, NumPy and OpenCV return: integers, booleans and every
single `+ - * / // %` of floats are exact, and so are sums and means of integers and masks. Sums,
means, variances, norms and inner products of *floats* are added up in another order than NumPy's,
and functions such as `exp` come from another library: they agree to rounding, about 1e-15 of the
largest number for float64 and 1e-6 for float32. Where a program turns such a float into an
integer or compares it within that distance of a threshold, the answer can differ. The reward
itself is given out as float32. All this is tested on CPUs.
"""


def language_page() -> str:
    """Return the documentation page of the reward language.

    Returns:
        Markdown: what a program is, every construct and name, every limit, every code.

    Example:
        >>> language_page().startswith("# The reward language")
        True
    """
    sections = [
        _INTRODUCTION,
        _constructs(),
        _builtins(),
        _values(),
        _library(),
        _limits(),
        _EXACTNESS,
        _codes(),
    ]
    return "\n".join(sections)


def prompt_section() -> str:
    """Return the language in under 5,000 characters, for a model that is to write programs.

    Returns:
        Plain text: what a program receives and returns, what it may use, and what is refused.

    Example:
        >>> len(prompt_section()) < 5000
        True
    """
    lines = [_PROMPT, "Accepted:"]
    lines += [f"- {words}" for words in CONSTRUCTS]
    lines += ["", f"Builtins: {_joined(BUILTINS)}."]
    for module in ("numpy", "math", "cv2"):
        start = f"{module}."
        paths = (path for path in LIBRARY if path.startswith(start) and path not in _NOT_PROMPTED)
        lines.append(f"{module}: {_joined(path.removeprefix(start) for path in paths)}.")
    for kind in ("array", "list", "dict"):
        lines.append(f"Of {kind}s: {_joined([*METHODS[kind], *ATTRIBUTES.get(kind, {})])}.")
    refused = [rule.words for rule in NOT_YET.values()]
    lines += [
        "",
        f"Refused: {_joined(refused)};",
        "recursion; other imports; other library functions; random numbers; files; mutable default",
        "arguments; state outside `self`; base classes and decorators other than @staticmethod;",
        f"{_joined(('exec', 'eval', 'open', 'getattr', 'sorted', 'map', 'set'))}.",
        "Loop bounds and array shapes must be known before run time; prefer masks and reductions",
        "over loops over pixels.",
    ]
    return "\n".join(lines) + "\n"


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    cells = [head, ("---", "---"), *rows]
    escaped = [tuple(cell.replace("|", "\\|") for cell in row) for row in cells]
    return "\n".join(f"| {left} | {right} |" for left, right in escaped) + "\n"


def _code(text: str) -> str:
    return f"`{text}`"


def _hints(table: Mapping[str, str]) -> str:
    return _table(("name", "instead"), ((_code(name), hint) for name, hint in table.items()))


def _constructs() -> str:
    rules = "\n".join(f"- {words}" for words in CONSTRUCTS)
    not_yet = _table(("construct", "instead"), ((words, hint) for words, hint in NOT_YET.values()))
    never = _table(
        ("construct", "instead"), sorted({(words, hint) for words, hint in NEVER.values()})
    )
    return (
        f"## Statements and expressions\n\n{rules}\n\n### Not supported yet\n\n{not_yet}\n"
        f"### Never supported\n\n{never}"
    )


def _builtins() -> str:
    entries = _entries(BUILTINS.values())
    return (
        f"## Builtins\n\n{entries}\n### Not supported yet\n\n{_hints(BUILTINS_NOT_YET)}\n"
        f"### Never supported\n\n{_hints(BUILTINS_NEVER)}"
    )


def _values() -> str:
    rows = [(kind, _joined(map(_code, names.values()))) for kind, names in METHODS.items() if names]
    attributes = [(_code(name), doc) for name, doc in ATTRIBUTES["array"].items()]
    return (
        f"## Methods and attributes\n\n{_table(('value', 'methods'), rows)}\n"
        f"{_table(('attribute of an array', 'meaning'), attributes)}"
    )


def _library() -> str:
    modules = sorted({path.rpartition(".")[0] for path in LIBRARY})
    parts = [f"## Libraries\n\nImports: {_joined(map(_code, sorted(IMPORTS)))}.\n"]
    for module in modules:
        named = [LIBRARY[path] for path in LIBRARY if path.rpartition(".")[0] == module]
        parts.append(f"### {_USUAL_ALIAS.get(module, module)}\n\n{_entries(named)}")
    not_yet = {path: hint for path, hint in LIBRARY_NOT_YET.items() if hint}
    others = _joined(_code(path) for path, hint in LIBRARY_NOT_YET.items() if not hint)
    parts.append(f"### Library names not supported yet\n\n{_hints(not_yet)}\nAlso: {others}.\n")
    parts.append(f"### Library names never supported\n\n{_hints(LIBRARY_NEVER)}")
    return "\n".join(parts)


def _entries(entries: Iterable[Entry]) -> str:
    return _table(("name", "meaning"), ((_code(entry.signature), entry.doc) for entry in entries))


def _limits() -> str:
    rows = [(_code(name), f"{value:,}") for name, value in vars(Limits()).items()]
    return (
        "## Limits\n\nThey can be raised: `compile_reward(..., limits=Limits(depth=80))`.\n\n"
        f"{_table(('limit', 'default'), rows)}"
    )


def _codes() -> str:
    return f"## Codes\n\n{_table(('code', 'meaning'), ((x, CODES[x].title) for x in CODES))}"
