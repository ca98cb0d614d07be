"""One entry as pure functions of arrays, and the structure of its memory, found by a fixpoint."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.lang.rules import Limits
from jaxcar.program.entries import Entry, Inputs, Source, bind_setup
from jaxcar.program.interpret import Interpreter
from jaxcar.program.merge import join_pending
from jaxcar.program.opencv_api import FramePath
from jaxcar.program.predicate import literal
from jaxcar.program.returns import Returned, sort_returned
from jaxcar.program.structure import Kind, join_memory, kind_of, pack, unpack, zeros
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
    """What one step of one entry gives, 64-bit."""

    leaves: Leaves
    reward: jax.Array
    completed: jax.Array | None
    components: dict[str, jax.Array]
    fault: jax.Array


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
        known_arrays: as in `Trace`.
    """

    entry: Entry
    inputs: Inputs
    limits: Limits
    kind: Kind | None
    returns: str
    component_names: tuple[str, ...]
    known_arrays: bool = True

    def trace(self) -> Trace:
        """Return the start of a new tracing."""
        return Trace(self.entry.module.source, self.limits, self.known_arrays)

    @property
    def needs(self) -> tuple[Need, ...]:
        """The inputs that `init` and `step` read."""
        found = [Need(source.form, source.name, "step") for _, source in self.entry.parameters]
        for name in ("__init__", "reset"):
            for _, source in bind_setup(self.entry, name, self.inputs) or ():
                found.append(Need(source.form, source.name, "init"))
        return tuple(found)

    def init(self, values: Values) -> tuple[Leaves, jax.Array]:
        """Return the leaves of a fresh memory and the fault of making it."""
        if self.kind is None:
            return (), jnp.int32(0)
        trace = self.trace()
        instance = _set_up(trace, self.entry, self.inputs, values)
        return tuple(pack(instance, self.kind)), jnp.asarray(trace.fault, jnp.int32)

    def step(self, leaves: Leaves, before: jax.Array, values: Values) -> EntryStep:
        """Run the entry once; a fault leaves the memory as it was.

        Args:
            leaves: the memory's leaves.
            before: i32[], the fault of making the memory.
            values: input name to array.
        """
        trace = self.trace()
        instance, returned = _run(trace, self.entry, self.kind, leaves, values)
        fault = jnp.where(before != 0, before, jnp.asarray(trace.fault, jnp.int32))
        sound = fault == 0
        new = tuple(pack(instance, self.kind)) if self.kind is not None else ()
        kept = tuple(jnp.where(sound, x, y) for x, y in zip(new, leaves, strict=True))
        reward = jnp.zeros((), np.float64) if returned.reward is None else returned.reward
        return EntryStep(
            leaves=kept,
            reward=jnp.where(sound, reward, 0.0),
            completed=None if returned.completed is None else returned.completed & sound,
            components={k: jnp.where(sound, v, 0.0) for k, v in returned.components.items()},
            fault=fault,
        )


def _given(source: Source, values: Values) -> Any:
    if source.form == "absent":
        return None
    array = values[source.name]
    tensor = Tensor(array, np.dtype(array.dtype))
    return FramePath(tensor) if source.form == "path" else tensor


def _arguments(parameters: tuple[tuple[str, Source], ...], values: Values) -> dict[str, Any]:
    return {name: _given(source, values) for name, source in parameters if source.form != "default"}


def _class_of(run: Interpreter, entry: Entry) -> ClassValue:
    assert entry.class_name is not None
    return run.module.variables[entry.class_name]


def _set_up(trace: Trace, entry: Entry, inputs: Inputs, values: Values) -> Instance:
    """Make the entry's object: `__init__`, then `reset`."""
    with trace.refusing():
        run = Interpreter(trace, entry.module)
        cls = _class_of(run, entry)
        instance = Instance(cls, {})
        for name in ("__init__", "reset"):
            parameters = bind_setup(entry, name, inputs)
            if parameters is not None:
                run.call(cls.functions[name], [instance], _arguments(parameters, values))
        settle_fields(instance)
    return instance


def _run(
    trace: Trace, entry: Entry, kind: Kind | None, leaves: Leaves, values: Values
) -> tuple[Instance | None, Returned]:
    """Run the entry on its memory; return its object afterwards and what it returned."""
    with trace.refusing():
        run = Interpreter(trace, entry.module)
        arguments = _arguments(entry.parameters, values)
        if entry.class_name is None:
            function = run.module.variables[entry.name]
            scope = run.enter(function, [], arguments)
            instance = None
        else:
            cls = _class_of(run, entry)
            classes = {k: v for k, v in run.module.variables.items() if isinstance(v, ClassValue)}
            assert kind is not None
            instance = unpack(kind, list(leaves), classes)
            scope = run.enter(cls.functions[entry.function.name], [instance], arguments)
        settle_fields(instance)
        with trace.at(entry.function):
            return instance, sort_returned(trace, scope, run.finish(scope))


