"""Attributes and methods: those of the program's own class, and those of the language's values."""

from __future__ import annotations

import ast

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.records import is_enum, is_namedtuple, namedtuple_fields, record_fields
from jaxcar.lang.rules import (
    ATTRIBUTES,
    ATTRIBUTES_NEVER,
    ATTRIBUTES_NOT_YET,
    METHODS,
    METHODS_NOT_YET,
)
from jaxcar.lang.scopes import (
    Binding,
    Scope,
    Scopes,
    dotted_path,
    is_decorated,
    is_instance_method,
    root_name,
)

_OF_VALUES = {
    *(name for names in METHODS.values() for name in names),
    *(name for names in ATTRIBUTES.values() for name in names),
}
_NOT_YET = frozenset({*METHODS_NOT_YET, *ATTRIBUTES_NOT_YET})
_OF_ARRAYS = frozenset({"shape", "dtype", "T"})  # what else has these?
_OF_TUPLES = frozenset({*METHODS["namedtuple"], *ATTRIBUTES["namedtuple"], *METHODS["tuple"]})


def instance_fields(node: ast.ClassDef) -> frozenset[str]:
    """Return the fields of a record, and the attributes that methods of a class assign on `self`.

    `self.x += 1` alone does not count: it reads the attribute first.

    Example:
        >>> sorted(instance_fields(ast.parse('''
        ... class A:
        ...     def reset(self): self.count = 0
        ...     def step(self, frame): self.total += 1
        ... ''').body[0]))
        ['count']
    """
    fields = {x.target.id for x in record_fields(node) if isinstance(x.target, ast.Name)}
    for method in node.body:
        receiver = method_receiver(method)
        if receiver is None:
            continue
        for inner in ast.walk(method):
            fields |= {x.attr for x in _assigned(inner) if _is_name(x.value, receiver)}
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


