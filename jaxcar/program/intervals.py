"""Integer bounds of arithmetic: what proves that 32 bits are enough and that nothing wraps."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from jaxcar.program.tensors import Bounds

Pair = tuple[int, int]
_HUGE = 1 << 70


def _corners(f: Callable[[int, int], int]) -> Callable[[Pair, Pair], Pair]:
    def bounds(a: Pair, b: Pair) -> Pair:
        values = [f(x, y) for x, y in itertools.product(a, b)]
        return (min(values), max(values))

    return bounds


def _floor_divide(a: Pair, b: Pair) -> Pair:
    divisors = [y for y in {*b, -1, 1} if y != 0 and b[0] <= y <= b[1]]
    values = [x // y for x in a for y in divisors] or [0]
    # NumPy gives 0 for division by zero.
    zero = [0] if b[0] <= 0 <= b[1] else []
    return (min(values + zero), max(values + zero))


def _remainder(a: Pair, b: Pair) -> Pair:
    low = min(0, b[0] + 1)
    high = max(0, b[1] - 1)
    if a[0] >= 0 and b[0] >= 0:
        high = min(high, a[1])
    return (low, high)


def _bitwise(a: Pair, b: Pair) -> Pair:
    if min(a[0], b[0]) >= 0:
        return (0, (1 << max(a[1], b[1]).bit_length()) - 1)
    size = max(abs(x) for x in (*a, *b)).bit_length()
    return (-(1 << size), (1 << size) - 1)


def _bitwise_and(a: Pair, b: Pair) -> Pair:
    highs = [x[1] for x in (a, b) if x[0] >= 0]
    return (0, min(highs)) if highs else _bitwise(a, b)


def _left_shift(a: Pair, b: Pair) -> Pair:
    if b[0] < 0 or b[1] > 64:
        return (-_HUGE, _HUGE)
    return _corners(lambda x, y: x << y)(a, b)


def _right_shift(a: Pair, b: Pair) -> Pair:
    if b[0] < 0:
        return (-_HUGE, _HUGE)
    return _corners(lambda x, y: x >> min(y, 64))(a, b)


BINARY: dict[str, Callable[[Pair, Pair], Pair]] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "subtract": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "multiply": _corners(lambda x, y: x * y),
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "bitwise_and": _bitwise_and,
    "bitwise_or": _bitwise,
    "bitwise_xor": _bitwise,
    "left_shift": _left_shift,
    "right_shift": _right_shift,
    "fmin": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "fmax": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "fmod": lambda a, b: (min(0, a[0]), max(0, a[1])),
    "minimum": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "maximum": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
}


def _absolute(a: Pair) -> Pair:
    if a[0] >= 0:
        return a
    return (0 if a[1] >= 0 else -a[1], max(-a[0], a[1]))


UNARY: dict[str, Callable[[Pair], Pair]] = {
    "negative": lambda a: (-a[1], -a[0]),
    "positive": lambda a: a,
    "absolute": _absolute,
    "sign": lambda a: (max(-1, min(a[0], 1)), max(-1, min(a[1], 1))),
    "square": lambda a: (lambda m: (m[0] * m[0], m[1] * m[1]))(_absolute(a)),
    "invert": lambda a: (~a[1], ~a[0]),
    "floor": lambda a: a,
    "ceil": lambda a: a,
    "trunc": lambda a: a,
    "rint": lambda a: a,
}


def interval(name: str, operands: tuple[Bounds, ...]) -> Bounds:
    """Return bounds of an integer operation's exact result, or None where none are known.

    Args:
        name: the ufunc's name, such as "add".
        operands: the bounds of each operand; None for unknown.

    Example:
        >>> interval("add", ((0, 255), (0, 255)))
        (0, 510)
    """
    if any(bounds is None for bounds in operands):
        return None
    if len(operands) == 1 and name in UNARY:
        return UNARY[name](operands[0])  # type: ignore[arg-type]
    if len(operands) == 2 and name in BINARY:
        return BINARY[name](operands[0], operands[1])  # type: ignore[arg-type]
    return None


def inside(inner: Bounds, outer: Bounds) -> bool:
    """Tell whether the first bounds lie within the second."""
    if inner is None or outer is None:
        return False
    return outer[0] <= inner[0] and inner[1] <= outer[1]
