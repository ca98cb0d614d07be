"""The parts of the evaluator: predicates, bounds, faults, joins, memory, tables."""

import ast
import collections
import functools
import importlib
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
from jaxcar.program import (
    array_methods,
    calls,
    check,
    compile_reward,
    counters,
    dicts,
    methods,
    number_methods,
    registry,
    sets,
)
from jaxcar.program.containers import DictValue, ListValue, Record, RecordType
from jaxcar.program.definitions import ClassValue, EnumMember, Instance
from jaxcar.program.dicts import put
from jaxcar.program.expressions import CONSTANTS
from jaxcar.program.faults import Fault, describe_fault, encode, fault_line, is_limit_fault
from jaxcar.program.intervals import BINARY, UNARY, interval
from jaxcar.program.lists import from_items
from jaxcar.program.merge import collapsed, join_pending, merge, postponed
from jaxcar.program.packing import pack
from jaxcar.program.predicate import both, either, excludes, implies, literal, negate, same, traced
from jaxcar.program.structure import kind_of, restored, stored
from jaxcar.program.tensors import Selected, Tensor, as_tensor, is_shared, share
from jaxcar.program.trace import Trace
from jaxcar.program.types_api import TYPES
from jaxcar.program.values import UNSET, Choice, Conflict, Maybe, Optional, Text


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
    shapes = merge(p, np.zeros(3), np.zeros(4))
    assert isinstance(shapes, Choice)
    assert [(bool(traced(bit)), x.shape) for bit, x in shapes.options] == [
        (False, (3,)),
        (True, (4,)),
    ]
    dtypes = merge(p, np.uint8(1), 2)
    assert isinstance(dtypes, Choice)
    assert [as_tensor(x).dtype for _, x in dtypes.options] == [np.uint8, np.int64]
    assert len(merge(a_bit(), shapes, np.ones(3)).options) == 2
    many = [np.zeros(n) for n in range(1, 11)]
    assert isinstance(functools.reduce(lambda a, b: merge(a_bit(), a, b), many), Conflict)
    lists = merge(p, ListValue([1]), ListValue([2, 3]))
    assert isinstance(lists, Choice) and collapsed(lists).rows is not None
    assert isinstance(merge(p, ListValue([1]), DictValue({})), Conflict)
    assert isinstance(merge(p, ListValue([1]), ListValue([1], form="deque")), Conflict)
    assert isinstance(merge(p, None, 3), Optional)
    assert isinstance(merge(p, 3, UNSET), Maybe)
    text = merge(p, "a", "b")
    assert isinstance(text, Text) and text.options[int(text.index)] == "b"
    assert merge(p, "a", "a") == "a"
    assert [int(x.value) for x in merge(p, (1, 2), (3, 4))] == [3, 4]
    record = merge(p, Record([1, 2], POINT), Record([3, 4], POINT))
    assert record.type is POINT and [int(x.value) for x in record] == [3, 4]
    assert isinstance(merge(p, Record([1, 2], POINT), (3, 4)), Conflict)
    member = merge(p, *STAGES)
    assert member.options[int(member.index)] is STAGES[1]
    entries = collapsed(merge(p, DictValue({"a": 1}), DictValue({"a": 2, "b": 3}))).entries
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


POINT = RecordType("Point", ("x", "y"))
STAGES = (EnumMember("Stage", "A", 0), EnumMember("Stage", "B", "b"))
TRACKER = ClassValue(ast.parse("class Tracker: pass").body[0], {}, frozenset(), {})
TYPES_BY_NAME = {"Point": POINT, "Tracker": TRACKER}


def lists_of_run_time_length(trace, form="list", maxlen=None):
    """Return a list of the numbers 3 and, where a bit holds, 2**40 with a float each."""
    pairs = [(True, (3, as_tensor(0.5))), (a_bit(), (as_tensor(np.int64(2**40)), 1.25))]
    made = from_items(trace, pairs)
    return ListValue([], form=form, maxlen=maxlen, rows=made.rows)


