"""Comprehensions and generators that are too long to write out: as loops that are traced once.

`[f(x) for x in xs if c]` is `for x in xs: if c: out.append(f(x))`, and `any(...)` is such a loop
that `break` leaves. The loop is made as a tree of its own and handed to `jaxcar.program.loops`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jaxcar.program.containers import ListValue
from jaxcar.program.iteration import indexed
from jaxcar.program.scope import Scope

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

Comprehension = ast.GeneratorExp | ast.ListComp | ast.SetComp
_OUT, _ITER, _FOUND = "#out", "#iter", "#found"


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
    places = indexed(run.trace, sequence)
    size = places.length() if places is not None else None
    certain = len(node.generators) == 1 and not node.generators[0].ifs
    if certain and isinstance(size, int) and size > run.trace.limits.list_capacity:
        run.trace.refuse(
            "JC505",
            f"a list of {size:,} items is over the limit {run.trace.limits.list_capacity}",
            fix="work on whole arrays: np.arange(n), np.where(mask, a, b)",
        )
    call = ast.Call(ast.Attribute(ast.Name(_OUT, ast.Load()), "append", ast.Load()), [element], [])
    loop = _nested(node, [ast.Expr(call)], leaves=False)
    inner = _run(run, loop, {_OUT: ListValue([], run.trace.path), _ITER: sequence}, scope)
    return run.trace.settle(inner.variables[_OUT])


def summed(
    run: Interpreter, node: Any, sequence: Any, element: ast.expr, scope: Scope, start: Any
) -> Any:
    """Return the sum of the elements, added up one by one."""
    add = ast.AugAssign(ast.Name(_OUT, ast.Store()), ast.Add(), element)
    loop = _nested(node, [add], leaves=False)
    inner = _run(run, loop, {_OUT: start, _ITER: sequence}, scope)
    return run.trace.read(inner.variables[_OUT], "the sum")


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
