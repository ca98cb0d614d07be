"""One entry as pure functions of arrays, and the structure of its memory, found by a fixpoint."""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import RefusedProgram
from jaxcar.lang.rules import Limits
from jaxcar.program.entries import Entry, Inputs, Source, bind_setup
from jaxcar.program.host import Host, host_roots
from jaxcar.program.interpret import Interpreter
from jaxcar.program.merge import collapsed, join_pending
from jaxcar.program.opencv_api import FramePath
from jaxcar.program.precision import Precision, computing
from jaxcar.program.predicate import literal
from jaxcar.program.returns import Returned, sort_returned
from jaxcar.program.rolled import cells_of
from jaxcar.program.structure import (
    Kind,
    grown,
    join_memory,
    kind_of,
    narrow,
    restored,
    stored,
    zeros,
)
from jaxcar.program.trace import KnownArrayWrittenError, Trace
from jaxcar.program.values import (
    UNSET,
    ClassValue,
    DictValue,
    Instance,
    ListValue,
    Maybe,
    Optional,
    Tensor,
)

_FIXPOINT_ROUNDS = 8
Leaves = tuple[jax.Array, ...]
Values = Mapping[str, jax.Array]


class Need(NamedTuple):
    """An input that an entry reads.

    Attributes:
        form: as in `Source`.
        name: the input's name.
        stage: "init" or "step".
    """

    form: str
    name: str
    stage: str


class EntryStep(NamedTuple):
    """What one step of one entry gives, 64-bit.

    Attributes:
        leaves: its memory afterwards.
        reward: f64[].
        completed: bool[], or None where the entry says nothing of it.
        components: name to f64[].
        fault: i32[].
        near: bool[], whether rounding may have decided something; None where nobody asks.
    """

    leaves: Leaves
    reward: jax.Array
    completed: jax.Array | None
    components: dict[str, jax.Array]
    fault: jax.Array
    near: jax.Array | None = None


@dataclasses.dataclass(frozen=True)
class CompiledEntry:
    """An entry with the kind of everything that it remembers.

    Args:
        entry: the reward function.
        inputs: what it may look at.
        limits: the bounds of the language.
        kind: the kind of its object, or None for a function.
        returns: "completed", "reward" or "completed and reward".
        component_names: the keys of the dict that it returns.
        host_inputs: the declared attributes and calls of the caller's objects that it reads.
        known_arrays: as in `Trace`.
        doubts: whether to tell where rounding may decide.
    """

    entry: Entry
    inputs: Inputs
    limits: Limits
    kind: Kind | None
    returns: str
    component_names: tuple[str, ...]
    host_inputs: tuple[str, ...] = ()
    known_arrays: bool = True
    doubts: bool = False

    def trace(self) -> Trace:
        """Return the start of a new tracing."""
        return Trace(self.entry.module.source, self.limits, self.known_arrays, self.doubts)

    @property
    def needs(self) -> tuple[Need, ...]:
        """The inputs that `init` and `step` read."""
        found = [
            Need(source.form, source.name, "step")
            for _, source in self.entry.parameters
            if source.form != "host"
        ]
        found += [Need("input", name, "step") for name in self.host_inputs]
        for name in ("__init__", "reset"):
            for _, source in bind_setup(self.entry, name, self.inputs) or ():
                if source.form == "host":
                    continue
                found.append(Need(source.form, source.name, "init"))
        return tuple(found)

    def init(self, values: Values) -> tuple[Leaves, jax.Array]:
        """Return the leaves of a fresh memory and the fault of making it."""
        if self.kind is None:
            return (), jnp.int32(0)
        trace = self.trace()
        instance = _set_up(trace, self.entry, self.inputs, values)
        return stored(instance, self.kind), jnp.asarray(trace.fault, jnp.int32)

    def step(self, leaves: Leaves, before: jax.Array, values: Values) -> EntryStep:
        """Run the entry once; a fault leaves the memory as it was.

        Args:
            leaves: the memory's leaves.
            before: i32[], the fault of making the memory.
            values: input name to array.
        """
        trace = self.trace()
        instance, returned = _run(trace, self.entry, self.inputs, self.kind, leaves, values)
        fault = jnp.where(before != 0, before, jnp.asarray(trace.fault, jnp.int32))
        sound = fault == 0
        new = stored(instance, self.kind) if self.kind is not None else ()
        kept = tuple(jnp.where(sound, x, y) for x, y in zip(new, leaves, strict=True))
        reward = jnp.zeros((), np.float64) if returned.reward is None else returned.reward
        return EntryStep(
            leaves=kept,
            reward=jnp.where(sound, reward, 0.0),
            completed=None if returned.completed is None else returned.completed & sound,
            components={k: jnp.where(sound, v, 0.0) for k, v in returned.components.items()},
            fault=fault,
            near=None if trace.near is None else jnp.asarray(trace.near),
        )


