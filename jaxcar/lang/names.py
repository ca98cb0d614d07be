"""Every name is resolved: to a variable, a function, a builtin or a library path, or refused."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast

from jaxcar.lang.attributes import Attributes
from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.imports import PACKAGES, is_foreign
from jaxcar.lang.rules import (
    BUILTINS,
    BUILTINS_NEVER,
    BUILTINS_NOT_YET,
    IMPORTS,
    LIBRARY,
    LIBRARY_NEVER,
    LIBRARY_NOT_YET,
)
from jaxcar.lang.scopes import Binding, ScopedVisitor, Scopes, dotted_path, root_name

_WITHOUT_IT = "compute it from what the language has"
_TYPE_NAMES = frozenset({"int", "float", "bool", "str", "list", "tuple", "dict", "set"})


def check_names(tree: ast.Module, scopes: Scopes, findings: Findings) -> dict[ast.AST, ast.AST]:
    """Report every name and library path that a program uses and the language does not have.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.

    Returns:
        For each import that is used, its first use.
    """
    visitor = _Names(tree, scopes, findings)
    visitor.generic_visit(tree)
    return visitor.used


class _Names(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        super().__init__(tree, scopes)
        self.findings = findings
        self.attributes = Attributes(tree, scopes, findings)
        self.used: dict[ast.AST, ast.AST] = {}

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._check_store(node)
            return
        found = self.scope.find(node.id)
        if found is None:
            self._unbound(node)
            return
        scope, binding = found
        if binding.kind == "import":
            self._library(node, binding.path)
        elif binding.kind in ("self", "class", "typing"):
            self._not_a_value(node, binding)
        elif scope is self.scope and scope.kind in ("module", "class"):
            self._check_order(node, scope.names[node.id][0])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            path = dotted_path(node, self.scope)
            if path is not None:
                self._library(node, path)
                return
            self.attributes.check_read(node, self.scope)
        else:
            self.attributes.check_write(node, self.scope)
        found = self.scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
        if found is None or found[1].kind not in ("self", "class"):
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        if isinstance(node.func, ast.Name) and node.func.id == "isinstance" and len(node.args) == 2:
            self.visit(node.args[0])
            names = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
            for name in names:
                if not (isinstance(name, ast.Name) and name.id in _TYPE_NAMES):
                    self.visit(name)
        else:
            self._visit_all(node.args)
        self._visit_all([keyword.value for keyword in node.keywords])

    def visit_Assign(self, node: ast.Assign) -> None:
        bindings = self.scope.names
        targets = [x for x in node.targets if isinstance(x, ast.Name)]
        kinds = {binding.kind for target in targets for binding in bindings.get(target.id, [])}
        if self.scope.kind == "module" and "typing" in kinds:
            return
        if self.scope.kind == "module" and any(
            binding.kind == "import" and binding.node is node.value
            for target in targets
            for binding in bindings.get(target.id, [])
        ):
            return
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Leave the exception alone: `raise` itself is reported."""

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._visit_all(node.body)

    def _check_store(self, node: ast.Name) -> None:
        if node.id[:2] == "__" == node.id[-2:]:
            self._dunder(node)

    def _dunder(self, node: ast.Name) -> None:
        self.findings.report(
            "JC207",
            f"the special name `{shortened(node.id)}` is not part of the language",
            node,
            fix="use a plain name",
        )

    def _unbound(self, node: ast.Name) -> None:
        name = node.id
        report = self.findings.report
        if name in BUILTINS:
            return
        if name in BUILTINS_NEVER:
            report(
                "JC208",
                f"`{name}` is not part of the language",
                node,
                fix=BUILTINS_NEVER[name],
            )
        elif name in BUILTINS_NOT_YET:
            report("JC209", f"`{name}` is not supported yet", node, fix=BUILTINS_NOT_YET[name])
        elif name[:2] == "__" == name[-2:]:
            self._dunder(node)
        else:
            report(
                "JC201",
                f"the name `{shortened(name)}` is not defined",
                node,
                fix=_missing_import(name)
                or self.findings.did_you_mean(name, lambda: {*self.scope.visible(), *BUILTINS})
                or "define it, or take it as a parameter",
            )

    def _check_order(self, node: ast.Name, first: Binding) -> None:
        if getattr(first.node, "lineno", 0) > node.lineno:
            self.findings.report(
                "JC201",
                f"the name `{shortened(node.id)}` is used before it is defined",
                node,
                labels=[(first.node, "defined here")],
                fix="move the definition up",
            )

    def _not_a_value(self, node: ast.Name, binding: Binding) -> None:
        name = shortened(node.id)
        if binding.kind == "self":
            self.findings.report(
                "JC312",
                f"passing on the object `{name}` itself is not supported yet",
                node,
                fix=f"name what is needed of it: {name}.attribute",
            )
        elif binding.kind == "class":
            self.findings.report(
                "JC315",
                f"making objects of the class `{name}` inside the program is not supported yet",
                node,
                fix="leave it to the caller: the class itself is the reward program",
            )
        else:
            self.findings.report(
                "JC203",
                f"`{name}` stands for a typing name, which annotations alone may use",
                node,
                fix="leave it out",
            )

    def _library(self, node: ast.expr, path: str) -> None:
        root = root_name(node)
        assert isinstance(root, ast.Name)
        found = self.scope.find(root.id)
        assert found is not None
        self.used.setdefault(found[1].node, root)
        if is_foreign(path):
            return
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            prefix, rest = ".".join(parts[:length]), parts[length:]
            if self._known(node, prefix, rest):
                return
        raise AssertionError(f"{path} is neither foreign nor in a module of the language")

    def _known(self, node: ast.expr, prefix: str, rest: list[str]) -> bool:
        """Judge a path by a prefix that some table lists; return False where none lists it."""
        report = self.findings.report
        shown = shortened(ast.unparse(node), limit=60)
        if prefix in LIBRARY:
            self._library_entry(node, prefix, rest, shown)
        elif prefix in LIBRARY_NEVER:
            report(
                "JC206", f"`{shown}` is not part of the language", node, fix=LIBRARY_NEVER[prefix]
            )
        elif prefix in LIBRARY_NOT_YET:
            hint = LIBRARY_NOT_YET[prefix] or _WITHOUT_IT
            report("JC203", f"`{shown}` is not supported yet", node, fix=hint)
        elif prefix in IMPORTS or prefix in PACKAGES:
            self._module_entry(node, prefix, rest, shown)
        else:
            return False
        return True

    def _library_entry(self, node: ast.expr, prefix: str, rest: list[str], shown: str) -> None:
        kind = LIBRARY[prefix].kind
        if kind == "typing":
            message = f"`{shown}` is for annotations alone"
            self.findings.report("JC203", message, node, fix="leave it out")
        elif rest and kind == "constant":
            self.attributes.check_name(node, rest[0])
        elif rest:
            message = f"`{shown}` is not supported yet"
            self.findings.report("JC203", message, node, fix=_WITHOUT_IT)

    def _module_entry(self, node: ast.expr, prefix: str, rest: list[str], shown: str) -> None:
        if not rest:
            self.findings.report(
                "JC202",
                f"the module `{shown}` is used as a value",
                node,
                fix="name what is needed of it, such as `np.sum`",
            )
            return
        if rest[0][:2] == "__":
            message = f"the special attribute `{shortened(rest[0])}` is not part of the language"
            self.findings.report("JC207", message, node, fix="use a plain name")
            return
        start = f"{prefix}."
        siblings = {path.removeprefix(start) for path in LIBRARY if path.startswith(start)}
        self.findings.report(
            "JC202",
            f"`{prefix}` has no `{shortened('.'.join(rest))}` in the language",
            node,
            fix=self.findings.did_you_mean(".".join(rest), lambda: siblings) or _WITHOUT_IT,
        )


def _missing_import(name: str) -> str | None:
    """Return the import line that a program with this name most likely lacks."""
    usual = {"np": "import numpy as np", "cv": "import cv2 as cv", "norm": None}
    if name in usual:
        return f"add `{usual[name]}`" if usual[name] else None
    return f"add `import {name}`" if name in IMPORTS or name in PACKAGES else None