def compile_entry(entry: Entry, inputs: Inputs, limits: Limits) -> CompiledEntry:
    """Find the kinds of an entry's memory and result by tracing it on shapes alone.

    Args:
        entry: the reward function.
        inputs: what it may look at.
        limits: the bounds of the language.

    Raises:
        RefusedProgram: the program is outside the language.
    """
    try:
        return _compile(entry, inputs, limits, known_arrays=True)
    except KnownArrayWrittenError:
        return _compile(entry, inputs, limits, known_arrays=False)


def _compile(entry: Entry, inputs: Inputs, limits: Limits, known_arrays: bool) -> CompiledEntry:
    bare = CompiledEntry(entry, inputs, limits, None, "", (), known_arrays)
    with jax.enable_x64(True):
        kind = None if entry.class_name is None else _memory_kind(bare)
        found: list[Returned] = []

        def step(leaves: Leaves, values: Values) -> Any:
            trace = bare.trace()
            instance, returned = _run(trace, entry, kind, leaves, values)
            found.append(returned)
            kept = pack(instance, kind) if kind is not None else []
            return kept, returned.parts(), jnp.asarray(trace.fault)

        leaves = () if kind is None else leaf_shapes(kind)
        traced = jax.make_jaxpr(step)(leaves, inputs.shapes())
    _check_equations(entry, limits, _count_equations(traced.jaxpr))
    returned = found[-1]
    words = {"completed": returned.completed, "reward": returned.reward}
    named = " and ".join(word for word, part in words.items() if part is not None)
    return dataclasses.replace(
        bare, kind=kind, returns=named, component_names=tuple(returned.components)
    )


def leaf_shapes(kind: Kind) -> Leaves:
    """Return the shapes of the leaves of a kind; call it where 64-bit types are enabled."""
    return jax.eval_shape(lambda: tuple(zeros(kind)))


def _memory_kind(bare: CompiledEntry) -> Kind:
    """Widen the kind of the object until a step no longer changes it."""
    entry, inputs = bare.entry, bare.inputs
    kinds: list[Kind] = []

    def start(values: Values) -> jax.Array:
        trace = bare.trace()
        instance = _set_up(trace, entry, inputs, values)
        with trace.at(entry.function):
            kinds.append(_object_kind(trace, instance))
        return jnp.int32(0)

    def widen(kind: Kind, bit: jax.Array, leaves: Leaves, values: Values) -> jax.Array:
        trace = bare.trace()
        after, _ = _run(trace, entry, kind, leaves, values)
        assert after is not None
        before = unpack(kind, list(leaves), _classes(trace, entry))
        either = literal(bit)
        for name in (*before.fields, *(n for n in after.fields if n not in before.fields)):
            old, new = before.fields.get(name, UNSET), after.fields.get(name, UNSET)
            before.fields[name] = join_memory(either, new, old)
        with trace.at(entry.function):
            kinds.append(_object_kind(trace, before))
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


def _classes(trace: Trace, entry: Entry) -> dict[str, ClassValue]:
    """Return the program's classes, for the objects that memory holds."""
    found = Interpreter(trace, entry.module).module.variables
    return {name: value for name, value in found.items() if isinstance(value, ClassValue)}


def settle_fields(value: Any) -> None:
    """Join what is pending in the fields of an object, and of the objects that it holds."""
    parts: Any = ()
    if isinstance(value, Instance):
        for name, field in value.fields.items():
            value.fields[name] = join_pending(field)
        parts = value.fields.values()
    elif isinstance(value, (Optional, Maybe)):
        parts = (value.value,)
    elif isinstance(value, DictValue):
        parts = value.entries.values()
    elif isinstance(value, (tuple, ListValue)):
        parts = value.items if isinstance(value, ListValue) else value
    for part in parts:
        settle_fields(part)


def _object_kind(trace: Trace, instance: Instance) -> Kind:
    """Return the kind of the object; two fields that share a mutable value are refused."""
    seen: dict[int, str] = {}
    for name, value in instance.fields.items():
        if _is_mutable(value):
            if id(value) in seen:
                trace.refuse(
                    "JC312",
                    f"`self.{name}` and `self.{seen[id(value)]}` share one value, which is not "
                    "supported yet",
                    fix="keep a copy: .copy()",
                )
            seen[id(value)] = name
    fields = {name: instance.fields[name] for name in sorted(instance.fields)}
    instance.fields = fields
    parts = tuple(kind_of(trace, value, name) for name, value in fields.items())
    return Kind("object", parts, (tuple(fields), instance.cls.node.name))


def _is_mutable(value: Any) -> bool:
    array = isinstance(value, (Tensor, np.ndarray)) and value.ndim > 0
    return array or isinstance(value, (ListValue, DictValue, Instance))


def _count_equations(jaxpr: Any) -> int:
    total = len(jaxpr.eqns)
    for equation in jaxpr.eqns:
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", None)
            if inner is not None and hasattr(inner, "eqns"):
                total += _count_equations(inner)
    return total


def _check_equations(entry: Entry, limits: Limits, count: int) -> None:
    if count > limits.equations:
        Trace(entry.module.source, limits).refuse(
            "JC508",
            f"the traced program has {count} operations, over the limit {limits.equations}",
            node=entry.function,
            fix="work on whole arrays instead of loops over pixels",
        )
