"""CPython as the oracle: it runs a program's text, in tests only; the comparison with ours."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import io
import sys
import traceback
import types
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import cv2
import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program import compile_reward
from jaxcar.program.entries import Entry, Inputs, bind_setup
from jaxcar.program.faults import (
    EXCEPTIONS,
    Fault,
    describe_fault,
    fault_kind,
    fault_line,
    is_limit_fault,
)
from jaxcar.program.reward_program import RewardProgram

Arrays = dict[str, np.ndarray]


class Said(NamedTuple):
    """What one entry says of one step: the fault's line, 0 for none, and what was raised."""

    completed: bool | None
    reward: float | None
    components: dict[str, float]
    line: int
    raised: type[BaseException] | None = None


@functools.cache
def _module(text: str, name: str) -> dict[str, Any]:
    module = sys.modules[name] = types.ModuleType(name)  # dataclasses look for it there
    space = module.__dict__
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text, name, "exec", dont_inherit=True), space)
    return space


def _sort(value: Any) -> Said:
    """Apply the return rule to what CPython returned."""
    parts = value if isinstance(value, tuple) else (value,)
    completed, reward, components = None, None, {}
    for part in parts:
        if isinstance(part, dict):
            components = {
                k: float(v)
                for k, v in part.items()
                if v is not None and not isinstance(v, (str, tuple, list))
            }
        elif isinstance(part, str):
            continue
        elif isinstance(part, np.ndarray):
            part = part.reshape(()).item()
        if isinstance(part, (bool, np.bool_)):
            completed = bool(part)
        elif isinstance(part, (int, float, np.number)):
            reward = float(part)
    return Said(completed, reward, components, 0)


class Episode:
    """One entry run by CPython from a reset on; a step that raises leaves no trace."""

    def __init__(self, entry: Entry, inputs: Inputs, given: Arrays) -> None:
        self.entry, self.source = entry, entry.module.source
        self.space = _module(self.source.text, f"<oracle {self.source.sha256}>")
        self.line, self.object, self.raised = 0, None, None
        if entry.class_name is None:
            return
        try:
            with _Frame(given.get("frame")):
                sources = bind_setup(entry, "__init__", inputs) or ()
                self.object = self.space[entry.class_name](**self._arguments(sources, given))
                sources = bind_setup(entry, "reset", inputs)
                if sources is not None:
                    self.object.reset(**self._arguments(sources, given))
        except Exception as error:
            self.line, self.raised = self._line_of(error), type(error)

    def step(self, given: Arrays) -> Said:
        if self.line:
            return Said(None, None, {}, self.line, self.raised)
        before = None if self.object is None else copy.deepcopy(self.object.__dict__)
        owner = self.object if self.object is not None else None
        name = self.entry.function.name
        function = self.space[name] if owner is None else getattr(owner, name)
        try:
            with _Frame(given.get("frame")):
                return _sort(function(**self._arguments(self.entry.parameters, given)))
        except Exception as error:
            if owner is not None:
                owner.__dict__.clear()
                owner.__dict__.update(before)
            return Said(None, None, {}, self._line_of(error), type(error))

    def _arguments(self, parameters: Any, given: Arrays) -> dict[str, Any]:
        found = {}
        for name, source in parameters:
            if source.form == "absent":
                found[name] = None
            elif source.form == "path":
                found[name] = "frame.png"
            elif source.form != "default":
                found[name] = given[source.name].copy()[()]
        return found

    def _line_of(self, error: Exception) -> int:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [f.lineno for f in frames if f.filename.startswith("<oracle ")]
        if not lines:
            raise error
        return int(lines[-1] or 0)


class _Frame:
    """The picture that `cv2.imread` gives while a program runs: BGR."""

    now: np.ndarray | None = None

    def __init__(self, frame: np.ndarray | None) -> None:
        self.frame = frame

    def __enter__(self) -> None:
        _Frame.now = self.frame

    def __exit__(self, *error: object) -> None:
        _Frame.now = None


def _imread(path: str, flags: int = 1) -> np.ndarray:
    assert _Frame.now is not None
    return _Frame.now[..., ::-1].copy()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without NumPy's warnings, without output, and with `cv2.imread` giving the frame."""
    read = cv2.imread
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        cv2.imread = _imread
        try:
            yield
        finally:
            cv2.imread = read


def doubting(program: RewardProgram) -> RewardProgram:
    """Return the program with near-ties counted: where rounding may decide."""
    compiled = [dataclasses.replace(entry, doubts=True) for entry in program._compiled]
    return RewardProgram(compiled, program._declared, program.precision)


def run_compiled(
    program: RewardProgram, inputs: Arrays, resets: np.ndarray, precise: bool = False
) -> Any:
    """Scan over steps, vmapped over sequences: inputs [B, T, ...], resets [B, T]."""
    narrow = (lambda x: x) if precise else (lambda x: x.astype(jnp.float32))

    def first(given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**given, **({"initial_frame": given["frame"]} if "frame" in given else {})}

    def turn(memory: Any, now: Any) -> Any:
        given, reset = now
        fresh = program.init(**first(given))
        memory = jax.tree.map(lambda a, b: jnp.where(reset, a, b), fresh, memory)
        memory, said = program.say(memory, **given)
        return memory, [
            (s.completed, narrow(s.reward), jax.tree.map(narrow, s.components), s.fault, s.near)
            for s in said
        ]

    def sequence(given: Any, reset: Any) -> Any:
        start = program.init(**first({k: v[0] for k, v in given.items()}))
        return jax.lax.scan(turn, start, (given, reset))[1]

    with jax.enable_x64(precise):
        return jax.tree.map(np.asarray, jax.jit(jax.vmap(sequence))(inputs, resets))


