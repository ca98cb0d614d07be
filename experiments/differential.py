"""CPython beside the compiled program, on random and on awkward inputs.

The oracle runs a program's text with an object whose attributes and methods give the declared
inputs. Faults must stand on the same line, booleans must be equal, and numbers as near as their
arithmetic allows: 1e-5 of the scale where an input is f32, 1e-9 otherwise. Subnormal numbers are
not among the inputs: XLA's CPU back end takes them for zero.
"""

from __future__ import annotations

import ast
import contextlib
import io
import pathlib
import sys
import traceback
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxcar.program.faults import describe_fault, fault_line, is_limit_fault
from jaxcar.program.reward_program import RewardProgram

sys.path.append(str(pathlib.Path(__file__).parents[1] / "tests" / "program"))
from oracle import Said, _sort

Arrays = dict[str, np.ndarray]
B = 32  # sequences
NAME = "<published>"


class Comparison(NamedTuple):
    """How a compiled program fared.

    Attributes:
        steps: inputs compared.
        faults: those on which CPython raises.
        limits: those on which a limit of jaxcar was met instead of a result; not compared.
        different: those on which the two disagree.
        examples: the first few of these in words.
    """

    steps: int
    faults: int
    limits: int
    different: int
    examples: list[str]


def draw(shapes: dict[str, jax.ShapeDtypeStruct], text: str, steps: int, seed: int = 0) -> Arrays:
    """Return inputs [steps, ...]: usual and extreme ones, zeros, equal points, thresholds."""
    rng = np.random.default_rng(seed)
    numbers = _constants(text)
    found = {name: _values(rng, shape, numbers, steps) for name, shape in shapes.items()}
    equal = rng.random(steps) < 0.08
    first: dict[Any, np.ndarray] = {}
    for array in found.values():
        twin = first.setdefault((array.shape, array.dtype), array)
        array[equal] = twin[equal]
    return found


def _constants(text: str) -> np.ndarray:
    """Return the program's numbers, their negatives and their neighbours: its thresholds."""
    numbers = [
        float(node.value)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    ]
    known = np.array(sorted({0.0, *numbers}))
    above = np.where(known == 0, 1e-12, np.nextafter(known, np.inf))
    return np.concatenate([known, -known, above, np.nextafter(above, 0), -above])


def _values(rng: Any, shape: jax.ShapeDtypeStruct, numbers: np.ndarray, steps: int) -> np.ndarray:
    size = (steps, *shape.shape)
    if shape.dtype == np.bool_:
        return rng.random(size) < 0.3
    if np.issubdtype(shape.dtype, np.integer):
        return rng.integers(0, 256, size).astype(shape.dtype)
    normal = rng.normal(size=size)
    choices = [
        normal,
        normal * 0.1,
        rng.integers(-4, 5, size) / 2,
        rng.choice(numbers, size),
        rng.choice(numbers, size) * (rng.random(size) < 0.3),  # one threshold and zeros
        np.zeros(size),
        normal * 1e3,
        np.where(rng.random(size) < 0.2, rng.choice([np.nan, np.inf, -np.inf], size), normal),
    ]
    weights = [0.3, 0.2, 0.12, 0.12, 0.1, 0.06, 0.08, 0.02]
    which = rng.choice(len(choices), steps, p=weights).reshape(steps, *[1] * len(shape.shape))
    return np.choose(which, choices).astype(shape.dtype)


class Host:
    """An object or function of the simulator's, as CPython sees it: declared inputs by path."""

    def __init__(self, path: str, given: Arrays) -> None:
        self.__dict__.update(_path=path, _given=given)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _at(f"{self._path}.{name}", self._given)

    def __getitem__(self, index: int) -> Any:
        return _at(f"{self._path}[{index}]", self._given)

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """Return what is declared for this call, or for any call of this function."""
        words = [_word(value) for value in args]
        words += [f"{name}={_word(value)}" for name, value in keywords.items()]
        exact = f"{self._path}({', '.join(words)})"
        longer = (f"{exact}.", f"{exact}[")
        known = any(name == exact or name.startswith(longer) for name in self._given)
        return _at(exact if known else f"{self._path}()", self._given)


def _at(path: str, given: Arrays) -> Any:
    if path in given:
        return given[path].copy()[()]
    if f"{path}[0]" in given:
        count = sum(name.startswith(f"{path}[") for name in given)
        return tuple(given[f"{path}[{i}]"].copy()[()] for i in range(count))
    return Host(path, given)


def _word(value: Any) -> str:
    return value._path if isinstance(value, Host) else repr(value)


