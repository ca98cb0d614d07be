"""What an example of a diagnostic code is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from jaxcar.lang.rules import Limits

FRAME = (8, 8, 3)


class Input(NamedTuple):
    """One input of a program.

    Attributes:
        shape: the lengths of its axes.
        dtype: the name of its dtype.
    """

    shape: tuple[int, ...]
    dtype: str


class Example(NamedTuple):
    """A program that yields a code as its first diagnostic, and the program that heeds its fix.

    Attributes:
        bad: the program; a warning accepts it, an error refuses it.
        mended: the program after the fix, which is accepted and runs.
        inputs: what the programs may look at; none for pictures of shape `FRAME`.
        entry: which definition the caller asks for, where that matters.
        limits: the bounds, where they are tighter than the default.

    Example:
        >>> Example("def done(frame) return True", "def done(frame): return True").entry is None
        True
    """

    bad: str
    mended: str
    inputs: Mapping[str, Input] | None = None
    entry: str | None = None
    limits: Limits | None = None


ARM = {"ee_pos": Input((3,), "float32"), "cube_pos": Input((3,), "float32")}
HELD = {**ARM, "held": Input((), "bool")}
IDS = {"ids": Input((4,), "int64")}
