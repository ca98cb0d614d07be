"""What does nothing here is taken out of the tree: warnings and their filters, caches."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast
import builtins

from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import CACHES
from jaxcar.lang.scopes import FunctionNode, Scope, ScopedVisitor, Scopes, build_scopes, dotted_path

_FILTERS = ("warnings.simplefilter", "warnings.filterwarnings")
_ERROR_STATES = ("numpy.errstate", "numpy.seterr")
_CONTEXTS = ("numpy.errstate", "warnings.catch_warnings")
_HARMLESS = frozenset({"ignore", "warn", "print", "default", "always", "module", "once"})


def without_inert(tree: ast.Module, findings: Findings) -> ast.Module:
    r"""Take out what changes nothing that a program returns.

    Blocks of `with np.errstate(...)` and `with warnings.catch_warnings()` become the statements
    inside; statements that set filters of warnings become `pass`; `functools.lru_cache` and
    `functools.cache` disappear; `warnings.warn` keeps its message alone; the name `Ellipsis`
    becomes `...`.

    Args:
        tree: the program, without annotations; it is changed.
        findings: where to report what turns warnings into exceptions.

    Returns:
        The changed tree.

    Example:
        >>> from jaxcar.lang.source import ProgramSource
        >>> text = "import warnings as w\ndef f(x):\n    with w.catch_warnings():\n        g(x)"
        >>> tree = without_inert(ast.parse(text), Findings(ProgramSource(text)))
        >>> ast.unparse(tree.body[1])
        'def f(x):\n    g(x)'
    """
    finder = _Finder(tree, build_scopes(tree), findings)
    finder.generic_visit(tree)
    return _Remover(finder.inert).visit(tree) if finder.inert else tree


def raises_from_now_on(node: ast.Call, scope: Scope) -> bool:
    """Return whether a call makes warnings or floating-point errors exceptions."""
    path = dotted_path(node.func, scope)
    if path in _ERROR_STATES:
        return any(not _is_harmless(x) for x in [*node.args, *(k.value for k in node.keywords)])
    if path in _FILTERS:
        actions = [*node.args[:1], *(x.value for x in node.keywords if x.arg == "action")]
        return not all(_is_harmless(action) for action in actions)
    return False


class _Finder(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        super().__init__(tree, scopes)
        self.findings = findings
        self.inert: set[ast.AST] = set()

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            path = dotted_path(call.func if call else decorator, self.scope)
            if path in CACHES and (call is None or _has_plain_arguments(call, self.scope)):
                self.inert.add(decorator)
        super().visit_FunctionDef(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_With(self, node: ast.With) -> None:
        if all(item.optional_vars is None and self._is_context(item) for item in node.items):
            self.inert.add(node)
        else:
            self._visit_all(node.items)
        self._visit_all(node.body)

    def visit_Expr(self, node: ast.Expr) -> None:
        call = node.value
        path = dotted_path(call.func, self.scope) if isinstance(call, ast.Call) else None
        if path in (*_FILTERS, "numpy.seterr", "warnings.resetwarnings"):
            assert isinstance(call, ast.Call)
            if raises_from_now_on(call, self.scope):
                self._report(call)
            elif self.scope.kind != "module" and _has_plain_arguments(call, self.scope):
                self.inert.add(node)
                return
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if dotted_path(node.func, self.scope) == "warnings.warn":
            self.inert.add(node)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == "Ellipsis" and self.scope.find(node.id) is None:
            self.inert.add(node)

    def _is_context(self, item: ast.withitem) -> bool:
        call = item.context_expr
        if not (isinstance(call, ast.Call) and dotted_path(call.func, self.scope) in _CONTEXTS):
            return False
        return _has_plain_arguments(call, self.scope) and not raises_from_now_on(call, self.scope)

    def _report(self, node: ast.Call) -> None:
        self.findings.report(
            "JC311",
            "turning warnings into exceptions is not supported yet",
            node,
            fix='write "ignore", or leave it out; test with `if` what would raise',
        )


class _Remover(ast.NodeTransformer):
    def __init__(self, inert: set[ast.AST]) -> None:
        self.inert = inert

    def visit_FunctionDef(self, node: FunctionNode) -> ast.AST:
        node.decorator_list = [x for x in node.decorator_list if x not in self.inert]
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_With(self, node: ast.With) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.body if node in self.inert else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if node in self.inert:
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if node in self.inert:
            node.args = node.args[:1]
            node.keywords = [x for x in node.keywords if x.arg == "message"]
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Constant(...), node) if node in self.inert else node


def _is_harmless(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in _HARMLESS


def _has_plain_arguments(call: ast.Call, scope: Scope) -> bool:
    """Return whether all arguments are constants or kinds of warnings."""
    return all(
        _is_plain(node, scope)
        for node in [*call.args, *(keyword.value for keyword in call.keywords)]
    )


def _is_plain(node: ast.expr, scope: Scope) -> bool:
    if isinstance(node, ast.Name) and scope.find(node.id) is None:
        kind = getattr(builtins, node.id, None)
        return isinstance(kind, type) and issubclass(kind, Warning)
    if isinstance(node, ast.Attribute):
        return (dotted_path(node, scope) or "").startswith("numpy.")
    return isinstance(node, ast.Constant)
