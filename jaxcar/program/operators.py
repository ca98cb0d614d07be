"""Python's operators on the values of a program: arithmetic, comparison, membership, truth."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from jaxcar.program.faults import Fault
from jaxcar.program.merge import optional_parts
from jaxcar.program.predicate import Bit, both, literal, negate
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import all_of, any_of, broadcast, check_size, from_bit, truth, ufunc
from jaxcar.program.values import (
    BOOL,
    FLOAT,
    INERT,
    INT,
    DictValue,
    DictView,
    Inert,
    LazyItems,
    ListValue,
    Optional,
    RangeValue,
    Selected,
    Tensor,
    Text,
    as_tensor,
    describe,
    is_numeric,
    is_static,
    is_static_number,
    unwrap_static,
)

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "true_divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder",
    ast.Pow: "power",
    ast.BitAnd: "bitwise_and",
    ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor",
    ast.LShift: "left_shift",
    ast.RShift: "right_shift",
}
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
_PYTHON: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "true_divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "left_shift": operator.lshift,
    "right_shift": operator.rshift,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_TEXT = (str, Text, Inert)


def binary(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Apply a binary operator, named by its NumPy ufunc, to two values."""
    a, b = trace.present(a), trace.present(b)
    if isinstance(a, LazyItems) or isinstance(b, LazyItems):
        trace.refuse("JC404", f"`{name}` is not defined for {describe(a)} and {describe(b)}")
    if isinstance(a, _TEXT) or isinstance(b, _TEXT):
        return _on_text(trace, name, a, b)
    if isinstance(a, (tuple, ListValue)) or isinstance(b, (tuple, ListValue)):
        return _on_sequences(trace, name, a, b)
    if is_static(a) and is_static(b):
        return _fold(trace, name, a, b)
    if name == "power":
        return _power(trace, a, b)
    return ufunc(trace, name, a, b)


