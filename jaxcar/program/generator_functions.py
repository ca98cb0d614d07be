"""Generator functions: their bodies run up to the next `yield` whenever an element is asked for.

A body is gone through statement by statement. What is in no way around a `yield` runs as anywhere
else; loops and branches around one are written out here, so that whoever asks for the elements runs
in between, as in Python.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from jaxcar.lang.generators import yields_in
from jaxcar.program.bits import from_bit
from jaxcar.program.containers import LazyItems
from jaxcar.program.expressions import evaluate, evaluate_truth
from jaxcar.program.iteration import Items, iterate, iterator_of
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.trace import AbandonedError
from jaxcar.program.values import UNSET, Maybe, Unset

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_YIELDED = "#yielded"


def is_generator(node: ast.AST) -> bool:
    """Tell whether a function is a generator function."""
    return isinstance(node, ast.FunctionDef) and any(True for _ in yields_in(node.body))


def elements(run: Interpreter, scope: Scope, body: Sequence[ast.stmt]) -> LazyItems:
    """Return the elements that a call of a generator function yields.

    Args:
        run: the interpreter.
        scope: the call's scope, with its arguments.
        body: the function's body.
    """
    return LazyItems(_Resumed(run, scope).block(body, True))


class _Resumed:
    """A call of a generator function, which goes on from where it has yielded."""

    def __init__(self, run: Interpreter, scope: Scope) -> None:
        self.run, self.trace, self.scope = run, run.trace, scope

    @contextlib.contextmanager
    def _here(self, path: Bit) -> Iterator[None]:
        """Go on in the body under `path`, on the path of whoever asks for the next element."""
        run, trace, scope = self.run, self.trace, self.scope
        run.check_depth(scope)
        outer = trace._path, trace._local
        scope.base = trace.path
        trace.path, trace.local = both(scope.base, path), path
        run.scopes.append(scope)
        try:
            yield
        finally:
            run.scopes.pop()
            trace._path, trace._local = outer

    def _is_dead(self, path: Bit) -> bool:
        """Tell whether nobody who asks for the next element goes on under a path."""
        return both(self.trace.path, path) is False

    def block(self, body: Sequence[ast.stmt], path: Bit) -> Items:
        """Go through statements, and give each element with whether it occurs."""
        for statement in body:
            live = both(path, negate(self.scope.left()))
            if self._is_dead(live):
                return
            if not any(True for _ in yields_in([statement])):
                with self._here(live):
                    self.run.block([statement], self.scope, live)
            elif isinstance(statement, ast.If):
                yield from self._branches(statement, live)
            elif isinstance(statement, ast.For):
                yield from self._for(statement, live)
            elif isinstance(statement, ast.While):
                yield from self._while(statement, live)
            elif isinstance(statement, ast.Expr):
                yield from self._yield(statement.value, live)

    def _yield(self, node: ast.expr, path: Bit) -> Items:
        assert isinstance(node, (ast.Yield, ast.YieldFrom))
        given = ast.Constant(None) if node.value is None else node.value
        value = self._value(ast.copy_location(given, node), path)
        if isinstance(value, Unset):
            return
        if isinstance(node, ast.Yield):
            yield path, value
            return
        with self._here(path):
            items = iterate(self.trace, iterator_of(self.trace, value))
        yield from self._asked(items, path)

    def _value(self, node: ast.expr, path: Bit) -> Any:
        """Return the value of an expression; UNSET where CPython raises on all of the path."""
        variables = self.scope.variables
        variables.pop(_YIELDED, None)
        store = ast.Assign([ast.Name(_YIELDED, ast.Store())], node)
        for made in (store, store.targets[0]):
            ast.copy_location(made, node)
        with self._here(path):
            self.run.block([store], self.scope, path)
        value = self.trace.settle(variables.pop(_YIELDED, UNSET))
        return value.value if isinstance(value, Maybe) else value

    def _asked(self, items: Items, path: Bit) -> Items:
        """Ask for elements on the path; of some of them it depends on the path whether they are."""
        while True:
            with self._here(path):
                present, item = next(items, (None, None))
            if present is None:
                return
            yield both(path, present), item

    def _truth(self, node: ast.expr, path: Bit) -> Bit | None:
        """Return the truth of an expression; None where CPython raises on all of the path."""
        with self._here(path):
            try:
                test = evaluate_truth(self.run, node, self.scope)
            except AbandonedError as abandoned:
                if abandoned.partial:
                    raise
                return None
            self.trace.note(node, from_bit(test))
            return test

    def _branches(self, node: ast.If, path: Bit) -> Items:
        test = self._truth(node.test, path)
        if test is None:
            return
        yield from self.block(node.body, both(path, test))
        yield from self.block(node.orelse, both(path, negate(test)))

    def _for(self, node: ast.For, path: Bit) -> Items:
        scope, loop = self.scope, Loop()
        with self._here(path):
            items = iterate(
                self.trace, iterator_of(self.trace, evaluate(self.run, node.iter, scope))
            )
        scope.loops.append(loop)
        while True:
            alive = both(path, negate(either(loop.broken, scope.returned)))
            if self._is_dead(alive):
                break
            with self._here(alive):
                present, item = next(items, (None, None))
            if present is None:
                break
            self.run.count_trip(node)
            turn = both(alive, present)
            with self._here(turn):
                self.run.assign(node.target, item, scope)
            yield from self.block(node.body, turn)
            loop.continued = False
        scope.loops.remove(loop)
        yield from self.block(node.orelse, both(path, negate(loop.broken)))

    def _while(self, node: ast.While, path: Bit) -> Items:
        scope, loop = self.scope, Loop()
        scope.loops.append(loop)
        while True:
            alive = both(path, negate(either(loop.broken, scope.returned)))
            test = False if self._is_dead(alive) else self._truth(node.test, alive)
            if test is False or test is None:
                break
            if test is not True:
                self.trace.refuse(
                    "JC312",
                    "`yield` in a loop whose condition is known at run time only is not supported "
                    "yet",
                    node=node.test,
                    fix="write a `for` loop over a range with an `if` inside",
                )
            self.run.count_trip(node)
            yield from self.block(node.body, alive)
            loop.continued = False
        scope.loops.remove(loop)
        yield from self.block(node.orelse, both(path, negate(loop.broken)))
