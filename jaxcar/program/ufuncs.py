"""Elementwise operations with NumPy's own dtypes.

NumPy is asked which loop it would run (`ufunc.resolve_dtypes`, NEP 50), so its promotion rules are
not written a second time. The operands are cast to that loop's dtypes and the operation runs there,
or in 32 bits where the bounds prove that nothing changes.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.choices import distribute
from jaxcar.program.elementwise import IMPLEMENTATIONS
from jaxcar.program.faults import Fault
from jaxcar.program.intervals import inside, interval
from jaxcar.program.number_faults import check_fits, check_range, raise_as_python
from jaxcar.program.predicate import Bit, both, either, level, literal, negate
from jaxcar.program.trace import NEAR, NEAR_SINGLE, Trace
from jaxcar.program.values import (
    BOOL,
    FLOAT,
    INT,
    Bounds,
    Choice,
    Selected,
    Tensor,
    Window,
    as_tensor,
    dtype_bounds,
    dtypes_of,
    is_static,
    storage_dtype,
    unwrap_static,
)
from jaxcar.program.wording import describe

COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


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
    if all(is_static(operand) for operand in operands):
        return fold(trace, getattr(np, name), *operands)
    if any(isinstance(operand, Choice) for operand in operands):
        return distribute(
            trace, lambda *xs: ufunc(trace, name, *xs, library=library), *operands
        )
    if any(isinstance(operand, Window) for operand in operands):
        return on_window(
            trace, name, operands, lambda *xs: ufunc(trace, name, *xs, library=library)
        )
    if any(isinstance(operand, Selected) for operand in operands):
        return _on_selection(trace, name, operands, library)
    for operand in operands:
        if not isinstance(operand, Tensor) and not is_static(operand):
            trace.refuse("JC404", f"`{name}` is not defined for {describe(operand)}")
    tensors = tuple(_tensor_of(trace, name, operand) for operand in operands)
    shape = broadcast(trace, name, [tensor.shape for tensor in tensors])
    check_size(trace, shape)
    try:
        if name in COMPARISONS:
            return _compare(trace, name, tensors, library)
        return _run(trace, name, tensors, library)
    except PathDependentKindError:
        choices = tuple(map(_by_kind, tensors))
        return distribute(trace, lambda *xs: ufunc(trace, name, *xs, library=library), *choices)


class PathDependentKindError(Exception):
    """Whether an operand is Python's or NumPy's number depends on the path, and the result too."""


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


def _tensor_of(trace: Trace, name: str, operand: Any) -> Tensor:
    value = unwrap_static(operand) if not isinstance(operand, Tensor) else operand
    if value is None or isinstance(value, (str, np.dtype, type, slice)):
        trace.refuse("JC404", f"`{name}` is not defined for {describe(operand)}")
    if isinstance(value, (list, tuple)):
        value = fold(trace, np.asarray, value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        trace.refuse("JC506", "an integer constant is outside the 64-bit range")
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
        with np.errstate(all="ignore"):
            return function(*values, **{k: unwrap_static(v) for k, v in keywords.items()})
    except (TypeError, ValueError, OverflowError, IndexError, ZeroDivisionError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        trace.refuse("JC404", f"NumPy refuses this: {first}")


def check_size(trace: Trace, shape: tuple[int, ...]) -> None:
    """Refuse an array of more elements than the limits allow."""
    size = int(np.prod([int(n) for n in shape], dtype=object)) if shape else 1
    if size > trace.limits.array_elements:
        trace.refuse(
            "JC507", f"an array of {size} elements is over the limit {trace.limits.array_elements}"
        )


def broadcast(trace: Trace, name: str, shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the common shape, or refuse the program in the words of NumPy's rule."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        words = " and ".join(str(shape) for shape in shapes)
        trace.refuse("JC405", f"`{name}` cannot broadcast arrays of shapes {words}")


def _on_selection(trace: Trace, name: str, operands: tuple[Any, ...], library: bool) -> Selected:
    chosen = [operand for operand in operands if isinstance(operand, Selected)]
    if any(other.mask is not chosen[0].mask for other in chosen):
        operands = _aligned(trace, name, operands)
        chosen = [operand for operand in operands if isinstance(operand, Selected)]
    for operand in operands:
        if not isinstance(operand, Selected) and np.ndim(getattr(operand, "value", operand)) > (
            chosen[0].values.ndim - 1
        ):
            trace.refuse("JC405", f"`{name}` of an array of run-time length and a longer array")
    inner = (o.values if isinstance(o, Selected) else o for o in operands)
    values = ufunc(trace, name, *inner, library=library)
    return Selected(values, chosen[0].mask, chosen[0].size_bounds, chosen[0].packed)


def _aligned(trace: Trace, name: str, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return packed arrays with one mask: their lengths must agree at run time."""
    chosen = [operand for operand in operands if isinstance(operand, Selected)]
    if not all(other.packed for other in chosen):
        trace.refuse(
            "JC312",
            f"`{name}` of arrays of run-time length that come from different masks "
            "is not supported yet",
            fix="combine the masks first, then select once",
        )
    size = min(other.mask.shape[0] for other in chosen)
    counts = [other.count().value for other in chosen]
    for other in counts[1:]:
        differ = counts[0] != other
        # NumPy repeats an array of one element.
        single = differ & ((counts[0] == 1) | (other == 1))
        trace.raise_where(Fault.CAPACITY_LIMIT, single)
        trace.raise_where(Fault.VALUE, differ & ~single)
    mask = chosen[0].mask[:size]
    high = min(other.size_bounds[1] for other in chosen)

    def cut(x: Selected) -> Selected:
        rows = Tensor(x.values.value[:size], x.values.dtype, False, x.values.bounds)
        return Selected(rows, mask, (0, high), packed=True)

    return tuple(cut(x) if isinstance(x, Selected) else x for x in operands)


