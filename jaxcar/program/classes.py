"""Classes of the program: plain and derived ones, dataclasses, namedtuples and enums."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from jaxcar.lang.rules import ORDER_METHODS
from jaxcar.program.containers import RecordType
from jaxcar.program.definitions import (
    AUTO,
    ClassValue,
    EnumMember,
    Factory,
    FunctionValue,
    LibraryName,
)
from jaxcar.program.expressions import evaluate, make_function
from jaxcar.program.record_fields import fields_of
from jaxcar.program.scope import Scope
from jaxcar.program.values import UNSET, unwrap_static

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_ENUMS = {"enum.Enum": False, "enum.IntEnum": True, "enum.Flag": False}


class _Body(NamedTuple):
    """What stands in the body of a class.

    Attributes:
        functions: its methods.
        marks: the decorators of each.
        scope: its constants.
    """

    functions: dict[str, FunctionValue]
    marks: dict[str, set[str]]
    scope: Scope

    def marked(self, mark: str) -> frozenset[str]:
        """Return the methods with a decorator."""
        return frozenset(name for name, marks in self.marks.items() if mark in marks)


def make_class(run: Interpreter, node: ast.ClassDef, scope: Scope) -> ClassValue | RecordType:
    """Return the value of a class statement."""
    bases = [_base(run, base, scope) for base in node.bases]
    decorators = [_decorator(run, item, scope) for item in node.decorator_list]
    body = _body(run, node, scope)
    if "typing.NamedTuple" in bases:
        return _record(run, node, body, scope)
    cls = ClassValue(
        node,
        body.functions,
        body.marked("staticmethod"),
        body.scope.variables,
        body.marked("property"),
        body.marked("classmethod"),
        body.marked("abstractmethod"),
        checked="abc.ABC" in bases,
    )
    for function in body.functions.values():
        if function.node in node.body:
            function.owner = cls
    own = frozenset({*body.functions, *body.scope.variables})
    for base in bases:
        if isinstance(base, ClassValue):
            _inherit(run, cls, base, own)
    enum = next((base for base in bases if base in _ENUMS), None)
    if enum is not None:
        _make_enum(cls, number=_ENUMS[enum])
    for path, options in decorators:
        if path == "dataclasses.dataclass":
            _make_dataclass(run, cls, options, own, scope)
    run.trace.classes[node.name] = cls
    return cls


def _body(run: Interpreter, node: ast.ClassDef, scope: Scope) -> _Body:
    """Return the methods, how they are decorated, and the class's constants."""
    made = _Body({}, {}, Scope(scope, base=run.trace.path))
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            # A method does not see its class's names: it closes over what is around the class.
            made.functions[statement.name] = make_function(run, statement, scope)
            marks = [ast.unparse(x).rpartition(".")[2] for x in statement.decorator_list]
            made.marks[statement.name] = set(marks)
            made.scope.variables.pop(statement.name, None)
        elif not isinstance(statement, ast.AnnAssign) and not _renamed(statement, made):
            run.block([statement], made.scope, True)
    for name, value in list(made.scope.variables.items()):
        if isinstance(value, FunctionValue):
            # A function that the body assigns is a method, too.
            made.functions[name], made.marks[name] = made.scope.variables.pop(name), set()
    return made


