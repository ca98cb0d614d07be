"""What the classes of a program have: fields, constants, methods and properties."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from jaxcar.lang.records import record_fields
from jaxcar.lang.scopes import Scope, is_decorated, is_instance_method


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


def assigned_outside(tree: ast.Module, classes: list[ast.ClassDef]) -> frozenset[str]:
    """Return the attributes that are assigned on anything but the `self` of a method."""
    of_self: set[ast.Attribute] = set()
    for method in (statement for node in classes for statement in node.body):
        receiver = method_receiver(method)
        for inner in ast.walk(method) if receiver is not None else ():
            of_self |= {x for x in _assigned(inner) if _is_name(x.value, receiver or "")}
    stores = [x for node in ast.walk(tree) for x in _assigned(node)]
    return frozenset(x.attr for x in stores if x not in of_self)


def property_names(node: ast.ClassDef) -> frozenset[str]:
    """Return the methods of a class that are read as attributes."""
    return frozenset(
        method.name
        for method in node.body
        if isinstance(method, ast.FunctionDef) and is_decorated(method, "property")
    )


def is_super(node: ast.AST) -> bool:
    """Return whether an expression is a call of `super`."""
    return isinstance(node, ast.Call) and _is_name(node.func, "super")


def lineage(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> list[ast.ClassDef]:
    r"""Return a class and the classes of the program that it is derived from, itself first.

    Example:
        >>> tree = ast.parse("class A: pass\nclass B(A): pass\nclass C(B): pass")
        >>> classes = {node.name: node for node in tree.body}
        >>> [each.name for each in lineage(classes["C"], classes)]
        ['C', 'B', 'A']
    """
    found: list[ast.ClassDef] = []
    following: ast.ClassDef | None = node
    while following is not None and following not in found:
        found.append(following)
        bases = [
            classes[x.id] for x in following.bases if isinstance(x, ast.Name) and x.id in classes
        ]
        following = bases[0] if bases else None
    return found


def methods_of(
    node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]
) -> dict[str, ast.FunctionDef]:
    """Return the methods of a class by name, inherited ones included."""
    found: dict[str, ast.FunctionDef] = {}
    for each in reversed(lineage(node, classes)):
        for name in class_names(each):
            found.pop(name, None)
        found.update({x.name: x for x in each.body if isinstance(x, ast.FunctionDef)})
    return found


def relatives(node: ast.ClassDef, classes: Mapping[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return a class, what it is derived from, and what is derived from it."""
    found = lineage(node, classes)
    return [
        *found,
        *(x for x in classes.values() if x not in found and node in lineage(x, classes)),
    ]
