"""Special methods: what operators do with objects whose class defines them, as CPython asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jaxcar.program.choices import alternatives
from jaxcar.program.containers import Record
from jaxcar.program.definitions import BoundMethod, Instance
from jaxcar.program.faults import Fault
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.values import Choice, Optional
from jaxcar.program.wording import SYMBOLS, describe, undefined

Native = Callable[[Trace, str, Any, Any], Any]

# What the methods of an operator are called after, by the name of its ufunc.
_WORDS = {
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "true_divide": "truediv",
    "floor_divide": "floordiv",
    "remainder": "mod",
    "power": "pow",
    "matmul": "matmul",
    "bitwise_and": "and",
    "bitwise_or": "or",
    "bitwise_xor": "xor",
    "left_shift": "lshift",
    "right_shift": "rshift",
}
_NUMBER = "put the object on the left, or make a Python number of it: float(x)"


def method(trace: Trace, value: Any, name: str) -> Any:
    """Return a special method of an object or namedtuple, ready to be called; None for none."""
    if not isinstance(value, (Instance, Record)):
        return None
    kind = value.cls if isinstance(value, Instance) else value.type
    if name in kind.properties or name in kind.constants:
        trace.refuse(
            "JC312",
            f"`{name}` that is no method of its own is not supported yet",
            fix=f"define it in the class: def {name}(self, ...)",
        )
    if name not in kind.functions:
        return None
    function = kind.functions[name]
    if name in kind.static:
        return function
    return BoundMethod(kind if name in kind.class_methods else value, function)


def overloads(*values: Any, records: bool = False) -> bool:
    """Tell whether a value is an object on some path.

    Args:
        values: any values.
        records: whether namedtuples with special methods count; these are operators.
    """
    for value in values:
        inner = value.value if isinstance(value, Optional) else value
        options = [x for _, x in inner.options] if isinstance(inner, Choice) else [inner]
        for option in options:
            if isinstance(option, Instance) or (records and _has_operators(option)):
                return True
    return False


def _has_operators(value: Any) -> bool:
    return isinstance(value, Record) and any(name[:2] == "__" for name in value.type.functions)


def operated(trace: Trace, name: str, a: Any, b: Any, native: Native) -> Any:
    """Apply a binary operator of which an operand is an object.

    Args:
        trace: the present tracing.
        name: the operator's ufunc.
        a: the left operand.
        b: the right operand.
        native: the operator of values without special methods.
    """

    def plain(x: Any, y: Any) -> Any:
        return _operated(trace, name, x, y, native)

    return alternatives(trace, plain, a, b)


def _operated(trace: Trace, name: str, a: Any, b: Any, native: Native) -> Any:
    forward, backward = f"__{_WORDS[name]}__", f"__r{_WORDS[name]}__"
    if is_of_numpy(a):
        return _after_numpy(trace, name, a, b, native)
    own, reflected = method(trace, a, forward), method(trace, b, backward)
    if _kind(a) is _kind(b):
        reflected = None
    turns = [(own, b), (reflected, a)]
    if isinstance(a, Instance) and isinstance(b, Instance) and b.cls.derives_from(a.cls):
        overridden = b.cls.functions.get(backward) is not a.cls.functions.get(backward)
        turns = turns[::-1] if overridden else turns
    if isinstance(a, Record):
        _check_record(trace, a, own, backward, reflected)
    for asked, other in turns:
        result = NotImplemented if asked is None else trace.apply(asked, [other])
        if result is not NotImplemented:
            return result
    if isinstance(a, Record) and own is not None:
        _refuse(trace, name, a, b)
    if a is None or b is None:
        return give_up(trace, name, a, b)
    if not isinstance(a, Instance) and not isinstance(b, Instance):
        return native(trace, name, a, b)
    if is_of_numpy(b):
        _refuse(trace, name, a, b)
    return give_up(trace, name, a, b)


def _kind(value: Any) -> Any:
    if isinstance(value, Instance):
        return value.cls
    return value.type if isinstance(value, Record) else object()


def _check_record(trace: Trace, a: Record, own: Any, backward: str, reflected: Any) -> None:
    """Refuse a namedtuple on the left that has the reflected method alone."""
    if own is None and reflected is not None and backward in a.type.functions:
        trace.refuse(
            "JC312",
            f"`{backward}` without the method for the left operand is not supported yet here",
            fix=f"define {backward.replace('__r', '__')} as well",
        )


def _after_numpy(trace: Trace, name: str, a: Any, b: Any, native: Native) -> Any:
    """Apply an operator with NumPy on its left: a scalar becomes a Python number."""
    if not isinstance(b, Instance):
        return native(trace, name, a, b)
    asked = method(trace, b, f"__r{_WORDS[name]}__")
    if asked is None or name == "matmul":
        _refuse(trace, name, a, b)
    result = trace.apply(asked, [as_python(trace, name, a, b)])
    if result is NotImplemented:
        _refuse(trace, name, a, b)
    return result


def as_python(trace: Trace, name: str, a: Any, b: Instance) -> Any:
    """Return the Python number that an object gets of a NumPy scalar on the other side."""
    from jaxcar.program.methods import attribute  # methods use operators in their turn

    sequence = {"__len__", "__getitem__"} <= set(b.cls.functions)
    if isinstance(a, (Selected, Window)) or np.ndim(getattr(a, "value", a)) or sequence:
        _refuse(trace, name, a, b)
    return trace.apply(attribute(trace, a, "item"), [])


def is_of_numpy(value: Any) -> bool:
    """Tell whether a value is, or may be, an array or scalar of NumPy."""
    if isinstance(value, Tensor):
        return value.ndim > 0 or value.python is not True
    return isinstance(value, (np.ndarray, np.generic, Selected, Window))


def _refuse(trace: Trace, name: str, a: Any, b: Any) -> Any:
    trace.refuse(
        "JC312",
        f"`{SYMBOLS[name]}` of {describe(a)} and {describe(b)} is not supported yet",
        fix=_NUMBER if is_of_numpy(a) else "write a method, and call it",
    )


def give_up(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Say that nothing defines an operator for two operands: CPython raises TypeError."""
    trace.give_up(
        Fault.TYPE,
        "JC404",
        undefined(name, a, b),
        fix="define the operator's method in the class, or use the objects' attributes",
    )