def _given(source: Source, values: Values) -> Any:
    if source.form == "absent":
        return None
    array = values[source.name]
    tensor = Tensor(array, np.dtype(array.dtype))
    return FramePath(tensor) if source.form == "path" else tensor


def _arguments(
    run: Interpreter, parameters: tuple[tuple[str, Source], ...], values: Values
) -> dict[str, Any]:
    return {
        name: run.host[source.name] if source.form == "host" else _given(source, values)
        for name, source in parameters
        if source.form != "default"
    }


def _interpreter(trace: Trace, entry: Entry, inputs: Inputs, values: Values) -> Interpreter:
    """Return an interpreter of the entry's program that knows what the caller provides."""
    names = [name for name in inputs.declared if host_roots([name])]
    given = {name: values.get(name) for name in names}
    roots = host_roots(names)
    hosts = {root: Host(root, given, trace.host_reads) for root in roots}
    return Interpreter(trace, entry.module, hosts)


def _class_of(run: Interpreter, entry: Entry) -> ClassValue:
    assert entry.class_name is not None
    return run.module.variables[entry.class_name]


def _set_up(trace: Trace, entry: Entry, inputs: Inputs, values: Values) -> Instance:
    """Make the entry's object: `__init__`, then `reset`."""
    with trace.refusing():
        run = _interpreter(trace, entry, inputs, values)
        cls = _class_of(run, entry)
        instance = Instance(cls, {})
        for name in ("__init__", "reset"):
            parameters = bind_setup(entry, name, inputs)
            if parameters is not None:
                run.call(cls.functions[name], [instance], _arguments(run, parameters, values))
        settle_fields(instance)
        if trace.refusals:
            raise RefusedProgram(trace.refusals)
    return instance


def _run(
    trace: Trace, entry: Entry, inputs: Inputs, kind: Kind | None, leaves: Leaves, values: Values
) -> tuple[Instance | None, Returned]:
    """Run the entry on its memory; return its object afterwards and what it returned."""
    with trace.refusing():
        run = _interpreter(trace, entry, inputs, values)
        arguments = _arguments(run, entry.parameters, values)
        if entry.class_name is None:
            function = run.module.variables[entry.name]
            scope = run.enter(function, [], arguments)
            instance = None
        else:
            cls = _class_of(run, entry)
            assert kind is not None
            instance = restored(kind, leaves, trace.classes)
            scope = run.enter(cls.functions[entry.function.name], [instance], arguments)
        settle_fields(instance)
        if trace.refusals:
            raise RefusedProgram(trace.refusals)
        with trace.at(entry.function):
            return instance, sort_returned(trace, scope, run.finish(scope))


def compile_entry(
    entry: Entry, inputs: Inputs, limits: Limits, precision: Precision = "exact"
) -> CompiledEntry:
    """Find the kinds of an entry's memory and result by tracing it on shapes alone.

    Args:
        entry: the reward function.
        inputs: what it may look at.
        limits: the bounds of the language.
        precision: "exact" or "f32".

    Raises:
        RefusedProgram: the program is outside the language.
    """
    try:
        return _compile(entry, inputs, limits, precision, known_arrays=True)
    except KnownArrayWrittenError:
        return _compile(entry, inputs, limits, precision, known_arrays=False)


