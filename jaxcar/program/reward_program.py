"""A compiled reward: two pure functions and what they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError
from jaxcar.program.entries import Inputs
from jaxcar.program.equations import count_equations
from jaxcar.program.execution import CompiledEntry, EntryStep
from jaxcar.program.fence import compute_once
from jaxcar.program.hoist import Hoisted, hoist
from jaxcar.program.memory_kind import leaf_shapes
from jaxcar.program.precision import Precision, computing
from jaxcar.program.structure import narrow, widen


class _Other(NamedTuple):
    """What a step reads beside what was made of the initial inputs."""

    fields: Any
    fault: Any
    values: Any
    previous: Any


class StepOutput(NamedTuple):
    """What a program says of one step.

    Attributes:
        reward: f32[], the sum of the entries' numbers; 0 where an entry faults or gives none.
        completed: bool[K], one bit for each entry that returns a bool, in order.
        components: name to f32[], what the entries return in dicts.
        fault: i32[P], one code per entry, 0 for none; see `jaxcar.program.faults.describe_fault`.
    """

    reward: jax.Array
    completed: jax.Array
    components: dict[str, jax.Array]
    fault: jax.Array


class Memory(NamedTuple):
    """What a program remembers within an episode; opaque, a pytree of leaves of 32 bits or fewer.

    Attributes:
        fields: for each entry, the leaves of what it keeps in `self`.
        initial: what later steps need of the initial inputs, computed from them beforehand.
        previous: the inputs of the step before.
        fault: i32[P], the fault of `__init__` or `reset`, which every later step repeats.
    """

    fields: tuple[tuple[jax.Array, ...], ...]
    initial: tuple[jax.Array, ...]
    previous: dict[str, jax.Array]
    fault: jax.Array


class Cost(NamedTuple):
    """What one step of a program costs.

    Attributes:
        flops: floating-point operations of the whole batch, as XLA counts them.
        bytes_accessed: bytes that the whole batch reads and writes, as XLA counts them.
        equations: operations of one traced step.
        memory_bytes: bytes that the program remembers in each environment.
    """

    flops: float | None
    bytes_accessed: float | None
    equations: int
    memory_bytes: int


class EntryInfo(NamedTuple):
    """One reward function of a compiled program.

    Attributes:
        name: the function's name, or "Class.method".
        source_name: the name of the source that defines it.
        returns: "completed", "reward" or "completed and reward".
        remembers: whether it keeps anything from step to step.
    """

    name: str
    source_name: str
    returns: str
    remembers: bool


class RewardProgram:
    """A compiled reward: two pure functions and what they need.

    Made by `compile_reward`. `init` and `step` work under jit, vmap, scan and sharding, ignore
    inputs that they do not need, and take one unbatched environment: `jax.vmap` them.

    Attributes:
        sources: the programs' texts.
        entries: what was found in them.
        input_names: the inputs that `step` reads.
        initial_names: the inputs that `init` reads.
        inputs: shape and dtype of every declared input, pictures included.
        component_names: the keys of `StepOutput.components`.
        precision: "exact" or "f32".
    """

    def __init__(
        self, compiled: Sequence[CompiledEntry], inputs: Inputs, precision: Precision = "exact"
    ) -> None:
        self.precision = precision
        self._compiled = tuple(compiled)
        self._declared = inputs
        self.inputs = inputs.shapes()
        self.sources = tuple(dict.fromkeys(entry.entry.module.source for entry in compiled))
        self.entries = tuple(
            EntryInfo(
                entry.entry.name,
                entry.entry.module.source.name,
                entry.returns,
                entry.kind is not None,
            )
            for entry in compiled
        )
        needs = [need for entry in compiled for need in entry.needs]
        self._initial = tuple(
            sorted({n.name for n in needs if n.form == "initial" and n.stage == "step"})
        )
        self._previous = tuple(sorted({n.name for n in needs if n.form == "previous"}))
        self.input_names = tuple(
            sorted({n.name for n in needs if n.form in ("input", "path") and n.stage == "step"})
        )
        at_init = {
            n.name for n in needs if n.stage == "init" and n.form not in ("absent", "default")
        }
        firsts = {name.replace("previous_", "initial_", 1) for name in self._previous}
        self.initial_names = tuple(sorted(at_init | set(self._initial) | firsts))
        prefix = len([entry for entry in compiled if entry.component_names]) > 1
        self._component_keys = [
            {key: f"{entry.entry.name}/{key}" if prefix else key for key in entry.component_names}
            for entry in compiled
        ]
        self.component_names = tuple(key for keys in self._component_keys for key in keys.values())
        with computing(precision):
            self._hoisted = self._hoist()
            shapes = jax.eval_shape(self._hoisted.before, self._shapes(self._initial))
        self._kept = tuple(np.dtype(shape.dtype) for shape in shapes)

    @property
    def num_entries(self) -> int:
        """P, the number of reward functions."""
        return len(self.entries)

    @property
    def num_completed(self) -> int:
        """K, the number of completion bits."""
        return sum("completed" in entry.returns for entry in self.entries)

    def init(self, **inputs: Any) -> Memory:
        """Return the memory of a fresh episode.

        Args:
            **inputs: those in `initial_names`, such as `initial_frame` u8[H, W, 3]; others are
                ignored.

        Returns:
            A pytree of fixed structure.

        Raises:
            JaxcarError: an input is missing or has the wrong shape or dtype.
        """
        values = self._checked(inputs, self.initial_names)
        with computing(self.precision):
            results = [entry.init(values) for entry in self._compiled]
            kept = self._hoisted.before({name: values[name] for name in self._initial})
            initial = tuple(narrow(leaf) for leaf in kept)
        first = {name: values[name.replace("previous_", "initial_", 1)] for name in self._previous}
        return Memory(
            fields=tuple(leaves for leaves, _ in results),
            initial=initial,
            previous=first,
            fault=_vector([fault for _, fault in results], jnp.int32),
        )

    def step(self, memory: Memory, **inputs: Any) -> tuple[Memory, StepOutput]:
        """Look at one step.

        A step that faults pays 0, completes nothing, and leaves the program's memory as it was.

        Args:
            memory: from `init` or the step before.
            **inputs: those in `input_names`, such as `frame` u8[H, W, 3]; others are ignored.

        Returns:
            The new memory, of the same structure, and what the program says.

        Raises:
            JaxcarError: an input is missing or has the wrong shape or dtype.
        """
        memory, results = self.say(memory, **inputs)
        with computing(self.precision):
            rewards = [result.reward.astype(jnp.float32) for result in results]
            components = {
                keys[name]: value.astype(jnp.float32)
                for keys, result in zip(self._component_keys, results, strict=True)
                for name, value in result.components.items()
            }
        output = StepOutput(
            reward=sum(rewards[1:], rewards[0]),
            completed=_vector([r.completed for r in results if r.completed is not None], bool),
            components=components,
            fault=_vector([result.fault for result in results], jnp.int32),
        )
        return memory, output

    def cost(self, batch: int = 1) -> Cost:
        """Return what one step costs, for a batch of environments on this machine's device.

        Args:
            batch: how many environments are stepped at once.

        Returns:
            Counts of the compiled step; those of XLA are None where it gives none.

        Example:
            >>> from jaxcar.program import compile_reward
            >>> program = compile_reward("def f(frame): return frame.max() > 9", frame=(8, 8, 3))
            >>> program.cost(4).memory_bytes
            4
        """
        values = {**self._shapes(self.input_names), **self._shapes(self.initial_names)}
        memory = jax.eval_shape(lambda given: self.init(**given), values)
        single = jax.make_jaxpr(lambda m, given: self.step(m, **given))(memory, values)

        def batched(shape: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
            return jax.ShapeDtypeStruct((batch, *shape.shape), shape.dtype)

        step = jax.jit(jax.vmap(lambda m, given: self.step(m, **given)))
        analysis = step.lower(*jax.tree.map(batched, (memory, values))).compile().cost_analysis()
        found = analysis if isinstance(analysis, dict) else {}
        size = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(memory))
        return Cost(
            flops=found.get("flops"),
            bytes_accessed=found.get("bytes accessed"),
            equations=count_equations(single.jaxpr),
            memory_bytes=size,
        )

    def say(self, memory: Memory, **inputs: Any) -> tuple[Memory, tuple[EntryStep, ...]]:
        """Look at one step, and return what each entry says of it by itself.

        Args:
            memory: as in `step`.
            **inputs: as in `step`.

        Returns:
            The new memory and one `EntryStep` per entry, numbers as f64.
        """
        values = {
            name: compute_once(value) if value.dtype == np.uint8 and value.ndim == 3 else value
            for name, value in self._checked(inputs, self.input_names).items()
        }
        with computing(self.precision):
            kept = [widen(x, dtype) for x, dtype in zip(memory.initial, self._kept, strict=True)]
            other = _Other(memory.fields, memory.fault, values, memory.previous)
            results = self._hoisted.after(kept, other)
        previous = {name: values[name.replace("previous_", "", 1)] for name in self._previous}
        fields = tuple(result.leaves for result in results)
        return Memory(fields, memory.initial, previous, memory.fault), results

    def _hoist(self) -> Hoisted:
        """Trace all entries together, and part what depends on the initial inputs alone."""

        def look(initial: dict[str, jax.Array], other: _Other) -> tuple[EntryStep, ...]:
            known = {**other.values, **initial, **other.previous}
            return tuple(
                entry.step(fields, other.fault[i], known)
                for i, (entry, fields) in enumerate(zip(self._compiled, other.fields, strict=True))
            )

        fields = tuple(
            () if entry.kind is None else leaf_shapes(entry.kind) for entry in self._compiled
        )
        fault = jax.ShapeDtypeStruct((len(self._compiled),), np.int32)
        values, previous = self._shapes(self.input_names), self._shapes(self._previous)
        return hoist(look, self._shapes(self._initial), _Other(fields, fault, values, previous))

    def _shapes(self, names: Sequence[str]) -> dict[str, jax.ShapeDtypeStruct]:
        return {name: self.inputs[name] for name in names}

    def _checked(self, inputs: Mapping[str, Any], needed: Sequence[str]) -> dict[str, jax.Array]:
        values = {}
        for name in needed:
            shape = self.inputs[name]
            if name not in inputs:
                raise JaxcarError(
                    f"the program needs the input `{name}`",
                    got=", ".join(inputs) or "no inputs",
                    expected=f"{name}: {np.dtype(shape.dtype).name}{list(shape.shape)}",
                )
            values[name] = _as_declared(name, inputs[name], shape, self.precision)
        return values


def _as_declared(
    name: str, value: Any, shape: jax.ShapeDtypeStruct, precision: Precision
) -> jax.Array:
    """Return an input in its declared dtype; only conversions that lose nothing are made."""
    dtype = getattr(value, "dtype", None) or np.asarray(value).dtype
    if np.shape(value) != shape.shape or not np.can_cast(dtype, shape.dtype, "safe"):
        raise JaxcarError(
            f"the input `{name}` has the wrong shape or dtype",
            got=f"{np.dtype(dtype).name}{list(np.shape(value))}",
            expected=f"{np.dtype(shape.dtype).name}{list(shape.shape)}",
            fix="compile the program for this shape: compile_reward(source, frame=..., inputs=...)",
        )
    with computing(precision):
        return jnp.asarray(value, shape.dtype)


def _vector(values: Sequence[jax.Array], dtype: Any) -> jax.Array:
    if not values:
        return jnp.zeros((0,), dtype)
    return jnp.stack([value.astype(dtype) for value in values])