def on_window(
    trace: Trace, name: str, operands: tuple[Any, ...], function: Callable[..., Any]
) -> Window:
    """Apply an elementwise function to parts between the same run-time bounds, and to numbers."""
    parts = [operand for operand in operands if isinstance(operand, Window)]
    first = parts[0]
    for other in parts[1:]:
        pairs = zip(other.masks, first.masks, strict=False)
        if len(other.masks) != len(first.masks) or any(a is not b for a, b in pairs):
            trace.refuse(
                "JC312",
                f"`{name}` of parts between different run-time bounds is not supported yet",
                fix="give the bounds names, and slice every array with the same names",
            )
    for operand in operands:
        if isinstance(operand, (Window, Selected)):
            if isinstance(operand, Selected):
                trace.refuse("JC312", f"`{name}` of such arrays is not supported yet")
            continue
        shape = np.shape(getattr(operand, "value", operand))
        for axis, size in enumerate(reversed(shape), start=1):
            if axis > len(first.masks) or (first.masks[-axis] is not None and size != 1):
                trace.refuse(
                    "JC312",
                    f"`{name}` of a part between run-time bounds and an array is not supported yet",
                    fix="slice the other array with the same bounds",
                )
    made = function(*(o.values if isinstance(o, Window) else o for o in operands))
    counts = tuple(
        count if mask is not None else size
        for count, mask, size in zip(first.counts, first.masks, made.shape, strict=True)
    )
    return Window(made, first.masks, counts, first.starts)


