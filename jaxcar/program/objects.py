"""The fields of objects: set by a dataclass's own `__init__`, and assigned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jaxcar.program.calls import apply
from jaxcar.program.classes import Factory
from jaxcar.program.definitions import Instance
from jaxcar.program.faults import Fault
from jaxcar.program.lists import check_apart
from jaxcar.program.merge import postponed
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET, Choice
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def set_fields(
    run: Interpreter, instance: Instance, arguments: list[Any], keywords: dict[str, Any]
) -> None:
    """Do what the `__init__` of a dataclass does."""
    cls, name = instance.cls, instance.cls.node.name
    fields = dict(cls.fields or ())
    positional = [] if cls.options.get("kw_only") else list(fields)
    given = dict(zip(positional, arguments, strict=False))
    unknown = [k for k in keywords if k not in fields or k in given]
    if unknown or len(arguments) > len(positional):
        what = f"`{unknown[0]}`" if unknown else f"{len(arguments)} values"
        run.trace.refuse(
            "JC402",
            f"`{name}` is made with {what}, it has {len(fields)} fields: Python raises TypeError",
            fix=f"its fields are: {', '.join(fields)}",
        )
    given.update(keywords)
    for key, default in fields.items():
        if key in given:
            instance.fields[key] = given[key]
        elif isinstance(default, Factory):
            instance.fields[key] = apply(run, default.function, [], {})
        elif default is UNSET:
            run.trace.refuse(
                "JC402",
                f"`{name}` is made without its field `{key}`: Python raises TypeError",
                fix=f"its fields are: {', '.join(fields)}",
            )
        else:
            instance.fields[key] = default
    if "__post_init__" in cls.functions:
        run.call(cls.functions["__post_init__"], [instance], {})


def assign_field(trace: Trace, owner: Any, name: str, value: Any) -> None:
    """Assign to an attribute of an object on the present path."""
    if isinstance(owner, Choice):
        for bit, option in owner.options:
            with trace.under(bit):
                assign_field(trace, option, name, value)
        return
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
    check_apart(trace, owner, value)
    old = owner.fields.get(name, UNSET)
    owner.fields[name] = postponed(trace.path, value, old)
