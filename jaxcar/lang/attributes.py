"""Attributes and methods: those of the program's own class, and those of the language's values."""

from __future__ import annotations

import ast
from collections.abc import Callable

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.members import (
    assigned_outside,
    class_names,
    instance_fields,
    lineage,
    property_names,
    relatives,
)
from jaxcar.lang.records import is_enum, is_namedtuple, namedtuple_fields, record_fields
from jaxcar.lang.rules import (
    ATTRIBUTES,
    ATTRIBUTES_NEVER,
    ATTRIBUTES_NOT_YET,
    BASES,
    BUILTINS,
    LIBRARY,
    METHODS,
    METHODS_NOT_YET,
    SPECIAL_METHODS,
)
from jaxcar.lang.scopes import (
    Binding,
    Scope,
    Scopes,
    dotted_path,
    root_name,
)
from jaxcar.lang.vision_names import HINTS, uses_blobs

_OF_VALUES = {
    *(name for names in METHODS.values() for name in names),
    *(name for names in ATTRIBUTES.values() for name in names),
}
_NOT_YET = frozenset({*METHODS_NOT_YET, *ATTRIBUTES_NOT_YET})
_OF_ARRAYS = frozenset({"shape", "dtype", "T"})  # what else has these?
_OF_ARRAYS_ONLY = "use a method or attribute of arrays, such as x.sum(), x.mean(), x.max(), x.shape"
_SPECIAL = {
    "__class__": "read the attribute from the object itself; test with isinstance",
    "__dict__": "name the attributes one by one: obj.name",
}
_OF_TUPLES = frozenset({*METHODS["namedtuple"], *ATTRIBUTES["namedtuple"], *METHODS["tuple"]})


