"""What a program defines and calls: classes and objects, enums, functions and library names."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping

    from jaxcar.program.predicate import Bit
    from jaxcar.program.record_fields import Field
    from jaxcar.program.trace import Trace


@dataclasses.dataclass(eq=False)
class Instance:
    """An object of a class of the program; its fields are what the program remembers.

    Args:
        cls: its class.
        fields: attribute to value.
        frozen: as in `ListValue`.
        constant: whether a module or class holds it: then it is frozen, and no copy of another.
        lent: as in `ListValue`.
    """

    cls: ClassValue
    fields: dict[str, Any]
    frozen: bool = False
    constant: bool = False
    lent: Bit = False


@dataclasses.dataclass(eq=False)
class FunctionValue:
    """A function of the program with the scope it closes over and its evaluated defaults.

    Args:
        node: its definition.
        closure: the scope around it.
        defaults: of its last parameters.
        keyword_defaults: of those that are given by name alone.
        owner: of a method, the class in whose body it stands: `super()` goes on from there.
    """

    node: ast.FunctionDef | ast.Lambda
    closure: Any
    defaults: tuple[Any, ...] = ()
    keyword_defaults: dict[str, Any] = dataclasses.field(default_factory=dict)
    owner: ClassValue | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return getattr(self.node, "name", "<lambda>")


@dataclasses.dataclass(eq=False)
class ClassValue:
    """A class of the program: its methods and class constants, inherited ones included.

    Args:
        node: its definition.
        functions: its methods by name.
        static: the names of static methods.
        constants: its class constants.
        properties: the names of methods that are read as attributes.
        class_methods: the names of methods whose first argument is the class.
        abstract: the names of methods that a derived class has to define.
        base: the class of the program that it is derived from.
        checked: whether objects are refused as long as there are abstract methods (`abc.ABC`).
        fields: of a dataclass, its fields.
        options: of a dataclass, the decorator's options.
        generated: the special methods that `@dataclass` has written, each with the class that
            it was written for.
    """

    node: ast.ClassDef
    functions: dict[str, FunctionValue]
    static: frozenset[str]
    constants: dict[str, Any]
    properties: frozenset[str] = frozenset()
    class_methods: frozenset[str] = frozenset()
    abstract: frozenset[str] = frozenset()
    base: ClassValue | None = None
    checked: bool = False
    fields: tuple[Field, ...] | None = None
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    generated: dict[str, ClassValue] = dataclasses.field(default_factory=dict)

    def derives_from(self, other: Any) -> bool:
        """Tell whether it is another class, or derived from it."""
        return self is other or (self.base is not None and self.base.derives_from(other))


@dataclasses.dataclass(frozen=True)
class Factory:
    """The default of a dataclass's field that a function makes anew for each object.

    Args:
        function: a value of the program that is called without arguments.
    """

    function: Any


@dataclasses.dataclass(eq=False)
class SuperValue:
    """`super()`: an object, or a class, seen from behind one of its classes.

    Args:
        instance: the object or class.
        owner: the class whose base is looked at.
    """

    instance: Any
    owner: ClassValue


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


@dataclasses.dataclass(frozen=True, eq=False)
class LibraryType:
    """A class of a library whose objects a program is given and cannot change.

    Args:
        name: its name.
        readers: for each attribute, what reads it of an object while tracing.
        compared: the fields that `==` looks at.
        hints: what to write instead of attributes that it does not have.
    """

    name: str
    readers: Mapping[str, Callable[[Trace, LibraryObject], Any]]
    compared: tuple[str, ...]
    hints: Mapping[str, str]


@dataclasses.dataclass(eq=False)
class LibraryObject:
    """An object of a library's class. It is a value: nothing can change it, copies are as good.

    Args:
        type: its class.
        fields: what its attributes are read from.
        size: the size of what it belongs to: objects of different sizes do not join.
    """

    type: LibraryType
    fields: dict[str, Any]
    size: tuple[int, ...]


@dataclasses.dataclass(eq=False)
class LibraryName:
    """A dotted name of a library, such as `numpy.linalg` or `cv2.inRange`."""

    path: str


@dataclasses.dataclass(eq=False)
class ValueMethod:
    """A method of a value, such as `mask.sum`: a function of the method's arguments."""

    name: str
    call: Callable[..., Any]
