"""Hostile programs: nothing of them is executed, and bombs are diagnostics, soon and small."""

import pathlib
import sys
import time

import jax
import numpy as np
import pytest
from bombs import BOMBS, HARMLESS, TILES
from watchdog import ESCAPED, Watchdog

from jaxcar.program import check, compile_reward

FRAME = (8, 8, 3)
UNFORESEEN = "this cannot be compiled yet"
HOSTILE = [
    "import os\ndef f(frame):\n    return os.system('true') == 0",
    "__import__('socket').socket()\ndef f(frame): return True",
    "def f(frame):\n    return eval('1') == 1",
    "def f(frame):\n    exec('import subprocess')\n    return True",
    "def f(frame):\n    return open('/etc/passwd').read() == ''",
    "import subprocess\nsubprocess.run(['true'])\ndef f(frame): return True",
    "import numpy as np\ndef f(frame):\n    return np.load('x.npy').sum() > 1",
    "import numpy as np\ndef f(frame):\n    return np.__loader__ is None",
    "def f(frame):\n    return ().__class__.__bases__[0].__subclasses__() == []",
    "import cv2\ndef f(frame):\n    return cv2.imread('/etc/passwd').sum() > 1",
    "def f(frame, x=__import__('os')):\n    return True",
    "@eval\ndef f(frame): return True",
    "class A:\n    x = exec('1')\n    def step(self, frame): return True",
    "def f(frame: exec('1')) -> eval('2'):\n    return True",
    "import ctypes\ndef f(frame): return ctypes.string_at(0) == b''",
    "def f(frame): return f'{frame.__class__.__init__.__globals__}' is None",
]
_events: list[str] = []
_listening = False
_WATCHED = ("exec", "compile", "import", "open", "socket", "subprocess", "os", "ctypes", "shutil")
_PARSED = "<unknown>"  # what `ast.parse` calls the text, which it does not execute


def _hook(event, arguments):
    if not _listening or event.split(".")[0] not in (*_WATCHED, "urllib", "marshal", "pickle"):
        return
    if event != "compile" or arguments[1] != _PARSED:
        _events.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_hook)


def heard(source):
    """Return the audit events of a check, after one that loads what jaxcar itself loads late."""
    global _listening
    found = check(source, frame=FRAME)
    _events.clear()
    _listening = True
    try:
        check(source, frame=FRAME)
    finally:
        _listening = False
    return found, list(_events)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_nothing_is_executed(number):
    source = HOSTILE[number]
    found, events = heard(source)
    assert not events
    # Annotations mean nothing; everything else here is an error.
    assert any(d.severity == "error" for d in found) or "->" in source


def test_the_hook_hears():
    global _listening
    _events.clear()
    _listening = True
    try:
        exec("1")
    finally:
        _listening = False
    assert _events


ACCEPTED = """
import functools, itertools, math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import asdict, astuple, dataclass, field, replace
from enum import Enum, IntEnum, auto
from typing import NamedTuple
import numpy as np

Point = namedtuple("Point", ["x", "y"])


class Cell(NamedTuple):
    row: int
    col: int = 0


class Phase(Enum):
    REACH = auto()
    DONE = "done"


class Level(IntEnum):
    LOW = 1


@dataclass
class Score:
    value: float = 0.0
    parts: list = field(default_factory=list)

    @property
    def size(self):
        return len(self.parts)


class Reward:
    LIMIT = 3

    def __init__(self):
        self.phase, self.window, self.seen = Phase.REACH, deque(maxlen=3), set()
        self.score, self.best, self.table = Score(), None, {}

    @classmethod
    def make(cls):
        return cls()

    def step(self, frame):
        n = int(frame[0, 0, 0])
        total = 0.0
        try:
            total += 6 / (n - 3)
        except ZeroDivisionError:
            total -= 1
        else:
            total += 1
        finally:
            total += 2
        found = [int(v) for v in frame[0, :, 0] if v > 3]
        found.sort(key=lambda v: -v)
        pairs = sorted((v, k) for k, v in enumerate(found))
        for k in range(500):
            if k * k > n:
                break
            total += k
        while n > 1:
            n = n // 2
        for k in np.where(frame[0, :, 1] > 9)[0]:
            total += int(k)
        match n:
            case 0 | 1:
                total += 1
            case _:
                total += 2
        if found and total > self.LIMIT:
            self.phase = Phase.DONE
            self.seen.add((found[0], n))
        self.window.append(total)
        self.table[n] = total
        self.best = total if self.best is None else max(self.best, total)
        self.score = replace(self.score, value=total)
        counts, kinds = Counter(found), defaultdict(int)
        kinds["a"] += len(counts) + len(OrderedDict(asdict(Score(1.0)))) + len(astuple(self.score))
        cell = Cell(1)._replace(col=n)
        add = functools.partial(lambda a, b: a + b, functools.reduce(max, [1, 2, 3]))
        print(f"{self.phase} {total:.3f}", [{k: v for k, v in zip("ab", p)} for p in pairs[:1]])
        return add(cell.col) + Point(1, 2).x + total + kinds["a"] + self.score.size + Level.LOW
"""


def test_nothing_of_an_accepted_program_is_executed():
    found, events = heard(ACCEPTED)
    assert not [d for d in found if d.severity == "error"], found[0].render()
    assert not events


def test_nothing_of_the_corpus_is_executed():
    text = (pathlib.Path(__file__).parent / "corpus" / "refused.car").read_text()
    for source in text.split("\n---\n"):
        assert not heard(source)[1]


@pytest.fixture(scope="module")
def watchdog():
    dog = Watchdog()
    yield dog
    dog.stop()


def assert_small(said):
    """Check the bounds: a second and 200 MB, and room for a slower machine."""
    assert said is not None, "the bomb went off"
    assert not any(UNFORESEEN in message or ESCAPED in message for message in said.errors), said
    assert said.seconds < 3
    assert said.peak < 200e6


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name, watchdog):
    said = watchdog.ask(BOMBS[name])
    assert_small(said)
    assert said.errors


def test_tiles_are_refused_soon():
    begin = time.process_time()
    found = check(TILES, frame=FRAME)
    assert time.process_time() - begin < 6  # a second or so, and room for a slower machine
    assert [d.code for d in found] == ["JC312"]


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_programs(name, watchdog):
    fault, text = HARMLESS[name]
    said = watchdog.ask(text, run=True)
    assert_small(said)
    assert not said.errors
    assert fault in said.fault


def test_the_watchdog_ends_what_hangs():
    dog = Watchdog()
    try:
        assert dog.ask("def f(frame):\n    return True").errors == []
        assert dog.ask("def f(frame):\n    return True", patience=0.0) is None
        assert dog.ask("def f(frame):\n    return tru").errors
    finally:
        dog.stop()


def test_formatting_is_bounded():
    program = compile_reward(
        "def f(frame):\n    print(f'{frame.mean():.3f}')\n    return True", frame=FRAME
    )
    assert program.step(program.init(), frame=np.zeros(FRAME, np.uint8))[1].completed[0]


def test_large_constants_are_limited_faults_or_diagnostics():
    text = (
        "def f(n):\n    x = int(n)\n    for i in range(9):\n        x = x * x + 1\n    return x > 0"
    )
    shapes = {"n": jax.ShapeDtypeStruct((), np.int32)}
    program = compile_reward(text, inputs=shapes)
    _, out = program.step(program.init(), n=np.int32(9))
    assert int(out.fault[0]) % 64 >= 32
    _, out = program.step(program.init(), n=np.int32(0))
    assert int(out.fault[0]) % 64 >= 32
