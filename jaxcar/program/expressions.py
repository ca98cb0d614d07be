"""Expressions: every node of the language's syntax that has a value."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxcar.lang.rules import BUILTINS
from jaxcar.program import libraries as libraries  # they register their functions
from jaxcar.program import math_api, numpy_api, opencv_constants
from jaxcar.program.bits import from_bit
from jaxcar.program.calls import apply
from jaxcar.program.columns import numbers
from jaxcar.program.comparison import compare
from jaxcar.program.containers import DictValue
from jaxcar.program.definitions import FunctionValue, LibraryName
from jaxcar.program.displays import (
    dict_display,
    formatted_text,
    list_display,
    set_display,
    spread,
    tuple_display,
)
from jaxcar.program.faults import Fault
from jaxcar.program.fields import field
from jaxcar.program.generators import (
    argument,
    dict_comprehension,
    generator,
    list_comprehension,
    set_comprehension,
)
from jaxcar.program.host import Host
from jaxcar.program.indexing import get_from_order, get_item
from jaxcar.program.layout import traced_array
from jaxcar.program.merge import merge
from jaxcar.program.operators import BINARY, binary, unary
from jaxcar.program.orders import Order
from jaxcar.program.positions import coordinate_grid
from jaxcar.program.predicate import Bit, both, either, excludes, implies, negate
from jaxcar.program.scope import Scope
from jaxcar.program.tensors import BOOL, Tensor
from jaxcar.program.trace import AbandonedError
from jaxcar.program.truth import truth_of
from jaxcar.program.types_api import TYPES
from jaxcar.program.values import UNSET, Maybe
from jaxcar.program.wording import describe

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

CONSTANTS: dict[str, Any] = {
    **{f"numpy.{name}": getattr(np, name) for name in ("pi", "e", "inf", "nan", "newaxis")},
    **{f"numpy.{name}": LibraryName(f"numpy.{name}") for name in ("mgrid", "ogrid")},
    "builtins.NotImplemented": NotImplemented,
    **math_api.CONSTANTS,
    **opencv_constants.CONSTANTS,
    **{f"numpy.{name}": kind for name, kind in numpy_api.TYPES.items()},
}


def library_value(path: str) -> Any:
    """Return a library's constant or type, or the name itself for a function or module."""
    return CONSTANTS[path] if path in CONSTANTS else LibraryName(path)


