"""Examples of the codes about statements and expressions."""

from __future__ import annotations

from jaxcar.lang.examples.example import ARM, HELD, IDS, Example

SYNTAX: dict[str, Example] = {
    "JC301": Example(
        bad="""\
def key_visible(frame):
    pixels = frame.copy()
    pixels.shape = (-1, 3)
    return (pixels[:, 0] > 200).any()
""",
        mended="""\
def key_visible(frame):
    pixels = frame.reshape(-1, 3)
    return (pixels[:, 0] > 200).any()
""",
    ),
    "JC302": Example(
        bad="""\
best = 0.0

def progress(frame):
    global best
    best = max(best, float(frame.mean()))
    return best
""",
        mended="""\
class Progress:
    def __init__(self):
        self.best = 0.0

    def step(self, frame):
        self.best = max(self.best, float(frame.mean()))
        return self.best
""",
    ),
    "JC303": Example(
        bad="""\
def matches(ids, i):
    if i == len(ids):
        return 0
    return (ids[i] == ids[0]) + matches(ids, i + 1)

def reward(ids):
    return matches(ids, 1) / 3
""",
        mended="""\
def matches(ids):
    count = 0
    for i in range(1, len(ids)):
        count += ids[i] == ids[0]
    return count

def reward(ids):
    return matches(ids) / 3
""",
        inputs=IDS,
    ),
    "JC304": Example(
        bad="""\
def red_rows(frame, rows=[]):
    for row in frame:
        rows.append((row[:, 0] > 200).any())
    return rows

def key_visible(frame):
    return any(red_rows(frame))
""",
        mended="""\
def red_rows(frame, rows=None):
    rows = [] if rows is None else rows
    for row in frame:
        rows.append((row[:, 0] > 200).any())
    return rows

def key_visible(frame):
    return any(red_rows(frame))
""",
    ),
    "JC305": Example(
        bad="""\
import numpy as np

@np.vectorize
def is_red(value):
    return value > 200

def key_visible(frame):
    return is_red(frame[..., 0]).any()
""",
        mended="""\
def is_red(value):
    return value > 200

def key_visible(frame):
    return is_red(frame[..., 0]).any()
""",
    ),
    "JC306": Example(
        bad="""\
def reach(ee_pos, cube_pos):
    gap = ee_pos - cube_pos
    return -abs(gap[0] + 1j * gap[1])
""",
        mended="""\
import math

def reach(ee_pos, cube_pos):
    gap = ee_pos - cube_pos
    return -math.hypot(gap[0], gap[1])
""",
        inputs=ARM,
    ),
    "JC307": Example(
        bad="""\
def first_is_door(ids):
    return ids[0] is 4
""",
        mended="""\
def first_is_door(ids):
    return ids[0] == 4
""",
        inputs=IDS,
    ),
    "JC308": Example(
        bad="""\
def reach(held):
    if held:
        reward = 1.0
        break
    else:
        reward = 0.0
    return reward
""",
        mended="""\
def reach(held):
    if held:
        reward = 1.0
    else:
        reward = 0.0
    return reward
""",
        inputs=HELD,
    ),
    "JC309": Example(
        bad="""\
class DoorOpen:
    def step(frame):
        return frame[3, 4, 0] > 200
""",
        mended="""\
class DoorOpen:
    def step(self, frame):
        return frame[3, 4, 0] > 200
""",
    ),
    "JC311": Example(
        bad="""\
import warnings
import numpy as np

def share_of_red(frame):
    warnings.simplefilter("error")
    try:
        return frame[..., 0].sum() / frame.sum()
    except Exception:
        return 0.0
""",
        mended="""\
def share_of_red(frame):
    if frame.sum() == 0:
        return 0.0
    return frame[..., 0].sum() / frame.sum()
""",
    ),
    "JC312": Example(
        bad="""\
from collections import namedtuple

NAMES = ["row", "column"]
Place = namedtuple("Place", NAMES)

def key_in_place(frame):
    place = Place(3, 4)
    return frame[place.row, place.column, 0] > 200
""",
        mended="""\
from collections import namedtuple

Place = namedtuple("Place", ["row", "column"])

def key_in_place(frame):
    place = Place(3, 4)
    return frame[place.row, place.column, 0] > 200
""",
    ),
    "JC313": Example(
        bad="""\
class Closest:
    def __init__(self):
        self._best = 255.0

    @property
    def best(self):
        return self._best

    @best.setter
    def best(self, value):
        self._best = min(self._best, value)

    def step(self, frame):
        self._best = min(self.best, float(frame.mean()))
        return -self.best
""",
        mended="""\
class Closest:
    def __init__(self):
        self._best = 255.0

    @property
    def best(self):
        return self._best

    def _improve(self, value):
        self._best = min(self._best, value)

    def step(self, frame):
        self._improve(float(frame.mean()))
        return -self.best
""",
    ),
    "JC314": Example(
        bad="""\
def bonus(held, **weights):
    return weights["grasp"] if held else 0.0

def reward(held):
    return bonus(held, grasp=0.25)
""",
        mended="""\
def bonus(held, grasp):
    return grasp if held else 0.0

def reward(held):
    return bonus(held, grasp=0.25)
""",
        inputs=HELD,
    ),
    "JC315": Example(
        bad="""\
class Red:
    def red(self, frame):
        return frame[..., 0] > 200

class Blue:
    def blue(self, frame):
        return frame[..., 2] > 200

class KeyVisible(Red, Blue):
    def step(self, frame):
        return self.red(frame).any() or self.blue(frame).any()
""",
        mended="""\
class Red:
    def red(self, frame):
        return frame[..., 0] > 200

class Colours(Red):
    def blue(self, frame):
        return frame[..., 2] > 200

class KeyVisible(Colours):
    def step(self, frame):
        return self.red(frame).any() or self.blue(frame).any()
""",
    ),
    "JC316": Example(
        bad="""\
WEIGHTS = []
for i in range(4):
    WEIGHTS.append(0.5 ** i)

def matching(ids):
    return sum(w for w, x in zip(WEIGHTS, ids) if x == 4)
""",
        mended="""\
def make_weights():
    weights = []
    for i in range(4):
        weights.append(0.5 ** i)
    return weights

WEIGHTS = make_weights()

def matching(ids):
    return sum(w for w, x in zip(WEIGHTS, ids) if x == 4)
""",
        inputs=IDS,
    ),
    "JC317": Example(
        bad="""\
def colour_picture(frame):
    match frame.shape:
        case (_, _, 3):
            return frame.mean() > 100
        case _:
            return False
""",
        mended="""\
def colour_picture(frame):
    if len(frame.shape) == 3 and frame.shape[2] == 3:
        return frame.mean() > 100
    else:
        return False
""",
    ),
    "JC320": Example(
        bad="""\
import numpy as np

def bright(frame):
    return np.mean(frame) > 100

if __name__ == "__main__":
    print(bright(np.zeros((8, 8, 3), np.uint8)))
""",
        mended="""\
import numpy as np

def bright(frame):
    return np.mean(frame) > 100
""",
    ),
}
