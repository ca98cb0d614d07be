"""Displays: tuples, lists, sets, dicts and text that are written out with their elements."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jaxcar.program import dicts, lists, sets
from jaxcar.program import libraries as libraries  # they register their functions
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.formatting import LONGEST, format_value, is_short
from jaxcar.program.iteration import known_items
from jaxcar.program.scope import Scope
from jaxcar.program.values import INERT

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def spread(run: Interpreter, nodes: list[ast.expr], scope: Scope) -> list[Any]:
    """Return the values of expressions, those with a star one by one."""
    values: list[Any] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            inner = run.evaluate(node.value, scope)
            values += known_items(run.trace, inner, "unpacking something")
        else:
            values.append(run.evaluate(node, scope))
    return values


def tuple_display(run: Interpreter, node: ast.Tuple, scope: Scope) -> tuple[Any, ...]:
    """Return a tuple that is written out."""
    return run.trace.bounded(tuple(spread(run, node.elts, scope)))


def list_display(run: Interpreter, node: ast.List, scope: Scope) -> ListValue:
    """Return a list that is written out."""
    if any(isinstance(item, ast.Starred) for item in node.elts):
        made = ListValue([], run.trace.path)
        for item in node.elts:
            if isinstance(item, ast.Starred):
                lists.extend(run.trace, made, run.evaluate(item.value, scope))
            else:
                lists.append(run.trace, made, run.evaluate(item, scope))
        return made
    return run.trace.bounded(ListValue(spread(run, node.elts, scope), run.trace.path))


def set_display(run: Interpreter, node: ast.Set, scope: Scope) -> DictValue:
    """Return a set that is written out."""
    return sets.from_items(run.trace, iter([(True, x) for x in spread(run, node.elts, scope)]))


def dict_display(run: Interpreter, node: ast.Dict, scope: Scope) -> DictValue:
    """Return a dict that is written out."""
    made = DictValue({})
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            dicts.update(run.trace, made, run.evaluate(value, scope))
            continue
        name = run.evaluate(key, scope)
        item = run.evaluate(value, scope)
        plain = dicts.checked_key(run.trace, name)
        if dicts.is_known_key(made, plain):
            made.entries[plain] = item
        else:
            dicts.put(run.trace, made, plain, (plain, item))
    return made if made.rows is not None else run.trace.bounded(made)


def formatted_text(run: Interpreter, node: ast.JoinedStr, scope: Scope) -> Any:
    """Return the text of an f-string, known where all of it is."""
    made: list[Any] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            made.append(_format(run, part, scope))
        elif isinstance(part, ast.Constant):
            made.append(str(part.value))
    known = all(isinstance(part, str) for part in made)
    return "".join(made) if known and sum(map(len, made)) <= LONGEST else INERT


def _format(run: Interpreter, part: ast.FormattedValue, scope: Scope) -> Any:
    """Evaluate what is formatted, for its faults too."""
    value = run.evaluate(part.value, scope)
    spec = "" if part.format_spec is None else run.evaluate(part.format_spec, scope)
    format_value(run.trace, value, spec, converted=part.conversion != -1)
    if not is_short(value) or not isinstance(spec, str):
        return INERT
    shown = _CONVERSIONS[part.conversion](value)
    return format(shown, spec)


_CONVERSIONS: dict[int, Callable[[Any], Any]] = {
    -1: lambda value: value,
    ord("s"): str,
    ord("r"): repr,
    ord("a"): ascii,
}
