"""Examples of the codes about kinds of value and shapes, which tracing yields."""

from __future__ import annotations

from jaxcar.lang.examples.example import ARM, IDS, Example

KINDS: dict[str, Example] = {
    "JC401": Example(
        bad="""\
import numpy as np

def find_key(frame):
    rows, columns = np.where(frame[..., 0] > 200)
    if len(rows) == 0:
        return -1
    return (rows[0], columns[0])

def key_in_corner(frame):
    return find_key(frame) == (0, 0)
""",
        mended="""\
import numpy as np

def find_key(frame):
    rows, columns = np.where(frame[..., 0] > 200)
    if len(rows) == 0:
        return (-1, -1)
    return (int(rows[0]), int(columns[0]))

def key_in_corner(frame):
    return find_key(frame) == (0, 0)
""",
    ),
    "JC402": Example(
        bad="""\
import numpy as np

def bright(frame):
    return np.mean(frame, channel=0).max() > 100
""",
        mended="""\
import numpy as np

def bright(frame):
    return np.mean(frame, axis=0).max() > 100
""",
    ),
    "JC403": Example(
        bad="""\
import numpy as np

def red_on_green(frame):
    green = frame[..., 1] > 200
    return np.mean(frame[..., 0], where=green)
""",
        mended="""\
def red_on_green(frame):
    green = frame[..., 1] > 200
    red = frame[..., 0][green]
    return red.mean() if red.size else 0.0
""",
    ),
    "JC404": Example(
        bad="""\
def key_visible(frame):
    red = frame[..., 0]
    if red > 200:
        return True
    return False
""",
        mended="""\
def key_visible(frame):
    red = frame[..., 0]
    if (red > 200).any():
        return True
    return False
""",
    ),
    "JC405": Example(
        bad="""\
def brighter_left(frame):
    left, right = frame[:, :3], frame[:, 3:]
    return (left.astype(int) - right).sum()
""",
        mended="""\
def brighter_left(frame):
    left, right = frame[:, :4], frame[:, 4:]
    return (left.astype(int) - right).sum()
""",
    ),
    "JC406": Example(
        bad="""\
import numpy as np

def filled(ids):
    n = int(ids[0])
    return np.zeros(n).sum() == 0
""",
        mended="""\
import numpy as np

def filled(ids):
    n = int(ids[0])
    return np.where(np.arange(4) < n, 0, 1).sum() == 0
""",
        inputs=IDS,
    ),
    "JC407": Example(
        bad="""\
def above(ee_pos):
    x, y = ee_pos
    return x > 0 and y > 0
""",
        mended="""\
def above(ee_pos):
    x, y, z = ee_pos
    return x > 0 and y > 0
""",
        inputs=ARM,
    ),
    "JC408": Example(
        bad="""\
def reach(ee_pos, cube_pos):
    gap = [abs(a - b) for a, b in zip(ee_pos, cube_pos)]
    return -float(gap)
""",
        mended="""\
def reach(ee_pos, cube_pos):
    gap = [abs(a - b) for a, b in zip(ee_pos, cube_pos)]
    return -float(max(gap))
""",
        inputs=ARM,
    ),
    "JC409": Example(
        bad="""\
def matching(ids):
    return ids.count(4) / 4
""",
        mended="""\
def matching(ids):
    return (ids == 4).sum() / 4
""",
        inputs=IDS,
    ),
    "JC410": Example(
        bad="""\
def first_is_door(ids):
    name = f"object {ids[0]}"
    return name == "object 4"
""",
        mended="""\
def first_is_door(ids):
    return ids[0] == 4
""",
        inputs=IDS,
    ),
}