def evaluate(run: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """Return the value of an expression on the present path."""
    value = evaluate_order(run, node, scope)
    if isinstance(value, Order):
        with run.trace.at(node):
            return run.trace.sure(value)
    return value


def evaluate_order(run: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """Return the value of an expression that is indexed or gets a name: perhaps an `Order`."""
    with run.trace.at(node):
        value = _HANDLERS[type(node)](run, node, scope)
        if not run.trace.known_arrays and isinstance(value, np.ndarray) and value.ndim > 0:
            return traced_array(value)
        return value


def evaluate_truth(run: Interpreter, node: ast.expr, scope: Scope) -> Bit:
    """Return the truth of an expression where nothing else of its value is wanted.

    `and` and `or` return an operand: a list and a bool that meet so have no common value, but each
    has its truth.
    """
    trace = run.trace
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        with trace.at(node):
            return negate(evaluate_truth(run, node.operand, scope))
    if not isinstance(node, ast.BoolOp):
        return truth_of(trace, evaluate(run, node, scope))
    conjunction = isinstance(node.op, ast.And)
    result: Bit = conjunction
    with trace.at(node):
        for operand in node.values:
            # What follows is reached only where what came before leaves it open.
            onward = result if conjunction else negate(result)
            if onward is False or excludes(trace.path, onward):
                break
            here = trace.on_path(onward, functools.partial(evaluate_truth, run, operand, scope))
            if here is UNSET:
                break  # CPython raises wherever it goes on
            result = both(result, here) if conjunction else either(result, here)
    return result


def _constant(run: Interpreter, node: ast.Constant, scope: Scope) -> Any:
    return node.value


def _name(run: Interpreter, node: ast.Name, scope: Scope) -> Any:
    value = scope.find(node.id)
    own = node.id in scope.own or node.id in scope.variables
    kind = Fault.NAME if own else Fault.NAME_GLOBAL
    if value is UNSET and scope.binds(node.id):
        return run.trace.read(value, node.id, kind)
    if value is UNSET and node.id in TYPES:
        return TYPES[node.id]
    if value is UNSET and node.id in BUILTINS:
        return library_value(f"builtins.{node.id}")
    return run.trace.read(value, node.id, kind)


def _attribute(run: Interpreter, node: ast.Attribute, scope: Scope) -> Any:
    owner = run.trace.present(evaluate(run, node.value, scope), Fault.ATTRIBUTE)
    if isinstance(owner, LibraryName):
        return library_value(f"{owner.path}.{node.attr}")
    return field(run, owner, node.attr)


def _subscript(run: Interpreter, node: ast.Subscript, scope: Scope) -> Any:
    owner = evaluate_order(run, node.value, scope)
    index = evaluate(run, node.slice, scope)
    if isinstance(owner, Order):
        return get_from_order(run.trace, owner, index)
    if isinstance(owner, LibraryName) and owner.path in ("numpy.mgrid", "numpy.ogrid"):
        return coordinate_grid(run.trace, owner.path, index)
    return get_item(run.trace, owner, index)


def _slice(run: Interpreter, node: ast.Slice, scope: Scope) -> slice:
    parts = (node.lower, node.upper, node.step)
    return slice(*(None if part is None else evaluate(run, part, scope) for part in parts))


def _binary(run: Interpreter, node: ast.BinOp, scope: Scope) -> Any:
    left = evaluate(run, node.left, scope)
    right = evaluate(run, node.right, scope)
    return binary(run.trace, BINARY[type(node.op)], left, right)


def _unary(run: Interpreter, node: ast.UnaryOp, scope: Scope) -> Any:
    return unary(run.trace, node.op, evaluate(run, node.operand, scope))


def _boolean(run: Interpreter, node: ast.BoolOp, scope: Scope) -> Any:
    """`and` and `or` return an operand; what follows is reached only where it is needed."""
    conjunction = isinstance(node.op, ast.And)

    def rest(operands: list[ast.expr]) -> Any:
        value = evaluate(run, operands[0], scope)
        if len(operands) == 1:
            return value
        truth = truth_of(run.trace, value)
        onward = truth if conjunction else negate(truth)
        if excludes(run.trace.path, onward):
            return value
        other = run.trace.on_path(onward, lambda: rest(operands[1:]))
        return value if other is UNSET else _chosen(run, onward, other, value)

    return rest(node.values)


def _is_python_bool(value: Any) -> bool:
    if isinstance(value, Tensor):
        return value.dtype == BOOL and value.python is True
    return isinstance(value, bool)


def _compare(run: Interpreter, node: ast.Compare, scope: Scope) -> Any:
    """Chained comparisons evaluate each operand once, and none after the first false one."""
    left = evaluate(run, node.left, scope)
    result = None
    path: Bit = True
    for index, (op, operand) in enumerate(zip(node.ops, node.comparators, strict=True)):
        pair = run.trace.on_path(path, functools.partial(_compared, run, op, left, operand, scope))
        if pair is UNSET:
            return result
        right, found = pair
        result = found if index == 0 else _chosen(run, path, found, result)
        if index + 1 < len(node.ops):
            path = both(path, truth_of(run.trace, found))
            if path is False:
                return result
        left = right
    return result


def _compared(
    run: Interpreter, op: ast.cmpop, left: Any, operand: ast.expr, scope: Scope
) -> tuple[Any, Any]:
    right = evaluate(run, operand, scope)
    return right, compare(run.trace, op, left, right)


def _chosen(run: Interpreter, onward: Bit, other: Any, value: Any) -> Any:
    """Return `other` where evaluation went onward, else `value`, whose truth sent it or not."""
    if _is_python_bool(value) and _is_python_bool(other):
        # Keep the logic of the path, not only its traced value.
        first, second = truth_of(run.trace, value), truth_of(run.trace, other)
        return from_bit(either(both(onward, second), both(negate(onward), first)))
    return merge(onward, other, value)


def _conditional(run: Interpreter, node: ast.IfExp, scope: Scope) -> Any:
    test = evaluate_truth(run, node.test, scope)
    if isinstance(test, bool):
        return evaluate(run, node.body if test else node.orelse, scope)
    if excludes(run.trace.path, test) or implies(run.trace.path, test):
        body = implies(run.trace.path, test)
        return evaluate(run, node.body if body else node.orelse, scope)
    first = run.trace.on_path(test, lambda: evaluate(run, node.body, scope))
    second = run.trace.on_path(negate(test), lambda: evaluate(run, node.orelse, scope))
    if first is UNSET and second is UNSET:
        raise AbandonedError
    if first is UNSET or second is UNSET:
        return second if first is UNSET else first
    return merge(test, first, second)


def _named(run: Interpreter, node: ast.NamedExpr, scope: Scope) -> Any:
    if scope.comprehension:
        run.trace.refuse(
            "JC312",
            "`:=` inside a comprehension or generator is not supported yet",
            fix="write a `for` loop",
        )
    value = evaluate(run, node.value, scope)
    run.assign(node.target, value, scope)
    run.trace.note(node.target, value)
    return value


def _lambda(run: Interpreter, node: ast.Lambda, scope: Scope) -> FunctionValue:
    return make_function(run, node, scope)


def make_function(
    run: Interpreter, node: ast.FunctionDef | ast.Lambda, scope: Scope
) -> FunctionValue:
    """Return a function value: its defaults are evaluated now."""
    defaults = tuple(evaluate(run, default, scope) for default in node.args.defaults)
    keyword = {
        arg.arg: evaluate(run, default, scope)
        for arg, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is not None
    }
    return FunctionValue(node, scope, defaults, keyword)


def _call(run: Interpreter, node: ast.Call, scope: Scope) -> Any:
    function = run.trace.present(evaluate(run, node.func, scope))
    if isinstance(function, Host):
        return function.call(run.trace, node, lambda x: evaluate(run, x, scope))
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        only = argument(run, function, node.args[0], scope)
        arguments = [only]
    elif isinstance(function, LibraryName) and function.path in _EXTREMES and _has_star(node):
        arguments = _candidates(run, node, scope)
    else:
        arguments = spread(run, node.args, scope)
    keywords: dict[str, Any] = {}
    for keyword in node.keywords:
        value = evaluate(run, keyword.value, scope)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        if not isinstance(value, DictValue) or any(
            isinstance(entry, Maybe) or not isinstance(key, str)
            for key, entry in value.entries.items()
        ):
            run.trace.refuse(
                "JC312",
                f"unpacking {describe(value)} with `**` is not supported yet",
                fix="write the arguments out: f(x=..., y=...)",
            )
        keywords.update(value.entries)
    return apply(run, function, arguments, keywords)


_EXTREMES = ("builtins.max", "builtins.min")


def _has_star(node: ast.Call) -> bool:
    return any(isinstance(argument, ast.Starred) for argument in node.args)


def _candidates(run: Interpreter, node: ast.Call, scope: Scope) -> list[Any]:
    """Return the arguments of max() or min(): one list where a star adds a run-time number."""
    values = list_display(run, ast.List(node.args, ast.Load()), scope)
    if values.rows is None:
        return values.items
    column = numbers(values.rows)
    if column is None or column.values.ndim != 1 or any(k.arg == "default" for k in node.keywords):
        run.trace.refuse(
            "JC312",
            "a star before a list of run-time length is supported for numbers only, without "
            "`default`",
            fix="give the list itself: max(values, default=0)",
        )
    run.trace.raise_where(Fault.TYPE, values.rows.length.value < 2)
    return [values]


def _stray_star(run: Interpreter, node: ast.Starred, scope: Scope) -> Any:
    run.trace.refuse(
        "JC312", "a star is not supported here yet", node=node, fix="write the elements out"
    )


_HANDLERS: dict[type[ast.expr], Callable[..., Any]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.Dict: dict_display,
    ast.DictComp: dict_comprehension,
    ast.GeneratorExp: generator,
    ast.IfExp: _conditional,
    ast.JoinedStr: formatted_text,
    ast.Lambda: _lambda,
    ast.List: list_display,
    ast.ListComp: list_comprehension,
    ast.Name: _name,
    ast.NamedExpr: _named,
    ast.Set: set_display,
    ast.SetComp: set_comprehension,
    ast.Slice: _slice,
    ast.Starred: _stray_star,
    ast.Subscript: _subscript,
    ast.Tuple: tuple_display,
    ast.UnaryOp: _unary,
}
