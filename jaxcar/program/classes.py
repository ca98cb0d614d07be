"""Classes of the program: plain ones, dataclasses, namedtuples and enums."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxcar.program.containers import RecordType
from jaxcar.program.definitions import AUTO, ClassValue, EnumMember, FunctionValue, LibraryName
from jaxcar.program.expressions import evaluate, make_function
from jaxcar.program.scope import Scope
from jaxcar.program.values import UNSET, unwrap_static

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_ENUMS = {"enum.Enum": False, "enum.IntEnum": True, "enum.Flag": False}


@dataclasses.dataclass(frozen=True)
class Factory:
    """The default of a dataclass's field that a function makes anew for each object.

    Args:
        function: a value of the program that is called without arguments.
    """

    function: Any


def make_class(run: Interpreter, node: ast.ClassDef, scope: Scope) -> ClassValue | RecordType:
    """Return the value of a class statement."""
    bases = [_path(run, base, scope) for base in node.bases]
    decorators = [_decorator(run, item, scope) for item in node.decorator_list]
    functions, marks, body = _body(run, node, scope)
    if "typing.NamedTuple" in bases:
        return _record(run, node, functions, marks, scope)
    cls = ClassValue(
        node,
        functions,
        frozenset(name for name, mark in marks.items() if mark == "staticmethod"),
        body.variables,
        frozenset(name for name, mark in marks.items() if mark == "property"),
        frozenset(name for name, mark in marks.items() if mark == "classmethod"),
    )
    enum = next((base for base in bases if base in _ENUMS), None)
    if enum is not None:
        _make_enum(cls, number=_ENUMS[enum])
    for path, options in decorators:
        if path == "dataclasses.dataclass":
            cls.options = options
            cls.fields = _fields(run, node, scope)
    run.trace.classes[node.name] = cls
    return cls


def _body(
    run: Interpreter, node: ast.ClassDef, scope: Scope
) -> tuple[dict[str, FunctionValue], dict[str, str], Scope]:
    """Return the methods, how they are decorated, and the class's constants."""
    body = Scope(scope, base=run.trace.path)
    functions: dict[str, FunctionValue] = {}
    marks: dict[str, str] = {}
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            # A method does not see its class's names: it closes over what is around the class.
            functions[statement.name] = make_function(run, statement, scope)
            for decorator in statement.decorator_list:
                if isinstance(decorator, ast.Name):
                    marks[statement.name] = decorator.id
        elif not isinstance(statement, ast.AnnAssign):
            run.block([statement], body, True)
    return functions, marks, body


def _path(run: Interpreter, node: ast.expr, scope: Scope) -> str:
    if isinstance(node, ast.Name) and node.id == "object":
        return "object"
    value = evaluate(run, node, scope)
    return value.path if isinstance(value, LibraryName) else ""


def _decorator(run: Interpreter, node: ast.expr, scope: Scope) -> tuple[str, dict[str, Any]]:
    call = node if isinstance(node, ast.Call) else None
    path = _path(run, call.func if call else node, scope)
    keywords = call.keywords if call else []
    return path, {k.arg: evaluate(run, k.value, scope) for k in keywords if k.arg is not None}


def _fields(run: Interpreter, node: ast.ClassDef, scope: Scope) -> tuple[tuple[str, Any], ...]:
    """Return the fields of a dataclass or namedtuple with their defaults, `UNSET` for none."""
    found: dict[str, Any] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found[statement.target.id] = _default(run, statement.value, scope)
    return tuple(found.items())


def _default(run: Interpreter, node: ast.expr | None, scope: Scope) -> Any:
    if node is None:
        return UNSET
    if isinstance(node, ast.Call) and _called(run, node.func, scope) == "dataclasses.field":
        named = {k.arg: k.value for k in node.keywords}
        if "default_factory" in named:
            return Factory(evaluate(run, named["default_factory"], scope))
        return evaluate(run, named["default"], scope) if "default" in named else UNSET
    return evaluate(run, node, scope)


def _called(run: Interpreter, node: ast.expr, scope: Scope) -> str | None:
    value = evaluate(run, node, scope)
    return value.path if isinstance(value, LibraryName) else None


def _record(
    run: Interpreter,
    node: ast.ClassDef,
    functions: dict[str, FunctionValue],
    marks: dict[str, str],
    scope: Scope,
) -> RecordType:
    fields = _fields(run, node, scope)
    defaults = {name: value for name, value in fields if value is not UNSET}
    properties = frozenset(name for name, mark in marks.items() if mark == "property")
    names = tuple(name for name, _ in fields)
    made = RecordType(node.name, names, defaults, dict(functions), properties)
    run.trace.classes[node.name] = made
    return made


def _make_enum(cls: ClassValue, *, number: bool) -> None:
    """Turn the constants of a class into members."""
    name, count = cls.node.name, 0
    members: dict[str, Any] = {}
    for key, value in cls.constants.items():
        if value is AUTO:
            value = count + 1
        count = value if isinstance(value, int) else count
        # The members of an IntEnum are ints in all that matters here.
        made = value if number else EnumMember(name, key, unwrap_static(value))
        # A second name for a value is another name for the first member.
        same = [x for x in members.values() if not number and _same_value(x.value, made.value)]
        members[key] = same[0] if same else made
    cls.constants = members
    cls.options = {"enum": tuple(dict.fromkeys(members.values()))}


def _same_value(a: Any, b: Any) -> bool:
    return not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray) and bool(a == b)
