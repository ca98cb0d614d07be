"""What OpenCV's functions do where a program gives them None instead of an array.

Found by calling OpenCV 5 with None for each array: most raise `cv2.error`, which is a fault of the
program on that path; some take None for an empty array and return something (`countNonZero`), some
end the process (`connectedComponents`). Only the first are here: the rest stay refused, for each
would need a rule of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from jaxcar.program.faults import Fault
from jaxcar.program.trace import Trace
from jaxcar.program.values import Optional

_RAISES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            *("GaussianBlur", "Laplacian", "Sobel", "blur", "cvtColor", "dilate", "erode"),
            *("filter2D", "findNonZero", "inRange", "meanStdDev", "medianBlur", "morphologyEx"),
            *("resize", "bitwise_not"),
        ),
        ("src",),
    ),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor"), ("src1", "src2")),
    **dict.fromkeys(("approxPolyDP", "arcLength"), ("curve",)),
    **dict.fromkeys(("contourArea", "isContourConvex", "pointPolygonTest"), ("contour",)),
    **dict.fromkeys(("convexHull", "minAreaRect", "minEnclosingCircle"), ("points",)),
    # Two pictures that are both None give None: with one that is there, None raises.
    **dict.fromkeys(("absdiff", "add", "addWeighted", "subtract"), ("src1", "src2")),
}
_BOTH_NONE = ("cv2.absdiff", "cv2.add", "cv2.addWeighted", "cv2.subtract")
# These say themselves what they do with None.
_TAKES_NONE = {"cv2.boundingRect": ("array",)}


def present_arguments(
    trace: Trace,
    path: str,
    function: Callable[..., Any],
    arguments: list[Any],
    keywords: dict[str, Any],
) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of a library call without those that may be None, or refuse the call.

    Args:
        trace: the present tracing; None where the library raises for it is a fault on this path.
        path: the function's dotted path.
        function: ours, for the names of its parameters.
        arguments: positional arguments.
        keywords: keyword arguments.
    """
    if not path.startswith(("numpy.", "cv2.")):
        return arguments, keywords
    values = (*arguments, *keywords.values())
    unsure = [value for value in values if isinstance(trace.narrow(value), Optional)]
    if not unsure:
        return arguments, keywords
    bound = inspect.signature(function).bind(trace, *arguments, **keywords)
    names = {name for name, value in bound.arguments.items() if any(value is x for x in unsure)}
    short = path.removeprefix("cv2.")
    raising = set(_RAISES.get(short, ())) if path.startswith("cv2.") else set()
    if len(names & raising) > 1 and path in _BOTH_NONE:
        raising = set()
    if not names <= raising | set(_TAKES_NONE.get(path, ())):
        # Some of NumPy's functions take None for an array of one object.
        trace.refuse(
            "JC404",
            f"`{path.rpartition('.')[2]}` is called with a value that may be None",
            fix="test `is not None` first",
        )

    def there(value: Any) -> Any:
        unsure_here = any(value is x for x in unsure) and path not in _TAKES_NONE
        return trace.present(value, Fault.EXCEPTION) if unsure_here else value

    return [there(x) for x in arguments], {name: there(x) for name, x in keywords.items()}