def _assigned(node: ast.AST) -> list[ast.Attribute]:
    """Return the attributes that a node, taken alone, assigns."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.For | ast.comprehension):
        targets = [node.target]
    return [
        inner
        for target in targets
        for inner in ast.walk(target)
        if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
    ]


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _assigned_outside(tree: ast.Module, classes: list[ast.ClassDef]) -> frozenset[str]:
    """Return the attributes that are assigned on anything but the `self` of a method."""
    of_self: set[ast.Attribute] = set()
    for method in (statement for node in classes for statement in node.body):
        receiver = method_receiver(method)
        for inner in ast.walk(method) if receiver is not None else ():
            of_self |= {x for x in _assigned(inner) if _is_name(x.value, receiver or "")}
    stores = [x for node in ast.walk(tree) for x in _assigned(node)]
    return frozenset(x.attr for x in stores if x not in of_self)


def _properties(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(
        method.name
        for method in node.body
        if isinstance(method, ast.FunctionDef) and is_decorated(method, "property")
    )


class Attributes:
    """Judge attributes by what they are read from or written to.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
        host: names that the caller provides, whose attributes are the caller's; where there are
            any, values of unknown origin may be the caller's too.
    """

    def __init__(
        self, tree: ast.Module, scopes: Scopes, findings: Findings, host: frozenset[str]
    ) -> None:
        self.findings = findings
        self.host = host
        classes = [node for node in scopes if isinstance(node, ast.ClassDef)]
        self.fields = {node: instance_fields(node) for node in classes}
        self.names = {node: class_names(node) | _inherited(node, scopes) for node in classes}
        self.properties = {node: _properties(node) for node in classes}
        self.assigned = _assigned_outside(tree, classes)
        self.own: set[str] = set().union(*self.fields.values(), *self.names.values())
        self.own |= namedtuple_fields(tree, scopes)

    def check_read(self, node: ast.Attribute, scope: Scope) -> None:
        """Report an attribute that is read and that nothing has."""
        if self._special(node, node.attr, scope):
            return
        owner = self._owner(node, scope)
        if owner is None:
            if not self._is_of_host(node, scope) and not self._follows_a_fault(node):
                self.check_name(node, node.attr)
            return
        binding, definition = owner
        known = self.names[definition]
        if binding.kind == "self":
            known = known | self.fields[definition] | self.assigned
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
        """Report an attribute that is assigned or deleted where that cannot be."""
        if self._special(node, node.attr, scope):
            return
        owner = self._owner(node, scope)
        if owner is not None:
            self._check_own_write(node, scope, *owner)
        elif isinstance(node.ctx, ast.Del):
            self.findings.report(
                "JC311",
                "deleting an attribute of anything but `self` is not supported yet",
                node,
                fix="assign None to it",
            )
        elif node.attr in _OF_ARRAYS and node.attr not in self.own:
            self.findings.report(
                "JC301",
                "setting an attribute of an array is not part of the language",
                node,
                fix="make another array: x.reshape(shape), x.astype(dtype)",
            )
        elif node.attr not in self.assigned and not self._is_of_host(node, scope):
            self.check_name(node, node.attr)  # `x.a += 1` reads the attribute first

    def check_name(self, node: ast.AST, name: str) -> None:
        """Report an attribute or method that no value of the language has."""
        report = self.findings.report
        if self._is_known(name):
            return
        shown = shortened(name)
        if name in METHODS_NOT_YET or name in ATTRIBUTES_NOT_YET:
            hint = METHODS_NOT_YET.get(name) or ATTRIBUTES_NOT_YET[name]
            report("JC211", f"`.{shown}` is not supported yet", node, fix=hint)
        else:
            near = self.findings.did_you_mean(name, lambda: _OF_VALUES | self.own)
            fix = ATTRIBUTES_NEVER.get(name) or near or "use the attributes that arrays have"
            report("JC210", f"`.{shown}` is not in the language", node, fix=fix)

    def _is_known(self, name: str) -> bool:
        return name in _OF_VALUES or name in self.own or name in self.assigned

    def _follows_a_fault(self, node: ast.Attribute) -> bool:
        """Return whether no table has this attribute, nor the one that it is read from."""
        owner: ast.expr = node.value
        while isinstance(owner, ast.Subscript | ast.Call):
            owner = owner.func if isinstance(owner, ast.Call) else owner.value
        if not isinstance(owner, ast.Attribute) or node.attr in _NOT_YET:
            return False
        return not self._is_known(owner.attr) and owner.attr not in _NOT_YET

    def _check_own_write(
        self, node: ast.Attribute, scope: Scope, binding: Binding, definition: ast.ClassDef
    ) -> None:
        if binding.kind != "self":
            return  # a write to a class is state outside `self`
        if node.attr in self.properties[definition]:
            self.findings.report(
                "JC313",
                f"assigning to the property `{shortened(node.attr)}` is not supported yet",
                node,
                fix="assign to the attribute that the property reads",
            )
        elif node.attr not in self.fields[definition]:
            self.check_read(node, scope)

    def _special(self, node: ast.AST, name: str, scope: Scope) -> bool:
        """Report special attributes, and private ones of a class that are named outside it."""
        if name[:2] != "__":
            return False
        if name == "__init__" and isinstance(node, ast.Attribute):
            owner = self._owner(node, scope)
            if owner is not None and owner[0].kind == "self":
                return False  # `reset` may start over so
        dunder = name[-2:] == "__"
        if dunder:
            self.findings.report(
                "JC207",
                f"the special attribute `{shortened(name)}` is not part of the language",
                node,
                fix="use plain attributes and functions",
            )
        elif scope.within("class") is None:
            self.findings.report(
                "JC210",
                f"`.{shortened(name)}` is private to a class, and has another name outside it",
                node,
                fix="start the name with one underscore",
            )
        else:
            return False
        return True

    def _is_of_host(self, node: ast.Attribute, scope: Scope) -> bool:
        """Return whether a value may come from the caller: all but literals and the libraries'."""
        if not self.host:
            return False
        root: ast.expr = node
        while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
            root = root.func if isinstance(root, ast.Call) else root_name(root)
        return isinstance(root, ast.Name) and dotted_path(root, scope) is None

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


def _inherited(node: ast.ClassDef, scopes: Scopes) -> frozenset[str]:
    """Return what a record has beside its own names."""
    scope = scopes[node].parent
    assert scope is not None
    if is_namedtuple(node, scope):
        return _OF_TUPLES
    return frozenset(ATTRIBUTES["enum"]) if is_enum(node, scope) else frozenset()
