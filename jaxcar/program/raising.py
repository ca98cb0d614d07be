"""`raise` and `try`: what is raised, and where it is caught, as predicates."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from jaxcar.program.bits import any_of
from jaxcar.program.expressions import evaluate
from jaxcar.program.faults import Fault, fault_kind, fault_line, raised_as
from jaxcar.program.predicate import Bit, both, either, negate
from jaxcar.program.scope import Scope
from jaxcar.program.trace import TryFrame
from jaxcar.program.values import INERT

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


def run_raise(run: Interpreter, node: ast.Raise, scope: Scope, path: Bit) -> None:
    """Raise an exception, or the one that is being handled."""
    trace = run.trace
    if node.exc is None:
        kinds = scope.handling[-1] if scope.handling else []
        if not kinds:
            trace.refuse(
                "JC404",
                "`raise` alone stands outside an `except` block: Python raises RuntimeError",
                fix="name an exception: raise ValueError('...')",
            )
        for code, bit in kinds:
            trace.raise_where(Fault(fault_kind(code)), bit, line=int(fault_line(code)))
        return
    target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    for argument in node.exc.args if isinstance(node.exc, ast.Call) else ():
        evaluate(run, argument, scope)
    kind = _exception_named(target)
    if kind is None:
        trace.refuse(
            "JC312",
            f"raising `{ast.unparse(target)[:40]}` is not supported yet",
            fix="raise a builtin exception, e.g. ValueError('...')",
        )
    trace.raise_where(raised_as(kind), True)


def _exception_named(node: ast.expr) -> type[Exception] | None:
    """Return the builtin exception that an expression names, or None."""
    if isinstance(node, ast.Attribute):
        # Libraries' own: numpy.linalg.LinAlgError is a ValueError, cv2.error an Exception.
        return {"LinAlgError": ValueError, "error": Exception}.get(node.attr)
    found = getattr(builtins, node.id, None) if isinstance(node, ast.Name) else None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None  # type: ignore[return-value]


def _exceptions(run: Interpreter, node: ast.ExceptHandler) -> tuple[type[BaseException], ...]:
    if node.type is None:
        return (BaseException,)
    named = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    found = [_exception_named(name) for name in named]
    if None in found:
        run.trace.refuse(
            "JC312",
            "catching this exception is not supported yet",
            node=node,
            fix="catch builtin exceptions: except (ValueError, IndexError)",
        )
    return tuple(kind for kind in found if kind is not None)


def run_try(run: Interpreter, node: ast.Try, scope: Scope, path: Bit) -> None:
    """Run the body, and each handler where the body raised what it catches."""
    trace = run.trace
    before = [frame.raised for frame in trace.frames]
    state = scope.returned, [(x.broken, x.continued) for x in scope.loops]
    frame = TryFrame([_exceptions(run, handler) for handler in node.handlers])
    trace.frames.append(frame)
    try:
        run.block(node.body, scope, path)
    finally:
        trace.frames.remove(frame)
    run.block(node.orelse, scope, both(path, negate(frame.raised)))
    for handler, kinds in zip(node.handlers, frame.caught, strict=True):
        caught = any_of([bit for _, bit in kinds])
        if caught is False:
            continue
        if handler.name is not None:
            scope.variables[handler.name] = INERT
        scope.handling.append(kinds)
        run.block(handler.body, scope, caught)
        scope.handling.pop()
        if handler.name is not None:
            scope.variables.pop(handler.name, None)
    if node.finalbody:
        _finally(run, node, scope, path, before, state)


def _finally(
    run: Interpreter, node: ast.Try, scope: Scope, path: Bit, before: list[Bit], state: Any
) -> None:
    """Run `finally`, also where the body returned, left a loop, or raised."""
    trace = run.trace
    for child in node.finalbody:
        if any(isinstance(x, (ast.Return, ast.Break, ast.Continue)) for x in ast.walk(child)):
            trace.refuse(
                "JC311",
                "leaving a `finally` block is not supported yet",
                node=child,
                fix="return after the `finally` block",
            )
    raised = [frame.raised for frame in trace.frames]
    returned, loops = scope.returned, [(x.broken, x.continued) for x in scope.loops]
    scope.returned = state[0]
    for loop, bits in zip(scope.loops, state[1], strict=True):
        loop.broken, loop.continued = bits
    for frame, bit in zip(trace.frames, before, strict=True):
        frame.raised = bit
    run.block(node.finalbody, scope, path)
    for frame, bit in zip(trace.frames, raised, strict=True):
        frame.raised = either(frame.raised, bit)
    for loop, bits in zip(scope.loops, loops, strict=True):
        loop.broken, loop.continued = bits
    scope.returned = returned
