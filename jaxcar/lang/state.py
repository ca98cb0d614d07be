"""State belongs on `self`: what a module or a class holds is constant."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.members import class_names, instance_fields, lineage
from jaxcar.lang.rules import MUTATING_METHODS
from jaxcar.lang.scopes import ScopedVisitor, Scopes

_FIX = "keep it in an attribute of `self`, set in `__init__` or `reset`"
_CLASS = "write a class: set it in `__init__` as an attribute of `self`, change it in `step`"


def check_state(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report every write, inside a function, to what a module or a class holds.

    Writes through a second name for the same object are left to the interpreter.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
    """
    _State(tree, scopes, findings).generic_visit(tree)


class _State(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        super().__init__(tree, scopes)
        self.findings = findings
        self.classes = {node.name: node for node in scopes if isinstance(node, ast.ClassDef)}

    def visit_Global(self, node: ast.Global) -> None:
        written = {name for name in node.names if name in self.scope.names}
        for name in sorted(written):
            self._report(f"`{shortened(name)}` of the module is written", node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._write(node.value)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            found = self.scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
            if found is not None and found[1].kind == "class":
                self._report(f"`{shortened(ast.unparse(node))}` of the class is written", node)
            elif found is None or found[1].kind != "self":
                self._write(node.value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in MUTATING_METHODS:
            self._write(node.func.value)
        self.generic_visit(node)

    def _write(self, target: ast.expr) -> None:
        """Report a write into the value of `target`, if a module or class holds that value."""
        if self.scope.within("function") is None:
            return
        owner: ast.Attribute | None = None  # the attribute nearest to the root
        while isinstance(target, ast.Subscript | ast.Attribute):
            owner = target if isinstance(target, ast.Attribute) else owner
            target = target.value
        if not isinstance(target, ast.Name):
            return
        found = self.scope.find(target.id)
        if found is None:
            return
        if found[0].kind == "module" and found[1].kind == "variable":
            self._report(f"`{shortened(target.id)}` of the module is changed in place", target)
        elif owner is not None and isinstance(owner.value, ast.Name):
            self._write_attribute(owner, target.id)

    def _write_attribute(self, target: ast.Attribute, owner: str) -> None:
        found = self.scope.find(owner)
        if found is None or found[1].kind not in ("self", "class"):
            return
        definition = found[1].node
        if found[1].kind == "self" and found[0].parent is not None:
            definition = found[0].parent.node
        assert isinstance(definition, ast.ClassDef)
        kin = lineage(definition, self.classes)
        shared = frozenset[str]().union(*map(class_names, kin))
        shared -= frozenset[str]().union(*map(instance_fields, kin))
        if found[1].kind == "class" or target.attr in shared:
            self._report(f"`{shortened(target.attr)}` of the class is changed in place", target)

    def _report(self, message: str, node: ast.AST) -> None:
        fix = _CLASS if self.scope.within("class") is None else _FIX
        self.findings.report("JC302", f"{message}: it would outlive the episode", node, fix=fix)
