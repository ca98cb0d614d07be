"""Python's operators on the values of a program: arithmetic, comparison, membership, truth."""

from __future__ import annotations

import ast
import collections
import operator
from collections.abc import Callable
from typing import Any, NoReturn

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes, registry
from jaxcar.program.bits import from_bit
from jaxcar.program.casting import stack
from jaxcar.program.choices import distribute
from jaxcar.program.containers import DictValue, LazyItems, ListValue, Record
from jaxcar.program.definitions import Instance
from jaxcar.program.faults import Fault
from jaxcar.program.formatting import format_percent
from jaxcar.program.predicate import both, literal, negate
from jaxcar.program.special_methods import applied, operated, overloads
from jaxcar.program.tensors import BOOL, FLOAT, Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.ufuncs import broadcast, check_size, counted, ufunc
from jaxcar.program.values import (
    INERT,
    Choice,
    Inert,
    Text,
    is_numeric,
    is_static,
    is_static_number,
    unwrap_static,
)
from jaxcar.program.wording import SYMBOLS, describe, undefined

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
    ast.MatMult: "matmul",
}
_SET_METHODS = {
    "bitwise_and": "intersection",
    "bitwise_or": "union",
    "subtract": "difference",
    "bitwise_xor": "symmetric_difference",
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
_SPECIAL: dict[type[ast.unaryop], tuple[str, str]] = {
    ast.USub: ("__neg__", "-"),
    ast.UAdd: ("__pos__", "+"),
    ast.Invert: ("__invert__", "~"),
}
_TEXT = (str, Text, Inert)


def binary(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Apply a binary operator, named by its NumPy ufunc, to two values."""
    if overloads(a, b, records=True) and not (name == "remainder" and isinstance(a, _TEXT)):
        return operated(trace, name, a, b, _binary)
    return _binary(trace, name, a, b)


def _binary(trace: Trace, name: str, a: Any, b: Any) -> Any:
    a, b = trace.present(a), trace.present(b)
    if isinstance(a, Choice) or isinstance(b, Choice):
        return distribute(trace, lambda x, y: binary(trace, name, x, y), a, b)
    if isinstance(a, DictValue) and isinstance(b, DictValue):
        return _on_sets(trace, name, a, b)
    if name == "matmul":
        return registry.FUNCTIONS["numpy.matmul"](trace, a, b)
    if isinstance(a, LazyItems) or isinstance(b, LazyItems):
        trace.refuse(
            "JC404",
            undefined(name, a, b),
            fix=fixes.for_operands(name, a, b),
        )
    if isinstance(a, _TEXT) or isinstance(b, _TEXT):
        return _on_text(trace, name, a, b)
    if isinstance(a, (tuple, ListValue)) or isinstance(b, (tuple, ListValue)):
        return _on_sequences(trace, name, a, b)
    if is_static(a) and is_static(b):
        return fold_python(trace, name, a, b)
    if name == "power":
        return _power(trace, a, b)
    return ufunc(trace, name, a, b)


def fold_python(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compute two known values by Python itself, within bounds."""
    a, b = unwrap_static(a), unwrap_static(b)
    if any(isinstance(x, type) for x in (a, b)) and not all(isinstance(x, type) for x in (a, b)):
        _refuse_pair(trace, name, a, b)
    if is_static_number(a) and is_static_number(b):
        _check_growth(trace, name, a, b)
    elif isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        check_size(trace, broadcast(trace, name, [np.shape(a), np.shape(b)]))
    try:
        with np.errstate(all="ignore"):
            return counted(trace, _PYTHON[name](a, b))
    except ZeroDivisionError:
        trace.raise_where(Fault.ZERO_DIVISION, True)
        return 0.0 if name == "true_divide" else a
    except (TypeError, ValueError, OverflowError) as error:
        trace.refuse(
            "JC404",
            f"`{SYMBOLS[name]}` of {describe(a)} and {describe(b)}: Python raises "
            f"{type(error).__name__}: {str(error).splitlines()[0]}",
            fix=fixes.for_operands(name, a, b),
        )


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
        trace.refuse(
            "JC506",
            f"a constant would have about {size} bits, over the limit {limit}",
            fix=fixes.FLOAT_CONSTANT,
        )


def _on_text(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if name == "add" and isinstance(a, _TEXT) and isinstance(b, _TEXT):
        if isinstance(a, str) and isinstance(b, str):
            return a + b if len(a) + len(b) <= trace.limits.source_bytes else INERT
        return INERT
    if name == "remainder" and isinstance(a, _TEXT):
        return format_percent(trace, a, b)
    if name == "multiply" and isinstance(a, str) and isinstance(b, int) and len(a) * b <= 1000:
        return a * b
    if name == "multiply" and any(isinstance(x, (int, Tensor)) for x in (a, b)):
        fix = "write the text out, or leave it out: it is only printed"
        trace.refuse("JC312", "repeating text this often is not supported yet", fix=fix)
    _refuse_pair(trace, name, a, b)


def refuse_tuples(trace: Trace) -> NoReturn:
    """Refuse to join or repeat tuples of run-time length."""
    trace.refuse(
        "JC312",
        "joining tuples whose length depends on the frame is not supported yet",
        fix="make lists of them first: list(a) + list(b)",
    )


def _on_sequences(trace: Trace, name: str, a: Any, b: Any) -> Any:
    if name == "add" and isinstance(a, tuple) and isinstance(b, tuple):
        return trace.bounded(a + b)
    if name == "add" and isinstance(a, ListValue) and isinstance(b, ListValue):
        if a.form != b.form:
            _refuse_pair(trace, name, a, b)
        if a.form == "tuple":
            refuse_tuples(trace)
        if a.rows is not None or b.rows is not None or a.form != "list":
            return concatenated(trace, a, b)
        return trace.bounded(ListValue(a.items + b.items, trace.path))
    if any(isinstance(x, ListValue) and x.form == "tuple" for x in (a, b)):
        refuse_tuples(trace)
    if name == "multiply" and isinstance(b, (tuple, ListValue)):
        a, b = b, a
    if name == "multiply" and _is_python_int(b) and isinstance(a, (tuple, ListValue)):
        items = a.items if isinstance(a, ListValue) else a
        if len(items) * b > trace.limits.list_capacity:
            trace.refuse(
                "JC505",
                f"a list of {len(items) * b} items is over the limit {trace.limits.list_capacity}",
                fix="make an array: np.zeros(n)",
            )
        if isinstance(a, ListValue):
            repeated = list(items) * b
            if a.maxlen is not None:
                repeated = repeated[-a.maxlen :] if a.maxlen else []
            made = ListValue(repeated, trace.path, form=a.form, maxlen=a.maxlen)
            return trace.bounded(made)
        return trace.bounded(tuple(items) * b)
    number = next((x for x in (a, b) if is_numeric(x) and not is_array_like(x)), None)
    if name == "multiply" and number is not None and as_tensor(number).dtype.kind in "biu":
        trace.refuse(
            "JC406",
            "how often a sequence is repeated must be a Python int known before run time",
            fix="make an array of it first: np.array(values) * n",
        )
    # A NumPy number repeats a sequence, as a Python number does; otherwise it makes an array of it.
    joins = name != "multiply" and number is not None and is_numpy(number)
    if is_array_like(a) or is_array_like(b) or joins:
        return binary(trace, name, stacked(trace, a), stacked(trace, b))
    _refuse_pair(trace, name, a, b)


def _refuse_pair(trace: Trace, name: str, a: Any, b: Any) -> NoReturn:
    trace.refuse(
        "JC404",
        undefined(name, a, b),
        fix=fixes.for_operands(name, a, b),
    )


def _on_sets(trace: Trace, name: str, a: DictValue, b: DictValue) -> Any:
    from jaxcar.program import counters, sets  # they compare their elements by way of this module

    if a.form == b.form == "set" and name in _SET_METHODS:
        return sets.METHODS[_SET_METHODS[name]](trace, a, b)
    if a.form == b.form == "dict" and a.default is b.default is collections.Counter:
        return counters.combined(trace, name, a, b)
    if a.form == b.form == "dict" and name == "bitwise_or":
        trace.refuse("JC312", "`|` of dicts is not supported yet", fix="use d.update(other)")
    _refuse_pair(trace, name, a, b)


def concatenated(trace: Trace, a: ListValue, b: ListValue) -> ListValue:
    """Return `a + b` of lists of which one has a length that depends on the frame."""
    from jaxcar.program import lists  # lists compare their elements by way of this module

    return lists.concatenated(trace, a, b)


def _is_python_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, np.generic)


def stacked(trace: Trace, value: Any) -> Any:
    """Return a sequence as an array; other values as they are."""
    return stack(trace, value) if isinstance(value, (tuple, ListValue)) else value


def _power(trace: Trace, a: Any, b: Any) -> Any:
    """Python's and NumPy's `**`; a small known integer exponent is repeated multiplication."""
    if _is_python_int(b) and is_numeric(carrier(a)):
        base = as_tensor(carrier(a))
        integral = base.dtype.kind in "biu"
        if base.dtype == BOOL and base.python is not True:
            trace.refuse(
                "JC312", "`**` of NumPy bools is not supported yet", fix="use .astype(int)"
            )
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
    if all(as_tensor(carrier(x)).dtype.kind in "biu" for x in (a, b) if is_numeric(carrier(x))):
        trace.refuse(
            "JC406",
            "`**` of integers needs an exponent known before run time, from 0 to 64",
            fix="make the base a float: float(x) ** n",
        )
    return ufunc_power(trace, a, b, library=False)


def _zero(trace: Trace, a: Any) -> Any:
    return binary(trace, "multiply", a, 0)


def carrier(value: Any) -> Any:
    """Return what carries the elements of an array, also of one of run-time length."""
    return value.values if isinstance(value, (Selected, Window)) else value


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
    if isinstance(value, Choice):
        return distribute(trace, lambda x: unary(trace, op, x), value)
    if isinstance(value, (Instance, Record)):
        special, symbol = _SPECIAL[type(op)]
        return applied(trace, value, special, f"unary `{symbol}`")
    if is_static(value):
        try:
            with np.errstate(all="ignore"):
                return _UNARY[type(op)](unwrap_static(value))
        except TypeError as error:
            trace.refuse(
                "JC404",
                f"Python raises {type(error).__name__}: {str(error).splitlines()[0]}",
                fix=fixes.NUMBERS,
            )
    name = {ast.USub: "negative", ast.UAdd: "positive", ast.Invert: "invert"}[type(op)]
    return ufunc(trace, name, value)


def is_array_like(value: Any) -> bool:
    """Tell whether the value is an array, also one of run-time length."""
    array = isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0
    return array or isinstance(value, (Selected, Window))


def is_numpy(value: Any) -> bool:
    """Tell whether the value may be a NumPy scalar, whose operators see sequences as arrays."""
    traced_number = isinstance(value, Tensor) and value.python is not True
    return traced_number or isinstance(value, np.generic)
