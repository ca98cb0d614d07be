"""Sums of floats agree with NumPy in every bit, whatever the size, the axes and the mask."""

import itertools

import jax
import numpy as np
import pytest

from jaxcar.program import compile_reward
from jaxcar.program.lengths import exact_sum
from jaxcar.program.pairwise import add_axes, add_packed

SIZES = (*range(34), 100, 127, 128, 129, 136, 144, 255, 256, 257, 300, 1000, 1025, 4097, 12288)
DTYPES = (np.float16, np.float32, np.float64)


def numbers(shape, dtype, seed=0):
    """Numbers of very different sizes, so that the order of additions shows."""
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(shape) * np.exp(rng.standard_normal(shape) * 2)).astype(dtype)


def same_bits(ours, numpys):
    ours, numpys = np.asarray(ours), np.asarray(numpys)
    assert ours.dtype == numpys.dtype and ours.shape == numpys.shape
    return ours.tobytes() == numpys.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_vectors_of_many_sizes(dtype):
    with jax.enable_x64(True):
        wrong = [
            size
            for size in SIZES
            if not same_bits(
                jax.jit(lambda x: add_axes(x, (0,), False))(numbers(size, dtype)),
                np.sum(numbers(size, dtype)),
            )
        ]
    assert not wrong


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(6, 5, 50), (40, 30, 3), (2, 1, 40, 1)])
def test_all_axes(shape, dtype):
    axes = [
        some
        for count in range(1, len(shape) + 1)
        for some in itertools.combinations(range(len(shape)), count)
    ]
    values = numbers(shape, dtype)
    with jax.enable_x64(True):
        ours = jax.jit(lambda x: [add_axes(x, some, True) for some in axes])(values)
    numpys = [np.sum(values, axis=some, keepdims=True) for some in axes]
    assert all(same_bits(a, b) for a, b in zip(ours, numpys, strict=True))


def test_no_sum_is_negative_zero():
    with jax.enable_x64(True):
        for size in (0, 1, 9):
            ours = jax.jit(lambda x: add_axes(x, (0,), False))(np.full(size, -0.0))
            assert same_bits(ours, np.sum(np.full(size, -0.0)))


@pytest.mark.parametrize("size", [1, 7, 8, 20, 128, 129, 200, 300, 1024, 4096])
def test_masked_vectors(size):
    rng = np.random.default_rng(size)
    with jax.enable_x64(True):
        add = jax.jit(add_packed)
        for share in (0.0, 0.05, 0.3, 0.7, 0.97, 1.0):
            for dtype in (np.float32, np.float64):
                values, mask = numbers(size, dtype, size), rng.random(size) < share
                assert same_bits(add(values, mask), np.sum(values[mask])), (share, dtype)


PROGRAM = """
import numpy as np

def many(x, y):
    bright = x[x > 0.5]
    rows = y[y[:, 0] > 0]
    return 0.0, {
        "sum": x.sum(), "mean": x.mean(), "std": x.std(), "var": x.var(ddof=1),
        "axis0": x.mean(axis=0)[3], "axis1": x.std(axis=1)[2], "flip": x[::-1].sum(),
        "part": x[3:20, 5:33].sum(), "part_mean": x[3:20, 5:33].mean(axis=0)[2],
        "turned": x.T.sum(), "turned_std": x.T.std(), "turned_axis": x.T.sum(axis=0)[1],
        "turned_other": x.transpose(1, 0).mean(axis=1)[1],
        "masked": bright.sum(), "masked_mean": bright.mean(), "masked_std": bright.std(),
        "rows": rows.sum(axis=0)[1], "rows_mean": rows.mean(), "rows_axis": rows.sum(axis=1).sum(),
        "square": (x * x).sum(), "product": (1 + x[0] * 1e-3).prod(), "total": np.cumsum(x)[77],
    }
"""


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_programs(dtype):
    """What programs say, in all 64 bits."""
    shapes = {"x": (31, 40), "y": (50, 3)}
    program = compile_reward(
        PROGRAM, inputs={k: jax.ShapeDtypeStruct(v, dtype) for k, v in shapes.items()}
    )
    space = {}
    exec(PROGRAM, space)
    say = jax.jit(lambda x, y: program.say(program.init(), x=x, y=y)[1][0].components)
    for seed in range(12):
        with jax.enable_x64(True):
            given = {name: numbers(shape, dtype, seed) for name, shape in shapes.items()}
            ours = {name: np.asarray(value) for name, value in say(**given).items()}
        theirs = space["many"](**given)[1]
        wrong = [name for name in theirs if float(ours[name]) != float(theirs[name])]
        assert not wrong, (seed, wrong)


def test_exact_sums():
    import math

    rng = np.random.default_rng(3)
    with jax.enable_x64(True):
        add = jax.jit(exact_sum)
        for case in range(60):
            values = rng.standard_normal(30) * np.exp2(rng.integers(-60, 60, 30))
            if case % 3 == 0:
                values[15:] = -values[:15] * (1 + 2.0**-50 * (rng.random(15) < 0.1))
            assert float(add(values)[0]) == math.fsum(values)