def changed(trace: Trace, name: str, old: Any, value: Any, native: Native) -> Any:
    """Return the result of `old op= value` of an object: by `__iadd__`, else by `__add__`.

    Args:
        trace: the present tracing.
        name: the operator's ufunc.
        old: what is changed.
        value: what it is changed by; one of the two is an object.
        native: the operator.

    Returns:
        NotImplemented where `old` is no object: it may be changed in place by one.
    """
    if not overloads(old, records=True):
        if isinstance(trace.narrow(old), Optional):
            trace.refuse(
                "JC312",
                "changing what may be None by an object is not supported yet",
                fix="test `is not None` first",
            )
        return NotImplemented

    def one(x: Any) -> Any:
        asked = method(trace, x, f"__i{_WORDS[name]}__")
        made = NotImplemented if asked is None else trace.apply(asked, [value])
        return native(trace, name, x, value) if made is NotImplemented else made

    return alternatives(trace, one, old)


def applied(trace: Trace, value: Any, name: str, words: str) -> Any:
    """Return what a special method of an object returns that takes nothing else.

    Args:
        trace: the present tracing.
        value: the object.
        name: the method.
        words: what asks for it, such as "`-`".
    """
    asked = method(trace, value, name)
    if asked is None:
        trace.give_up(
            Fault.TYPE,
            "JC404",
            undefined(words, value),
            fix=f"define `{name}` in its class, or use its attributes",
        )
    return trace.apply(asked, [])


def element(trace: Trace, value: Instance, index: Any) -> Any:
    """Return `value[index]` of an object."""
    asked = method(trace, value, "__getitem__")
    if asked is None:
        trace.give_up(
            Fault.TYPE,
            "JC404",
            f"{describe(value)} is indexed: Python raises TypeError",
            fix="read its attributes, or define `__getitem__` in its class",
        )
    return trace.apply(asked, [index])


def set_element(trace: Trace, value: Instance, index: Any, item: Any) -> None:
    """Perform `value[index] = item` of an object."""
    asked = method(trace, value, "__setitem__")
    if asked is None:
        trace.give_up(
            Fault.TYPE,
            "JC404",
            f"an element of {describe(value)} is assigned: Python raises TypeError",
            fix="set its attributes, or define `__setitem__` in its class",
        )
    trace.apply(asked, [index, item])
