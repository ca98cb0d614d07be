"""The parts of the evaluator: predicates, bounds, faults, joins, memory, tables."""

import inspect
import itertools
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jaxcar.errors import RefusedProgram
from jaxcar.lang.rules import ATTRIBUTES, BUILTINS, LIBRARY, METHODS, Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program import check, compile_reward, methods, registry
from jaxcar.program.builtins_api import TYPES
from jaxcar.program.expressions import CONSTANTS
from jaxcar.program.faults import Fault, describe_fault, encode, fault_line, is_limit_fault
from jaxcar.program.intervals import BINARY, UNARY, interval
from jaxcar.program.merge import join_pending, merge, postponed
from jaxcar.program.predicate import both, either, excludes, implies, literal, negate, same, traced
from jaxcar.program.structure import kind_of, pack, unpack
from jaxcar.program.trace import Trace
from jaxcar.program.values import (
    UNSET,
    Conflict,
    DictValue,
    ListValue,
    Maybe,
    Optional,
    Tensor,
    Text,
    as_tensor,
    is_shared,
    share,
)


@pytest.fixture
def wide():
    """64-bit numbers, as programs are traced with."""
    with jax.enable_x64(True):
        yield


SETTINGS = settings(deadline=None, database=None, derandomize=True, max_examples=60)
FRAME = (8, 8, 3)
NAMES = 4
formulas = st.recursive(
    st.integers(0, NAMES - 1),
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(["and", "or"]), inner, inner)
    ),
    max_leaves=12,
)


def build(formula, literals):
    if isinstance(formula, int):
        return literals[formula]
    if formula[0] == "not":
        return negate(build(formula[1], literals))
    join = both if formula[0] == "and" else either
    return join(build(formula[1], literals), build(formula[2], literals))


def value_of(formula, truths):
    if isinstance(formula, int):
        return truths[formula]
    if formula[0] == "not":
        return not value_of(formula[1], truths)
    left, right = value_of(formula[1], truths), value_of(formula[2], truths)
    return (left and right) if formula[0] == "and" else (left or right)


@given(formulas, formulas)
@SETTINGS
def test_predicates_against_truth_tables(f, g):
    tables = list(itertools.product([False, True], repeat=NAMES))
    columns = np.array(tables)
    literals = [literal(jnp.asarray(columns[:, i])) for i in range(NAMES)]
    a, b = build(f, literals), build(g, literals)
    x = np.array([value_of(f, row) for row in tables])
    y = np.array([value_of(g, row) for row in tables])
    np.testing.assert_array_equal(np.broadcast_to(traced(a), x.shape), x)
    assert (a is True) == x.all()
    assert (a is False) == (not x.any())
    assert same(a, b) == (x == y).all()
    assert implies(a, b) == (~x | y).all()
    assert excludes(a, b) == (not (x & y).any())


def test_long_chains_of_returns_are_known_to_cover():
    bits = [literal(jnp.asarray(i % 3 == 0)) for i in range(300)]
    returned = False
    for bit in bits:
        returned = either(returned, both(negate(returned), bit))
    assert either(returned, negate(returned)) is True
    assert bool(traced(returned))


small = st.integers(-9, 9)
ranges = st.tuples(small, small).map(lambda pair: (min(pair), max(pair)))


@given(st.sampled_from(sorted(BINARY)), ranges, ranges)
@SETTINGS
def test_bounds_of_binary_operations_hold(name, a, b):
    if name.endswith("shift"):
        b = (max(b[0], 0), max(b[1], 0))
    low, high = interval(name, (a, b))
    operation = getattr(np, name)
    for x, y in itertools.product(range(a[0], a[1] + 1), range(b[0], b[1] + 1)):
        with np.errstate(divide="ignore"):
            assert low <= int(operation(np.int64(x), np.int64(y))) <= high, (name, x, y)


@given(st.sampled_from(sorted(UNARY)), ranges)
@SETTINGS
def test_bounds_of_unary_operations_hold(name, a):
    low, high = interval(name, (a,))
    for x in range(a[0], a[1] + 1):
        assert low <= int(getattr(np, name)(np.int64(x))) <= high, (name, x)


