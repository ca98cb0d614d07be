"""Annotations mean nothing here, but in the body of a record they say which fields there are."""

from __future__ import annotations

import ast
import copy
import re

from jaxcar.lang.scopes import Scope, build_scopes, dotted_path

_DATACLASS = "dataclasses.dataclass"
_NAMEDTUPLE = "typing.NamedTuple"
_CLASS_CONSTANTS = ("typing.ClassVar", "typing_extensions.ClassVar")
_SPECIAL_FIELDS = ("dataclasses.InitVar", "dataclasses.KW_ONLY")
_HEAD = re.compile(r"\s*((?:\w+\s*\.\s*)*\w+)")


def without_annotations(tree: ast.Module) -> ast.Module:
    r"""Return a copy of a tree in which nothing is annotated but the fields of records.

    Args:
        tree: a parsed program; it is left as it is.

    Returns:
        The copy: `x: int = 1` has become `x = 1`, and `x: int` alone has become `pass`. In the
        body of a dataclass or of a class derived from NamedTuple both stay `ast.AnnAssign`, with
        the constant None for an annotation; it is the text "InitVar" or "KW_ONLY" where the
        annotation gives the field another meaning.

    Example:
        >>> ast.unparse(without_annotations(ast.parse("def f(x: int) -> int:\n    y: int = x")))
        'def f(x):\n    y = x'
    """
    return _Strip(build_scopes(tree)[tree]).visit(copy.deepcopy(tree))


class _Strip(ast.NodeTransformer):
    def __init__(self, module: Scope) -> None:
        self.module = module
        self.fields: set[ast.AnnAssign] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        decorators = [x.func if isinstance(x, ast.Call) else x for x in node.decorator_list]
        dataclass = any(dotted_path(x, self.module) == _DATACLASS for x in decorators)
        if dataclass or any(dotted_path(x, self.module) == _NAMEDTUPLE for x in node.bases):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    self._field(statement, dataclass=dataclass)
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node in self.fields:
            return self.generic_visit(node)
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        plain = ast.Assign(targets=[node.target], value=node.value)
        return self.generic_visit(ast.copy_location(plain, node))

    def _field(self, node: ast.AnnAssign, *, dataclass: bool) -> None:
        """Keep a field, with what is left of its annotation; a class constant is none."""
        path = self._path(node.annotation) if dataclass else None
        if path not in _CLASS_CONSTANTS:
            special = path.rpartition(".")[2] if path in _SPECIAL_FIELDS and path else None
            node.annotation = ast.copy_location(ast.Constant(special), node.annotation)
            self.fields.add(node)

    def _path(self, annotation: ast.expr) -> str | None:
        """Return the library path of an annotation, also of one in quotes."""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            match = _HEAD.match(annotation.value)
            head, *rest = [x.strip() for x in match.group(1).split(".")] if match else [""]
            node: ast.expr = ast.Name(head, ast.Load())
            for attribute in rest:
                node = ast.Attribute(node, attribute, ast.Load())
            return dotted_path(node, self.module)
        while isinstance(annotation, ast.Subscript):
            annotation = annotation.value
        return dotted_path(annotation, self.module)
