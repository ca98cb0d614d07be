"""Examples of the codes about the entry, its inputs and what it returns."""

from __future__ import annotations

from jaxcar.lang.examples.example import ARM, Example

ENTRY: dict[str, Example] = {
    "JC601": Example(
        bad="""\
RED = 200

class DoorOpen:
    def _step(self, frame):
        return frame[3, 4, 0] > RED
""",
        mended="""\
RED = 200

class DoorOpen:
    def step(self, frame):
        return frame[3, 4, 0] > RED
""",
    ),
    "JC602": Example(
        bad="""\
class DoorOpen:
    def step(self, frame):
        return frame[3, 4, 0] > 200

    def brightness(self, frame):
        return frame.mean()
""",
        mended="""\
class DoorOpen:
    def step(self, frame):
        return frame[3, 4, 0] > 200

    def _brightness(self, frame):
        return frame.mean()
""",
    ),
    "JC603": Example(
        bad="""\
import numpy as np

def reach(ee_pos, cube_position):
    return -np.linalg.norm(ee_pos - cube_position)
""",
        mended="""\
import numpy as np

def reach(ee_pos, cube_pos):
    return -np.linalg.norm(ee_pos - cube_pos)
""",
        inputs=ARM,
    ),
    "JC604": Example(
        bad="""\
def door_opened(frame):
    return frame[3, 4, 0] > 200
""",
        mended="""\
def door_open(frame):
    return frame[3, 4, 0] > 200
""",
        entry="door_open",
    ),
    "JC605": Example(
        bad="""\
def door_open(frame):
    if frame[3, 4, 0] > 200:
        return True
""",
        mended="""\
def door_open(frame):
    if frame[3, 4, 0] > 200:
        return True
    return False
""",
    ),
}
