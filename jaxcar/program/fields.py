"""Attributes: what a program reads of an object, a class or another value by name."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from jaxcar.program import dicts, fixes
from jaxcar.program import libraries as libraries  # they register their functions
from jaxcar.program.calls import apply
from jaxcar.program.choices import has_choice
from jaxcar.program.containers import DictValue, Record, RecordType
from jaxcar.program.definitions import (
    BoundMethod,
    ClassValue,
    EnumMember,
    Instance,
    LibraryObject,
    SuperValue,
    ValueMethod,
)
from jaxcar.program.faults import Fault
from jaxcar.program.host import Host
from jaxcar.program.inheritance import set_up_as, super_field
from jaxcar.program.marks import new_mark
from jaxcar.program.merge import collapsed, merge
from jaxcar.program.methods import attribute
from jaxcar.program.predicate import Bit, both, literal
from jaxcar.program.trace import AbandonedError, Trace
from jaxcar.program.values import UNSET, Choice, Maybe, Text
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


# Methods that change nothing: of several lists or dicts, one that holds the same will do.
_READING = frozenset(("keys", "values", "items", "copy", "index", "count"))


def field(run: Interpreter, owner: Any, name: str) -> Any:
    """Return an attribute of an object, class or value."""
    if isinstance(owner, Instance):
        return _field(run, owner, name)
    if isinstance(owner, SuperValue):
        return super_field(run, owner, name)
    if isinstance(owner, ClassValue):
        return _class_field(run, owner, name)
    if isinstance(owner, RecordType):
        if name == "_fields":
            return owner.fields
        if name in owner.functions:
            function = owner.functions[name]
            return BoundMethod(owner, function) if name in owner.class_methods else function
        if name in owner.constants:
            return run.trace.read(owner.constants[name], name)
        run.trace.refuse(
            "JC409",
            f"the namedtuple `{owner.name}` has no attribute `{name}`: Python raises "
            "AttributeError",
            fix=f"its fields are: {', '.join(owner.fields)}",
        )
    if isinstance(owner, Record):
        return _record_field(run, owner, name)
    if isinstance(owner, Host):
        return owner.attribute(name)
    if isinstance(owner, LibraryObject):
        return _library_field(run.trace, owner, name)
    if owner is dict and name == "fromkeys":
        return ValueMethod(name, lambda keys, value=None: dicts.from_keys(run.trace, keys, value))
    if isinstance(owner, EnumMember):
        if name in ("name", "value"):
            return getattr(owner, name)
        kind = run.trace.classes[owner.owner]
        if name in kind.functions:
            return _method(run, owner, kind, name)
        run.trace.refuse(
            "JC409",
            f"an enum's member has no attribute `{name}`: Python raises AttributeError",
            fix="read .name or .value",
        )
    if isinstance(owner, Text) and isinstance(owner.options[0], EnumMember):
        members: list[tuple[Bit, Any]] = [
            (literal(owner.index == i), member) for i, member in enumerate(owner.options)
        ]
        return _field_of_choice(run, Choice(members), name)
    if has_choice(owner):
        owner = run.trace.present(owner, Fault.ATTRIBUTE)
        if name in _READING and not isinstance(owner.options[0][1], Instance):
            return attribute(run.trace, collapsed(owner), name)
        return _field_of_choice(run, owner, name)
    return attribute(run.trace, owner, name)


def _field_of_choice(run: Interpreter, owner: Choice, name: str) -> Any:
    """Return an attribute of one of several values, each read on its own path, once."""
    made: list[tuple[Bit, Any]] = []
    for bit, option in owner.options:
        if both(run.trace.path, bit) is not False:
            value = run.trace.on_path(bit, functools.partial(field, run, option, name))
            made += [(bit, value)] if value is not UNSET else []
    if not made:
        raise AbandonedError
    if all(isinstance(value, (ValueMethod, BoundMethod)) for _, value in made):
        return _method_of_choice(run, name, made)
    result = made[0][1]
    for bit, value in made[1:]:
        result = merge(bit, value, result)
    return result


def _method_of_choice(run: Interpreter, name: str, options: list[tuple[Bit, Any]]) -> ValueMethod:
    def call(*arguments: Any, **keywords: Any) -> Any:
        result: Any = UNSET
        for bit, method in options:
            if both(run.trace.path, bit) is False:
                continue
            made = run.trace.on_path(
                bit, functools.partial(apply, run, method, list(arguments), keywords)
            )
            if made is not UNSET:
                result = made if result is UNSET else merge(bit, made, result)
        if result is UNSET:
            raise AbandonedError
        return result

    return ValueMethod(name, call)


def _method(run: Interpreter, owner: Any, kind: ClassValue | RecordType, name: str) -> Any:
    """Return a method of an object's class as the object has it; what a property returns."""
    function = kind.functions[name]
    if name in kind.properties:
        return run.call(function, [owner], {})
    if name in kind.static:
        return function
    return BoundMethod(kind if name in kind.class_methods else owner, function)


