"""The table of library functions that programs may call, filled by the modules that define them.

Each function takes the present `Trace` and then exactly the parameters, with names and defaults,
that programs may give it; a call that does not fit is refused with that signature.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from jaxcar.lang.rules import BUILTINS, LIBRARY
from jaxcar.lang.vision_names import FUNCTIONS as _VISION
from jaxcar.program.absent import present_arguments
from jaxcar.program.choices import distribute, has_choice
from jaxcar.program.merge import collapsed
from jaxcar.program.trace import Trace

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


_LIBRARIES = {"numpy": np, "math": math, "itertools": itertools, "builtins": builtins}
_OF_UFUNCS = {"out", "where", "casting", "order", "dtype", "subok"}


def _fits_library(path: str, count: int, keywords: dict[str, Any]) -> bool:
    """Tell whether the library itself takes this number of arguments, and these names."""
    root, *names = path.split(".")
    function: Any = _LIBRARIES.get(root)
    for name in names:
        function = getattr(function, name, None)
    if isinstance(function, np.ufunc):
        return set(keywords) <= _OF_UFUNCS and function.nin <= count <= function.nargs
    try:
        inspect.signature(function).bind(*[None] * count, **keywords)
    except (TypeError, ValueError):
        return False
    return True


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
        known = _fits_library(path, len(arguments), keywords)
        words = "that it does not take here" if known else "that it does not take"
        trace.refuse(
            "JC403" if known else "JC402",
            f"`{name}` is called with arguments {words}: {error}",
            fix=f"call it as {shown.removeprefix('builtins.')}",
        )
    by_position = sorted(set(keywords) & _positional_only(path))
    if by_position:
        trace.refuse(
            "JC402",
            f"`{path}` takes `{by_position[0]}` by position alone: Python raises TypeError",
            fix="give it without its name",
        )
    arguments, keywords = present_arguments(trace, path, function, arguments, keywords)
    # No library function changes a list or dict: one that holds the same will do.
    arguments = [collapsed(value) for value in arguments]
    keywords = {name: collapsed(value) for name, value in keywords.items()}
    values = (*arguments, *keywords.values())
    if has_choice(*values) and path not in _WHOLE:
        names = list(keywords)

        def plain(*operands: Any) -> Any:
            given, named = operands[: len(arguments)], operands[len(arguments) :]
            return function(trace, *given, **dict(zip(names, named, strict=True)))

        return distribute(trace, plain, *values)
    return function(trace, *arguments, **keywords)


@functools.lru_cache(maxsize=1024)
def _positional_only(path: str) -> frozenset[str]:
    """Return the parameters that CPython takes by position alone, by the names that we give."""
    root, *names = path.split(".")
    if root not in ("numpy", "math"):
        return frozenset()
    real: Any = {"numpy": np, "math": math}[root]
    for name in names:
        real = getattr(real, name, None)
    ours = list(inspect.signature(FUNCTIONS[path]).parameters)[1:]
    if isinstance(real, np.ufunc):
        return frozenset(ours[: real.nin])
    try:
        parameters = inspect.signature(real).parameters.values()
    except (TypeError, ValueError):
        return frozenset()
    return frozenset(p.name for p in parameters if p.kind is p.POSITIONAL_ONLY)


# Functions that look at what a value is, not only at its number, that write into it, or that take
# None as well.
_WHOLE = frozenset(
    {
        *("builtins.print", "builtins.str", "builtins.bool", "builtins.repr"),
        *("cv2.rectangle", "cv2.circle", "cv2.line"),
        *(f"jaxcar.vision.host.{call.partition('(')[0]}" for call in _VISION),
    }
)
