"""What a class has of its base: `super()`, and methods that a derived class has to define."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jaxcar.program import fixes
from jaxcar.program.definitions import BoundMethod, ClassValue, Instance, SuperValue, ValueMethod
from jaxcar.program.object_comparison import compared
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_COMPARISONS = {
    "__eq__": "equal",
    "__lt__": "less",
    "__le__": "less_equal",
    "__gt__": "greater",
    "__ge__": "greater_equal",
}
_IN_A_METHOD = "write super().method(...) in a method itself, not in a function inside it"


def check_concrete(trace: Trace, cls: ClassValue) -> None:
    """Refuse to make an object of a class with abstract methods."""
    if cls.checked and cls.abstract:
        trace.refuse(
            "JC404",
            f"`{cls.node.name}` has the abstract method `{min(cls.abstract)}`: Python raises "
            "TypeError",
            fix="define it in a derived class, and make an object of that",
        )


def super_value(run: Interpreter, arguments: list[Any], keywords: dict[str, Any]) -> SuperValue:
    """Return `super()`, or `super(Class, self)`."""
    trace, scope = run.trace, run.scopes[-1]
    owner: Any = scope.function.owner if scope.function is not None else None
    instance: Any = UNSET
    if len(arguments) == 2:
        owner, instance = arguments
    elif not arguments and scope.function is not None:
        names = [*scope.function.node.args.posonlyargs, *scope.function.node.args.args]
        instance = scope.variables.get(names[0].arg, UNSET) if names else UNSET
    if instance is UNSET or keywords or not isinstance(owner, ClassValue):
        trace.refuse("JC312", "super() is not supported here yet", fix=_IN_A_METHOD)
    instance = trace.present(trace.settle(instance))
    kind = instance.cls if isinstance(instance, Instance) else instance
    if not isinstance(kind, ClassValue):
        trace.refuse(
            "JC312",
            f"super() of {describe(instance)} is not supported yet",
            fix="call it in a method of the class: super().method(...)",
        )
    if not kind.derives_from(owner):
        trace.refuse(
            "JC404",
            f"super(): `{kind.node.name}` is not derived from `{owner.node.name}`: Python raises "
            "TypeError",
            fix="leave the arguments out: super().method(...)",
        )
    if owner.options.get("slots") is True:
        trace.refuse(
            "JC312",
            "super() in a dataclass with slots=True is not supported yet",
            fix="leave out slots=True",
        )
    return SuperValue(instance, owner)


def super_field(run: Interpreter, value: SuperValue, name: str) -> Any:
    """Return an attribute that an object has by a base of its class."""
    base, instance = value.owner.base, value.instance
    if base is not None and isinstance(instance, Instance) and name in base.properties:
        return run.call(base.functions[name], [instance], {})
    if name == "__init__" or (base is not None and name in base.generated):
        return _generated(run, instance, base, name)
    if base is not None and name in base.functions:
        function = base.functions[name]
        if name in base.class_methods:
            return BoundMethod(
                instance.cls if isinstance(instance, Instance) else instance, function
            )
        bound = isinstance(instance, Instance) and name not in base.static
        return BoundMethod(instance, function) if bound else function
    if base is not None and name in base.constants:
        return run.trace.read(base.constants[name], name)
    if name[:2] == "__" == name[-2:]:
        run.trace.refuse(
            "JC312",
            f"`super().{name}` without a base that defines it is not supported yet",
            fix="write out what it is to do",
        )
    run.trace.refuse(
        "JC409",
        f"no base of `{value.owner.node.name}` has `{name}`: Python raises AttributeError",
        fix="define it in the base" if base is None else f"it has: {fixes.names_of(base)}",
    )


def _generated(run: Interpreter, instance: Any, base: ClassValue | None, name: str) -> Any:
    """Return `__init__`, or a comparison that a dataclass has."""
    if not isinstance(instance, Instance):
        run.trace.refuse(
            "JC312", f"`super().{name}` of a class is not supported yet", fix="leave it out"
        )
    if base is not None and name in base.functions:
        return BoundMethod(instance, base.functions[name])
    if name == "__init__":
        return ValueMethod(name, lambda *a, **k: set_up_as(run, instance, base, a, k))
    assert base is not None
    fields_of = base.generated[name]
    return ValueMethod(
        name, lambda other: compared(run.trace, _COMPARISONS[name], fields_of, instance, other)
    )


def set_up_as(
    run: Interpreter,
    instance: Any,
    cls: ClassValue | None,
    arguments: tuple[Any, ...],
    keywords: dict[str, Any],
) -> None:
    """Do what a class's `__init__` does with an object, perhaps one of a derived class."""
    if cls is not None and isinstance(instance, Instance) and instance.cls.derives_from(cls):
        run.set_up(instance, arguments, keywords, cls)
    elif cls is not None:
        run.trace.refuse(
            "JC312",
            f"`__init__` of `{cls.node.name}` with {describe(instance)} is not supported yet",
            fix="call it with an object of the class: Base.__init__(self)",
        )
    elif arguments or keywords:
        run.trace.refuse(
            "JC402",
            "the `__init__` of `object` takes no arguments: Python raises TypeError",
            fix="call it as super().__init__()",
        )
