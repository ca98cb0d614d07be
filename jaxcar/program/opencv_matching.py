"""`cv2.matchTemplate`, whose results OpenCV itself knows only to some error."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar import vision
from jaxcar.program.opencv_arguments import (
    is_colour,
    leave_out,
    made,
    picture,
    refuse_argument,
    whole,
)
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.uncertainty import remember_error

_METHODS: dict[int, Any] = {1: "difference", 3: "correlation", 5: "coefficient"}
_MOST = 33_025  # elements of a template whose sums fit 32 bits


@library("cv2.matchTemplate")
def match_template(
    trace: Trace, image: Any, templ: Any, method: Any, result: Any = None, mask: Any = None
) -> Any:
    """Compare a template with every window of a picture; float32."""
    name = "matchTemplate"
    leave_out(trace, name, result=(result, None), mask=(mask, None))
    given, template = (picture(trace, value, name) for value in (image, templ))
    code = whole(trace, name, "method", method)
    if code not in _METHODS:
        fix = "use cv2.TM_CCOEFF_NORMED, TM_CCORR_NORMED or TM_SQDIFF_NORMED"
        refuse_argument(trace, name, "method", code, fix)
    if given.ndim != template.ndim or given.shape[2:] != template.shape[2:]:
        trace.refuse(
            "JC405",
            f"cv2.matchTemplate of shapes {given.shape} and {template.shape}: OpenCV raises "
            "cv2.error",
            fix="convert both to grey, or neither",
        )
    fits = all(a <= b for a, b in zip(template.shape[:2], given.shape[:2], strict=True))
    if not fits or template.value.size > _MOST:
        refuse_argument(trace, name, "templ", templ, "give a smaller part of the picture")
    planes, parts = (
        vision.split(x.value) if is_colour(x) else (x.value,) for x in (given, template)
    )
    found = vision.matches(planes, parts, _METHODS[code])
    scores = made(found.values, np.float32)
    remember_error(scores, found.errors)
    return scores
