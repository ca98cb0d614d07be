"""The functions of `jaxcar.vision.host`: blobs, how they lie to each other, shares of pictures."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from typing import Any, NoReturn

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program import fixes
from jaxcar.program.blob import BLOB, blobs_of, is_blob
from jaxcar.program.choices import alternatives
from jaxcar.program.comparison import compare
from jaxcar.program.containers import ListValue
from jaxcar.program.definitions import ValueMethod
from jaxcar.program.extremes import largest as largest_by
from jaxcar.program.faults import Fault
from jaxcar.program.merge import collapsed, merge
from jaxcar.program.opencv_arguments import made
from jaxcar.program.opencv_features import python_float
from jaxcar.program.predicate import literal
from jaxcar.program.registry import library
from jaxcar.program.rows import row_at, valid
from jaxcar.program.tensors import BOOL, FLOAT, INT, POINT_BOUNDS, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric
from jaxcar.program.wording import describe

_MASKS = (np.dtype(bool), np.dtype(np.uint8))


@library("jaxcar.vision.host.blobs")
def blobs(trace: Trace, mask: Any, min_area: Any = 1) -> Any:
    """Find the blobs of a mask: a list of them, the largest first."""
    picture = _mask(trace, "blobs", mask)
    least = _number(trace, "blobs", "min_area", min_area)
    limits = trace.limits
    found = vision.blobs(picture, most=limits.contours)
    trace.raise_where(Fault.CAPACITY_LIMIT, found.overflow)
    corners = vision.vertices(picture, found, points=limits.contour_points)
    wide = jax.dtypes.canonicalize_dtype(FLOAT)
    large = (found.area > 0) & (found.area.astype(wide) >= least.value.astype(wide))
    height, width = picture.shape
    most = min(limits.contours, -(-height // 2) * -(-width // 2))
    count = Tensor(jnp.sum(large, dtype=jnp.int32), INT, True, (0, most))
    return blobs_of(trace, found, corners, count, width)


@library("jaxcar.vision.host.largest")
def largest(trace: Trace, found: Any) -> Any:
    """Return the blob of the largest area, or None."""
    value = collapsed(trace.present(found))
    rows = value.rows if isinstance(value, ListValue) else None
    if rows is not None and rows.kind.form == "library object" and rows.kind.detail[1] is BLOB:
        area = rows.leaves[rows.kind.detail[0].index("area")].astype(jnp.int32)
        place = jax.lax.argmax(jnp.where(valid(rows), area, -1), 0, jnp.int32)
        blob = row_at(rows, place)
        low = rows.length.bounds[0] if rows.length.bounds else 0
        return blob if low > 0 else merge(literal(rows.length.value > 0), blob, None)

    def area_of(blob: Any) -> Any:
        if not is_blob(blob):
            _refuse(trace, "largest", "blobs", blob, "give it a list of blobs: blobs(mask)")
        return BLOB.readers["area"](trace, blob)

    return largest_by(trace, found, key=ValueMethod("area", area_of), default=None)


@library("jaxcar.vision.host.inside")
def inside(trace: Trace, inner: Any, outer: Any) -> Any:
    """Tell whether the box of one lies within the box of another."""

    def plain(a: Any, b: Any) -> Any:
        boxes = [_box(trace, "inside", place) for place in (a, b)]
        return Tensor(vision.inside(*boxes), BOOL, True)

    return _of_both(trace, plain, inner, outer, False)


@library("jaxcar.vision.host.touching")
def touching(trace: Trace, a: Any, b: Any, gap: Any = 1) -> Any:
    """Tell whether pixels of two come within a distance."""
    reach = _whole(trace, "touching", "gap", gap, least=0)

    def plain(a: Any, b: Any) -> Any:
        (one, size), (other, same) = (_rows(trace, "touching", x) for x in (a, b))
        _check_sizes(trace, "touching", size, same)
        return Tensor(vision.rows_touch(one, other, reach), BOOL, True)

    return _of_both(trace, plain, a, b, False)


@library("jaxcar.vision.host.distance")
def distance(trace: Trace, a: Any, b: Any) -> Any:
    """Return how far the centroids of two are apart, a float."""

    def plain(a: Any, b: Any) -> Any:
        return python_float(vision.distance(*(_point(trace, "distance", x) for x in (a, b))))

    return _of_both(trace, plain, a, b, math.inf)


@library("jaxcar.vision.host.moved")
def moved(trace: Trace, before: Any, after: Any, pixels: Any = 1) -> Any:
    """Tell whether a centroid has moved by more than so many pixels."""

    def plain(a: Any, b: Any) -> Any:
        far = python_float(vision.distance(*(_point(trace, "moved", x) for x in (a, b))))
        _number(trace, "moved", "pixels", pixels)
        return compare(trace, ast.Gt(), far, trace.present(pixels))

    return _of_both(trace, plain, before, after, False)


@library("jaxcar.vision.host.fraction")
def fraction(trace: Trace, mask: Any, within: Any = ...) -> Any:
    """Return the share of pixels that are set, a float."""
    picture = _mask(trace, "fraction", mask)

    def plain(place: Any) -> Any:
        if place is None:
            return 0.0
        return python_float(vision.fraction(picture, _region(trace, picture.shape, place)))

    return alternatives(trace, plain, within)


@library("jaxcar.vision.host.tiles")
def tiles(trace: Trace, picture: Any, rows: Any, columns: Any) -> Any:
    """Return the mean of each tile, an array."""
    value = trace.present(picture, Fault.VALUE)
    tensor = as_tensor(value) if is_numeric(value) else None
    if tensor is not None and tensor.ndim == 3 and tensor.shape[2] == 3 and tensor.value.size:
        if tensor.dtype != np.uint8:
            _refuse(trace, "tiles", "a frame of uint8", value, "convert it: x.astype(np.uint8)")
        shown = tensor.value
    else:
        shown = _mask(trace, "tiles", value)
    sizes = zip(("rows", "columns"), (rows, columns), shown.shape, strict=False)
    numbers = [
        _whole(trace, "tiles", name, count, least=1, most=size) for name, count, size in sizes
    ]
    means = vision.tiles(shown, *numbers)
    return made(means.astype(jax.dtypes.canonicalize_dtype(FLOAT)), FLOAT)


def _of_both(trace: Trace, plain: Callable[..., Any], a: Any, b: Any, absent: Any) -> Any:
    """Apply a function where neither is None; elsewhere the result is known."""

    def either_way(x: Any, y: Any) -> Any:
        return absent if x is None or y is None else plain(x, y)

    return alternatives(trace, either_way, a, b)


def _refuse(trace: Trace, name: str, wanted: str, value: Any, fix: str) -> NoReturn:
    trace.refuse(
        "JC404", f"{name} takes {wanted}, not {describe(value)}: Python raises an error", fix=fix
    )


def _mask(trace: Trace, name: str, value: Any) -> jax.Array:
    """Return a mask that a function is given, bool[H, W] or u8[H, W]."""
    value = trace.present(value, Fault.VALUE)
    tensor = as_tensor(value) if is_numeric(value) else None
    if tensor is None or tensor.dtype not in _MASKS or tensor.ndim != 2 or not tensor.value.size:
        colour = tensor is not None and tensor.ndim == 3
        _refuse(
            trace,
            name,
            "a mask of bool or uint8 of shape (height, width)",
            value,
            "make a mask of it: mask = frame[:, :, 0] > 200, or cv2.inRange(frame, low, high)"
            if colour
            else "give it a mask: frame[:, :, 0] > 200, or cv2.inRange(frame, low, high)",
        )
    _check_side(trace, name, tensor)
    return tensor.value


def _check_side(trace: Trace, name: str, tensor: Tensor) -> None:
    if max(tensor.shape[:2]) > POINT_BOUNDS[1] + 1:
        trace.refuse(
            "JC312",
            f"{name} of {describe(tensor)} is not supported yet",
            fix=f"give it a mask of 1 to {POINT_BOUNDS[1] + 1} rows and columns: mask[::2, ::2]",
        )


def _number(trace: Trace, name: str, argument: str, value: Any) -> Tensor:
    value = trace.present(value)
    fits = is_numeric(value) and not as_tensor(value).ndim
    if not fits or as_tensor(value).dtype == np.float16:
        _refuse(trace, name, f"a number for `{argument}`", value, f"write {argument}=3")
    return as_tensor(value)


def _whole(
    trace: Trace, name: str, argument: str, value: Any, *, least: int, most: int | None = None
) -> int:
    """Return a whole number that is known before run time."""
    value = trace.present(value)
    if isinstance(value, Tensor) and not value.ndim and value.dtype.kind in "iub":
        trace.refuse(
            "JC406", f"`{argument}` of {name} must be known before run time", fix=fixes.CONSTANT
        )
    top = math.inf if most is None else most
    if not isinstance(value, int) or not least <= value <= top:
        shown = repr(value) if isinstance(value, (int, float)) else describe(value)
        bounds = f"from {least}" if most is None else f"from {least} to {most}"
        trace.refuse(
            "JC404",
            f"`{argument}` of {name} is {shown}, not a whole number {bounds}: Python raises "
            "ValueError",
            fix=f"write a whole number {bounds}",
        )
    return int(value)


def _numbers(trace: Trace, name: str, value: Any, lengths: dict[int, str]) -> jax.Array:
    """Return the numbers of a point or box, f64[...]."""
    wanted = " or ".join(["a blob", *lengths.values()])
    fix = "give it a blob, or numbers: (x, y) for a point, (left, top, width, height) for a box"
    if isinstance(value, ListValue) and value.rows is not None:
        _refuse(trace, name, wanted, value, fix)
    if is_numeric(value) and as_tensor(value).ndim == 1:
        array = as_tensor(value)
        parts: list[Any] = [Tensor(array.value[i], array.dtype) for i in range(array.shape[0])]
    elif isinstance(value, (tuple, ListValue)):
        items = value.items if isinstance(value, ListValue) else value
        parts = [trace.present(item) for item in items]
    else:
        _refuse(trace, name, wanted, value, fix)
    if len(parts) not in lengths or not all(is_numeric(x) and not as_tensor(x).ndim for x in parts):
        _refuse(trace, name, wanted, value, fix)
    wide = jax.dtypes.canonicalize_dtype(FLOAT)
    return jnp.stack([as_tensor(part).value.astype(wide) for part in parts])


_POINT, _BOX = "a point (x, y)", "a box (left, top, width, height)"


def _box(trace: Trace, name: str, place: Any) -> jax.Array:
    if is_blob(place):
        return _numbers(trace, name, place.fields["box"], {4: _BOX})
    numbers = _numbers(trace, name, place, {2: _POINT, 4: _BOX})
    return jnp.pad(numbers, (0, 2), constant_values=1) if numbers.size == 2 else numbers


def _point(trace: Trace, name: str, place: Any) -> jax.Array:
    point = place.fields["centroid"] if is_blob(place) else place
    return _numbers(trace, name, point, {2: _POINT})


def _rows(trace: Trace, name: str, value: Any) -> tuple[jax.Array, tuple[int, ...]]:
    """Return the pixels of a blob or mask as bits, u32[H, N], and the size of the picture."""
    if is_blob(value):
        return value.fields["rows"].value, value.size
    mask = _mask(trace, name, value)
    return vision.mask_rows(mask), mask.shape


def _check_sizes(trace: Trace, name: str, a: tuple[int, ...], b: tuple[int, ...]) -> None:
    if a != b:
        trace.refuse(
            "JC405",
            f"{name} of pictures of {a} and {b} pixels: Python raises ValueError",
            fix="take both from pictures of one size",
        )


def _region(trace: Trace, size: tuple[int, ...], place: Any) -> jax.Array | None:
    """Return where `fraction` is to look, bool[H, W]; None for everywhere."""
    if place is ...:
        return None
    array = is_numeric(place) and as_tensor(place).ndim == 2
    if not is_blob(place) and not array:
        return vision.box_region(_numbers(trace, "fraction", place, {4: _BOX}), *size)
    own = place.size if is_blob(place) else as_tensor(place).shape
    _check_sizes(trace, "fraction", size, own)
    if array:
        return _mask(trace, "fraction", place) != 0
    return vision.blob_masks(place.fields["rows"].value, size[1])
