"""Calls: of functions and classes of the program, library functions, types and methods."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxcar.lang.rules import LIBRARY
from jaxcar.program import construction, fixes, registry
from jaxcar.program.bits import from_bit
from jaxcar.program.casting import cast, stack, to_integer
from jaxcar.program.choices import distribute, has_choice
from jaxcar.program.containers import DictValue, ListValue, Record, RecordType
from jaxcar.program.definitions import (
    BoundMethod,
    ClassValue,
    FunctionValue,
    Instance,
    LibraryName,
    LibraryObject,
    ValueMethod,
)
from jaxcar.program.faults import Fault
from jaxcar.program.host import Host
from jaxcar.program.inheritance import super_value
from jaxcar.program.iteration import iterate
from jaxcar.program.marks import new_mark
from jaxcar.program.merge import merge
from jaxcar.program.number_faults import check_fits
from jaxcar.program.special_methods import method
from jaxcar.program.tensors import Selected, Tensor
from jaxcar.program.truth import truth_of
from jaxcar.program.types_api import TYPES
from jaxcar.program.values import UNSET, Choice, Maybe, is_static, unwrap_static
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


_INERT_ROOTS = ("logging.", "typing.", "warnings.")


def apply(run: Interpreter, function: Any, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Call a function of the program or of a library, a class, a type or a method."""
    if isinstance(function, FunctionValue):
        return run.call(function, arguments, keywords)
    if isinstance(function, BoundMethod):
        return run.call(function.function, [function.instance, *arguments], keywords)
    if isinstance(function, ClassValue):
        return run.instantiate(function, arguments, keywords)
    if isinstance(function, RecordType):
        return make_record(run, function, arguments, keywords)
    if isinstance(function, Instance) and "__call__" in function.cls.functions:
        return apply(run, method(run.trace, function, "__call__"), arguments, keywords)
    if isinstance(function, ValueMethod):
        return _call_method(run, function, arguments, keywords)
    if isinstance(function, type):
        return _call_type(run, function, arguments, keywords)
    if isinstance(function, LibraryName):
        return _call_library(run, function.path, arguments, keywords)
    run.trace.refuse(
        "JC404",
        f"{describe(function)} is called: Python raises TypeError",
        fix="leave out the brackets after it, or give it another name than a function's",
    )


def make_record(
    run: Interpreter, kind: RecordType, arguments: list[Any], keywords: dict[str, Any]
) -> Record:
    """Return a namedtuple of these values."""
    given = dict(zip(kind.fields, arguments, strict=False))
    unknown = [name for name in keywords if name not in kind.fields or name in given]
    if unknown or len(arguments) > len(kind.fields):
        what = f"`{unknown[0]}`" if unknown else f"{len(arguments)} values"
        run.trace.refuse(
            "JC402",
            f"`{kind.name}` is made with {what}, it has {len(kind.fields)} fields: Python raises "
            "TypeError",
            fix=f"its fields are: {', '.join(kind.fields)}",
        )
    values = {**kind.defaults, **given, **keywords}
    missing = [name for name in kind.fields if name not in values]
    if missing:
        run.trace.refuse(
            "JC402",
            f"`{kind.name}` is made without its field `{missing[0]}`: Python raises TypeError",
            fix=f"its fields are: {', '.join(kind.fields)}",
        )
    return Record([values[name] for name in kind.fields], kind, new_mark(run.trace))


def _call_library(
    run: Interpreter, path: str, arguments: list[Any], keywords: dict[str, Any]
) -> Any:
    if path.startswith(_INERT_ROOTS):
        return None
    if path in _WITH_INTERPRETER:
        return _WITH_INTERPRETER[path](run, arguments, keywords)
    if path not in registry.FUNCTIONS:
        known = "is not a function" if path in LIBRARY else "is not in the language"
        run.trace.refuse(
            "JC404", f"`{path}` {known}", fix="call one of its functions, or use it as a value"
        )
    return registry.call(run.trace, path, arguments, keywords)