def run_cpython(program: RewardProgram, index: int, inputs: Arrays, resets: np.ndarray) -> Any:
    """Return rows of what entry `index` says, [B][T]."""
    with _quiet():
        return _rows(program, index, inputs, resets)


def _rows(program: RewardProgram, index: int, inputs: Arrays, resets: np.ndarray) -> Any:
    entry = program._compiled[index].entry
    declared = program._compiled[index].inputs
    rows = []
    for b in range(resets.shape[0]):
        row, episode, known = [], None, {}
        for t in range(resets.shape[1]):
            given = {name: array[b, t] for name, array in inputs.items()}
            if resets[b, t] or episode is None:
                first = given.get("frame")
                known = {} if first is None else {"initial_frame": first, "previous_frame": first}
                episode = Episode(entry, declared, {**given, **known})
            row.append(episode.step({**given, **known}))
            if "frame" in given:
                known["previous_frame"] = given["frame"]
        rows.append(row)
    return rows


def differences(
    program: RewardProgram,
    inputs: Arrays,
    resets: np.ndarray,
    *,
    rtol: float | None = None,
    answers: list[Any] | None = None,
) -> tuple[list[str], dict[str, float]]:
    """Return where the compiled program differs from CPython, and counts over all entries.

    Numbers agree to 1e-9 of their scale where the inputs are doubles or whole numbers, and to
    2e-6 where they are single floats; the 64-bit inputs need a run with 64-bit types. A step whose
    faults and truths differ is a near-tie, and counted, where the program says that rounding may
    have decided; else it is a difference.
    """
    wide = any(value.dtype.itemsize == 8 and value.dtype.kind == "f" for value in inputs.values())
    single = any(value.dtype == np.float32 for value in inputs.values())
    if rtol is None:
        rtol = 2e-6 if single or not wide else 1e-9
    outputs = run_compiled(doubting(program), inputs, resets, precise=wide)
    found: list[str] = []
    counts = {"steps": 0, "faults": 0, "true": 0, "limits": 0, "near": 0}
    for i, info in enumerate(program.entries):
        rows = run_cpython(program, i, inputs, resets)
        if answers is not None:
            answers.append(rows)  # what CPython says: of each entry, [B][T]
        completed, reward, components, fault, near = outputs[i]
        for b, row in enumerate(rows):
            lost = False  # a near-tie may have changed what the program remembers
            for t, said in enumerate(row):
                lost = lost and not resets[b, t]
                code = int(fault[b, t])
                ours = Said(
                    None if completed is None else bool(completed[b, t]),
                    float(reward[b, t]),
                    {name: float(value[b, t]) for name, value in components.items()},
                    int(fault_line(code)),
                )
                counts["steps"] += 1
                counts["faults"] += said.line > 0
                counts["limits"] += bool(is_limit_fault(code))
                counts["true"] += bool(said.completed)
                if lost or _agree(said, ours, code, info.returns, rtol):
                    continue
                if near[b, t]:
                    counts["near"] += 1
                    lost = info.remembers
                    continue
                found.append(
                    f"{info.source_name} {info.name} [{b}, {t}]: CPython {said}, ours {ours}"
                    f" ({describe_fault(code)})"
                )
    return found, counts


def _agree(said: Said, ours: Said, code: int, returns: str, rtol: float) -> bool:
    if said.line != ours.line:
        return False
    if said.line:
        raised = EXCEPTIONS.get(Fault(fault_kind(code)))
        kind_fits = raised is None or (said.raised is not None and issubclass(said.raised, raised))
        return kind_fits and not ours.completed and ours.reward == 0.0
    if "completed" in returns and said.completed != ours.completed:
        return False
    pairs = [(said.reward if said.reward is not None else _as_number(said), ours.reward)]
    pairs = pairs if "reward" in returns else []
    pairs += [(said.components.get(k, 0.0), v) for k, v in ours.components.items()]
    if set(said.components) - set(ours.components):
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        scale = max([1.0, *(abs(a) for a, _ in pairs if np.isfinite(a))])
        single = rtol > 1e-8
        return all(
            np.allclose(
                np.float32(a) if single else a, b, rtol=rtol, atol=rtol * scale, equal_nan=True
            )
            for a, b in pairs
        )


def _as_number(said: Said) -> float:
    return float("nan") if said.completed is None else float(said.completed)


def eager_differences(program: RewardProgram, inputs: Arrays, lanes: int = 8) -> list[str]:
    """Return where operations one by one, on a few inputs, differ from a jitted step."""
    wide = any(value.dtype.itemsize == 8 and value.dtype.kind == "f" for value in inputs.values())
    given = {name: array[:lanes, 1] for name, array in inputs.items()}
    first = given | ({"initial_frame": given["frame"]} if "frame" in given else {})

    def look(first: Any, given: Any) -> Any:
        return program.step(program.init(**first), **given)

    with jax.enable_x64(wide):
        said = jax.vmap(look)(first, given)
        wanted = jax.jit(jax.vmap(look))(first, given)
    found = []
    for (path, value), other in zip(
        jax.tree.leaves_with_path(said), jax.tree.leaves(wanted), strict=True
    ):
        if not np.allclose(value, other, rtol=2e-6, atol=1e-6, equal_nan=True):
            found.append(f"{jax.tree_util.keystr(path)}: {value} and {other}")
    return found


def assert_same(
    sources: str | Sequence[Any], given: Arrays, resets: np.ndarray, **options: Any
) -> dict[str, float]:
    """Compile and compare with CPython on every step, and eagerly; return the counts."""
    program = compile_reward(sources, **options)
    found, counts = differences(program, given, resets)
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:20])
    assert counts["near"] == 0
    eager = eager_differences(program, given)
    assert not eager, "\n".join(eager[:20])
    return counts
