"""Elementwise operations with NumPy's own dtypes.

NumPy is asked which loop it would run (`ufunc.resolve_dtypes`, NEP 50), so its promotion rules are
not written a second time. The operands are cast to that loop's dtypes and the operation runs there,
or in 32 bits where the bounds prove that nothing changes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.alignment import on_selection, on_window
from jaxcar.program.bits import all_of
from jaxcar.program.choices import distribute
from jaxcar.program.elementwise import IMPLEMENTATIONS
from jaxcar.program.intervals import inside, interval
from jaxcar.program.number_faults import check_fits, check_range, raise_as_python
from jaxcar.program.predicate import both, level, negate
from jaxcar.program.primitives import compared, converted
from jaxcar.program.promotion import COMPARISONS, PathDependentKindError, loop_dtypes, mixed_result
from jaxcar.program.tensors import (
    BOOL,
    FLOAT,
    INT,
    Bounds,
    Selected,
    Tensor,
    Window,
    as_tensor,
    dtype_bounds,
    storage_dtype,
)
from jaxcar.program.trace import NEAR, NEAR_SINGLE, Trace
from jaxcar.program.uncertainty import error_of
from jaxcar.program.values import Choice, is_static, unwrap_static
from jaxcar.program.wording import SYMBOLS, describe


def ufunc(trace: Trace, name: str, *operands: Any, library: bool = False) -> Any:
    """Apply a NumPy ufunc to known and traced operands.

    Args:
        trace: the present tracing.
        name: the name of the ufunc in NumPy.
        *operands: numbers, arrays, or arrays of run-time length (with the same selection).
        library: whether the program calls NumPy's function rather than Python's operator, so that
            the result is NumPy's and nothing is raised, even for two Python numbers.

    Returns:
        A known value where all operands are known; otherwise a Tensor or a Selected. An operator
        on Python numbers gives a Python number, with Python's faults.
    """
    operands = tuple(trace.present(operand) for operand in operands)
    if any(isinstance(operand, type) for operand in operands):
        words = " and ".join(describe(operand) for operand in operands)
        trace.refuse(
            "JC404", f"`{SYMBOLS.get(name, name)}` is not defined for {words}", fix=fixes.NUMBERS
        )
    if all(is_static(operand) for operand in operands):
        return fold(trace, getattr(np, name), *operands)
    if any(isinstance(operand, Choice) for operand in operands):
        return distribute(trace, lambda *xs: ufunc(trace, name, *xs, library=library), *operands)
    if any(isinstance(operand, Window) for operand in operands):
        return on_window(
            trace, name, operands, lambda *xs: ufunc(trace, name, *xs, library=library)
        )
    if any(isinstance(operand, Selected) for operand in operands):
        return on_selection(
            trace, name, operands, lambda *xs: ufunc(trace, name, *xs, library=library)
        )
    for operand in operands:
        if not isinstance(operand, Tensor) and not is_static(operand):
            trace.refuse(
                "JC404",
                f"`{SYMBOLS.get(name, name)}` is not defined for {describe(operand)}",
                fix=fixes.NUMBERS,
            )
    tensors = tuple(tensor_of(trace, name, operand) for operand in operands)
    shape = broadcast(trace, name, [tensor.shape for tensor in tensors])
    check_size(trace, shape)
    try:
        if name in COMPARISONS:
            return _compare(trace, name, tensors, library)
        return _run(trace, name, tensors, library)
    except PathDependentKindError:
        choices = tuple(map(_by_kind, tensors))
        return distribute(trace, lambda *xs: ufunc(trace, name, *xs, library=library), *choices)


def _by_kind(tensor: Tensor) -> Any:
    """Return a number as the Python number or the NumPy number that it is on each path."""
    if isinstance(tensor.python, bool):
        return tensor
    options = []
    for bit, python in ((tensor.python, True), (negate(tensor.python), False)):
        option = Tensor(tensor.value, tensor.dtype, python, tensor.bounds)
        option.mixed = tensor.mixed
        options.append((bit, option))
    return Choice(options)


def tensor_of(trace: Trace, name: str, operand: Any) -> Tensor:
    """Return an operand as a Tensor, or refuse what has no arithmetic."""
    value = unwrap_static(operand) if not isinstance(operand, Tensor) else operand
    if value is None or isinstance(value, (str, np.dtype, type, slice)):
        trace.refuse(
            "JC404",
            f"`{SYMBOLS.get(name, name)}` is not defined for {describe(operand)}",
            fix=fixes.NUMBERS,
        )
    if isinstance(value, (list, tuple)):
        value = fold(trace, np.asarray, value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        trace.refuse(
            "JC506", "an integer constant is outside the 64-bit range", fix=fixes.FLOAT_CONSTANT
        )
    return as_tensor(value)


def fold(trace: Trace, function: Callable[..., Any], *operands: Any, **keywords: Any) -> Any:
    """Compute with known values as NumPy does; what NumPy raises is a diagnostic.

    Args:
        trace: the present tracing.
        function: a NumPy function.
        *operands: known values.
        **keywords: known values.
    """
    values = [unwrap_static(operand) for operand in operands]
    try:
        shapes = [np.shape(value) for value in values if not isinstance(value, (str, type))]
        check_size(trace, np.broadcast_shapes(*shapes))
    except ValueError:
        pass  # NumPy says it better below, or the function does not broadcast
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            named = {k: unwrap_static(v) for k, v in keywords.items()}
            return counted(trace, function(*values, **named))
    except (AttributeError, ArithmeticError, IndexError, TypeError, ValueError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        shapes_differ = any(word in first for word in ("shape", "broadcast", "dimension", "axis "))
        shapes_differ = shapes_differ and isinstance(error, (ValueError, IndexError))
        trace.refuse(
            "JC405" if shapes_differ and "out of bounds" not in first else "JC404",
            f"NumPy raises {type(error).__name__}: {first}",
            fix=fixes.for_error(error),
        )


def check_size(trace: Trace, shape: tuple[int, ...]) -> None:
    """Refuse an array of more elements than the limits allow."""
    if not all(isinstance(n, (int, np.integer)) for n in shape):
        return  # NumPy itself says what is wrong with it
    size = int(np.prod([int(n) for n in shape], dtype=object)) if shape else 1
    if size > trace.limits.array_elements:
        trace.refuse(
            "JC507",
            f"an array of {size} elements is over the limit {trace.limits.array_elements}",
            fix=fixes.SMALLER,
        )
    if len(shape) > _AXES:
        trace.refuse(
            "JC507", f"an array of {len(shape)} axes is over the limit {_AXES}", fix=fixes.SMALLER
        )


def counted(trace: Trace, made: Any) -> Any:
    """Return what was made before run time, unless all of it takes more memory than the limits."""
    for array in made if isinstance(made, (tuple, list)) else (made,):
        if isinstance(array, np.ndarray) and array.base is None:
            trace.known_bytes += array.nbytes
    most = _TOTAL * trace.limits.array_elements
    if trace.known_bytes > most:
        trace.refuse(
            "JC507",
            f"the arrays that are known before run time have more than {most:,} bytes together",
            fix=fixes.SMALLER,
        )
    return made


_AXES = 16
_TOTAL = 32  # bytes for each element of the largest array


def broadcast(trace: Trace, name: str, shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the common shape, or refuse the program in the words of NumPy's rule."""
    try:
        return np.broadcast_shapes(*shapes)
    except (ValueError, RuntimeError):
        words = " and ".join(str(shape) for shape in shapes)
        trace.refuse(
            "JC405",
            f"`{SYMBOLS.get(name, name)}` of arrays of shapes {words}, which do not broadcast: "
            "NumPy raises ValueError",
            fix=fixes.SHAPES,
        )


