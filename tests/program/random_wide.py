"""Random programs over the whole language: functions and classes, a few themes in each."""

from __future__ import annotations

import re

from random_arrays import ALIASES, ARRAYS
from random_collections import FLOATS, LISTS, PAIRS, SETS
from random_objects import (
    BOXES,
    FLOW,
    FUNCTIONS,
    LONG,
    LOOPS,
    PHASES,
    POINTS,
    RECORDS,
    TRIES,
)
from random_programs import Writer
from random_tables import CELLS, COUNTS, NAMES, TABLES, WINDOWS

COLLECTIONS = (LISTS, FLOATS, PAIRS, SETS, TABLES, NAMES, CELLS, COUNTS, WINDOWS, ALIASES, ARRAYS)
OBJECTS = (POINTS, RECORDS, PHASES, BOXES, FUNCTIONS, TRIES)
THEMES = COLLECTIONS + OBJECTS

_SHARES = re.compile(r"@\w+ = @\w+( if .*)?$", re.MULTILINE)
_HOLE = re.compile(r"\{([IFBRifbnk])\}")
# What keeps numbers small in loops, where they would leave 64 bits or stop being exact.
_TAME = {
    "i": "i %= 97",
    "j": "j %= 97",
    "f": "f = max(min(f, 64.0), -64.0)",
    "g": "g = max(min(g, 64.0), -64.0)",
    "a": "a = np.clip(a, -64, 64)",
}
_LOCALS = (
    "    a, l, d = np.zeros(4), [1, 2, 3], {'p': 1, 'q': 2}",
    "    b, c, o = bool(flag), u[0] > 100, None",
)