def _as_function(name: str) -> str | None:
    """Return how a function of NumPy is called that was taken for a method.

    Example:
        >>> _as_function("norm"), _as_function("count_nonzero"), _as_function("cuda")
        ('write np.linalg.norm(x)', 'write np.count_nonzero(x)', None)
    """
    for module, alias in (("numpy", "np"), ("numpy.linalg", "np.linalg")):
        entry = LIBRARY.get(f"{module}.{name}")
        if entry is not None and entry.kind == "function":
            return f"write {alias}.{name}(x)"
    return None


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
        named = {node.name: node for node in classes}
        # A method may read what a derived class sets.
        kin = {node: relatives(node, named) for node in classes}
        self.fields = {node: _union(kin[node], instance_fields) for node in classes}
        self.names = {
            node: _union(kin[node], class_names) | _inherited(node, scopes) for node in classes
        }
        self.defaults = {node: _union(kin[node], _defaults) for node in classes}
        self.properties = {node: property_names(node) for node in classes}
        self.derived = {
            node for node in classes if any(_is_derived(x, scopes) for x in lineage(node, named))
        }
        self.assigned = assigned_outside(tree, classes)
        self.own: set[str] = set().union(*self.fields.values(), *self.names.values())
        self.own |= namedtuple_fields(tree, scopes)
        self.hints = HINTS if uses_blobs(scopes) else {}

    def check_read(self, node: ast.Attribute, scope: Scope) -> None:
        """Report an attribute that is read and that nothing has."""
        if self._special(node, node.attr, scope):
            return
        owner = self._owner(node, scope)
        if owner is None:
            if not self._is_of_host(node, scope) and not self._follows_a_fault(node, scope):
                self.check_name(node, node.attr, scope)
            return
        binding, definition = owner
        known = self.names[definition] | {"__init__"}
        if binding.kind == "self":
            known = known | self.fields[definition] | self.assigned
        else:
            known = known | self.defaults[definition]
        if node.attr in known or definition in self.derived:
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
            self.check_name(node, node.attr, scope)  # `x.a += 1` reads the attribute first

    def check_super(self, node: ast.Attribute, scope: Scope) -> None:
        """Take `super().method` of a method itself: what is inside it has no `super()`."""
        function = scope.parent if scope.kind == "function" else None
        if function is None or function.kind != "class" or not isinstance(node.ctx, ast.Load):
            self.findings.report(
                "JC312",
                "`super()` is not supported here yet",
                node,
                fix="call super().method(...) in a method itself, and use what it returns",
            )
        elif node.attr[:2] == "__" == node.attr[-2:] and node.attr not in SPECIAL_METHODS:
            self._special(node, node.attr, scope)

    def check_name(self, node: ast.AST, name: str, scope: Scope | None = None) -> None:
        """Report an attribute or method that no value of the language has.

        Args:
            node: where it stands.
            name: what it is called.
            scope: where it is read of a value of the program; None where of a library's constant.
        """
        report = self.findings.report
        if self._is_known(name):
            return
        shown = shortened(name)
        if name in self.hints:
            of_blob = f"of a blob, {self.hints[name]}"
            report("JC210", f"`.{shown}` is not in the language", node, fix=of_blob)
        elif name in METHODS_NOT_YET or name in ATTRIBUTES_NOT_YET:
            hint = METHODS_NOT_YET.get(name) or ATTRIBUTES_NOT_YET[name]
            report("JC211", f"`.{shown}` is not supported yet", node, fix=hint)
        else:
            near = self.findings.did_you_mean(name, lambda: _OF_VALUES | self.own)
            fix = ATTRIBUTES_NEVER.get(name) or _as_function(name) or near
            if fix is None and scope is not None and _is_of_parameter(node, scope):
                fix = f"if it is an input, take `{shown}` as a parameter of its own"
            fix = fix or _OF_ARRAYS_ONLY
            report("JC210", f"`.{shown}` is not in the language", node, fix=fix)

    def _is_known(self, name: str) -> bool:
        return name in _OF_VALUES or name in self.own or name in self.assigned

    def _follows_a_fault(self, node: ast.Attribute, scope: Scope) -> bool:
        """Return whether what it is read from is undefined, or in no table like the attribute."""
        owner: ast.expr = node.value
        while isinstance(owner, ast.Subscript | ast.Call):
            owner = owner.func if isinstance(owner, ast.Call) else owner.value
        if isinstance(owner, ast.Name):
            return scope.find(owner.id) is None and owner.id not in BUILTINS
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
        if name in SPECIAL_METHODS and isinstance(node, ast.Attribute):
            owner = self._owner(node, scope)
            if owner is not None and (owner[0].kind == "class" or name == "__init__"):
                return False  # `reset` may start over so, and a class calls its base
        dunder = name[-2:] == "__"
        if dunder:
            self.findings.report(
                "JC207",
                f"the special attribute `{shortened(name)}` is not part of the language",
                node,
                fix=_SPECIAL.get(name, "use plain attributes and functions"),
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


def _union(
    nodes: list[ast.ClassDef], names_of: Callable[[ast.ClassDef], frozenset[str]]
) -> frozenset[str]:
    return frozenset().union(*map(names_of, nodes))


def _defaults(node: ast.ClassDef) -> frozenset[str]:
    """Return the fields of a record whose defaults are attributes of the class as well."""
    return frozenset(ast.unparse(x.target) for x in record_fields(node) if x.value is not None)


def _is_of_parameter(node: ast.AST, scope: Scope) -> bool:
    """Return whether an attribute is read from a parameter itself, as in `state.cube_pos`."""
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return False
    found = scope.find(node.value.id)
    return found is not None and found[1].kind == "parameter"


def _is_derived(node: ast.ClassDef, scopes: Scopes) -> bool:
    """Return whether a class has a base outside the language, whose attributes are not known."""
    scope = scopes[node].parent
    assert scope is not None
    bases = (dotted_path(base, scope) or ast.unparse(base) for base in node.bases)
    own = {name for name, found in scope.names.items() if found[-1].kind == "class"}
    return any(base != "object" and base not in BASES and base not in own for base in bases)