def _run(trace: Trace, name: str, tensors: tuple[Tensor, ...], library: bool) -> Tensor:
    *loops, result = loop_dtypes(trace, name, tensors)
    python = False if library else all_of([tensor.python for tensor in tensors])
    for tensor, loop in zip(tensors, loops, strict=True):
        check_fits(trace, tensor, loop)
    raise_as_python(trace, name, tensors, result, python)
    exact = _exact_bounds(name, tensors, loops)
    bounds = exact if inside(exact, dtype_bounds(result)) else None
    if exact is not None and bounds is None and python is not False and result == INT:
        check_range(trace, name, tensors, python)
    computing = _computing_dtype(name, tensors, loops[0], result, bounds)
    values = [
        converted(tensor.value, computing if computing is not None else loop)
        for tensor, loop in zip(tensors, loops, strict=True)
    ]
    implementation = IMPLEMENTATIONS.get(name) or getattr(jnp, name)
    if name == "multiply" and result.kind == "f" and any(t.dtype == BOOL for t in tensors):
        # XLA would make a choice of it, in which nan times False is 0.
        chosen = 0 if tensors[0].dtype == BOOL else 1
        factor = values[1 - chosen]
        value = jnp.where(tensors[chosen].value, factor, factor * 0)
        return Tensor(value, result, python, bounds)
    made = Tensor(implementation(*values), result, python, bounds)
    if bounds is not None and made.ndim == 0 and name in _AFFINE:
        made.affine = _affine(trace, name, tensors, made)
    if any(tensor.mixed is not None for tensor in tensors) and result == FLOAT:
        made.mixed = mixed_result(name, tensors)
    return made


