"""Random programs in the reward language, over a few declared inputs."""

from __future__ import annotations

import jax
import numpy as np

INPUTS = {
    "n": jax.ShapeDtypeStruct((), np.int32),
    "x": jax.ShapeDtypeStruct((), np.float64),
    "flag": jax.ShapeDtypeStruct((), np.bool_),
    "v": jax.ShapeDtypeStruct((4,), np.float64),
    "u": jax.ShapeDtypeStruct((6,), np.uint8),
    "m": jax.ShapeDtypeStruct((3,), np.int64),
    "s": jax.ShapeDtypeStruct((2, 3), np.float32),
}


def inputs_of(batch, steps, seed=0):
    """Small integers, halves and some extremes: sums and products of a few are exact."""
    rng = np.random.default_rng(seed)

    def halves(*shape):
        return rng.integers(-8, 9, (batch, steps, *shape)) / 2

    u = rng.integers(0, 256, (batch, steps, 6))
    u = np.where(rng.random(u.shape) < 0.4, rng.choice([0, 1, 128, 255], u.shape), u)
    return {
        "n": rng.integers(-4, 7, (batch, steps)).astype(np.int32),
        "x": halves(),
        "flag": rng.random((batch, steps)) < 0.5,
        "v": halves(4),
        "u": u.astype(np.uint8),
        "m": rng.integers(-5, 6, (batch, steps, 3)).astype(np.int64),
        "s": halves(2, 3).astype(np.float32),
    }


