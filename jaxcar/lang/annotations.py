"""Annotations mean nothing here: they are taken out before anything else looks at the tree."""

from __future__ import annotations

import ast
import copy


def without_annotations(tree: ast.Module) -> ast.Module:
    r"""Return a copy of a tree in which nothing is annotated.

    Args:
        tree: a parsed program; it is left as it is.

    Returns:
        The copy: `x: int = 1` has become `x = 1`, and `x: int` alone has become `pass`.

    Example:
        >>> ast.unparse(without_annotations(ast.parse("def f(x: int) -> int:\n    y: int = x")))
        'def f(x):\n    y = x'
    """
    return _Strip().visit(copy.deepcopy(tree))


class _Strip(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        plain = ast.Assign(targets=[node.target], value=node.value)
        return self.generic_visit(ast.copy_location(plain, node))
