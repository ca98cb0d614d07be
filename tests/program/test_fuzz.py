"""Random programs say what CPython says, and mutated programs never end in a traceback."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import differences
from random_programs import INPUTS, Writer, inputs_of, programs

from jaxcar.errors import RefusedProgram
from jaxcar.lang.source import ProgramSource
from jaxcar.program import RewardProgram, check, compile_reward
from jaxcar.program.entries import make_inputs

B, T = 4, 20
SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def compare(texts):
    """Compare the accepted programs with CPython; return how many were accepted."""
    accepted = []
    for number, text in enumerate(texts):
        try:
            accepted.append(compile_reward(ProgramSource(text, f"random {number}"), inputs=INPUTS))
        except RefusedProgram as refused:
            assert "cannot be compiled yet" not in str(refused), text
    resets = np.zeros((B, T), bool)
    resets[:, 0] = True
    compiled = [program._compiled[0] for program in accepted]
    program = RewardProgram(compiled, make_inputs(INPUTS, None))
    found, counts = differences(program, inputs_of(B, T), resets)
    names = {line.partition(" f")[0] for line in found}
    texts = [source.text for source in program.sources if source.name in names]
    assert not found, "\n".join([*found[:5], *texts])
    assert counts["limits"] == 0
    return len(accepted)


@given(programs(20))
@settings(SETTINGS, max_examples=3)
def test_random_programs(texts):
    assert compare(texts) > 12


@pytest.mark.slow
@given(programs(50))
@settings(SETTINGS, max_examples=20)
def test_many_random_programs(texts):
    assert compare(texts) > 35


@given(st.integers(0, 10**6))
@settings(SETTINGS, max_examples=120)
def test_mutated_programs_get_diagnostics(seed):
    pick = random.Random(seed)
    words = Writer(pick).function("f").replace("(", " ( ").replace(")", " ) ").split(" ")
    for _ in range(pick.randint(1, 2)):
        place = pick.randrange(len(words))
        kind = pick.randrange(3)
        if kind == 0:
            del words[place]
        elif kind == 1:
            words[place] = pick.choice(
                ["v", "None", '"x"', "[]", "(1, 2)", "len", "-", "np", "1e400", "u"]
            )
        else:
            other = pick.randrange(len(words))
            words[place], words[other] = words[other], words[place]
    for found in check(" ".join(words), inputs=INPUTS):
        assert "cannot be compiled yet" not in found.message, found.render()