def loop_dtypes(trace: Trace, name: str, tensors: tuple[Tensor, ...]) -> tuple[np.dtype, ...]:
    """Return the dtypes of the loop that NumPy would run: one per operand, then the result's."""
    found: dict[Any, bool] = {}
    for hypothesis in itertools.product(*map(_kinds, tensors)):
        loops = _resolve(name, tuple(kind for kind, _ in hypothesis))
        found[loops] = found.get(loops, True) and all(python for _, python in hypothesis)
    if None in found:
        words = " and ".join(describe(tensor) for tensor in tensors)
        trace.refuse("JC404", f"NumPy's `{name}` is not defined for {words}")
    if len(found) > 1 and not _keeps_value(name, found):
        if any(not isinstance(tensor.python, bool) for tensor in tensors):
            raise PathDependentKindError
        trace.refuse(
            "JC401",
            f"whether an operand of `{name}` is a Python or a NumPy number, an int or a float, "
            "depends on the path, and the result with it",
            fix="make it one kind on every path, e.g. int(...) or float(...)",
        )
    # The widest loop holds the values of all the others.
    return max(sorted(found, key=str), key=lambda loops: sum(kind == FLOAT for kind in loops))


def _kinds(tensor: Tensor) -> list[tuple[Any, bool]]:
    """Return what an operand can be on the paths that lead here, with whether it is Python's."""
    options = (tensor.python,) if isinstance(tensor.python, bool) else (True, False)
    return [
        ({"b": bool, "i": int, "f": float}[dtype.kind] if python else dtype, python)
        for dtype in sorted(dtypes_of(tensor), key=str)
        for python in options
    ]


_EXACT = ("add", "subtract", "multiply", "negative", "positive", "absolute", "square")
_CHOOSING = ("maximum", "minimum", "floor", "ceil", "trunc", "rint", *COMPARISONS)


def _keeps_value(name: str, found: dict[Any, bool]) -> bool:
    """Tell whether an operation on ints and on the equal floats gives equal numbers."""
    plain = all(set(loops) <= {INT, FLOAT, BOOL} for loops in found)
    if name in _EXACT or name in _CHOOSING:
        return plain and all(BOOL not in loops[:-1] for loops in found)
    return plain and name in ("floor_divide", "remainder") and all(found.values())


_ON_BOOLS = (
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", *COMPARISONS),
)


@functools.lru_cache(maxsize=4096)
def _resolve(name: str, kinds: tuple[Any, ...]) -> tuple[np.dtype, ...] | None:
    operation = getattr(np, name)
    if all(isinstance(kind, type) for kind in kinds):
        python = {bool: BOOL, int: INT, float: FLOAT}
        kinds = tuple(python[kind] for kind in kinds)
        # Python's `&`, `|` and `^` of two bools give a bool; its arithmetic takes them as ints.
        if name not in _ON_BOOLS or any(kind != BOOL for kind in kinds):
            kinds = tuple(INT if kind == BOOL else kind for kind in kinds)
    # A Python bool is not weak as int and float are: it joins as NumPy's bool.
    given = tuple(BOOL if kind is bool else kind for kind in kinds)
    try:
        return operation.resolve_dtypes((*given, None))
    except TypeError:
        return None


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
        tensor.value.astype(computing if computing is not None else loop)
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
    if any(tensor.mixed is not None for tensor in tensors) and result == FLOAT:
        made.mixed = _mixed_result(name, tensors)
    return made


def _mixed_result(name: str, tensors: tuple[Tensor, ...]) -> frozenset[np.dtype] | None:
    options = itertools.product(*map(_kinds, tensors))
    loops = [_resolve(name, tuple(kind for kind, _ in option)) for option in options]
    results = frozenset(loop[-1] for loop in loops if loop is not None)
    return results if len(results) > 1 else None


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
    value = getattr(jnp, name)(a.value.astype(common), b.value.astype(common))
    if trace.near is not None and common.kind == "f":
        x, y = a.value.astype(common), b.value.astype(common)
        slack = NEAR if common == FLOAT else NEAR_SINGLE
        trace.doubt(jnp.abs(x - y) <= slack * jnp.maximum(jnp.abs(x), jnp.abs(y)))
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
    trace.refuse("JC404", "comparing uint64 with signed integers is not supported")