def filled(trace, form):
    """Return a dict or set whose keys are known only at run time."""
    made = DictValue({}, form=form)
    for number in (2**40, -1, 2**40):
        key = Tensor(jnp.int64(number), np.dtype(np.int64), True)
        put(trace, made, key, (key, as_tensor(number / 3)) if form == "dict" else key)
    assert made.rows is not None
    return made


REMEMBERED = {
    "int": lambda trace: 3,
    "None": lambda trace: None,
    "text": lambda trace: "text",
    "tuple": lambda trace: (1, 2.5, None),
    "known array": lambda trace: np.arange(6.0).reshape(2, 3),
    "array": lambda trace: as_tensor(np.arange(3)),
    "wide array": lambda trace: as_tensor(np.asarray([2**40, -(2**62), 7])),
    "float": lambda trace: as_tensor(np.float64(0.1)),
    "list": lambda trace: ListValue([as_tensor(np.uint8(200)), 3]),
    "dict": lambda trace: DictValue(
        {"a": as_tensor(np.int64(-5)), "b": (as_tensor(np.float32(0.5)), True)}
    ),
    "optional": lambda trace: Optional(as_tensor(np.float64(1e300)), a_bit()),
    "maybe": lambda trace: Maybe((as_tensor(np.int64(2**40)), 3), a_bit()),
    "one of two texts": lambda trace: Text(("a", "b"), jnp.int32(1)),
    "one of two members": lambda trace: Text(STAGES, jnp.int32(1)),
    "member": lambda trace: STAGES[1],
    "record": lambda trace: Record([as_tensor(np.float64(0.1)), as_tensor(np.uint8(7))], POINT),
    "record of a record": lambda trace: Record([Record([1, as_tensor(2.5)], POINT), None], POINT),
    "choice": lambda trace: Choice(
        [(a_bit(False), as_tensor(np.zeros(3))), (a_bit(), as_tensor(np.ones((2, 2), np.float32)))]
    ),
    "optional choice": lambda trace: Optional(
        Choice([(a_bit(), as_tensor(np.uint8(3))), (a_bit(False), as_tensor(2**40))]), a_bit()
    ),
    "list of run-time length": lists_of_run_time_length,
    "deque": lambda trace: ListValue([as_tensor(1.5), 2], form="deque", maxlen=3),
    "deque of run-time length": lambda trace: lists_of_run_time_length(trace, "deque", 8),
    "set": lambda trace: DictValue({1: Maybe(True, a_bit()), "b": True}, form="set"),
    "set of run-time keys": lambda trace: filled(trace, "set"),
    "dict of run-time keys": lambda trace: filled(trace, "dict"),
    "defaultdict": lambda trace: DictValue({"a": as_tensor(3)}, default=int),
    "object": lambda trace: Instance(
        TRACKER, {"best": as_tensor(np.float64(1e-300)), "seen": ListValue([as_tensor(2**40)])}
    ),
    "object of an object": lambda trace: Instance(
        TRACKER, {"inner": Instance(TRACKER, {"x": as_tensor(0.1)}), "name": "a"}
    ),
    "selected": lambda trace: Selected(
        as_tensor(np.arange(6.0).reshape(3, 2)), jnp.asarray([True, False, True]), (0, 3)
    ),
}


@pytest.mark.parametrize("name", REMEMBERED)
def test_memory_round_trip(name, wide):
    trace = Trace(ProgramSource(""), Limits())
    value = REMEMBERED[name](trace)
    kind = kind_of(trace, value, "field")
    leaves = stored(value, kind)
    assert all(leaf.dtype.itemsize <= 4 for leaf in leaves)
    again = restored(kind, leaves, TYPES_BY_NAME)
    assert kind_of(trace, again, "field") == kind
    assert type(again) is type(value) or not isinstance(value, (tuple, ListValue, DictValue))
    for a, b in zip(leaves, stored(again, kind), strict=True):
        np.testing.assert_array_equal(a, b)
    # What the value was is known from the kind and the leaves in another tracing too.
    other = Trace(ProgramSource(""), Limits())
    assert kind_of(other, REMEMBERED[name](other), "field") == kind


