"""Who calls whom: which functions and methods are entries, and which call themselves."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast
from typing import NamedTuple

from jaxcar.lang.attributes import method_receiver
from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.scopes import FunctionNode, ScopedVisitor, Scopes, build_scopes


def names_used(tree: ast.Module) -> frozenset[str]:
    """Return the module-level names that the program itself uses.

    A function that is among them is a helper; one that is not may be an entry.

    Args:
        tree: the program, without annotations: `ResolvedModule.tree`.

    Returns:
        The names of functions, classes, constants and imports that functions, methods, defaults
        and constants refer to. A local variable of the same name is no use.

    Example:
        >>> tree = ast.parse('''
        ... def red(frame): return frame[0, 0, 0] > 9
        ... def done(frame): return red(frame)
        ... ''')
        >>> sorted(names_used(tree))
        ['red']
    """
    visitor = _ModuleUses(tree, build_scopes(tree))
    visitor.generic_visit(tree)
    return frozenset(visitor.names)


class _ModuleUses(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        super().__init__(tree, scopes)
        self.names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        found = self.scope.find(node.id)
        if isinstance(node.ctx, ast.Load) and found is not None and found[0].kind == "module":
            self.names.add(node.id)


def called_methods(node: ast.ClassDef) -> frozenset[str]:
    """Return the attributes that the methods of a class read from `self` or from the class.

    Example:
        >>> sorted(called_methods(ast.parse('''
        ... class Door:
        ...     def red(self, frame): return frame[0, 0, 0] > 9
        ...     def done(self, frame): return self.red(frame)
        ... ''').body[0]))
        ['red']
    """
    names: set[str] = set()
    for method in node.body:
        owners = {node.name, method_receiver(method) or node.name}
        names |= {
            inner.attr
            for inner in ast.walk(method)
            if isinstance(inner, ast.Attribute)
            and isinstance(inner.ctx, ast.Load)
            and isinstance(inner.value, ast.Name)
            and inner.value.id in owners
        }
    return frozenset(names)


class _Use(NamedTuple):
    callee: FunctionNode
    place: ast.expr


def check_recursion(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report every function that can reach a call of itself.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
    """
    graph = _Uses(tree, scopes)
    graph.generic_visit(tree)
    finished: set[ast.AST] = set()
    for start in graph.uses:
        _search(start, graph.uses, finished, findings)


class _Uses(ScopedVisitor):
    """Collect, for each function, the functions of the program that its body names."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        super().__init__(tree, scopes)
        self.uses: dict[FunctionNode, list[_Use]] = {}
        self.function: FunctionNode | None = None

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        self.uses.setdefault(node, [])
        outside, self.function = self.function, node
        super().visit_FunctionDef(node)
        self.function = outside

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Name(self, node: ast.Name) -> None:
        found = self.scope.find(node.id)
        if found is not None and isinstance(found[1].node, FunctionNode):
            self._add(found[1].node, node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        found = self.scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
        if found is None or found[1].kind not in ("self", "class"):
            return
        owner = found[1].node
        if found[1].kind == "self" and found[0].parent is not None:
            owner = found[0].parent.node
        for binding in self.scopes[owner].names.get(node.attr, []):
            if isinstance(binding.node, FunctionNode):
                self._add(binding.node, node)

    def _add(self, callee: FunctionNode, place: ast.expr) -> None:
        if self.function is not None:
            self.uses[self.function].append(_Use(callee, place))


def _search(
    start: FunctionNode,
    uses: dict[FunctionNode, list[_Use]],
    finished: set[ast.AST],
    findings: Findings,
) -> None:
    """Search the graph in depth from `start`, with a stack of our own: chains may be long."""
    path: list[FunctionNode] = []
    pending: list[tuple[FunctionNode, int]] = [(start, 0)]
    while pending:
        node, position = pending.pop()
        if position == 0:
            if node in finished:
                continue
            path.append(node)
        if position == len(uses[node]):
            finished.add(path.pop())
            continue
        pending.append((node, position + 1))
        use = uses[node][position]
        if use.callee in path:
            _report(path[path.index(use.callee) :], use, findings)
        elif use.callee not in finished:
            pending.append((use.callee, 0))


def _report(cycle: list[FunctionNode], use: _Use, findings: Findings) -> None:
    names = [shortened(node.name) for node in cycle]
    way = f" by way of {', '.join(f'`{name}`' for name in names[1:4])}" if names[1:] else ""
    findings.report(
        "JC303",
        f"the function `{names[0]}` calls itself{way}",
        use.place,
        labels=[(cycle[0], f"`{names[0]}` is defined here")],
        fix="write a `for` loop over a range that is known before run time",
    )
