"""Bits as values of a program, and the truth of numbers as bits."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar.program import fixes
from jaxcar.program.predicate import Bit, both, either, level, literal
from jaxcar.program.tensors import BOOL, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.wording import describe


def from_bit(bit: Bit) -> Any:
    """Return a predicate as a Python bool of the program."""
    if isinstance(bit, bool):
        return bit
    tensor = Tensor(bit.value, BOOL, True)
    tensor.bit = bit
    return tensor


def truth(trace: Trace, value: Any) -> Bit:
    """Return the truth of a number or array; an array of several elements has none."""
    if not isinstance(value, Tensor):
        if np.size(value) != 1:
            _refuse_truth(trace, value)
        return bool(value)
    if value.value.size != 1:
        _refuse_truth(trace, value)
    if value.bit is None:
        scalar = value.value.reshape(())
        bit = literal(scalar if value.dtype == BOOL else scalar != 0)
        if value.ndim or value.level != level():
            return bit  # it may be written in place, or was made outside the loop that asks
        value.bit = bit
    return value.bit


def _refuse_truth(trace: Trace, value: Any) -> None:
    trace.refuse(
        "JC404",
        f"the truth of {describe(value)} is ambiguous: NumPy raises ValueError",
        fix=fixes.for_truth(trace.node),
    )


def any_of(bits: list[Bit]) -> Bit:
    """Return whether any of the bits holds."""
    result: Bit = False
    for bit in bits:
        result = either(result, bit)
    return result


def all_of(bits: list[Bit]) -> Bit:
    """Return whether all of the bits hold."""
    result: Bit = True
    for bit in bits:
        result = both(result, bit)
    return result
