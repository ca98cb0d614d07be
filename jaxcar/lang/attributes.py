"""Attributes and methods: those of the program's own class, and those of the language's values."""

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.rules import (
    ATTRIBUTES,
    ATTRIBUTES_NEVER,
    ATTRIBUTES_NOT_YET,
    METHODS,
    METHODS_NOT_YET,
)
from jaxcar.lang.scopes import Binding, Scope, Scopes, is_instance_method

_OF_VALUES = {
    *(name for names in METHODS.values() for name in names),
    *(name for names in ATTRIBUTES.values() for name in names),
}


def instance_fields(node: ast.ClassDef) -> frozenset[str]:
    """Return the attributes that the methods of a class assign on `self`.

    `self.x += 1` alone does not count: it reads the attribute first.

    Example:
        >>> sorted(instance_fields(ast.parse('''
        ... class A:
        ...     def reset(self): self.count = 0
        ...     def step(self, frame): self.total += 1
        ... ''').body[0]))
        ['count']
    """
    fields: set[str] = set()
    for method in node.body:
        receiver = method_receiver(method)
        if receiver is None:
            continue
        for inner in ast.walk(method):
            fields |= set(_assigned(inner, receiver))
    return frozenset(fields)


def class_names(node: ast.ClassDef) -> frozenset[str]:
    """Return the constants and methods of a class body."""
    names: set[str] = set()
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {
                inner.id
                for target in statement.targets
                for inner in ast.walk(target)
                if isinstance(inner, ast.Name)
            }
    return frozenset(names)


def method_receiver(node: ast.stmt) -> str | None:
    """Return what a method calls its object, "self" by custom; None for what is no method."""
    if not isinstance(node, ast.FunctionDef):
        return None
    if not is_instance_method(node, Scope("class", node, None)):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional else None


def _assigned(node: ast.AST, receiver: str) -> list[str]:
    """Return the attributes of `receiver` that a node, taken alone, assigns."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.For | ast.comprehension):
        targets = [node.target]
    return [
        inner.attr
        for target in targets
        for inner in ast.walk(target)
        if isinstance(inner, ast.Attribute)
        and isinstance(inner.ctx, ast.Store)
        and isinstance(inner.value, ast.Name)
        and inner.value.id == receiver
    ]


class Attributes:
    """Judge attributes by what they are read from or written to.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
    """

    def __init__(self, tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
        self.findings = findings
        self.scopes = scopes
        classes = [node for node in scopes if isinstance(node, ast.ClassDef)]
        self.fields = {node: instance_fields(node) for node in classes}
        self.names = {node: class_names(node) for node in classes}
        self.own: set[str] = set().union(*self.fields.values(), *self.names.values())

    def check_read(self, node: ast.Attribute, scope: Scope) -> None:
        """Report an attribute that is read and that nothing has."""
        if self._dunder(node, node.attr):
            return
        owner = self._owner(node, scope)
        if owner is None:
            self.check_name(node, node.attr)
            return
        binding, definition = owner
        known = self.names[definition]
        if binding.kind == "self":
            known = known | self.fields[definition]
        if node.attr in known:
            return
        self.findings.report(
            "JC212",
            f"`{shortened(ast.unparse(node), limit=60)}` is never set in the class"
            f" `{shortened(definition.name)}`",
            node,
            fix=self.findings.did_you_mean(node.attr, lambda: known)
            or f"set it in `__init__` or `reset`: `self.{shortened(node.attr)} = ...`",
        )

    def check_write(self, node: ast.Attribute, scope: Scope) -> None:
        """Report an attribute that is assigned on anything but `self`."""
        if self._dunder(node, node.attr):
            return
        owner = self._owner(node, scope)
        if owner is None:
            self.findings.report(
                "JC301",
                "attributes can be set on `self` only",
                node,
                fix="use a variable, or an attribute of `self`",
            )
            return
        binding, definition = owner
        if binding.kind == "self" and node.attr not in self.fields[definition]:
            self.check_read(node, scope)

    def check_name(self, node: ast.AST, name: str) -> None:
        """Report an attribute or method that no value of the language has."""
        report = self.findings.report
        if name in _OF_VALUES or name in self.own:
            return
        shown = shortened(name)
        if name in METHODS_NOT_YET or name in ATTRIBUTES_NOT_YET:
            hint = METHODS_NOT_YET.get(name) or ATTRIBUTES_NOT_YET[name]
            report("JC211", f"`.{shown}` is not supported yet", node, fix=hint)
        else:
            near = self.findings.did_you_mean(name, lambda: _OF_VALUES)
            fix = ATTRIBUTES_NEVER.get(name) or near or "use the attributes that arrays have"
            report("JC210", f"`.{shown}` is not in the language", node, fix=fix)

    def _dunder(self, node: ast.AST, name: str) -> bool:
        dunder = name[:2] == "__" == name[-2:]
        if dunder:
            self.findings.report(
                "JC207",
                f"the special attribute `{shortened(name)}` is not part of the language",
                node,
                fix="use plain attributes and functions",
            )
        return dunder

    def _owner(self, node: ast.Attribute, scope: Scope) -> tuple[Binding, ast.ClassDef] | None:
        """Return the class of the program that `node.value` stands for, if it does."""
        if not isinstance(node.value, ast.Name):
            return None
        found = scope.find(node.value.id)
        if found is None or found[1].kind not in ("self", "class"):
            return None
        where, binding = found
        if binding.kind == "class":
            definition = binding.node
        else:
            assert where.parent is not None
            definition = where.parent.node
        assert isinstance(definition, ast.ClassDef)
        return binding, definition
