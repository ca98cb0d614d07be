"""Random programs say what CPython says, and mutated programs never end in a traceback."""

import random
from collections import Counter

import jax
import numpy as np
import pytest
from comparing import Program, compare, compare_mutants
from corpus_parts import parts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import mutated
from random_programs import INPUTS, Writer, inputs_of
from random_wide import wide
from test_corpus import STATE, state_inputs

from jaxcar.errors import RefusedProgram
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program import check, compile_reward

B, T = 3, 12
SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
STATE_INPUTS = {name: jax.ShapeDtypeStruct(*shape) for name, shape in STATE.items()}
# Loops are written out, or traced once from a few turns on.
LIMITS = tuple(Limits(equations=1_200, written_out=n) for n in (4_000, 60, 400))


def random_program(kind, seed):
    """Return one random program: "plain" numbers, a "function" over more, or a "class"."""
    pick = random.Random(f"{kind} {seed}")
    if kind == "plain":
        return Program(Writer(pick).function("f"), "f")
    text = wide(pick, "", remembers=kind == "class")
    return Program(text, "M.step" if kind == "class" else "f")


def compared(programs, seed, eager):
    """Compare with CPython; return how many were accepted, and the counts."""
    resets = np.random.default_rng(seed).random((B, T)) < 0.12
    resets[:, 0] = True
    limits = LIMITS[seed % len(LIMITS)]
    result = compare(programs, INPUTS, inputs_of(B, T, seed), resets, limits, eager)
    for text, words in result.refused.items():
        assert "cannot be compiled yet" not in words, f"{words}\n{text}"
    assert not result.found, "\n".join([*result.found[:5], *result.wrong])
    return Counter(result.counts, programs=len(programs), accepted=len(result.accepted))


def assert_sound(counts, accepted):
    """Assert that most programs were accepted, and that hardly a step was left to rounding."""
    print(dict(counts))
    assert counts["accepted"] > accepted * counts["programs"], counts
    assert counts["near"] < 0.001 * counts["steps"], counts
    assert counts["limits"] == 0, counts


KINDS = {"plain": 0.75, "function": 0.6, "class": 0.55}


@pytest.mark.parametrize("kind", KINDS)
def test_random_programs(kind):
    counts = Counter()
    for seed in range(3):
        programs = [random_program(kind, 100 * seed + k) for k in range(12)]
        counts += compared(programs, seed, eager=1)
    assert_sound(counts, KINDS[kind])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_programs(kind):
    counts = Counter()
    for seed in range(3, 59):
        programs = [random_program(kind, 100 * seed + k) for k in range(12)]
        counts += compared(programs, seed, eager=2)
        jax.clear_caches()
    assert_sound(counts, KINDS[kind])


@given(st.integers(0, 10**6))
@settings(SETTINGS, max_examples=100)
def test_mutated_programs_get_diagnostics(seed):
    pick = random.Random(seed)
    kind = pick.choice(list(KINDS))
    program = random_program(kind, seed)
    for found in check(mutated(pick, program.text), entry=program.entry, inputs=INPUTS):
        assert "cannot be compiled yet" not in found.message, found.render()


def mutants(seed, number):
    """Return mutated programs of the corpus."""
    pick = random.Random(seed)
    programs = (pick.choice(PARTS) for _ in range(number))
    return [Program(mutated(pick, text), entry) for text, entry in programs]


PARTS = parts()


def assert_mutants(programs):
    """Assert that each is refused with a diagnostic, or equal to CPython; count the accepted."""
    given = {name: array[:2, :10] for name, array in state_inputs().items()}
    resets = np.zeros((2, 10), bool)
    resets[:, [0, 6]] = True
    result = compare_mutants(programs, STATE_INPUTS, given, resets)
    for text, words in result.refused.items():
        assert "cannot be compiled yet" not in words, f"{words}\n{text}"
    assert not result.found, "\n".join([*result.found[:5], *result.wrong])
    return len(result.accepted)


def test_mutants_of_the_corpus():
    assert assert_mutants(mutants(0, 50)) > 5


@pytest.mark.slow
def test_many_mutants_of_the_corpus():
    accepted = 0
    for seed in range(1, 61):
        accepted += assert_mutants(mutants(seed, 50))
        jax.clear_caches()
    assert accepted > 300


def test_parts_of_the_corpus_are_whole():
    pick = random.Random(0)
    for text, entry in pick.sample(PARTS, 20):
        compile_reward(ProgramSource(text), entry=entry, inputs=STATE_INPUTS)
    with pytest.raises(RefusedProgram):
        compile_reward(ProgramSource(PARTS[0][0] + "("), inputs=STATE_INPUTS)
