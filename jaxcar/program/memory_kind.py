"""The kind of what a program remembers: widened until one more step no longer changes it."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp

from jaxcar.lang.members import lineage
from jaxcar.program.definitions import Instance
from jaxcar.program.entries import Entry
from jaxcar.program.entry_runs import Leaves, Values, run_entry, set_up_entry
from jaxcar.program.kinds import Kind, grown
from jaxcar.program.packing import zeros
from jaxcar.program.places import cells_of
from jaxcar.program.predicate import literal
from jaxcar.program.structure import join_memory, kind_of, narrow, restored
from jaxcar.program.trace import Trace
from jaxcar.program.values import UNSET

if TYPE_CHECKING:
    from jaxcar.program.execution import CompiledEntry


_FIXPOINT_ROUNDS = 8


def leaf_shapes(kind: Kind) -> Leaves:
    """Return the shapes of the leaves of a kind; call it where 64-bit types are enabled."""
    return jax.eval_shape(lambda: tuple(narrow(leaf) for leaf in zeros(kind)))


def kind_of_memory(bare: CompiledEntry) -> Kind:
    """Widen the kind of the object until a step no longer changes it."""
    entry, inputs, limits = bare.entry, bare.inputs, bare.limits
    kinds: list[Kind] = []

    def start(values: Values) -> jax.Array:
        trace = bare.trace()
        trace.collecting = True
        instance = set_up_entry(trace, entry, inputs, values)
        with trace.at(entry.function):
            kinds.append(_object_kind(trace, instance))
        return jnp.int32(0)

    def widen(kind: Kind, bit: jax.Array, leaves: Leaves, values: Values) -> jax.Array:
        trace = bare.trace()
        trace.collecting = True
        after, _ = run_entry(trace, entry, inputs, kind, leaves, values)
        assert after is not None
        before = restored(kind, leaves, trace.classes)
        either = literal(bit)
        for name in (*before.fields, *(n for n in after.fields if n not in before.fields)):
            old, new = before.fields.get(name, UNSET), after.fields.get(name, UNSET)
            before.fields[name] = join_memory(either, new, old)
        with trace.at(entry.function):
            found = _object_kind(trace, before)
        kinds.append(grown(found, kind, limits.list_capacity))
        _check_growth(trace, entry, kinds[-1])
        return jnp.int32(0)

    jax.eval_shape(start, inputs.shapes())
    for _ in range(_FIXPOINT_ROUNDS):
        bit = jax.ShapeDtypeStruct((), bool)
        # A function of its own each time: JAX traces a function once for the same shapes.
        step = functools.partial(widen, kinds[-1])
        jax.eval_shape(step, bit, leaf_shapes(kinds[-1]), inputs.shapes())
        if kinds[-1] == kinds[-2]:
            return kinds[-1]
    bare.trace().refuse(
        "JC401",
        "what the object remembers has no fixed structure: it changes at every step",
        node=entry.function,
        fix="give every field one kind and a fixed size in `__init__` or `reset`",
    )


def _check_growth(trace: Trace, entry: Entry, kind: Kind) -> None:
    """Refuse lists that only ever grow, and more memory than the limits allow."""
    classes = entry.module.classes
    body = [x for each in lineage(classes[entry.class_name or ""], classes) for x in each.body]
    for name, part in zip(kind.detail[0], kind.parts, strict=True):
        # A list that has grown once has room for as many elements as there may be.
        grown_once = part.form == "rows" and part.detail[-1] >= trace.limits.list_capacity
        ends = _shrinks(body, name) or _is_counted(body, name)
        if grown_once and part.detail[2] is None and not ends:
            trace.refuse(
                "JC505",
                f"the list `self.{name}` grows at every step and never shrinks",
                node=entry.function,
                fix=f"keep the last ones, self.{name} = deque(maxlen=10), or a sum of all",
            )
    size = sum(leaf.size * leaf.dtype.itemsize for leaf in leaf_shapes(kind))
    if size > trace.limits.memory_bytes:
        trace.refuse(
            "JC509",
            f"the program remembers {size:,} bytes; the limit is {trace.limits.memory_bytes:,}",
            node=entry.function,
            fix="keep numbers or masks instead of pictures, or fewer of them",
        )


_SHRINKING = ("pop", "popleft", "clear", "remove")


def _shrinks(body: list[ast.stmt], name: str) -> bool:
    """Tell whether anything in a class, but its set-up, takes elements from a field.

    A list that is asked whether it holds an element before it gets one ends by itself, too.
    """
    resets = any(
        isinstance(child, ast.Attribute) and child.attr in ("reset", "__init__")
        for method in body
        if isinstance(method, ast.FunctionDef) and method.name not in ("__init__", "reset")
        for child in ast.walk(method)
    )
    for method in body:
        first = isinstance(method, ast.FunctionDef) and method.name in ("__init__", "reset")
        for child in ast.walk(method):
            if isinstance(child, ast.Compare) and any(
                isinstance(op, ast.NotIn) and isinstance(held, ast.Attribute) and held.attr == name
                for op, held in zip(child.ops, child.comparators, strict=True)
            ):
                return True
            if isinstance(child, ast.Attribute) and child.attr in _SHRINKING:
                inner = child.value
                if isinstance(inner, ast.Attribute) and inner.attr == name:
                    return True
            if isinstance(child, ast.Attribute) and child.attr == name:
                stored = isinstance(child.ctx, ast.Store) and (resets or not first)
                if stored or isinstance(child.ctx, ast.Del):
                    return True
            if isinstance(child, ast.Delete) and any(
                isinstance(x, ast.Attribute) and x.attr == name for x in ast.walk(child)
            ):
                return True
    return False


_GROWING = ("append", "appendleft", "extend", "extendleft", "insert")


def _is_counted(body: list[ast.stmt], name: str) -> bool:
    """Tell whether all that a class adds to a field stands below `if len(self.field) < n`."""
    whole = [child for statement in body for child in ast.walk(statement)]
    bounded: set[ast.AST] = set()
    for child in whole:
        if isinstance(child, ast.If) and any(_is_below(x, name) for x in _conjuncts(child.test)):
            bounded.update(inner for part in child.body for inner in ast.walk(part))
    added = [
        child
        for child in whole
        if (isinstance(child, ast.Attribute) and child.attr in _GROWING and _is(child.value, name))
        or (isinstance(child, ast.AugAssign) and _is(child.target, name))
    ]
    return bool(added) and all(child in bounded for child in added)


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _is_below(test: ast.expr, name: str) -> bool:
    """Tell whether a test is `len(self.field) < n`."""
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], (ast.Lt, ast.LtE)):
        return False
    size = test.left
    named = isinstance(size, ast.Call) and isinstance(size.func, ast.Name) and size.func.id == "len"
    return named and isinstance(size, ast.Call) and len(size.args) == 1 and _is(size.args[0], name)


def _object_kind(trace: Trace, instance: Instance) -> Kind:
    """Return the kind of the object; two fields that share a mutable value are refused."""
    trace.bounded(instance)
    seen: dict[int, str] = {}
    for name, value in instance.fields.items():
        for cell in cells_of(value):
            if seen.setdefault(id(cell), name) != name:
                trace.refuse(
                    "JC312",
                    f"`self.{name}` and `self.{seen[id(cell)]}` share one value, which is not "
                    "supported yet",
                    fix="keep a copy: .copy()",
                )
    fields = {name: instance.fields[name] for name in sorted(instance.fields)}
    instance.fields = fields
    for name, value in fields.items():
        kind_of(trace, value, name)  # refused in the field's own name
    return kind_of(trace, instance, "")
