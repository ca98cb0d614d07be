"""Where `yield` may stand: as a statement of a function, in loops and branches of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from jaxcar.lang.findings import Findings

Yielding = ast.Yield | ast.YieldFrom
_AROUND = ast.If | ast.For | ast.While


def yields_in(body: Sequence[ast.stmt]) -> Iterator[Yielding]:
    r"""Go through the `yield`s that are statements of a body, or of its loops and branches.

    Args:
        body: statements of a function.

    Example:
        >>> tree = ast.parse("def f():\n    for i in range(3):\n        yield i")
        >>> len(list(yields_in(tree.body[0].body)))
        1
    """
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, Yielding):
            yield statement.value
        elif isinstance(statement, _AROUND):
            yield from yields_in([*statement.body, *statement.orelse])


def check_yields(tree: ast.Module, findings: Findings) -> None:
    """Report every `yield` that stands elsewhere.

    Args:
        tree: the program, without annotations.
        findings: where to report.
    """
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    placed = {node for function in functions for node in yields_in(function.body)}
    for node in ast.walk(tree):
        if isinstance(node, Yielding) and node not in placed:
            findings.report(
                "JC312",
                "`yield` is not supported here yet",
                node,
                fix="write it as a statement of its own, in loops and branches alone: yield x",
            )
