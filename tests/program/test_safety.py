"""Hostile programs: nothing of them is executed, and bombs are diagnostics, soon and small."""

import sys
import time
import tracemalloc

import jax
import numpy as np
import pytest

from jaxcar.program import check, compile_reward

FRAME = (8, 8, 3)
BOMBS = {
    "power": "10 ** 10 ** 10",
    "power of a power": "(((2 ** 200) ** 200) ** 200)",
    "text": '"a" * 10 ** 9',
    "formatted width": '"%999999999d" % 3',
    "f-string width": 'f"{3:>999999999}"',
    "nested f-string width": 'f"{3:>{10 ** 9}}"',
    "list": "[0] * 10 ** 9",
    "list of lists": "[[[0] * 250] * 250] * 250",
    "doubled tuple": "(0,)\n" + "".join("    x = (x, x)\n" for _ in range(50)),
    "tuple": "(0,) * 10 ** 9",
    "zeros": "np.zeros(10 ** 9)",
    "zeros of many axes": "np.zeros((1000, 1000, 1000))",
    "overflowing shape": "np.zeros((2 ** 40, 2 ** 40))",
    "full": "np.full(10 ** 9, 3)",
    "ones": "np.ones((10 ** 5, 10 ** 5))",
    "arange": "np.arange(10 ** 12)",
    "arange of floats": "np.arange(0, 1, 1e-12)",
    "arange of infinity": "np.arange(float('inf'))",
    "outer product": "np.arange(10 ** 6)[:, None] * np.arange(10 ** 6)",
    "outer comparison": "(np.arange(10 ** 6)[:, None] == np.arange(10 ** 6)).any()",
    "traced outer product": "frame.reshape(-1)[:, None, None, None] + np.zeros((1, 300, 300, 300))",
    "where": "np.where(np.zeros((10 ** 4, 1)) > 1, np.zeros((1, 10 ** 4)), 0)",
    "isclose": "np.isclose(np.zeros((10 ** 4, 1)), np.zeros((1, 10 ** 4)))",
    "dot": "np.dot(np.zeros((2000, 2000)), np.zeros((2000, 2000)))",
    "traced dot": "np.dot(np.zeros((2000, 192)), np.zeros((192, 2000)) + frame[0, 0, 0])",
    "stack": "np.stack([np.zeros(4 * 10 ** 6)] * 200)",
    "concatenate": "np.concatenate([np.zeros(4 * 10 ** 6)] * 200)",
    "array of lists": "np.array([[0] * 250] * 250)[:, :, None] * np.zeros(10 ** 4)",
    "index": "np.zeros(10)[np.zeros(4 * 10 ** 6, dtype=int)][:, None] * np.zeros(10)",
    "shift": "1 << (1 << 40)",
    "shift of shifts": "1 << 200 << 200",
    "multiplication": "(10 ** 70) * (10 ** 70) * (10 ** 70)",
    "range": "sum(range(10 ** 12))",
    "loops": "sum(1 for a in range(900) for b in range(900) for c in range(900))",
    "list of a range": "list(range(10 ** 9))",
    "in a range": "3 in range(10 ** 12)",
    "deep parentheses": "(" * 3000 + "1" + ")" * 3000,
    "deep operators": "-" * 3000 + "1",
    "deep sums": "+".join(["frame[0, 0, 0]"] * 3000),
    "large integer": "9" * 5000,
    "round": "round(10 ** 60, -10 ** 9)",
    "float": "float(10 ** 400)",
    "enumerate": "sum(i for i, x in enumerate(frame, 10 ** 300))",
}
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


def _hook(event, arguments):
    if _listening and event.split(".")[0] in (
        *("exec", "import", "open", "socket", "subprocess", "os", "ctypes", "shutil", "urllib"),
    ):
        _events.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_hook)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_nothing_is_executed(number):
    global _listening
    source = HOSTILE[number]
    check(source, frame=FRAME)  # loads what jaxcar itself loads late
    _events.clear()
    _listening = True
    try:
        found = check(source, frame=FRAME)
    finally:
        _listening = False
    assert not _events
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


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name):
    text = f"import numpy as np\ndef f(frame):\n    x = {BOMBS[name]}\n    return x == 1"
    tracemalloc.start()
    began = time.perf_counter()
    try:
        found = check(text, frame=FRAME)
        seconds = time.perf_counter() - began
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [d for d in found if d.severity == "error"]
    assert not any("cannot be compiled yet" in d.message for d in found), found[0].render()
    # A bomb that goes off takes minutes or gigabytes; the bounds leave room for a busy machine.
    assert seconds < 20
    assert peak < 300e6


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
