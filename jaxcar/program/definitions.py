"""What a program defines and calls: classes and objects, enums, functions and library names."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable


@dataclasses.dataclass(eq=False)
class Instance:
    """An object of a class of the program; its fields are what the program remembers.

    Args:
        cls: its class.
        fields: attribute to value.
        frozen: as in `ListValue`.
    """

    cls: ClassValue
    fields: dict[str, Any]
    frozen: bool = False


@dataclasses.dataclass(eq=False)
class FunctionValue:
    """A function of the program with the scope it closes over and its evaluated defaults."""

    node: ast.FunctionDef | ast.Lambda
    closure: Any
    defaults: tuple[Any, ...] = ()
    keyword_defaults: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        """What messages call it."""
        return getattr(self.node, "name", "<lambda>")


@dataclasses.dataclass(eq=False)
class ClassValue:
    """A class of the program: its methods and class constants.

    Args:
        node: its definition.
        functions: its methods by name.
        static: the names of static methods.
        constants: its class constants.
        properties: the names of methods that are read as attributes.
        class_methods: the names of methods whose first argument is the class.
        fields: of a dataclass, each field with its default, or `UNSET`.
        options: of a dataclass, the decorator's options.
    """

    node: ast.ClassDef
    functions: dict[str, FunctionValue]
    static: frozenset[str]
    constants: dict[str, Any]
    properties: frozenset[str] = frozenset()
    class_methods: frozenset[str] = frozenset()
    fields: tuple[tuple[str, Any], ...] | None = None
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


class Auto:
    """What `enum.auto()` stands for until the class is made."""


AUTO = Auto()


@dataclasses.dataclass(frozen=True)
class EnumMember:
    """A member of an enum of the program.

    Args:
        owner: the enum's name.
        name: the member's name.
        value: its value.
        number: whether it is an int as well, as the members of an `IntEnum` are.
    """

    owner: str
    name: str
    value: Any = dataclasses.field(compare=False)
    number: bool = False


@dataclasses.dataclass(eq=False)
class BoundMethod:
    """A method of an instance of a program's class, or of the class itself."""

    instance: Any
    function: FunctionValue


@dataclasses.dataclass(eq=False)
class LibraryName:
    """A dotted name of a library, such as `numpy.linalg` or `cv2.inRange`."""

    path: str


@dataclasses.dataclass(eq=False)
class ValueMethod:
    """A method of a value, such as `mask.sum`: a function of the method's arguments."""

    name: str
    call: Callable[..., Any]
