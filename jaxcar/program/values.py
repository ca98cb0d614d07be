"""What an expression of a reward program can be while it is traced.

Known values are themselves: None, Python's bool, int, float and str, NumPy scalars and arrays. They
are folded by Python and NumPy, which are the specification. Everything that depends on a frame is
one of the classes below, or of `tensors`, `containers` and `definitions`.

- `Tensor`: a number or an array, with the dtype that NumPy or Python gives it. The array that
  carries it may be narrower where its integer bounds prove that nothing is lost.
- `Selected`: an array whose length is known only at run time (`a[mask]`, `np.argwhere(mask)`).
- `Choice`: a number or array whose dtype or shape depends on the path.
- `Optional`: a value or None. `Maybe`: a value or an unbound name. `Conflict`: two kinds of value
  met; an error only if it is read.
- `Text`: one of finitely many strings. `Inert`: text that is only ever printed.
- `ListValue`, `DictValue`, `Instance`: mutable, compared by identity. Tuples are Python's.
- `LibraryObject`: an object of a library's class, which nothing changes.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np

from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import EnumMember, Instance
from jaxcar.program.predicate import Bit, Predicate, literal
from jaxcar.program.tensors import Tensor


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
    """Values of two kinds met where paths join; reading it is refused with this message.

    Args:
        message: what met.
        fix: what to make it on every path.
    """

    message: str
    fix: str = "one kind on every path, e.g. with int(...), float(...) or bool(...)"


class Unset:
    """The absence of a value: an unbound name or field."""


UNSET = Unset()


@dataclasses.dataclass
class Text:
    """One of finitely many strings, or members of an enum: `options[index]`, index i32[]."""

    options: tuple[Any, ...]
    index: jax.Array


def text_options(value: Any) -> list[tuple[Bit, Any]]:
    """Return each text that a value can be, with the predicate under which it is the one."""
    if isinstance(value, Text):
        return [(literal(value.index == i), option) for i, option in enumerate(value.options)]
    return [(True, value)]


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


class HoldsItselfError(Exception):
    """A sequence, dict or object is among the values that it holds."""


def nested_size(value: Any, limit: int, inside: tuple[int, ...] = ()) -> int:
    """Return the number of values in a nested value, counted up to a limit.

    Args:
        value: a sequence, dict or object; anything else counts as one.
        limit: more are not counted.
        inside: the identities of the values around it.

    Raises:
        HoldsItselfError: it has no end.
    """
    if isinstance(value, (Maybe, Optional)):
        return nested_size(value.value, limit, inside)
    if isinstance(value, (ListValue, DictValue)) and value.rows is not None:
        return 1
    if not isinstance(value, (ListValue, DictValue, Instance, tuple, list)):
        return 1
    if id(value) in inside:
        raise HoldsItselfError
    inside = (*inside, id(value))
    if isinstance(value, ListValue):
        value = value.items
    if isinstance(value, DictValue):
        value = tuple(value.entries.values())
    if isinstance(value, Instance):
        value = tuple(value.fields.values())
    total = 1
    for item in value:
        total += nested_size(item, limit - total, inside)
        if total > limit:
            break
    return total