@given(st.integers(1, 100_000), st.sampled_from(list(Fault)))
@SETTINGS
def test_faults_keep_line_and_kind(line, kind):
    code = encode(line, kind)
    assert fault_line(code) == line
    assert describe_fault(code).startswith(f"line {line}: ")
    assert bool(is_limit_fault(np.int32(code))) == describe_fault(code).endswith(
        tuple(describe_fault(encode(line, k)) for k in Fault if k.name.endswith("LIMIT"))
    )
    assert describe_fault(0) == "no fault"


def a_bit(value=True):
    return literal(jnp.asarray(value))


def test_joins(wide):
    p = a_bit(False)
    joined = merge(p, 1, 2.5)
    assert joined.dtype == np.float64 and float(joined.value) == 2.5
    assert joined.mixed == {np.dtype(np.int64), np.dtype(np.float64)}
    assert isinstance(merge(p, 1, (1, 2)), Conflict)
    assert isinstance(merge(p, np.zeros(3), np.zeros(4)), Conflict)
    assert isinstance(merge(p, np.uint8(1), 2), Conflict)
    assert isinstance(merge(p, None, 3), Optional)
    assert isinstance(merge(p, 3, UNSET), Maybe)
    text = merge(p, "a", "b")
    assert isinstance(text, Text) and text.options[int(text.index)] == "b"
    assert merge(p, "a", "a") == "a"
    assert [int(x.value) for x in merge(p, (1, 2), (3, 4))] == [3, 4]
    entries = merge(p, DictValue({"a": 1}), DictValue({"a": 2, "b": 3})).entries
    assert isinstance(entries["b"], Maybe)
    assert merge(True, 1, "x") == 1 and merge(False, 1, "x") == "x"


def test_names_are_joined_when_they_are_read(wide):
    p, trace = a_bit(), Trace(ProgramSource(""), Limits())
    name = postponed(p, "text", 3)
    trace.path = trace.local = p
    assert trace.read(name, "x") == "text"
    trace.path = trace.local = negate(p)
    assert trace.read(name, "x") == 3
    trace.path = trace.local = True
    assert isinstance(join_pending(name), Conflict)
    with pytest.raises(RefusedProgram, match="different kinds"):
        trace.read(name, "x")


def test_sharing_ends_with_the_last_other_name(wide):
    array = as_tensor(np.arange(3))
    view = as_tensor(np.arange(2))
    share(array, view)
    assert is_shared(array) and is_shared(view)
    del view
    assert not is_shared(array)


def remembered():
    """Values of every kind that memory may hold."""
    return [
        3,
        None,
        "text",
        (1, 2.5, None),
        np.arange(6.0).reshape(2, 3),
        as_tensor(np.arange(3)),
        as_tensor(np.float64(0.1)),
        ListValue([as_tensor(np.uint8(200)), 3]),
        DictValue({"a": as_tensor(np.int64(-5)), "b": (as_tensor(np.float32(0.5)), True)}),
        Optional(as_tensor(np.float64(1e300)), a_bit()),
        Maybe((as_tensor(np.int64(2**40)), 3), a_bit()),
        Text(("a", "b"), jnp.int32(1)),
    ]


@pytest.mark.parametrize("number", range(12))
def test_memory_round_trip(number, wide):
    value = remembered()[number]
    trace = Trace(ProgramSource(""), Limits())
    kind = kind_of(trace, value, "field")
    leaves = pack(value, kind)
    assert all(leaf.dtype.itemsize <= 4 for leaf in leaves)
    again = unpack(kind, list(leaves), {})
    assert kind_of(trace, again, "field") == kind
    for a, b in zip(leaves, pack(again, kind), strict=True):
        np.testing.assert_array_equal(a, b)


def test_known_arrays_in_memory_are_told_apart_to_the_last_digit():
    trace = Trace(ProgramSource(""), Limits())
    first = (np.arange(2000.0), 1)
    second = (np.where(np.arange(2000) == 1000, -1.0, np.arange(2000.0)), 1)
    assert kind_of(trace, first, "f") != kind_of(trace, second, "f")


