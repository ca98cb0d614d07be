"""The fields of objects: set by a dataclass's own `__init__`, and assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jaxcar.program.calls import apply
from jaxcar.program.containers import RecordType
from jaxcar.program.definitions import (
    ClassValue,
    Factory,
    FunctionValue,
    Instance,
    SuperValue,
)
from jaxcar.program.faults import Fault
from jaxcar.program.host import Host
from jaxcar.program.lending import check_unlent
from jaxcar.program.lists import check_apart
from jaxcar.program.merge import postponed
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET, Choice
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def set_fields(
    run: Interpreter,
    instance: Instance,
    cls: ClassValue,
    arguments: list[Any],
    keywords: dict[str, Any],
) -> None:
    """Do what the `__init__` does that was written for a dataclass, perhaps a base's."""
    name = cls.node.name
    fields = {field.name: field for field in cls.fields or ()}
    taken = [field.name for field in fields.values() if field.init]
    positional = [name for name in taken if not fields[name].kw_only]
    given = dict(zip(positional, arguments, strict=False))
    unknown = [k for k in keywords if k not in taken or k in given]
    if unknown or len(arguments) > len(positional):
        what = f"`{unknown[0]}`" if unknown else f"{len(arguments)} values"
        run.trace.refuse(
            "JC402",
            f"`{name}` is made with {what}, it takes {len(taken)} fields: Python raises TypeError",
            fix=f"its fields are: {', '.join(taken)}",
        )
    given.update(keywords)
    missing = [k for k in taken if k not in given and fields[k].default is UNSET]
    if missing:
        run.trace.refuse(
            "JC402",
            f"`{name}` is made without its field `{missing[0]}`: Python raises TypeError",
            fix=f"its fields are: {', '.join(taken)}",
        )
    for key, field in fields.items():
        if key in given:
            instance.fields[key] = given[key]
        elif isinstance(field.default, Factory):
            instance.fields[key] = apply(run, field.default.function, [], {})
        elif field.default is not UNSET:
            instance.fields[key] = field.default
    if "__post_init__" in cls.functions:
        apply(run, run.field(instance, "__post_init__"), [], {})


def assign_field(trace: Trace, owner: Any, name: str, value: Any) -> None:
    """Assign to an attribute of an object on the present path."""
    if isinstance(owner, Choice):
        for bit, option in owner.options:
            with trace.under(bit):
                assign_field(trace, option, name, value)
        return
    if isinstance(owner, Host):
        trace.refuse(
            "JC312",
            f"assigning to an attribute of {describe(owner)}, is not supported",
            fix="keep the value in a variable, or in an attribute of an object of your own class",
        )
    if isinstance(owner, (ClassValue, FunctionValue, RecordType, SuperValue)):
        trace.refuse(
            "JC312",
            f"assigning to an attribute of {describe(owner)} is not supported yet",
            fix="keep it in a variable, or in an attribute of `self`",
        )
    if not isinstance(owner, Instance):
        trace.refuse(
            "JC404",
            f"an attribute of {describe(owner)} is assigned: Python raises AttributeError",
            fix="keep it in a variable, or in an object of a class",
        )
    if owner.cls.options.get("frozen") is True:
        trace.raise_where(Fault.ATTRIBUTE, True)
        trace.refuse(
            "JC404",
            "an attribute of a frozen dataclass is assigned: Python raises FrozenInstanceError",
            fix="make a new object: dataclasses.replace(obj, x=1)",
        )
    check_unlent(trace, owner)
    if owner.frozen:
        trace.refuse(
            "JC312",
            "changing an object in place that another name may hold is not supported yet",
            fix="make a new object, or keep the values in variables",
        )
    if name in owner.cls.properties:
        trace.refuse(
            "JC312",
            f"assigning to the property `{name}` is not supported yet",
            fix="assign to the attribute behind it, or call a method",
        )
    if owner.cls.options.get("slots") is True and not _has_slot(owner.cls, name):
        trace.give_up(
            Fault.ATTRIBUTE,
            "JC409",
            f"`{owner.cls.node.name}` has slots, and no `{name}` among them: Python raises "
            "AttributeError",
            fix="make it a field of the dataclass, or leave out slots=True",
        )
    check_apart(trace, owner, value)
    old = owner.fields.get(name, UNSET)
    owner.fields[name] = postponed(trace.path, value, old)


def _has_slot(cls: ClassValue, name: str) -> bool:
    """Tell whether an object can have an attribute; a base without slots allows all."""
    line, fields = cls, {field.name for field in cls.fields or ()}
    while line.base is not None:
        line = line.base
        if line.options.get("slots") is not True:
            return True
    return name in fields
