"""Calls: of functions and classes of the program, library functions, types and methods."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxcar.lang.rules import LIBRARY
from jaxcar.program import construction, registry
from jaxcar.program.builtins_api import TYPES
from jaxcar.program.casting import cast, stack, to_integer
from jaxcar.program.number_faults import check_fits
from jaxcar.program.values import (
    BoundMethod,
    ClassValue,
    FunctionValue,
    Instance,
    LibraryName,
    ListValue,
    Selected,
    Tensor,
    ValueMethod,
    is_static,
    unwrap_static,
)
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


_INERT_ROOTS = ("logging.", "typing.")


def apply(run: Interpreter, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Call a function of the program or of a library, a class, a type or a method."""
    if isinstance(function, FunctionValue):
        return run.call(function, arguments, keywords)
    if isinstance(function, BoundMethod):
        return run.call(function.function, [function.instance, *arguments], keywords)
    if isinstance(function, ClassValue):
        return run.instantiate(function, arguments, keywords)
    if isinstance(function, Instance) and "__call__" in function.cls.functions:
        return run.call(function.cls.functions["__call__"], [function, *arguments], keywords)
    if isinstance(function, ValueMethod):
        return _call_method(run, function, arguments, keywords)
    if isinstance(function, type):
        return _call_type(run, function, arguments, keywords)
    if isinstance(function, LibraryName):
        return _call_library(run, function.path, arguments, keywords)
    run.trace.refuse("JC404", f"{describe(function)} is called")


def _call_library(
    run: Interpreter, path: str, arguments: list[Any], keywords: dict[str, Any]
) -> Any:
    if path.startswith(_INERT_ROOTS):
        return None
    if path not in registry.FUNCTIONS:
        known = "is not a function" if path in LIBRARY else "is not in the language"
        run.trace.refuse("JC404", f"`{path}` {known}")
    return registry.call(run.trace, path, arguments, keywords)


def _call_method(
    run: Interpreter, method: ValueMethod, arguments: list[Any], keywords: dict[str, Any]
) -> Any:
    try:
        inspect.signature(method.call).bind(*arguments, **keywords)
    except TypeError as error:
        run.trace.refuse(
            "JC402", f"`{method.name}` is called with arguments that it does not take here: {error}"
        )
    return method.call(*arguments, **keywords)


def _call_type(run: Interpreter, kind: type, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    name = next((name for name, each in TYPES.items() if each is kind), None)
    if name is not None:
        path = f"builtins.{name}"
        if path not in registry.FUNCTIONS:
            run.trace.refuse("JC312", f"{name}() is not supported yet")
        return registry.call(run.trace, path, arguments, keywords)
    if not issubclass(kind, np.generic) or kind in (np.integer, np.floating):
        run.trace.refuse("JC404", f"numpy.{kind.__name__} is called")
    if len(arguments) != 1 or keywords:
        run.trace.refuse("JC402", f"np.{kind.__name__} takes one value")
    return _convert(run, np.dtype(kind), run.trace.present(arguments[0]))


def _convert(run: Interpreter, dtype: np.dtype, value: Any) -> Any:
    """Return `np.uint8(value)` and the like: a Python int must fit, an array is converted."""
    if isinstance(value, (tuple, ListValue)):
        return stack(run.trace, value, dtype)
    if isinstance(value, Selected):
        return construction.astype(run.trace, value, dtype)
    if is_static(value):
        try:
            return dtype.type(unwrap_static(value))
        except (OverflowError, TypeError, ValueError) as error:
            run.trace.refuse("JC404", f"NumPy refuses this: {error}")
    if not isinstance(value, Tensor):
        run.trace.refuse("JC408", f"np.{dtype} of {describe(value)}")
    if value.python is not False and dtype.kind in "iu":
        whole = to_integer(run.trace, value)
        if isinstance(whole, Tensor):
            check_fits(run.trace, whole, dtype)
            value = whole
    return cast(run.trace, Tensor(value.value, value.dtype, False, value.bounds), dtype)
