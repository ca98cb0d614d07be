"""The vocabulary of blobs in plain Python: NumPy and OpenCV alone, one picture at a time.

This is what CPython runs where a reward program imports these names, and so the specification of
what the compiled program returns. It needs the extra `opencv`, and does not import JAX.

    from jaxcar.vision.host import blobs, largest, touching

    def agent_at_door(frame):
        agent = largest(blobs(red(frame), min_area=5))
        door = largest(blobs(yellow(frame), min_area=5))
        return touching(agent, door, gap=2)

Masks are arrays of bool or uint8 of shape (height, width); what is not 0 counts. Boxes are
(left, top, width, height) in whole pixels, points are (x, y), distances are pixels. Where a blob
may be None, as `largest` returns it, nothing is inside or touching it, it has not moved, and
everything is infinitely far from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

import cv2
import numpy as np

__all__ = [
    "Blob",
    "blobs",
    "distance",
    "fraction",
    "inside",
    "largest",
    "moved",
    "tiles",
    "touching",
]

_OUTLINE_SHARE = 0.03


@dataclass(frozen=True)
class Blob:
    """Pixels of a mask that hold together, sideways or diagonally.

    Two blobs are equal where their areas, boxes and centroids are.

    Attributes:
        area: pixels.
        box: left, top, width and height in pixels.
        centroid: the mean x and the mean y of the pixels.
        mask: bool[height, width], which pixels of the picture are its own; read-only.
    """

    area: int
    box: tuple[int, int, int, int]
    centroid: tuple[float, float]
    mask: np.ndarray = field(compare=False, repr=False)

    @property
    def vertices(self) -> int:
        """Corners of the outline: 4 for a square, 3 for a triangle, 8 for most discs.

        The outline is the outer border, and a corner is kept where it lies further than 0.03 of the
        outline's length from the polygon without it.
        """
        mode, method = cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        outline = cv2.findContours(self.mask.astype(np.uint8), mode, method)[0][0]
        epsilon = _OUTLINE_SHARE * cv2.arcLength(outline, True)
        return len(cv2.approxPolyDP(outline, epsilon, True))


Place = Blob | Sequence[float]
Pixels = Blob | np.ndarray


def blobs(mask: np.ndarray, min_area: float = 1) -> list[Blob]:
    """Find the blobs of a mask, the largest first.

    Blobs of one area come in the order of OpenCV's labels, roughly from top to bottom.

    Args:
        mask: bool[height, width] or uint8[height, width].
        min_area: pixels; smaller blobs are left out.

    Returns:
        A list of blobs, empty where there are none.

    Raises:
        ValueError: where the mask is anything else.

    Example:
        >>> mask = np.zeros((6, 8), bool)
        >>> mask[1:3, 1:4] = mask[4, 6] = True
        >>> [(blob.area, blob.box) for blob in blobs(mask)]
        [(6, (1, 1, 3, 2)), (1, (6, 4, 1, 1))]
    """
    plain = _checked("blobs", mask).astype(np.uint8)
    count, labels, stats, centroids = cv2.connectedComponentsWithStats(plain, connectivity=8)
    found = []
    for label in sorted(range(1, count), key=lambda i: -stats[i, cv2.CC_STAT_AREA]):
        left, top, width, height, area = stats[label].tolist()
        x, y = centroids[label].tolist()
        if area >= min_area:
            own = labels == label
            own.setflags(write=False)
            found.append(Blob(area, (left, top, width, height), (x, y), own))
    return found


def largest(found: Iterable[Blob]) -> Blob | None:
    """Return the blob of the largest area, the first of equal ones; None where there is none.

    Example:
        >>> largest(blobs(np.eye(3, dtype=bool))).area
        3
        >>> print(largest([]))
        None
    """
    return max(found, key=lambda blob: blob.area, default=None)


def inside(inner: Place | None, outer: Place | None) -> bool:
    """Tell whether the box of one lies within the box of another; edges may meet.

    Either is a blob, a box, or a point (x, y), which is a box of one pixel.

    Example:
        >>> inside((2, 2, 3, 3), (0, 0, 8, 8)), inside((9.5, 1.0), (0, 0, 8, 8)), inside(None, None)
        (True, False, False)
    """
    if inner is None or outer is None:
        return False
    (x, y, width, height), (left, top, wide, high) = _box("inside", inner), _box("inside", outer)
    across = left <= x and x + width <= left + wide
    return across and top <= y and y + height <= top + high


def touching(a: Pixels | None, b: Pixels | None, gap: int = 1) -> bool:
    """Tell whether pixels of two come within a distance, counted sideways or diagonally.

    Args:
        a: a blob, or a mask.
        b: the same, of a picture of the same size.
        gap: pixels: 0 asks for a common pixel, 1 for neighbours, 2 for one pixel in between.

    Raises:
        ValueError: where the sizes differ, or the gap is no whole number from 0.

    Example:
        >>> mask = np.zeros((4, 6), np.uint8)
        >>> mask[1, 1] = mask[2, 3] = 255
        >>> left, right = blobs(mask)
        >>> touching(left, right), touching(left, right, gap=2)
        (False, True)
    """
    if not isinstance(gap, int) or gap < 0:
        raise ValueError(f"touching: gap {gap!r}; expected a whole number of pixels from 0")
    if a is None or b is None:
        return False
    first, second = _pixels("touching", a), _pixels("touching", b)
    if first.shape != second.shape:
        raise ValueError(
            f"touching: pictures of {first.shape} and {second.shape}; expected one size"
        )
    reach = min(gap, max(first.shape))
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return bool((second & (cv2.dilate(first.astype(np.uint8), square) > 0)).any())


def distance(a: Place | None, b: Place | None) -> float:
    """Measure how far the centroids of two are apart, in pixels; infinity where one is None.

    Either is a blob, or a point (x, y).

    Example:
        >>> distance((0, 0), (3, 4)), distance((0, 0), None)
        (5.0, inf)
    """
    if a is None or b is None:
        return math.inf
    (x, y), (u, v) = _point("distance", a), _point("distance", b)
    across, down = float(x) - float(u), float(y) - float(v)
    return math.sqrt(across * across + down * down)


def moved(before: Place | None, after: Place | None, pixels: float = 1) -> bool:
    """Tell whether the centroid has moved by more than so many pixels; False where one is None.

    Either is a blob, or a point (x, y), such as the centroid that an earlier frame had.

    Example:
        >>> moved((5.0, 5.0), (5.0, 9.0), pixels=3), moved(None, (5.0, 9.0))
        (True, False)
    """
    if before is None or after is None:
        return False
    return distance(before, after) > pixels


def fraction(
    mask: np.ndarray, within: Pixels | Sequence[float] | EllipsisType | None = ...
) -> float:
    """Return the share, from 0 to 1, of pixels that are set; 0 where there is no pixel to look at.

    Args:
        mask: bool[height, width] or uint8[height, width].
        within: where to look: a blob's pixels, a mask's, or a box; everywhere by default. Of None,
            a blob that is not there, the share is 0.

    Raises:
        ValueError: where the sizes differ, or an argument is none of these.

    Example:
        >>> mask = np.array([[1, 1, 0, 0], [0, 0, 0, 0]], np.uint8)
        >>> fraction(mask), fraction(mask, (0, 0, 2, 2)), fraction(mask, blobs(mask)[0])
        (0.25, 0.5, 1.0)
    """
    there = _checked("fraction", mask)
    if within is None:
        return 0.0
    region = _region(there.shape, within)
    if region.shape != there.shape:
        raise ValueError(
            f"fraction: pictures of {there.shape} and {region.shape}; expected one size"
        )
    size = int(region.sum())
    return int((there & region).sum()) / size if size else 0.0


def tiles(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Return the mean of each tile: the colour of a frame, or the share of a mask that is set.

    Tile r of R begins at row r * height // R, and likewise across.

    Args:
        picture: uint8[height, width, 3], a frame, or a mask.
        rows: tiles from top to bottom, at most the height.
        columns: tiles from left to right, at most the width.

    Returns:
        float64[rows, columns, 3] from 0 to 255, or float64[rows, columns] from 0 to 1.

    Raises:
        ValueError: where there are more tiles than pixels, or none.

    Example:
        >>> tiles(np.array([[1, 0, 0, 0], [1, 1, 0, 0]], np.uint8), 1, 2).tolist()
        [[0.75, 0.0]]
    """
    frame = np.ndim(picture) == 3 and np.shape(picture)[2] == 3
    if frame and np.asarray(picture).dtype != np.uint8:
        raise ValueError(f"tiles: a frame of {np.asarray(picture).dtype}; expected uint8")
    values = picture.astype(np.int64) if frame else _checked("tiles", picture).astype(np.int64)
    for name, count, size in zip(("rows", "columns"), (rows, columns), values.shape, strict=False):
        if not isinstance(count, int) or not 0 < count <= size:
            raise ValueError(f"tiles: {count!r} {name} of {size} pixels; expected 1 to {size}")
    down, across = (_edges(values.shape[0], rows), _edges(values.shape[1], columns))
    sums = np.add.reduceat(np.add.reduceat(values, down[:-1], axis=0), across[:-1], axis=1)
    counts = np.outer(np.diff(down), np.diff(across))
    return sums / (counts[..., None] if frame else counts)


