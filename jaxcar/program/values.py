"""What an expression of a reward program can be while it is traced.

Known values are themselves: None, Python's bool, int, float and str, NumPy scalars and arrays. They
are folded by Python and NumPy, which are the specification. Everything that depends on a frame is
one of the classes below.

- `Tensor`: a number or an array, with the dtype that NumPy or Python gives it. The array that
  carries it may be narrower where its integer bounds prove that nothing is lost.
- `Selected`: an array whose length is known only at run time (`a[mask]`, `np.argwhere(mask)[:, 0]`).
- `Optional`: a value or None. `Maybe`: a value or an unbound name. `Conflict`: two kinds of value
  met; an error only if it is read.
- `Text`: one of finitely many strings. `Inert`: text that is only ever printed.
- `ListValue`, `DictValue`, `Instance`: mutable, compared by identity. Tuples are Python's.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.predicate import Bit

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator

Bounds = tuple[int, int] | None

BOOL = np.dtype(bool)
INT = np.dtype(np.int64)
FLOAT = np.dtype(np.float64)
_I32 = (-(2**31), 2**31 - 1)


class Tensor:
    """A traced number or array.

    Args:
        value: the array that carries it; its dtype is `storage_dtype(dtype, bounds)`.
        dtype: the dtype that NumPy (or Python: bool, int64, float64) gives the value.
        python: whether it is a Python number; True, False, or traced where it depends on the path.
        bounds: inclusive integer bounds that hold for every element, or None for the dtype's own.

    Attributes:
        viewed: whether another name may see the same memory, so that writing is refused.
        bit: the scalar's truth as a predicate, once it was asked for.
    """

    __slots__ = ("bit", "bounds", "dtype", "python", "value", "viewed")

    def __init__(
        self, value: jax.Array, dtype: np.dtype, python: Bit = False, bounds: Bounds = None
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.bounds = _clip_bounds(self.dtype, bounds)
        self.value = value.astype(storage_dtype(self.dtype, self.bounds))
        self.python = python
        self.viewed = False
        self.bit: Bit | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, known while tracing."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.value.ndim


def storage_dtype(dtype: np.dtype, bounds: Bounds) -> np.dtype:
    """Return the dtype that carries values of this dtype within these bounds, exactly."""
    if dtype.kind in "iu" and dtype.itemsize == 8 and bounds is not None:
        low, high = bounds
        if _I32[0] <= low and high <= _I32[1]:
            return np.dtype(np.int32)
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
    """

    values: Tensor
    mask: jax.Array
    size_bounds: tuple[int, int]

    def count(self) -> Tensor:
        """Return the length, a Python int."""
        return Tensor(jnp.sum(self.mask, dtype=jnp.int32), INT, True, self.size_bounds)


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


@dataclasses.dataclass
class Conflict:
    """Values of two kinds met where paths join; reading it is refused with this message."""

    message: str


class Unset:
    """The absence of a value: an unbound name or field."""


UNSET = Unset()


@dataclasses.dataclass
class Text:
    """One of finitely many strings: `options[index]`, index i32[]."""

    options: tuple[str, ...]
    index: jax.Array


class Inert:
    """Text that depends on a traced value: it may be printed and passed on, never compared."""


INERT = Inert()


@dataclasses.dataclass(eq=False)
class ListValue:
    """A Python list whose length is known while tracing.

    Args:
        items: the elements.
        born: the path on which it was made; nothing reaches it elsewhere.
    """

    items: list[Any]
    born: Bit = True


@dataclasses.dataclass(eq=False)
class DictValue:
    """A Python dict with keys known while tracing; an entry may be absent on some paths (`Maybe`)."""

    entries: dict[Any, Any]


@dataclasses.dataclass(eq=False)
class Instance:
    """An object of a class of the program; its fields are what the program remembers."""

    cls: ClassValue
    fields: dict[str, Any]


@dataclasses.dataclass(eq=False)
class FunctionValue:
    """A function of the program with the scope it closes over and its evaluated defaults."""

    node: ast.FunctionDef
    closure: Any
    defaults: tuple[Any, ...] = ()
    keyword_defaults: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(eq=False)
class ClassValue:
    """A class of the program: its methods and class constants."""

    node: ast.ClassDef
    functions: dict[str, FunctionValue]
    static: frozenset[str]
    constants: dict[str, Any]


@dataclasses.dataclass(eq=False)
class BoundMethod:
    """A method of an instance of a program's class."""

    instance: Instance
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
    """The elements of a generator expression, each with whether it occurs, made one at a time."""

    steps: Iterator[tuple[Bit, Any]]


@dataclasses.dataclass(frozen=True)
class RangeValue:
    """`range(...)`: the elements that can occur, each with whether it does."""

    items: tuple[Any, ...]
    present: tuple[Bit, ...]


Number = bool | int | float | np.generic


def is_static_number(value: Any) -> bool:
    """Tell whether the value is a number known while tracing."""
    return isinstance(value, (bool, int, float, np.generic))


def is_static(value: Any) -> bool:
    """Tell whether the value is wholly known while tracing and can be given to NumPy itself."""
    if isinstance(value, tuple):
        return all(is_static(item) for item in value)
    if isinstance(value, ListValue):
        return all(is_static(item) for item in value.items)
    return value is None or isinstance(
        value, (bool, int, float, str, np.generic, np.ndarray, np.dtype, type, slice)
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
    stored = array.astype(storage_dtype(array.dtype, bounds))
    return Tensor(jnp.asarray(stored), array.dtype, python, bounds)


def describe(value: Any) -> str:
    """Return the kind of a value in the words that diagnostics use."""
    if isinstance(value, Optional):
        return f"{describe(value.value)} or None"
    if isinstance(value, Tensor):
        return _describe_tensor(value)
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    if isinstance(value, np.generic):
        return f"a NumPy {value.dtype}"
    if isinstance(value, Selected):
        return f"an array of {value.values.dtype} of run-time length"
    for kind, words in _WORDS:
        if isinstance(value, kind):
            return words
    return f"a {type(value).__name__}"


def _describe_tensor(value: Tensor) -> str:
    if value.python is True:
        return f"a Python {_PYTHON_NAMES[value.dtype.kind]}"
    if value.ndim == 0:
        return f"a NumPy {value.dtype}"
    return f"an array of {value.dtype} with shape {value.shape}"


_PYTHON_NAMES = {"b": "bool", "i": "int", "f": "float"}
_WORDS: tuple[tuple[Any, str], ...] = (
    (type(None), "None"),
    (bool, "a Python bool"),
    (int, "a Python int"),
    (float, "a Python float"),
    ((str, Text, Inert), "text"),
    (tuple, "a tuple"),
    (ListValue, "a list"),
    (DictValue, "a dict"),
    (RangeValue, "a range"),
    ((FunctionValue, BoundMethod, ValueMethod), "a function"),
    (LibraryName, "a library name"),
    (ClassValue, "a class"),
    (Instance, "an object"),
    (slice, "a slice"),
)
