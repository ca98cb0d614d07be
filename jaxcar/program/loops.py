"""`for` and `while`: written out turn by turn where they are short, else one traced loop.

A loop is written out where the number of its turns is known and small: every turn then has its own
constants, and XLA sees straight code. Else its body is traced once, as a `while_loop` over what it
changes (`jaxcar.program.rolled`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from jaxcar.errors import RefusedProgram
from jaxcar.program.bits import from_bit
from jaxcar.program.containers import DictValue, DictView, Indexed, ListValue
from jaxcar.program.expressions import evaluate, evaluate_truth
from jaxcar.program.iteration import indexed, iterate, iterator_of
from jaxcar.program.loop_body import LoopBody
from jaxcar.program.places import Snapshot
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.rolled import Roll
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.tensors import tensors_made
from jaxcar.program.trace import PoisonReadError
from jaxcar.program.values import Maybe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_LONG = 64


def run_for(run: Interpreter, node: ast.For, scope: Scope, path: Bit) -> None:
    """Run a `for` loop."""
    trace = run.trace
    sequence = iterator_of(trace, evaluate(run, node.iter, scope))
    places = indexed(trace, sequence)
    size = run.weight_of_turn(node)
    if places is not None:
        if run.is_long(places, size) and _rolled_for(run, node, scope, path, sequence, places):
            return
        if _may_grow(node, sequence):
            before, mark = Snapshot(run, scope), run.trace.marked()
            if _written_out(run, node, scope, path, sequence, growing=False):
                return
            before.restore()
            run.trace.forget(mark)
            if _rolled_for(run, node, scope, path, sequence, places):
                return
    # Once more it makes as many as before.
    trace.check_room(run.costs.get(node, 0))
    made = tensors_made()
    _written_out(run, node, scope, path, sequence)
    run.costs[node] = tensors_made() - made


def _may_grow(node: ast.For, sequence: Any) -> bool:
    """Tell whether a loop may lengthen the list that it goes through, which has a name."""
    named = isinstance(node.iter, (ast.Name, ast.Attribute))
    return named and isinstance(sequence, ListValue) and sequence.rows is None


def _rolled_for(
    run: Interpreter, node: ast.For, scope: Scope, path: Bit, sequence: Any, places: Indexed
) -> bool:
    """Trace the loop once; return False where that cannot be and it may be written out instead."""
    before, mark = Snapshot(run, scope), run.trace.marked()
    try:
        Roll(LoopBody(run, node, scope, path, places)).run()
    except (RefusedProgram, PoisonReadError):
        limits, most = run.trace.limits, places.most
        size = run.weight_of_turn(node)
        if most is None or most > limits.loop_trips or most * size > 16 * limits.written_out:
            raise
        before.restore()
        run.trace.forget(mark)
        return False
    return True


def _written_out(
    run: Interpreter,
    node: ast.For,
    scope: Scope,
    path: Bit,
    sequence: Any,
    growing: bool = True,
) -> bool:
    """Write a loop out; stop with False where its list has grown on some paths and may not."""
    trace = run.trace
    steps = iterate(trace, sequence)
    loop = Loop()
    scope.loops.append(loop)
    outer = trace._path, trace._local
    owner = sequence.owner if isinstance(sequence, DictView) else sequence
    before = _keys(owner)
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
        if not growing and sequence.rows is not None:
            return False
        if _keys(owner) != before:
            trace.refuse(
                "JC312",
                "changing the dict that a loop goes through is not supported yet",
                fix="go through a copy of the keys: for k in list(d)",
            )
    trace._path, trace._local = outer
    scope.loops.pop()
    run.block(node.orelse, scope, both(path, negate(loop.broken)))
    return True


def _keys(owner: Any) -> Any:
    """Return what must not change of a dict or set that a loop goes through: its keys."""
    if not isinstance(owner, DictValue):
        return None
    if owner.rows is not None:
        return id(owner.rows.length)
    return [(key, isinstance(entry, Maybe)) for key, entry in owner.entries.items()]


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
        if (
            turns >= _LONG
            or not isinstance(loop.broken, bool)
            or (not isinstance(scope.returned, bool))
        ):
            _roll_rest(run, node, scope, alive, loop)
            break
        before, mark = Snapshot(run, scope), trace.marked()
        test = evaluate_truth(run, node.test, scope)
        if isinstance(test, bool):
            trace.note(node.test, test)
        if test is False:
            break
        if test is not True:
            before.restore()
            trace.forget(mark)
            _roll_rest(run, node, scope, alive, loop)
            break
        turns += 1
        run.count_trip(node)
        trace._path, trace._local = outer
        run.block(node.body, scope, alive)
        loop.continued = False
    trace._path, trace._local = outer
    scope.loops[:] = [other for other in scope.loops if other is not loop]
    run.block(node.orelse, scope, both(path, negate(loop.broken)))


def _roll_rest(run: Interpreter, node: ast.While, scope: Scope, alive: Bit, loop: Loop) -> None:
    scope.loops[:] = [other for other in scope.loops if other is not loop]
    trace = run.trace
    test = evaluate_truth(run, node.test, scope)
    trace.note(node.test, from_bit(test))
    entered = both(alive, test)
    if entered is False:
        return
    broken = Roll(LoopBody(run, node, scope, entered, None)).run()
    loop.broken = either(loop.broken, broken)