def _edges(size: int, bands: int) -> np.ndarray:
    return np.arange(bands + 1) * size // bands


def _checked(name: str, mask: np.ndarray) -> np.ndarray:
    """Return a mask as bool[height, width]."""
    array = isinstance(mask, np.ndarray)
    if not array or mask.ndim != 2 or not mask.size or mask.dtype not in (np.bool_, np.uint8):
        shown = f"{mask.dtype} of shape {mask.shape}" if array else f"{type(mask).__name__}"
        raise ValueError(f"{name}: {shown}; expected a mask, bool or uint8 of (height, width)")
    return mask != 0


def _pixels(name: str, value: Pixels) -> np.ndarray:
    return value.mask if isinstance(value, Blob) else _checked(name, value)


def _region(shape: tuple[int, ...], within: Any) -> np.ndarray:
    """Return where to look, bool[height, width]."""
    if within is ...:
        return np.ones(shape, bool)
    if isinstance(within, Blob) or np.ndim(within) == 2:
        return _pixels("fraction", within)
    x, y, width, height = _numbers("fraction", within, (4,))
    columns, rows = np.arange(shape[1]), np.arange(shape[0])
    across = (columns >= x) & (columns < x + width)
    return ((rows >= y) & (rows < y + height))[:, None] & across


def _box(name: str, value: Place) -> tuple[float, ...]:
    if isinstance(value, Blob):
        return value.box
    numbers = _numbers(name, value, (2, 4))
    return (*numbers, 1.0, 1.0) if len(numbers) == 2 else numbers


def _point(name: str, value: Place) -> tuple[float, ...]:
    return value.centroid if isinstance(value, Blob) else _numbers(name, value, (2,))


def _numbers(name: str, value: Sequence[float], lengths: tuple[int, ...]) -> tuple[float, ...]:
    numbers = tuple(float(x) for x in value)
    if len(numbers) not in lengths:
        places = {2: "a point (x, y)", 4: "a box (left, top, width, height)"}
        expected = " or ".join(["a blob", *(places[length] for length in lengths)])
        raise ValueError(f"{name}: {len(numbers)} numbers; expected {expected}")
    return numbers
