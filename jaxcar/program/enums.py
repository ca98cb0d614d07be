"""The member of an enum that has a value: `Phase(1)`, also of a value known at run time."""

from __future__ import annotations

from typing import Any

from jaxcar.program.bits import any_of
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import ClassValue, EnumMember
from jaxcar.program.equality import equal
from jaxcar.program.faults import Fault
from jaxcar.program.merge import merge
from jaxcar.program.operators import is_array_like
from jaxcar.program.predicate import Bit, both, negate
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET, Inert, Text
from jaxcar.program.wording import describe


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, (bool, int, float, str)) else describe(value)


def enum_member(trace: Trace, cls: ClassValue, arguments: list[Any]) -> Any:
    """Return the member of an enum that has a value; ValueError where there is none.

    Args:
        trace: the present tracing.
        cls: the enum.
        arguments: of the call: the value, or a member.
    """
    name, members = cls.node.name, cls.options["enum"]
    if len(arguments) != 1:
        trace.refuse(
            "JC312",
            f"`{name}` is called with {len(arguments)} arguments: making an enum so is not "
            "supported",
            fix=f"give it the value of a member: {name}(1)",
        )
    value = trace.narrow(arguments[0])
    if isinstance(value, (ListValue, DictValue, Inert)) or is_array_like(value):
        trace.refuse(
            "JC312",
            f"the member of an enum by {describe(value)} is not supported",
            fix="give it a number or a constant text, the value of a member",
        )
    of_enum = isinstance(value, EnumMember) or (
        isinstance(value, Text) and all(isinstance(x, EnumMember) for x in value.options)
    )
    found: Bit = False
    result: Any = UNSET
    for member in members:
        wanted = member if of_enum else getattr(member, "value", member)
        hit = both(negate(found), equal(trace, wanted, value))
        if hit is False:
            continue
        result = member if result is UNSET else merge(hit, member, result)
        found = any_of([found, hit])
    if result is UNSET:
        trace.give_up(
            Fault.VALUE,
            "JC404",
            f"no member of `{name}` has this value, {_shown(value)}: Python raises ValueError",
            fix=f"give it the value of a member, or name one: {name}.{next(iter(cls.constants))}",
        )
    trace.raise_where(Fault.VALUE, negate(found))
    return result