def from_bit(bit: Bit) -> Any:
    """Return a predicate as a Python bool of the program."""
    if isinstance(bit, bool):
        return bit
    tensor = Tensor(bit.value, BOOL, True)
    tensor.bit = bit
    return tensor


def truth(trace: Trace, value: Any) -> Bit:
    """Return the truth of a number or array; an array of several elements has none."""
    if not isinstance(value, Tensor):
        if np.size(value) != 1:
            _refuse_truth(trace, value)
        return bool(value)
    if value.value.size != 1:
        _refuse_truth(trace, value)
    if value.bit is None:
        scalar = value.value.reshape(())
        bit = literal(scalar if value.dtype == BOOL else scalar != 0)
        if value.ndim or value.level != level():
            return bit  # it may be written in place, or was made outside the loop that asks
        value.bit = bit
    return value.bit


def _refuse_truth(trace: Trace, value: Any) -> None:
    trace.refuse(
        "JC404",
        f"the truth of {describe(value)} is ambiguous: NumPy raises ValueError",
        fix="say np.any(...) or np.all(...)",
    )


def where(trace: Trace, condition: Any, a: Any, b: Any) -> Any:
    """Choose elementwise, with the dtype that `np.where(condition, a, b)` gives."""
    if all(is_static(operand) for operand in (condition, a, b)):
        return fold(trace, np.where, condition, a, b)
    operands = (condition, a, b)
    if any(isinstance(operand, Choice) for operand in operands):
        return distribute(trace, lambda *xs: where(trace, *xs), *operands)
    if any(isinstance(operand, Window) for operand in operands):
        return on_window(trace, "np.where", operands, lambda *xs: where(trace, *xs))
    if any(isinstance(operand, Selected) for operand in operands):
        return _where_selected(trace, *operands)
    tensors = tuple(_tensor_of(trace, "where", operand) for operand in (condition, a, b))
    broadcast(trace, "where", [tensor.shape for tensor in tensors])
    chosen, left, right = tensors
    dtype = _where_dtype(trace, left, right)
    for side in (left, right):
        check_fits(trace, side, dtype)
    bounds = None
    if left.bounds is not None and right.bounds is not None and dtype.kind in "iu":
        bounds = (min(left.bounds[0], right.bounds[0]), max(left.bounds[1], right.bounds[1]))
    mask = chosen.value if chosen.dtype == BOOL else chosen.value != 0
    store = storage_dtype(dtype, bounds)
    value = jnp.where(mask, left.value.astype(store), right.value.astype(store))
    return Tensor(value, dtype, False, bounds)


def _where_selected(trace: Trace, *operands: Any) -> Selected:
    chosen = [operand for operand in operands if isinstance(operand, Selected)]
    if any(other.mask is not chosen[0].mask for other in chosen):
        trace.refuse(
            "JC312", "np.where of arrays of run-time length from different masks is not supported"
        )
    plain = [np.ndim(getattr(o, "value", o)) for o in operands if not isinstance(o, Selected)]
    if any(ndim >= chosen[0].values.ndim for ndim in plain):
        trace.refuse("JC405", "np.where of an array of run-time length and a longer array")
    values = where(trace, *(o.values if isinstance(o, Selected) else o for o in operands))
    return Selected(values, chosen[0].mask, chosen[0].size_bounds)


def _where_dtype(trace: Trace, left: Tensor, right: Tensor) -> np.dtype:
    if left.python is True and right.python is True:
        return np.result_type(left.dtype, right.dtype)
    name = "logical_and" if left.dtype == right.dtype == BOOL else "maximum"
    return loop_dtypes(trace, name, (left, right))[-1]


def any_of(bits: list[Bit]) -> Bit:
    """Return whether any of the bits holds."""
    result: Bit = False
    for bit in bits:
        result = either(result, bit)
    return result


def all_of(bits: list[Bit]) -> Bit:
    """Return whether all of the bits hold."""
    result: Bit = True
    for bit in bits:
        result = both(result, bit)
    return result
