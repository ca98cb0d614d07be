"""Library functions agree with NumPy in every bit, on numbers that are not small and whole."""

import jax
import numpy as np
import pytest

from jaxcar.program import compile_reward
from jaxcar.program.faults import describe_fault

EXPRESSIONS = """
np.sort(x)
np.sort(m, axis=0)
np.argsort(x, kind="stable")
np.argsort(m, axis=0, stable=True)
np.unique(m[:2]).sum()
np.median(x)
np.median(m, axis=1, keepdims=True)
np.median(x[k])
np.percentile(x, 37)
np.percentile(x, [0, 12.5, 50, 99, 100])
np.percentile(m, 33.3, axis=1)
np.percentile(x[k], 41.7)
np.quantile(m, [0.1, 0.77], axis=0)
np.diff(m, axis=0)
np.cumsum(x)
np.cumsum(m, axis=1)
np.cumprod(x[:5] / 7)
np.average(x, weights=np.arange(23) + 0.5)
np.average(m, axis=0, weights=[1.0, 2, 3, 4, 5, 6, 7])
np.outer(x, x[:5]) * 0.3 + x[:5]
np.cross(m[:, :3], m[:, 3:6])
np.deg2rad(x)
np.rad2deg(x)
np.std(m, axis=0)
np.var(x[k])
np.prod(x[:6] / 3)
np.sum(x, dtype=np.float64)
np.mean(m, axis=1, dtype=float)
np.interp(x, [-2.0, -1, 0, 0.7, 40], [1.0, 5, -2, 3, 3])
np.digitize(x, [-1.0, 0.0, 0.25, 2.0])
np.histogram(x, bins=[-1, 0, 0.5, 3])[0]
np.fmod(x, 1.7)
np.roll(m, 3) - np.flip(m) * 0.7
np.pad(m, 1, mode="reflect")
np.linalg.norm(m, axis=1)
np.linalg.norm(x[:5])
np.linalg.norm(x, 1)
np.dot(x[:7], x[7:14])
cdist(m, m)
cdist(m, m, "cityblock")
x * 0.299 + x[::-1] * 0.587
m[..., 0] * 0.299 + m[..., 1] * 0.587 + m[..., 2] * 0.114
np.convolve(x, [0.25, 0.5, 0.25])
np.linspace(x[0], 3.0, 9)
""".strip().splitlines()


def program(expressions):
    lines = [f'        "{i}": total({text}),' for i, text in enumerate(expressions)]
    return "\n".join(
        [
            "import numpy as np",
            "from scipy.spatial.distance import cdist",
            "def total(v):",
            "    v = np.asarray(v)",
            "    return (v.astype(float).ravel() * (np.arange(v.size) * 3 % 17 + 1)).sum()",
            "def f(x, m, k):",
            "    return 0.0, {",
            *lines,
            "    }",
        ]
    )


def inputs(dtype, seed):
    rng = np.random.default_rng(seed)
    scale = 300 if np.issubdtype(dtype, np.integer) else 3
    found = {
        name: (rng.standard_normal(shape) * scale).astype(np.int64 if scale == 300 else dtype)
        for name, shape in (("x", 23), ("m", (7, 9)))
    }
    return {**{k: v.astype(dtype) for k, v in found.items()}, "k": rng.random(23) < 0.6}


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8, np.int64])
def test_every_bit(dtype):
    text = program(EXPRESSIONS)
    shapes = {k: jax.ShapeDtypeStruct(v.shape, v.dtype) for k, v in inputs(dtype, 0).items()}
    compiled = compile_reward(text, inputs=shapes)
    space = {}
    exec(text, space)
    say = jax.jit(lambda given: compiled.say(compiled.init(), **given)[1][0].components)
    for seed in range(4):
        with jax.enable_x64(True):
            ours = {key: float(value) for key, value in say(inputs(dtype, seed)).items()}
        theirs = {key: float(value) for key, value in space["f"](**inputs(dtype, seed))[1].items()}
        wrong = [EXPRESSIONS[int(key)] for key in theirs if ours[key] != theirs[key]]
        assert not wrong, (seed, wrong)


def test_the_order_of_equal_elements_is_a_limit():
    """NumPy's quicksort leaves it to the processor, from four elements on.

    Positions that are not looked at need not be settled.
    """
    settled = "import numpy as np\ndef f(x): return float(np.argsort(x)[1])"
    other = compile_reward(settled, inputs={"x": jax.ShapeDtypeStruct((5,), np.float64)})
    text = settled.replace("[1]", "[2]")
    compiled = compile_reward(text, inputs={"x": jax.ShapeDtypeStruct((5,), np.float64)})
    for values, words in (([3, 1, 2, 5, 4], "no fault"), ([3, 1, 2, 3, 4], "limit")):
        with jax.enable_x64(True):
            given = np.asarray(values, float)
        _, out = jax.jit(compiled.step)(compiled.init(), x=given)
        assert words in describe_fault(int(out.fault[0]))
        assert jax.jit(other.step)(other.init(), x=given)[1].fault[0] == 0