_AFFINE = ("add", "subtract", "multiply")


def affine_of(number: Tensor) -> tuple[Tensor, int, int]:
    """Return (base, factor, offset): the whole number is base * factor + offset, exactly."""
    return number.affine or (number, 1, 0)


def _affine(
    trace: Trace, name: str, operands: tuple[Tensor, ...], made: Tensor
) -> tuple[Tensor, int, int] | None:
    """Return how a sum, difference or product with a constant depends on one number."""
    known = [t.bounds[0] if t.bounds and t.bounds[0] == t.bounds[1] else None for t in operands]
    if known[0] is None and known[1] is None and name != "multiply":
        return _of_equal_sum(trace, name, operands, made)
    if (known[0] is None) == (known[1] is None):
        return None
    place = 1 if known[0] is not None else 0
    constant = known[1 - place] or 0
    base, factor, offset = affine_of(operands[place])
    if name == "multiply":
        return (base, factor * constant, offset * constant)
    if name == "add":
        return (base, factor, offset + constant)
    return (base, factor, offset - constant) if place == 0 else (base, -factor, constant - offset)


def _of_equal_sum(
    trace: Trace, name: str, operands: tuple[Tensor, ...], made: Tensor
) -> tuple[Tensor, int, int] | None:
    """Return how a sum depends on the one of the same numbers that was made before, if any."""
    (a, first, start), (b, second, end) = map(affine_of, operands)
    if name == "subtract":
        second, end = -second, -end
    if a is b:
        return (a, first + second, start + end)
    key = (*sorted([(id(a), first), (id(b), second)]), level())
    before, offset, *_ = trace.sums.setdefault(key, (made, start + end, a, b))
    return None if before is made else (before, 1, start + end - offset)


def _exact_bounds(name: str, tensors: tuple[Tensor, ...], loops: list[np.dtype]) -> Bounds:
    if any(loop.kind not in "iu" for loop in loops):
        return None
    return interval(name, tuple(tensor.bounds for tensor in tensors))


def _computing_dtype(
    name: str, tensors: tuple[Tensor, ...], loop: np.dtype, result: np.dtype, bounds: Bounds
) -> np.dtype | None:
    """Return the narrowest dtype that carries operands and result exactly, None for the loop's."""
    if bounds is None or result.kind not in "iu" or result.itemsize < 8 or loop != result:
        return None
    known = [bounds, *(tensor.bounds for tensor in tensors if tensor.bounds is not None)]
    joined = (min(low for low, _ in known), max(high for _, high in known))
    computing = storage_dtype(INT, joined, max(tensor.ndim for tensor in tensors))
    return computing if computing != INT else None


def _compare(trace: Trace, name: str, tensors: tuple[Tensor, ...], library: bool) -> Tensor:
    a, b = tensors
    if all(tensor.dtype.kind in "biu" for tensor in tensors):
        common = _integer_common(trace, a, b)
    else:
        common = loop_dtypes(trace, name, tensors)[0]
    value = compared(name, converted(a.value, common), converted(b.value, common))
    if trace.near is not None and common.kind == "f":
        x, y = a.value.astype(common), b.value.astype(common)
        relative = NEAR if common == FLOAT else NEAR_SINGLE
        slack = relative * jnp.maximum(jnp.abs(x), jnp.abs(y))
        for error in (error_of(tensor) for tensor in tensors):
            slack = slack if error is None else slack + error
        trace.doubt(jnp.abs(x - y) <= slack)
    return Tensor(value, BOOL, False if library else both(a.python, b.python))


def _integer_common(trace: Trace, a: Tensor, b: Tensor) -> np.dtype:
    """Return the smallest dtype that holds both operands: NumPy 2 compares integers exactly."""
    if a.dtype == b.dtype == BOOL:
        return BOOL
    lows, highs = zip(*(tensor.bounds or (0, 0) for tensor in (a, b)), strict=True)
    bounds = (min(lows), max(highs))
    stored = {tensor.value.dtype for tensor in (a, b) if tensor.ndim}
    wide = [np.dtype(kind) for kind in (np.int32, np.int64, np.uint64)]
    for dtype in (*sorted(stored, key=lambda d: d.itemsize), *wide):
        if dtype.kind != "b" and inside(bounds, dtype_bounds(dtype)):
            return dtype
    trace.refuse(
        "JC312",
        "comparing uint64 with signed integers is not supported yet",
        fix="convert it: x.astype(np.int64)",
    )
