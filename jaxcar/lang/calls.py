"""Who calls whom: which functions and methods are entries, and which call themselves."""
# ruff: noqa: N802 - visitors are named for the nodes they visit

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

from jaxcar.lang.findings import Findings
from jaxcar.lang.members import is_super, lineage, method_receiver
from jaxcar.lang.scopes import ScopedVisitor, Scopes, build_scopes, is_decorated
from jaxcar.lang.uses import Choice, Use, Vertex, function_uses, name_of


def names_used(tree: ast.Module) -> frozenset[str]:
    """Return the module-level names that the program itself uses.

    A function that is among them is a helper; one that is not may be an entry.

    Args:
        tree: the program, without annotations: `ResolvedModule.tree`.

    Returns:
        The names of functions, classes, constants and imports that functions, methods, defaults
        and constants refer to. A local variable of the same name is no use.

    Example:
        >>> tree = ast.parse('''
        ... def red(frame): return frame[0, 0, 0] > 9
        ... def done(frame): return red(frame)
        ... ''')
        >>> sorted(names_used(tree))
        ['red']
    """
    visitor = _ModuleUses(tree, build_scopes(tree))
    visitor.generic_visit(tree)
    return frozenset(visitor.names)


class _ModuleUses(ScopedVisitor):
    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        super().__init__(tree, scopes)
        self.names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        found = self.scope.find(node.id)
        if isinstance(node.ctx, ast.Load) and found is not None and found[0].kind == "module":
            self.names.add(node.id)


def called_methods(
    node: ast.ClassDef, classes: Mapping[str, ast.ClassDef] = MappingProxyType({})
) -> frozenset[str]:
    """Return the attributes that the methods of a class read from `self` or from the class.

    Args:
        node: the class.
        classes: those of the program by name; methods of its bases are looked at as well.

    Example:
        >>> sorted(called_methods(ast.parse('''
        ... class Door:
        ...     def red(self, frame): return frame[0, 0, 0] > 9
        ...     def done(self, frame): return self.red(frame)
        ... ''').body[0]))
        ['red']
    """
    names: set[str] = set()
    for owner, method in ((x, method) for x in lineage(node, classes) for method in x.body):
        owners = {owner.name, method_receiver(method) or _class_receiver(method) or owner.name}
        names |= {
            inner.attr
            for inner in ast.walk(method)
            if isinstance(inner, ast.Attribute)
            and isinstance(inner.ctx, ast.Load)
            and isinstance(inner.value, ast.Name)
            and inner.value.id in owners
        }
        names |= {
            inner.attr
            for inner in ast.walk(method)
            if isinstance(inner, ast.Attribute)
            and is_super(inner.value)
            and inner.attr != getattr(method, "name", "")  # what it overrides stays an entry
        }
    return frozenset(names)


def _class_receiver(method: ast.stmt) -> str | None:
    """Return what a class method calls its class, "cls" by custom; None for any other."""
    if not (isinstance(method, ast.FunctionDef) and is_decorated(method, "classmethod")):
        return None
    return next((x.arg for x in [*method.args.posonlyargs, *method.args.args]), None)


def check_recursion(tree: ast.Module, scopes: Scopes, findings: Findings) -> None:
    """Report every function that can reach a call of itself.

    Args:
        tree: the program, without annotations.
        scopes: from `build_scopes`.
        findings: where to report.
    """
    uses = {
        caller: [use for use in found if use.certain]
        for caller, found in function_uses(tree, scopes).items()
    }
    finished: set[Vertex] = set()
    for start in uses:
        _search(start, uses, finished, findings)


def _search(
    start: Vertex,
    uses: dict[Vertex, list[Use]],
    finished: set[Vertex],
    findings: Findings,
) -> None:
    """Search the graph in depth from `start`, with a stack of our own: chains may be long."""
    path: list[Vertex] = []
    on_path: set[Vertex] = set()
    pending: list[tuple[Vertex, int]] = [(start, 0)]
    while pending:
        node, position = pending.pop()
        if position == 0:
            if node in finished:
                continue
            path.append(node)
            on_path.add(node)
        if position == len(uses[node]):
            finished.add(path.pop())
            on_path.remove(node)
            continue
        pending.append((node, position + 1))
        use = uses[node][position]
        if use.callee in on_path:
            _report(path[path.index(use.callee) :], use, findings)
        elif use.callee not in finished:
            pending.append((use.callee, 0))


def _report(cycle: list[Vertex], use: Use, findings: Findings) -> None:
    functions = [node for node in cycle if not isinstance(node, Choice)]
    if not functions:
        return  # two variables that are assigned each other
    names = [name_of(node) for node in functions]
    way = f" by way of {', '.join(f'`{name}`' for name in names[1:4])}" if names[1:] else ""
    findings.report(
        "JC303",
        f"the function `{names[0]}` calls itself{way}",
        use.place,
        labels=[(functions[0], f"`{names[0]}` is defined here")],
        fix="write a `for` or `while` loop",
    )
