"""Refusals that several modules share."""

from __future__ import annotations

from typing import Any, NoReturn

from jaxcar.program import fixes
from jaxcar.program.tensors import Selected, Window
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe


def refuse_operands(trace: Trace, name: str, *values: Any) -> NoReturn:
    """Refuse a call of NumPy's function with values that are not all numbers and arrays.

    Args:
        trace: the present tracing.
        name: the function, without "np.".
        *values: its arguments.
    """
    for value in values:
        if isinstance(value, (Selected, Window)):
            trace.refuse(
                "JC312",
                f"np.{name} of {describe(value)} is not supported yet",
                fix=fixes.SELECTED if isinstance(value, Selected) else fixes.WINDOW,
            )
    others = [value for value in values if not is_numeric(value)] or list(values)
    trace.refuse(
        "JC404",
        f"np.{name} takes numbers and arrays, not {' and '.join(map(describe, others))}",
        fix=fixes.NUMBERS,
    )
