"""cv2's filters: kernels, erosion and dilation, smoothing, medians."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar import vision
from jaxcar.program.opencv_arguments import (
    is_colour,
    kernel_of,
    leave_out,
    made,
    picture,
    real,
    refuse_argument,
    refuse_size,
    size,
    whole,
)
from jaxcar.program.registry import library
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace

_SHAPES: tuple[Any, ...] = ("rectangle", "cross", "ellipse")
_OPERATIONS: tuple[Any, ...] = (
    *("erode", "dilate", "open", "close", "gradient", "top_hat", "black_hat"),
)
_REFLECTED = 4  # OpenCV's default border
_CENTRE = (-1, -1)
_MOST_ITERATIONS = 64
_LONGEST = 255  # side of a box or kernel


@library("cv2.getStructuringElement")
def structuring_element(trace: Trace, shape: Any, ksize: Any, anchor: Any = _CENTRE) -> Any:
    """Draw a kernel."""
    leave_out(trace, "getStructuringElement", anchor=(anchor, _CENTRE))
    code = whole(trace, "getStructuringElement", "shape", shape)
    if code not in range(len(_SHAPES)):
        fix = "use cv2.MORPH_RECT, MORPH_CROSS or MORPH_ELLIPSE"
        refuse_argument(trace, "getStructuringElement", "shape", code, fix)
    width, height = _box(trace, "getStructuringElement", ksize)
    return vision.structuring_element(_SHAPES[code], width, height)


def _box(trace: Trace, name: str, ksize: Any) -> tuple[int, int]:
    width, height = size(trace, name, "ksize", ksize)
    if width < 1 or height < 1:
        refuse_size(trace, name, f"{width} x {height}", "give at least one pixel: (3, 3)")
    if max(width, height) > _LONGEST:
        fix = f"give a side of at most {_LONGEST}"
        refuse_argument(trace, name, "ksize", max(width, height), fix)
    return width, height


def _element(trace: Trace, name: str, kernel: Any) -> np.ndarray | None:
    """Return where a kernel is not 0; None for 3 x 3."""
    if trace.present(kernel) is None:
        return None
    element = kernel_of(trace, name, kernel)
    if not element.any() or np.any(element != np.rint(element)) or max(element.shape) > _LONGEST:
        fix = "give whole numbers that are not all 0: np.ones((5, 5), np.uint8)"
        refuse_argument(trace, name, "kernel", kernel, fix)
    return element != 0


def _times(trace: Trace, name: str, iterations: Any) -> int:
    times = whole(trace, name, "iterations", iterations)
    if not 0 <= times <= _MOST_ITERATIONS:
        refuse_argument(trace, name, "iterations", times, f"give 0 to {_MOST_ITERATIONS}")
    return times


def _morphed(
    trace: Trace, name: str, operation: Any, src: Any, kernel: Any, iterations: Any
) -> Tensor:
    given = picture(trace, src, name)
    element, times = _element(trace, name, kernel), _times(trace, name, iterations)
    result = vision.morph(given.value, operation, element, times, channels=is_colour(given))
    return made(result)


def _define_morphology(name: str) -> None:
    @library(f"cv2.{name}")
    def morphed(
        trace: Trace,
        src: Any,
        kernel: Any,
        dst: Any = None,
        anchor: Any = _CENTRE,
        iterations: Any = 1,
        borderType: Any = 0,
        borderValue: Any = None,
    ) -> Any:
        leave_out(trace, name, dst=(dst, None), anchor=(anchor, _CENTRE))
        leave_out(trace, name, borderType=(borderType, 0), borderValue=(borderValue, None))
        return _morphed(trace, name, name, src, kernel, iterations)


for _name in ("erode", "dilate"):
    _define_morphology(_name)


@library("cv2.morphologyEx")
def morphology(
    trace: Trace,
    src: Any,
    op: Any,
    kernel: Any,
    dst: Any = None,
    anchor: Any = _CENTRE,
    iterations: Any = 1,
    borderType: Any = 0,
    borderValue: Any = None,
) -> Any:
    """Combine erosions and dilations."""
    leave_out(trace, "morphologyEx", dst=(dst, None), anchor=(anchor, _CENTRE))
    leave_out(trace, "morphologyEx", borderType=(borderType, 0), borderValue=(borderValue, None))
    code = whole(trace, "morphologyEx", "op", op)
    if code not in range(len(_OPERATIONS)):
        fix = "use cv2.MORPH_OPEN, MORPH_CLOSE, MORPH_GRADIENT, MORPH_TOPHAT or MORPH_BLACKHAT"
        refuse_argument(trace, "morphologyEx", "op", code, fix)
    return _morphed(trace, "morphologyEx", _OPERATIONS[code], src, kernel, iterations)


@library("cv2.blur")
def blur(
    trace: Trace,
    src: Any,
    ksize: Any,
    dst: Any = None,
    anchor: Any = _CENTRE,
    borderType: Any = _REFLECTED,
) -> Any:
    """Average over boxes."""
    leave_out(trace, "blur", dst=(dst, None), anchor=(anchor, _CENTRE))
    leave_out(trace, "blur", borderType=(borderType, _REFLECTED))
    given = picture(trace, src, "blur")
    width, height = _box(trace, "blur", ksize)
    if width * height == 2:
        fix = "give a box of three or more pixels: OpenCV's own answer differs by processor"
        refuse_argument(trace, "blur", "ksize", ksize, fix)
    return made(vision.box_blur(given.value, width, height, channels=is_colour(given)))


@library("cv2.GaussianBlur")
def gaussian_blur(
    trace: Trace,
    src: Any,
    ksize: Any,
    sigmaX: Any,
    dst: Any = None,
    sigmaY: Any = 0,
    borderType: Any = _REFLECTED,
    hint: Any = 0,
) -> Any:
    """Smooth with a Gaussian."""
    name = "GaussianBlur"
    leave_out(trace, name, dst=(dst, None), borderType=(borderType, _REFLECTED), hint=(hint, 0))
    given = picture(trace, src, name)
    width, height = size(trace, name, "ksize", ksize)
    across, down = real(trace, name, "sigmaX", sigmaX), real(trace, name, "sigmaY", sigmaY)
    down = down if down > 0 else across
    odd = all(n % 2 == 1 and n > 0 for n in (width, height))
    found = all(s > 0 or n > 0 for n, s in ((width, across), (height, down)))
    even = any(n > 0 and n % 2 == 0 for n in (width, height))
    if even or not (odd or found):
        refuse_size(trace, name, f"{width} x {height}", "give odd sizes: (5, 5)")
    if max(width, height) > _LONGEST or max(across, down) > _LONGEST / 8:
        fix = f"give a side of at most {_LONGEST}"
        refuse_argument(trace, name, "ksize", max(width, height), fix)
    return made(
        vision.gaussian_blur(given.value, width, height, across, down, channels=is_colour(given))
    )


@library("cv2.medianBlur")
def median_blur(trace: Trace, src: Any, ksize: Any, dst: Any = None) -> Any:
    """Take the median of each square."""
    leave_out(trace, "medianBlur", dst=(dst, None))
    given = picture(trace, src, "medianBlur")
    side = whole(trace, "medianBlur", "ksize", ksize)
    if side < 1 or side % 2 == 0:
        refuse_size(trace, "medianBlur", str(side), "give 3 or 5")
    if side > 5:
        refuse_argument(trace, "medianBlur", "ksize", side, "give 3 or 5")
    return made(vision.median_blur(given.value, side, channels=is_colour(given)))