def test_memory_is_exact(wide):
    trace = Trace(ProgramSource(""), Limits())
    for name in ("wide array", "float", "record", "object"):
        value = REMEMBERED[name](trace)
        kind = kind_of(trace, value, "field")
        again = restored(kind, stored(value, kind), TYPES_BY_NAME)
        for a, b in zip(pack(value, kind), pack(again, kind), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)


def test_known_arrays_in_memory_are_told_apart_to_the_last_digit():
    trace = Trace(ProgramSource(""), Limits())
    first = (np.arange(2000.0), 1)
    second = (np.where(np.arange(2000) == 1000, -1.0, np.arange(2000.0)), 1)
    assert kind_of(trace, first, "f") != kind_of(trace, second, "f")


# Classes are derived from them; they are no values.
BASE_CLASSES = {"enum.Enum", "enum.IntEnum", "typing.NamedTuple"}
# What stands in a class's body only.
IN_BODIES = {"dataclasses.field", "enum.auto"}


def test_language_and_library_agree():
    functions = {path for path, entry in LIBRARY.items() if entry.kind == "function"}
    builtins = {f"builtins.{name}" for name in BUILTINS}
    typed = {f"builtins.{name}" for name in TYPES}
    defined = set(registry.FUNCTIONS) | set(calls._WITH_INTERPRETER)
    assert not set(registry.FUNCTIONS) & set(calls._WITH_INTERPRETER)
    assert functions | builtins >= defined
    assert functions - IN_BODIES <= defined
    assert builtins <= defined | typed | {"builtins.NotImplemented"}
    constants = {path for path, e in LIBRARY.items() if e.kind in ("constant", "type")}
    logging = {path for path in constants if path.startswith("logging.")}
    assert constants >= BASE_CLASSES
    # ABC stands in the head of a class alone; NotImplemented is a builtin.
    values = set(CONSTANTS) - {"builtins.NotImplemented"}
    assert constants - logging - BASE_CLASSES - {"abc.ABC"} == values


METHOD_TABLES = {
    "array": array_methods.METHODS,
    **methods._OF_LISTS,
    "dict": dicts.METHODS,
    "counter": counters.OWN,
    "number": number_methods.METHODS,
    "set": sets.METHODS,
    "text": methods._TEXT,
}


@pytest.mark.parametrize("kind", METHOD_TABLES)
def test_methods_and_language_agree(kind):
    named = set(METHODS[kind])
    if kind == "dict":
        named.remove("fromkeys")  # of the type, not of a dict
    assert set(METHOD_TABLES[kind]) - named == set(), "the language does not name these"
    assert named - set(METHOD_TABLES[kind]) == set(), "these are named and not there"
    assert set(METHODS) == {*METHOD_TABLES, "namedtuple"}


def test_a_tabled_list_method_has_a_twin_in_python():
    kinds = {"list": [], "tuple": (), "deque": collections.deque(), "dict": {}, "set": set()}
    kinds["counter"] = collections.Counter()
    for kind, twin in {**kinds, "text": "", "array": np.zeros(3)}.items():
        assert all(hasattr(twin, name) for name in METHOD_TABLES[kind]), kind


ATTRIBUTE_PROGRAMS = {
    "array": "x = frame.{}",
    "deque": "x = collections.deque([1], 3).{}",
    "namedtuple": "x = collections.namedtuple('P', 'a b')(1, 2).{}",
    "enum": "x = Stage.A.{}",
    "slice": "x = slice(1, 4).{}",
    "range": "x = range(4).{}",
    "blob": "x = blobs(frame[:, :, 0] > 200)[0].{}",
}


