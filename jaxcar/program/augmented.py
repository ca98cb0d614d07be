"""`target op= value`: arrays, lists and sets change in place, all else is assigned anew."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from jaxcar.program import fixes, sets
from jaxcar.program.choices import distribute
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import Instance
from jaxcar.program.expressions import evaluate
from jaxcar.program.faults import Fault
from jaxcar.program.fields import field
from jaxcar.program.host import Host
from jaxcar.program.indexing import get_item, is_array
from jaxcar.program.keys import is_mask, within
from jaxcar.program.lists import check_unfrozen, everywhere, extend
from jaxcar.program.objects import assign_field
from jaxcar.program.operators import BINARY, binary
from jaxcar.program.orders import Order
from jaxcar.program.places import holders
from jaxcar.program.predicate import Bit, both, literal
from jaxcar.program.scope import Scope
from jaxcar.program.special_methods import changed, overloads
from jaxcar.program.tensors import Selected, Tensor, Window
from jaxcar.program.trace import Trace
from jaxcar.program.values import Choice, Maybe, Text, is_static, text_options, unwrap_static
from jaxcar.program.wording import describe
from jaxcar.program.writing import (
    in_place,
    overwrite,
    overwrite_selected,
    overwrite_window,
    set_item,
)

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_IN_PLACE = {"bitwise_or": "union", "bitwise_and": "intersection", "subtract": "difference"}


def run_augmented(run: Interpreter, node: ast.AugAssign, scope: Scope, path: Bit) -> None:
    """Execute it: what the target names is found once, and read before the value."""
    target, trace, name = node.target, run.trace, BINARY[type(node.op)]
    if isinstance(target, ast.Name):
        old = trace.read(scope.find(target.id), target.id)
        old = trace.sure(old) if isinstance(old, Order) else old
        new = _changed(run, scope, name, old, evaluate(run, node.value, scope))
        trace.note(node, new)
        if new is not old:
            run.assign(target, new, scope)
        return
    owner = trace.present(evaluate(run, target.value, scope))
    if isinstance(target, ast.Attribute):
        _augmented_field(run, node, owner, target.attr, scope)
    else:
        _augmented_element(run, node, owner, evaluate(run, target.slice, scope), scope)


def _augmented_field(
    run: Interpreter, node: ast.AugAssign, owner: Any, attribute: str, scope: Scope
) -> None:
    if isinstance(owner, Host):
        assign_field(run.trace, owner, attribute, None)  # refused
    old = field(run, owner, attribute)
    value = evaluate(run, node.value, scope)
    new = _changed(run, scope, BINARY[type(node.op)], old, value)
    run.trace.note(node, new)
    if new is not old:
        assign_field(run.trace, owner, attribute, new)


def _augmented_element(
    run: Interpreter, node: ast.AugAssign, owner: Any, index: Any, scope: Scope
) -> None:
    trace, name = run.trace, BINARY[type(node.op)]
    places = _places(trace, owner, index)
    if len(places) > 1 and any(_is_changed(_held(trace, x, key)) for _, x, key in places):
        value = evaluate(run, node.value, scope)
        for bit, holder, key in places:
            change = functools.partial(_change_element, run, scope, name, holder, key, value)
            trace.on_path(bit, change)
        return
    old = get_item(trace, owner, index)
    value = evaluate(run, node.value, scope)
    in_array = not _is_holder(owner)
    if isinstance(old, Selected) and in_array and is_mask(index):
        new = binary(trace, name, old, value)
        overwrite_selected(trace, owner, index, old, new)
        return
    if is_array(old) and in_array and not _is_cut_at_run_time(index):
        # The element is a view of the owner: what is stored in it is stored in the owner.
        stored = in_place(trace, old, binary(trace, name, old, value))
        old = None
        trace.note(node, stored)
        set_item(trace, owner, index, stored)
        return
    new = _changed(run, scope, name, old, value)
    trace.note(node, new)
    if not (in_array and (isinstance(old, Window) or is_array(old))):
        set_item(trace, owner, index, new)


def _change_element(
    run: Interpreter, scope: Scope, name: str, holder: Any, key: Any, value: Any
) -> None:
    old = get_item(run.trace, holder, key)
    set_item(run.trace, holder, key, _changed(run, scope, name, old, value))


def _places(trace: Trace, owner: Any, index: Any) -> list[tuple[Bit, Any, Any]]:
    """Return where an element is kept: containers and keys that are known, each on its path."""
    if isinstance(owner, Choice) and isinstance(owner.options[0][1], (ListValue, DictValue)):
        found = [(bit, place) for bit, x in owner.options for place in _places(trace, x, index)]
        return [(both(bit, inner), x, key) for bit, (inner, x, key) in found]
    if not isinstance(owner, (ListValue, DictValue)) or owner.rows is not None:
        return [(True, owner, index)]
    key = trace.present(index)
    if isinstance(owner, DictValue) and isinstance(key, Text):
        return [(bit, owner, option) for bit, option in text_options(key)]
    whole = isinstance(key, Tensor) and key.ndim == 0 and key.dtype.kind in "iu"
    if isinstance(owner, ListValue) and whole and owner.items:
        size = len(owner.items)
        trace.raise_where(Fault.INDEX, ~within(key, size))
        place = jnp.where(key.value < 0, key.value + size, key.value)
        return [(literal(place == i), owner, i) for i in range(size)]
    return [(True, owner, index)]


def _held(trace: Trace, owner: Any, key: Any) -> Any:
    """Return what a container holds at a key, if that is known."""
    if isinstance(owner, ListValue) and owner.rows is None and isinstance(key, int):
        return owner.items[key] if -len(owner.items) <= key < len(owner.items) else None
    if isinstance(owner, DictValue) and owner.rows is None and is_static(key):
        found = trace.settle(owner.entries.get(unwrap_static(key)))
        return found.value if isinstance(found, Maybe) else found
    return None


def _is_changed(value: Any) -> bool:
    """Tell whether `op=` changes a value in place."""
    if isinstance(value, Choice):
        return any(_is_changed(option) for _, option in value.options)
    return is_array(value) or isinstance(value, (ListValue, DictValue, Instance, Window, Selected))


def _is_cut_at_run_time(index: Any) -> bool:
    keys = index if isinstance(index, tuple) else (index,)
    return any(isinstance(key, slice) and not is_static(key) for key in keys)


def _is_holder(owner: Any) -> bool:
    """Tell whether an element of a value is an object of its own, and no view of the value."""
    if isinstance(owner, Choice):
        return any(_is_holder(option) for _, option in owner.options)
    return isinstance(owner, (ListValue, DictValue, tuple)) or overloads(owner)


def _changed(run: Interpreter, scope: Scope, name: str, old: Any, value: Any) -> Any:
    """Return the result of `old op= value`: `old` itself where it is changed in place."""
    trace = run.trace
    if overloads(old, value, records=True):
        made = changed(trace, name, old, value, binary)
        if made is not NotImplemented:
            return made
    old = trace.present(old)
    if isinstance(old, Choice) and _is_changed(old):
        if not isinstance(old.options[0][1], (ListValue, DictValue)):
            return distribute(trace, lambda x: _changed(run, scope, name, x, value), old)
        for bit, option in old.options:
            with trace.under(bit):
                if trace.path is not False:
                    _changed(run, scope, name, option, value)
        return old
    if isinstance(old, ListValue) and old.form != "tuple":
        _extend_list(trace, name, old, value)
        return old
    if isinstance(old, DictValue) and old.form == "set" and name in _IN_PLACE:
        return sets.in_place(trace, _IN_PLACE[name], old, value)
    new = binary(trace, name, old, value)
    if isinstance(old, Window):
        overwrite_window(trace, old, new)
        return old
    if isinstance(old, Selected):
        _check_alone(run, scope, old)
        if isinstance(new, Selected):
            new.lineage = old.lineage
    if not is_array(old):
        return new
    overwrite(trace, old, in_place(trace, old, new))
    return old


def _extend_list(trace: Trace, name: str, old: ListValue, value: Any) -> None:
    """Perform `old += value` or `old *= value` on a list."""
    check_unfrozen(trace, old)
    if name == "add":
        extend(trace, old, value)
        return
    if not everywhere(trace, old):
        trace.refuse(
            "JC312",
            "repeating a list in place on some paths only is not supported yet",
            fix=fixes.COPY,
        )
    result = binary(trace, name, old, value)
    if not isinstance(result, ListValue):
        trace.refuse(
            "JC404",
            f"a list is extended by {describe(value)}: Python raises TypeError",
            fix="extend it by a list: x += [value]",
        )
    old.items = result.items


def _check_alone(run: Interpreter, scope: Scope, old: Selected) -> None:
    """Refuse to change an array of run-time length in place that another name may hold."""
    if old.shared or holders(run, scope, old) > 1:
        run.trace.refuse(
            "JC312",
            "changing an array of run-time length in place that another name may share is not "
            "supported yet",
            fix="make a new one: b = b + 1; or change a copy: b = a[mask].copy()",
        )
