"""Comprehensions and generators that are too long to write out: as loops that are traced once.

`[f(x) for x in xs if c]` is `for x in xs: if c: out.append(f(x))`, and `any(...)` is such a loop
that `break` leaves. The loop is made as a tree of its own and handed to `jaxcar.program.loops`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp

from jaxcar.program.containers import ListValue
from jaxcar.program.iterating import enumerate_
from jaxcar.program.iteration import indexed
from jaxcar.program.kinds import has_arrays
from jaxcar.program.places import OUT
from jaxcar.program.rows import gathered
from jaxcar.program.scope import Scope
from jaxcar.program.tensors import INT, Tensor

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

Comprehension = ast.GeneratorExp | ast.ListComp | ast.SetComp
_ITER, _FOUND = "#iter", "#found"
_FUNCTION, _ITEM, _PLACE = "#function", "#item", "#place"


def is_long(run: Interpreter, node: Any, sequence: Any, element: ast.expr) -> bool:
    """Tell whether a comprehension over a sequence is traced as a loop.

    Args:
        run: the interpreter.
        node: the comprehension.
        sequence: what its first clause goes through.
        element: what it makes of each turn.
    """
    if any(isinstance(child, ast.NamedExpr) for child in ast.walk(node)):
        return False
    places = indexed(run.trace, sequence)
    if places is None:
        return False
    parts = [element, *(x for clause in node.generators for x in (*clause.ifs, clause.iter))]
    size = sum(run.weight(part) for part in parts) * 8 ** (len(node.generators) - 1)
    return run.is_long(places, size)


def collected(run: Interpreter, node: Any, sequence: Any, element: ast.expr, scope: Scope) -> Any:
    """Return a list of the elements, by a loop that is traced once."""
    if _keeps_arrays(node, sequence, element):
        return _kept(run, node, sequence, scope)
    places = indexed(run.trace, sequence)
    size = places.length() if places is not None else None
    certain = len(node.generators) == 1 and not node.generators[0].ifs
    if certain and isinstance(size, int) and size > run.trace.limits.list_capacity:
        run.trace.refuse(
            "JC505",
            f"a list of {size:,} items is over the limit {run.trace.limits.list_capacity}",
            fix="work on whole arrays: np.arange(n), np.where(mask, a, b)",
        )
    call = ast.Call(ast.Attribute(ast.Name(OUT, ast.Load()), "append", ast.Load()), [element], [])
    loop = _nested(node, [ast.Expr(call)], leaves=False)
    inner = _run(run, loop, {OUT: ListValue([], run.trace.path), _ITER: sequence}, scope)
    return run.trace.settle(inner.variables[OUT])


def _keeps_arrays(node: Any, sequence: Any, element: ast.expr) -> bool:
    """Tell whether a comprehension only leaves out elements, which are, or hold, whole arrays."""
    rows = sequence.rows if isinstance(sequence, ListValue) else None
    if rows is None or len(node.generators) > 1 or not has_arrays(rows.kind):
        return False
    target = node.generators[0].target
    if not isinstance(target, ast.Name) or not isinstance(element, ast.Name):
        return False
    return target.id == element.id


def mapped(run: Interpreter, function: Any, sequence: Any) -> ListValue:
    """Return a list of a function's results for the elements of a list, by a loop traced once."""
    call = ast.Call(ast.Name(_FUNCTION, ast.Load()), [ast.Name(_ITEM, ast.Load())], [])
    clause = ast.comprehension(ast.Name(_ITEM, ast.Store()), ast.Name(_ITER, ast.Load()), [], 0)
    node = ast.ListComp(call, [clause])
    for child in ast.walk(node):
        if isinstance(child, ast.expr) and run.trace.node is not None:
            ast.copy_location(child, run.trace.node)
    scope = Scope(run.scopes[-1] if run.scopes else None, base=run.trace.path)
    scope.variables[_FUNCTION] = function
    made: ListValue = collected(run, node, sequence, call, scope)
    return made


