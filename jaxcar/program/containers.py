"""Lists, dicts, sets and namedtuples of a program, and what goes through them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import jax

from jaxcar.program.predicate import Bit
from jaxcar.program.tensors import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class NoKindError(Exception):
    """A value that can be kept neither in memory nor in the state of a loop.

    Args:
        message: what it is.
        fix: what to write instead.
        code: the diagnostic's code.
    """

    def __init__(self, message: str, fix: str | None = None, code: str = "JC312") -> None:
        super().__init__(message)
        self.message, self.fix, self.code = message, fix, code


class RunTimeLengthError(Exception):
    """The elements of a list or dict are asked for one by one, and their number is not known."""


@dataclasses.dataclass(eq=False)
class Rows:
    """Elements of one kind whose number is known only at run time, packed.

    Args:
        kind: the kind of each element (`jaxcar.program.kinds.Kind`).
        leaves: the elements' leaves, each [capacity, ...]; the first `length` rows count.
        length: the number of elements, a Python int.
    """

    kind: Any
    leaves: list[jax.Array]
    length: Tensor
    capacity: int


class ListValue:
    """A Python list, or a deque; or a tuple whose length is known only at run time.

    Args:
        items: the elements, where their number is known while tracing.
        born: the path on which it was made; nothing reaches it elsewhere.
        frozen: whether changing it is refused: it belongs to a module or class, or it is the join
            of two lists, which other names may still hold.
        form: "list", "deque" or "tuple"; a tuple is always frozen.
        maxlen: of a deque with a bound, that bound.
        rows: the elements, where their number is known only at run time.

    Attributes:
        lent: where a copy of it is kept (`jaxcar.program.lending`).
    """

    __slots__ = ("__weakref__", "_items", "born", "form", "frozen", "lent", "maxlen", "rows")

    def __init__(
        self,
        items: list[Any],
        born: Bit = True,
        frozen: bool = False,
        form: str = "list",
        maxlen: int | None = None,
        rows: Rows | None = None,
    ) -> None:
        self._items = items
        self.born = born
        self.frozen = frozen
        self.lent: Bit = False
        self.form = form
        self.maxlen = maxlen
        self.rows = rows

    @property
    def items(self) -> list[Any]:
        """The elements, one by one."""
        if self.rows is not None:
            raise RunTimeLengthError(f"a {self.form} whose length depends on the frame")
        return self._items

    @items.setter
    def items(self, items: list[Any]) -> None:
        self._items, self.rows = items, None


class DictValue:
    """A Python dict, or a set.

    Args:
        entries: key to value, where the keys are known while tracing; an entry may be absent on
            some paths (`Maybe`). The values of a set are None.
        frozen: as in `ListValue`.
        unordered: whether the order of the keys depends on the path; always of a set.
        form: "dict" or "set".
        rows: pairs of key and value (of a set, keys), where the keys are known only at run time.
        default: of a defaultdict, what makes a missing value.

    Attributes:
        lent: as in `ListValue`.
    """

    __slots__ = (
        "__weakref__",
        "_entries",
        "default",
        "form",
        "frozen",
        "lent",
        "rows",
        "unordered",
    )

    def __init__(
        self,
        entries: dict[Any, Any],
        frozen: bool = False,
        unordered: bool = False,
        form: str = "dict",
        rows: Rows | None = None,
        default: Any = None,
    ) -> None:
        self._entries = entries
        self.frozen = frozen
        self.lent: Bit = False
        self.unordered = unordered or form == "set"
        self.form = form
        self.rows = rows
        self.default = default

    @property
    def entries(self) -> dict[Any, Any]:
        """The entries, one by one."""
        if self.rows is not None:
            raise RunTimeLengthError(f"a {self.form} whose keys depend on the frame")
        return self._entries

    @entries.setter
    def entries(self, entries: dict[Any, Any]) -> None:
        self._entries, self.rows = entries, None


class Record(tuple):
    """A namedtuple: a tuple that knows its type.

    Args:
        items: the values of the fields, in order.
        type: the `RecordType` that made it.
        mark: which object it is (`jaxcar.program.marks`); None where nobody asks.
    """

    type: RecordType
    mark: Any

    def __new__(cls, items: Any, type: RecordType, mark: Any = None) -> Record:
        """Make the tuple."""
        made = super().__new__(cls, items)
        made.type, made.mark = type, mark
        return made


@dataclasses.dataclass(eq=False)
class RecordType:
    """A namedtuple's type.

    Args:
        name: its name.
        fields: the names of the fields.
        defaults: default values by name.
        functions: the methods of a `NamedTuple` class.
        properties: the names of those that are read as attributes.
        static: the names of static methods.
        class_methods: the names of methods whose first argument is the class.
        constants: its class constants.
    """

    name: str
    fields: tuple[str, ...]
    defaults: dict[str, Any] = dataclasses.field(default_factory=dict)
    functions: dict[str, Any] = dataclasses.field(default_factory=dict)
    properties: frozenset[str] = frozenset()
    static: frozenset[str] = frozenset()
    class_methods: frozenset[str] = frozenset()
    constants: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(eq=False)
class LazyItems:
    """The elements of a generator, `zip` or `enumerate`, each with whether it occurs.

    Args:
        steps: the elements; they are made when they are asked for, and only once.
        used: whether somebody has begun to ask: a second reader would find it exhausted.
    """

    steps: Iterator[tuple[Bit, Any]]
    used: bool = False
    indexed: Indexed | None = None


@dataclasses.dataclass(frozen=True)
class Indexed:
    """Elements that can be made from their position: what a loop that is not written out needs.

    Args:
        length: how many there are, now: an int, or a traced Python int.
        get: position (a `Tensor`) to element.
        most: the greatest length that is possible now, or None where there is no bound.
        fixed: whether the length cannot change while a loop goes through the elements.
        once: whether a loop through the elements is traced once however few there are.
        check: of a dict, raises what Python raises before the next element where a turn changed it.
        holder: the list or tuple of known length that it goes through; its elements are copies.
        changing: the list whose length a turn may change, where it is not `fixed`.
    """

    length: Callable[[], Any]
    get: Callable[[Tensor], Any]
    most: int | None
    fixed: bool = True
    once: bool = False
    check: Callable[[], None] | None = None
    holder: Any = None
    changing: Any = None


@dataclasses.dataclass(eq=False)
class DictView:
    """`d.keys()`, `d.values()` or `d.items()`: the dict as it is when it is looked at.

    Args:
        owner: the dict.
        form: "keys", "values" or "items".
    """

    owner: DictValue
    form: str


@dataclasses.dataclass(frozen=True)
class RangeValue:
    """`range(start, stop, step)`.

    Args:
        start: the first element, an int or a traced Python int.
        stop: where it ends, likewise.
        step: an int other than 0.
    """

    start: Any
    stop: Any
    step: int
