"""cv2's functions that count, measure and find: `mean`, `minMaxLoc`, `findNonZero`, `calcHist`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.containers import ListValue
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_arguments import (
    is_colour,
    leave_out,
    made,
    mask_of,
    refuse_argument,
)
from jaxcar.program.opencv_parts import region
from jaxcar.program.predicate import literal
from jaxcar.program.registry import library
from jaxcar.program.tensors import FLOAT, INT, Selected, Tensor, Window, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.uncertainty import check_place, elements_read, error_of, remember_error
from jaxcar.program.values import Optional, is_numeric, is_static, unwrap_static
from jaxcar.program.windows import mask_of as bounds_of
from jaxcar.program.wording import describe

_LEVELS = 256


@library("cv2.countNonZero")
def count_non_zero(trace: Trace, src: Any) -> Any:
    """Count the elements that are not 0; a Python int."""
    value = part = trace.present(src)
    if isinstance(part, Window) and not part.packed:
        value = part.values
    if not is_numeric(value) or as_tensor(value).ndim != 2 or as_tensor(value).dtype.kind == "b":
        other = not is_numeric(value) or as_tensor(value).ndim > 2
        trace.refuse(
            "JC404" if other else "JC403",
            f"cv2.countNonZero of {describe(part)}: OpenCV raises cv2.error"
            if other
            else f"cv2.countNonZero takes a picture here, not {describe(part)}",
            fix="take one channel: x[..., 0], or use np.count_nonzero(mask) for a boolean mask",
        )
    tensor = as_tensor(value)
    there = _as_held(tensor) != 0
    if value is not part:
        there &= bounds_of(part)
    return Tensor(jnp.sum(there, dtype=jnp.int32), INT, True, (0, tensor.value.size))


def _as_held(tensor: Tensor) -> jax.Array:
    """Return an array's values as OpenCV holds them: of whole numbers of 64 bits the low half."""
    wide = tensor.dtype.kind in "iu" and tensor.value.dtype.itemsize == 8
    return tensor.value.astype(jnp.int32) if wide else tensor.value


@library("cv2.findNonZero")
def find_non_zero(trace: Trace, src: Any, idx: Any = None) -> Any:
    """Return (x, y) of the pixels that are not 0, row by row, int32[N, 2]; None without any."""
    leave_out(trace, "findNonZero", idx=(idx, None))
    given, inside, corner, _ = region(trace, "findNonZero", src, channels=False)
    H, W = given.shape
    there = given.value != 0
    there = (there if inside is None else there & (inside != 0)).reshape(-1)
    places = np.stack(np.meshgrid(np.arange(W), np.arange(H)), axis=-1).reshape(-1, 2)
    moved = jnp.asarray(places.astype(np.int32))
    if inside is not None:
        moved = jnp.maximum(moved - jnp.stack([jnp.int32(x) for x in corner]), 0)
    points = Tensor(moved, np.dtype(np.int32), False)
    points.bounds = (0, max(H, W) - 1)
    found = Selected(points, there, (0, H * W))
    return Optional(found, literal(jnp.any(there)))


def _channels_last(given: Tensor) -> jax.Array:
    return given.value if is_colour(given) else given.value[..., None]


@library("cv2.mean")
def mean(trace: Trace, src: Any, mask: Any = None) -> Any:
    """Average each channel; four floats, 0 for channels that the picture lacks."""
    given, inside, *_ = region(trace, "mean", src, mask)
    means = vision.mean(_channels_last(given), inside)
    return tuple(Tensor(means[i], FLOAT, True) for i in range(4))


@library("cv2.meanStdDev")
def mean_and_deviation(
    trace: Trace, src: Any, mean: Any = None, stddev: Any = None, mask: Any = None
) -> Any:
    """Average each channel, with its standard deviation: two arrays [C, 1]."""
    leave_out(trace, "meanStdDev", mean=(mean, None), stddev=(stddev, None))
    given, inside, _, empty = region(trace, "meanStdDev", src, mask)
    trace.raise_where(Fault.EXCEPTION, empty)
    found = vision.mean_and_deviation(_channels_last(given), inside)
    return tuple(made(part[:, None], FLOAT) for part in found)


