"""Names and their values: what a function binds, its arguments, and unpacking."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from jaxcar.program import fixes
from jaxcar.program.columns import of_array
from jaxcar.program.containers import ListValue, Rows
from jaxcar.program.definitions import FunctionValue
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import known_items
from jaxcar.program.rows import gathered, row_at
from jaxcar.program.scope import Scope
from jaxcar.program.tensors import INT, Selected, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET


def bound_names(node: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that a function binds itself, and those that it hands outward."""
    names: set[str] = set()
    outward: set[str] = set()

    def walk(child: ast.AST) -> None:
        if isinstance(child, ast.Name) and isinstance(child.ctx, (ast.Store, ast.Del)):
            names.add(child.id)
        if isinstance(child, ast.ExceptHandler) and child.name is not None:
            names.add(child.name)
        if isinstance(child, (ast.MatchAs, ast.MatchStar)) and child.name is not None:
            names.add(child.name)
        if isinstance(child, (ast.Nonlocal, ast.Global)):
            outward.update(child.names)
        if isinstance(child, (ast.FunctionDef, ast.ClassDef)):
            names.add(child.name)
            return
        if isinstance(child, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            names.update(x.target.id for x in ast.walk(child) if isinstance(x, ast.NamedExpr))
            return
        if isinstance(child, ast.Lambda):
            return
        for grandchild in ast.iter_child_nodes(child):
            walk(grandchild)

    for statement in () if isinstance(node, ast.Lambda) else node.body:
        walk(statement)
    return frozenset(names - outward), frozenset(outward)


def bind_arguments(
    trace: Trace,
    function: FunctionValue,
    arguments: list[Any],
    keywords: dict[str, Any],
    scope: Scope,
) -> None:
    """Give the parameters of a function their values, as Python does."""
    node = function.node
    if node.args.vararg is not None:
        size = len(node.args.posonlyargs) + len(node.args.args)
        scope.variables[node.args.vararg.arg] = tuple(arguments[size:])
        arguments = arguments[:size]
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    only = [arg.arg for arg in node.args.kwonlyargs]
    defaults = dict(
        zip(names[len(names) - len(function.defaults) :], function.defaults, strict=True)
    )
    defaults.update(function.keyword_defaults)
    given = dict(zip(names, arguments, strict=False))
    positional = {arg.arg for arg in node.args.posonlyargs}
    unknown = [k for k in keywords if k not in (*names, *only) or k in given or k in positional]
    if len(arguments) > len(names) or unknown:
        what = (
            f"an unexpected argument `{unknown[0]}`" if unknown else f"{len(arguments)} arguments"
        )
        trace.refuse(
            "JC402",
            f"`{function.name}` is called with {what}, it takes {len(names)}: Python raises "
            "TypeError",
            fix=f"call it as {fixes.signature(function)}",
        )
    for name in (*names, *only):
        value = given.get(name, keywords.get(name, defaults.get(name, UNSET)))
        if value is UNSET:
            trace.refuse(
                "JC402",
                f"`{function.name}` is called without its argument `{name}`: Python raises "
                "TypeError",
                fix=f"call it as {fixes.signature(function)}",
            )
        scope.variables[name] = value


def unpack(
    trace: Trace, target: ast.Tuple | ast.List, value: Any, store: Callable[[ast.expr, Any], None]
) -> None:
    """Store the elements of a value, one for each part of a target."""
    value = trace.present(value)
    if isinstance(value, Selected):
        value = ListValue([], trace.path, rows=of_array(value))
    star = next((i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)), None)
    if isinstance(value, ListValue) and value.rows is not None and star is None:
        # The length is checked at run time: ValueError where it does not fit.
        size = value.rows.length.value
        trace.raise_where(Fault.VALUE, size != len(target.elts))
        for position, element in enumerate(target.elts):
            store(element, row_at(value.rows, position))
        return
    if star is not None and isinstance(value, ListValue) and value.rows is not None:
        _unpack_rows(target, value.rows, trace, star, store)
        return
    items = known_items(trace, value, "unpacking something")
    if star is not None:
        _unpack_star(trace, target, items, star, store)
        return
    if len(items) != len(target.elts):
        trace.give_up(
            Fault.VALUE,
            "JC407",
            f"{len(items)} values are unpacked into {len(target.elts)} names: Python raises "
            "ValueError",
            node=target,
            fix=f"unpack into {len(items)} names, or index it: x[0]",
        )
    for element, item in zip(target.elts, items, strict=True):
        store(element, item)


def _unpack_rows(
    target: ast.Tuple | ast.List,
    rows: Rows,
    trace: Trace,
    star: int,
    store: Callable[[ast.expr, Any], None],
) -> None:
    """Store the first and last elements of a list of run-time length, and what is between."""
    after = len(target.elts) - star - 1
    size = rows.length.value.astype(jnp.int32)
    trace.raise_where(Fault.VALUE, size < star + after)
    low, high = rows.length.bounds or (0, rows.capacity)
    bounds = (max(low - star - after, 0), max(high - star - after, 0))
    left = Tensor(jnp.maximum(size - star - after, 0), INT, True, bounds)
    middle = gathered(rows, jnp.arange(rows.capacity) + star, left)
    for position, element in enumerate(target.elts):
        if isinstance(element, ast.Starred):
            store(element.value, ListValue([], trace.path, rows=middle))
            continue
        place = position if position < star else size - (len(target.elts) - position)
        store(element, row_at(rows, place))


def _unpack_star(
    trace: Trace,
    target: ast.Tuple | ast.List,
    items: list[Any],
    star: int,
    store: Callable[[ast.expr, Any], None],
) -> None:
    after = len(target.elts) - star - 1
    if len(items) < star + after:
        trace.refuse(
            "JC407",
            f"{len(items)} values are unpacked into at least {star + after} names: Python "
            "raises ValueError",
            node=target,
            fix=f"unpack into {len(items)} names, or index it: x[0]",
        )
    middle = ListValue(items[star : len(items) - after], trace.path)
    values = [*items[:star], middle, *items[len(items) - after :]]
    for element, item in zip(target.elts, values, strict=True):
        store(element.value if isinstance(element, ast.Starred) else element, item)
