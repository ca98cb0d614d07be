"""Private names: inside a class, Python takes `__x` for `_Class__x`."""

from __future__ import annotations

import ast


def rename_private(tree: ast.Module) -> None:
    r"""Give every private name the name that Python gives it, in the tree itself.

    Args:
        tree: a program whose names are checked.

    Example:
        >>> tree = ast.parse("class Door:\n    def step(self): return self.__seen")
        >>> rename_private(tree)
        >>> ast.unparse(tree.body[0].body[0].body[0])
        'return self._Door__seen'
    """
    _Renamer().visit(tree)


class _Renamer(ast.NodeVisitor):
    def __init__(self) -> None:
        self.owner = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in [*node.bases, *node.keywords, *node.decorator_list]:
            self.visit(outside)
        outer, self.owner = self.owner, node.name.lstrip("_")
        for statement in node.body:
            self.visit(statement)
        self.owner = outer

    def visit(self, node: ast.AST) -> None:
        """Rename what a node names, and visit what stands in it."""
        if self.owner:
            for field in ("id", "attr", "arg", "name"):
                name = getattr(node, field, None)
                if isinstance(name, str):
                    setattr(node, field, self._renamed(name))
            if isinstance(node, ast.Global | ast.Nonlocal):
                node.names = [self._renamed(name) for name in node.names]
        super().visit(node)

    def _renamed(self, name: str) -> str:
        private = name[:2] == "__" and name[-2:] != "__" and "." not in name
        return f"_{self.owner}{name}" if private else name
