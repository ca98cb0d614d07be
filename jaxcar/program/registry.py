"""The table of library functions that programs may call, filled by the modules that define them.

Each function takes the present `Trace` and then exactly the parameters, with names and defaults,
that programs may give it; a call that does not fit is refused with that signature.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from jaxcar.lang.rules import BUILTINS, LIBRARY
from jaxcar.program.choices import distribute, has_choice
from jaxcar.program.trace import Trace
from jaxcar.program.values import Optional

Function = Callable[..., Any]

FUNCTIONS: dict[str, Function] = {}


def library(*paths: str) -> Callable[[Function], Function]:
    """Register a function under the dotted paths that CPython would find it at.

    Args:
        *paths: dotted names, such as "numpy.where"; builtins stand under "builtins".
    """

    def register(function: Function) -> Function:
        for path in paths:
            assert path not in FUNCTIONS, f"{path} is defined twice"
            FUNCTIONS[path] = function
        return function

    return register


def call(trace: Trace, path: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Call a library function with the program's arguments, or refuse the program.

    Args:
        trace: the present tracing.
        path: the function's dotted path.
        arguments: positional arguments.
        keywords: keyword arguments.
    """
    function = FUNCTIONS[path]
    try:
        inspect.signature(function).bind(trace, *arguments, **keywords)
    except TypeError as error:
        name = path.removeprefix("builtins.")
        entry = LIBRARY.get(path) or BUILTINS.get(name)
        shown = f"{path.rpartition('.')[0]}.{entry.signature}" if entry else name
        trace.refuse(
            "JC402",
            f"`{name}` is called with arguments that it does not take here: {error}",
            fix=f"call it as {shown.removeprefix('builtins.')}",
        )
    if path.startswith(("numpy.", "cv2.")):
        for value in (*arguments, *keywords.values()):
            if isinstance(trace.narrow(value), Optional):
                # Some of NumPy's functions take None for an array of one object.
                trace.refuse(
                    "JC404",
                    f"`{path.rpartition('.')[2]}` is called with a value that may be None",
                    fix="test `is not None` first",
                )
    values = (*arguments, *keywords.values())
    if has_choice(*values) and path not in _WHOLE:
        names = list(keywords)

        def plain(*operands: Any) -> Any:
            given, named = operands[: len(arguments)], operands[len(arguments) :]
            return function(trace, *given, **dict(zip(names, named, strict=True)))

        return distribute(trace, plain, *values)
    return function(trace, *arguments, **keywords)


# Functions that look at what a value is, not only at its number.
_WHOLE = frozenset({"builtins.print", "builtins.str", "builtins.bool", "builtins.repr"})