def _renamed(statement: ast.stmt, body: _Body) -> bool:
    """Give a method a second name, as `__radd__ = __add__` does, and tell whether it was that."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Name):
        return False
    old, targets = statement.value.id, statement.targets
    if old not in body.functions or not all(isinstance(x, ast.Name) for x in targets):
        return False
    for target in targets:
        assert isinstance(target, ast.Name)
        body.functions[target.id] = body.functions[old]
        body.marks[target.id] = body.marks[old]
        body.scope.variables.pop(target.id, None)
    return True


def _inherit(run: Interpreter, cls: ClassValue, base: ClassValue, own: frozenset[str]) -> None:
    """Give a class what it has of its base, but for the names in its own body."""
    cls.base, cls.checked = base, base.checked
    cls.functions = {**_without(base.functions, own), **cls.functions}
    cls.constants = {**_without(base.constants, own), **cls.constants}
    cls.static |= base.static - own
    cls.properties |= base.properties - own
    cls.class_methods |= base.class_methods - own
    cls.abstract |= base.abstract - own
    cls.generated = _without(base.generated, own)
    cls.fields, cls.options = base.fields, _without(base.options, frozenset({"slots"}))
    if base.options.get("frozen") is True and not cls.node.decorator_list:
        run.trace.refuse(
            "JC315",
            f"the plain class `{cls.node.name}` with a frozen dataclass for a base is not "
            "supported yet",
            fix="write @dataclass(frozen=True) above it as well",
        )


def _without(names: dict[str, Any], own: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if name not in own}


def _make_dataclass(
    run: Interpreter, cls: ClassValue, options: dict[str, Any], own: frozenset[str], scope: Scope
) -> None:
    """Do what `@dataclass` does: collect the fields, and write the special methods."""
    base = cls.base if cls.base is not None and cls.base.fields is not None else None
    frozen = options.get("frozen") is True
    if base is not None and (base.options.get("frozen") is True) != frozen:
        run.trace.refuse(
            "JC404",
            f"`{cls.node.name}` and its base are dataclasses of which one is frozen: Python raises "
            "TypeError",
            fix="write frozen=True above both, or above neither",
        )
    found = {field.name: field for field in base.fields or ()} if base is not None else {}
    new = fields_of(run, cls.node, scope, kw_only=options.get("kw_only") is True)
    found.update({field.name: field for field in new})
    cls.fields, cls.options = tuple(found.values()), options
    if options.get("slots") is not True:
        # A default is an attribute of the class as well.
        given = {f.name: f.default for f in new if f.default is not UNSET}
        constants = {k: v for k, v in given.items() if not isinstance(v, Factory)}
        cls.constants = {**cls.constants, **constants}
    written = {"__init__"} if options.get("init") is not False else set()
    written |= {"__eq__"} if options.get("eq") is not False else set()
    written -= own
    if options.get("order") is True:
        _check_order(run, cls, own)
        written |= set(ORDER_METHODS)
    for name in written:
        cls.functions.pop(name, None)
    cls.generated = {**cls.generated, **dict.fromkeys(written, cls)}


def _check_order(run: Interpreter, cls: ClassValue, own: frozenset[str]) -> None:
    """Refuse `order=True` where Python refuses it."""
    name = next((name for name in ORDER_METHODS if name in own), None)
    if name is None and cls.options.get("eq") is not False:
        return
    error = f"it defines `{name}`: Python raises TypeError" if name else "eq=False: ValueError"
    run.trace.refuse(
        "JC404",
        f"the dataclass `{cls.node.name}` has order=True, and {error}",
        fix="leave out one of the two",
    )


def _base(run: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """Return a base as a class of the program, or as the path of a library's."""
    if isinstance(node, ast.Name) and node.id == "object":
        return "object"
    value = evaluate(run, node, scope)
    return value.path if isinstance(value, LibraryName) else value


def _decorator(run: Interpreter, node: ast.expr, scope: Scope) -> tuple[str, dict[str, Any]]:
    call = node if isinstance(node, ast.Call) else None
    path = _base(run, call.func if call else node, scope)
    keywords = call.keywords if call else []
    return path, {k.arg: evaluate(run, k.value, scope) for k in keywords if k.arg is not None}


def _record(run: Interpreter, node: ast.ClassDef, body: _Body, scope: Scope) -> RecordType:
    fields = fields_of(run, node, scope)
    defaults = {field.name: field.default for field in fields if field.default is not UNSET}
    made = RecordType(
        node.name,
        tuple(field.name for field in fields),
        defaults,
        dict(body.functions),
        body.marked("property"),
        body.marked("staticmethod"),
        body.marked("classmethod"),
        dict(body.scope.variables),
    )
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