def _namedtuple(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> RecordType:
    """Return the type that `namedtuple("P", "x y")` makes."""
    name = arguments[0] if arguments else keywords.get("typename")
    names = arguments[1] if len(arguments) > 1 else keywords.get("field_names")
    names = unwrap_static(names) if is_static(names) else None
    fields = names.replace(",", " ").split() if isinstance(names, str) else names
    if not isinstance(name, str) or not fields or not all(isinstance(f, str) for f in fields):
        run.trace.refuse(
            "JC403",
            "namedtuple() needs a name and the names of its fields",
            fix='write the names out: namedtuple("Point", "x y")',
        )
    defaults = keywords.get("defaults", ())
    values = list(defaults.items if isinstance(defaults, ListValue) else defaults or ())
    named = dict(zip(fields[len(fields) - len(values) :], values, strict=True))
    made = RecordType(name, tuple(fields), named)
    run.trace.classes[name] = made
    return made


def _replace(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Return `dataclasses.replace(obj, x=1)`."""
    owner = run.trace.present(arguments[0]) if len(arguments) == 1 else None
    if not isinstance(owner, Instance) or owner.cls.fields is None:
        run.trace.refuse(
            "JC404",
            "dataclasses.replace() of what is no dataclass: Python raises TypeError",
            fix="make the object anew",
        )
    for field in owner.cls.fields:
        if not field.init and field.name in keywords:
            run.trace.refuse(
                "JC402",
                f"dataclasses.replace() is given `{field.name}`, a field with init=False: Python "
                "raises ValueError",
                fix="set it afterwards",
            )
    names = [field.name for field in owner.cls.fields if field.init]
    values = {n: run.trace.read(owner.fields.get(n, UNSET), n) for n in names}
    return run.instantiate(owner.cls, [], {**values, **keywords})


def _as_dict(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> DictValue:
    owner = run.trace.present(arguments[0]) if len(arguments) == 1 else None
    if not isinstance(owner, Instance) or owner.cls.fields is None:
        run.trace.refuse(
            "JC404",
            "dataclasses.asdict() of what is no dataclass: Python raises TypeError",
            fix='write the dict out: {"x": obj.x}',
        )
    names = [field.name for field in owner.cls.fields]
    return DictValue({n: run.trace.read(owner.fields.get(n, UNSET), n) for n in names})


def _as_tuple(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    return tuple(_as_dict(run, arguments, keywords).entries.values())


def _partial(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> ValueMethod:
    """Return `functools.partial(f, ...)`."""
    function, *first = arguments

    def call(*rest: Any, **named: Any) -> Any:
        return apply(run, function, [*first, *rest], {**keywords, **named})

    return ValueMethod("partial", call)


def _reduce(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Return `functools.reduce(f, items, start)`."""
    if keywords or len(arguments) not in (2, 3):
        run.trace.refuse(
            "JC402",
            "functools.reduce() takes a function, a sequence and a start: Python raises TypeError",
            fix="call it as functools.reduce(function, values, start)",
        )
    steps = iterate(run.trace, arguments[1])
    result = arguments[2] if len(arguments) == 3 else UNSET
    for bit, item in steps:
        if result is UNSET:
            if bit is not True:
                run.trace.refuse(
                    "JC312",
                    "functools.reduce() of a sequence that may be empty needs a start",
                    fix="give a start: functools.reduce(function, values, 0)",
                )
            result = item
            continue
        with run.trace.under(bit):
            result = merge(bit, apply(run, arguments[0], [result, item], {}), result)
    if result is UNSET:
        run.trace.refuse(
            "JC404",
            "functools.reduce() of nothing: Python raises TypeError",
            fix="give a start: functools.reduce(function, values, 0)",
        )
    return result


def _has_attribute(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Return `hasattr(x, "name")`."""
    owner, name = run.trace.present(arguments[0], Fault.ATTRIBUTE), arguments[1]
    if isinstance(owner, Host):
        path = f"{owner.path}.{name}"
        return any(
            known == path or known.startswith((f"{path}.", f"{path}(", f"{path}["))
            for known in owner.values
        )
    if isinstance(owner, Instance):
        held = run.trace.settle(owner.fields.get(name, UNSET))
        cls = owner.cls
        if name in cls.functions or name in cls.constants:
            return True
        return from_bit(held.defined if isinstance(held, Maybe) else held is not UNSET)
    if isinstance(owner, LibraryObject):
        return name in owner.type.readers
    if isinstance(owner, Record):
        return name in owner.type.fields or name in owner.type.functions
    sample = np.zeros(owner.shape, owner.dtype) if isinstance(owner, Tensor) else owner
    if isinstance(owner, Tensor) and owner.python is True:
        sample = owner.dtype.type(0).item()
    if isinstance(sample, (bool, int, float, str, tuple, np.generic, np.ndarray)):
        return hasattr(sample, name)
    run.trace.refuse(
        "JC312",
        f"hasattr() of {describe(owner)} is not supported yet",
        fix="set the attribute in `__init__`, and test `is None`",
    )


def _get_attribute(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """Return `getattr(x, "name")`, or a default where there is no such attribute."""
    owner, name = arguments[0], arguments[1]
    if len(arguments) == 2:
        return run.field(run.trace.present(owner, Fault.ATTRIBUTE), name)
    there = truth_of(run.trace, _has_attribute(run, [owner, name], {}))
    if there is False:
        return arguments[2]
    with run.trace.under(there):
        found = run.field(run.trace.present(owner), name)
    return merge(there, found, arguments[2])


_WITH_INTERPRETER: dict[str, Any] = {
    "builtins.getattr": _get_attribute,
    "builtins.hasattr": _has_attribute,
    "builtins.super": super_value,
    "collections.namedtuple": _namedtuple,
    "dataclasses.asdict": _as_dict,
    "dataclasses.astuple": _as_tuple,
    "dataclasses.replace": _replace,
    "functools.partial": _partial,
    "functools.reduce": _reduce,
}


def _call_method(
    run: Interpreter, method: ValueMethod, arguments: list[Any], keywords: dict[str, Any]
) -> Any:
    try:
        inspect.signature(method.call).bind(*arguments, **keywords)
    except TypeError as error:
        run.trace.refuse(
            "JC402",
            f"`{method.name}` is called with arguments that it does not take here: {error}",
            fix=fixes.for_method(method),
        )
    if has_choice(*arguments) and method.name != "append":
        names = list(keywords)
        return distribute(
            run.trace,
            lambda *xs: method.call(
                *xs[: len(arguments)], **dict(zip(names, xs[len(arguments) :], strict=True))
            ),
            *arguments,
            *keywords.values(),
        )
    return method.call(*arguments, **keywords)


def _call_type(run: Interpreter, kind: type, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    name = next((name for name, each in TYPES.items() if each is kind), None)
    if name is not None:
        path = f"builtins.{name}"
        if path not in registry.FUNCTIONS:
            run.trace.refuse("JC312", f"{name}() is not supported yet", fix="write the value out")
        return registry.call(run.trace, path, arguments, keywords)
    if not issubclass(kind, np.generic) or kind in (np.integer, np.floating):
        run.trace.refuse(
            "JC404",
            f"np.{kind.__name__} is called: NumPy raises TypeError",
            fix="use a type of its own: np.float64(x), np.int64(x)",
        )
    if len(arguments) != 1 or keywords:
        run.trace.refuse(
            "JC402",
            f"np.{kind.__name__} takes one value: NumPy raises TypeError",
            fix=f"call it as np.{kind.__name__}(x)",
        )
    return _convert(run, np.dtype(kind), run.trace.present(arguments[0]))


def _convert(run: Interpreter, dtype: np.dtype, value: Any) -> Any:
    """Return `np.uint8(value)` and the like: a Python int must fit, an array is converted."""
    if isinstance(value, Choice):
        return distribute(run.trace, lambda x: _convert(run, dtype, x), value)
    if isinstance(value, (tuple, ListValue)):
        return stack(run.trace, value, dtype)
    if isinstance(value, Selected):
        return construction.astype(run.trace, value, dtype)
    if is_static(value):
        try:
            return dtype.type(unwrap_static(value))
        except (OverflowError, TypeError, ValueError) as error:
            run.trace.refuse(
                "JC404",
                f"NumPy raises {type(error).__name__}: {error}",
                fix="keep it within the type, or use a wider one: int(x), float(x)",
            )
    if not isinstance(value, Tensor):
        run.trace.refuse(
            "JC408", f"np.{dtype} of {describe(value)}: NumPy raises TypeError", fix=fixes.NUMBERS
        )
    if value.python is not False and dtype.kind in "iu":
        whole = to_integer(run.trace, value)
        if isinstance(whole, Tensor):
            check_fits(run.trace, whole, dtype)
            value = whole
    return cast(run.trace, Tensor(value.value, value.dtype, False, value.bounds), dtype)
