"""The functions of a program that name one another, whatever they were assigned to."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.members import relatives
from jaxcar.lang.scopes import (
    FunctionNode,
    Scope,
    ScopedVisitor,
    Scopes,
    dotted_path,
)

Callable = FunctionNode | ast.Lambda


class Choice(NamedTuple):
    """What stands for one of several functions: a variable, or a method whose object is not known.

    Attributes:
        owner: the node whose scope binds the variable; None for a method.
        name: the variable or method.
    """

    owner: ast.AST | None
    name: str


Vertex = Callable | Choice


class Use(NamedTuple):
    """A place that names a function.

    Attributes:
        callee: the function, or what stands for it.
        place: where.
        certain: False where it may be another: a method of that name, an element of a table.
    """

    callee: Vertex
    place: ast.expr
    certain: bool = True


def function_uses(tree: ast.Module, scopes: Scopes) -> dict[Vertex, list[Use]]:
    """Return, for each function, lambda and choice of a program, what it leads to.

    A name that is assigned a function, a lambda, or a tuple, list or dict of them is a choice
    of these.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.

    Returns:
        A graph: every callee is a key.
    """
    assignments = _Assignments(tree, scopes)
    choices = assignments.choices()
    for name, methods in _methods(scopes).items():
        choices[Choice(None, name)] = [Use(x, ast.Name(name, ast.Load()), False) for x in methods]
    graph = _Uses(tree, scopes, choices, assignments.named)
    graph.generic_visit(tree)
    return {**graph.uses, **choices}


def name_of(node: Callable) -> str:
    """Return what messages call a function."""
    return "lambda" if isinstance(node, ast.Lambda) else shortened(node.name)


def _methods(scopes: Scopes) -> dict[str, list[FunctionNode]]:
    found: dict[str, list[FunctionNode]] = {}
    for node in scopes:
        for method in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(method, FunctionNode):
                found.setdefault(method.name, []).append(method)
    return found


class _Uses(ScopedVisitor):
    def __init__(
        self,
        tree: ast.Module,
        scopes: Scopes,
        choices: dict[Vertex, list[Use]],
        named: set[ast.Lambda],
    ) -> None:
        super().__init__(tree, scopes)
        self.choices = choices
        self.named = named
        self.uses: dict[Vertex, list[Use]] = {}
        self.classes = {node.name: node for node in scopes if isinstance(node, ast.ClassDef)}
        self.function: Callable | None = None

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        self.uses.setdefault(node, [])
        outside, self.function = self.function, node
        super().visit_FunctionDef(node)
        self.function = outside

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        if node not in self.named:  # what has no name is used where it stands
            self._add(node, node)
        self.uses.setdefault(node, [])
        outside, self.function = self.function, node
        super().visit_Lambda(node)
        self.function = outside

    def visit_Name(self, node: ast.Name) -> None:
        found = self.scope.find(node.id)
        if found is None or not isinstance(node.ctx, ast.Load):
            return
        choice = Choice(found[0].node, node.id)
        if isinstance(found[1].node, FunctionNode):
            self._add(found[1].node, node)
        elif choice in self.choices:
            self._add(choice, node)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        found = self.scope.find(node.func.id) if isinstance(node.func, ast.Name) else None
        if found is not None and found[1].kind == "class":
            for name in ("__init__", "__post_init__"):
                self._add_methods(found[1].node, name, node.func)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        found = self.scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
        if found is None or found[1].kind not in ("self", "class"):
            if Choice(None, node.attr) in self.choices:
                self._add(Choice(None, node.attr), node, certain=False)
            return
        owner = found[1].node
        if found[1].kind == "self" and found[0].parent is not None:
            owner = found[0].parent.node
        self._add_methods(owner, node.attr, node)

    def _add_methods(self, owner: ast.AST, name: str, place: ast.expr) -> None:
        """Add the method of a class or its base; derived classes may have another."""
        kin = relatives(owner, self.classes) if isinstance(owner, ast.ClassDef) else [owner]
        found = [
            binding.node
            for each in kin
            for binding in self.scopes[each].names.get(name, [])
            if isinstance(binding.node, FunctionNode)
        ]
        several = len([x for x in kin if name in self.scopes[x].names]) > 1
        for node in found:
            self._add(node, place, certain=not several)

    def _add(self, callee: Vertex, place: ast.expr, *, certain: bool = True) -> None:
        if self.function is not None:
            self.uses[self.function].append(Use(callee, place, certain))


class _Held(NamedTuple):
    """A part of what a variable is assigned: a name or lambda, and whether it stands alone."""

    node: ast.Name | ast.Lambda
    scope: Scope
    alone: bool


class _Assignments(ScopedVisitor):
    """Collect what variables are assigned, as far as it may hold functions."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        super().__init__(tree, scopes)
        self.values: dict[Vertex, list[_Held]] = {}
        self.named: set[ast.Lambda] = set()
        self.generic_visit(tree)

    def choices(self) -> dict[Vertex, list[Use]]:
        """Return the functions and variables that each variable stands for."""
        return {
            choice: [use for held in values for use in self._uses(held)]
            for choice, values in self.values.items()
        }

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._assign(target.id, node.value)
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._assign(node.target.id, node.value)
        self.generic_visit(node)

    def _assign(self, name: str, value: ast.expr) -> None:
        found = self.scope.find(name)
        parts = list(_parts(value, self.scope))
        if found is not None and parts:
            self.values.setdefault(Choice(found[0].node, name), []).extend(parts)
            self.named |= {x.node for x in parts if isinstance(x.node, ast.Lambda)}

    def _uses(self, held: _Held) -> Iterator[Use]:
        node = held.node
        if isinstance(node, ast.Lambda):
            yield Use(node, node, held.alone)
            return
        found = held.scope.find(node.id)
        if found is not None and isinstance(found[1].node, FunctionNode):
            yield Use(found[1].node, node, held.alone)
        elif found is not None and Choice(found[0].node, node.id) in self.values:
            yield Use(Choice(found[0].node, node.id), node, held.alone)


def _parts(value: ast.expr, scope: Scope) -> Iterator[_Held]:
    """Yield the names and lambdas that a value holds: itself, elements, alternatives."""
    pending: list[tuple[ast.expr | None, bool]] = [(value, True)]
    while pending:
        node, alone = pending.pop()
        if isinstance(node, ast.Name | ast.Lambda):
            yield _Held(node, scope, alone)
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            pending += [(x, False) for x in node.elts]
        elif isinstance(node, ast.Dict):
            pending += [(x, False) for x in node.values]
        elif isinstance(node, ast.BoolOp):
            pending += [(x, alone) for x in node.values]
        elif isinstance(node, ast.IfExp):
            pending += [(node.body, alone), (node.orelse, alone)]
        elif isinstance(node, ast.Call) and dotted_path(node.func, scope) == "functools.partial":
            pending += [(x, alone) for x in node.args]
