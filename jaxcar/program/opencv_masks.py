"""cv2's functions that combine pictures pixel by pixel, with masks: bits, sums, thresholds."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program import fixes
from jaxcar.program.casting import near_whole
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_arguments import (
    is_colour,
    leave_out,
    made,
    mask_of,
    picture,
    real,
    refuse_argument,
    scalar,
    whole,
)
from jaxcar.program.opencv_parts import pixelwise, raise_for_sides
from jaxcar.program.registry import library
from jaxcar.program.tensors import FLOAT, INT, Tensor, Window, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import ufunc
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe

_KINDS: tuple[Any, ...] = ("binary", "binary_inverse", "truncate", "to_zero", "to_zero_inverse")
_OTSU = 8
_RANGE = 1 << 30
_MIN_MAX = 32
_PLANE = 2  # axes


def _pair(trace: Trace, name: str, a: Any, b: Any) -> tuple[Tensor, Tensor]:
    left, right = picture(trace, a, name), picture(trace, b, name)
    if left.shape != right.shape:
        trace.refuse(
            "JC405",
            f"cv2.{name} of shapes {left.shape} and {right.shape}: OpenCV raises cv2.error",
            fix=fixes.SHAPES,
        )
    return left, right


def _masked(trace: Trace, name: str, value: jax.Array, mask: Any) -> Tensor:
    inside = mask_of(trace, name, mask, value.shape)
    if inside is None:
        return made(value)
    wide = inside[..., None] if value.ndim == 3 else inside
    return made(jnp.where(wide != 0, value, 0).astype(jnp.uint8))


def _define_bitwise(name: str) -> None:
    @library(f"cv2.{name}")
    @pixelwise(name, "src1", "src2", "mask", empty=Fault.UNSPECIFIED_LIMIT)
    def bitwise(trace: Trace, src1: Any, src2: Any, dst: Any = None, mask: Any = None) -> Any:
        leave_out(trace, name, dst=(dst, None))
        left, right = _pair(trace, name, src1, src2)
        joined = as_tensor(ufunc(trace, name, left, right, library=True))
        return _masked(trace, name, joined.value, mask)


for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    _define_bitwise(_name)


@library("cv2.bitwise_not")
def bitwise_not(trace: Trace, src: Any, dst: Any = None, mask: Any = None) -> Any:
    """Invert the bits."""
    leave_out(trace, "bitwise_not", dst=(dst, None))
    if mask is not None:
        _check_lines(trace, src)
    return _inverted(trace, src, mask)


def _check_lines(trace: Trace, src: Any) -> None:
    """Raise for lines of fewer pixels than channels: with a mask OpenCV takes them for a colour."""
    src = trace.present(src)
    channels = (*shape_of(src.values if isinstance(src, Window) else src), 1, 1)[2]
    short = range(2, channels)
    lines = [(1, side) for side in short] + [(side, 1) for side in short]
    if lines:
        raise_for_sides(trace, "bitwise_not", src, *lines)


@pixelwise("bitwise_not", "src", "mask", empty=Fault.UNSPECIFIED_LIMIT)
def _inverted(trace: Trace, src: Any, mask: Any) -> Any:
    return _masked(trace, "bitwise_not", ~picture(trace, src, "bitwise_not").value, mask)


@library("cv2.absdiff")
@pixelwise("absdiff", "src1", "src2", empty=Fault.UNSPECIFIED_LIMIT)
def absolute_difference(trace: Trace, src1: Any, src2: Any, dst: Any = None) -> Any:
    """Return the absolute difference of two pictures."""
    leave_out(trace, "absdiff", dst=(dst, None))
    left, right = _pair(trace, "absdiff", src1, src2)
    return made(vision.absolute_difference(left.value, right.value))


def _define_sum(name: str) -> None:
    combine = getattr(vision, name)

    @pixelwise(name, "src1", "src2", "mask", empty=Fault.UNSPECIFIED_LIMIT)
    def of_pictures(trace: Trace, src1: Any, src2: Any, mask: Any) -> Any:
        left, right = _pair(trace, name, src1, src2)
        return _masked(trace, name, combine(left.value, right.value), mask)

    @pixelwise(name, "src1", "mask", empty=Fault.EXCEPTION)
    def with_number(trace: Trace, src1: Any, src2: Any, mask: Any) -> Any:
        left = picture(trace, src1, name)
        number = _addend(trace, name, src2, left)
        return _masked(trace, name, combine(left.value, number), mask)

    @library(f"cv2.{name}")
    def combined(
        trace: Trace,
        src1: Any,
        src2: Any,
        dst: Any = None,
        mask: Any = None,
        dtype: Any = -1,
    ) -> Any:
        leave_out(trace, name, dst=(dst, None), dtype=(dtype, -1))
        src1, src2 = trace.present(src1), trace.present(src2)
        if isinstance(src2, Window) or (is_numeric(src2) and as_tensor(src2).ndim):
            return of_pictures(trace, src1, src2, mask)
        whole = src1.values if isinstance(src1, Window) else src1
        if len(shape_of(whole)) == _PLANE:
            raise_for_sides(trace, name, src1, (4, 1))  # OpenCV takes it for a scalar, too
        return with_number(trace, src1, src2, mask)


def _addend(trace: Trace, name: str, value: Any, left: Tensor) -> jax.Array:
    """Return a scalar to add: a number stands for every channel, of a tuple one for each."""
    if not isinstance(value, tuple) and not is_numeric(value):
        trace.refuse(
            "JC404",
            f"cv2.{name} of {describe(value)}: OpenCV raises cv2.error",
            fix="give a picture, a Python number or a tuple of them",
        )
    channels = left.shape[-1] if is_colour(left) else 1
    numbers = scalar(trace, name, "src2", value, channels)
    if not isinstance(value, tuple):
        numbers = [numbers[0]] * channels
    found = []
    for number in numbers:
        if number is not None and number.dtype.kind != "i":
            refuse_argument(trace, name, "src2", value, "give whole numbers: int(x)")
        amount = (
            jnp.int32(0) if number is None else jnp.clip(number.value.astype(INT), -_RANGE, _RANGE)
        )
        found.append(amount.astype(jnp.int32))
    return jnp.stack(found) if is_colour(left) else found[0]


for _name in ("add", "subtract"):
    _define_sum(_name)


@library("cv2.addWeighted")
@pixelwise("addWeighted", "src1", "src2", empty=Fault.UNSPECIFIED_LIMIT)
def add_weighted(
    trace: Trace,
    src1: Any,
    alpha: Any,
    src2: Any,
    beta: Any,
    gamma: Any,
    dst: Any = None,
    dtype: Any = -1,
) -> Any:
    """Blend two pictures."""
    leave_out(trace, "addWeighted", dst=(dst, None), dtype=(dtype, -1))
    left, right = _pair(trace, "addWeighted", src1, src2)
    weights = [
        jnp.asarray(np.float32(real(trace, "addWeighted", argument, value)))
        for argument, value in (("alpha", alpha), ("beta", beta), ("gamma", gamma))
    ]
    return made(vision.add_weighted(left.value, weights[0], right.value, weights[1], weights[2]))


@library("cv2.normalize")
def normalize(
    trace: Trace,
    src: Any,
    dst: Any,
    alpha: Any = 1,
    beta: Any = 0,
    norm_type: Any = 4,
    dtype: Any = -1,
    mask: Any = None,
) -> Any:
    """Stretch the range of a picture's values to another."""
    leave_out(trace, "normalize", dst=(dst, None), mask=(mask, None))
    if dtype != -1:
        leave_out(trace, "normalize", dtype=(dtype, 0))
    if norm_type != _MIN_MAX:
        refuse_argument(trace, "normalize", "norm_type", norm_type, "use cv2.NORM_MINMAX")
    given = picture(trace, src, "normalize")
    low, high = (real(trace, "normalize", n, v) for n, v in (("alpha", alpha), ("beta", beta)))
    flat = given.value.reshape(given.shape[0], -1)
    # Of a colour picture all channels are stretched together.
    return made(vision.stretch(flat, jnp.asarray(low), jnp.asarray(high)).reshape(given.shape))


