"""The dtypes that a ufunc computes with, as NumPy itself resolves them."""

from __future__ import annotations

import functools
import itertools
from typing import Any, NoReturn

import numpy as np

from jaxcar.program import fixes
from jaxcar.program.tensors import BOOL, FLOAT, INT, Tensor, dtypes_of
from jaxcar.program.trace import Trace
from jaxcar.program.wording import SYMBOLS, describe

COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


class PathDependentKindError(Exception):
    """Whether an operand is Python's or NumPy's number depends on the path, and the result too."""


def loop_dtypes(trace: Trace, name: str, tensors: tuple[Tensor, ...]) -> tuple[np.dtype, ...]:
    """Return the dtypes of the loop that NumPy would run: one per operand, then the result's."""
    found: dict[Any, bool] = {}
    for hypothesis in itertools.product(*map(_kinds, tensors)):
        loops = _resolve(name, tuple(kind for kind, _ in hypothesis))
        found[loops] = found.get(loops, True) and all(python for _, python in hypothesis)
    if None in found:
        if len(found) > 1:
            _refuse_mixed(trace, name, tensors)
        words = " and ".join(describe(tensor) for tensor in tensors)
        trace.refuse(
            "JC404",
            f"`{SYMBOLS.get(name, name)}` is not defined for {words}: NumPy raises TypeError",
            fix=fixes.WIDER,
        )
    if len(found) > 1 and not _keeps_value(name, found):
        if any(not isinstance(tensor.python, bool) for tensor in tensors):
            raise PathDependentKindError
        trace.refuse(
            "JC401",
            f"whether an operand of `{name}` is a Python or a NumPy number, an int or a float, "
            "depends on the path, and the result with it",
            fix="make it one kind on every path, e.g. int(...) or float(...)",
        )
    # The widest loop holds the values of all the others.
    return max(sorted(found, key=str), key=lambda loops: sum(kind == FLOAT for kind in loops))


def _refuse_mixed(trace: Trace, name: str, tensors: tuple[Tensor, ...]) -> NoReturn:
    """Refuse an operation that some of the kinds do not have which its operands are on paths."""
    words = []
    for tensor in tensors:
        options = []
        for kind, python in _kinds(tensor):
            named = kind.__name__ if python else str(kind)
            options.append(f"a Python {named}" if python else f"a NumPy {named}")
        words.append(" on one path and ".join(options))
    trace.refuse(
        "JC401",
        f"`{SYMBOLS.get(name, name)}` of {', and '.join(words)}: for one of these kinds NumPy "
        "raises TypeError",
        fix="make it one kind on every path, e.g. int(...) or float(...)",
    )


def _kinds(tensor: Tensor) -> list[tuple[Any, bool]]:
    """Return what an operand can be on the paths that lead here, with whether it is Python's."""
    options = (tensor.python,) if isinstance(tensor.python, bool) else (True, False)
    return [
        ({"b": bool, "i": int, "f": float}[dtype.kind] if python else dtype, python)
        for dtype in sorted(dtypes_of(tensor), key=str)
        for python in options
    ]


_EXACT = ("add", "subtract", "multiply", "negative", "positive", "absolute", "square")
_CHOOSING = ("maximum", "minimum", "floor", "ceil", "trunc", "rint", *COMPARISONS)


def _keeps_value(name: str, found: dict[Any, bool]) -> bool:
    """Tell whether an operation on ints and on the equal floats gives equal numbers."""
    plain = all(set(loops) <= {INT, FLOAT, BOOL} for loops in found)
    if name in _EXACT or name in _CHOOSING:
        return plain and all(BOOL not in loops[:-1] for loops in found)
    return plain and name in ("floor_divide", "remainder") and all(found.values())


_ON_BOOLS = (
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", *COMPARISONS),
)


@functools.lru_cache(maxsize=4096)
def _resolve(name: str, kinds: tuple[Any, ...]) -> tuple[np.dtype, ...] | None:
    operation = getattr(np, name)
    if all(isinstance(kind, type) for kind in kinds):
        python = {bool: BOOL, int: INT, float: FLOAT}
        kinds = tuple(python[kind] for kind in kinds)
        # Python's `&`, `|` and `^` of two bools give a bool; its arithmetic takes them as ints.
        if name not in _ON_BOOLS or any(kind != BOOL for kind in kinds):
            kinds = tuple(INT if kind == BOOL else kind for kind in kinds)
    # A Python bool is not weak as int and float are: it joins as NumPy's bool.
    given = tuple(BOOL if kind is bool else kind for kind in kinds)
    try:
        return operation.resolve_dtypes((*given, None))
    except TypeError:
        return None


def mixed_result(name: str, tensors: tuple[Tensor, ...]) -> frozenset[np.dtype] | None:
    """Return the dtypes that the result has on different paths, if there are several."""
    options = itertools.product(*map(_kinds, tensors))
    loops = [_resolve(name, tuple(kind for kind, _ in option)) for option in options]
    results = frozenset(loop[-1] for loop in loops if loop is not None)
    return results if len(results) > 1 else None
