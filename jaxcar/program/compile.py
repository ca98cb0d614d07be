"""From source to a pure JAX reward: `compile_reward`, `check` and `RewardProgram`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.lang.diagnostic import Diagnostic
from jaxcar.lang.parse import parse
from jaxcar.lang.resolve import ResolvedModule, resolve
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program.entries import Entry, Inputs, find_entries, make_inputs
from jaxcar.program.execution import CompiledEntry, EntryStep, compile_entry, leaf_shapes
from jaxcar.program.fence import compute_once
from jaxcar.program.hoist import Hoisted, hoist
from jaxcar.program.structure import narrow, widen

Sources = str | ProgramSource | Sequence[str | ProgramSource]


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


class _Other(NamedTuple):
    """What a step reads beside what was made of the initial inputs."""

    fields: Any
    fault: Any
    values: Any
    previous: Any


class EntryInfo(NamedTuple):
    """One reward function of a compiled program.

    Attributes:
        name: the function's name, or "Class.method".
        source_name: the name of the source that defines it.
        returns: "completed", "reward" or "completed and reward".
    """

    name: str
    source_name: str
    returns: str


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
    """

    def __init__(self, compiled: Sequence[CompiledEntry], inputs: Inputs) -> None:
        self._compiled = tuple(compiled)
        self.inputs = inputs.shapes()
        self.sources = tuple(dict.fromkeys(entry.entry.module.source for entry in compiled))
        self.entries = tuple(
            EntryInfo(entry.entry.name, entry.entry.module.source.name, entry.returns)
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
        with jax.enable_x64(True):
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
        with jax.enable_x64(True):
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
        with jax.enable_x64(True):
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
        with jax.enable_x64(True):
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
            values[name] = _as_declared(name, inputs[name], shape)
        return values


def _as_declared(name: str, value: Any, shape: jax.ShapeDtypeStruct) -> jax.Array:
    """Return an input in its declared dtype; only conversions that lose nothing are made."""
    dtype = getattr(value, "dtype", None) or np.asarray(value).dtype
    if np.shape(value) != shape.shape or not np.can_cast(dtype, shape.dtype, "safe"):
        raise JaxcarError(
            f"the input `{name}` has the wrong shape or dtype",
            got=f"{np.dtype(dtype).name}{list(np.shape(value))}",
            expected=f"{np.dtype(shape.dtype).name}{list(shape.shape)}",
            fix="compile the program for this shape: compile_reward(source, frame=..., inputs=...)",
        )
    with jax.enable_x64(True):
        return jnp.asarray(value, shape.dtype)


def _vector(values: Sequence[jax.Array], dtype: Any) -> jax.Array:
    if not values:
        return jnp.zeros((0,), dtype)
    return jnp.stack([value.astype(dtype) for value in values])


def compile_reward(
    source: Sources,
    *,
    entry: str | Sequence[str | None] | None = None,
    inputs: Mapping[str, jax.ShapeDtypeStruct | None] | None = None,
    frame: tuple[int, int, int] | None = None,
    limits: Limits | None = None,
) -> RewardProgram:
    """Compile reward programs to one pure JAX reward.

    The text is parsed, checked and traced, never executed. Several sources (one per sub-task) are
    compiled together: common work is done once.

    Args:
        source: the text of a program, or a sequence of texts.
        entry: "function" or "Class.method" where it is not plain which definition is the reward;
            for several sources a sequence with one name (or None) each.
        inputs: parameter name to shape and dtype, or None for an argument that is always None.
        frame: (H, W, 3): declares `frame`, `initial_frame` and `previous_frame` as u8 RGB.
        limits: bounds on the programs.

    Returns:
        The compiled program.

    Raises:
        RefusedProgram: a program is outside the language; `.diagnostics` says where and why.
        JaxcarError: the arguments themselves are wrong.

    Example:
        >>> program = compile_reward("def lit(frame): return frame.mean() > 9", frame=(8, 8, 3))
        >>> memory = program.init()
        >>> memory, out = jax.jit(program.step)(memory, frame=jnp.zeros((8, 8, 3), jnp.uint8))
        >>> out.completed.tolist()
        [False]
    """
    limits = limits or Limits()
    declared = make_inputs(inputs, frame)
    modules, faults = _modules(source, limits)
    compiled: list[CompiledEntry] = []
    for module, name in zip(modules, _entry_names(entry, len(modules)), strict=True):
        try:
            found = find_entries(module, name, declared)
        except RefusedProgram as refused:
            faults += refused.diagnostics
            continue
        for each in found:
            _compile_into(compiled, faults, each, declared, limits)
    if faults:
        raise RefusedProgram(faults)
    return RewardProgram(compiled, declared)


def _compile_into(
    compiled: list[CompiledEntry],
    faults: list[Diagnostic],
    entry: Entry,
    inputs: Inputs,
    limits: Limits,
) -> None:
    try:
        compiled.append(compile_entry(entry, inputs, limits))
    except RefusedProgram as refused:
        faults += refused.diagnostics


def _modules(source: Sources, limits: Limits) -> tuple[list[ResolvedModule], list[Diagnostic]]:
    modules: list[ResolvedModule] = []
    faults: list[Diagnostic] = []
    for text in _sources(source):
        try:
            module = resolve(text, parse(text, limits), limits)
        except RefusedProgram as refused:
            faults += refused.diagnostics
            continue
        faults += module.errors
        modules.append(module)
    if faults:
        raise RefusedProgram(faults)
    return modules, faults


def _sources(source: Sources) -> list[ProgramSource]:
    several: list[Any] = [source]
    if isinstance(source, Sequence) and not isinstance(source, str):
        several = list(source)
    if not several:
        raise JaxcarError("there is no program to compile", where="source", got="an empty sequence")
    for text in several:
        if not isinstance(text, (str, ProgramSource)):
            raise JaxcarError(
                "a program is text", where="source", got=type(text).__name__, expected="str"
            )
    if len(several) == 1:
        return [s if isinstance(s, ProgramSource) else ProgramSource(s) for s in several]
    return [
        s if isinstance(s, ProgramSource) else ProgramSource(s, f"<program {i}>")
        for i, s in enumerate(several)
    ]


def _entry_names(entry: str | Sequence[str | None] | None, count: int) -> list[str | None]:
    names = [entry] * count if entry is None else [entry] if isinstance(entry, str) else list(entry)
    if len(names) != count:
        raise JaxcarError(
            "there must be one entry for each source",
            where="entry=",
            got=f"{len(names)} for {count} sources",
        )
    return names  # type: ignore[return-value]


def check(
    source: str | ProgramSource,
    *,
    entry: str | None = None,
    inputs: Mapping[str, jax.ShapeDtypeStruct | None] | None = None,
    frame: tuple[int, int, int] | None = None,
) -> list[Diagnostic]:
    """Say what is wrong with a program, without compiling it for a device.

    Args:
        source: the text.
        entry: as in `compile_reward`.
        inputs: as in `compile_reward`; without `inputs` and `frame` only the text is checked.
        frame: as in `compile_reward`.

    Returns:
        Errors and warnings in source order; no error means that `compile_reward` accepts it.

    Example:
        >>> [found.code for found in check("def f(frame): return fram.mean() > 9")]
        ['JC201']
    """
    limits = Limits()
    (text,) = _sources(source)
    try:
        module = resolve(text, parse(text, limits), limits)
    except RefusedProgram as refused:
        return list(refused.diagnostics)
    found = list(module.diagnostics)
    if module.errors or (inputs is None and frame is None):
        return found
    try:
        compile_reward(text, entry=entry, inputs=inputs, frame=frame, limits=limits)
    except RefusedProgram as refused:
        found += refused.diagnostics
    return sorted(found, key=lambda diagnostic: diagnostic.line)
