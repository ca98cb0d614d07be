"""What `raise` and `except` name: exceptions of the language, and nothing else."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import BUILTINS_NOT_YET, EXCEPTIONS
from jaxcar.lang.scopes import FunctionNode, Scope, ScopedVisitor, Scopes, dotted_path

_FIX = "name a builtin exception, such as ValueError, IndexError or Exception"


def exception_path(node: ast.expr | None, scope: Scope) -> str | None:
    """Return the exception of the language that an expression names, such as "KeyError", or None.

    Args:
        node: what stands after `raise` or `except`.
        scope: where it is evaluated.
    """
    path = dotted_path(node, scope) if node is not None else None
    if isinstance(node, ast.Name) and scope.find(node.id) is None:
        path = node.id
    return path if path in EXCEPTIONS else None


def is_exception_class(node: ast.AST) -> bool:
    """Return whether a class of the program is derived from an exception."""
    return isinstance(node, ast.ClassDef) and any(
        isinstance(base, ast.Name) and base.id in (*EXCEPTIONS, *BUILTINS_NOT_YET)
        for base in node.bases
    )


def check_handlers(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report what is raised or caught and is no exception of the language.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
    """
    _Handlers(tree, scopes, findings).generic_visit(tree)


class _Handlers(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        super().__init__(tree, scopes)
        self.findings = findings
        self.handlers = 0

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        handlers, self.handlers = self.handlers, 0
        super().visit_FunctionDef(node)
        self.handlers = handlers

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Raise(self, node: ast.Raise) -> None:
        if node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            self._exception(raised, "raising")
        elif not self.handlers:
            self.findings.report(
                "JC311",
                "a bare `raise` outside `except` is not supported yet",
                node,
                fix="name the exception: raise ValueError(...)",
            )
        if isinstance(node.cause, ast.Call):
            self._exception(node.cause.func, "raising")
        self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> None:
        for handler in node.handlers[:-1]:
            if handler.type is None:
                self.findings.report(
                    "JC308",
                    "`except:` without an exception stands before another `except`",
                    handler,
                    fix="move it to the end",
                )
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        for kind in kinds:
            if kind is not None:
                self._exception(kind, "catching")
        self.handlers += 1
        self._visit_all(node.body)
        self.handlers -= 1

    def _exception(self, node: ast.expr, doing: str) -> None:
        if exception_path(node, self.scope) is not None:
            return
        report = self.findings.report
        found = self.scope.find(node.id) if isinstance(node, ast.Name) else None
        if found is not None and is_exception_class(found[1].node):
            return  # the class itself is reported
        shown = shortened(ast.unparse(node))
        if not isinstance(node, ast.Name) or found is not None:
            fix = _FIX
            if doing == "raising" and found is not None and found[1].kind == "variable":
                fix = "write `raise` alone in the `except` block, or `raise ValueError(...)`"
            report("JC311", f"{doing} `{shown}` is not supported yet", node, fix=fix)
        elif node.id in BUILTINS_NOT_YET:
            report("JC209", f"`{shown}` is not supported yet", node, fix=_FIX)
        else:
            near = self.findings.did_you_mean(node.id, lambda: EXCEPTIONS)
            report("JC201", f"the exception `{shown}` is not defined", node, fix=near or _FIX)