def _compile(
    entry: Entry, inputs: Inputs, limits: Limits, precision: Precision, known_arrays: bool
) -> CompiledEntry:
    bare = CompiledEntry(entry, inputs, limits, None, "", (), (), known_arrays)
    with computing(precision):
        kind = None if entry.class_name is None else _memory_kind(bare)
        found: list[Returned] = []
        reads: list[str] = []

        def step(leaves: Leaves, values: Values) -> Any:
            trace = bare.trace()
            trace.collecting = True
            instance, returned = _run(trace, entry, inputs, kind, leaves, values)
            found.append(returned)
            reads.extend(sorted(trace.host_reads))
            kept = stored(instance, kind) if kind is not None else ()
            return kept, returned.parts(), jnp.asarray(trace.fault)

        leaves = () if kind is None else leaf_shapes(kind)
        traced = jax.make_jaxpr(step)(leaves, inputs.shapes())
    _check_equations(entry, limits, count_equations(traced.jaxpr))
    returned = found[-1]
    words = {"completed": returned.completed, "reward": returned.reward}
    named = " and ".join(word for word, part in words.items() if part is not None)
    return dataclasses.replace(
        bare,
        kind=kind,
        returns=named,
        component_names=tuple(returned.components),
        host_inputs=tuple(dict.fromkeys(reads)),
    )


def leaf_shapes(kind: Kind) -> Leaves:
    """Return the shapes of the leaves of a kind; call it where 64-bit types are enabled."""
    return jax.eval_shape(lambda: tuple(narrow(leaf) for leaf in zeros(kind)))


def _memory_kind(bare: CompiledEntry) -> Kind:
    """Widen the kind of the object until a step no longer changes it."""
    entry, inputs, limits = bare.entry, bare.inputs, bare.limits
    kinds: list[Kind] = []

    def start(values: Values) -> jax.Array:
        trace = bare.trace()
        trace.collecting = True
        instance = _set_up(trace, entry, inputs, values)
        with trace.at(entry.function):
            kinds.append(_object_kind(trace, instance))
        return jnp.int32(0)

    def widen(kind: Kind, bit: jax.Array, leaves: Leaves, values: Values) -> jax.Array:
        trace = bare.trace()
        trace.collecting = True
        after, _ = _run(trace, entry, inputs, kind, leaves, values)
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
    node = entry.module.classes[entry.class_name or ""]
    for name, part in zip(kind.detail[0], kind.parts, strict=True):
        if part.form == "rows" and part.detail[2] is None and not _shrinks(node, name):
            trace.refuse(
                "JC505",
                f"the list `self.{name}` grows at every step and never shrinks",
                node=entry.function,
                fix=f"bound it: self.{name} = deque(maxlen=10)",
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


def _shrinks(node: ast.ClassDef, name: str) -> bool:
    """Tell whether anything in a class, but its set-up, takes elements from a field."""
    resets = any(
        isinstance(child, ast.Attribute) and child.attr in ("reset", "__init__")
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name not in ("__init__", "reset")
        for child in ast.walk(method)
    )
    for method in node.body:
        first = isinstance(method, ast.FunctionDef) and method.name in ("__init__", "reset")
        for child in ast.walk(method):
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


def settle_fields(value: Any) -> None:
    """Join what is pending in the fields of an object, and of the objects that it holds."""
    parts: Any = ()
    if isinstance(value, Instance):
        for name, field in value.fields.items():
            value.fields[name] = collapsed(join_pending(field))
        parts = value.fields.values()
    elif isinstance(value, (Optional, Maybe)):
        parts = (value.value,)
    elif isinstance(value, DictValue):
        parts = value.entries.values() if value.rows is None else ()
    elif isinstance(value, ListValue):
        parts = value.items if value.rows is None else ()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        settle_fields(part)


def _object_kind(trace: Trace, instance: Instance) -> Kind:
    """Return the kind of the object; two fields that share a mutable value are refused."""
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


def count_equations(jaxpr: Any) -> int:
    """Return how many operations a jaxpr holds, those inside loops and calls included."""
    total = len(jaxpr.eqns)
    for equation in jaxpr.eqns:
        for value in equation.params.values():
            for part in value if isinstance(value, (tuple, list)) else (value,):
                inner = getattr(part, "jaxpr", part)
                if hasattr(inner, "eqns"):
                    total += count_equations(inner)
    return total


def _check_equations(entry: Entry, limits: Limits, count: int) -> None:
    if count > limits.equations:
        Trace(entry.module.source, limits).refuse(
            "JC508",
            f"the traced program has {count} operations, over the limit {limits.equations}",
            node=entry.function,
            fix="work on whole arrays instead of loops over pixels",
        )
