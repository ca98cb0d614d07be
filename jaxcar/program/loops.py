"""`for` and `while`: written out turn by turn where they are short, else one traced loop.

A loop is written out where the number of its turns is known and small: every turn then has its own
constants, and XLA sees straight code. Else its body is traced once, as a `while_loop` over what it
changes (`jaxcar.program.rolled`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jaxcar.errors import RefusedProgram
from jaxcar.program.expressions import evaluate, evaluate_truth
from jaxcar.program.iteration import indexed, iterate
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.rolled import Roll, Snapshot
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.trace import PoisonReadError
from jaxcar.program.ufuncs import from_bit
from jaxcar.program.values import DictValue, Indexed, ListValue

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_LONG = 64

def run_for(run: Interpreter, node: ast.For, scope: Scope, path: Bit) -> None:
    """Run a `for` loop."""
    trace = run.trace
    sequence = trace.present(evaluate(run, node.iter, scope))
    places = indexed(trace, sequence)
    size = sum(run.weight(statement) for statement in node.body)
    if places is not None and run.is_long(places, size):
        if _rolled_for(run, node, scope, path, sequence, places):
            return
    _written_out(run, node, scope, path, sequence)


def _rolled_for(
    run: Interpreter, node: ast.For, scope: Scope, path: Bit, sequence: Any, places: Indexed
) -> bool:
    """Trace the loop once; return False where that cannot be and it may be written out instead."""
    before = Snapshot(run, scope)
    try:
        Roll(run, node, scope, path, places).run()
    except (RefusedProgram, PoisonReadError):
        limits, most = run.trace.limits, places.most
        size = sum(run.weight(statement) for statement in node.body)
        if most is None or most > limits.loop_trips or most * size > 16 * limits.written_out:
            raise
        before.restore()
        return False
    return True


def _written_out(run: Interpreter, node: ast.For, scope: Scope, path: Bit, sequence: Any) -> None:
    trace = run.trace
    steps = iterate(trace, sequence)
    loop = Loop()
    scope.loops.append(loop)
    outer = trace._path, trace._local
    known = isinstance(sequence, (ListValue, DictValue)) and sequence.rows is None
    while True:
        # The next element is made where the loop goes on, and only there.
        alive = both(path, negate(either(loop.broken, scope.returned)))
        trace.path, trace.local = both(scope.base, alive), alive
        present, item = next(steps, (None, None)) if trace.path is not False else (None, None)
        if present is None:
            break
        turn = both(alive, present)
        if turn is False:
            continue
        run.count_trip(node)
        trace.path, trace.local = both(scope.base, turn), turn
        trace.note(node.target, item)
        run.assign(node.target, item, scope)
        trace._path, trace._local = outer
        run.block(node.body, scope, turn)
        loop.continued = False
        if known and isinstance(sequence, DictValue) and sequence.rows is not None:
            trace.refuse("JC312", "changing the dict that a loop goes through is not supported yet")
    trace._path, trace._local = outer
    scope.loops.pop()
    run.block(node.orelse, scope, both(path, negate(loop.broken)))


def run_while(run: Interpreter, node: ast.While, scope: Scope, path: Bit) -> None:
    """Run a `while` loop: written out as long as its condition is known."""
    trace = run.trace
    leaves = any(isinstance(x, (ast.Break, ast.Return, ast.Raise)) for x in ast.walk(node))
    if isinstance(node.test, ast.Constant) and node.test.value and not leaves:
        trace.refuse("JC504", "this loop never ends", fix="leave it with `break` or `return`")
    loop = Loop()
    scope.loops.append(loop)
    outer = trace._path, trace._local
    turns = 0
    while True:
        alive = both(path, negate(either(loop.broken, scope.returned)))
        trace.path, trace.local = both(scope.base, alive), alive
        if trace.path is False:
            break
        if turns >= _LONG or not isinstance(loop.broken, bool) or (
            not isinstance(scope.returned, bool)
        ):
            _roll_rest(run, node, scope, alive, loop)
            break
        before = Snapshot(run, scope)
        test = evaluate_truth(run, node.test, scope)
        if test is False:
            break
        if test is not True:
            before.restore()
            _roll_rest(run, node, scope, alive, loop)
            break
        turns += 1
        run.count_trip(node)
        trace._path, trace._local = outer
        run.block(node.body, scope, alive)
        loop.continued = False
    trace._path, trace._local = outer
    if loop in scope.loops:
        scope.loops.remove(loop)
    run.block(node.orelse, scope, both(path, negate(loop.broken)))


def _roll_rest(run: Interpreter, node: ast.While, scope: Scope, alive: Bit, loop: Loop) -> None:
    scope.loops.remove(loop)
    trace = run.trace
    test = evaluate_truth(run, node.test, scope)
    trace.note(node.test, from_bit(test))
    entered = both(alive, test)
    if entered is False:
        return
    broken = Roll(run, node, scope, entered, None).run()
    loop.broken = either(loop.broken, broken)
