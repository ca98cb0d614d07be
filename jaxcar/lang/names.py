"""Every name is resolved: to a variable, a function, a builtin or a library path, or refused."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast

from jaxcar.lang import vision_names
from jaxcar.lang.attributes import Attributes
from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.handlers import exception_path
from jaxcar.lang.imports import PACKAGES, instead_of, is_foreign, names_in
from jaxcar.lang.members import is_super
from jaxcar.lang.opencv_rest import is_like_constant, is_of_opencv, is_outside
from jaxcar.lang.records import check_record_call, is_dataclass, is_enum
from jaxcar.lang.rules import (
    BUILTINS,
    BUILTINS_NEVER,
    BUILTINS_NOT_YET,
    DECORATORS,
    EXCEPTIONS,
    IMPORTS,
    LIBRARY,
    LIBRARY_NEVER,
    LIBRARY_NOT_YET,
    PLACES,
    SPECIAL_METHODS,
)
from jaxcar.lang.scopes import (
    FunctionNode,
    ScopedVisitor,
    Scopes,
    dotted_path,
    root_name,
)

_WITHOUT_IT = "compute it from what the language has"
_LITERAL_NAME = "give it the attribute's name as a literal, or name the attribute: obj.name"


def check_names(
    tree: ast.Module, scopes: Scopes, findings: Findings, host: frozenset[str] = frozenset()
) -> dict[ast.AST, ast.AST]:
    """Report every name and library path that a program uses and the language does not have.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
        host: names that the caller provides.

    Returns:
        For each import that is used, its first use.
    """
    visitor = _Names(tree, scopes, findings, host)
    visitor.generic_visit(tree)
    return visitor.used


class _Names(ScopedVisitor):
    def __init__(
        self, tree: ast.Module, scopes: Scopes, findings: Findings, host: frozenset[str]
    ) -> None:
        super().__init__(tree, scopes)
        self.findings = findings
        self.host = host
        self.attributes = Attributes(tree, scopes, findings, host)
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
        self._check_order(node)
        if binding.kind == "import":
            self._library(node, binding.path)
        elif binding.kind == "typing":
            self._not_a_value(node)
        elif scope.kind == "module" and self._is_mangled(node):
            self._private(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if is_super(node.value):
            self.attributes.check_super(node, self.scope)
        elif isinstance(node.ctx, ast.Load):
            path = dotted_path(node, self.scope)
            if path is not None:
                self._check_order(root_name(node))
                self._library(node, path)
                return
            self.attributes.check_read(node, self.scope)
        else:
            self.attributes.check_write(node, self.scope)
        found = self.scope.find(node.value.id) if isinstance(node.value, ast.Name) else None
        if found is None or found[1].kind not in ("self", "class"):
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        if self._is_builtin(node.func, "getattr"):
            self._check_getattr(node)
        elif not check_record_call(node, self.scope, self.findings):
            self.visit(node.func)
        self._visit_all([*node.args, *(keyword.value for keyword in node.keywords)])

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

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in [*node.bases, *node.decorator_list]:
            self._use(outside)
        super().visit_ClassDef(node)

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        for decorator in node.decorator_list:
            self._use(decorator)
        super().visit_FunctionDef(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Raise(self, node: ast.Raise) -> None:
        """Look at the arguments of the exception; another pass looks at its name."""
        for raised in (node.exc, node.cause):
            if isinstance(raised, ast.Call):
                self._visit_all([*raised.args, *(keyword.value for keyword in raised.keywords)])
        cause = node.cause
        if not isinstance(cause, ast.Call | None) and exception_path(cause, self.scope) is None:
            self.visit(cause)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Look at the body; another pass looks at what is caught."""
        self._visit_all(node.body)

    def _use(self, node: ast.expr) -> None:
        """Note that a base class or decorator uses an import."""
        root = root_name(node.func if isinstance(node, ast.Call) else node)
        self._check_order(root)
        found = self.scope.find(root.id) if isinstance(root, ast.Name) else None
        if found is not None and found[1].kind == "import":
            self.used.setdefault(found[1].node, root)

    def _is_builtin(self, node: ast.expr, name: str) -> bool:
        named = isinstance(node, ast.Name) and node.id == name and name not in self.host
        return named and self.scope.find(name) is None

    def _check_getattr(self, node: ast.Call) -> None:
        """Take `getattr(x, "name")` for the attribute; a default allows for any name."""
        name = node.args[1] if len(node.args) in (2, 3) and not node.keywords else None
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            self._report_getattr(node.func)
        elif len(node.args) == 2 or name.value[:2] == "__":
            attribute = ast.Attribute(node.args[0], name.value, ast.Load())
            self.attributes.check_read(ast.copy_location(attribute, node), self.scope)

    def _report_getattr(self, node: ast.expr) -> None:
        message = "`getattr` with a computed name is not part of the language"
        self.findings.report("JC208", message, node, fix=_LITERAL_NAME)

    def _is_mangled(self, node: ast.Name) -> bool:
        private = node.id[:2] == "__" != node.id[-2:]
        return private and self.scope.within("class") is not None

    def _private(self, node: ast.Name) -> None:
        self.findings.report(
            "JC201",
            f"inside a class `{shortened(node.id)}` is another name than outside it",
            node,
            fix="start the name with one underscore",
        )

    def _check_store(self, node: ast.Name) -> None:
        if self.scope.kind == "class" and node.id in SPECIAL_METHODS:
            return  # as in `__radd__ = __add__`
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
        if name in self.host:
            return
        if name == "getattr":
            self._report_getattr(node)
            return
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
            words = " as a value" if name in EXCEPTIONS or name in DECORATORS else ""
            message = f"`{name}`{words} is not supported yet"
            report("JC209", message, node, fix=BUILTINS_NOT_YET[name])
        elif name[:2] == "__" == name[-2:]:
            self._dunder(node)
        else:
            report(
                "JC201",
                f"the name `{shortened(name)}` is not defined",
                node,
                fix=_missing_import(name)
                or self.findings.did_you_mean(name, self._names)
                or "define it, or take it as a parameter",
            )

    def _names(self) -> set[str]:
        return {*self.scope.visible(), *BUILTINS, *self.host}

    def _check_order(self, node: ast.expr) -> None:
        """Report a name that is read while the module runs, above what binds it."""
        found = self.scope.find(node.id) if isinstance(node, ast.Name) else None
        if found is None or self.scope.within("function") is not None:
            return
        assert isinstance(node, ast.Name)
        first = found[0].names[node.id][0]
        if found[0].kind in ("module", "class") and getattr(first.node, "lineno", 0) > node.lineno:
            self.findings.report(
                "JC201",
                f"the name `{shortened(node.id)}` is used before it is defined",
                node,
                labels=[(first.node, "defined here")],
                fix="move the definition up",
            )

    def _not_a_value(self, node: ast.Name) -> None:
        self.findings.report(
            "JC203",
            f"`{shortened(node.id)}` stands for a typing name, which annotations alone may use",
            node,
            fix="leave it out",
        )

    def _library(self, node: ast.expr, path: str) -> None:
        root = root_name(node)
        assert isinstance(root, ast.Name)
        found = self.scope.find(root.id)
        assert found is not None
        self.used.setdefault(found[1].node, root)
        if is_foreign(found[1].path):
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
        if prefix in PLACES and not self._is_at_place(prefix):
            message = f"`{shown}` stands outside the place that the language has for it"
            report("JC203", message, node, fix=PLACES[prefix])
        elif prefix in EXCEPTIONS:
            fix = "name it in `raise` and `except` only"
            report("JC203", f"`{shown}` is not supported here yet", node, fix=fix)
        elif prefix in LIBRARY:
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

    def _is_at_place(self, path: str) -> bool:
        """Return whether a path stands in the body of a class that may have it."""
        scope = self.scope.within("class") if self.scope.within("function") is None else None
        if scope is None or scope.parent is None:
            return False
        if path == "dataclasses.field":
            return is_dataclass(scope.node, scope.parent)
        return path == "enum.auto" and is_enum(scope.node, scope.parent)

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
        if prefix == "cv2" and is_outside(rest[0]):
            fix = "leave it out: a reward looks at pictures alone"
            self.findings.report("JC206", f"`{shown}` is not part of the language", node, fix=fix)
            return
        name = ".".join(rest)
        meant = self.findings.did_you_mean(name, lambda: names_in(prefix))
        likely = is_of_opencv(rest[0]) or (meant is None and is_like_constant(rest[0]))
        if prefix == "cv2" and likely:
            message = f"`{shown}` is not supported yet"
            self.findings.report("JC203", message, node, fix=_WITHOUT_IT)
            return
        self.findings.report(
            "JC202",
            f"`{prefix}` has no `{shortened(name)}` in the language",
            node,
            fix=instead_of(prefix, name) or meant or _WITHOUT_IT,
        )


def _missing_import(name: str) -> str | None:
    """Return the import line that a program with this name most likely lacks."""
    usual = {"np": "import numpy as np", "cv": "import cv2 as cv", "norm": None}
    usual["blobs"] = f"from {vision_names.MODULE} import blobs"
    if name in usual:
        return f"add `{usual[name]}`" if usual[name] else None
    return f"add `import {name}`" if name in IMPORTS or name in PACKAGES else None
