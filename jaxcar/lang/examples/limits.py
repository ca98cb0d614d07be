"""Examples of the codes about limits, most of them with limits that are tighter than usual."""

from __future__ import annotations

from jaxcar.lang.examples.example import IDS, Example
from jaxcar.lang.rules import Limits

LIMITS: dict[str, Example] = {
    "JC501": Example(
        bad="""\
WEIGHTS = [
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8],
    [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
]

def lit(frame):
    return sum(WEIGHTS[i][j] * frame[i, j, 0] for i in range(3) for j in range(8))
""",
        mended="""\
WEIGHTS = [[(i + j) / 10 for j in range(8)] for i in range(3)]

def lit(frame):
    return sum(WEIGHTS[i][j] * frame[i, j, 0] for i in range(3) for j in range(8))
""",
        limits=Limits(source_bytes=200),
    ),
    "JC502": Example(
        bad="""\
def near(ids):
    return max(0, min(9, abs(int(ids[0] + (ids[1] - (ids[2] + (ids[3] - 1)))))))
""",
        mended="""\
def near(ids):
    total = int(ids[0] + ids[1] - ids[2] - ids[3] + 1)
    return max(0, min(9, abs(total)))
""",
        inputs=IDS,
        limits=Limits(depth=10),
    ),
    "JC503": Example(
        bad="""\
def matching(ids):
    count = 0
    if ids[0] == 4:
        count += 1
    if ids[1] == 4:
        count += 1
    if ids[2] == 4:
        count += 1
    return count / 3
""",
        mended="""\
def matching(ids):
    count = 0
    for i in range(3):
        if ids[i] == 4:
            count += 1
    return count / 3
""",
        inputs=IDS,
        limits=Limits(statements=8),
    ),
    "JC504": Example(
        bad="""\
def red_pixels(frame):
    count = 0
    for row in range(8):
        for column in range(8):
            count += frame[row, column, 0] > 200
    return count / 64
""",
        mended="""\
import numpy as np

def red_pixels(frame):
    count = np.sum(frame[..., 0] > 200)
    return count / 64
""",
        limits=Limits(loop_trips=32),
    ),
    "JC505": Example(
        bad="""\
class Steady:
    def __init__(self):
        self.history = []

    def step(self, frame):
        self.history.append(float(frame.mean()))
        return max(self.history) - min(self.history) < 1
""",
        mended="""\
from collections import deque

class Steady:
    def __init__(self):
        self.history = deque(maxlen=10)

    def step(self, frame):
        self.history.append(float(frame.mean()))
        return max(self.history) - min(self.history) < 1
""",
    ),
    "JC506": Example(
        bad="""\
def lowest(ids):
    best = 10 ** 100
    for x in ids:
        best = min(best, x)
    return best
""",
        mended="""\
def lowest(ids):
    best = 1e100
    for x in ids:
        best = min(best, x)
    return best
""",
        inputs=IDS,
    ),
    "JC507": Example(
        bad="""\
import numpy as np

def lit(frame):
    canvas = np.zeros((4096, 4096))
    canvas[:8, :8] = frame[..., 0]
    return canvas.max() > 200
""",
        mended="""\
import numpy as np

def lit(frame):
    canvas = np.zeros((64, 64))
    canvas[:8, :8] = frame[..., 0]
    return canvas.max() > 200
""",
    ),
    "JC508": Example(
        bad="""\
def red_pixels(frame):
    count = 0
    for row in range(8):
        for column in range(8):
            count += frame[row, column, 0] > 200
    return count / 64
""",
        mended="""\
import numpy as np

def red_pixels(frame):
    return np.sum(frame[..., 0] > 200) / 64
""",
        limits=Limits(equations=100),
    ),
    "JC509": Example(
        bad="""\
from collections import deque

class Moving:
    def __init__(self):
        self.frames = deque(maxlen=10)

    def step(self, frame):
        self.frames.append(frame)
        return bool((self.frames[0] != frame).any())
""",
        mended="""\
from collections import deque

class Moving:
    def __init__(self):
        self.frames = deque(maxlen=2)

    def step(self, frame):
        self.frames.append(frame)
        return bool((self.frames[0] != frame).any())
""",
        limits=Limits(memory_bytes=1_000),
    ),
}