def _kept(run: Interpreter, node: Any, sequence: ListValue, scope: Scope) -> ListValue:
    """Return the elements for which the conditions hold: their positions are collected."""
    (clause,) = node.generators
    rows = sequence.rows
    assert rows is not None
    place = ast.Name(_PLACE, ast.Load())
    target = ast.Tuple([ast.Name(_PLACE, ast.Store()), clause.target], ast.Store())
    pairs = ast.comprehension(target, clause.iter, clause.ifs, 0)
    numbered = ast.ListComp(place, [pairs])
    for child in (place, target, target.elts[0], numbered):
        ast.copy_location(child, node)
    found = collected(run, numbered, enumerate_(run.trace, sequence), place, scope)
    if found.rows is None and not found.items:
        return ListValue([], run.trace.path)
    places = found.rows
    if sequence.rows is not rows or places is None:
        run.trace.refuse(
            "JC312",
            "changing the list that a comprehension goes through is not supported yet",
            fix="go through a copy: list(values)",
        )
    order = jnp.pad(places.leaves[0].astype(jnp.int32), (0, rows.capacity))[: rows.capacity]
    high = rows.length.bounds[1] if rows.length.bounds else rows.capacity
    length = Tensor(places.length.value, INT, True, (0, high))
    return ListValue([], run.trace.path, rows=gathered(rows, order, length))


def summed(
    run: Interpreter, node: Any, sequence: Any, element: ast.expr, scope: Scope, start: Any
) -> Any:
    """Return the sum of the elements, added up one by one."""
    add = ast.AugAssign(ast.Name(OUT, ast.Store()), ast.Add(), element)
    loop = _nested(node, [add], leaves=False)
    inner = _run(run, loop, {OUT: start, _ITER: sequence}, scope)
    return run.trace.read(inner.variables[OUT], "the sum")


def searched(
    run: Interpreter, node: Any, sequence: Any, element: ast.expr, scope: Scope, wanted: bool
) -> Any:
    """Return whether an element has the wanted truth, looking no further than the first."""
    test = element if wanted else ast.UnaryOp(ast.Not(), element)
    found = ast.Assign([ast.Name(_FOUND, ast.Store())], ast.Constant(True))
    loop = _nested(node, [ast.If(test, [found, ast.Break()], [])], leaves=True)
    inner = _run(run, loop, {_FOUND: False, _ITER: sequence}, scope)
    return run.trace.read(inner.variables[_FOUND], _FOUND)


def _nested(node: Any, body: list[ast.stmt], *, leaves: bool) -> ast.For:
    """Return the loops of a comprehension around a body."""
    statements = body
    for position, clause in reversed(list(enumerate(node.generators))):
        for condition in reversed(clause.ifs):
            statements = [ast.If(condition, statements, [])]
        source = ast.Name(_ITER, ast.Load()) if position == 0 else clause.iter
        statements = [ast.For(clause.target, source, statements, [])]
        if leaves and position > 0:
            statements.append(ast.If(ast.Name(_FOUND, ast.Load()), [ast.Break()], []))
    loop = statements[0]
    assert isinstance(loop, ast.For)
    for child in ast.walk(loop):
        if not hasattr(child, "lineno") and isinstance(child, (ast.expr, ast.stmt)):
            ast.copy_location(child, node)
    return loop


def _run(run: Interpreter, loop: ast.For, variables: dict[str, Any], scope: Scope) -> Scope:
    trace = run.trace
    names = {
        x.id for x in ast.walk(loop) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)
    }
    inner = Scope(scope, frozenset(names), trace.path)
    inner.variables.update(variables)
    outer = trace._path, trace._local
    collecting, trace.collecting = trace.collecting, False
    run.scopes.append(inner)
    try:
        trace.local = True
        run.block([loop], inner, True)
    finally:
        run.scopes.pop()
        trace._path, trace._local = outer
        trace.collecting = collecting
    return inner
