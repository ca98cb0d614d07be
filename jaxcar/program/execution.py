"""One entry as pure functions of arrays, and the structure of its memory, found by a fixpoint."""

from __future__ import annotations

import ast
import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import RefusedProgram
from jaxcar.lang.rules import Limits
from jaxcar.program.entries import Entry, Inputs, bind_setup
from jaxcar.program.entry_runs import Leaves, Values, run_entry, set_up_entry
from jaxcar.program.equations import Equations, count_equations
from jaxcar.program.kinds import Kind
from jaxcar.program.memory_kind import kind_of_memory, leaf_shapes
from jaxcar.program.precision import Precision, computing
from jaxcar.program.structure import stored
from jaxcar.program.trace import KnownArrayWrittenError, Trace
from jaxcar.program.watch import Watch

_SHORTER = 16


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
        watch: told of what is reached and computed, where it runs eagerly.
        traced: its step as equations, so that it need not be traced again.
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
    watch: Watch | None = None
    traced: Equations | None = None

    def trace(self) -> Trace:
        """Return the start of a new tracing."""
        trace = Trace(self.entry.module.source, self.limits, self.known_arrays, self.doubts)
        trace.watch = self.watch
        return trace

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
        instance = set_up_entry(trace, self.entry, self.inputs, values)
        return stored(instance, self.kind), jnp.asarray(trace.fault, jnp.int32)

    def step(self, leaves: Leaves, before: jax.Array, values: Values) -> EntryStep:
        """Run the entry once; a fault leaves the memory as it was.

        Args:
            leaves: the memory's leaves.
            before: i32[], the fault of making the memory.
            values: input name to array.
        """
        if self.traced is not None and self.watch is None and not self.doubts:
            declared = self.inputs.shapes()
            given = {x: values[x] if x in values else _nothing(declared[x]) for x in declared}
            said = self.traced(leaves, given)
        else:
            said = self.say(self.trace(), leaves, values)
        fault = jnp.where(before != 0, before, said.fault)
        sound = fault == 0
        kept = tuple(jnp.where(sound, x, y) for x, y in zip(said.leaves, leaves, strict=True))
        reward = jnp.zeros((), np.float64) if said.reward is None else said.reward
        return EntryStep(
            leaves=kept,
            reward=jnp.where(sound, reward, 0.0),
            completed=None if said.completed is None else said.completed & sound,
            components={k: jnp.where(sound, v, 0.0) for k, v in said.components.items()},
            fault=fault,
            near=said.near,
        )

    def say(self, trace: Trace, leaves: Leaves, values: Values) -> _Said:
        """Trace the entry once, whatever may have gone wrong before."""
        instance, returned = run_entry(trace, self.entry, self.inputs, self.kind, leaves, values)
        return _Said(
            stored(instance, self.kind) if self.kind is not None else (),
            returned.reward,
            returned.completed,
            returned.components,
            jnp.asarray(trace.fault, jnp.int32),
            None if trace.near is None else jnp.asarray(trace.near),
        )


class _Said(NamedTuple):
    """What an entry says where nothing went wrong before; as `EntryStep`."""

    leaves: Leaves
    reward: jax.Array | None
    completed: jax.Array | None
    components: dict[str, jax.Array]
    fault: jax.Array
    near: jax.Array | None


def _nothing(shape: jax.ShapeDtypeStruct) -> np.ndarray:
    return np.zeros(shape.shape, shape.dtype)


@dataclasses.dataclass
class Attempts:
    """What is known of the size of a program's entries, which share most of their code.

    Attributes:
        large: whether one of them is too large written out.
        refused: whether that one was refused with more of its loops traced once, too.
    """

    large: bool = False
    refused: bool = False


def compile_entry(
    entry: Entry,
    inputs: Inputs,
    limits: Limits,
    precision: Precision = "exact",
    attempts: Attempts | None = None,
) -> CompiledEntry:
    """Find the kinds of an entry's memory and result by tracing it on shapes alone.

    Args:
        entry: the reward function.
        inputs: what it may look at.
        limits: the bounds of the language.
        precision: "exact" or "f32".
        attempts: what its siblings have shown.

    Raises:
        RefusedProgram: the program is outside the language.
    """
    attempts = attempts or Attempts()
    shorter = dataclasses.replace(limits, written_out=limits.written_out // _SHORTER)
    found: RefusedProgram | None = None
    if attempts.large:
        try:
            return _compile_either(entry, inputs, shorter, precision)
        except RefusedProgram as refused:
            if attempts.refused:
                raise
            found = refused
    try:
        return _compile_either(entry, inputs, limits, precision)
    except RefusedProgram as refused:
        loops = (ast.For, ast.comprehension)
        if all(each.code != "JC508" for each in refused.diagnostics) or not any(
            isinstance(node, loops) for node in ast.walk(entry.module.tree)
        ):
            raise
    # Written out it is too large: trace more of its loops once.
    attempts.large = True
    try:
        if found is not None:
            raise found
        return _compile_either(entry, inputs, shorter, precision)
    except RefusedProgram:
        attempts.refused = True
        raise


def _compile_either(
    entry: Entry, inputs: Inputs, limits: Limits, precision: Precision
) -> CompiledEntry:
    """Compile with known arrays kept as such, or where the program writes into one, without."""
    try:
        return _compile(entry, inputs, limits, precision, known_arrays=True)
    except KnownArrayWrittenError:
        return _compile(entry, inputs, limits, precision, known_arrays=False)


def _compile(
    entry: Entry, inputs: Inputs, limits: Limits, precision: Precision, known_arrays: bool
) -> CompiledEntry:
    bare = CompiledEntry(entry, inputs, limits, None, "", (), (), known_arrays)
    with computing(precision):
        kind = None if entry.class_name is None else kind_of_memory(bare)
        ready = dataclasses.replace(bare, kind=kind)
        reads: list[str] = []

        def step(leaves: Leaves, values: Values) -> _Said:
            trace = ready.trace()
            trace.collecting = True
            said = ready.say(trace, leaves, values)
            reads.extend(sorted(trace.host_reads))
            return said

        leaves = () if kind is None else leaf_shapes(kind)
        traced = Equations.of(step, leaves, inputs.shapes())
    _check_equations(entry, limits, count_equations(traced.closed.jaxpr))
    said = traced.result
    words = {"completed": said.completed, "reward": said.reward}
    return dataclasses.replace(
        ready,
        returns=" and ".join(word for word, part in words.items() if part is not None),
        component_names=tuple(said.components),
        host_inputs=tuple(dict.fromkeys(reads)),
        traced=traced,
    )


def _check_equations(entry: Entry, limits: Limits, count: int) -> None:
    if count > limits.equations:
        Trace(entry.module.source, limits).refuse_size(f"{count:,}", entry.function)
