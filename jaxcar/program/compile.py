"""From source to a pure JAX reward: `compile_reward`, `check` and `RewardProgram`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.lang.diagnostic import Diagnostic
from jaxcar.lang.parse import parse
from jaxcar.lang.resolve import ResolvedModule, resolve
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program.entries import Inputs, find_entries, make_inputs
from jaxcar.program.execution import Attempts, CompiledEntry, compile_entry
from jaxcar.program.host import host_roots
from jaxcar.program.precision import Precision, check_precision
from jaxcar.program.reward_program import RewardProgram

Sources = str | ProgramSource | Sequence[str | ProgramSource]


def compile_reward(
    source: Sources,
    *,
    entry: str | Sequence[str | None] | None = None,
    inputs: Mapping[str, jax.ShapeDtypeStruct | None] | None = None,
    frame: tuple[int, int, int] | None = None,
    limits: Limits | None = None,
    precision: Precision = "exact",
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
        precision: "exact" keeps NumPy's own dtypes; "f32" computes floats and integers in 32 bits,
            faster on a GPU, and no longer exactly as CPython.

    Returns:
        The compiled program.

    Raises:
        RefusedProgram: a program is outside the language; `.diagnostics` says where and why.
        JaxcarError: the arguments themselves are wrong.

    Example:
        >>> import numpy as np
        >>> program = compile_reward("def lit(frame): return frame.mean() > 9", frame=(8, 8, 3))
        >>> memory = program.init()
        >>> memory, out = jax.jit(program.step)(memory, frame=np.zeros((8, 8, 3), np.uint8))
        >>> out.completed.tolist()
        [False]
    """
    limits = limits or Limits()
    check_precision(precision)
    declared = make_inputs(inputs, frame)
    modules = _modules(source, limits, host_roots(declared.declared))
    compiled = _compile(modules, entry, declared, limits, precision)
    return RewardProgram(compiled, declared, precision)


def _compile(
    modules: Sequence[ResolvedModule],
    entry: str | Sequence[str | None] | None,
    declared: Inputs,
    limits: Limits,
    precision: Precision,
) -> list[CompiledEntry]:
    """Trace every entry of the modules."""
    compiled: list[CompiledEntry] = []
    faults: list[Diagnostic] = []
    for module, name in zip(modules, _entry_names(entry, len(modules)), strict=True):
        try:
            found = find_entries(module, name, declared)
        except RefusedProgram as refused:
            faults += refused.diagnostics
            continue
        attempts = Attempts()
        for each in found:
            try:
                compiled.append(compile_entry(each, declared, limits, precision, attempts))
            except RefusedProgram as refused:
                faults += refused.diagnostics
    if faults:
        raise RefusedProgram(_distinct(faults))
    return compiled


def _distinct(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return diagnostics in source order, each once: a loop's body is traced many times."""
    unique = {(d.source.name, d.span, d.code): d for d in reversed(found)}
    order = {source: i for i, source in enumerate(dict.fromkeys(d.source.name for d in found))}
    return [unique[key] for key in sorted(unique, key=lambda k: (order[k[0]], k[1], k[2]))]


def _modules(source: Sources, limits: Limits, host: frozenset[str]) -> list[ResolvedModule]:
    modules: list[ResolvedModule] = []
    faults: list[Diagnostic] = []
    for text in _sources(source):
        try:
            module = resolve(text, parse(text, limits), limits, host)
        except RefusedProgram as refused:
            faults += refused.diagnostics
            continue
        faults += module.errors
        modules.append(module)
    if faults:
        raise RefusedProgram(faults)
    return modules


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
        host = host_roots(inputs or ())
        module = resolve(text, parse(text, limits), limits, host)
    except RefusedProgram as refused:
        return list(refused.diagnostics)
    found = list(module.diagnostics)
    if module.errors or (inputs is None and frame is None):
        return found
    try:
        _compile([module], entry, make_inputs(inputs, frame), limits, "exact")
    except RefusedProgram as refused:
        found += refused.diagnostics
    return sorted(found, key=lambda diagnostic: diagnostic.line)
