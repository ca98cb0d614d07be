"""The forms of functions: parameters, defaults, decorators, declarations, and stray exits."""

# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast
from collections.abc import Iterator

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import CACHES, DECORATORS, DECORATORS_NOT_YET, SPECIAL_METHODS
from jaxcar.lang.scopes import (
    FunctionNode,
    Scope,
    ScopedVisitor,
    Scopes,
    dotted_path,
    is_instance_method,
)

_ABSTRACT = "abc.abstractmethod"
_PICTURES = ("frame", "image", "img", "initial_frame", "previous_frame")
_INSIDE = "check the indentation: move it inside, or remove it"
_MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE_BUILTINS = ("list", "dict", "set", "bytearray", "sorted")
_MUTABLE_TYPES = frozenset(
    f"collections.{name}" for name in ("deque", "defaultdict", "Counter", "OrderedDict")
)
_ARRAY_MAKERS = frozenset(
    f"numpy.{name}"
    for name in (
        *("array", "asarray", "zeros", "ones", "full", "zeros_like", "ones_like", "full_like"),
        *("arange", "stack", "concatenate"),
    )
)


def check_forms(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report functions of a form outside the language, and exits that lead nowhere.

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
        self._parameters(node.args)
        self._defaults(node.args, f"`{shortened(node.name)}`")
        if self.scope.kind == "class":
            self._method(node)
        loops, self.loops = self.loops, 0
        super().visit_FunctionDef(node)
        self.loops = loops

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._parameters(node.args)
        self._defaults(node.args, "the lambda")
        loops, self.loops = self.loops, 0
        super().visit_Lambda(node)
        self.loops = loops

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

    def visit_Global(self, node: ast.Global) -> None:
        self._declaration(node, "global")

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self._declaration(node, "nonlocal")
        for name in node.names:
            if self.scope.kind != "function" or self.scope.find(name) is None:
                self.report(
                    "JC308",
                    f"no function around this one has a variable `{shortened(name)}`",
                    node,
                    fix="assign it in the outer function, or keep it in an attribute of `self`",
                )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module == "__future__" and self.scope.kind != "module":
            message = "`from __future__ import` stands inside a function"
            self.report("JC308", message, node, fix="move it to the first line")

    def _declaration(self, node: ast.Global | ast.Nonlocal, word: str) -> None:
        """Report a name that is used, or is a parameter, before it is declared."""
        function = self.scope.node
        if not isinstance(function, FunctionNode):
            return
        place = (node.lineno, node.col_offset)
        bound = {x.id for x in _own_names(function) if (x.lineno, x.col_offset) < place}
        bound |= {x.arg for x in ast.walk(function.args) if isinstance(x, ast.arg)}
        for name in sorted(bound & set(node.names)):
            self.report(
                "JC308",
                f"`{shortened(name)}` is used before `{word}` declares it",
                node,
                fix=f"move `{word} {shortened(name)}` to the top of the function",
            )

    def _loop(self, body: list[ast.stmt]) -> None:
        self.loops += 1
        self._visit_all(body)
        self.loops -= 1

    def _exit(self, node: ast.stmt, word: str) -> None:
        if not self.loops:
            self.report("JC308", f"`{word}` stands outside a loop", node, fix=_INSIDE)

    def _decorators(self, node: FunctionNode) -> None:
        accepted = 0
        for decorator in node.decorator_list:
            if self.scope.kind == "class" and dotted_path(decorator, self.scope) == _ABSTRACT:
                self._check_abstract(decorator, node)
                continue
            plain = isinstance(decorator, ast.Name) and decorator.id in DECORATORS
            accepted += plain
            if not plain or self.scope.kind != "class" or accepted > 1:
                self._decorator(decorator)

    def _check_abstract(self, decorator: ast.expr, node: FunctionNode) -> None:
        if decorator is not node.decorator_list[-1]:
            self.report(
                "JC308",
                "`@abstractmethod` stands above another decorator: Python raises AttributeError",
                decorator,
                fix="move it down, next to `def`",
            )

    def _decorator(self, node: ast.expr) -> None:
        target = node.func if isinstance(node, ast.Call) else node
        name = dotted_path(target, self.scope) or ast.unparse(target)
        message = f"the decorator `@{shortened(name)}` is not supported yet"
        found = self.scope.find(target.id) if isinstance(target, ast.Name) else None
        if name in DECORATORS_NOT_YET:
            self.report("JC313", message, node, fix=DECORATORS_NOT_YET[name])
        elif name in CACHES:
            self.report("JC313", message, node, fix="leave it out, or give it constants alone")
        elif isinstance(target, ast.Attribute) and target.attr in ("setter", "deleter", "getter"):
            self.report("JC313", message, node, fix="write a method that sets the attribute")
        elif found is not None and found[1].kind == "function":
            self.report("JC313", message, node, fix="call it inside another function")
        else:
            self.report(
                "JC305",
                f"the decorator `@{shortened(name)}` is not part of the language here",
                node,
                fix="leave it out; methods may have one of @property, @classmethod, @staticmethod",
            )

    def _parameters(self, arguments: ast.arguments) -> None:
        if arguments.kwarg is not None:
            self.report(
                "JC314",
                "a parameter with `**` is not supported yet",
                arguments.kwarg,
                fix="name each parameter",
            )
        seen: set[str] = set()
        others = [arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
        for argument in [*arguments.posonlyargs, *arguments.args, *others]:
            if argument is None:
                continue
            if argument.arg in seen:
                self.report(
                    "JC308",
                    f"the parameter `{shortened(argument.arg)}` is named twice",
                    argument,
                    fix="give each parameter a name of its own",
                )
            seen.add(argument.arg)

    def _defaults(self, arguments: ast.arguments, owner: str) -> None:
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None and is_mutable(default, self.scope):
                self.report(
                    "JC304",
                    f"a default argument of {owner} is mutable, and would be shared by all calls",
                    default,
                    fix="write None or a tuple, and build the value in the body",
                )

    def _method(self, node: FunctionNode) -> None:
        name = node.name
        if name.startswith("__") and name.endswith("__") and name not in SPECIAL_METHODS:
            self.report(
                "JC207",
                f"the special method `{shortened(name)}` is not part of the language",
                node,
                fix="use a plain name, or one of __init__, __call__, __len__, __eq__, __add__",
            )
        if is_instance_method(node, self.scope) and not _has_receiver(node.args):
            names = ", ".join(("self", *(x.arg for x in _positional(node.args))))
            head = f"{shortened(name)}({shortened(names, limit=60)})"
            self.report(
                "JC309",
                f"the method `{shortened(name)}` has no parameter for the object",
                node,
                fix=f"write `def {head}`, or decorate it with @staticmethod",
            )


def _has_receiver(arguments: ast.arguments) -> bool:
    """Return whether a method takes its object: a picture's name in its place is a slip."""
    positional = _positional(arguments)
    if not positional:
        return arguments.vararg is not None
    return positional[0].arg not in _PICTURES


def _positional(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args]


def is_mutable(default: ast.expr, scope: Scope) -> bool:
    """Return whether a value, or a part of it, can be changed by those who share it."""
    return any(_makes_mutable(node, scope) for node in _evaluated(default))


def _makes_mutable(node: ast.AST, scope: Scope) -> bool:
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in _MUTABLE_BUILTINS:
            return True
        path = dotted_path(node.func, scope)
        return path in _ARRAY_MAKERS or path in _MUTABLE_TYPES
    return isinstance(node, _MUTABLE_DISPLAYS)


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that are evaluated with an expression: not the body of a lambda."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.Lambda):
            pending += [*node.args.defaults, *(x for x in node.args.kw_defaults if x is not None)]
        else:
            pending += ast.iter_child_nodes(node)


def _own_names(function: FunctionNode) -> Iterator[ast.Name]:
    """Yield the names in the body of a function, but for those in functions inside it."""
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            yield node
        if not isinstance(node, FunctionNode | ast.Lambda | ast.ClassDef):
            pending += ast.iter_child_nodes(node)
