"""What `jaxcar.vision` refuses: no exact answer exists, or none that is worth its price."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from jaxcar import vision

_PLANE = np.zeros((4, 4), np.uint8)


class Refusal(NamedTuple):
    """A call, a word of what is said of it, and why there is no answer."""

    call: str
    refused: Callable[[], Any]
    said: str
    why: str


REFUSALS = [
    Refusal(
        "box_blur(plane, 2, 1)",
        lambda: vision.box_blur(_PLANE, 2, 1),
        "a blur over two pixels",
        "OpenCV's own answer differs by processor",
    ),
    Refusal(
        "gaussian_blur(plane, 4, 4)",
        lambda: vision.gaussian_blur(_PLANE, 4, 4),
        "a Gaussian of even size",
        "OpenCV raises",
    ),
    Refusal(
        "median_blur(plane, 7)",
        lambda: vision.median_blur(_PLANE, 7),
        "a median over large squares",
        "too many comparisons: sides 1, 3 and 5 are there",
    ),
    Refusal(
        "sobel(plane, 1, 0, 4)",
        lambda: vision.sobel(_PLANE, 1, 0, 4),
        "a derivative of unknown size",
        "OpenCV raises; sides -1, 1, 3, 5 and 7 are there",
    ),
    Refusal(
        "sobel(plane, 0, 0)",
        lambda: vision.sobel(_PLANE, 0, 0),
        "derivatives that the size cannot give",
        "OpenCV raises",
    ),
    Refusal(
        "sobel(plane, 3, 0)",
        lambda: vision.sobel(_PLANE, 3, 0),
        "derivatives that the size cannot give",
        "OpenCV raises: three pixels have no third derivative",
    ),
    Refusal(
        "laplacian(plane, 9)",
        lambda: vision.laplacian(_PLANE, 9),
        "a derivative of unknown size",
        "sides 1, 3, 5 and 7 are there",
    ),
    Refusal(
        "filter_2d(plane, np.ones((12, 12)))",
        lambda: vision.filter_2d(_PLANE, np.ones((12, 12))),
        "a kernel too large",
        "OpenCV goes over to Fourier space, whose rounding is its own",
    ),
    Refusal(
        "canny(plane, 50, 150, 7)",
        lambda: vision.canny(_PLANE, 50, 150, 7),
        "edges by derivatives of another size",
        "sides 3 and 5 are there",
    ),
    Refusal(
        "erode(plane, np.zeros((3, 3)))",
        lambda: vision.erode(_PLANE, np.zeros((3, 3))),
        "kernel of zeros",
        "no pixel to choose from",
    ),
    Refusal(
        "crop(plane, 0, 0, 10, 2)",
        lambda: vision.crop(_PLANE, 0, 0, 10, 2),
        "larger than the picture",
        "there is no such window",
    ),
    Refusal(
        "match_template(plane, template of 5x4, ...)",
        lambda: vision.match_template(_PLANE, np.zeros((5, 4), np.uint8), "difference"),
        "template too large",
        "OpenCV then looks for the picture in the template",
    ),
    Refusal(
        'find_contours(plane, "floodfill")',
        lambda: vision.find_contours(_PLANE, "floodfill"),
        "floodfill",
        "modes external, list, tree and ccomp are there, and methods simple and none",
    ),
    Refusal(
        "connected_components(plane, 6)",
        lambda: vision.connected_components(_PLANE, 6),
        "connectivity 6",
        "there are 4 and 8",
    ),
]
