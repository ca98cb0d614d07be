"""The path of a picture, and `cv2.imread` of it; cv2's other functions are in modules beside."""

from __future__ import annotations

from typing import Any

from jaxcar import vision
from jaxcar.program.opencv_arguments import made
from jaxcar.program.registry import library
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_static


@library("cv2.imread")
def read_picture(trace: Trace, filename: Any, flags: Any = 1) -> Any:
    """Return the frame for the path parameter: blue, green, red, a copy."""
    if not isinstance(filename, FramePath) or not is_static(flags) or flags != 1:
        trace.refuse(
            "JC403",
            "cv2.imread reads only the path that the program is given, in colour",
            fix="write cv2.imread(image_path), and convert with cv2.cvtColor",
        )
    return made(vision.swap_red_blue(filename.frame.value))


class FramePath:
    """The value of a path parameter: what `cv2.imread` of it gives.

    Args:
        frame: u8[H, W, 3], red, green, blue.
    """

    def __init__(self, frame: Tensor) -> None:
        self.frame = frame
