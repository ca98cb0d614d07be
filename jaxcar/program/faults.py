"""Faults: what CPython would have raised, and where our own bounds were met.

A fault is one i32 per program and step: `line * 64 + kind`, 0 for none. *Python* faults arise
exactly where CPython raises; *limit* faults are jaxcar's own and are counted apart.
"""

from __future__ import annotations

import enum
from typing import Any

KIND_BITS = 6
LIMIT_FIRST = 32


class Fault(enum.IntEnum):
    """The kinds of fault; those from 32 on are limits of jaxcar, not errors of the program."""

    ZERO_DIVISION = 1
    INDEX = 2
    KEY = 3
    NAME = 4
    NONE = 5
    VALUE = 6
    OVERFLOW = 7
    TYPE = 8
    ATTRIBUTE = 9
    ASSERTION = 10
    ARITHMETIC = 11
    RUNTIME = 12
    NOT_IMPLEMENTED = 13
    STOP_ITERATION = 14
    EXCEPTION = 15
    LOOKUP = 16
    NAME_GLOBAL = 17
    ARITHMETIC_BASE = 18
    FLOATING_POINT = 19
    INTEGER_LIMIT = 32
    CAPACITY_LIMIT = 33
    TRIP_LIMIT = 34
    COMPLEX_LIMIT = 35
    UNSPECIFIED_LIMIT = 36
    POINT_LIMIT = 37


_WORDS = {
    Fault.ZERO_DIVISION: "ZeroDivisionError: division by zero",
    Fault.INDEX: "IndexError: index out of range",
    Fault.KEY: "KeyError: no such key",
    Fault.NAME: "UnboundLocalError: the name has no value on this path",
    Fault.NONE: "TypeError: None where a value is needed",
    Fault.VALUE: "ValueError: the value cannot be used here",
    Fault.OVERFLOW: "OverflowError: the number is too large for its type",
    Fault.TYPE: "TypeError: wrong kind of value",
    Fault.ATTRIBUTE: "AttributeError: the attribute has no value on this path",
    Fault.ASSERTION: "AssertionError: the assertion is false",
    Fault.ARITHMETIC: "ValueError: math domain error",
    Fault.RUNTIME: "RuntimeError: raised by the program",
    Fault.NOT_IMPLEMENTED: "NotImplementedError: raised by the program",
    Fault.STOP_ITERATION: "StopIteration: there is no next element",
    Fault.EXCEPTION: "Exception: raised by the program",
    Fault.LOOKUP: "LookupError: raised by the program",
    Fault.NAME_GLOBAL: "NameError: the name has no value",
    Fault.ARITHMETIC_BASE: "ArithmeticError: raised by the program",
    Fault.FLOATING_POINT: "FloatingPointError: raised by the program",
    Fault.INTEGER_LIMIT: "limit: an integer left the 64-bit range",
    Fault.CAPACITY_LIMIT: "limit: a bounded collection overflowed",
    Fault.TRIP_LIMIT: "limit: a loop ran more often than its budget",
    Fault.COMPLEX_LIMIT: "limit: the result would be a complex number",
    Fault.UNSPECIFIED_LIMIT: "limit: NumPy or Python does not say what comes out here (equal "
    "elements in an argsort without kind='stable', nan in a sort, a float that its integer dtype "
    "cannot hold, keys that a loop through their dict takes out, a figure of cv2 that leaves its "
    "picture, the place of one of two equal peaks, a hull's corner that is given twice, a cv2 "
    "function of a part without pixels that gives None, or whether two objects of earlier steps "
    "are one)",
    Fault.POINT_LIMIT: "limit: a contour has no point, or one outside of 0 to 1023",
}

# What CPython raises for each kind: `except` clauses go by it.
EXCEPTIONS: dict[Fault, type[BaseException]] = {
    Fault.ZERO_DIVISION: ZeroDivisionError,
    Fault.INDEX: IndexError,
    Fault.KEY: KeyError,
    Fault.NAME: UnboundLocalError,
    Fault.NONE: TypeError,
    Fault.VALUE: ValueError,
    Fault.OVERFLOW: OverflowError,
    Fault.TYPE: TypeError,
    Fault.ATTRIBUTE: AttributeError,
    Fault.ASSERTION: AssertionError,
    Fault.ARITHMETIC: ValueError,
    Fault.RUNTIME: RuntimeError,
    Fault.NOT_IMPLEMENTED: NotImplementedError,
    Fault.STOP_ITERATION: StopIteration,
    Fault.EXCEPTION: Exception,
    Fault.LOOKUP: LookupError,
    Fault.NAME_GLOBAL: NameError,
    Fault.ARITHMETIC_BASE: ArithmeticError,
    Fault.FLOATING_POINT: FloatingPointError,
}


def raised_as(exception: type[BaseException]) -> Fault:
    """Return the kind of fault that raising this builtin exception is."""
    return next((f for f, kind in EXCEPTIONS.items() if kind is exception), Fault.EXCEPTION)


def encode(line: int, kind: Fault) -> int:
    """Return the code of a fault of this kind on this source line (1-based)."""
    return (line << KIND_BITS) | int(kind)


def fault_line(code: Any) -> Any:
    """Return the 1-based source line of a fault code (an int or an i32 array of any shape)."""
    return code >> KIND_BITS


def fault_kind(code: Any) -> Any:
    """Return the kind of a fault code (an int or an i32 array of any shape); 0 for none."""
    return code & ((1 << KIND_BITS) - 1)


def is_limit_fault(code: Any) -> Any:
    """Tell whether a fault code is a limit of jaxcar's (elementwise for arrays)."""
    return fault_kind(code) >= LIMIT_FIRST


def describe_fault(code: int) -> str:
    """Return a fault code in words.

    Args:
        code: an element of `StepOutput.fault`.

    Returns:
        "no fault", or the line and what CPython would have raised there.

    Example:
        >>> describe_fault(encode(3, Fault.ZERO_DIVISION))
        'line 3: ZeroDivisionError: division by zero'
    """
    code = int(code)
    if code == 0:
        return "no fault"
    return f"line {fault_line(code)}: {_WORDS[Fault(fault_kind(code))]}"
