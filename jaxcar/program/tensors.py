"""Traced numbers and arrays: their dtypes, the bounds of whole numbers, and parts of arrays."""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.counting import count_true
from jaxcar.program.predicate import Bit, level
from jaxcar.program.primitives import converted

if TYPE_CHECKING:
    from jaxcar.program.views import View

Bounds = tuple[int, int] | None
BOOL = np.dtype(bool)
INT = np.dtype(np.int64)
FLOAT = np.dtype(np.float64)
# The least and the largest coordinate of a contour's point.
POINT_BOUNDS = (0, 1023)
_NARROW = (np.uint8, np.int16, np.int32)


# How many tensors were made so far, outside the bodies of loops that are traced once.
_made = [0]


def tensors_made() -> int:
    """Return how many tensors were made so far: a measure of what is written out."""
    return _made[0]


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
        lent: where a copy of it is kept (`jaxcar.program.lending`).
        sharing: the arrays that may share its memory, itself included, or None for itself alone.
        bit: the scalar's truth as a predicate, once it was asked for.
        affine: (base, factor, offset) where the number is base * factor + offset, exactly.
        level: how many loops were being traced around what made it.
        view: how it lies in the array that it is a slice of, if it is one.
    """

    __slots__ = (
        "__weakref__",
        "affine",
        "bit",
        "bounds",
        "dtype",
        "frozen",
        "lent",
        "level",
        "mixed",
        "python",
        "sharing",
        "value",
        "view",
    )

    def __init__(
        self, value: jax.Array, dtype: np.dtype, python: Bit = False, bounds: Bounds = None
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.bounds = _clip_bounds(self.dtype, bounds)
        self.value = converted(value, storage_dtype(self.dtype, self.bounds, value.ndim))
        self.python = python
        self.level = level()
        if self.level == 0:
            _made[0] += 1
        self.affine: tuple[Tensor, int, int] | None = None
        self.mixed: frozenset[np.dtype] | None = None
        self.frozen = False
        self.lent: Bit = False
        self.sharing: list[weakref.ref[Tensor]] | None = None
        self.bit: Bit | None = None
        self.view: View | None = None

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
    return array.frozen or bool(seen_beside(array))


def seen_beside(array: Tensor) -> list[Tensor]:
    """Return the other arrays that may share an array's memory and that the program can see."""
    others = (ref() for ref in array.sharing or ())
    return [other for other in others if other is not None and other is not array]


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
        shared: whether its memory may be another's, too, or it may be one of two.
        lineage: the same for what an array becomes when it is changed in place.
        points: whether they are pixels of a picture as OpenCV's contours hold them: i32[N, 1, 2],
            x and y from 0 to 1023, packed.
    """

    values: Tensor
    mask: jax.Array
    size_bounds: tuple[int, int]
    packed: bool = False
    shared: bool = False
    lineage: object = dataclasses.field(default_factory=object)
    points: bool = False

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
        packed: whether it has three axes, of which the second alone is cut, and begins with the
            whole array's: what `cv2.findContours` gives for the hierarchy.
    """

    values: Tensor
    masks: tuple[Any, ...]
    counts: tuple[Any, ...]
    starts: tuple[Any, ...]
    packed: bool = False


def copied_window(part: Window, values: Tensor) -> Window:
    """Return a part between the same bounds with memory of its own."""
    own = Tensor(values.value, values.dtype, False, values.bounds)
    return Window(own, part.masks, part.counts, part.starts, part.packed)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of a number or array."""
    return value.shape if isinstance(value, Tensor) else np.shape(value)


class NoNumbersError(Exception):
    """What is no number or array of numbers is given where one is needed.

    Args:
        value: what is given.
    """

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


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
    if array.dtype.kind not in "biuf":
        raise NoNumbersError(value)
    bounds = None
    if array.dtype.kind in "iu" and array.size:
        bounds = (int(array.min()), int(array.max()))
    stored = array.astype(storage_dtype(array.dtype, bounds, array.ndim))
    return Tensor(jnp.asarray(stored), array.dtype, python, bounds)
