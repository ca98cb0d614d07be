"""Records: dataclasses, tuples with names and enums, and the names of their fields."""

from __future__ import annotations

import ast
import keyword

from jaxcar.lang.diagnostic import shortened
from jaxcar.lang.findings import Findings
from jaxcar.lang.scopes import Scope, Scopes, dotted_path

_DATACLASS = "dataclasses.dataclass"
_NAMEDTUPLE = "typing.NamedTuple"
_ENUMS = ("enum.Enum", "enum.IntEnum")
_MAKER = "collections.namedtuple"
# Calls that make a class from data; just one of them is in the language.
_OTHER_MAKERS = (*_ENUMS, _NAMEDTUPLE)


def is_dataclass(node: ast.AST, scope: Scope) -> bool:
    """Return whether a class has the decorator `dataclass`."""
    return isinstance(node, ast.ClassDef) and any(
        dotted_path(x.func if isinstance(x, ast.Call) else x, scope) == _DATACLASS
        for x in node.decorator_list
    )


def is_namedtuple(node: ast.AST, scope: Scope) -> bool:
    """Return whether a class is derived from `typing.NamedTuple`."""
    return isinstance(node, ast.ClassDef) and any(
        dotted_path(base, scope) == _NAMEDTUPLE for base in node.bases
    )


def is_enum(node: ast.AST, scope: Scope) -> bool:
    """Return whether a class is derived from `enum.Enum` or `enum.IntEnum`."""
    return isinstance(node, ast.ClassDef) and any(
        dotted_path(base, scope) in _ENUMS for base in node.bases
    )


def record_fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    r"""Return the fields in the body of a dataclass or NamedTuple; other classes have none.

    Example:
        >>> tree = ast.parse("class P(NamedTuple):\n    x: None\n    y: None = 1")
        >>> [ast.unparse(field.target) for field in record_fields(tree.body[0])]
        ['x', 'y']
    """
    return [statement for statement in node.body if isinstance(statement, ast.AnnAssign)]


def named_fields(call: ast.Call) -> tuple[str, ...] | None:
    """Return the fields that a call of `namedtuple` names, or None where they are no literals.

    Example:
        >>> named_fields(ast.parse("namedtuple('P', 'x, y')", mode="eval").body)
        ('x', 'y')
    """
    given = [*call.args[1:2], *(x.value for x in call.keywords if x.arg == "field_names")]
    if len(given) != 1:
        return None
    fields = given[0]
    if isinstance(fields, ast.Constant) and isinstance(fields.value, str):
        return tuple(fields.value.replace(",", " ").split())
    if not isinstance(fields, ast.Tuple | ast.List):
        return None
    names = [x.value for x in fields.elts if isinstance(x, ast.Constant)]
    texts = tuple(name for name in names if isinstance(name, str))
    return texts if len(texts) == len(fields.elts) else None


def namedtuple_fields(tree: ast.Module, scopes: Scopes) -> frozenset[str]:
    """Return the fields of every `namedtuple` of a program.

    Args:
        tree: the program.
        scopes: from `build_scopes`.
    """
    aliases = {
        name
        for scope in scopes.values()
        for name, bindings in scope.names.items()
        if any(binding.path == _MAKER for binding in bindings)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (
            (isinstance(node.func, ast.Name) and node.func.id in aliases)
            or (isinstance(node.func, ast.Attribute) and node.func.attr == "namedtuple")
        ):
            names |= set(named_fields(node) or ())
    return frozenset(names)


def check_record_call(node: ast.Call, scope: Scope, findings: Findings) -> bool:
    """Report a call that makes a class in a way outside the language.

    Args:
        node: any call.
        scope: where it is evaluated.
        findings: where to report.

    Returns:
        Whether the call makes a class, so that its function needs no further look.
    """
    path = dotted_path(node.func, scope)
    if path in _OTHER_MAKERS:
        findings.report(
            "JC315",
            f"making a class by calling `{shortened(ast.unparse(node.func))}` is not supported yet",
            node.func,
            fix="write the class: `class Phase(Enum):` or `class P(NamedTuple):`",
        )
        return True
    if path == _MAKER:
        _check_namedtuple(node, findings)
    return False


def _check_namedtuple(node: ast.Call, findings: Findings) -> None:
    fields = named_fields(node)
    known = {"typename", "field_names", "defaults"}
    literal = not node.args or isinstance(node.args[0], ast.Constant)
    if fields is None or not literal or any(x.arg not in known for x in node.keywords):
        findings.report(
            "JC312",
            "a namedtuple whose names are not literals is not supported yet",
            node,
            fix='write namedtuple("P", "x y"), and defaults=(...) if need be',
        )
        return
    seen: set[str] = set()
    for name in fields:
        if not name.isidentifier() or keyword.iskeyword(name) or name[0] == "_" or name in seen:
            findings.report(
                "JC308",
                f"`{shortened(name)}` cannot be a field of a namedtuple",
                node,
                fix="give each field a plain name of its own, without an underscore in front",
            )
        seen.add(name)