@library("cv2.threshold")
def threshold(trace: Trace, src: Any, thresh: Any, maxval: Any, type: Any, dst: Any = None) -> Any:
    """Compare pixels with a level; return the level and the picture."""
    leave_out(trace, "threshold", dst=(dst, None))
    code = whole(trace, "threshold", "type", type)
    if code & ~_OTSU not in range(len(_KINDS)):
        refuse_argument(trace, "threshold", "type", code, "use cv2.THRESH_BINARY, THRESH_OTSU")
    level = _level(trace, thresh)
    if code & _OTSU:
        given = picture(trace, src, "threshold", channels=False)
        src, level = given, vision.otsu_level(given.value)
    most = round(real(trace, "threshold", "maxval", maxval))
    peak = jnp.int32(max(-_RANGE, min(_RANGE, most)))
    picked = _picked(trace, src, level, peak, _KINDS[code & ~_OTSU])
    return Tensor(level.astype(FLOAT), FLOAT, True), picked


@pixelwise("threshold", "src", empty=Fault.UNSPECIFIED_LIMIT)
def _picked(trace: Trace, src: Any, level: jax.Array, peak: jax.Array, kind: Any) -> Any:
    return made(vision.threshold(picture(trace, src, "threshold").value, level, peak, kind))


def _level(trace: Trace, value: Any) -> jax.Array:
    """Return the whole number at or below a level, i32[]."""
    value = trace.present(value)
    if is_numeric(value) and as_tensor(value).ndim == 0 and as_tensor(value).dtype.kind in "iuf":
        number = as_tensor(value)
        if not isinstance(value, Tensor) and math.isfinite(value):
            return jnp.int32(max(-_RANGE, min(_RANGE, math.floor(value))))
        fits = jnp.abs(number.value.astype(FLOAT)) <= _RANGE
        trace.raise_where(Fault.UNSPECIFIED_LIMIT, ~fits)
        if number.dtype.kind == "f":
            trace.doubt(near_whole(number.value))
        return jnp.floor(jnp.where(fits, number.value, 0)).astype(jnp.int32)
    trace.refuse(
        "JC404",
        f"the level of cv2.threshold is {describe(value)}: OpenCV raises cv2.error",
        fix="give a number: cv2.threshold(gray, 127, 255, cv2.THRESH_BINARY)",
    )
