"""cv2's functions of colours and channels: conversions, `split`, `merge`, `inRange`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.casting import cast
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_arguments import (
    UINT8,
    is_colour,
    leave_out,
    made,
    picture,
    refuse_argument,
    scalar,
)
from jaxcar.program.opencv_parts import pixelwise
from jaxcar.program.registry import library
from jaxcar.program.tensors import INT, Tensor, as_tensor, shape_of
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe

_OF_BLUE_FIRST: dict[int, Callable[[jax.Array], jax.Array]] = {
    4: vision.swap_red_blue,
    6: vision.bgr_to_gray,
    36: vision.bgr_to_ycrcb,
    40: vision.bgr_to_hsv,
    44: vision.bgr_to_lab,
    66: lambda picture: vision.bgr_to_hsv(picture, full=True),
}
# The code of the same conversion from blue, green, red.
_RED_FIRST = {7: 6, 37: 36, 41: 40, 45: 44, 67: 66}
_FROM_GRAY = 8
_FROM_HSV = {54: lambda bgr: bgr, 55: vision.swap_red_blue}
_BLOCK = 32  # columns that OpenCV converts at once on every processor
_MOST_PLANES = 4
_BOUND = 1 << 30
_PLANE = 2  # axes


@library("cv2.cvtColor")
@pixelwise("cvtColor", "src", empty=Fault.EXCEPTION)
def convert_colour(
    trace: Trace, src: Any, code: Any, dst: Any = None, dstCn: Any = 0, hint: Any = 0
) -> Any:
    """Convert a picture to another colour space."""
    leave_out(trace, "cvtColor", dst=(dst, None), dstCn=(dstCn, 0), hint=(hint, 0))
    known = isinstance(code, int) and not isinstance(code, bool)
    if known and code == _FROM_GRAY:
        return made(vision.gray_to_bgr(picture(trace, src, "cvtColor", channels=False).value))
    if known and code in _FROM_HSV:
        return made(_FROM_HSV[code](_from_hsv(trace, src)))
    if not known or code not in (*_OF_BLUE_FIRST, *_RED_FIRST):
        trace.refuse(
            "JC403",
            "cv2.cvtColor does not take this conversion here",
            fix="use cv2.COLOR_RGB2HSV, COLOR_BGR2HSV, COLOR_RGB2GRAY, COLOR_BGR2GRAY, "
            "COLOR_GRAY2BGR, COLOR_BGR2YCrCb, COLOR_BGR2LAB, COLOR_HSV2BGR or COLOR_BGR2RGB",
        )
    pixels = picture(trace, src, "cvtColor", channels=True).value
    if code in _RED_FIRST:
        pixels, code = vision.swap_red_blue(pixels), _RED_FIRST[code]
    return made(_OF_BLUE_FIRST[code](pixels))


def _from_hsv(trace: Trace, src: Any) -> jax.Array:
    """Convert whole blocks of columns: what OpenCV does with the rest depends on the processor."""
    pixels = picture(trace, src, "cvtColor", channels=True).value
    if pixels.shape[1] % _BLOCK:
        trace.refuse(
            "JC312",
            f"cv2.cvtColor from HSV of a picture {pixels.shape[1]} wide is not supported: OpenCV "
            "rounds otherwise in columns that fill no register of the processor",
            fix=f"convert a picture whose width is a multiple of {_BLOCK}",
        )
    return vision.hsv_to_bgr(pixels)


@library("cv2.split")
@pixelwise("split", "m", empty=Fault.UNSPECIFIED_LIMIT)
def split(trace: Trace, m: Any, mv: Any = None) -> Any:
    """Return the channels as a tuple of planes."""
    leave_out(trace, "split", mv=(mv, None))
    given = _any_picture(trace, m, "split")
    planes = vision.split(given.value) if is_colour(given) else (given.value,)
    return tuple(made(plane, given.dtype, given.bounds) for plane in planes)


def _any_picture(trace: Trace, value: Any, name: str, channels: bool | None = None) -> Tensor:
    """Return a picture of any dtype; OpenCV takes whole numbers of 64 bits for their low half."""
    value = trace.present(value)
    if not is_numeric(value) or as_tensor(value).dtype == UINT8 or 0 in shape_of(value):
        return picture(trace, value, name, channels)
    tensor = as_tensor(value)
    count = 1 if tensor.ndim == _PLANE else tensor.shape[-1] if tensor.ndim == _PLANE + 1 else 0
    if not 1 <= count <= (1 if channels is False else _MOST_PLANES):
        return picture(trace, value, name, channels)
    if count == 1 and tensor.ndim > _PLANE:
        tensor = Tensor(tensor.value[..., 0], tensor.dtype, False, tensor.bounds)
    wide = tensor.dtype.kind in "iu" and tensor.dtype.itemsize == 8
    return cast(trace, tensor, np.dtype(np.int32)) if wide else tensor


@library("cv2.merge")
@pixelwise("merge", "mv", empty=Fault.EXCEPTION)
def merge(trace: Trace, mv: Any, dst: Any = None) -> Any:
    """Make one picture of planes."""
    leave_out(trace, "merge", dst=(dst, None))
    mv = trace.present(mv)
    plain = isinstance(mv, tuple) or (isinstance(mv, ListValue) and mv.rows is None)
    items = list(mv.items if isinstance(mv, ListValue) else mv) if plain else []
    if not 0 < len(items) <= _MOST_PLANES:
        refuse_argument(trace, "merge", "mv", mv, "give a list of planes: cv2.merge([h, s, v])")
    planes = [_any_picture(trace, plane, "merge", channels=False) for plane in items]
    if len({(plane.shape, plane.dtype) for plane in planes}) > 1:
        trace.refuse(
            "JC405",
            "cv2.merge of planes of different shapes or dtypes: OpenCV raises cv2.error",
            fix="give planes of one shape and dtype",
        )
    values = [plane.value for plane in planes]
    if len(planes) == 1:
        return made(values[0], planes[0].dtype, planes[0].bounds)
    if planes[0].dtype == UINT8:
        return made(vision.merge(values))
    bounds = [plane.bounds for plane in planes if plane.bounds is not None]
    joined = (min(b[0] for b in bounds), max(b[1] for b in bounds)) if bounds else None
    return made(jnp.stack(values, axis=-1), planes[0].dtype, joined)


@library("cv2.inRange")
@pixelwise("inRange", "src", empty=Fault.EXCEPTION)
def in_range(trace: Trace, src: Any, lowerb: Any, upperb: Any, dst: Any = None) -> Any:
    """Mark the pixels within bounds."""
    leave_out(trace, "inRange", dst=(dst, None))
    given = picture(trace, src, "inRange")
    channels = given.shape[-1] if is_colour(given) else 0
    lowerb, upperb = trace.present(lowerb), trace.present(upperb)
    kinds = {as_tensor(b).dtype if _is_array(b) else None for b in (lowerb, upperb)}
    if len(kinds) > 1:
        trace.refuse(
            "JC404",
            f"the bounds of cv2.inRange are {describe(lowerb)} and {describe(upperb)}: OpenCV "
            "raises cv2.error",
            fix="give two arrays of one dtype, or two tuples",
        )
    if any(_is_array(b) and as_tensor(b).shape == given.shape for b in (lowerb, upperb)):
        refuse_argument(trace, "inRange", "lowerb", lowerb, "compare: (x >= low) & (x <= high)")
    low, high = (_bound(trace, bound, channels) for bound in (lowerb, upperb))
    return made(vision.in_range(given.value, low, high))


def _is_array(value: Any) -> bool:
    return is_numeric(value) and as_tensor(value).ndim > 0


def _bound(trace: Trace, bound: Any, channels: int) -> Any:
    if isinstance(bound, ListValue):
        trace.refuse(
            "JC404",
            "a bound of cv2.inRange is a list: OpenCV raises cv2.error",
            fix="make it an array: np.array([0, 100, 100])",
        )
    if _is_array(bound):
        values = _of_array(trace, bound)
    else:
        values = _of_scalar(trace, bound, channels)
    count = max(channels, 1)
    if values.shape[0] != count:
        trace.refuse(
            "JC405",
            f"a bound of cv2.inRange has {values.shape[0]} values for {count} channels: "
            "OpenCV raises cv2.error",
            fix=f"give it {count} values",
        )
    return values if channels else values[0]


def _of_array(trace: Trace, bound: Any) -> jax.Array:
    tensor = as_tensor(bound)
    if tensor.dtype.kind not in "iu":
        trace.refuse(
            "JC403",
            f"a bound of cv2.inRange is {describe(bound)}, not whole numbers",
            fix="give integers, e.g. np.array([0, 100, 100])",
        )
    return _narrow(tensor.value.reshape(-1))


def _of_scalar(trace: Trace, bound: Any, channels: int) -> jax.Array:
    """Return the bounds of channels; of four numbers OpenCV leaves the last ones out."""
    count = len(bound) if isinstance(bound, tuple) else 1
    if channels and not isinstance(bound, tuple):
        # OpenCV reads a plain number as the same for every channel, or as (number, 0, 0, 0).
        trace.refuse(
            "JC403",
            "cv2.inRange of a colour picture takes one bound per channel here",
            fix="give three: np.array([0, 100, 100])",
        )
    kept = max(channels, 1) if count == _MOST_PLANES else count
    numbers = scalar(trace, "inRange", "lowerb, upperb", bound, kept)
    found = []
    for number in numbers:
        assert isinstance(number, Tensor)
        if number.dtype.kind != "i":
            trace.refuse(
                "JC403",
                f"a bound of cv2.inRange is {describe(bound)}, not whole numbers",
                fix="give integers, e.g. np.array([0, 100, 100])",
            )
        found.append(_narrow(number.value))
    return jnp.stack(found)


def _narrow(values: jax.Array) -> jax.Array:
    return jnp.clip(values.astype(INT), -_BOUND, _BOUND).astype(jnp.int32)
