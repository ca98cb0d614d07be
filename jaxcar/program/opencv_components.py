"""Connected components as programs see them: cv2.connectedComponents and ...WithStats."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.program.faults import Fault
from jaxcar.program.opencv_constants import CONSTANTS
from jaxcar.program.opencv_contours import INT32, small_mask
from jaxcar.program.registry import library
from jaxcar.program.tensors import FLOAT, INT, Selected, Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_static_number


@library("cv2.connectedComponents")
def connected_components(
    trace: Trace, image: Any, labels: Any = None, connectivity: Any = 8, ltype: Any = 4
) -> Any:
    """Label the components of a mask: how many labels, and the labels i32[H, W]."""
    found = _found(trace, "connectedComponents", image, (labels,), connectivity, ltype)
    return _count(trace, found), _labels(trace, found)


@library("cv2.connectedComponentsWithStats")
def connected_components_with_stats(
    trace: Trace,
    image: Any,
    labels: Any = None,
    stats: Any = None,
    centroids: Any = None,
    connectivity: Any = 8,
    ltype: Any = 4,
) -> Any:
    """Label the components of a mask: count, labels, boxes with areas, centres."""
    name = "connectedComponentsWithStats"
    found = _found(trace, name, image, (labels, stats, centroids), connectivity, ltype)
    count = _count(trace, found)
    rows = found.stats.shape[0]
    mask = jnp.arange(rows, dtype=jnp.int32) < found.count
    wide = jax.dtypes.canonicalize_dtype(FLOAT)
    centres = jax.lax.convert_element_type(found.centroids, wide)
    assert count.bounds is not None
    return (
        count,
        _labels(trace, found),
        Selected(Tensor(found.stats, INT32), mask, count.bounds, packed=True),
        Selected(Tensor(centres, FLOAT), mask, count.bounds, packed=True),
    )


def _found(
    trace: Trace, name: str, image: Any, written: tuple[Any, ...], connectivity: Any, ltype: Any
) -> vision.Components:
    mask = small_mask(trace, image, name)
    # OpenCV looks at no number that stands where an array for the result may stand.
    if not all(x is None or is_static_number(x) for x in written):
        trace.refuse(
            "JC403",
            f"cv2.{name} takes no array for its results here",
            fix="take what it returns: n, labels = cv2.connectedComponents(mask)"
            if name == "connectedComponents"
            else f"take what it returns: n, labels, stats, centroids = cv2.{name}(mask)",
        )
    whole = all(isinstance(x, (int, np.integer)) for x in (connectivity, ltype))
    if not whole or int(connectivity) not in (4, 8) or int(ltype) != CONSTANTS["cv2.CV_32S"]:
        trace.refuse(
            "JC403",
            f"cv2.{name} takes connectivity 4 or 8, and labels of cv2.CV_32S",
            fix=f"write cv2.{name}(mask, connectivity=8)",
        )
    found = vision.connected_components(mask, int(connectivity), components=trace.limits.contours)
    trace.raise_where(Fault.CAPACITY_LIMIT, found.overflow)
    return found


def _count(trace: Trace, found: vision.Components) -> Tensor:
    return Tensor(found.count, INT, True, (1, trace.limits.contours + 1))


def _labels(trace: Trace, found: vision.Components) -> Tensor:
    return Tensor(found.labels, INT32, False, (0, trace.limits.contours))
