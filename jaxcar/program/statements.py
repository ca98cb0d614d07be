"""Statements: what each kind does under the predicate that it is reached."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jaxcar.program.expressions import evaluate, field, library_value
from jaxcar.program.faults import Fault
from jaxcar.program.indexing import get_item, is_array
from jaxcar.program.iteration import iterate
from jaxcar.program.merge import merge, postponed
from jaxcar.program.operators import BINARY, binary
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.truth import truth_of
from jaxcar.program.values import UNSET, ClassValue, FunctionValue, LibraryName, ListValue
from jaxcar.program.wording import describe
from jaxcar.program.writing import extend_list, in_place, overwrite, set_item

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def _assign(run: Interpreter, node: ast.Assign, scope: Scope, path: Bit) -> None:
    value = evaluate(run, node.value, scope)
    for target in node.targets:
        run.assign(target, value, scope)


def _annotated(run: Interpreter, node: ast.AnnAssign, scope: Scope, path: Bit) -> None:
    if node.value is not None:
        run.assign(node.target, evaluate(run, node.value, scope), scope)


def _augmented(run: Interpreter, node: ast.AugAssign, scope: Scope, path: Bit) -> None:
    """`target op= value`: what the target names is found once, and read before the value."""
    target, trace, name = node.target, run.trace, BINARY[type(node.op)]
    if isinstance(target, ast.Name):
        old = trace.read(scope.find(target.id), target.id)
        new = _changed(run, name, old, evaluate(run, node.value, scope))
        if new is not old:
            run.assign(target, new, scope)
        return
    owner = trace.present(evaluate(run, target.value, scope))
    if isinstance(target, ast.Attribute):
        old = field(run, owner, target.attr)
        new = _changed(run, name, old, evaluate(run, node.value, scope))
        if new is not old:
            run.set_field(owner, target.attr, new)
        return
    index = evaluate(run, target.slice, scope)
    old = get_item(trace, owner, index)
    value = evaluate(run, node.value, scope)
    if is_array(old):
        # The element is a view of the owner: what is stored in it is stored in the owner.
        stored = in_place(trace, old, binary(trace, name, old, value))
        old = None
        set_item(trace, owner, index, stored)
        return
    set_item(trace, owner, index, _changed(run, name, old, value))


def _changed(run: Interpreter, name: str, old: Any, value: Any) -> Any:
    """Return the result of `old op= value`: `old` itself where it is changed in place."""
    if isinstance(old, ListValue):
        extend_list(run.trace, name, old, value)
        return old
    new = binary(run.trace, name, old, value)
    if not is_array(old):
        return new
    stored = in_place(run.trace, old, new)
    overwrite(run.trace, old, stored)
    return old


def _expression(run: Interpreter, node: ast.Expr, scope: Scope, path: Bit) -> None:
    evaluate(run, node.value, scope)


def _if(run: Interpreter, node: ast.If, scope: Scope, path: Bit) -> None:
    test = truth_of(run.trace, evaluate(run, node.test, scope))
    run.block(node.body, scope, both(path, test))
    run.block(node.orelse, scope, both(path, negate(test)))


def _for(run: Interpreter, node: ast.For, scope: Scope, path: Bit) -> None:
    trace = run.trace
    sequence = trace.present(evaluate(run, node.iter, scope))
    size = len(sequence.items) if isinstance(sequence, ListValue) else None
    steps = iterate(trace, sequence)
    loop = Loop()
    scope.loops.append(loop)
    outer = trace.path, trace.local
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
        run.assign(node.target, item, scope)
        trace.path, trace.local = outer
        run.block(node.body, scope, turn)
        loop.continued = False
    trace.path, trace.local = outer
    scope.loops.pop()
    if isinstance(sequence, ListValue) and len(sequence.items) != size:
        trace.refuse("JC312", "changing the list that a loop goes through is not supported yet")
    run.block(node.orelse, scope, both(path, negate(loop.broken)))


def _break(run: Interpreter, node: ast.Break, scope: Scope, path: Bit) -> None:
    scope.loops[-1].broken = either(scope.loops[-1].broken, path)


def _continue(run: Interpreter, node: ast.Continue, scope: Scope, path: Bit) -> None:
    scope.loops[-1].continued = either(scope.loops[-1].continued, path)


def _return(run: Interpreter, node: ast.Return, scope: Scope, path: Bit) -> None:
    value = None if node.value is None else evaluate(run, node.value, scope)
    scope.returns.append(describe(value))
    scope.value = merge(path, value, scope.value)
    scope.returned = either(scope.returned, path)


def _assert(run: Interpreter, node: ast.Assert, scope: Scope, path: Bit) -> None:
    test = truth_of(run.trace, evaluate(run, node.test, scope))
    run.trace.raise_where(Fault.ASSERTION, negate(test))


def _function(run: Interpreter, node: ast.FunctionDef, scope: Scope, path: Bit) -> None:
    _define(run, node.name, make_function(run, node, scope), scope)


def _define(run: Interpreter, name: str, value: Any, scope: Scope) -> None:
    scope.variables[name] = postponed(run.trace.local, value, scope.variables.get(name, UNSET))


def make_function(run: Interpreter, node: ast.FunctionDef, scope: Scope) -> FunctionValue:
    """Return a function of the program with its defaults evaluated."""
    defaults = tuple(evaluate(run, default, scope) for default in node.args.defaults)
    keyword_defaults = {
        arg.arg: evaluate(run, default, scope)
        for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is not None
    }
    return FunctionValue(node, scope, defaults, keyword_defaults)


def _class(run: Interpreter, node: ast.ClassDef, scope: Scope, path: Bit) -> None:
    body = Scope(scope, base=run.trace.path)
    functions: dict[str, FunctionValue] = {}
    static: set[str] = set()
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef):
            # A method does not see its class's names: it closes over what is around the class.
            functions[statement.name] = make_function(run, statement, scope)
            if statement.decorator_list:
                static.add(statement.name)
        else:
            run.block([statement], body, True)
    scope.variables[node.name] = ClassValue(node, functions, frozenset(static), body.variables)


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
    ast.AugAssign: _augmented,
    ast.Break: _break,
    ast.ClassDef: _class,
    ast.Continue: _continue,
    ast.Expr: _expression,
    ast.For: _for,
    ast.FunctionDef: _function,
    ast.Global: _pass,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Pass: _pass,
    ast.Return: _return,
}
