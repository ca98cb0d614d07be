"""Scopes: which names a module, class, function or comprehension binds, and to what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUTURE = "__future__"
_GET_LOGGER = "logging.getLogger"


class Binding(NamedTuple):
    """What a name stands for.

    Attributes:
        kind: how it came to be; "self" is the first parameter of a method, "typing" an alias that
            only annotations may use. The first parameter of a class method is a "class".
        node: the first node that binds it.
        path: of an import, the dotted path, such as "numpy.linalg".
    """

    kind: Literal["variable", "parameter", "self", "function", "class", "import", "typing"]
    node: ast.AST
    path: str = ""


@dataclass
class Scope:
    """The names of one module, class, function, lambda or comprehension.

    Args:
        kind: which of these it is.
        node: the node that opens it.
        parent: the scope around it.

    Attributes:
        names: every binding of each name, in source order.
        outer: names that a `nonlocal` statement hands to a function around this one.
        of_module: names that a `global` statement hands to the module.
    """

    kind: Literal["module", "class", "function", "comprehension"]
    node: ast.AST
    parent: Scope | None
    names: dict[str, list[Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    of_module: set[str] = field(default_factory=set)

    def bind(self, name: str, binding: Binding) -> None:
        """Record one more binding of a name."""
        self.names.setdefault(name, []).append(binding)

    def find(self, name: str) -> tuple[Scope, Binding] | None:
        """Return the scope that a name is looked up in from here, and its last binding there."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.of_module:
                scope = self.within("module")
                assert scope is not None
            hidden = scope.kind == "class" and scope is not self
            if name in scope.names and name not in scope.outer and not hidden:
                return scope, scope.names[name][-1]
            scope = scope.parent
        return None

    def visible(self) -> set[str]:
        """Return every name that can be looked up from here."""
        names: set[str] = set(self.names)
        scope = self.parent
        while scope is not None:
            if scope.kind != "class":
                names |= set(scope.names)
            scope = scope.parent
        return names

    def within(self, kind: str) -> Scope | None:
        """Return this scope or the nearest one around it that is of a kind."""
        scope: Scope | None = self
        while scope is not None and scope.kind != kind:
            scope = scope.parent
        return scope


Scopes = dict[ast.AST, Scope]


class ScopedVisitor(ast.NodeVisitor):
    """A visitor that knows which scope each expression is evaluated in.

    Args:
        tree: the program, without annotations.
        scopes: the scope of each node that opens one.

    Attributes:
        scope: the scope of the node that is being visited.
    """

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self.scopes = scopes
        self.scope = scopes[tree]

    @contextmanager
    def entered(self, node: ast.AST) -> Iterator[None]:
        """Visit what stands inside, with the scope that `node` opens."""
        outside, self.scope = self.scope, self.scopes[node]
        yield
        self.scope = outside

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        """Visit the defaults outside, the body inside; decorators are another pass's concern."""
        self._visit_all([*node.args.defaults, *node.args.kw_defaults])
        with self.entered(node):
            self._visit_all(node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Visit the defaults outside, the body inside."""
        self._visit_all([*node.args.defaults, *node.args.kw_defaults])
        with self.entered(node):
            self.visit(node.body)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Visit the body inside; bases and decorators are another pass's concern."""
        with self.entered(node):
            self._visit_all(node.body)

    def visit_comprehension_node(self, node: Comprehension) -> None:
        """Visit the first iterable outside, all else inside."""
        first, *others = node.generators
        self.visit(first.iter)
        with self.entered(node):
            self._visit_all([first.target, *first.ifs])
            for generator in others:
                self._visit_all([generator.iter, generator.target, *generator.ifs])
            results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            self._visit_all(results)

    visit_ListComp = visit_comprehension_node  # noqa: N815
    visit_SetComp = visit_comprehension_node  # noqa: N815
    visit_DictComp = visit_comprehension_node  # noqa: N815
    visit_GeneratorExp = visit_comprehension_node  # noqa: N815

    def _visit_all(self, nodes: list) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)


def build_scopes(tree: ast.Module) -> Scopes:
    r"""Return the scope of every node of a program that opens one.

    Args:
        tree: the program, without annotations.

    Returns:
        A table from the module, each class, function, lambda and comprehension to its scope.

    Example:
        >>> tree = ast.parse("def f(x):\n    y = x")
        >>> sorted(build_scopes(tree)[tree.body[0]].names)
        ['x', 'y']
    """
    scopes: Scopes = {tree: Scope("module", tree, None)}
    _Binder(tree, scopes).generic_visit(tree)
    return scopes


