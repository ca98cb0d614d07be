"""Which object a namedtuple is: a number that no other has, for `a is b`.

Namedtuples are values: joined field by field, and packed into rows. Where a program asks whether
two of them are one object, each that a step makes gets a mark: where it was made, and in which turn
of the loops. Those of earlier steps have negative marks: they differ from all that this step makes,
and among themselves the same mark may have been given twice, in two steps.
"""

from __future__ import annotations

import ast
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.predicate import Bit, literal
from jaxcar.program.tensors import INT, Tensor
from jaxcar.program.trace import Trace

_TURNS = 1 << 32


def asks_identity(tree: ast.AST) -> bool:
    """Tell whether a program asks for the identity of anything but None, True and False."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for op, *pair in zip(node.ops, sides, sides[1:], strict=False):
            known = any(isinstance(side, ast.Constant) for side in pair)
            if isinstance(op, (ast.Is, ast.IsNot)) and not known:
                return True
    return False


def new_mark(trace: Trace) -> Tensor | None:
    """Return the mark of an object that is made now; None where nobody asks."""
    if trace.marks is None:
        return None
    trace.marks += 1
    turns = jnp.asarray(np.int64(0)) + trace.turns
    return Tensor(turns + trace.marks * _TURNS, INT, True)


def remembered(mark: Any) -> Tensor:
    """Return the mark of an object that an earlier step has made."""
    return Tensor(jnp.where(mark.value < 0, mark.value, -1 - mark.value), INT, True)


def compare_marks(a: Tensor, b: Tensor) -> tuple[Bit, Bit]:
    """Return where two marks are of one object, and where they may or may not be."""
    same = a.value == b.value
    return literal(same & (a.value >= 0)), literal(same & (a.value < 0))