def _class_field(run: Interpreter, owner: ClassValue, name: str) -> Any:
    if name in owner.constants:
        return run.trace.read(owner.constants[name], name)
    if name in owner.class_methods:
        return BoundMethod(owner, owner.functions[name])
    if name in owner.functions:
        return owner.functions[name]
    if name == "__init__":
        return ValueMethod(name, lambda x, *a, **k: set_up_as(run, x, owner, a, k))
    run.trace.refuse(
        "JC409",
        f"the class `{owner.node.name}` has no attribute `{name}`: Python raises AttributeError",
        fix=f"it has: {fixes.names_of(owner)}",
    )


def _library_field(trace: Trace, owner: LibraryObject, name: str) -> Any:
    kind = owner.type
    if name in kind.readers:
        return kind.readers[name](trace, owner)
    trace.refuse(
        "JC409",
        f"{describe(owner)} has no attribute `{name}`: Python raises AttributeError",
        fix=kind.hints.get(name, f"it has: {', '.join(kind.readers)}"),
    )


def _record_field(run: Interpreter, owner: Record, name: str) -> Any:
    kind = owner.type
    if name == "_fields":
        return kind.fields
    if name in kind.fields:
        return owner[kind.fields.index(name)]
    if name in kind.functions:
        return _method(run, owner, kind, name)
    if name in kind.constants:
        return run.trace.read(kind.constants[name], name)
    if name == "_replace":
        return ValueMethod(name, lambda **changes: replaced(run.trace, owner, changes))
    if name == "_asdict":
        return ValueMethod(name, lambda: DictValue(dict(zip(kind.fields, owner, strict=True))))
    return attribute(run.trace, owner, name)


def replaced(trace: Trace, record: Record, changes: dict[str, Any]) -> Record:
    """Return a namedtuple with some fields changed."""
    unknown = [name for name in changes if name not in record.type.fields]
    if unknown:
        trace.refuse(
            "JC402",
            f"the namedtuple `{record.type.name}` has no field `{unknown[0]}`: Python raises "
            "ValueError",
            fix=f"its fields are: {', '.join(record.type.fields)}",
        )
    pairs = zip(record.type.fields, record, strict=True)
    fields = [changes.get(name, value) for name, value in pairs]
    return Record(fields, record.type, new_mark(trace))


def _field(run: Interpreter, owner: Instance, name: str) -> Any:
    cls = owner.cls
    if name in cls.properties:
        return _method(run, owner, cls, name)
    if name in owner.fields:
        value = run.trace.settle(owner.fields[name])
        if isinstance(value, Maybe) and name in cls.constants:
            # Where the object has no such attribute, the class's is found.
            value = merge(value.defined, value.value, cls.constants[name])
        return run.trace.read(value, f"self.{name}", Fault.ATTRIBUTE)
    if name == "__init__" and name not in cls.functions:
        return ValueMethod(name, lambda *a, **k: run.set_up(owner, list(a), k))
    if name in cls.functions:
        return _method(run, owner, cls, name)
    if name in cls.constants:
        return cls.constants[name]
    run.trace.give_up(
        Fault.ATTRIBUTE,
        "JC409",
        f"the object has no attribute `{name}` when it is read here: Python raises AttributeError",
        fix=f"set self.{name} in `__init__`",
    )