@library("cv2.minMaxLoc")
def extremes(trace: Trace, src: Any, mask: Any = None) -> Any:
    """Return the least and the greatest value as floats, and (x, y) of where each comes first."""
    floats = _float_plane(trace, src)
    if floats is None:
        given, inside, corner, empty = region(trace, "minMaxLoc", src, mask, channels=False)
        trace.raise_where(Fault.UNSPECIFIED_LIMIT, empty)  # OpenCV 5 ends the process
    else:
        given, corner = floats, (0, 0)
        inside = mask_of(trace, "minMaxLoc", mask, given.shape)
    found = vision.extremes(given.value, inside)
    values = [Tensor(x.astype(FLOAT), FLOAT, True) for x in (found.smallest, found.greatest)]
    _check_places(trace, given, found, values)
    H, W = given.shape
    least = 0 if inside is None else -1

    def place(at: jax.Array) -> tuple[Tensor, Tensor]:
        moved = [jnp.where(at[i] < 0, at[i], at[i] - corner[i]) for i in range(2)]
        x = Tensor(moved[0], INT, True, (least, W - 1))
        return x, Tensor(moved[1], INT, True, (least, H - 1))

    return (*values, place(found.smallest_at), place(found.greatest_at))


def _float_plane(trace: Trace, src: Any) -> Tensor | None:
    """Return a plane of finite floats that minMaxLoc is given; None for other pictures."""
    given = trace.present(src)
    if not is_numeric(given) or as_tensor(given).dtype.kind != "f" or as_tensor(given).ndim != 2:
        return None
    plane = as_tensor(given)
    if plane.dtype.itemsize < 4 or 0 in plane.shape:
        return None
    trace.raise_where(Fault.UNSPECIFIED_LIMIT, ~jnp.all(jnp.isfinite(plane.value)))
    return plane


def _check_places(
    trace: Trace, given: Tensor, found: vision.Extremes, values: list[Tensor]
) -> None:
    """Check that rounding decides no place that is read, and remember the values' own error."""
    error = error_of(given)
    if error is None:
        return
    rows, columns = (jnp.arange(n, dtype=jnp.int32) for n in given.shape)
    read = elements_read(trace, 4)
    places = (found.smallest, found.smallest_at), (found.greatest, found.greatest_at)
    for number, ((best, at), value) in enumerate(zip(places, values, strict=True)):
        hits = (rows[:, None] == at[1]) & (columns == at[0])
        if number + 2 in read:
            check_place(trace, given, best, hits)
        near = jnp.abs(given.value - best) <= error
        remember_error(value, jnp.max(jnp.where(near, error, 0)))


def _listed(trace: Trace, argument: str, value: Any) -> list[Any]:
    value = trace.present(value)
    if isinstance(value, ListValue) and value.rows is None:
        return list(value.items)
    if isinstance(value, tuple):
        return list(value)
    refuse_argument(trace, "calcHist", argument, value, "give a list: [frame], [0], [256]")


@library("cv2.calcHist")
def histogram(
    trace: Trace,
    images: Any,
    channels: Any,
    mask: Any,
    histSize: Any,
    ranges: Any,
    hist: Any = None,
    accumulate: Any = False,
) -> Any:
    """Count the pixels of one channel by their values; float32[bins]."""
    leave_out(trace, "calcHist", hist=(hist, None))
    if accumulate is not False:
        refuse_argument(trace, "calcHist", "accumulate", accumulate, "leave this argument out")
    pictures = _listed(trace, "images", images)
    if len(pictures) != 1:
        refuse_argument(trace, "calcHist", "images", images, "give one picture: [frame]")
    given, inside, *_ = region(trace, "calcHist", pictures[0], mask)
    channel = _numbers(trace, "channels", channels, 1)[0]
    bins = _numbers(trace, "histSize", histSize, 1)[0]
    low, high = _numbers(trace, "ranges", ranges, 2, whole=False)
    count = given.shape[-1] if is_colour(given) else 1
    if not 0 <= channel < count:
        trace.refuse(
            "JC404",
            f"channel {channel} of cv2.calcHist of {count}: OpenCV raises cv2.error",
            fix="name a channel that the picture has: [0]",
        )
    if not 0 < bins <= _LEVELS or not low < high:
        refuse_argument(trace, "calcHist", "histSize", bins, "give 1 to 256 bins, low < high")
    plane = given.value[..., int(channel)] if is_colour(given) else given.value
    counts = vision.histogram(plane, inside)
    if (bins, low, high) != (_LEVELS, 0, _LEVELS):
        counts = vision.binned(counts, int(bins), float(low), float(high))
    return made(counts.astype(jnp.float32), np.float32)


def _numbers(trace: Trace, argument: str, value: Any, count: int, whole: bool = True) -> list[Any]:
    items = _listed(trace, argument, value)
    kinds = (int, np.integer) if whole else (int, float)
    plain = [unwrap_static(item) for item in items if is_static(item)]
    good = all(isinstance(n, kinds) and not isinstance(n, bool) for n in plain)
    if len(items) != count or len(plain) != count or not good or not np.all(np.isfinite(plain)):
        example = {"channels": "[0]", "histSize": "[256]", "ranges": "[0, 256]"}[argument]
        refuse_argument(trace, "calcHist", argument, value, f"give {argument} as {example}")
    return plain
