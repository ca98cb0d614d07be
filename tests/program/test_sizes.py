"""What is traced stays small: loops once, no dead equations; and it says what CPython says."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from oracle import differences

from jaxcar.lang.source import ProgramSource
from jaxcar.program import check, compile_reward
from jaxcar.program.equations import count_equations
from jaxcar.program.predicate import both, either, excludes, implies, literal, negate
from jaxcar.program.primitives import chosen, compared, converted

INPUTS = {"n": jax.ShapeDtypeStruct((), np.int32)}
MADE = "d = {}\nfor i in range(int(n)):\n    d[i * 2] = i\n"
SEEN = "s = set()\nfor i in range(int(n)):\n    s.add((i * 7) % 5 - 2)\n"

# Bodies of f(n), which are all traced to less than a thousand equations.
BODIES = {
    "list lengthened on some paths": "q = [0]\nfor i in q:\n    if i < 6 and n > 0:\n"
    "        q.append(i + 1)\nreturn float(sum(q) * 100 + len(q))",
    "list lengthened with break": "q = [0]\nt = 0\nfor i in q:\n    t += i\n    if i > n:\n"
    "        break\n    if i < 40:\n        q.append(i + 1)\nelse:\n    t += 1000\nreturn float(t)",
    "places found from places": "q = [(0, 0)]\nseen = {(0, 0)}\nfor x, y in q:\n"
    "    for d in (-1, 1):\n        p = (x + d, y)\n        if abs(p[0]) <= n and p not in seen:\n"
    "            seen.add(p)\n            q.append(p)\nreturn float(len(q))",
    "list shortened": "q = [1, 2]\nfor i in q:\n    if n > 3:\n        q.pop()\n"
    "return float(len(q))",
    "dict lengthened": MADE + "for k in d:\n    d[k + 100] = 1\nreturn float(len(d))",
    "dict changed in place": MADE + "t = 0\nfor k in d:\n    d[2] = 50\n    t += d[k]\n"
    "return float(t)",
    "items changed in place": MADE + "t = 0\nfor k, v in d.items():\n    if 4 in d:\n"
    "        d[4] = 50\n    t += v * k\nreturn float(t)",
    "items with break": MADE + "t = 0\nfor k, v in d.items():\n    t += v * k\n    if t > 9:\n"
    "        break\nelse:\n    t += 1000\nreturn float(t)",
    "items with return": MADE + "for k, v in d.items():\n    if v == 3:\n        return float(k)\n"
    "return -1.0",
    "values": MADE + "t = 0\nfor v in d.values():\n    t = t * 2 + v\nreturn float(t)",
    "keys counted": MADE + "t = 0\nfor i, k in enumerate(d.keys()):\n    t += i * k\n"
    "return float(t)",
    "items lengthened": MADE + "for k, v in d.items():\n    if k == 4:\n        d[77] = 1\n"
    "return float(len(d))",
    "items lengthened at last": MADE + "for k, v in d.items():\n    if k == 4:\n"
    "        d[77] = 1\n        break\nreturn float(len(d))",
    "items shortened": MADE + "for k, v in d.items():\n    if k == 4:\n        del d[0]\n"
    "return float(len(d))",
    "caught": MADE + "try:\n    for k in d.keys():\n        d[k + 100] = 1\n"
    "except RuntimeError:\n    return -5.0\nreturn float(len(d))",
    "set of a set": SEEN + "t = 0\nfor v in sorted({x * x for x in s}):\n    t = t * 10 + v\n"
    "return float(t)",
    "sorted backwards": SEEN + "t = 0\nfor v in sorted(s, reverse=True):\n    t = t * 10 + v\n"
    "return float(t)",
    "sum over a set": SEEN + "return float(sum(x * x for x in s))"
    " + len({x // 2 for x in s if x > -2})",
    "any of a set": SEEN + "return float(any(x > 1 for x in s)) + 10 * all(x < 2 for x in s)",
    "set of a list": SEEN + "l = [x % 3 for x in range(int(n))]\nl.sort()\nu = set(l)\n"
    "return float(len(u) * 100 + sum(u)) + (1 in u) * 1000",
    "greatest of a set": SEEN + "return float(max({abs(x) for x in s}))",
}
NUMBERS = np.array([[0, 1, 3, 4, 7, -2, 2, 5]], np.int32)


def program_of(body):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return compile_reward(ProgramSource(f"def f(n):\n{lines}", "f.py"), inputs=INPUTS)


@pytest.mark.parametrize("name", BODIES)
def test_small_and_exact(name):
    program = program_of(BODIES[name])
    assert count_equations(program._compiled[0].traced.closed.jaxpr) < 1000
    found, counts = differences(program, {"n": NUMBERS}, np.ones(NUMBERS.shape, bool))
    assert not found, "\n".join(found[:3])
    assert counts["limits"] == 0


def test_keys_that_a_loop_takes_out_are_a_limit_fault():
    body = (
        MADE
        + "for k in d:\n    if k == 4:\n        del d[0]\n        d[0] = 3\nreturn float(len(d))"
    )
    program = program_of(body)
    _, out = program.step(program.init(), n=np.int32(7))
    assert int(out.fault[0]) % 64 >= 32


def test_what_nobody_reads_does_not_count():
    lines = "".join(f"    x{i} = np.sin(frame[{i % 8}, 0, 0] + x{i - 1})\n" for i in range(1, 900))
    text = f"import numpy as np\ndef f(frame):\n    x0 = 0.0\n{lines}    return x2 > 0\n"
    program = compile_reward(text, frame=(8, 8, 3))
    assert count_equations(program._compiled[0].traced.closed.jaxpr) < 100


def test_entries_learn_from_each_other(monkeypatch):
    from bombs import TILES

    from jaxcar.program import execution

    tried, compile_one = [], execution._compile

    def counted(entry, inputs, limits, *more, **options):
        tried.append(limits.written_out)
        return compile_one(entry, inputs, limits, *more, **options)

    monkeypatch.setattr(execution, "_compile", counted)
    found = check(TILES, frame=(8, 8, 3))
    assert [d.code for d in found] == ["JC312"]
    assert tried.count(4_000) == 1 and len(tried) == 4


def test_predicates_know_their_logic():
    rng = np.random.default_rng(0)
    literals = [literal(jnp.bool_(False)) for _ in range(6)]
    order = {x.logic.name: i for i, x in enumerate(literals)}

    def value(diagram, bits):
        while not isinstance(diagram, bool):
            diagram = diagram.high if bits[order[diagram.name]] else diagram.low
        return diagram

    pool = list(literals)
    for _ in range(200):
        a, b = (pool[i] for i in rng.integers(0, len(pool), 2))
        made = [both(a, b), either(a, b), negate(a)][rng.integers(3)]
        pool += [] if isinstance(made, bool) else [made]
    cases = list(itertools.product([False, True], repeat=6))
    tables = [[value(x.logic, bits) for bits in cases] for x in pool]
    for i, j in rng.integers(0, len(pool), (1000, 2)):
        pairs = list(zip(tables[i], tables[j], strict=True))
        assert implies(pool[i], pool[j]) == all(y for x, y in pairs if x)
        assert excludes(pool[i], pool[j]) == (not any(x and y for x, y in pairs))


@pytest.mark.parametrize("kinds", ["uint8 uint8", "int32 float32", "float64 float64"])
def test_primitives_are_numpy_like(kinds):
    with jax.enable_x64(True):
        one, other = (np.dtype(kind) for kind in kinds.split())
        a = jnp.asarray(np.arange(3), one)
        for shape in [(), (3,)]:
            b = jnp.asarray(np.ones(shape), other)
            for mine, theirs in (
                (chosen(a > 1, a, b), jnp.where(a > 1, a, b)),
                (chosen(jnp.bool_(True), b, a), jnp.where(jnp.bool_(True), b, a)),
                (chosen(a > 1, b, 2.5), jnp.where(a > 1, b, 2.5)),
                (compared("less", a, b), a < b),
                (converted(a, other), a.astype(other)),
            ):
                assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
                assert np.array_equal(mine, theirs)
