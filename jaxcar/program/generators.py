"""Comprehensions and generators, written out turn by turn, and as arguments of calls."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jaxcar.program import dicts, lists, sets
from jaxcar.program import libraries as libraries  # they register their functions
from jaxcar.program.comprehensions import collected, is_long, searched, summed
from jaxcar.program.containers import DictValue, DictView, LazyItems, ListValue, Rows
from jaxcar.program.definitions import LibraryName
from jaxcar.program.iteration import iterate
from jaxcar.program.operators import unary
from jaxcar.program.predicate import Bit, both
from jaxcar.program.scope import Scope
from jaxcar.program.values import UNSET

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def _generate(
    run: Interpreter,
    generators: list[ast.comprehension],
    scope: Scope,
    element: ast.expr,
    ordered: bool = True,
    first: Any = UNSET,
) -> Iterator[tuple[Bit, Any]]:
    """Yield each element with whether it occurs; no path is held open while it waits."""
    parts = [element, *(x for clause in generators for x in (*clause.ifs, clause.iter))]
    # Python has one scope for all turns: a function made in one sees the last value of a name.
    late = any(isinstance(x, ast.Lambda) for part in parts for x in ast.walk(part))

    def walk(depth: int, inner: Scope, present: Bit) -> Iterator[tuple[Bit, Any]]:
        if depth == len(generators):
            value = run.trace.on_path(present, lambda: run.evaluate(element, inner))
            if value is not UNSET:  # else CPython raises wherever there is this element
                yield present, value
            return
        clause = generators[depth]
        with run.trace.under(present):
            known = depth == 0 and first is not UNSET
            source = first if known else run.evaluate(clause.iter, inner)
            items = iterate(run.trace, source, ordered)
        for occurs, item in items:
            run.count_trip(clause)
            turn = inner if late else Scope(inner, comprehension=True)
            here = both(present, occurs)
            with run.trace.under(here):
                run.bind(clause.target, item, turn, here if late else True)
            for condition in clause.ifs:
                test = functools.partial(run.evaluate_truth, condition, turn)
                held = run.trace.on_path(here, test)
                here = False if held is UNSET else both(here, held)
            if here is not False:
                yield from walk(depth + 1, turn, here)

    yield from walk(0, Scope(scope, comprehension=True), True)


# What these make of their elements does not depend on the order.
_ORDER_FREE = frozenset(
    f"builtins.{name}" for name in ("sum", "any", "all", "min", "max", "sorted", "set", "len")
)


def argument(run: Interpreter, function: Any, node: ast.expr, scope: Scope) -> Any:
    """Return the only argument of a call, which may make the order of a generator immaterial."""
    path = function.path if isinstance(function, LibraryName) else ""
    free = path in _ORDER_FREE or function is set
    if not isinstance(node, (ast.GeneratorExp, ast.ListComp)):
        return run.evaluate(node, scope)
    with run.trace.at(node):
        if isinstance(node, ast.ListComp):
            return _collect(run, node, scope, node.elt, ordered=not free)
        if path in ("builtins.any", "builtins.all"):
            sequence = _source(run, node.generators[0].iter, scope, ordered=False)
            if is_long(run, node, sequence, node.elt):
                wanted = path == "builtins.any"
                found = searched(run, node, sequence, node.elt, scope, wanted)
                return (found if wanted else unary(run.trace, ast.Not(), found),)
            return LazyItems(_generate(run, node.generators, scope, node.elt, False, sequence))
        if path == "builtins.sum":
            sequence = _source(run, node.generators[0].iter, scope, ordered=False)
            if is_long(run, node, sequence, node.elt):
                return (summed(run, node, sequence, node.elt, scope, 0),)
            return LazyItems(_generate(run, node.generators, scope, node.elt, False, sequence))
        if free or path in _EAGER or function in (list, tuple):
            return _items(run, node, scope, ordered=not free)
        return generator(run, node, scope)


def _source(run: Interpreter, node: ast.expr, scope: Scope, ordered: bool) -> Any:
    """Return what a comprehension goes through: a set as a list where its order is immaterial."""
    value = run.evaluate(node, scope)
    if not ordered and isinstance(value, DictValue) and value.form == "set" and value.rows:
        return ListValue([], run.trace.path, rows=value.rows)
    return value


# What these do with a generator, they do with all of its elements at once.
_EAGER = frozenset(
    ["builtins.frozenset", "numpy.fromiter", "collections.deque", "builtins.dict", "math.fsum"]
)


def _items(run: Interpreter, node: ast.GeneratorExp, scope: Scope, ordered: bool) -> Any:
    """Return the elements of a generator that is used up at once."""
    source = node.generators[0].iter
    if isinstance(source, ast.GeneratorExp):
        sequence = _items(run, source, scope, ordered)
    else:
        sequence = _source(run, source, scope, ordered)
    if is_long(run, node, sequence, node.elt):
        return collected(run, node, sequence, node.elt, scope)
    return LazyItems(_generate(run, node.generators, scope, node.elt, ordered, sequence))


def _collect(
    run: Interpreter, node: Any, scope: Scope, element: ast.expr, ordered: bool = True
) -> ListValue:
    """Return the elements of a comprehension as a list."""
    sequence = _source(run, node.generators[0].iter, scope, ordered)
    if is_long(run, node, sequence, element):
        return collected(run, node, sequence, element, scope)
    before = _rows_of(sequence)
    items = list(_generate(run, node.generators, scope, element, ordered, sequence))
    only = len(node.generators) == 1 and not node.generators[0].ifs
    # An element for each one of a list that stayed as it was: they are the first ones, too.
    whole = only and before is not None and _rows_of(sequence) is before
    length = before.length if whole and before is not None else None
    return lists.from_items(run.trace, items, length=length)


def _rows_of(value: Any) -> Rows | None:
    return value.rows if isinstance(value, ListValue) else None


def generator(run: Interpreter, node: ast.GeneratorExp, scope: Scope) -> LazyItems:
    """Return a generator, whose elements are made one at a time."""
    return LazyItems(_generate(run, node.generators, scope, node.elt))


def list_comprehension(run: Interpreter, node: ast.ListComp, scope: Scope) -> Any:
    """Return the list that a comprehension makes."""
    return _collect(run, node, scope, node.elt)


def set_comprehension(run: Interpreter, node: ast.SetComp, scope: Scope) -> Any:
    """Return the set that a comprehension makes."""
    made = _collect(run, node, scope, node.elt, ordered=False)
    return sets.from_collection(run.trace, made)


_COLLECTIONS = (ast.DictComp, ast.ListComp, ast.SetComp, ast.Dict, ast.List, ast.Set)


def dict_comprehension(run: Interpreter, node: ast.DictComp, scope: Scope) -> Any:
    """Return the dict that a comprehension makes."""
    pair = ast.copy_location(ast.Tuple([node.key, node.value], ast.Load()), node)
    source = run.evaluate(node.generators[0].iter, scope)
    owner = source.owner if isinstance(source, DictView) else source
    # The order of a dict that is made of one without a known order is not known either.
    unordered = isinstance(owner, DictValue) and owner.unordered
    made = DictValue({}, unordered=unordered)
    if is_long(run, node, source, pair):
        if isinstance(node.value, _COLLECTIONS):
            dicts.refuse_collections(run.trace)
        pairs: Any = collected(run, node, source, pair, scope)
    else:
        items = _generate(run, node.generators, scope, pair, not unordered, source)
        pairs = LazyItems(items)
    for bit, (key, value) in iterate(run.trace, pairs):
        with run.trace.under(bit):
            if run.trace.path is not False:
                dicts.set_entry(run.trace, made, key, value)
    return made
