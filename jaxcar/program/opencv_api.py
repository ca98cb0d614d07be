"""The cv2 names that programs may call, with OpenCV's signatures, on top of `jaxcar.vision`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program import fixes
from jaxcar.program.construction import arrayed
from jaxcar.program.registry import library
from jaxcar.program.tensors import INT, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe

UINT8 = np.dtype(np.uint8)

# OpenCV's own numbers: programs may pass them on as ints.
CONSTANTS: dict[str, int] = {
    "cv2.COLOR_BGR2RGB": 4,
    "cv2.COLOR_RGB2BGR": 4,
    "cv2.COLOR_BGR2GRAY": 6,
    "cv2.COLOR_RGB2GRAY": 7,
    "cv2.COLOR_BGR2HSV": 40,
    "cv2.COLOR_RGB2HSV": 41,
    "cv2.IMREAD_COLOR": 1,
}
_CONVERSIONS = {
    4: vision.swap_red_blue,
    6: vision.bgr_to_gray,
    7: lambda picture: vision.bgr_to_gray(vision.swap_red_blue(picture)),
    40: vision.bgr_to_hsv,
    41: lambda picture: vision.bgr_to_hsv(vision.swap_red_blue(picture)),
}

_SHAPES = {
    None: "a picture of shape (height, width) or (height, width, 3)",
    True: "a colour picture of shape (height, width, 3)",
    False: "a mask of shape (height, width)",
}


def _picture(trace: Trace, value: Any, name: str, channels: bool | None = None) -> Tensor:
    value = trace.present(value)
    if not is_numeric(value) or as_tensor(value).dtype != UINT8:
        trace.refuse(
            "JC403",
            f"cv2.{name} takes a uint8 picture here, not {describe(value)}",
            fix="convert it: mask.astype(np.uint8) * 255",
        )
    tensor = as_tensor(value)
    fits = {None: tensor.ndim in (2, 3), True: tensor.ndim == 3 and tensor.shape[-1] == 3}
    if not fits.get(channels, tensor.ndim == 2):
        trace.refuse(
            "JC405",
            f"cv2.{name} of {describe(value)}: OpenCV raises cv2.error",
            fix=f"give it {_SHAPES[channels]}",
        )
    return tensor


@library("cv2.cvtColor")
def convert_colour(trace: Trace, image: Any, code: Any) -> Any:
    """Convert a picture to another colour space."""
    picture = _picture(trace, image, "cvtColor", channels=True)
    if not isinstance(code, int) or code not in _CONVERSIONS:
        trace.refuse(
            "JC403",
            "cv2.cvtColor does not take this conversion here",
            fix="use cv2.COLOR_RGB2HSV, COLOR_BGR2HSV, COLOR_RGB2GRAY, COLOR_BGR2GRAY or "
            "COLOR_BGR2RGB",
        )
    return Tensor(_CONVERSIONS[code](picture.value), UINT8)


@library("cv2.inRange")
def in_range(trace: Trace, image: Any, lower: Any, upper: Any) -> Any:
    """Mark the pixels within bounds."""
    picture = _picture(trace, image, "inRange")
    channels = picture.shape[-1] if picture.ndim == 3 else 0
    low, high = (_bound(trace, bound, channels) for bound in (lower, upper))
    return Tensor(vision.in_range(picture.value, low, high), UINT8)


def _bound(trace: Trace, bound: Any, channels: int) -> Any:
    value = arrayed(trace, bound)
    if not is_numeric(value) or as_tensor(value).dtype.kind not in "biu":
        trace.refuse(
            "JC403",
            f"a bound of cv2.inRange is {describe(value)}, not whole numbers",
            fix="give integers, e.g. np.array([0, 100, 100])",
        )
    tensor = as_tensor(value)
    if tensor.ndim == 0 and channels == 0:
        return tensor.value.astype(jnp.int32)
    if tensor.ndim == 0:
        # OpenCV reads a plain number as the scalar (number, 0, 0, 0).
        trace.refuse(
            "JC403",
            "cv2.inRange of a colour picture takes one bound per channel here",
            fix="give three: np.array([0, 100, 100])",
        )
    flat = tensor.value.reshape(-1).astype(jnp.int32)
    if channels == 0 and flat.shape[0] == 1:
        return flat[0]
    if flat.shape[0] != channels:
        trace.refuse(
            "JC405",
            f"a bound of cv2.inRange has {flat.shape[0]} values for {max(channels, 1)} channels: "
            "OpenCV raises cv2.error",
            fix=f"give it {max(channels, 1)} values",
        )
    return flat


@library("cv2.countNonZero")
def count_non_zero(trace: Trace, mask: Any) -> Any:
    """Count the elements that are not 0; a Python int."""
    value = trace.present(mask)
    if not is_numeric(value) or as_tensor(value).ndim != 2 or as_tensor(value).dtype.kind == "b":
        line = is_numeric(value) and as_tensor(value).ndim < 2
        trace.refuse(
            "JC403" if line else "JC404",
            f"cv2.countNonZero takes a picture here, not {describe(value)}"
            if line
            else f"cv2.countNonZero of {describe(value)}: OpenCV raises cv2.error",
            fix="take one channel: x[..., 0], or use np.count_nonzero(mask) for a boolean mask",
        )
    tensor = as_tensor(value)
    count = jnp.sum(tensor.value != 0, dtype=jnp.int32)
    return Tensor(count, INT, True, (0, tensor.value.size))


def _pair(trace: Trace, name: str, a: Any, b: Any) -> tuple[Tensor, Tensor]:
    left, right = _picture(trace, a, name), _picture(trace, b, name)
    if left.shape != right.shape:
        trace.refuse(
            "JC405",
            f"cv2.{name} of shapes {left.shape} and {right.shape}: OpenCV raises cv2.error",
            fix=fixes.SHAPES,
        )
    return left, right


def _masked(trace: Trace, name: str, value: jax.Array, mask: Any) -> Tensor:
    if mask is None:
        return Tensor(value, UINT8)
    chosen = _picture(trace, mask, name, channels=False)
    if chosen.shape != value.shape[:2]:
        trace.refuse(
            "JC405",
            f"the mask of cv2.{name} has shape {chosen.shape}, the picture {value.shape[:2]}: "
            "OpenCV raises cv2.error",
            fix=f"give a mask of shape {value.shape[:2]}",
        )
    inside = chosen.value != 0
    wide = inside[..., None] if value.ndim == 3 else inside
    return Tensor(jnp.where(wide, value, 0).astype(jnp.uint8), UINT8)


def _define_bitwise(name: str) -> None:
    @library(f"cv2.{name}")
    def bitwise(trace: Trace, src1: Any, src2: Any, mask: Any = None) -> Any:
        left, right = _pair(trace, name, src1, src2)
        joined = as_tensor(ufunc(trace, name, left, right, library=True))
        return _masked(trace, name, joined.value, mask)


for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    _define_bitwise(_name)


@library("cv2.bitwise_not")
def bitwise_not(trace: Trace, src: Any, mask: Any = None) -> Any:
    """Invert the bits."""
    return _masked(trace, "bitwise_not", ~_picture(trace, src, "bitwise_not").value, mask)


@library("cv2.absdiff")
def absolute_difference(trace: Trace, src1: Any, src2: Any) -> Any:
    """Return the absolute difference of two pictures."""
    left, right = _pair(trace, "absdiff", src1, src2)
    return Tensor(vision.absolute_difference(left.value, right.value), UINT8)


@library("cv2.imread")
def read_picture(trace: Trace, path: Any, flags: Any = 1) -> Any:
    """Return the frame for the path parameter: blue, green, red, a copy."""
    if not isinstance(path, FramePath) or not is_static(flags) or flags != 1:
        trace.refuse(
            "JC403",
            "cv2.imread reads only the path that the program is given, in colour",
            fix="write cv2.imread(image_path), and convert with cv2.cvtColor",
        )
    return Tensor(vision.swap_red_blue(path.frame.value), UINT8)


class FramePath:
    """The value of a path parameter: what `cv2.imread` of it gives.

    Args:
        frame: u8[H, W, 3], red, green, blue.
    """

    def __init__(self, frame: Tensor) -> None:
        self.frame = frame