class Wide(Writer):
    """Write a function or a class about some themes.

    Args:
        pick: a `random.Random`.
        themes: what it is about.
        remembers: whether it is a class, whose fields hold the themes' variables.
    """

    def __init__(self, pick, themes, remembers=False):
        super().__init__(pick)
        self.themes, self.remembers = themes, remembers
        self.names, self.long = 0, False

    def fill(self, template, depth=1):
        """Return a template with its holes filled; `#k` are names of their own."""
        makers = {
            "I": lambda: self.integer(depth),
            "F": lambda: self.real(depth),
            "B": lambda: self.truth(depth),
            "R": self.result,
            "i": lambda: Writer.integer(self, 0),
            "f": lambda: Writer.real(self, 0),
            "b": lambda: Writer.truth(self, 0),
            "n": lambda: self.one_of("0", "-1", "1", "-2", "2", "i % 3", "j % 2", "i"),
            "k": lambda: str(self.pick.randint(0, 3)),
        }
        text = template.replace("@", "self." if self.remembers else "")
        text = re.sub(r"#(\w)", rf"\g<1>{self.names}", text)
        self.names += "#" in template
        return _HOLE.sub(lambda hole: makers[hole[1]](), text)

    def _of_themes(self, part, depth):
        options = [t for theme in self.themes for t in getattr(theme, part)]
        if not options or depth < 1 or self.pick.random() > 0.4:
            return None
        return self.fill(self.pick.choice(options), depth - 1)

    def integer(self, depth=2):
        while True:
            text = self._of_themes("integers", depth) or super().integer(depth)
            if ":=" not in text or not self.loops:
                return text

    def real(self, depth=2):
        return self._of_themes("reals", depth) or super().real(depth)

    def truth(self, depth=2):
        return self._of_themes("truths", depth) or super().truth(depth)

    def index(self, size):
        return self.one_of(*(str(k) for k in range(-size, size)), "0", "i % 3", "j % 3", "-1")

    def write(self, text):
        super().write(text)
        target = re.match(r"([ijfga])(, j|\[.*\])? [-+*/%]*/?= ", text)
        if target and (self.loops or self.pick.random() < 0.4):
            super().write(_TAME[target[1]])
            if target[2] == ", j":
                super().write(_TAME["j"])

    def write_template(self, template, size):
        """Write a statement; `>` stands for a block."""
        loop = template.startswith(("for ", "while ", "#"))
        self.loops += loop
        for line in self.fill(template).split("\n"):
            indent = (len(line) - len(line.lstrip())) // 4
            self.depth += indent
            if loop and line == "else:":
                self.loops, loop = self.loops - 1, False
            if line.strip() == ">":
                self.depth -= 1
                self.block(max(size, 1))
                self.depth += 1
            else:
                self.write(line.strip())
            self.depth -= indent
        self.loops -= loop

    def statement(self, size=3):
        choice = self.pick.random()
        if choice < 0.3 or not self.themes:
            super().statement(size)
        elif choice < 0.4:
            self.write_template(self.pick.choice(FLOW[4:] if size < 1 else FLOW), size - 1)
        elif choice < 0.5 and size > 0:
            self._loop(size)
        elif choice < 0.56 and self.remembers:
            self.write_template(self.pick.choice(MEMORY), size - 1)
        else:
            self._about(self.pick.choice(self.themes), size)

    def _loop(self, size):
        if self.long or self.pick.random() < 0.75:
            self.write_template(self.pick.choice(LOOPS), size - 1)
            return
        self.long = True
        self.write_template(self.pick.choice(LONG), size - 1)
        self.long = False

    def _about(self, theme, size):
        options = [
            template
            for template in theme.statements
            if (size > 0 or ">" not in template.split())
            and not (self.remembers and _SHARES.search(template))
        ]
        template = self.pick.choice(options)
        if template.startswith("+"):
            template = template[1:]
            if self.loops or self.remembers or self.pick.random() < 0.3:
                lines = [f"if {theme.size}:", *("    " + x for x in template.split("\n"))]
                template = "\n".join(lines)
        self.write_template(template, size - 1)

    def result(self):
        """Return what an early `return` gives."""
        if self.kind != "parts":
            return super().result()
        return f"{self.real(1)}, {{'0': i, 'early': {self.integer(1)}}}"

    def whole(self):
        """Return what the last `return` gives: all that the program holds."""
        if self.kind != "parts":
            return self.result()
        digests = [d for theme in self.themes for d in theme.digests]
        parts = ["i", "j", "f", "g", "(-7 if o is None else o)", "sum(l)", *digests]
        named = ", ".join(f"'{k}': {self.fill(part)}" for k, part in enumerate(parts))
        return f"{self.real(1)}, {{{named}}}"

    def starts(self, local):
        """Write how the themes' variables begin; those of a class that are local, or those kept."""
        for theme in self.themes:
            if local != ("@" not in theme.starts[0]):
                continue
            options = [s for s in theme.starts if not (self.remembers and _SHARES.search(s))]
            if not self.remembers:
                options += theme.given
            for line in self.fill(self.pick.choice(options)).split("\n"):
                self.lines.append("    " * self.depth + line)

    def top(self):
        lines = ["import math", "import numpy as np"]
        return lines + [line for theme in self.themes for line in theme.top]

    def function(self, name):
        """Return a program of one function."""
        self.kind = self.one_of("bool", "int", "float", *["parts"] * 7)
        self.lines = [
            *self.top(),
            f"def {name}(n, x, flag, v, u, m, s):",
            "    i, j, f, g = int(n), int(m[0]), float(x), float(v[1])",
            *_LOCALS,
        ]
        self.starts(False)
        self.starts(True)
        for _ in range(self.pick.randint(3, 5)):
            self.statement(2)
        self.write(f"return {self.whole()}")
        return "\n".join(self.lines)

    def program(self, name):
        """Return a program of one class, which is reset inside a step too."""
        self.kind = "parts"
        self.lines = [*self.top(), f"class {name}:"]
        if self.pick.random() < 0.5:
            self.lines += ["    def __init__(self):", "        self.reset()"]
        self.lines += [
            "    def reset(self):",
            "        self.i, self.f, self.last, self.kept = 0, 0.0, None, np.zeros(3)",
        ]
        self.depth = 2
        self.starts(False)
        self.lines += [
            "    def _bump(self, k):",
            "        if k > 2:",
            "            self.i = k % 97",
            "            return k",
            "        self.i = (self.i + 1) % 97",
            "        return self.i",
            "    def step(self, n, x, flag, v, u, m, s):",
            "        i, j, f, g = int(n), self.i, float(x), self.f",
            *("    " + line for line in _LOCALS),
        ]
        self.starts(True)
        for _ in range(self.pick.randint(2, 5)):
            self.statement(2)
        self.lines += ["        self.i = i % 97", "        self.f = max(min(f, 64.0), -64.0)"]
        self.write(f"return {self.whole()}")
        return "\n".join(self.lines)


MEMORY = (
    "if {B}:\n    self.reset()",
    "if {B}:\n    self.reset()\n    >",
    "self.i = {I} % 97",
    "i = self._bump({I})",
    "if {B}:\n    self._bump({i})",
    "if self.last is not None:\n    f += self.last\n    self.last = None\nelse:\n    self.last = 0.5",
    "if {B}:\n    self.last = {f}",
    "self.last = {f} if self.last is None or {B} else self.last",
    "if self.last is None or self.last < f:\n    self.last = f",
    "self.kept[{k} % 3] += {f}",
    "self.kept = v[:3]",
    "self.kept = self.kept * 0.5\nf += float(self.kept.sum())",
    "if {B}:\n    return 0.5, {'early': self.i}",
    "f += self.f",
)


def wide(pick, name, remembers=None, themes=THEMES):
    """Return one program over one or two themes."""
    if remembers is None:
        remembers = pick.random() < 0.3
    options = [t for t in themes if not (remembers and t is ALIASES)]
    writer = Wide(pick, pick.sample(options, pick.randint(1, 2)), remembers)
    return writer.program(f"M{name}") if remembers else writer.function(f"f{name}")
