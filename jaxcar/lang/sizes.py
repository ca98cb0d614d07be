"""How large functions are with every call written out: they are compiled that way."""

from __future__ import annotations

import ast

from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import Limits
from jaxcar.lang.scopes import FunctionNode, Scopes
from jaxcar.lang.uses import Choice, Use, Vertex, function_uses, name_of

_LARGEST = 10**15  # sizes beyond it are not told apart
_NO_SIZE = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


def check_sizes(tree: ast.Module, scopes: Scopes, findings: Findings, limits: Limits) -> None:
    """Report the functions that nothing calls and that are too large with their calls written out.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
        limits: `equations` bounds the size, for a node makes an equation or so.
    """
    uses = function_uses(tree, scopes)
    sizes = written_sizes(uses)
    called = {use.callee for found in uses.values() for use in found if use.certain}
    for function, size in sizes.items():
        if isinstance(function, Choice) or function in called:
            continue
        if size > limits.equations:
            least = "more than " if size >= _LARGEST else ""
            findings.report(
                "JC508",
                f"with every call written out, `{name_of(function)}` has {least}{size:,} nodes;"
                f" the limit is {limits.equations:,}",
                function,
                fix="call each helper once and keep its result in a variable, or shorten the chain",
            )


def written_sizes(uses: dict[Vertex, list[Use]]) -> dict[Vertex, int]:
    """Return the number of syntax nodes of each function with the functions that it names inside.

    A function that names itself, by whatever way, is counted once on that way. A choice has the
    size of its largest function.

    Args:
        uses: from `jaxcar.lang.uses.function_uses`.
    """
    sizes: dict[Vertex, int] = {}
    entered: set[Vertex] = set()
    for start in uses:
        pending: list[tuple[Vertex, bool]] = [(start, False)]
        while pending:
            node, left = pending.pop()
            if left:
                # A callee without a size is on the way back to a function that names itself.
                inside = [sizes.get(use.callee, 0) for use in uses[node]]
                if isinstance(node, Choice):
                    sizes[node] = max(inside, default=0)
                else:
                    sizes[node] = min(own_size(node) + sum(inside), _LARGEST)
            elif node not in entered:
                entered.add(node)
                pending.append((node, True))
                pending += [(use.callee, False) for use in uses[node]]
    return sizes


def own_size(function: ast.AST) -> int:
    """Return the number of nodes of a function, but for annotations and functions inside it."""
    size = 0
    pending: list[ast.AST] = [function]
    while pending:
        node = pending.pop()
        size += not isinstance(node, _NO_SIZE)
        annotations = (getattr(node, "annotation", None), getattr(node, "returns", None))
        if node is function or not isinstance(node, FunctionNode | ast.Lambda):
            pending += [n for n in ast.iter_child_nodes(node) if n not in annotations]
    return size
