"""cv2's derivatives, edges and other linear filters: `Sobel`, `Laplacian`, `filter2D`, `Canny`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.opencv_arguments import (
    UINT8,
    is_colour,
    kernel_of,
    leave_out,
    made,
    picture,
    real,
    refuse_argument,
    refuse_size,
    whole,
)
from jaxcar.program.registry import library
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace

_DEPTHS: dict[int, tuple[Any, Any]] = {
    -1: ("u8", np.uint8),
    0: ("u8", np.uint8),
    3: ("i16", np.int16),
    5: ("f32", np.float32),
    6: ("f64", np.float64),
}
_REFLECTED = 4  # OpenCV's default border
_CENTRE = (-1, -1)
_LARGEST = 121  # elements of a kernel that OpenCV does not take to Fourier space
_FINEST = 13  # bits behind the point of a kernel's weights
_LARGEST_DIVISOR = 1024


def _each_plane(given: Tensor, function: Any, dtype: Any) -> Tensor:
    """Apply a function whose result is no picture of bytes to every channel."""
    if not is_colour(given):
        return made(function(given.value), dtype)
    planes: list[jax.Array] = [function(plane) for plane in vision.split(given.value)]
    return made(jnp.stack(planes, axis=-1), dtype)


def _depth(trace: Trace, name: str, ddepth: Any) -> tuple[Any, Any]:
    code = whole(trace, name, "ddepth", ddepth)
    if code not in _DEPTHS:
        refuse_argument(trace, name, "ddepth", code, "use cv2.CV_64F, CV_32F, CV_16S or CV_8U")
    return _DEPTHS[code]


def _check_odd(trace: Trace, name: str, ksize: int) -> None:
    if ksize not in (-1, 1, 3, 5, 7):
        if ksize < 1 or ksize % 2 == 0 or ksize > 31:
            refuse_size(trace, name, str(ksize), "give ksize=3")
        refuse_argument(trace, name, "ksize", ksize, "give 1, 3, 5 or 7")


@library("cv2.Sobel")
def sobel(
    trace: Trace,
    src: Any,
    ddepth: Any,
    dx: Any,
    dy: Any,
    dst: Any = None,
    ksize: Any = 3,
    scale: Any = 1,
    delta: Any = 0,
    borderType: Any = _REFLECTED,
) -> Any:
    """Differentiate along rows or columns."""
    leave_out(trace, "Sobel", dst=(dst, None), scale=(scale, 1), delta=(delta, 0))
    leave_out(trace, "Sobel", borderType=(borderType, _REFLECTED))
    given = picture(trace, src, "Sobel")
    depth, dtype = _depth(trace, "Sobel", ddepth)
    right, down = whole(trace, "Sobel", "dx", dx), whole(trace, "Sobel", "dy", dy)
    side = whole(trace, "Sobel", "ksize", ksize)
    _check_odd(trace, "Sobel", side)
    length = 3 if side in (-1, 1) else side
    first = side != -1 or right + down == 1
    if min(right, down) < 0 or right + down == 0 or max(right, down) >= length or not first:
        trace.refuse(
            "JC404",
            f"cv2.Sobel of dx={right}, dy={down} and size {side}: OpenCV raises cv2.error",
            fix="differentiate once: dx=1, dy=0 or dx=0, dy=1",
        )
    return _each_plane(given, lambda plane: vision.sobel(plane, right, down, side, depth), dtype)


@library("cv2.Laplacian")
def laplacian(
    trace: Trace,
    src: Any,
    ddepth: Any,
    dst: Any = None,
    ksize: Any = 1,
    scale: Any = 1,
    delta: Any = 0,
    borderType: Any = _REFLECTED,
) -> Any:
    """Add the second derivatives up."""
    leave_out(trace, "Laplacian", dst=(dst, None), scale=(scale, 1), delta=(delta, 0))
    leave_out(trace, "Laplacian", borderType=(borderType, _REFLECTED))
    given = picture(trace, src, "Laplacian")
    depth, dtype = _depth(trace, "Laplacian", ddepth)
    side = whole(trace, "Laplacian", "ksize", ksize)
    if side == -1:
        refuse_size(trace, "Laplacian", str(side), "give ksize=3")
    _check_odd(trace, "Laplacian", side)
    return _each_plane(given, lambda plane: vision.laplacian(plane, side, depth), dtype)


@library("cv2.filter2D")
def filter_2d(
    trace: Trace,
    src: Any,
    ddepth: Any,
    kernel: Any,
    dst: Any = None,
    anchor: Any = _CENTRE,
    delta: Any = 0,
    borderType: Any = _REFLECTED,
) -> Any:
    """Correlate with a kernel."""
    leave_out(trace, "filter2D", dst=(dst, None), anchor=(anchor, _CENTRE), delta=(delta, 0))
    leave_out(trace, "filter2D", borderType=(borderType, _REFLECTED))
    given = picture(trace, src, "filter2D")
    if _depth(trace, "filter2D", ddepth)[1] != np.uint8:
        refuse_argument(trace, "filter2D", "ddepth", ddepth, "give -1: the result is uint8")
    weights = kernel_of(trace, "filter2D", kernel)
    if weights.size > _LARGEST or np.abs(weights).max() > 1 << 8:
        fix = "give a kernel of at most 11 x 11, of small numbers"
        refuse_argument(trace, "filter2D", "kernel", kernel, fix)
    if not _is_settled(weights.astype(np.float32).astype(float)):
        fix = "give whole numbers, over an odd number or a power of two: np.ones((3, 3)) / 9"
        refuse_argument(trace, "filter2D", "kernel", kernel, fix)
    return made(vision.filter_2d(given.value, weights, channels=is_colour(given)))


def _is_settled(weights: np.ndarray) -> bool:
    """Tell whether the order of sums in single floats decides nothing about a rounded result.

    Sums are exact where weights are few bits long. Where they are whole numbers over an odd one, no
    sum comes so near to a half that an error could carry it over.
    """
    most = float(255 * np.abs(weights).sum())
    for bits in range(_FINEST):
        if np.all(weights * 2**bits == np.rint(weights * 2**bits)):
            return most * 2**bits < 1 << 24
    error = most * (weights.size + 4) * float(np.finfo(np.float32).eps)
    for odd in range(3, _LARGEST_DIVISOR, 2):
        off = 255 * np.abs(weights - np.rint(weights * odd) / odd).sum()
        if error + off < 0.25 / odd:
            return True
    return False


@library("cv2.Canny")
def canny(
    trace: Trace,
    image: Any,
    threshold1: Any,
    threshold2: Any,
    edges: Any = None,
    apertureSize: Any = 3,
    L2gradient: Any = False,
) -> Any:
    """Find edges."""
    leave_out(trace, "Canny", edges=(edges, None))
    plane = picture(trace, image, "Canny", channels=False)
    low = real(trace, "Canny", "threshold1", threshold1)
    high = real(trace, "Canny", "threshold2", threshold2)
    side = whole(trace, "Canny", "apertureSize", apertureSize)
    if side not in (3, 5):
        refuse_argument(trace, "Canny", "apertureSize", side, "give 3 or 5")
    if not isinstance(L2gradient, bool):
        refuse_argument(trace, "Canny", "L2gradient", L2gradient, "give True or False")
    return made(vision.canny(plane.value, low, high, side, squared=L2gradient), UINT8)
