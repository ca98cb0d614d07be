"""What a diagnostic says to write instead, where it depends on the program."""

from __future__ import annotations

import pytest
from test_error_files import diagnose

FIXES = {
    "a picture in the place of self": (
        "class Door:\n    def step(frame, limit=3):\n        return limit",
        ["JC309: write `def step(self, frame, limit)`, or decorate it with @staticmethod"],
    ),
    "what is read from an undefined name": (
        "def done(x):\n    return np.linalg.norm(x)",
        ["JC201: add `import numpy as np`"],
    ),
    "what a base outside the language may have": (
        "from enum import Flag\nclass A(Flag):\n    RED = 1\n"
        "class B(A):\n    def step(self): return self.red() + self.blue",
        ["JC315: derive it from one class of the program"],
    ),
    "a setter beside its property": (
        "class A:\n    @property\n    def x(self): return 1\n"
        "    @x.setter\n    def x(self, y): pass\n    def step(self): return self.x",
        ["JC313: write a method that sets the attribute"],
    ),
    "state of a function": (
        "best = 0\ndef done(x):\n    global best\n    best = x\n    return best",
        ["JC302: write a class: set it in `__init__` as an attribute of `self`"],
    ),
    "a function of NumPy as a method": (
        "def done(x):\n    return x.median() > x.abs().norm()",
        [
            "JC210: write np.median(x)",
            "JC210: write np.abs(x)",
        ],
    ),
    "a method of tensors": ("def done(x):\n    return x.cpu() > 0", ["JC210: leave it out: it is"]),
    "a field of the state": (
        "def done(state):\n    return state.cube_pos[2] > 1",
        ["JC210: if it is an input, take `cube_pos` as a parameter of its own"],
    ),
    "the clock": (
        "import time\ndef done(x):\n    return time.time() - x",
        ["JC204: leave out the clock"],
    ),
}


@pytest.mark.parametrize("name", FIXES)
def test_the_fix_fits_the_program(name):
    text, wanted = FIXES[name]
    found = [f"{x.code}: {x.fix}" for x in diagnose(text)]
    assert len(found) == len(wanted), found
    assert all(a.startswith(b) for a, b in zip(found, wanted, strict=True)), found