class Oracle:
    """A program run by CPython.

    Args:
        text: the program.
        entry: the name of its reward function.
        names: the declared inputs; the program's globals get the functions among them.
    """

    def __init__(self, text: str, entry: str, names: list[str]) -> None:
        self.space: dict[str, Any] = {"__name__": NAME}
        self.entry = entry
        self.roots = {name.replace("(", ".").partition(".")[0] for name in names if "(" in name}
        self.roots |= {name.partition(".")[0] for name in names if "." in name}
        with _quiet():
            exec(compile(text, NAME, "exec", dont_inherit=True), self.space)
        code = self.space[entry].__code__
        self.parameters = code.co_varnames[: code.co_argcount]

    def __call__(self, given: Arrays) -> Any:
        """Return what the program returns for one input; what it raises is raised."""
        hosts = {root: Host(root, given) for root in self.roots}
        self.space.update(hosts)
        arguments = [
            given[name].copy()[()] if name in given else hosts[name] for name in self.parameters
        ]
        with _quiet():
            return self.space[self.entry](*arguments)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def raised_line(error: Exception) -> int:
    """Return the program's line that raised, the innermost one; 0 where it raised nowhere in it."""
    frames = traceback.extract_tb(error.__traceback__)
    return max([0, *[f.lineno or 0 for f in frames if f.filename == NAME][-1:]])


def compare(program: RewardProgram, text: str, entry: str, given: Arrays) -> Comparison:
    """Run both over all inputs and compare every step."""
    ours = _run_compiled(program, given)
    oracle = Oracle(text, entry, list(given))
    tolerance = 1e-5 if any(array.dtype == np.float32 for array in given.values()) else 1e-9
    steps, returns = len(next(iter(given.values()))), program.entries[0].returns
    faults = limits = 0
    different: list[str] = []
    for t in range(steps):
        fault = int(ours[3][t])
        limits += bool(is_limit_fault(fault))
        try:
            value = oracle({name: array[t] for name, array in given.items()})
        except Exception as error:
            faults += 1
            said: Any = Said(None, None, {}, raised_line(error))
        else:
            said = _said(value)
        if not is_limit_fault(fault) and not _agree(said, ours, t, returns, tolerance):
            different.append(_words(said, ours, t, given))
    return Comparison(steps, faults, limits, len(different), different[:5])


def _said(value: Any) -> Any:
    try:
        return _sort(value)
    except (TypeError, ValueError):
        return f"a value that is no reward: {type(value).__name__}"


def _run_compiled(program: RewardProgram, given: Arrays) -> Any:
    """Return completed, reward, components and fault of the only entry, [steps] each, as f64."""

    def turn(memory: Any, now: Any) -> Any:
        memory, (said,) = program.say(memory, **now)
        return memory, (said.completed, said.reward, dict(said.components), said.fault)

    def sequence(now: Any) -> Any:
        start = program.init(**{name: array[0] for name, array in now.items()})
        return jax.lax.scan(turn, start, now)[1]

    with jax.enable_x64(True):
        parts = {name: a.reshape(B, -1, *a.shape[1:]) for name, a in given.items()}
        out = jax.tree.map(np.asarray, jax.jit(jax.vmap(sequence))(parts))
    return jax.tree.map(lambda array: array.reshape(-1), out)


def _agree(said: Any, ours: Any, t: int, returns: str, tolerance: float) -> bool:
    completed, reward, components, fault = ours
    if isinstance(said, str) or said.line != int(fault_line(int(fault[t]))):
        return False
    if said.line:
        return True
    if "completed" in returns and said.completed != bool(completed[t]):
        return False
    if set(said.components) - set(components):
        return False
    pairs = [(said.components.get(k, 0.0), float(v[t])) for k, v in components.items()]
    if "reward" in returns:
        number = said.completed if said.reward is None else said.reward
        pairs.append((np.nan if number is None else float(number), float(reward[t])))
    return all(_near(a, b, tolerance) for a, b in pairs)


def _near(said: float, ours: float, tolerance: float) -> bool:
    if not (np.isfinite(said) and np.isfinite(ours)):
        return said == ours or (np.isnan(said) and np.isnan(ours))
    return abs(said - ours) <= tolerance * max(1.0, abs(said))


def _words(said: Any, ours: Any, t: int, given: Arrays) -> str:
    completed, reward, components, fault = ours
    told = Said(
        None if completed is None else bool(completed[t]),
        float(reward[t]),
        {name: float(value[t]) for name, value in components.items()},
        int(fault_line(int(fault[t]))),
    )
    inputs = {name: array[t].tolist() for name, array in given.items()}
    return f"CPython {said}, ours {told} ({describe_fault(int(fault[t]))}), inputs {inputs}"
