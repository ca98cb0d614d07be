"""One operation beside OpenCV's: what both are given, and how far apart their results may be."""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import jax
import numpy as np

# With one thread, Canny of OpenCV 5.0.0 now and then writes past its memory and ends the process.
cv2.setNumThreads(2)


class Case(NamedTuple):
    """One operation with its arguments.

    `ours` takes the inputs of a whole batch; `theirs` those of one picture (or contour), and
    returns arrays of the same shapes and dtypes. `tolerance` bounds the error: absolute, or, with
    `scale`, as a share of what `scale` makes of OpenCV's results. With `bounded`, the first result
    says that a picture exceeds the bounds; then all others are 0.
    """

    operation: str
    call: str
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    inputs: tuple[str, ...] = ("plane",)
    tolerance: float = 0.0
    scale: Callable[[list[np.ndarray]], list[np.ndarray]] | None = None
    bounded: bool = False


class Measured(NamedTuple):
    """What was found: how many were compared, the greatest errors, the share of unequal numbers."""

    count: int
    absolute: float = 0.0
    relative: float = 0.0
    scaled: float = 0.0
    unequal: float = 0.0

    def error(self, case: Case) -> float:
        """Return what the case's tolerance bounds."""
        return self.scaled if case.scale else self.absolute


def wanted(case: Case, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Call OpenCV on one picture after the other; stack each part of its results."""
    arrays = [inputs[name] for name in case.inputs]
    results = [jax.tree.leaves(case.theirs(*items)) for items in zip(*arrays, strict=True)]
    return [np.stack(parts) for parts in zip(*results, strict=True)]


def measured(case: Case, found: Any, expected: list[np.ndarray]) -> Measured:
    """Compare ours with OpenCV's; shapes and dtypes have to be equal.

    Relative errors are those of numbers that are not 0 in OpenCV's results.
    """
    found = [np.asarray(leaf) for leaf in jax.tree.leaves(found)]
    assert [leaf.shape for leaf in found] == [leaf.shape for leaf in expected], case.call
    assert [leaf.dtype for leaf in found] == [leaf.dtype for leaf in expected], case.call
    if all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True)):
        return Measured(len(expected[0]))
    errors = [np.abs(a.astype(float) - b) for a, b in zip(found, expected, strict=True)]
    sizes = [np.abs(leaf.astype(float)) for leaf in expected]
    pairs = list(zip(errors, sizes, strict=True))
    scaled = []
    for error, scale in zip(errors, case.scale(expected) if case.scale else [], strict=False):
        assert (scale[error > 0] > 0).all(), f"{case.call}: an error where nothing may err"
        scaled.append(error[error > 0] / scale[error > 0])
    return Measured(
        len(expected[0]),
        _greatest(errors),
        _greatest([error[size > 0] / size[size > 0] for error, size in pairs]),
        _greatest(scaled),
        sum(int((e > 0).sum()) for e in errors) / sum(e.size for e in errors),
    )


def _greatest(parts: list[np.ndarray]) -> float:
    """Return the greatest number of all; nan where there is one, which no tolerance allows."""
    return max((float(np.max(part)) for part in parts if part.size), default=0.0)


def compare(
    case: Case, inputs: dict[str, np.ndarray], run: Callable[..., Any] | None = None
) -> Measured:
    """Run both and compare; raise where ours is not within the case's tolerance.

    Args:
        case: the operation.
        inputs: arrays by name, one entry for each picture or contour.
        run: `case.ours`, compiled in some way; by default under `jax.jit`.
    """
    found = (run or jax.jit(case.ours))(*(inputs[name] for name in case.inputs))
    result = measured(case, found, wanted(case, inputs))
    error = result.error(case)
    assert error <= case.tolerance, f"{case.call}: {error} is more than {case.tolerance}"
    return result