def test_language_and_library_agree():
    functions = {path for path, entry in LIBRARY.items() if entry.kind == "function"}
    builtins = {f"builtins.{name}" for name in BUILTINS}
    typed = {f"builtins.{name}" for name in TYPES}
    assert functions | builtins >= set(registry.FUNCTIONS)
    assert functions <= set(registry.FUNCTIONS)
    assert builtins <= set(registry.FUNCTIONS) | typed
    constants = {path for path, e in LIBRARY.items() if e.kind in ("constant", "type")}
    logging = {path for path in constants if path.startswith("logging.")}
    assert constants - logging == set(CONSTANTS)


def test_methods_and_language_agree():
    arrays = set(methods._REDUCTIONS) | set(methods._ARRAY)
    assert arrays == set(METHODS["array"])
    assert set(methods._LIST) == set(METHODS["list"])
    assert set(methods._DICT) == set(METHODS["dict"])
    for name in ATTRIBUTES["array"]:
        assert not check(f"def f(frame):\n    x = frame.{name}\n    return True", frame=FRAME)


def test_signatures_name_the_parameters_that_programs_may_give():
    for path, function in registry.FUNCTIONS.items():
        first = next(iter(inspect.signature(function).parameters))
        assert first == "trace", path


def test_every_library_function_is_compared_with_cpython():
    folder = pathlib.Path(__file__).parent / "corpus"
    text = "".join(path.read_text() for path in folder.glob("*.car") if path.stem != "refused")
    shorts = {"numpy": "np", "numpy.linalg": "np.linalg", "math": "math", "cv2": "cv2"}
    missing = []
    for path, entry in LIBRARY.items():
        module, _, name = path.rpartition(".")
        if entry.kind == "function" and f"{shorts.get(module, module)}.{name}(" not in text:
            missing.append(path)
    assert not missing


def test_step_is_traced_once_inside_jit_scan_and_vmap():
    text = (
        "class A:\n    def __init__(self):\n        self.total = 0\n        self.mean = 0.1\n"
        "    def step(self, frame):\n        self.total += int(frame.sum())\n"
        "        self.mean = (self.mean + frame.mean()) / 3\n        return self.mean + self.total"
    )
    program = compile_reward(text, frame=FRAME)
    frames = np.random.default_rng(0).integers(0, 256, (5, 7, *FRAME), np.uint8)
    traces = []

    @jax.jit
    @jax.vmap
    def rollout(frames):
        def turn(memory, frame):
            traces.append(1)
            memory, out = program.step(memory, frame=frame)
            return memory, out

        return jax.lax.scan(turn, program.init(), frames)

    memory, out = rollout(frames)
    rollout(frames + 0)
    assert len(traces) == 1
    assert out.reward.shape == (5, 7) and out.reward.dtype == np.float32
    assert out.fault.dtype == np.int32 and out.completed.shape == (5, 7, 0)
    assert all(leaf.dtype.itemsize <= 4 for leaf in jax.tree.leaves(memory))
    totals = frames.reshape(5, 7, -1).sum(-1).cumsum(1)
    mean = np.full(5, 0.1)
    for t in range(7):
        mean = (mean + frames[:, t].reshape(5, -1).mean(-1)) / 3
        np.testing.assert_allclose(out.reward[:, t], np.float32(mean + totals[:, t]), rtol=1e-7)
    assert not jax.config.jax_enable_x64


def test_eager_and_jitted_steps_agree():
    text = "def f(frame):\n    return float(frame[0, 0, 0]) / 3 if frame.mean() > 100 else -1.0"
    program = compile_reward(text, frame=FRAME)
    memory = program.init()
    for seed in range(8):
        frame = np.random.default_rng(seed).integers(0, 200 + 5 * seed, FRAME).astype(np.uint8)
        eager = program.step(memory, frame=frame)[1]
        jitted = jax.jit(program.step)(memory, frame=frame)[1]
        assert float(eager.reward) == float(jitted.reward)


def test_a_python_number_stays_one(wide):
    given = Tensor(jnp.int32(3), np.dtype(np.int64), True, (0, 9))
    assert given.bounds == (0, 9)
    assert merge(a_bit(), given, 4).python is True
