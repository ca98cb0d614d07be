"""The forms of classes: bases, decorators, bodies, and the fields of records."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.forms import is_mutable
from jaxcar.lang.handlers import is_exception_class
from jaxcar.lang.members import class_names, lineage
from jaxcar.lang.records import is_dataclass, is_enum, is_namedtuple, record_fields
from jaxcar.lang.rules import BASES, OPERATOR_METHODS, RECORD_KEYWORDS, SPECIAL_METHODS
from jaxcar.lang.scopes import ScopedVisitor, Scopes, dotted_path

_DATACLASS = "dataclasses.dataclass"
_FIELD = "dataclasses.field"
_FACTORY = "write field(default_factory=list)"


def check_classes(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report classes of a form outside the language.

    Args:
        tree: the program, without annotations but those of fields.
        scopes: from `build_scopes`.
        findings: where to report.
    """
    _Classes(tree, scopes, findings).generic_visit(tree)


class _Classes(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        super().__init__(tree, scopes)
        self.report = findings.report

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self._decorator(decorator, node)
        if self.scope.kind != "module":
            self.report(
                "JC315",
                f"the class `{shortened(node.name)}` inside another block is not supported yet",
                node,
                fix="move the class to module level",
            )
        self._bases(node)
        for keyword in node.keywords:
            self.report(
                "JC309",
                "keywords of a class, such as metaclass, are not part of the language",
                keyword,
                fix=f"write `class {shortened(node.name)}:`",
            )
        enum = is_enum(node, self.scope)
        for statement in node.body:
            self._statement(statement, node, enum=enum)
        for field in record_fields(node):
            self._field(field, node)
        self._order(node)
        self._special_methods(node, enum=enum)
        self._twice(node, enum=enum)
        super().visit_ClassDef(node)

    def _bases(self, node: ast.ClassDef) -> None:
        for position, base in enumerate(node.bases):
            known = _is_object(base) or dotted_path(base, self.scope) in BASES
            if position == 0 and (known or self._is_plain(base, node)):
                continue
            words = f"the base class of `{shortened(node.name)}`"
            fix = "derive it from one class of the program, or write one class with all methods"
            if position > 0 and (known or self._is_plain(base, node)):
                words = f"a second base class of `{shortened(node.name)}`"
            if is_exception_class(node):
                words = f"the exception class `{shortened(node.name)}` of the program's own"
                fix = "raise a builtin exception, such as ValueError, instead"
            self.report("JC315", f"{words} is not supported yet", base, fix=fix)

    def _decorator(self, decorator: ast.expr, node: ast.ClassDef) -> None:
        call = decorator if isinstance(decorator, ast.Call) else None
        target = call.func if call else decorator
        if dotted_path(target, self.scope) != _DATACLASS:
            self.report(
                "JC305",
                f"the decorator `@{shortened(ast.unparse(target))}` is not part of the language"
                " here",
                decorator,
                fix="leave it out; classes may have @dataclass",
            )
            return
        if is_namedtuple(node, self.scope) or is_enum(node, self.scope):
            self.report(
                "JC315",
                f"the dataclass `{shortened(node.name)}` with a base class is not supported yet",
                decorator,
                fix="leave out the decorator, or the base class",
            )
        for argument in call.args if call else []:
            self._option(argument)
        for keyword in call.keywords if call else []:
            literal = isinstance(keyword.value, ast.Constant)
            if keyword.arg not in RECORD_KEYWORDS or not literal:
                self._option(keyword)

    def _is_plain(self, base: ast.expr, node: ast.ClassDef) -> bool:
        """Return whether a base is a class of the program, of one definition and no record."""
        module = self.scope.within("module")
        if not isinstance(base, ast.Name) or module is None or base.id == node.name:
            return False
        found = module.names.get(base.id, [])
        if len(found) != 1 or not isinstance(found[0].node, ast.ClassDef):
            return False
        return not (is_namedtuple(found[0].node, module) or is_enum(found[0].node, module))

    def _special_methods(self, node: ast.ClassDef, *, enum: bool) -> None:
        """Report special methods of an enum or tuple with names that would be passed over."""
        allowed = frozenset({"__repr__", "__str__"})
        if is_namedtuple(node, self.scope):
            allowed |= OPERATOR_METHODS | {"__init__"}
        elif not enum:
            return
        for name in sorted(class_names(node) & (SPECIAL_METHODS - allowed)):
            self.report(
                "JC315",
                f"the special method `{name}` of `{shortened(node.name)}`, an enum or tuple with"
                " names, is not supported yet",
                node,
                fix="give the method a plain name, and call it",
            )

    def _option(self, node: ast.AST) -> None:
        self.report(
            "JC313",
            "this option of `@dataclass` is not supported yet",
            node,
            fix=f"give True or False to one of {', '.join(sorted(RECORD_KEYWORDS))}",
        )

    def _statement(self, statement: ast.stmt, node: ast.ClassDef, *, enum: bool) -> None:
        documents = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        targets = ast.Name if enum else ast.Name | ast.Tuple
        plain = isinstance(statement, ast.Assign) and all(
            isinstance(target, targets) for target in statement.targets
        )
        methods = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef  # other checks see them
        if documents or plain or isinstance(statement, methods | ast.AnnAssign | ast.Pass):
            return
        self.report(
            "JC315",
            f"this statement in the body of class `{shortened(node.name)}` is not supported yet",
            statement,
            fix="keep constants and methods there; move the rest into `__init__`",
        )

    def _field(self, field: ast.AnnAssign, node: ast.ClassDef) -> None:
        special = _meaning(field)
        if special is not None:
            self.report(
                "JC315",
                f"a field of the kind `{special}` is not supported yet",
                field,
                fix="make it a plain field, or write @dataclass(kw_only=True)",
            )
        if field.value is None:
            return
        call = self._field_call(field.value)
        if call is not None and is_dataclass(node, self.scope):
            defaults = [x.value for x in call.keywords if x.arg == "default"]
        else:
            defaults = [field.value]
        for default in defaults:
            if is_mutable(default, self.scope):
                self.report(
                    "JC304",
                    f"a default of the class `{shortened(node.name)}` is mutable, and would be"
                    " shared by all its objects",
                    default,
                    fix=_FACTORY,
                )

    def _order(self, node: ast.ClassDef) -> None:
        """Report a field without a default after one with a default: Python does not allow it."""
        classes = {x.name: x for x in self.scopes if isinstance(x, ast.ClassDef)}
        fields: dict[str, ast.AnnAssign] = {}
        for owner in reversed(lineage(node, classes)):
            dataclass = owner is node or is_dataclass(owner, self.scope)
            if dataclass and not self._option_is_true(owner, "kw_only"):
                fields.update({ast.unparse(x.target): x for x in record_fields(owner)})
        before: str | None = None
        for field in fields.values():
            assert isinstance(field.target, ast.Name)
            name, given = field.target.id, self._field_call(field.value)
            keywords = {x.arg for x in given.keywords} if given is not None else set()
            if keywords & {"kw_only", "init"} or _meaning(field) is not None:
                continue
            made = given is None or keywords & {"default", "default_factory"}
            if field.value is not None and made:
                before = name
            elif before is not None:
                place = field if field in node.body else node
                self.report(
                    "JC308",
                    f"the field `{shortened(name)}` without a default follows"
                    f" `{shortened(before)}`, which has one",
                    place,
                    fix="move it up, or give it a default",
                )

    def _twice(self, node: ast.ClassDef, *, enum: bool) -> None:
        """Report a field or member that is named twice, and names that a NamedTuple cannot have."""
        seen: set[str] = set()
        named: list[tuple[ast.stmt, list[ast.expr]]] = [
            (x, [x.target]) for x in record_fields(node)
        ]
        if enum:
            named += [(x, x.targets) for x in node.body if isinstance(x, ast.Assign)]
        for statement, targets in named:
            for name in (x.id for x in targets if isinstance(x, ast.Name)):
                private = name[0] == "_" and is_namedtuple(node, self.scope)
                if name in seen or private:
                    self.report(
                        "JC308",
                        f"`{shortened(name)}` cannot be a field of `{shortened(node.name)}`"
                        f"{'' if private else ' twice'}",
                        statement,
                        fix="give each field a plain name of its own",
                    )
                seen.add(name)
        for method in node.body if is_namedtuple(node, self.scope) else ():
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                self.report(
                    "JC309",
                    f"`{shortened(node.name)}` is derived from NamedTuple and has `__init__`",
                    method,
                    fix="leave it out: the fields are the arguments; or write @dataclass",
                )

    def _field_call(self, value: ast.expr | None) -> ast.Call | None:
        if isinstance(value, ast.Call) and dotted_path(value.func, self.scope) == _FIELD:
            return value
        return None

    def _option_is_true(self, node: ast.ClassDef, option: str) -> bool:
        return any(
            keyword.arg == option
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value
            for decorator in node.decorator_list
            if isinstance(decorator, ast.Call)
            for keyword in decorator.keywords
        )


def _meaning(field: ast.AnnAssign) -> str | None:
    """Return "InitVar" or "KW_ONLY" where the annotation gives the field that meaning."""
    value = field.annotation.value if isinstance(field.annotation, ast.Constant) else None
    return value if isinstance(value, str) else None


def _is_object(base: ast.expr) -> bool:
    return isinstance(base, ast.Name) and base.id == "object"
