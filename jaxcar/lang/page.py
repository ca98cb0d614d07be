"""The language in words, made from its rules, for the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jaxcar.lang import vision_names
from jaxcar.lang.codes_page import code_rows
from jaxcar.lang.prompt import prompt_section
from jaxcar.lang.rules import (
    ATTRIBUTES,
    BUILTINS,
    BUILTINS_NEVER,
    BUILTINS_NOT_YET,
    CACHES,
    CONSTRUCTS,
    DECORATORS,
    DECORATORS_NOT_YET,
    EXCEPTIONS,
    IMPORTS,
    LIBRARY,
    LIBRARY_NEVER,
    LIBRARY_NOT_YET,
    METHODS,
    NEVER,
    NOT_YET,
    RECORD_KEYWORDS,
    SPECIAL_METHODS,
    Entry,
    Limits,
)

__all__ = ["language_page", "prompt_section"]

_USUAL_ALIAS = {"numpy": "np", "numpy.linalg": "np.linalg"}
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
`reset` sets; its entry is the one public method that no other method calls (of several, the one
whose parameters are all inputs). Other classes may stand beside it, and their objects are values
like any other. Where the caller provides functions or objects by name, a program calls them and
reads their attributes.

What an entry returns is read so: a bool says whether the sub-task is completed; a number is the
reward; `(number, dict)` is the reward with its components; a tuple of one bool and one number is
both completion and reward.
"""
_EXACTNESS = """## What is exact

An accepted program returns what CPython, NumPy and OpenCV return: integers, booleans and every
single `+ - * / // %` of floats are exact, and sums, means and variances are added up in NumPy's own
order, bit for bit. Inner products and norms of more than 15 numbers, `matmul`, and functions such
as `exp` come from another library: they agree to rounding, about 1e-15 of the largest number for
float64 and 1e-6 for float32. Where a program turns such a float into an integer or compares it
within that distance of a threshold, the answer can differ. Subnormal numbers (below 2.2e-308)
count as 0. The reward itself is given out as float32, and float64 inputs need
`jax.enable_x64`: without it JAX hands them over as float32. With `precision="f32"` floats and
integers have 32 bits. All this is tested on CPUs.

Two names of one list, dict, object or array are one value, as in Python. A list, deque or dict of
run-time size holds copies, and so does memory where two attributes hold one value: to change such
a value in place afterwards is refused (JC312); `xs.append(list(row))` puts a copy there first.
"""
_BLOBS = f"""## Blobs

`{vision_names.MODULE}` is a small vocabulary for what hangs together in a mask: plain Python over
NumPy and OpenCV, which runs as it is in CPython (with the extra `opencv`, without JAX), and which
programs may import.

```python
{vision_names.EXAMPLE}```

`blobs` returns a list, the largest first; blobs of one area come in the order of OpenCV's labels.
Masks are of bool or uint8, and what is not 0 counts. Boxes are (left, top, width, height) in whole
pixels, points are (x, y). Where a blob may be None, as `largest` returns it, nothing is inside or
touching it, it has not moved, it is infinitely far from everything and its share is 0; its
attributes need a test for None first. Two blobs are equal where their areas, boxes and centroids
are. A mask of more blobs than the limit `contours`, small ones included, is a limit fault, and so
is reading `vertices` of an outline of more points than `contour_points`. What is not read costs
nothing: neither masks nor corners are computed for a program that looks at areas alone.
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
        _exceptions(),
        _values(),
        _decorators(),
        _library(),
        _BLOBS,
        _limits(),
        _EXACTNESS,
        _codes(),
    ]
    return "\n".join(sections)


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
    elsewhere = EXCEPTIONS | DECORATORS  # they have places of their own
    not_yet = {name: hint for name, hint in BUILTINS_NOT_YET.items() if name not in elsewhere}
    return (
        f"## Builtins\n\n{entries}\n### Not supported yet\n\n{_hints(not_yet)}\n"
        f"### Never supported\n\n{_hints(BUILTINS_NEVER)}"
    )


def _exceptions() -> str:
    names = _joined(map(_code, sorted(EXCEPTIONS)))
    return f"## Exceptions\n\n`raise` and `except` may name these, and nothing else: {names}.\n"


def _values() -> str:
    rows = [(kind, _joined(map(_code, names.values()))) for kind, names in METHODS.items() if names]
    attributes = [
        (kind, f"{_code(name)}: {doc}")
        for kind, names in ATTRIBUTES.items()
        for name, doc in names.items()
    ]
    special = _joined(map(_code, sorted(SPECIAL_METHODS)))
    return (
        f"## Methods and attributes\n\n{_table(('value', 'methods'), rows)}\n"
        f"{_table(('value', 'attribute'), attributes)}\n"
        f"Special methods that classes may define: {special}; the text of `__repr__` and `__str__`"
        " is for printing. Operators, comparisons, `in`, indices, loops and unpacking ask them in"
        " Python's order, reflected ones and `NotImplemented` included, and so are the comparisons"
        " asked that `@dataclass` writes. `__iter__` has to return an iterator: `iter(...)` or a"
        " generator expression. A class derived from NamedTuple may define operators, an enum"
        " only `__repr__` and `__str__`. Not supported yet: an object on the right of an array of"
        " NumPy (of a NumPy number it may be), going through an object that has no `__iter__` but"
        " `__getitem__`, going through what is one of several objects, objects as keys and in"
        " sets.\n"
    )


def _decorators() -> str:
    accepted = _joined(_code(f"@{name}") for name in sorted(DECORATORS))
    caches = _joined(_code(f"@{name}") for name in sorted(CACHES))
    options = _joined(map(_code, sorted(RECORD_KEYWORDS)))
    return (
        f"## Decorators\n\nOf methods: {accepted}. Of functions: {caches}, which do nothing here."
        f" Of classes: `@dataclass`, with literal values for {options}.\n\n"
        f"### Not supported yet\n\n{_hints(DECORATORS_NOT_YET)}"
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
    """Return the codes with links to the page that shows a program for each."""
    return (
        "## Codes\n\n[codes.md](codes.md) shows a program for each, and the program mended.\n\n"
        f"{_table(('code', 'meaning'), code_rows())}"
    )
