"""Comparison operators, identity and membership on the values of a program."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, NoReturn

import jax.numpy as jnp
import numpy as np

from jaxcar.program import fixes
from jaxcar.program.bits import any_of, from_bit, truth
from jaxcar.program.choices import distribute
from jaxcar.program.containers import DictValue, DictView, LazyItems, ListValue, RangeValue
from jaxcar.program.definitions import ClassValue, Instance
from jaxcar.program.dicts import check_hashable
from jaxcar.program.equality import compare_arrays, compare_numbers, equal, identical, same_element
from jaxcar.program.faults import Fault
from jaxcar.program.merge import optional_parts
from jaxcar.program.object_comparison import compare_objects
from jaxcar.program.operators import carrier, fold_python, is_array_like, is_numpy
from jaxcar.program.predicate import Bit, both, either, literal, negate
from jaxcar.program.ranges import in_range
from jaxcar.program.rows import matching
from jaxcar.program.special_methods import method, overloads
from jaxcar.program.tensors import Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.truth import truth_of
from jaxcar.program.values import Choice, Inert, Optional, Text, is_numeric, is_static, text_options
from jaxcar.program.wording import SYMBOLS, describe, undefined

COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}


def compare(trace: Trace, op: ast.cmpop, a: Any, b: Any) -> Any:
    """Apply a comparison operator, `is` or `in`."""
    if isinstance(op, (ast.Is, ast.IsNot)):
        bit = identical(trace, a, b)
        return from_bit(bit if isinstance(op, ast.Is) else negate(bit))
    if isinstance(op, (ast.In, ast.NotIn)):
        bit = contains(trace, a, b)
        return from_bit(bit if isinstance(op, ast.In) else negate(bit))
    if overloads(a, b):
        return compare_objects(trace, COMPARE[type(op)], a, b)
    if isinstance(a, Choice) or isinstance(b, Choice):
        return distribute(trace, lambda x, y: compare(trace, op, x, y), a, b)
    return compare_plain(trace, COMPARE[type(op)], a, b)


def compare_plain(trace: Trace, name: str, a: Any, b: Any) -> Any:
    """Compare two values that are no objects, by the name of the operator's ufunc."""
    equality = name in ("equal", "not_equal")
    a, b = trace.narrow(a), trace.narrow(b)
    if equality and (a is None or b is None or isinstance(a, Optional) or isinstance(b, Optional)):
        if any(is_array_like(x) for x in (a, b, *(optional_parts(x)[0] for x in (a, b)))):
            trace.refuse(
                "JC312",
                "comparing an array with None, element by element, is not supported yet",
                fix="write `is None` or `is not None`",
            )
        bit = equal(trace, a, b)
        return from_bit(bit if name == "equal" else negate(bit))
    a, b = trace.present(a), trace.present(b)
    if is_numeric(carrier(a)) and is_numeric(carrier(b)):
        return compare_numbers(trace, name, a, b)
    if not equality and isinstance(a, tuple) and isinstance(b, tuple) and not is_static((a, b)):
        return from_bit(tuple_order(trace, name, a, b))
    if not equality and isinstance(a, DictValue) and isinstance(b, DictValue):
        return _compare_sets(trace, name, a, b)
    if not equality:
        if is_static(a) and is_static(b) and _form(a) == _form(b):
            return fold_python(trace, name, a, b)
        _refuse_order(trace, name, a, b)
    if any(is_array_like(x) or is_numpy(x) for x in (a, b)):
        if any(not is_numeric(x) and not isinstance(x, (tuple, ListValue)) for x in (a, b)):
            trace.refuse(
                "JC312",
                f"comparing {describe(a)} with {describe(b)} is not supported yet",
                fix="compare numbers or arrays with numbers or arrays",
            )
        return compare_arrays(trace, name, a, b)
    bit = equal(trace, a, b)
    return from_bit(bit if name == "equal" else negate(bit))


def _form(value: Any) -> str:
    """Return what tells a deque from a list, which Python does not compare by order."""
    return value.form if isinstance(value, ListValue) else ""


def _refuse_order(trace: Trace, name: str, a: Any, b: Any) -> NoReturn:
    """Refuse `<` of values that have no order here, or none at all."""
    words = f"`{SYMBOLS[name]}` of {describe(a)} and {describe(b)}"
    groups = (tuple,), (ListValue,), (str, Text, Inert), (DictView,)
    alike = any(isinstance(a, group) and isinstance(b, group) for group in groups)
    alike = alike or all(getattr(x, "form", "") == "set" for x in (a, b))
    alike = alike and _form(a) == _form(b)
    arrays = any(is_array_like(x) or is_numpy(x) for x in (a, b))
    if alike or (arrays and any(isinstance(x, (tuple, ListValue)) for x in (a, b))):
        fix = fixes.for_operands(name, a, b) if arrays else "compare numbers, one by one"
        trace.refuse("JC312", f"{words} is not supported yet", fix=fix)
    trace.refuse("JC404", f"{words}: Python raises TypeError", fix=fixes.for_operands(name, a, b))


