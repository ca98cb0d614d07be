"""The fields that the bodies of dataclasses and NamedTuple classes declare."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from jaxcar.program.definitions import Factory, LibraryName
from jaxcar.program.expressions import evaluate
from jaxcar.program.scope import Scope
from jaxcar.program.values import UNSET

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_FLAGS = ("init", "compare", "kw_only")
_KNOWN = frozenset({"default", "default_factory", "repr", "hash", "metadata", *_FLAGS})


class Field(NamedTuple):
    """A field of a dataclass or namedtuple.

    Attributes:
        name: its name.
        default: its default or what makes it (`Factory`); `UNSET` for none.
        init: whether `__init__` takes it.
        compare: whether comparisons look at it.
        kw_only: whether `__init__` takes it by name alone.
    """

    name: str
    default: Any
    init: bool = True
    compare: bool = True
    kw_only: bool = False


def fields_of(
    run: Interpreter, node: ast.ClassDef, scope: Scope, *, kw_only: bool = False
) -> tuple[Field, ...]:
    """Return the fields that stand in the body of a dataclass or NamedTuple class.

    Args:
        run: the interpreter.
        node: the class.
        scope: where it stands.
        kw_only: whether fields that do not say so themselves are given by name alone.
    """
    found: dict[str, Field] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            found[name] = _field(run, name, statement.value, scope, kw_only)
    return tuple(found.values())


def _field(
    run: Interpreter, name: str, node: ast.expr | None, scope: Scope, kw_only: bool
) -> Field:
    if node is None:
        return Field(name, UNSET, kw_only=kw_only)
    if not isinstance(node, ast.Call) or not _makes_field(run, node.func, scope):
        return Field(name, evaluate(run, node, scope), kw_only=kw_only)
    given = {k.arg: k.value for k in node.keywords if k.arg is not None}
    _check_arguments(run, node, given)
    default: Any = UNSET
    if "default_factory" in given:
        default = Factory(evaluate(run, given["default_factory"], scope))
    elif "default" in given:
        default = evaluate(run, given["default"], scope)
    flags = {key: _flag(run, given[key], scope) for key in _FLAGS if key in given}
    return Field(name, default, **{"kw_only": kw_only, **flags})


def _check_arguments(run: Interpreter, node: ast.Call, given: dict[str, ast.expr]) -> None:
    unknown = sorted(set(given) - _KNOWN)
    words = f"`{unknown[0]}`" if unknown else "a value without a name"
    if unknown or node.args or len(given) < len(node.keywords):
        run.trace.refuse(
            "JC402",
            f"field() is called with {words}: Python raises TypeError",
            node=node,
            fix="call it as field(default=...) or field(default_factory=...)",
        )
    if "default" in given and "default_factory" in given:
        run.trace.refuse(
            "JC402",
            "field() is given `default` and `default_factory`: Python raises ValueError",
            node=node,
            fix="leave one of them out",
        )


def _flag(run: Interpreter, node: ast.expr, scope: Scope) -> bool:
    value = evaluate(run, node, scope)
    if not isinstance(value, bool):
        run.trace.refuse(
            "JC312",
            "an option of field() that is not True or False is not supported yet",
            node=node,
            fix="write True or False",
        )
    return value


def _makes_field(run: Interpreter, node: ast.expr, scope: Scope) -> bool:
    value = evaluate(run, node, scope)
    return isinstance(value, LibraryName) and value.path == "dataclasses.field"
