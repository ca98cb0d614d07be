"""The forms of functions and classes: parameters, defaults, decorators, bases, and stray exits."""

# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import DECORATORS, DECORATORS_NOT_YET, SPECIAL_METHODS
from jaxcar.lang.scopes import (
    FunctionNode,
    ScopedVisitor,
    Scopes,
    dotted_path,
    is_instance_method,
)

_INSIDE = "check the indentation: move it inside, or remove it"
_MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE_BUILTINS = ("list", "dict", "set", "bytearray")
_ARRAY_MAKERS = frozenset(
    f"numpy.{name}"
    for name in (
        *("array", "asarray", "zeros", "ones", "full", "zeros_like", "ones_like", "full_like"),
        *("arange", "stack", "concatenate"),
    )
)


def check_forms(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report functions and classes of a form outside the language, and exits that lead nowhere.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
    """
    _Forms(tree, scopes, findings).generic_visit(tree)


class _Forms(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        super().__init__(tree, scopes)
        self.report = findings.report
        self.loops = 0

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        self._decorators(node)
        self._parameters(node)
        self._defaults(node)
        if self.scope.kind == "class":
            self._method(node)
        loops, self.loops = self.loops, 0
        super().visit_FunctionDef(node)
        self.loops = loops

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self._decorator(decorator, accepted=False)
        if self.scope.kind != "module":
            self.report(
                "JC315",
                f"the class `{shortened(node.name)}` inside another block is not supported yet",
                node,
                fix="move the class to module level",
            )
        for base in node.bases:
            if not (isinstance(base, ast.Name) and base.id == "object"):
                self.report(
                    "JC315",
                    f"the base class of `{shortened(node.name)}` is not supported yet",
                    base,
                    fix="write one class that holds all its methods",
                )
        for keyword in node.keywords:
            self.report(
                "JC309",
                "keywords of a class, such as metaclass, are not part of the language",
                keyword,
                fix=f"write `class {shortened(node.name)}:`",
            )
        self._class_body(node)
        super().visit_ClassDef(node)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.target)
        self.visit(node.iter)
        self._loop(node.body)
        self._visit_all(node.orelse)

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        self._loop(node.body)
        self._visit_all(node.orelse)

    def visit_Break(self, node: ast.Break) -> None:
        self._exit(node, "break")

    def visit_Continue(self, node: ast.Continue) -> None:
        self._exit(node, "continue")

    def visit_Return(self, node: ast.Return) -> None:
        if self.scope.kind != "function":
            self.report("JC308", "`return` stands outside a function", node, fix=_INSIDE)
        self.generic_visit(node)

    def _loop(self, body: list[ast.stmt]) -> None:
        self.loops += 1
        self._visit_all(body)
        self.loops -= 1

    def _exit(self, node: ast.stmt, word: str) -> None:
        if not self.loops:
            self.report("JC308", f"`{word}` stands outside a loop", node, fix=_INSIDE)

    def _class_body(self, node: ast.ClassDef) -> None:
        for statement in node.body:
            documents = isinstance(statement, ast.Expr) and isinstance(
                statement.value, ast.Constant
            )
            plain = isinstance(statement, ast.Assign) and all(
                isinstance(target, ast.Name | ast.Tuple) for target in statement.targets
            )
            if documents or plain or isinstance(statement, ast.FunctionDef | ast.Pass):
                continue
            if not isinstance(statement, ast.ClassDef | ast.AsyncFunctionDef):
                self.report(
                    "JC315",
                    f"this statement in the body of class `{shortened(node.name)}` is not supported"
                    " yet",
                    statement,
                    fix="keep constants and methods there; move the rest into `__init__`",
                )

    def _decorators(self, node: FunctionNode) -> None:
        for decorator in node.decorator_list:
            self._decorator(decorator, accepted=self.scope.kind == "class")

    def _decorator(self, node: ast.expr, *, accepted: bool) -> None:
        target = node.func if isinstance(node, ast.Call) else node
        name = dotted_path(target, self.scope) or ast.unparse(target)
        if accepted and name in DECORATORS and target is node:
            return
        if name in DECORATORS_NOT_YET:
            self.report(
                "JC313",
                f"the decorator `@{shortened(name)}` is not supported yet",
                node,
                fix=DECORATORS_NOT_YET[name],
            )
        else:
            self.report(
                "JC305",
                f"the decorator `@{shortened(name)}` is not part of the language here",
                node,
                fix="leave it out; only methods may have @staticmethod",
            )

    def _parameters(self, node: FunctionNode) -> None:
        arguments = node.args
        for argument, words in (
            (arguments.vararg, "a parameter with `*`"),
            (arguments.kwarg, "a parameter with `**`"),
            (next(iter(arguments.posonlyargs), None), "a positional-only parameter"),
        ):
            if argument is not None:
                self.report(
                    "JC314", f"{words} is not supported yet", argument, fix="name each parameter"
                )
        seen: set[str] = set()
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if argument.arg in seen:
                self.report(
                    "JC308",
                    f"the parameter `{shortened(argument.arg)}` is named twice",
                    argument,
                    fix="give each parameter a name of its own",
                )
            seen.add(argument.arg)

    def _defaults(self, node: FunctionNode) -> None:
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None and any(self._is_mutable(x) for x in ast.walk(default)):
                self.report(
                    "JC304",
                    f"a default argument of `{shortened(node.name)}` is mutable, and would be"
                    " shared by all calls",
                    default,
                    fix="write None or a tuple, and build the value in the body",
                )

    def _is_mutable(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in _MUTABLE_BUILTINS:
                return True
            return dotted_path(node.func, self.scope) in _ARRAY_MAKERS
        return isinstance(node, _MUTABLE_DISPLAYS)

    def _method(self, node: FunctionNode) -> None:
        name = node.name
        if name.startswith("__") and name.endswith("__") and name not in SPECIAL_METHODS:
            self.report(
                "JC207",
                f"the special method `{shortened(name)}` is not part of the language",
                node,
                fix="use `__init__`, `__call__` or a plain name",
            )
        has_self = node.args.posonlyargs or node.args.args or node.args.vararg
        if is_instance_method(node, self.scope) and not has_self:
            self.report(
                "JC309",
                f"the method `{shortened(name)}` has no parameter for the object",
                node,
                fix=f"write `def {shortened(name)}(self, ...)`, or decorate it with @staticmethod",
            )