@pytest.mark.parametrize("kind", ATTRIBUTES)
def test_attributes_and_language_agree(kind):
    head = "import collections, enum\nfrom jaxcar.vision.host import blobs\n"
    head += "class Stage(enum.Enum):\n    A = 0\n" if kind == "enum" else ""
    for name in ATTRIBUTES[kind]:
        body = ATTRIBUTE_PROGRAMS[kind].format(name)
        found = check(f"{head}def f(frame):\n    {body}\n    return True", frame=FRAME)
        assert not found, found[0].render()


def test_signatures_name_the_parameters_that_programs_may_give():
    for path, function in registry.FUNCTIONS.items():
        first = next(iter(inspect.signature(function).parameters))
        assert first == "trace", path


ONLY_POSITION, EITHER, ONLY_KEYWORD = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)
# `np.arange` hides in its signature that its first parameter has a name.
HIDDEN = {"numpy.arange": {"start"}}
# Nor does it say that a dtype may follow by its position.
BY_POSITION = {"numpy.arange": ["dtype"]}


def names_of(function, *kinds):
    """Return the names of a function's parameters of some kinds, in order."""
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind in kinds]


def takes_any_keyword(function):
    parameters = inspect.signature(function).parameters.values()
    return any(p.kind is p.VAR_KEYWORD for p in parameters)


def in_cpython(path):
    module, _, name = path.rpartition(".")
    owner, _, ufunc = module.rpartition(".")
    if name == "reduce":
        return getattr(getattr(importlib.import_module(owner), ufunc), name)
    return getattr(importlib.import_module(module), name)


COMPARED = sorted(
    path
    for path in registry.FUNCTIONS
    if path.startswith(("numpy.", "math.", "scipy.")) and path not in ("math.hypot", "math.log")
)


@pytest.mark.parametrize("path", COMPARED)
def test_parameters_are_named_as_in_the_library(path):
    real, ours = in_cpython(path), registry.FUNCTIONS[path]
    if takes_any_keyword(ours):
        # NumPy itself is called with what the program gives, and refuses what it does not know.
        call = path.replace("numpy", "np") + "(3, colour=3)"
        text = f"import numpy as np\ndef f(frame):\n    {call}\n    return True"
        found = check(text, frame=FRAME)
        assert [d.code for d in found] in (["JC404"], ["JC402"])
        return
    first = len(names_of(real, ONLY_POSITION))
    by_position = names_of(ours, ONLY_POSITION, EITHER)[1:]
    by_keyword = {*by_position[first:], *names_of(ours, ONLY_KEYWORD)}
    known = {*names_of(real, EITHER, ONLY_KEYWORD), *HIDDEN.get(path, ())}
    assert takes_any_keyword(real) or by_keyword <= known
    places = [*names_of(real, ONLY_POSITION, EITHER), *BY_POSITION.get(path, ())]
    assert by_position[first:] == places[first : len(by_position)]


@pytest.mark.xfail(reason="the registry does not tell parameters that have no name in the library")
def test_parameters_without_a_name_cannot_be_named():
    wrong = {}
    for path in COMPARED:
        ours = registry.FUNCTIONS[path]
        if takes_any_keyword(ours):
            continue
        count = len(names_of(in_cpython(path), ONLY_POSITION))
        only = len(names_of(ours, ONLY_POSITION)[1:]) if names_of(ours, ONLY_POSITION) else 0
        named = set(names_of(ours, ONLY_POSITION, EITHER)[1 + only : 1 + count])
        if named - HIDDEN.get(path, set()):
            wrong[path] = sorted(named)
    assert not wrong


def test_every_library_function_is_compared_with_cpython():
    folder = pathlib.Path(__file__).parent / "corpus"
    text = "".join(path.read_text() for path in folder.glob("*.car") if path.stem != "refused")
    missing = []
    for path, entry in LIBRARY.items():
        module, _, name = path.rpartition(".")
        short = module.replace("numpy", "np", 1)
        # The corpus imports the names of this one.
        called = f"{name}(" if module == "jaxcar.vision.host" else f"{short}.{name}("
        if entry.kind == "function" and called not in text:
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