def _fold(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compute two known values by Python itself, within bounds."""
    a, b = unwrap_static(a), unwrap_static(b)
    if is_static_number(a) and is_static_number(b):
        _check_growth(trace, name, a, b)
    elif isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        check_size(trace, broadcast(trace, name, [np.shape(a), np.shape(b)]))
    try:
        with np.errstate(all="ignore"):
            return _PYTHON[name](a, b)
    except ZeroDivisionError:
        trace.raise_where(Fault.ZERO_DIVISION, True)
        return 0.0 if name == "true_divide" else a
    except (TypeError, ValueError, OverflowError) as error:
        trace.refuse("JC404", f"Python refuses this: {str(error).splitlines()[0]}")


def _check_growth(trace: Trace, name: str, a: Any, b: Any) -> None:
    limit = trace.limits.int_bits
    if name == "power" and isinstance(a, int) and isinstance(b, int):
        size = a.bit_length() * max(b, 0)
    elif name == "left_shift" and isinstance(a, int) and isinstance(b, int):
        size = a.bit_length() + max(b, 0)
    elif name == "multiply" and isinstance(a, int) and isinstance(b, int):
        size = a.bit_length() + b.bit_length()
    else:
        return
    if size > limit:
        trace.refuse("JC506", f"a constant would have about {size} bits, over the limit {limit}")


def _on_text(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if name == "add" and isinstance(a, _TEXT) and isinstance(b, _TEXT):
        if isinstance(a, str) and isinstance(b, str):
            return a + b if len(a) + len(b) <= trace.limits.source_bytes else INERT
        return INERT
    if name == "remainder" and isinstance(a, _TEXT):
        return _percent(trace, a, b)
    if name == "multiply" and isinstance(a, str) and isinstance(b, int) and len(a) * b <= 1000:
        return a * b
    trace.refuse("JC404", f"`{name}` is not defined for {describe(a)} and {describe(b)}")


def _percent(trace: Trace, pattern: Any, values: Any) -> Any:
    """Return `"...%d" % values`; Python says whether the pattern fits values of these kinds."""
    samples = tuple(map(_sample, values)) if isinstance(values, tuple) else _sample(values)
    try:
        if not isinstance(pattern, str) or len(pattern) > 1000 or "*" in pattern:
            raise ValueError("the pattern is not a short constant")
        if any(len(digits) > 3 for digits in re.findall(r"\d+", pattern)):
            raise ValueError("the pattern is too wide")
        pattern % samples
    except (TypeError, ValueError) as error:
        trace.refuse("JC404", f"`%` formatting: {error}", fix="write an f-string")
    return INERT


def _sample(value: Any) -> Any:
    """Return a value of the same kind, to try a format with."""
    if isinstance(value, Tensor) and value.ndim == 0 and value.mixed is None:
        return value.dtype.type(1).item() if value.python is not False else value.dtype.type(1)
    if isinstance(value, (Text, Inert)):
        return "text"
    if is_static(value) and not isinstance(value, np.ndarray):
        return unwrap_static(value)
    raise ValueError(f"{describe(value)} may not fit")


def _on_sequences(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if name == "add" and isinstance(a, tuple) and isinstance(b, tuple):
        return trace.bounded(a + b)
    if name == "add" and isinstance(a, ListValue) and isinstance(b, ListValue):
        return trace.bounded(ListValue(a.items + b.items, trace.path))
    if name == "multiply" and isinstance(b, (tuple, ListValue)):
        a, b = b, a
    if name == "multiply" and _is_python_int(b) and isinstance(a, (tuple, ListValue)):
        items = a.items if isinstance(a, ListValue) else a
        if len(items) * b > trace.limits.list_capacity:
            trace.refuse(
                "JC505",
                f"a list of {len(items) * b} items is over the limit {trace.limits.list_capacity}",
            )
        if isinstance(a, ListValue):
            return trace.bounded(ListValue(list(items) * b, trace.path))
        return trace.bounded(tuple(items) * b)
    number = next((x for x in (a, b) if is_numeric(x) and not _is_array(x)), None)
    if name == "multiply" and number is not None and as_tensor(number).dtype.kind in "biu":
        trace.refuse(
            "JC406",
            "how often a sequence is repeated must be a Python int known before run time",
            fix="make an array of it first: np.array(values) * n",
        )
    if _is_array(a) or _is_array(b) or (number is not None and _is_numpy(number)):
        return binary(trace, name, _stacked(trace, a), _stacked(trace, b))
    trace.refuse("JC404", f"`{name}` is not defined for {describe(a)} and {describe(b)}")


def _is_python_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, np.generic)


def _stacked(trace: Trace, value: Any) -> Any:
    return stack(trace, value) if isinstance(value, (tuple, ListValue)) else value


def stack(trace: Trace, value: Any, dtype: np.dtype | None = None) -> Any:
    """Return a (nested) sequence as the array that `np.array` makes of it."""
    if is_static(value):
        try:
            return np.array(unwrap_static(value), dtype)
        except (ValueError, TypeError, OverflowError) as error:
            trace.refuse("JC404", f"NumPy refuses this: {str(error).splitlines()[0]}")
    if isinstance(value, Optional):
        value = trace.present(value)
    if not isinstance(value, (tuple, ListValue)):
        if not is_numeric(value):
            trace.refuse("JC404", f"an array cannot be made of {describe(value)}")
        return value if dtype is None else cast(trace, value, dtype)
    items = value.items if isinstance(value, ListValue) else value
    parts = [as_tensor(stack(trace, item, dtype)) for item in items]
    if len({part.shape for part in parts}) > 1:
        trace.refuse("JC405", "an array cannot be made of rows of different lengths")
    check_size(trace, (len(parts), *parts[0].shape))
    common = dtype or np.result_type(*(part.dtype for part in parts))
    bounds = None
    if all(part.bounds is not None for part in parts):
        lows, highs = zip(*(part.bounds for part in parts if part.bounds), strict=True)
        bounds = (min(lows), max(highs))
    widened = [Tensor(part.value, common, False, bounds).value for part in parts]
    return Tensor(jnp.stack(widened), common, False, bounds)


def cast(trace: Trace, value: Any, dtype: np.dtype) -> Any:
    """Convert as `astype` does: floats truncate, integers wrap; out of range is a limit fault."""
    if not isinstance(value, Tensor):
        with np.errstate(all="ignore"):
            return np.asarray(value).astype(dtype)[()]
    if value.dtype.kind == "f" and dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = float(info.min), float(info.max)
        # NumPy leaves the conversion of such values to the C compiler: no answer is right.
        fits = (value.value > low - 1) & (value.value < high + 1)
        trace.raise_where(Fault.INTEGER_LIMIT, ~jnp.all(fits))
        held = jnp.where(fits, jnp.trunc(value.value), jnp.zeros_like(value.value))
        return Tensor(held.astype(dtype), dtype)
    if dtype.kind == "b":
        return Tensor(value.value != 0, BOOL)
    return Tensor(value.value.astype(_through(value, dtype)), dtype, False, _kept(value, dtype))


def _kept(value: Tensor, dtype: np.dtype) -> Any:
    if value.bounds is None or dtype.kind not in "iu":
        return None
    info = np.iinfo(dtype)
    inside = info.min <= value.bounds[0] and value.bounds[1] <= info.max
    return value.bounds if inside else None


def _through(value: Tensor, dtype: np.dtype) -> np.dtype:
    return dtype if _kept(value, dtype) is None else value.value.dtype


def _power(trace: Trace, a: Any, b: Any) -> Any:
    """Python's and NumPy's `**`; a small known integer exponent is repeated multiplication."""
    if _is_python_int(b) and is_numeric(_values(a)):
        base = as_tensor(_values(a))
        integral = base.dtype.kind in "biu"
        if base.dtype == BOOL and base.python is not True:
            trace.refuse("JC404", "`**` of NumPy bools is not supported", fix="use .astype(int)")
        if integral and 2 <= b <= 64:
            result = binary(trace, "power", a, b // 2)
            result = binary(trace, "multiply", result, result)
            return binary(trace, "multiply", result, a) if b % 2 else result
        if integral and 0 <= b < 2:
            return (
                binary(trace, "multiply", a, 1) if b else binary(trace, "add", 1, _zero(trace, a))
            )
        if b == 2:
            squared = binary(trace, "multiply", a, a)
            if isinstance(squared, Tensor) and squared.python is not False:
                grown = jnp.isinf(squared.value) & jnp.isfinite(base.value)
                trace.raise_where(Fault.OVERFLOW, both(squared.python, literal(grown)))
            return squared
    if all(as_tensor(_values(x)).dtype.kind in "biu" for x in (a, b) if is_numeric(_values(x))):
        trace.refuse(
            "JC404",
            "`**` of integers needs an exponent known before run time, from 0 to 64",
            fix="make the base a float: float(x) ** n",
        )
    return ufunc_power(trace, a, b, library=False)


def _zero(trace: Trace, a: Any) -> Any:
    return binary(trace, "multiply", a, 0)


def _values(value: Any) -> Any:
    return value.values if isinstance(value, Selected) else value


def ufunc_power(trace: Trace, a: Any, b: Any, *, library: bool) -> Any:
    """Return a float power; Python raises where NumPy gives nan or inf."""
    result = ufunc(trace, "power", a, b, library=library)
    if library or not isinstance(result, Tensor) or result.python is False:
        return result
    base = as_tensor(a).value.astype(FLOAT)
    exponent = as_tensor(b).value.astype(FLOAT)
    python = result.python
    zero = (base == 0) & (exponent < 0)
    whole = jnp.floor(exponent) == exponent
    finite = jnp.isfinite(base) & jnp.isfinite(exponent)
    trace.raise_where(Fault.ZERO_DIVISION, both(python, literal(zero)))
    trace.raise_where(Fault.COMPLEX_LIMIT, both(python, literal((base < 0) & ~whole & finite)))
    overflow = jnp.isinf(result.value) & finite & ~zero
    trace.raise_where(Fault.OVERFLOW, both(python, literal(overflow)))
    return result


def unary(trace: Trace, op: ast.unaryop, value: Any) -> Any:
    """Apply `not`, `-`, `+` or `~`."""
    if isinstance(op, ast.Not):
        return from_bit(negate(truth_of(trace, value)))
    value = trace.present(value)
    if is_static(value):
        try:
            with np.errstate(all="ignore"):
                return _UNARY[type(op)](unwrap_static(value))
        except TypeError as error:
            trace.refuse("JC404", f"Python refuses this: {str(error).splitlines()[0]}")
    name = {ast.USub: "negative", ast.UAdd: "positive", ast.Invert: "invert"}[type(op)]
    return ufunc(trace, name, value)


def compare(trace: Trace, op: ast.cmpop, a: Any, b: Any) -> Any:
    """Apply a comparison operator, `is` or `in`."""
    if isinstance(op, (ast.Is, ast.IsNot)):
        bit = identical(trace, a, b)
        return from_bit(bit if isinstance(op, ast.Is) else negate(bit))
    if isinstance(op, (ast.In, ast.NotIn)):
        bit = contains(trace, a, b)
        return from_bit(bit if isinstance(op, ast.In) else negate(bit))
    name = COMPARE[type(op)]
    equality = name in ("equal", "not_equal")
    a, b = trace.narrow(a), trace.narrow(b)
    if equality and (a is None or b is None or isinstance(a, Optional) or isinstance(b, Optional)):
        if any(_is_array(x) for x in (a, b, *(optional_parts(x)[0] for x in (a, b)))):
            trace.refuse(
                "JC404",
                "an array is compared with None, which NumPy does element by element",
                fix="write `is None` or `is not None`",
            )
        bit = equal(trace, a, b)
        return from_bit(bit if name == "equal" else negate(bit))
    a, b = trace.present(a), trace.present(b)
    if is_numeric(_values(a)) and is_numeric(_values(b)):
        return _compare_numbers(trace, name, a, b)
    if not equality:
        if is_static(a) and is_static(b):
            return _fold(trace, name, a, b)
        trace.refuse("JC404", f"`{name}` is not defined for {describe(a)} and {describe(b)}")
    if any(_is_array(x) or _is_numpy(x) for x in (a, b)):
        if any(not is_numeric(x) and not isinstance(x, (tuple, ListValue)) for x in (a, b)):
            trace.refuse("JC404", f"{describe(a)} is compared with {describe(b)}")
        return compare_arrays(trace, name, a, b)
    bit = equal(trace, a, b)
    return from_bit(bit if name == "equal" else negate(bit))


def _is_array(value: Any) -> bool:
    array = isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0
    return array or isinstance(value, Selected)


def _is_numpy(value: Any) -> bool:
    """Tell whether the value may be a NumPy scalar, whose operators see sequences as arrays."""
    traced_number = isinstance(value, Tensor) and value.python is not True
    return traced_number or isinstance(value, np.generic)


def compare_arrays(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compare an array with a sequence, elementwise, as NumPy does."""
    return _compare_numbers(trace, name, _stacked(trace, a), _stacked(trace, b))


def _compare_numbers(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if is_static(a) and is_static(b):
        return _fold(trace, name, a, b)
    return ufunc(trace, name, a, b)


def equal(trace: Trace, a: Any, b: Any) -> Bit:
    """Return whether Python's `a == b` is true, for values of any kind."""
    if isinstance(a, Optional) or isinstance(b, Optional) or a is None or b is None:
        value_a, some_a = optional_parts(a)
        value_b, some_b = optional_parts(b)
        neither = both(negate(some_a), negate(some_b))
        if value_a is None or value_b is None:
            return neither
        same = both(both(some_a, some_b), equal(trace, value_a, value_b))
        return any_of([neither, same])
    if isinstance(a, Inert) or isinstance(b, Inert):
        trace.refuse(
            "JC410",
            "text that is made from run-time values is compared",
            fix="compare the values themselves, or use one of a few constant strings",
        )
    if isinstance(a, (str, Text)) and isinstance(b, (str, Text)):
        return _equal_text(a, b)
    if isinstance(a, (tuple, ListValue)) and type(a) is type(b):
        left, right = (x.items if isinstance(x, ListValue) else x for x in (a, b))
        if len(left) != len(right):
            return False
        return all_of([_same(trace, x, y) for x, y in zip(left, right, strict=True)])
    if is_numeric(a) and is_numeric(b):
        return truth(trace, _compare_numbers(trace, "equal", a, b))
    if isinstance(a, (DictValue, DictView, Selected)) or isinstance(b, (DictView, Selected)):
        trace.refuse("JC312", f"comparing {describe(a)} with {describe(b)} is not supported yet")
    if _is_array(a) or _is_array(b):
        trace.refuse("JC404", f"{describe(a)} is compared with {describe(b)}")
    return a is b


def _same(trace: Trace, a: Any, b: Any) -> Bit:
    """Return whether two elements are one object or equal: how Python compares sequences."""
    return a is b or equal(trace, a, b)


def _equal_text(a: str | Text, b: str | Text) -> Bit:
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    if isinstance(a, str):
        a, b = b, a
    assert isinstance(a, Text)
    if isinstance(b, str):
        return literal(a.index == a.options.index(b)) if b in a.options else False
    pairs = [(i, b.options.index(o)) for i, o in enumerate(a.options) if o in b.options]
    return any_of([literal((a.index == i) & (b.index == j)) for i, j in pairs])


def identical(trace: Trace, a: Any, b: Any) -> Bit:
    """Return `a is b`: for None, and for bools, whose identity is their value."""
    a, b = trace.narrow(a), trace.narrow(b)
    if a is None or b is None:
        _, some = optional_parts(b if a is None else a)
        return negate(some)
    if isinstance(a, Optional) and not isinstance(b, Optional):
        return both(a.some, identical(trace, a.value, b))
    if isinstance(b, Optional) and not isinstance(a, Optional):
        return both(b.some, identical(trace, a, b.value))
    for known, other in ((a, b), (b, a)):
        if isinstance(known, bool):
            if isinstance(other, bool):
                return known is other
            if isinstance(other, Tensor) and other.mixed is not None:
                trace.refuse("JC401", "whether this is a bool depends on the path", fix="use `==`")
            if isinstance(other, Tensor) and other.dtype == BOOL and other.ndim == 0:
                bit = truth(trace, other)
                return both(other.python, bit if known else negate(bit))
            return False
    trace.refuse("JC404", f"`is` between {describe(a)} and {describe(b)}", fix="use `==`")


def contains(trace: Trace, item: Any, container: Any) -> Bit:
    """Return `item in container`."""
    container = trace.present(container)
    if isinstance(container, DictView) and container.form == "keys":
        container = container.owner
    if isinstance(container, DictValue):
        if isinstance(item, (ListValue, DictValue)) or _is_array(item):
            trace.refuse(
                "JC404", f"{describe(item)} cannot be a dict's key: Python raises TypeError"
            )
        bits = []
        for key, value in container.entries.items():
            present = getattr(value, "defined", True)
            bits.append(both(present, equal(trace, item, key)))
        return any_of(bits)
    if isinstance(container, RangeValue):
        pairs = zip(container.items, container.present, strict=True)
        return any_of([both(present, equal(trace, item, value)) for value, present in pairs])
    if isinstance(container, (tuple, ListValue)):
        items = container.items if isinstance(container, ListValue) else container
        return any_of([_same(trace, item, x) for x in items])
    if isinstance(container, str) and isinstance(item, str):
        return item in container
    if isinstance(container, (Tensor, np.ndarray)):
        matches = as_tensor(_compare_numbers(trace, "equal", container, item))
        return literal(jnp.any(matches.value))
    trace.refuse("JC404", f"`in` is not defined for {describe(container)}")


def truth_of(trace: Trace, value: Any) -> Bit:
    """Return the truth of any value, as `if` and `and` see it."""
    if value is None:
        return False
    if isinstance(value, Optional):
        with trace.under(value.some):
            return both(value.some, truth_of(trace, value.value))
    if isinstance(value, Selected):
        trace.refuse(
            "JC404",
            "the truth of an array of run-time length is ambiguous: NumPy raises ValueError",
            fix="say `.size > 0`, `len(...) > 0`, np.any(...) or np.all(...)",
        )
    if is_numeric(value):
        return truth(trace, value)
    if isinstance(value, Text):
        return any_of([literal(value.index == i) for i, o in enumerate(value.options) if o])
    if isinstance(value, Inert):
        trace.refuse("JC410", "the truth of text that is made from run-time values is used")
    if isinstance(value, RangeValue):
        return any_of(list(value.present))
    if isinstance(value, ListValue):
        return bool(value.items)
    if isinstance(value, (DictValue, DictView)):
        owner = value if isinstance(value, DictValue) else value.owner
        return any_of([getattr(entry, "defined", True) for entry in owner.entries.values()])
    if isinstance(value, (str, tuple)):
        return bool(value)
    return True


def to_integer(trace: Trace, value: Any) -> Any:
    """Return `int(value)`: floats truncate; nan and infinity raise, 64 bits are our limit."""
    value = trace.present(value)
    if not isinstance(value, Tensor):
        return _static_number(trace, int, value)
    scalar = value.value.reshape(()) if value.value.size == 1 else None
    if scalar is None:
        trace.refuse("JC404", f"int() of {describe(value)}")
    if value.dtype.kind != "f":
        bounds = value.bounds if value.dtype.kind in "iu" else (0, 1)
        return Tensor(scalar, INT, True, bounds)
    trace.raise_where(Fault.VALUE, jnp.isnan(scalar))
    trace.raise_where(Fault.OVERFLOW, jnp.isinf(scalar))
    trace.raise_where(Fault.INTEGER_LIMIT, jnp.isfinite(scalar) & (jnp.abs(scalar) >= 2.0**63))
    return Tensor(jnp.trunc(scalar).astype(INT), INT, True)


def to_float(trace: Trace, value: Any) -> Any:
    """Return `float(value)`."""
    value = trace.present(value)
    if not isinstance(value, Tensor):
        return _static_number(trace, float, value)
    if value.value.size != 1:
        trace.refuse("JC404", f"float() of {describe(value)}")
    return Tensor(value.value.reshape(()).astype(FLOAT), FLOAT, True)


def _static_number(trace: Trace, kind: Callable[[Any], Any], value: Any) -> Any:
    if not (is_numeric(value) and np.size(value) == 1):
        trace.refuse("JC408", f"{kind.__name__}() of {describe(value)}")
    if isinstance(value, np.ndarray):
        value = value.reshape(()).item()
    try:
        return kind(value)
    except ValueError:
        trace.raise_where(Fault.VALUE, True)
    except OverflowError:
        trace.raise_where(Fault.OVERFLOW, True)
    return kind(0)