class _Binder(ScopedVisitor):
    """Open every scope, and bind every name that Python binds."""

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        self._bind(node.name, "function", node)
        scope = self.scopes[node] = Scope("function", node, self.scope)
        first: Binding | None = None
        if is_instance_method(node, self.scope):
            first = Binding("self", node)
        elif self.scope.kind == "class" and is_decorated(node, "classmethod"):
            first = Binding("class", self.scope.node)
        _bind_parameters(scope, node.args, first)
        super().visit_FunctionDef(node)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Lambda(self, node: ast.Lambda) -> None:
        scope = self.scopes[node] = Scope("function", node, self.scope)
        _bind_parameters(scope, node.args, None)
        super().visit_Lambda(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, "class", node)
        self.scopes[node] = Scope("class", node, self.scope)
        super().visit_ClassDef(node)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, _COMPREHENSIONS):
            self.scopes[node] = Scope("comprehension", node, self.scope)
        super().visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, "variable", node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        scope.bind(node.target.id, Binding("variable", node.target))

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        special = self._alias(node.value) if self.scope.kind == "module" else None
        if special is not None and isinstance(target, ast.Name):
            self.scope.bind(target.id, special)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = alias.name if alias.asname else alias.name.partition(".")[0]
            self.scope.bind(alias.asname or path, Binding("import", alias, path))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module == _FUTURE:
            return
        for alias in node.names:
            path = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            self.scope.bind(alias.asname or alias.name, Binding("import", alias, path))

    def visit_Global(self, node: ast.Global) -> None:
        if self.scope.kind != "module":
            self.scope.of_module |= set(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.outer |= set(node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self._bind(node.name, "variable", node)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        if node.name is not None:
            self._bind(node.name, "variable", node)
        self.generic_visit(node)

    def _bind(
        self, name: str, kind: Literal["variable", "function", "class"], node: ast.AST
    ) -> None:
        self.scope.bind(name, Binding(kind, node))

    def _alias(self, value: ast.expr) -> Binding | None:
        """Return what a module-level name stands for where it is a logger or a typing alias."""
        if isinstance(value, ast.Call) and dotted_path(value.func, self.scope) == _GET_LOGGER:
            return Binding("import", value, "logging")
        root = value
        while isinstance(root, ast.Subscript):
            root = root.value
        path = dotted_path(root, self.scope) or ""
        if path.startswith(("typing.", "typing_extensions.", "numpy.typing.")):
            return Binding("typing", value, path)
        return None


def is_instance_method(node: FunctionNode, scope: Scope) -> bool:
    """Return whether a function, defined in `scope`, takes the object as its first argument."""
    return scope.kind == "class" and not is_decorated(node, "staticmethod", "classmethod")


def is_decorated(node: FunctionNode, *names: str) -> bool:
    """Return whether a function has one of these builtin decorators."""
    return any(isinstance(x, ast.Name) and x.id in names for x in node.decorator_list)


def dotted_path(node: ast.expr, scope: Scope) -> str | None:
    """Return the library path that an expression such as `np.linalg.norm` names, or None.

    Args:
        node: any expression.
        scope: where it is evaluated.

    Returns:
        Such as "numpy.linalg.norm" where the root is an import, else None.
    """
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    found = scope.find(node.id) if isinstance(node, ast.Name) else None
    if found is None or found[1].kind != "import":
        return None
    return ".".join([found[1].path, *reversed(attributes)])


def root_name(node: ast.expr) -> ast.expr:
    """Return the expression at the left end of attributes and subscripts: `a` of `a.b[0].c`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def _bind_parameters(scope: Scope, arguments: ast.arguments, first: Binding | None) -> None:
    """Bind the parameters of a function; `first` is what the first one stands for, if not plain."""
    positional = [*arguments.posonlyargs, *arguments.args]
    others = [arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
    for position, argument in enumerate([*positional, *others]):
        if argument is None:
            continue
        if first is not None and position == 0 and positional:
            binding = first._replace(node=argument) if first.kind == "self" else first
            scope.bind(argument.arg, binding)
        else:
            scope.bind(argument.arg, Binding("parameter", argument))