def tuple_order(trace: Trace, name: str, a: tuple[Any, ...], b: tuple[Any, ...]) -> Bit:
    """Return whether one tuple comes before (or after) another, element by element."""
    strict: ast.cmpop = ast.Lt() if name.startswith("less") else ast.Gt()
    result: Bit = False
    alike: Bit = True
    for x, y in zip(a, b, strict=False):
        with trace.under(alike):
            same = same_element(trace, x, y)
            with trace.under(negate(same)):
                ahead = truth_of(trace, compare(trace, strict, x, y))
        result = any_of([result, both(both(alike, negate(same)), ahead)])
        alike = both(alike, same)
    lengths = (len(b), len(a)) if isinstance(strict, ast.Lt) else (len(a), len(b))
    longer = lengths[0] > lengths[1] or (lengths[0] == lengths[1] and name.endswith("_equal"))
    return any_of([result, both(alike, longer)])


def _compare_sets(trace: Trace, name: str, a: DictValue, b: DictValue) -> Any:
    """Return whether one set lies within another."""
    from jaxcar.program import sets  # they compare their elements by way of this module

    if a.form != "set" or b.form != "set":
        trace.refuse(
            "JC404",
            f"{describe(a)} and {describe(b)} have no order: Python raises TypeError",
            fix="compare their lengths or their values",
        )
    small, large = (a, b) if name.startswith("less") else (b, a)
    within = truth(trace, sets.is_subset(trace, small, large))
    if not name.endswith("_equal"):
        within = both(within, negate(truth(trace, sets.is_subset(trace, large, small))))
    return from_bit(within)


def any_element(trace: Trace, item: Any, items: Iterable[tuple[Bit, Any]]) -> Bit:
    """Return whether an element is the item or equal to it; none is asked after the first."""
    found: Bit = False
    for present, element in items:
        if not overloads(item, element):
            found = either(found, both(present, same_element(trace, element, item)))
            continue
        with trace.under(both(negate(found), present)):
            if trace.path is not False:
                found = either(found, both(present, same_element(trace, element, item)))
    return found


def _contains_by_method(trace: Trace, item: Any, container: Instance) -> Bit:
    """Return `item in container` of an object: by `__contains__`, else by going through it."""
    from jaxcar.program.iteration import iterate

    asked = method(trace, container, "__contains__")
    if asked is not None:
        return truth_of(trace, trace.apply(asked, [item]))
    return any_element(trace, item, iterate(trace, container))


def _in_text(trace: Trace, item: Any, container: Any) -> Bit:
    """Return whether a text holds another; each may be one of several."""
    item = trace.present(item)
    if isinstance(item, Inert):
        trace.refuse(
            "JC410",
            "text that is made from run-time values is looked for in text",
            fix="compare the values themselves",
        )
    parts, wholes = text_options(item), text_options(container)
    if not all(isinstance(x, str) for _, x in (*parts, *wholes)):
        trace.give_up(
            Fault.TYPE,
            "JC404",
            f"{describe(item)} is looked for in text: Python raises TypeError",
            fix="look for text: str(x) in s, or compare with ==",
        )
    hits = [both(p, w) for p, part in parts for w, whole in wholes if part in whole]
    return any_of(hits)


def _is_key(trace: Trace, item: Any, container: DictValue) -> Bit:
    """Return whether a set or the keys of a dict have an element."""
    check_hashable(trace, item, f"be in a {container.form}")
    if container.rows is not None:
        pairs = container.form == "dict"
        return literal(jnp.any(matching(trace, container.rows, item, pairs)))
    bits = []
    for key, value in container.entries.items():
        value = trace.settle(value)
        present = getattr(value, "defined", True)
        bits.append(both(present, equal(trace, item, key)))
    return any_of(bits)


def contains(trace: Trace, item: Any, container: Any) -> Bit:
    """Return `item in container`."""
    from jaxcar.program.iteration import iterate  # it compares nothing, but indexing does

    container = trace.present(container)
    if isinstance(container, Choice):
        return any_of([both(bit, contains(trace, item, x)) for bit, x in container.options])
    if isinstance(container, ClassValue) and "enum" in container.options:
        trace.refuse(
            "JC312",
            f"`in` of {describe(container)} is not supported: Python's versions differ in it",
            fix=f"look into its members: x in list({container.node.name})",
        )
    if isinstance(container, DictView) and container.form == "keys":
        container = container.owner
    if isinstance(container, DictValue):
        return _is_key(trace, item, container)
    if isinstance(container, RangeValue):
        return in_range(trace, item, container)
    if isinstance(container, ListValue) and container.rows is not None:
        kind = container.rows.kind
        if overloads(item) or kind.form == "object":
            return any_element(trace, item, iterate(trace, container))
        return literal(jnp.any(matching(trace, container.rows, item)))
    if isinstance(container, Instance):
        return _contains_by_method(trace, item, container)
    if isinstance(container, (tuple, ListValue)):
        items = container.items if isinstance(container, ListValue) else container
        return any_element(trace, item, ((True, x) for x in items))
    if isinstance(container, (str, Text)):
        return _in_text(trace, item, container)
    if isinstance(container, (Tensor, np.ndarray)) and container.ndim:
        if isinstance(item, (Selected, Window)):
            trace.refuse(
                "JC312",
                f"`in` of {describe(item)} is not supported yet",
                fix="test one number, or use np.isin(a, b)",
            )
        matches = as_tensor(compare_numbers(trace, "equal", container, item))
        return literal(jnp.any(matches.value))
    if isinstance(container, (DictView, LazyItems)):
        trace.refuse(
            "JC312",
            f"`in` of {describe(container)} is not supported yet",
            fix="make a list of it first: x in list(values)",
        )
    trace.refuse(
        "JC404",
        undefined("`in`", container),
        fix="look into an array, a list, a set or a dict",
    )
