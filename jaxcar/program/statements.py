"""Statements: what each kind does under the predicate that it is reached."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jaxcar.program import dicts, list_elements, lists
from jaxcar.program.augmented import run_augmented
from jaxcar.program.bits import any_of, from_bit
from jaxcar.program.classes import make_class
from jaxcar.program.comparison import compare
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import LibraryName
from jaxcar.program.expressions import (
    evaluate,
    evaluate_order,
    evaluate_truth,
    library_value,
    make_function,
)
from jaxcar.program.faults import Fault
from jaxcar.program.fields import field
from jaxcar.program.loops import run_for, run_while
from jaxcar.program.merge import merge, postponed
from jaxcar.program.objects import assign_field
from jaxcar.program.orders import Order
from jaxcar.program.predicate import Bit, both, either, level, negate
from jaxcar.program.raising import run_raise, run_try
from jaxcar.program.scope import Scope
from jaxcar.program.trace import AbandonedError
from jaxcar.program.truth import truth_of
from jaxcar.program.values import UNSET, Choice
from jaxcar.program.watch import owner_after
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def _assign(run: Interpreter, node: ast.Assign, scope: Scope, path: Bit) -> None:
    value = evaluate_order(run, node.value, scope)
    if isinstance(value, Order) and not _names_for_good(node, path):
        value = run.trace.sure(value)
    run.trace.note(node, value.positions if isinstance(value, Order) else value)
    for target in node.targets:
        run.assign(target, value, scope)


def _names_for_good(node: ast.Assign, path: Bit) -> bool:
    """Tell whether an assignment binds one name on every path: nothing is joined with the value."""
    one = len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    return one and path is True and level() == 0


def _annotated(run: Interpreter, node: ast.AnnAssign, scope: Scope, path: Bit) -> None:
    if node.value is not None:
        value = evaluate(run, node.value, scope)
        run.trace.note(node, value)
        run.assign(node.target, value, scope)


def _expression(run: Interpreter, node: ast.Expr, scope: Scope, path: Bit) -> None:
    value = evaluate(run, node.value, scope)
    if run.trace.watch is not None:
        run.trace.note(node, owner_after(node.value, scope) if value is None else value)


def _if(run: Interpreter, node: ast.If, scope: Scope, path: Bit) -> None:
    test = evaluate_truth(run, node.test, scope)
    run.trace.note(node.test, from_bit(test))
    run.block(node.body, scope, both(path, test))
    run.block(node.orelse, scope, both(path, negate(test)))


def _break(run: Interpreter, node: ast.Break, scope: Scope, path: Bit) -> None:
    # What was raised before, and is caught further out, has left the path.
    scope.loops[-1].broken = either(scope.loops[-1].broken, run.trace.local)


def _continue(run: Interpreter, node: ast.Continue, scope: Scope, path: Bit) -> None:
    scope.loops[-1].continued = either(scope.loops[-1].continued, run.trace.local)


def _return(run: Interpreter, node: ast.Return, scope: Scope, path: Bit) -> None:
    value = None if node.value is None else evaluate(run, node.value, scope)
    run.trace.note(node, value)
    scope.returns.append(describe(value))
    # What was raised while the value was made has left the path.
    reached = run.trace.local
    scope.value = merge(reached, value, scope.value)
    scope.returned = either(scope.returned, reached)


def _assert(run: Interpreter, node: ast.Assert, scope: Scope, path: Bit) -> None:
    test = evaluate_truth(run, node.test, scope)
    run.trace.note(node.test, from_bit(test))
    run.trace.raise_where(Fault.ASSERTION, negate(test))


def _function(run: Interpreter, node: ast.FunctionDef, scope: Scope, path: Bit) -> None:
    _define(run, node.name, make_function(run, node, scope), scope)


def _define(run: Interpreter, name: str, value: Any, scope: Scope) -> None:
    old = scope.variables.get(name, UNSET)
    scope.variables[name] = postponed(run.trace.local, value, old)


def _class(run: Interpreter, node: ast.ClassDef, scope: Scope, path: Bit) -> None:
    _define(run, node.name, make_class(run, node, scope), scope)


def _match(run: Interpreter, node: ast.Match, scope: Scope, path: Bit) -> None:
    """Run the first case whose pattern fits: constants, alternatives, and names."""
    trace = run.trace
    subject = evaluate(run, node.subject, scope)
    rest = path
    for case in node.cases:
        trace.path, trace.local = both(scope.base, rest), rest
        if trace.path is False:
            return
        fits = _fits(run, case.pattern, subject, scope)
        if case.guard is not None:
            trace.path, trace.local = both(trace.path, fits), both(trace.local, fits)
            try:
                fits = both(fits, evaluate_truth(run, case.guard, scope))
            except AbandonedError as abandoned:
                if abandoned.partial or fits is True:
                    raise
                fits = False  # CPython raises wherever the guard is asked
            trace.path, trace.local = both(scope.base, rest), rest
        trace.note(case.pattern, from_bit(fits))
        run.block(case.body, scope, both(rest, fits))
        rest = both(rest, negate(fits))


def _fits(run: Interpreter, pattern: ast.pattern, subject: Any, scope: Scope) -> Bit:
    """Return whether a pattern fits, and bind its name."""
    trace = run.trace
    if isinstance(pattern, ast.MatchOr):
        return any_of([_fits(run, part, subject, scope) for part in pattern.patterns])
    if isinstance(pattern, ast.MatchSingleton):
        return truth_of(trace, compare(trace, ast.Is(), subject, pattern.value))
    if isinstance(pattern, ast.MatchValue):
        value = evaluate(run, pattern.value, scope)
        return truth_of(trace, compare(trace, ast.Eq(), subject, value))
    if isinstance(pattern, ast.MatchAs):
        fits = True if pattern.pattern is None else _fits(run, pattern.pattern, subject, scope)
        if pattern.name is not None:
            with trace.under(fits):
                run.assign(ast.Name(pattern.name, ast.Store()), subject, scope)
        return fits
    trace.refuse("JC311", "this pattern of `match` is not supported yet", fix="write `if`")


def _delete_element(run: Interpreter, owner: Any, index: Any) -> None:
    trace = run.trace
    if isinstance(owner, DictValue):
        dicts.discard_entry(trace, owner, index, wanted=True)
    elif isinstance(owner, ListValue):
        lists.check_unfrozen(trace, owner)
        list_elements.delete(trace, owner, trace.present(index))
    else:
        trace.refuse(
            "JC404",
            f"an element of {describe(owner)} is deleted: Python raises TypeError or ValueError",
            fix="build it anew without the element: np.delete(x, i), x[:i] + x[i + 1:]",
        )


def _delete(run: Interpreter, node: ast.Delete, scope: Scope, path: Bit) -> None:
    trace = run.trace
    for target in node.targets:
        if isinstance(target, ast.Name):
            trace.read(scope.find(target.id), target.id)
            home = scope.home(target.id)
            home.variables[target.id] = postponed(
                trace.local, UNSET, home.variables.get(target.id, UNSET)
            )
        elif isinstance(target, ast.Attribute):
            owner = trace.present(evaluate(run, target.value, scope), Fault.ATTRIBUTE)
            field(run, owner, target.attr)
            assign_field(run.trace, owner, target.attr, UNSET)
        elif isinstance(target, ast.Subscript):
            owner = trace.present(evaluate(run, target.value, scope))
            index = evaluate(run, target.slice, scope)
            for bit, option in owner.options if isinstance(owner, Choice) else [(True, owner)]:
                with trace.under(bit):
                    _delete_element(run, option, index)
        else:
            trace.refuse(
                "JC311",
                "this form of `del` is not supported yet",
                fix="delete one name or element at a time: del x[0]",
            )


def _import(run: Interpreter, node: ast.Import, scope: Scope, path: Bit) -> None:
    for alias in node.names:
        root = alias.name.partition(".")[0]
        bound, name = (alias.asname, alias.name) if alias.asname else (root, root)
        _define(run, bound, LibraryName(name), scope)


def _import_from(run: Interpreter, node: ast.ImportFrom, scope: Scope, path: Bit) -> None:
    for alias in node.names:
        value = library_value(f"{node.module}.{alias.name}")
        _define(run, alias.asname or alias.name, value, scope)


def _pass(run: Interpreter, node: ast.stmt, scope: Scope, path: Bit) -> None:
    return None


STATEMENTS: dict[type[ast.stmt], Callable[[Interpreter, Any, Scope, Bit], None]] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AugAssign: run_augmented,
    ast.Break: _break,
    ast.ClassDef: _class,
    ast.Continue: _continue,
    ast.Delete: _delete,
    ast.Expr: _expression,
    ast.For: run_for,
    ast.FunctionDef: _function,
    ast.Global: _pass,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: _match,
    ast.Nonlocal: _pass,
    ast.Pass: _pass,
    ast.Raise: run_raise,
    ast.Return: _return,
    ast.Try: run_try,
    ast.While: run_while,
}
