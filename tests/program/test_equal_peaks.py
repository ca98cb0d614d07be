"""Template matching where rounding in OpenCV would decide: a limit fault, if it is asked for."""

import numpy as np
import pytest
from oracle import run_compiled

from jaxcar.program import compile_reward
from jaxcar.program.faults import Fault, fault_kind

HEAD = """
import cv2
import numpy as np
def f(frame):
    grey = frame[:, :, 0]
    scores = cv2.matchTemplate(grey, grey[1:5, 2:6], cv2.TM_CCOEFF_NORMED)
"""


def tiles():
    """Two equal tiles on noise, and one: u8[1, 2, 16, 16, 3]."""
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (1, 2, 16, 16, 3)).astype(np.uint8)
    frames[0, 0, 9:13, 8:12] = frames[0, 0, 1:5, 2:6]
    return frames


@pytest.mark.parametrize(
    ("lines", "faults"),
    [
        ("_, score, _, place = cv2.minMaxLoc(scores)\n    return float(place[0])", True),
        ("_, score, _, place = cv2.minMaxLoc(scores)\n    return score > 0.9", False),
        ("return cv2.minMaxLoc(scores)[1] > 0.9", False),
        ("return cv2.minMaxLoc(scores)[3][1] > 4", True),
        ("found = cv2.minMaxLoc(scores)\n    return found[1] > 0.9", True),
        ("return float(np.argmax(scores))", True),
        ("return float(scores.argmax())", True),
        ("return scores.max() > 0.9", False),
    ],
)
def test_equal_peaks(lines, faults):
    program = compile_reward(f"{HEAD}    {lines}\n", frame=(16, 16, 3))
    fault = run_compiled(program, {"frame": tiles()}, np.ones((1, 2), bool))[0][3]
    wanted = Fault.UNSPECIFIED_LIMIT if faults else 0
    assert fault_kind(int(fault[0, 0])) == wanted
    assert fault[0, 1] == 0
