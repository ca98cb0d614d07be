"""What an expression of a reward program can be while it is traced.

Known values are themselves: None, Python's bool, int, float and str, NumPy scalars and arrays. They
are folded by Python and NumPy, which are the specification. Everything that depends on a frame is
one of the classes below.

- `Tensor`: a number or an array, with the dtype that NumPy or Python gives it. The array that
  carries it may be narrower where its integer bounds prove that nothing is lost.
- `Selected`: an array whose length is known only at run time (`a[mask]`, `np.argwhere(mask)`).
- `Choice`: a number or array whose dtype or shape depends on the path.
- `Optional`: a value or None. `Maybe`: a value or an unbound name. `Conflict`: two kinds of value
  met; an error only if it is read.
- `Text`: one of finitely many strings. `Inert`: text that is only ever printed.
- `ListValue`, `DictValue`, `Instance`: mutable, compared by identity. Tuples are Python's.
"""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.counting import count_true
from jaxcar.program.predicate import Bit, Predicate, level

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

Bounds = tuple[int, int] | None

BOOL = np.dtype(bool)
INT = np.dtype(np.int64)
FLOAT = np.dtype(np.float64)
_NARROW = (np.uint8, np.int16, np.int32)


class Tensor:
    """A traced number or array.

    Args:
        value: the array that carries it; its dtype is `storage_dtype(dtype, bounds, ndim)`.
        dtype: the dtype that NumPy (or Python: bool, int64, float64) gives the value.
        python: whether it is a Python number; True, False, or traced where it depends on the path.
        bounds: inclusive integer bounds that hold for every element, or None for the dtype's own.

    Attributes:
        mixed: the dtypes that the number has on different paths, where they differ: `dtype` is the
            widest of them.
        frozen: whether writing is refused: the array belongs to a module, class or older step.
        sharing: the arrays that may share its memory, itself included, or None for itself alone.
        bit: the scalar's truth as a predicate, once it was asked for.
        level: how many loops were being traced around what made it.
    """

    __slots__ = (
        "__weakref__",
        "bit",
        "bounds",
        "dtype",
        "frozen",
        "level",
        "mixed",
        "python",
        "sharing",
        "value",
    )

    def __init__(
        self, value: jax.Array, dtype: np.dtype, python: Bit = False, bounds: Bounds = None
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.bounds = _clip_bounds(self.dtype, bounds)
        self.value = value.astype(storage_dtype(self.dtype, self.bounds, value.ndim))
        self.python = python
        self.level = level()
        self.mixed: frozenset[np.dtype] | None = None
        self.frozen = False
        self.sharing: list[weakref.ref[Tensor]] | None = None
        self.bit: Bit | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, known while tracing."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim


def share(a: Tensor, b: Tensor) -> None:
    """Record that two arrays may share memory, as NumPy's basic slices do."""
    group = [*(a.sharing or [weakref.ref(a)]), *(b.sharing or [weakref.ref(b)])]
    members = {id(member): member for member in (ref() for ref in group) if member is not None}
    alive = [weakref.ref(member) for member in members.values()]
    for member in members.values():
        member.sharing = alive


def is_shared(array: Tensor) -> bool:
    """Tell whether the program can still see the array's memory through another array."""
    if array.frozen:
        return True
    others = (ref() for ref in array.sharing or ())
    return any(other is not None and other is not array for other in others)


def dtypes_of(number: Tensor) -> frozenset[np.dtype]:
    """Return the dtypes that a number has on the paths that lead here."""
    return number.mixed or frozenset({number.dtype})


def storage_dtype(dtype: np.dtype, bounds: Bounds, ndim: int = 0) -> np.dtype:
    """Return the dtype that carries values of this dtype within these bounds, exactly.

    Args:
        dtype: the dtype that NumPy gives the values.
        bounds: inclusive integer bounds, or None.
        ndim: the number of axes; pictures and masks are narrowed further than vectors and numbers.
    """
    if dtype.kind in "iu" and dtype.itemsize == 8 and bounds is not None:
        for narrow in _NARROW if ndim >= 2 else _NARROW[-1:]:
            info = np.iinfo(narrow)
            if info.min <= bounds[0] and bounds[1] <= info.max:
                return np.dtype(narrow)
    return dtype


def dtype_bounds(dtype: np.dtype) -> Bounds:
    """Return the inclusive bounds of an integer or bool dtype, None for floats."""
    if dtype.kind == "b":
        return (0, 1)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return (int(info.min), int(info.max))
    return None


def _clip_bounds(dtype: np.dtype, bounds: Bounds) -> Bounds:
    own = dtype_bounds(dtype)
    if own is None or bounds is None:
        return own
    return (max(own[0], bounds[0]), min(own[1], bounds[1]))


@dataclasses.dataclass
class Selected:
    """The elements of `values` whose `mask` is set, in order: an array of run-time length.

    Args:
        values: Tensor[N, ...].
        mask: bool[N], traced.
        size_bounds: inclusive bounds of the length.
        packed: whether the selected elements are the first ones.
    """

    values: Tensor
    mask: jax.Array
    size_bounds: tuple[int, int]
    packed: bool = False

    def count(self) -> Tensor:
        """Return the length, a Python int."""
        return Tensor(count_true(self.mask), INT, True, self.size_bounds)


@dataclasses.dataclass
class Window:
    """A part of an array between bounds that are known only at run time.

    Args:
        values: the whole array along the axes of the window.
        masks: for each axis, which positions are inside, bool[n], or None for a whole axis.
        counts: for each axis, how many are inside: an int or a traced Python int.
        starts: for each axis, the first position that is inside.
    """

    values: Tensor
    masks: tuple[Any, ...]
    counts: tuple[Any, ...]
    starts: tuple[Any, ...]


@dataclasses.dataclass
class Optional:
    """A value where `some` holds, None elsewhere."""

    value: Any
    some: Bit


@dataclasses.dataclass
class Maybe:
    """A value where `defined` holds; elsewhere the name is unbound."""

    value: Any
    defined: Bit


class Pending:
    """A name that was assigned on some paths: `new` where `path` held, else `old`.

    The two are joined only when the name is read where both are possible. A name that is reused
    for another kind of value, or read only where it was assigned, is never joined.
    """

    __slots__ = ("joined", "new", "old", "path")

    def __init__(self, path: Predicate, new: Any, old: Any) -> None:
        self.path: Predicate | None = path
        self.new = new
        self.old = old
        self.joined: Any = None


@dataclasses.dataclass
class Conflict:
    """Values of two kinds met where paths join; reading it is refused with this message."""

    message: str


class Unset:
    """The absence of a value: an unbound name or field."""


UNSET = Unset()


@dataclasses.dataclass
class Text:
    """One of finitely many strings, or members of an enum: `options[index]`, index i32[]."""

    options: tuple[Any, ...]
    index: jax.Array


class Inert:
    """Text that depends on a traced value: it may be printed and passed on, never compared."""


INERT = Inert()


class Poison:
    """What a refused statement would have made: reading it is not worth another diagnostic."""


POISON = Poison()


@dataclasses.dataclass(eq=False)
class Choice:
    """A number or array whose dtype or shape depends on the path.

    Args:
        options: each value with the predicate under which it is the one; exactly one holds.
    """

    options: list[tuple[Bit, Any]]


class RunTimeLengthError(Exception):
    """The elements of a list or dict are asked for one by one, and their number is not known."""


@dataclasses.dataclass(eq=False)
class Rows:
    """Elements of one kind whose number is known only at run time, packed.

    Args:
        kind: the kind of each element (`jaxcar.program.structure.Kind`).
        leaves: the elements' leaves, each [capacity, ...]; the first `length` rows count.
        length: the number of elements, a Python int.
    """

    kind: Any
    leaves: list[jax.Array]
    length: Tensor
    capacity: int


class ListValue:
    """A Python list, or a deque.

    Args:
        items: the elements, where their number is known while tracing.
        born: the path on which it was made; nothing reaches it elsewhere.
        frozen: whether changing it is refused: it belongs to a module or class, or it is the join
            of two lists, which other names may still hold.
        form: "list" or "deque".
        maxlen: of a deque with a bound, that bound.
        rows: the elements, where their number is known only at run time.
    """

    __slots__ = ("__weakref__", "_items", "born", "form", "frozen", "maxlen", "rows")

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
    """

    __slots__ = ("__weakref__", "_entries", "default", "form", "frozen", "rows", "unordered")

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
    """

    type: RecordType

    def __new__(cls, items: Any, type: RecordType) -> Record:  # noqa: A002 - the field's own name
        """Make the tuple."""
        made = super().__new__(cls, items)
        made.type = type
        return made


@dataclasses.dataclass(eq=False)
class RecordType:
    """A namedtuple's type.

    Args:
        name: its name.
        fields: the names of the fields.
        defaults: default values by name.
        functions: the methods of a `NamedTuple` class.
    """

    name: str
    fields: tuple[str, ...]
    defaults: dict[str, Any] = dataclasses.field(default_factory=dict)
    functions: dict[str, Any] = dataclasses.field(default_factory=dict)
    properties: frozenset[str] = frozenset()


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
    """

    length: Callable[[], Any]
    get: Callable[[Tensor], Any]
    most: int | None
    fixed: bool = True


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


Number = bool | int | float | np.generic


def is_static_number(value: Any) -> bool:
    """Tell whether the value is a number known while tracing."""
    return isinstance(value, (bool, int, float, np.generic))


def is_static(value: Any) -> bool:
    """Tell whether the value is wholly known while tracing and can be given to NumPy itself."""
    if isinstance(value, tuple):
        return all(is_static(item) for item in value)
    if isinstance(value, ListValue):
        return value.rows is None and all(is_static(item) for item in value.items)
    if isinstance(value, slice):
        return all(is_static(part) for part in (value.start, value.stop, value.step))
    return value is None or isinstance(
        value, (bool, int, float, str, np.generic, np.ndarray, np.dtype, type, EnumMember)
    )


def unwrap_static(value: Any) -> Any:
    """Return a static value as Python and NumPy know it."""
    if isinstance(value, tuple):
        return tuple(unwrap_static(item) for item in value)
    if isinstance(value, ListValue):
        return [unwrap_static(item) for item in value.items]
    return value


def is_numeric(value: Any) -> bool:
    """Tell whether the value is a number or an array, known or traced."""
    return isinstance(value, (Tensor, np.ndarray)) or is_static_number(value)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a number or array."""
    return value.shape if isinstance(value, Tensor) else np.shape(value)


def as_tensor(value: Any) -> Tensor:
    """Return a number or array as a Tensor."""
    if isinstance(value, Tensor):
        return value
    python = isinstance(value, (bool, int, float)) and not isinstance(value, np.generic)
    if python and isinstance(value, int) and not isinstance(value, bool):
        bounds: Bounds = (value, value)
        array = np.asarray(value, storage_dtype(INT, bounds))
        return Tensor(jnp.asarray(array), INT, True, bounds)
    array = np.asarray(value)
    bounds = None
    if array.dtype.kind in "iu" and array.size:
        bounds = (int(array.min()), int(array.max()))
    stored = array.astype(storage_dtype(array.dtype, bounds, array.ndim))
    return Tensor(jnp.asarray(stored), array.dtype, python, bounds)


def nested_size(value: Any, limit: int) -> int:
    """Return the number of values in a nested sequence or dict, counted up to a limit."""
    if isinstance(value, (ListValue, DictValue)) and value.rows is not None:
        return 1
    if isinstance(value, ListValue):
        value = value.items
    if isinstance(value, DictValue):
        value = tuple(value.entries.values())
    if not isinstance(value, (tuple, list)):
        return 1
    total = 1
    for item in value:
        total += nested_size(item, limit - total)
        if total > limit:
            break
    return total
