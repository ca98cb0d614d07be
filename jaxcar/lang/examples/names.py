"""Examples of the codes about names, imports and attributes."""

from __future__ import annotations

from jaxcar.lang.examples.example import ARM, IDS, Example

NAMES: dict[str, Example] = {
    "JC201": Example(
        bad="""\
def reach(ee_pos, cube_pos):
    return np.linalg.norm(ee_pos - cube_pos) < 0.05
""",
        mended="""\
import numpy as np

def reach(ee_pos, cube_pos):
    return np.linalg.norm(ee_pos - cube_pos) < 0.05
""",
        inputs=ARM,
    ),
    "JC202": Example(
        bad="""\
import numpy as np

def key_visible(frame):
    return np.count_nonzeros(frame[..., 0] > 200) > 3
""",
        mended="""\
import numpy as np

def key_visible(frame):
    return np.count_nonzero(frame[..., 0] > 200) > 3
""",
    ),
    "JC203": Example(
        bad="""\
import numpy as np

def aligned(ee_pos, cube_pos):
    return np.corrcoef(ee_pos, cube_pos)[0, 1]
""",
        mended="""\
import numpy as np

def aligned(ee_pos, cube_pos):
    a, b = ee_pos - ee_pos.mean(), cube_pos - cube_pos.mean()
    return (a * b).sum() / (np.sqrt((a * a).sum() * (b * b).sum()) + 1e-9)
""",
        inputs=ARM,
    ),
    "JC204": Example(
        bad="""\
import torch

def reach(ee_pos, cube_pos):
    return -torch.norm(ee_pos - cube_pos)
""",
        mended="""\
import numpy as np

def reach(ee_pos, cube_pos):
    return -np.linalg.norm(ee_pos - cube_pos)
""",
        inputs=ARM,
    ),
    "JC205": Example(
        bad="""\
import os
import numpy as np

def bright(frame):
    return np.mean(frame) > 100
""",
        mended="""\
import numpy as np

def bright(frame):
    return np.mean(frame) > 100
""",
    ),
    "JC206": Example(
        bad="""\
import numpy as np

def reach(ee_pos, cube_pos):
    noise = np.random.normal(0, 0.01)
    return -np.linalg.norm(ee_pos - cube_pos) + noise
""",
        mended="""\
import numpy as np

def reach(ee_pos, cube_pos):
    return -np.linalg.norm(ee_pos - cube_pos)
""",
        inputs=ARM,
    ),
    "JC207": Example(
        bad="""\
class DoorOpen:
    LIMIT = 200

    def step(self, frame):
        return frame[3, 4, 0] > self.__class__.LIMIT
""",
        mended="""\
class DoorOpen:
    LIMIT = 200

    def step(self, frame):
        return frame[3, 4, 0] > self.LIMIT
""",
    ),
    "JC208": Example(
        bad="""\
import numpy as np

def bright(frame):
    assert type(frame) == np.ndarray
    return frame.mean() > 100
""",
        mended="""\
import numpy as np

def bright(frame):
    assert isinstance(frame, np.ndarray)
    return frame.mean() > 100
""",
    ),
    "JC209": Example(
        bad="""\
def share_of_red(frame):
    try:
        return int(frame[..., 0].sum()) / int(frame.sum())
    except RuntimeWarning:
        return 0.0
""",
        mended="""\
def share_of_red(frame):
    try:
        return int(frame[..., 0].sum()) / int(frame.sum())
    except Exception:
        return 0.0
""",
    ),
    "JC210": Example(
        bad="""\
def reach(ee_pos, cube_pos):
    return -(ee_pos - cube_pos).norm()
""",
        mended="""\
import numpy as np

def reach(ee_pos, cube_pos):
    return -np.linalg.norm(ee_pos - cube_pos)
""",
        inputs=ARM,
    ),
    "JC211": Example(
        bad="""\
def key_visible(frame):
    return max(frame[..., 0].flat) > 200
""",
        mended="""\
def key_visible(frame):
    return max(frame[..., 0].ravel()) > 200
""",
    ),
    "JC212": Example(
        bad="""\
class KeySeen:
    def __init__(self):
        self.seen = False

    def step(self, frame):
        self.seen = self.was_seen or bool((frame[..., 0] > 200).any())
        return self.seen
""",
        mended="""\
class KeySeen:
    def __init__(self):
        self.seen = False

    def step(self, frame):
        self.seen = self.seen or bool((frame[..., 0] > 200).any())
        return self.seen
""",
    ),
    "JC213": Example(
        bad="""\
def red(frame):
    return frame[..., 0] > 200

red = 200

def key_visible(frame):
    return (frame[..., 0] > red).any()
""",
        mended="""\
def red_pixels(frame):
    return frame[..., 0] > red

red = 200

def key_visible(frame):
    return red_pixels(frame).any()
""",
    ),
    "JC214": Example(
        bad="""\
def matching(ids):
    return (ids == ids[0]).all()

def matching(ids):
    return (ids[1:] == ids[0]).sum() / 3
""",
        mended="""\
def matching(ids):
    return (ids[1:] == ids[0]).sum() / 3
""",
        inputs=IDS,
    ),
}