class Writer:
    """Write one function, drawing every choice from `pick`, a `random.Random`."""

    def __init__(self, pick):
        self.pick = pick
        self.lines = []
        self.depth = 1
        self.loops = 0

    def one_of(self, *options):
        return self.pick.choice(options)

    def integer(self, depth=2):
        if depth == 0 or self.pick.random() < 0.25:
            return self.one_of("i", "j", "i", "j", str(self.pick.randint(-3, 9)))
        a, b = self.integer(depth - 1), self.integer(depth - 1)
        return self.one_of(
            f"({a} + {b})",
            f"({a} - {b})",
            f"({a} * {self.pick.randint(-3, 3)})",
            f"({a} // {b})",
            f"({a} % {b})",
            f"({a} ** 2)",
            f"(-{a})",
            f"abs({a})",
            f"min({a}, {b})",
            f"max({a}, {b}, 1)",
            f"({a} if {self.truth(depth - 1)} else {b})",
            f"({a} and {b})",
            f"({a} or {b})",
            f"int({self.real(depth - 1)})",
            f"int(m[{self.index(3)}])",
            f"int(u[{self.index(6)}])",
            f"int({self.array(depth - 1)}.sum())",
            f"round({self.real(depth - 1)})",
            f"math.floor({self.real(depth - 1)})",
            f"({a} & {b})",
            f"({a} ^ 3)",
            f"({a} >> 1)",
            f"len({self.one_of('v', 'u', 'm')})",
            f"sum([{a}, {b}, 1])",
            f"sum(q * {a} for q in range(3) if q != {b})",
            f"int({self.mask(depth - 1)}.sum())",
            f"(i := {a})",
            f"({a}, {b})[{self.index(2)}]",
            f"int(np.argmax({self.one_of('v', 'u', 'm')}))",
        )

    def real(self, depth=2):
        if depth == 0 or self.pick.random() < 0.25:
            return self.one_of("f", "g", "f", "g", "0.5", "-1.5", "2.0", "0.0")
        a, b = self.real(depth - 1), self.real(depth - 1)
        return self.one_of(
            f"({a} + {b})",
            f"({a} - {self.integer(depth - 1)})",
            f"({a} * 2)",
            f"({a} * 0.5)",
            f"({a} / {self.one_of('2', '4.0', '0.5', 'i', b)})",
            f"({a} // {b})",
            f"({a} % {b})",
            f"({a} ** 2)",
            f"abs({a})",
            f"min({a}, {b})",
            f"max({a}, {b})",
            f"({a} if {self.truth(depth - 1)} else {b})",
            f"float({self.integer(depth - 1)})",
            f"float({self.array(depth - 1)}.max())",
            f"float(v[{self.index(4)}])",
            f"float({self.array(depth - 1)}.mean())",
            f"float(np.clip({a}, -2, 3))",
            f"math.sqrt(abs({a}))",
            f"float(np.abs(v - {a}).min())",
            f"float(np.where({self.truth(depth - 1)}, {a}, {b}))",
            "sum(float(w) for w in v[1:])",
            f"max((w * 0.5 for w in (f, g, 1.0) if w > {a}), default={b})",
            f"float(v[{self.mask_of_v()}].sum())",
            f"float(v[{self.mask_of_v()}].max())",
            f"float(s[{self.index(2)}, {self.index(3)}])",
            f"float(s.sum(axis=0)[{self.index(3)}])",
        )

    def index(self, size):
        return self.one_of(*(str(k) for k in range(-size, size)), "0", "i", "j % 3", "-1")

    def mask_of_v(self):
        return f"v {self.one_of('>', '<=', '!=')} {self.real(0)}"

    def mask(self, depth):
        return self.one_of(
            f"({self.mask_of_v()})",
            f"(u > {self.pick.randint(-1, 300)})",
            "((u == 255) | (u < 10))",
            f"((v > 0) & ~(v > {self.real(0)}))",
            f"(m == {self.integer(0)})",
            "np.logical_not(m > 0)",
        )

    def array(self, depth):
        if depth <= 0:
            return self.one_of("v", "u", "m", "s[0]", "s[1]")
        a = self.array(depth - 1)
        return self.one_of(
            f"({a} + {self.pick.randint(0, 9)})",
            f"({a} * 2)",
            f"({a} - 1)",
            f"np.abs({a})",
            f"({a} + {self.one_of('f', '0.5', 'i', 'True')})",
            f"{a}[::-1]",
            f"{a}[1:]",
            f"{a}[{self.one_of('::2', ':2', '-2:', '1:3')}]",
            f"{a}.astype({self.one_of('int', 'float', 'np.int16', 'np.float32')})",
            f"np.where({a} > {self.integer(0)}, {a}, {self.one_of('0', '1', '0.5', a)})",
            f"np.minimum({a}, {self.integer(0)})",
            f"np.clip({a}, 0, {self.pick.randint(1, 300)})",
            f"({a} / 2)",
            f"({a} // 2)",
            f"({a} % 3)",
            f"np.array([{self.integer(0)}, {self.integer(0)}, 2])",
            f"np.array([{self.real(0)}, {self.integer(0)}])",
            f"np.sign({a})",
            f"{a}.copy()",
            "v[v > 0]" if self.pick.random() < 0.3 else "v",
        )

    def truth(self, depth=2):
        if depth == 0 or self.pick.random() < 0.2:
            return self.one_of("b", "c", "b", "flag", "True", "False")
        compare = self.one_of("<", "<=", ">", ">=", "==", "!=")
        return self.one_of(
            f"({self.integer(depth - 1)} {compare} {self.integer(depth - 1)})",
            f"({self.real(depth - 1)} {compare} {self.real(depth - 1)})",
            f"({self.integer(depth - 1)} {compare} {self.real(depth - 1)})",
            f"(not {self.truth(depth - 1)})",
            f"({self.truth(depth - 1)} and {self.truth(depth - 1)})",
            f"({self.truth(depth - 1)} or {self.truth(depth - 1)})",
            f"({self.integer(0)} < {self.integer(0)} <= {self.integer(0)})",
            f"bool({self.mask(depth - 1)}.any())",
            f"bool(np.all({self.mask(depth - 1)}))",
            f"any({self.real(0)} < w for w in v)",
            f"all({self.integer(0)} // w > -9 for w in ({self.integer(0)}, {self.integer(0)}))",
            f"({self.integer(0)} in ({self.integer(0)}, 2, 3))",
            f"(u[{self.index(6)}] > {self.pick.randint(-1, 300)})",
            f"(({self.integer(0)}, {self.integer(0)}) == ({self.integer(0)}, {self.integer(0)}))",
            f"({self.truth(0)} == {self.truth(0)})",
            f"({self.truth(0)} ^ {self.truth(0)})",
            f"(o is {self.one_of('None', 'not None')})",
            f"(o is not None and o > {self.integer(0)})",
            f"isinstance({self.one_of('i', 'f', 'b')}, {self.one_of('int', 'float', 'bool')})",
        )

    def write(self, text):
        self.lines.append("    " * self.depth + text)

    def block(self, size):
        self.depth += 1
        for _ in range(self.pick.randint(1, size)):
            self.statement(size - 1)
        self.depth -= 1

    def statement(self, size=3):
        kind = self.pick.randint(0, 17 if size > 0 else 9)
        if kind <= 2:
            self.write(f"{self.one_of('i', 'j')} = {self.integer()}")
        elif kind <= 4:
            self.write(f"{self.one_of('f', 'g')} = {self.real()}")
        elif kind == 5:
            self.write(f"{self.one_of('b', 'c')} = {self.truth()}")
        elif kind == 6:
            self.write(
                f"{self.one_of('i', 'j')} {self.one_of('+', '-', '//', '%')}= {self.integer(1)}"
            )
        elif kind == 7:
            self.write(
                self.one_of(
                    f"o = {self.one_of('None', self.integer(1))}",
                    f"i, j = {self.integer(1)}, {self.integer(1)}",
                    f"late = {self.integer(1)}",
                    "i += late" if any("late = " in x for x in self.lines) else "pass",
                    f"a[{self.index(4)}] = {self.one_of(self.real(1), self.integer(1))}",
                    f"a[{self.mask_of_v()}] {self.one_of('', '')}= {self.real(1)}",
                    f"a {self.one_of('+', '-', '*')}= {self.one_of('v', '2', 'f')}",
                    f"l[{self.index(3)}] {self.one_of('', '+')}= {self.integer(1)}",
                    f"f += float(a.sum()) + l[{self.index(3)}]",
                    f"d['{self.one_of('p', 'q')}'] = {self.integer(1)}",
                    'i = d["q"]',
                    f'j = d.get("q", {self.integer(0)})',
                )
            )
        elif kind == 8 and self.loops:
            self.write(f"if {self.truth(1)}:")
            self.write(f"    {self.one_of('break', 'continue')}")
        elif kind == 8:
            self.write(f"assert {self.truth(1)}")
        elif kind == 9:
            self.write(f"if {self.truth(1)}:")
            self.write(f"    return {self.result()}")
        elif kind <= 14:
            self.write(f"if {self.truth()}:")
            self.block(size)
            if self.pick.random() < 0.4:
                self.write(f"elif {self.truth()}:")
                self.block(size)
            if self.pick.random() < 0.5:
                self.write("else:")
                self.block(size)
        else:
            target, source = self.one_of(
                ("i", f"range({self.pick.randint(0, 4)})"),
                ("j", f"range({self.one_of('min(abs(i), 4)', 'abs(int(n)) % 4')})"),
                ("w", "(f, 1.0, g)"),
                ("i, w", "enumerate([f, g])"),
                ("w, i", "zip(v, range(3))"),
                ("w", "[q * 0.5 for q in v]"),
            )
            self.write(f"for {target} in {source}:")
            self.loops += 1
            self.block(size)
            self.loops -= 1
            if self.pick.random() < 0.3:
                self.write("else:")
                self.block(size)

    def result(self):
        return {"bool": self.truth, "int": self.integer, "float": self.real}[self.kind]()

    def function(self, name):
        self.kind = self.one_of("bool", "int", "float")
        self.lines = [
            "import math",
            "import numpy as np",
            f"def {name}(n, x, flag, v, u, m, s):",
            "    i, j, f, g = int(n), int(m[0]), float(x), float(v[1])",
            "    b, c, o = bool(flag), u[0] > 100, None",
            "    a, l, d = np.zeros(4), [1, 2, 3], {'p': 1, 'q': 2}",
        ]
        for _ in range(self.pick.randint(2, 6)):
            self.statement()
        self.write(f"return {self.result()}")
        return "\n".join(self.lines)
