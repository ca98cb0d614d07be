"""Values whose kind depends on the path: each operation runs once for each of them."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from jaxcar.program.merge import merge
from jaxcar.program.predicate import Bit, both, negate
from jaxcar.program.trace import AbandonedError, Trace
from jaxcar.program.values import UNSET, Choice, Optional

_MOST = 16


def has_choice(*operands: Any) -> bool:
    """Tell whether an operand is a `Choice`, or one that may be None."""
    return any(isinstance(x.value if isinstance(x, Optional) else x, Choice) for x in operands)


def distribute(trace: Trace, function: Callable[..., Any], *operands: Any) -> Any:
    """Apply a function to every combination of what its operands can be, each on its own path.

    Args:
        trace: the present tracing.
        function: of plain operands.
        *operands: values, some of them `Choice`.

    Returns:
        The join of the results.
    """
    operands = tuple(trace.present(x) if has_choice(x) else x for x in operands)
    sides = [x.options if isinstance(x, Choice) else [(True, x)] for x in operands]
    return _combined(trace, function, sides)


def alternatives(trace: Trace, function: Callable[..., Any], *operands: Any) -> Any:
    """Apply a function as `distribute` does, also to None where an operand may be None."""
    return _combined(trace, function, [_options(trace, x) for x in operands])


def _options(trace: Trace, value: Any) -> list[tuple[Bit, Any]]:
    value = trace.narrow(value)
    if isinstance(value, Optional):
        inner = [(both(value.some, bit), x) for bit, x in _options(trace, value.value)]
        return [*inner, (negate(value.some), None)]
    if isinstance(value, Choice):
        return [(both(bit, b), x) for bit, y in value.options for b, x in _options(trace, y)]
    return [(True, trace.present(value))]


def _combined(
    trace: Trace, function: Callable[..., Any], sides: Sequence[Sequence[tuple[Bit, Any]]]
) -> Any:
    result: Any = UNSET
    combinations = list(itertools.product(*sides))
    if len(combinations) > _MOST:
        trace.refuse(
            "JC401",
            "the kinds of these numbers depend on the path in too many ways",
            fix="make each one kind on every path, e.g. float(...)",
        )
    for combination in combinations:
        bit: Bit = True
        for side, _ in combination:
            bit = both(bit, side)
        if both(trace.path, bit) is False:
            continue
        made = trace.on_path(bit, functools.partial(function, *(x for _, x in combination)))
        if made is UNSET:
            continue  # CPython raises on this path: there is no result
        result = made if result is UNSET else merge(bit, made, result)
    if result is UNSET and combinations:
        raise AbandonedError
    return result
