"""Vision on one core: microseconds per frame of each operation, beside OpenCV's own.

    python benchmarks/vision.py [--repeats 5] [--out benchmarks/results/vision.json]

1024 frames at once, 64x64 and 96x96: half noise, half tiles. OpenCV is called frame by frame from
Python, with one thread, as a reward program calls it. Freed memory is kept by the process, as one
executable keeps it that holds a whole training loop: fresh pages would cost more than most
operations here.
"""

from __future__ import annotations

from measure import arguments, compiled, keep_freed_memory, report, seconds, use_one_core

use_one_core()

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.vision import Point

BATCH, SIDES = 1024, (64, 96)
_SQUARE = {side: np.ones((side, side), np.uint8) for side in (3, 5, 9)}
_ELLIPSE = vision.structuring_element("ellipse", 5, 5)
_LOW, _HIGH = (20, 50, 50), (90, 255, 255)


class Operation(NamedTuple):
    """One operation: ours on a batch, OpenCV's on a frame, and what of the frames both take."""

    name: str
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    inputs: tuple[str, ...] = ("gray",)


def frames(side: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    colour = rng.integers(0, 256, (BATCH, side // 8, side // 8, 3), np.uint8)
    colour = colour.repeat(8, 1).repeat(8, 2)
    colour[::2] = rng.integers(0, 256, (BATCH // 2, side, side, 3), np.uint8)
    gray = np.ascontiguousarray(colour[..., 1])
    return {"colour": colour, "gray": gray, "other": gray[::-1].copy(), "mask": (gray > 99) * gray}


def in_hues(picture: jax.Array) -> jax.Array:
    hsv = vision.bgr_to_hsv(picture)
    return vision.in_range(hsv, jnp.array(_LOW), jnp.array(_HIGH))


def colours() -> list[Operation]:
    colour = ("colour",)
    return [
        Operation(
            "BGR2HSV", vision.bgr_to_hsv, lambda x: cv2.cvtColor(x, cv2.COLOR_BGR2HSV), colour
        ),
        Operation(
            "BGR2GRAY", vision.bgr_to_gray, lambda x: cv2.cvtColor(x, cv2.COLOR_BGR2GRAY), colour
        ),
        Operation(
            "BGR2YCrCb", vision.bgr_to_ycrcb, lambda x: cv2.cvtColor(x, cv2.COLOR_BGR2YCrCb), colour
        ),
        Operation(
            "BGR2LAB", vision.bgr_to_lab, lambda x: cv2.cvtColor(x, cv2.COLOR_BGR2LAB), colour
        ),
        Operation(
            "HSV2BGR", vision.hsv_to_bgr, lambda x: cv2.cvtColor(x, cv2.COLOR_HSV2BGR), colour
        ),
        Operation(
            "BGR2RGB", vision.swap_red_blue, lambda x: cv2.cvtColor(x, cv2.COLOR_BGR2RGB), colour
        ),
        Operation("GRAY2BGR", vision.gray_to_bgr, lambda x: cv2.cvtColor(x, cv2.COLOR_GRAY2BGR)),
        Operation(
            "HSV + inRange",
            in_hues,
            lambda x: cv2.inRange(cv2.cvtColor(x, cv2.COLOR_BGR2HSV), _LOW, _HIGH),
            colour,
        ),
    ]


def masks() -> list[Operation]:
    two, one = ("gray", "other"), jnp.float32(1)
    return [
        Operation("bitwise_and", vision.bitwise_and, cv2.bitwise_and, two),
        Operation(
            "bitwise_and, mask, 3 channels",
            lambda x, m: vision.bitwise_and(x, x, m, channels=True),
            lambda x, m: cv2.bitwise_and(x, x, mask=m),
            ("colour", "mask"),
        ),
        Operation("bitwise_not", vision.bitwise_not, cv2.bitwise_not),
        Operation("absdiff", vision.absolute_difference, cv2.absdiff, two),
        Operation("add", vision.add, cv2.add, two),
        Operation("subtract", vision.subtract, cv2.subtract, two),
        Operation(
            "addWeighted",
            lambda x, y: vision.add_weighted(x, 0.3 * one, y, 0.7 * one, 3 * one),
            lambda x, y: cv2.addWeighted(x, 0.3, y, 0.7, 3),
            two,
        ),
        Operation(
            "threshold",
            lambda x: vision.threshold(x, jnp.int32(99), jnp.int32(255)),
            lambda x: cv2.threshold(x, 99, 255, cv2.THRESH_BINARY),
        ),
        Operation(
            "Otsu's level", vision.otsu_level, lambda x: cv2.threshold(x, 0, 255, cv2.THRESH_OTSU)
        ),
        Operation(
            "normalize, MINMAX",
            lambda x: vision.stretch(x, jnp.int32(0), jnp.int32(255)),
            lambda x: cv2.normalize(x, None, 0, 255, cv2.NORM_MINMAX),
        ),
    ]


def statistics() -> list[Operation]:
    return [
        Operation("countNonZero", vision.count_nonzero, cv2.countNonZero),
        Operation("mean", vision.mean, cv2.mean, ("colour",)),
        Operation("mean, mask", vision.mean, cv2.mean, ("colour", "mask")),
        Operation("meanStdDev", vision.mean_and_deviation, cv2.meanStdDev, ("colour",)),
        Operation("minMaxLoc", vision.extremes, cv2.minMaxLoc),
        Operation(
            "calcHist", vision.histogram, lambda x: cv2.calcHist([x], [0], None, [256], [0, 256])
        ),
    ]


def morphology() -> list[Operation]:
    operations = [
        Operation(
            f"erode {side}x{side}",
            lambda x, k=kernel: vision.erode(x, k),
            lambda x, k=kernel: cv2.erode(x, k),
        )
        for side, kernel in _SQUARE.items()
    ]
    return [
        *operations,
        Operation(
            "dilate, 3x3 twice",
            lambda x: vision.dilate(x, None, 2),
            lambda x: cv2.dilate(x, None, iterations=2),
        ),
        Operation(
            "erode, ellipse 5x5",
            lambda x: vision.erode(x, _ELLIPSE),
            lambda x: cv2.erode(x, _ELLIPSE),
        ),
        Operation(
            "open 3x3",
            lambda x: vision.morph(x, "open"),
            lambda x: cv2.morphologyEx(x, cv2.MORPH_OPEN, _SQUARE[3]),
        ),
        Operation(
            "close 5x5",
            lambda x: vision.morph(x, "close", _SQUARE[5]),
            lambda x: cv2.morphologyEx(x, cv2.MORPH_CLOSE, _SQUARE[5]),
        ),
        Operation(
            "gradient 3x3",
            lambda x: vision.morph(x, "gradient"),
            lambda x: cv2.morphologyEx(x, cv2.MORPH_GRADIENT, _SQUARE[3]),
        ),
        Operation(
            "erode 3x3, 3 channels",
            lambda x: vision.erode(x, channels=True),
            lambda x: cv2.erode(x, None),
            ("colour",),
        ),
    ]


def filters() -> list[Operation]:
    sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    return [
        Operation("blur 3x3", lambda x: vision.box_blur(x, 3, 3), lambda x: cv2.blur(x, (3, 3))),
        Operation("blur 5x5", lambda x: vision.box_blur(x, 5, 5), lambda x: cv2.blur(x, (5, 5))),
        Operation(
            "GaussianBlur 3x3",
            lambda x: vision.gaussian_blur(x, 3, 3),
            lambda x: cv2.GaussianBlur(x, (3, 3), 0),
        ),
        Operation(
            "GaussianBlur 5x5",
            lambda x: vision.gaussian_blur(x, 5, 5),
            lambda x: cv2.GaussianBlur(x, (5, 5), 0),
        ),
        Operation(
            "GaussianBlur 5x5, 3 channels",
            lambda x: vision.gaussian_blur(x, 5, 5, channels=True),
            lambda x: cv2.GaussianBlur(x, (5, 5), 0),
            ("colour",),
        ),
        Operation(
            "medianBlur 3", lambda x: vision.median_blur(x, 3), lambda x: cv2.medianBlur(x, 3)
        ),
        Operation(
            "medianBlur 5", lambda x: vision.median_blur(x, 5), lambda x: cv2.medianBlur(x, 5)
        ),
        Operation(
            "Sobel x, 16S",
            lambda x: vision.sobel(x, 1, 0, depth="i16"),
            lambda x: cv2.Sobel(x, cv2.CV_16S, 1, 0),
        ),
        Operation(
            "Sobel x, 64F",
            lambda x: vision.sobel(x, 1, 0, depth="f64"),
            lambda x: cv2.Sobel(x, cv2.CV_64F, 1, 0),
        ),
        Operation(
            "Laplacian, 16S",
            lambda x: vision.laplacian(x, depth="i16"),
            lambda x: cv2.Laplacian(x, cv2.CV_16S),
        ),
        Operation("Canny", lambda x: vision.canny(x, 50, 150), lambda x: cv2.Canny(x, 50, 150)),
        Operation(
            "filter2D, sharpen",
            lambda x: vision.filter_2d(x, sharpen),
            lambda x: cv2.filter2D(x, -1, sharpen),
        ),
    ]


def geometry() -> list[Operation]:
    codes = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA}
    resizing = [
        Operation(
            f"resize to {side}, {name}",
            lambda x, s=side, n=name: vision.resize(x, s, s, n),
            lambda x, s=side, c=code: cv2.resize(x, (s, s), interpolation=c),
        )
        for side in (32, 48, 84)
        for name, code in codes.items()
    ]
    return [
        *resizing,
        Operation(
            "resize to 84, linear, 3 channels",
            lambda x: vision.resize(x, 84, 84, channels=True),
            lambda x: cv2.resize(x, (84, 84)),
            ("colour",),
        ),
        Operation(
            "flip",
            lambda x: vision.flip(x, 1, channels=True),
            lambda x: cv2.flip(x, 1),
            ("colour",),
        ),
        Operation(
            "rotate",
            lambda x: vision.rotate(x, "90_clockwise", channels=True),
            lambda x: cv2.rotate(x, cv2.ROTATE_90_CLOCKWISE),
            ("colour",),
        ),
    ]


def painted(figure: Callable[[tuple[int, int]], jax.Array]) -> Callable[[jax.Array], jax.Array]:
    return lambda x: vision.painted(x, figure(x.shape[-2:]), jnp.uint8(7))


def figures() -> list[Operation]:
    methods = {
        "TM_CCORR_NORMED": ("correlation", cv2.TM_CCORR_NORMED),
        "TM_CCOEFF_NORMED": ("coefficient", cv2.TM_CCOEFF_NORMED),
        "TM_SQDIFF_NORMED": ("difference", cv2.TM_SQDIFF_NORMED),
    }
    template = frames(64)["gray"][0, 8:16, 20:28].copy()
    return [
        Operation(
            "rectangle, filled",
            painted(lambda size: vision.rectangle(size, Point(9, 8), Point(40, 30), vision.FILLED)),
            lambda x: cv2.rectangle(x, (9, 8), (40, 30), 7, -1),
        ),
        Operation(
            "circle, filled",
            painted(lambda size: vision.circle(size, Point(30, 20), 15, filled=True)),
            lambda x: cv2.circle(x, (30, 20), 15, 7, -1),
        ),
        Operation(
            "line",
            painted(lambda size: vision.line(size, Point(3, 60), Point(50, 4))[0]),
            lambda x: cv2.line(x, (3, 60), (50, 4), 7),
        ),
        Operation(
            "line, 3 thick",
            painted(lambda size: vision.thick_line(size, Point(3, 60), Point(50, 4), 3)[0]),
            lambda x: cv2.line(x, (3, 60), (50, 4), 7, 3),
        ),
        *(
            Operation(
                f"matchTemplate 8x8, {name}",
                lambda x, m=ours: vision.match_template(x, jnp.asarray(template), m),
                lambda x, m=theirs: cv2.matchTemplate(x, template, m),
            )
            for name, (ours, theirs) in methods.items()
        ),
    ]


def row(operation: Operation, side: int, repeats: int) -> dict[str, Any]:
    inputs = [frames(side)[name] for name in operation.inputs]
    run, compile_s = compiled(operation.ours, *map(jnp.asarray, inputs))
    arrays = [jnp.asarray(value) for value in inputs]
    ours = seconds(lambda: jax.block_until_ready(run(*arrays)), repeats)

    def one_by_one() -> None:
        for items in zip(*inputs, strict=True):
            operation.theirs(*items)

    theirs = seconds(one_by_one, repeats)
    return {
        "operation": operation.name,
        "side": side,
        "us per frame": ours["cpu_s"] / BATCH * 1e6,
        "OpenCV us": theirs["cpu_s"] / BATCH * 1e6,
        "OpenCV / ours": theirs["cpu_s"] / max(ours["cpu_s"], 1e-9),
        "compile s": compile_s,
    }


def main() -> None:
    options = arguments(__doc__)
    keep_freed_memory()
    cv2.setNumThreads(1)
    groups = (colours, masks, statistics, morphology, filters, geometry, figures)
    rows = [
        row(operation, side, options.repeats)
        for side in SIDES
        for group in groups
        for operation in group()
    ]
    report(f"vision, batch {BATCH}, one core, OpenCV {cv2.__version__}", rows, options)


if __name__ == "__main__":
    main()
