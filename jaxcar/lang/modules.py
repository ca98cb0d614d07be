"""Module level: what a program is made of, and what stands there without being part of it."""

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.inert import raises_from_now_on
from jaxcar.lang.scopes import Scope, build_scopes, dotted_path

_INERT_CALLS = ("logging.", "warnings.", "numpy.set_printoptions", "numpy.seterr")
_FUTURES = frozenset(
    {
        *("annotations", "division", "print_function", "absolute_import", "unicode_literals"),
        *("generators", "nested_scopes", "with_statement", "generator_stop"),
    }
)


def program_body(tree: ast.Module, findings: Findings) -> ast.Module:
    """Return the part of a module that is a program, and report the rest.

    Dropped with a warning: `if __name__ == "__main__"` blocks, calls that only print, log or set
    up, and dunder assignments such as `__version__ = "1"`. Docstrings are dropped in silence.

    Args:
        tree: the program, without annotations.
        findings: where to report.

    Returns:
        A module of imports, functions, classes, assignments to names, and statements that are
        reported as outside the language.
    """
    scope = build_scopes(tree)[tree]
    kept = [node for node in tree.body if not _ignored(node, scope, findings)]
    for node in kept:
        _check_statement(node, findings)
    _check_first(tree.body, findings)
    return ast.Module(body=kept, type_ignores=[])


def _ignored(node: ast.stmt, scope: Scope, findings: Findings) -> bool:
    if isinstance(node, ast.Pass) or _is_text(node):
        return True
    words = None
    if isinstance(node, ast.If) and _asks_for_main(node.test):
        words = 'the block under `if __name__ == "__main__"`'
    elif isinstance(node, ast.Expr) and _is_inert(node.value, scope):
        words = "this call"
    elif isinstance(node, ast.Assign) and all(_is_dunder(target) for target in node.targets):
        words = f"`{shortened(ast.unparse(node.targets[0]))}`"
    if words is not None:
        fix = "remove it, or leave it: it does nothing here"
        findings.report("JC320", f"{words} is ignored", node, fix=fix, severity="warning")
    return words is not None


def _check_statement(node: ast.stmt, findings: Findings) -> None:
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        _check_future(node, findings)
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Global):
        return
    if isinstance(node, ast.Assign):
        for target in node.targets:
            _check_target(target, findings)
        return
    if not isinstance(node, ast.AsyncFunctionDef):
        findings.report(
            "JC316",
            "this statement at module level is not supported yet",
            node,
            fix="keep imports, constants, functions and classes there; move it into a function",
        )


def _check_future(node: ast.ImportFrom, findings: Findings) -> None:
    for alias in node.names:
        if alias.name not in _FUTURES:
            findings.report(
                "JC308",
                f"there is no future feature `{shortened(alias.name)}`",
                alias,
                fix="remove it",
            )


def _check_first(body: list[ast.stmt], findings: Findings) -> None:
    """Report imports from `__future__` that do not stand before everything else."""
    started = False
    for node in body:
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            started = started or not (_is_text(node) and node is body[0])
        elif started:
            message = "`from __future__ import` stands after other statements"
            findings.report("JC308", message, node, fix="move it to the first line")


def _check_target(target: ast.expr, findings: Findings) -> None:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            _check_target(element, findings)
    elif not isinstance(target, ast.Name | ast.Starred):
        findings.report(
            "JC316",
            "at module level, assigning to anything but a name is not supported yet",
            target,
            fix="build the whole value in one expression",
        )


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _asks_for_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and any(
        isinstance(side, ast.Name) and side.id == "__name__"
        for side in (test.left, *test.comparators)
    )


def _is_inert(node: ast.expr, scope: Scope) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name) and node.func.id == "print":
        return True
    path = dotted_path(node.func, scope) or ""
    return path.startswith(_INERT_CALLS) and not raises_from_now_on(node, scope)


def _is_dunder(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id[:2] == "__" == target.id[-2:]
