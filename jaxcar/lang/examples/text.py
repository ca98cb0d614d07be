"""Examples of the codes that reading the text yields."""

from __future__ import annotations

from jaxcar.lang.examples.example import ARM, Example

TEXT: dict[str, Example] = {
    "JC101": Example(
        bad="""\
def door_open(frame)
    return frame[3, 4, 0] > 200
""",
        mended="""\
def door_open(frame):
    return frame[3, 4, 0] > 200
""",
    ),
    "JC102": Example(
        bad="""\
def door_open(frame):
    return frame[3, 4, 0] > 200\0
""",
        mended="""\
def door_open(frame):
    return frame[3, 4, 0] > 200
""",
    ),
    "JC103": Example(
        bad="""\
def door_open(frame):
    print("open \ud83d")  # half of an emoji
    return frame[3, 4, 0] > 200
""",
        mended="""\
def door_open(frame):
    print("open")
    return frame[3, 4, 0] > 200
""",
    ),
    "JC104": Example(
        bad="""\
def reach(ee_pos, cube_pos):
    gap = abs(ee_pos − cube_pos).max()
    return gap < 0.05
""",
        mended="""\
def reach(ee_pos, cube_pos):
    gap = abs(ee_pos - cube_pos).max()
    return gap < 0.05
""",
        inputs=ARM,
    ),
    "JC105": Example(
        bad="""\
def reach(ee_pos, cube_pos):
    δ = abs(ee_pos - cube_pos).max()
    return δ < 0.05
""",
        mended="""\
def reach(ee_pos, cube_pos):
    delta = abs(ee_pos - cube_pos).max()
    return delta < 0.05
""",
        inputs=ARM,
    ),
    "JC106": Example(
        bad="""\
def door_open(frame):
    if frame.mean() > 100:
    return frame[3, 4, 0] > 200
    return False
""",
        mended="""\
def door_open(frame):
    if frame.mean() > 100:
        return frame[3, 4, 0] > 200
    return False
""",
    ),
    "JC107": Example(
        bad="""\
Here is the reward function:

```python
def door_open(frame):
    return frame[3, 4, 0] > 200
```
""",
        mended="""\
def door_open(frame):
    return frame[3, 4, 0] > 200
""",
    ),
    "JC108": Example(
        bad="""\
# The door is open when its red pixels are gone.
""",
        mended="""\
def door_open(frame):
    return not (frame[..., 0] > 200).any()
""",
    ),
}
