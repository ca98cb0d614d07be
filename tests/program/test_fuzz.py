"""Random programs say what CPython says, and mutated programs never end in a traceback."""

import random
from collections import Counter

import jax
import numpy as np
import pytest
from comparing import Program, compare, compare_mutants
from corpus_parts import parts
from mutations import mutated
from random_aliases import SHARED
from random_programs import INPUTS, Writer, inputs_of
from random_wide import THEMES, wide
from test_corpus import STATE, state_inputs

from jaxcar.errors import RefusedProgram
from jaxcar.lang.rules import Limits
from jaxcar.lang.source import ProgramSource
from jaxcar.program import compile_reward

B, T = 3, 12
# Loops are written out, or traced once from a few turns on.
LIMITS = tuple(Limits(equations=1_000, written_out=n) for n in (4_000, 60, 400))


def random_program(kind, seed):
    """Return one random program.

    "plain" is about numbers, a "function" or a "class" about more, "shared" about what several
    names, lists or fields hold.
    """
    pick = random.Random(f"{kind} {seed}")
    if kind == "plain":
        return Program(Writer(pick).function("f"), "f")
    remembers = kind == "class" or (kind == "shared" and pick.random() < 0.5)
    text = wide(pick, "", remembers, SHARED if kind == "shared" else THEMES)
    return Program(text, "M.step" if remembers else "f")


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


KINDS = {"plain": 0.8, "function": 0.6, "class": 0.55, "shared": 0.4}
SIZE = 10


def compare_many(kind, seeds):
    """Compare programs of one kind, `SIZE` to a compile."""
    counts = Counter()
    for seed in seeds:
        programs = [random_program(kind, SIZE * seed + k) for k in range(SIZE)]
        counts += compared(programs, seed, eager=1)
        if seed % 10 == 9:
            jax.clear_caches()
    assert_sound(counts, KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_random_programs(kind):
    compare_many(kind, range(4 if kind == "function" else 3))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_many_random_programs(kind):
    compare_many(kind, range(4, 71))


PARTS = parts()
STATE_INPUTS = {name: jax.ShapeDtypeStruct(*shape) for name, shape in STATE.items()}


def assert_mutants(programs, inputs, given):
    """Assert that each is refused with a diagnostic, or equal to CPython; count the accepted."""
    given = {name: array[:2, :10] for name, array in given.items()}
    resets = np.zeros((2, 10), bool)
    resets[:, [0, 6]] = True
    result = compare_mutants(programs, inputs, given, resets)
    for text, words in result.refused.items():
        assert "cannot be compiled yet" not in words, f"{words}\n{text}"
    assert not result.found, "\n".join([*result.found[:5], *result.wrong])
    return len(result.accepted)


def mutants_of_the_corpus(seed, number):
    """Mutate programs of the corpus, check and compare them; return how many were accepted."""
    pick = random.Random(seed)
    programs = (pick.choice(PARTS) for _ in range(number))
    mutants = [Program(mutated(pick, text), entry) for text, entry in programs]
    return assert_mutants(mutants, STATE_INPUTS, state_inputs())


def mutants_of_random_programs(seed, number):
    """Mutate random programs, check and compare them; return how many were accepted."""
    pick = random.Random(seed)
    programs = (random_program(pick.choice(list(KINDS)), f"{seed} {k}") for k in range(number))
    mutants = [Program(mutated(pick, text), entry) for text, entry in programs]
    return assert_mutants(mutants, INPUTS, inputs_of(2, 10, seed))


def test_mutants():
    assert mutants_of_the_corpus(0, 100) > 10
    assert mutants_of_random_programs(0, 50) > 2


@pytest.mark.slow
def test_many_mutants():
    accepted = Counter()
    for seed in range(1, 31):
        accepted["corpus"] += mutants_of_the_corpus(seed, 70)
        accepted["random"] += mutants_of_random_programs(seed, 30)
        jax.clear_caches()
    assert accepted["corpus"] > 200 and accepted["random"] > 50, accepted


def test_parts_of_the_corpus_are_whole():
    pick = random.Random(0)
    for text, entry in pick.sample(PARTS, 20):
        compile_reward(ProgramSource(text), entry=entry, inputs=STATE_INPUTS)
    with pytest.raises(RefusedProgram):
        compile_reward(ProgramSource(PARTS[0][0] + "("), inputs=STATE_INPUTS)
