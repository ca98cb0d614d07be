"""Blobs as programs see them: objects of `jaxcar.vision.host.Blob`, with lists of run-time length.

A blob is four numbers and more of its own, its pixels as bits, and the corners of its outline. What
a program does not read, XLA drops.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from jaxcar import vision
from jaxcar.lang.vision_names import HINTS
from jaxcar.program.containers import ListValue, Rows
from jaxcar.program.definitions import LibraryObject, LibraryType
from jaxcar.program.faults import Fault
from jaxcar.program.kinds import form_of
from jaxcar.program.layout import lay_in_rows
from jaxcar.program.opencv_features import python_float
from jaxcar.program.packing import pack
from jaxcar.program.tensors import BOOL, INT, POINT_BOUNDS, Tensor
from jaxcar.program.trace import Trace

_SIDE = POINT_BOUNDS[1] + 1  # the most rows and columns of a picture


def _area(trace: Trace, blob: LibraryObject) -> Any:
    return Tensor(blob.fields["area"].value, INT, True, (0, _SIDE**2))


def _box(trace: Trace, blob: LibraryObject) -> Any:
    return tuple(Tensor(side.value, INT, True, (0, _SIDE)) for side in blob.fields["box"])


def _mask(trace: Trace, blob: LibraryObject) -> Any:
    mask = Tensor(vision.blob_masks(blob.fields["rows"].value, blob.size[1]), BOOL)
    mask.frozen = True
    lay_in_rows(mask)
    return mask


def _vertices(trace: Trace, blob: LibraryObject) -> Any:
    corners = blob.fields["corners"].value
    trace.raise_where(Fault.CAPACITY_LIMIT, corners < 0)
    return Tensor(jnp.maximum(corners, 0), INT, True, (0, trace.limits.contour_points))


BLOB = LibraryType(
    "Blob",
    {
        "area": _area,
        "box": _box,
        "centroid": lambda trace, blob: blob.fields["centroid"],
        "mask": _mask,
        "vertices": _vertices,
    },
    ("area", "box", "centroid"),
    HINTS,
)


def is_blob(value: Any) -> bool:
    """Tell whether a value is a blob."""
    return isinstance(value, LibraryObject) and value.type is BLOB


def blobs_of(
    trace: Trace, found: vision.Blobs, corners: jax.Array, count: Tensor, width: int
) -> ListValue:
    """Return the list of a picture's blobs.

    Args:
        trace: the present tracing.
        found: the picture's blobs.
        corners: i32[C], of their outlines.
        count: how many of them the list holds, the first ones.
        width: of the picture.
    """
    size = (found.rows.shape[-2], width)

    def one(*parts: jax.Array) -> LibraryObject:
        area, box, centroid, rows, outline = parts
        fields = {
            "area": Tensor(area, INT, True),
            "box": tuple(Tensor(box[side], INT, True) for side in range(4)),
            "centroid": (python_float(centroid[0]), python_float(centroid[1])),
            "rows": Tensor(rows, rows.dtype),
            "corners": Tensor(outline, outline.dtype),
        }
        return LibraryObject(BLOB, fields, size)

    parts = (found.area, found.box, found.centroid, found.rows, corners)
    kind = form_of(one(*(part[0] for part in parts)))
    leaves = jax.vmap(lambda *each: pack(one(*each), kind))(*parts)
    return ListValue([], trace.path, rows=Rows(kind, leaves, count, found.area.shape[0]))
