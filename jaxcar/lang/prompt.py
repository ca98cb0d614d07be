"""The language in the few words that a model's prompt has room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jaxcar.lang.rules import ATTRIBUTES, BUILTINS, CONSTRUCTS, LIBRARY, METHODS

# Frames reach a prompted program as arguments; annotations need no telling.
_NOT_PROMPTED = frozenset(
    {
        "cv2.imread",
        "cv2.IMREAD_COLOR",
        *(path for path in LIBRARY if path.startswith("numpy.typing.")),
    }
)
_PROMPT_LENGTH = 4_990
# How many characters of a prompt the names of a library may take, and which names come first.
_PROMPT_SHARES = {"math": 0.15, "cv2": 0.30, "numpy": 0.55}  # what one leaves, the next may take
_PROMPT_FIRST = {
    "numpy": (
        *("array", "asarray", "zeros", "ones", "zeros_like", "arange", "stack", "concatenate"),
        *("where", "argwhere", "nonzero", "any", "all", "sum", "mean", "std", "min", "max"),
        *("argmin", "argmax", "count_nonzero", "abs", "sqrt", "clip", "round", "linalg.norm"),
        *("dot", "array_equal", "isclose", "allclose", "minimum", "maximum", "logical_and"),
        *("logical_or", "logical_not", "median", "percentile", "unique", "diff", "cumsum"),
        *("linspace", "full", "flatnonzero", "prod", "var", "floor", "ceil", "exp", "log", "sin"),
        *("cos", "arctan2", "hypot", "sort", "argsort", "isnan", "isin", "bincount", "vstack"),
        *("hstack", "reshape", "cross", "sign", "square", "diag", "eye"),
        *("uint8", "int64", "float32", "float64", "bool_", "pi", "inf"),
    ),
    "cv2": (
        *("cvtColor", "inRange", "COLOR_RGB2HSV", "COLOR_RGB2GRAY", "COLOR_BGR2HSV"),
        *("countNonZero", "bitwise_and", "bitwise_or", "bitwise_not", "absdiff"),
        *("connectedComponentsWithStats", "findContours", "contourArea", "boundingRect"),
        *("moments", "threshold", "erode", "dilate", "matchTemplate"),
    ),
    "math": ("sqrt", "hypot", "atan2", "sin", "cos", "pi", "floor", "ceil", "exp", "log"),
}
_PROMPT_OTHERS = (
    *("collections.deque", "collections.defaultdict", "collections.Counter"),
    *("collections.namedtuple", "dataclasses.dataclass", "dataclasses.field", "enum.Enum"),
    *("functools.reduce", "functools.partial", "typing.NamedTuple", "itertools.product"),
    *("itertools.combinations", "itertools.chain", "scipy.spatial.distance.cdist"),
    "scipy.spatial.distance.euclidean",
)
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


def prompt_section() -> str:
    """Return the language in under 5,000 characters, for a model that is to write programs.

    Returns:
        Plain text: what a program receives and returns, what it may use, and what is refused.

    Example:
        >>> len(prompt_section()) < 5000
        True
    """
    libraries, closing = {name: "" for name in _PROMPT_SHARES}, _closing()
    room = _PROMPT_LENGTH - len(_prompt(libraries, closing))
    shares = sum(_PROMPT_SHARES.values())
    for module, share in _PROMPT_SHARES.items():
        libraries[module] = _within(_prompted(module), int(room * share / shares))
        room -= len(libraries[module])
        shares -= share
    return _prompt(libraries, closing)


def _prompt(libraries: Mapping[str, str], closing: str) -> str:
    lines = [_PROMPT, "Accepted:"]
    lines += [f"- {words}" for words in CONSTRUCTS]
    lines += ["", f"Builtins: {_joined(BUILTINS)}."]
    lines += [f"{module}: {names}." for module, names in libraries.items()]
    for kind in ("array", "list", "dict", "set"):
        lines.append(f"Of {kind}s: {_joined([*METHODS[kind], *ATTRIBUTES.get(kind, {})])}.")
    return "\n".join([*lines, closing])


def _closing() -> str:
    others = [path for path in _PROMPT_OTHERS if path in LIBRARY]
    modules = dict.fromkeys(path.rpartition(".")[0] for path in others)
    return "\n".join(
        [
            f"From {_joined(modules)}: {_joined(path.rpartition('.')[2] for path in others)}.",
            "",
            "Refused: several base classes, recursion, `async`, `with` of anything else,",
            "exception classes of your own, `**` parameters, property setters, sequences in",
            "patterns; other imports and library functions; random numbers, files; mutable default",
            "arguments; state outside `self`; exec, eval, open, setattr, type.",
            "Loops may run over ranges, lists and `while` conditions that depend on the frame. The",
            "shapes of new arrays (np.zeros(n), reshape) must be constants: make them as long as",
            "they can get, and mask. Prefer masks and reductions over loops over pixels.",
            "",
        ]
    )


def _prompted(module: str) -> list[str]:
    """Return the names of a library, the usual ones first."""
    start = f"{module}."
    names = [
        path.removeprefix(start)
        for path in LIBRARY
        if path.startswith(start) and path not in _NOT_PROMPTED
    ]
    first = [name for name in _PROMPT_FIRST[module] if name in names]
    return [*first, *(name for name in names if name not in first)]


def _within(names: list[str], room: int) -> str:
    """Return as many names as there is room for."""
    if len(_joined(names)) <= room:
        return _joined(names)
    rest = " and others"
    kept: list[str] = []
    for name in names:
        if len(_joined([*kept, name])) + len(rest) > room:
            break
        kept.append(name)
    return _joined(kept) + rest


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)
