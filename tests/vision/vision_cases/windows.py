"""Operations that look at a window around each pixel: morphology and filters."""

import cv2
import numpy as np

from jaxcar import vision
from vision_cases.case import Case

COLOUR = ("colour",)
RAGGED = (np.random.default_rng(3).random((4, 5)) < 0.4).astype(np.uint8)
ELEMENTS = {
    "rectangle": cv2.MORPH_RECT,
    "cross": cv2.MORPH_CROSS,
    "ellipse": cv2.MORPH_ELLIPSE,
}
_ELLIPSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 5))
_KERNELS = {
    "None": (None, 1),
    "np.ones((3, 3))": (np.ones((3, 3), np.uint8), 2),
    "np.ones((5, 5))": (np.ones((5, 5), np.uint8), 1),
    "np.ones((2, 9))": (np.ones((2, 9), np.uint8), 1),
    "np.ones((1, 4))": (np.ones((1, 4), np.uint8), 3),
    "no turn": (None, 0),
    "cross of 5x5": (cv2.getStructuringElement(cv2.MORPH_CROSS, (5, 5)), 1),
    "ellipse of 7x5": (_ELLIPSE, 2),
    "ragged": (RAGGED, 1),
}
_OPERATIONS = {
    "erode": "MORPH_ERODE",
    "dilate": "MORPH_DILATE",
    "open": "MORPH_OPEN",
    "close": "MORPH_CLOSE",
    "gradient": "MORPH_GRADIENT",
    "top_hat": "MORPH_TOPHAT",
    "black_hat": "MORPH_BLACKHAT",
}


def _with_kernel(name, label, kernel, times):
    ours, theirs = getattr(vision, name), getattr(cv2, name)
    return Case(
        name,
        f"cv2.{name}(plane, {label}, iterations={times})",
        lambda x: ours(x, kernel, times),
        lambda x: theirs(x, kernel, iterations=times),
    )


def _morphed(name, label, kernel, times):
    number = getattr(cv2, _OPERATIONS[name])
    return Case(
        "morph",
        f"cv2.morphologyEx(plane, cv2.{_OPERATIONS[name]}, {label}, iterations={times})",
        lambda x: vision.morph(x, name, kernel, times),
        lambda x: cv2.morphologyEx(x, number, kernel, iterations=times),
    )


def _eroded_channels(side):
    kernel = np.ones((side, side), np.uint8)
    return Case(
        "erode",
        f"cv2.erode(colour, np.ones(({side}, {side})))",
        lambda x: vision.erode(x, kernel, channels=True),
        lambda x: cv2.erode(x, kernel),
        COLOUR,
    )


MORPHOLOGY = [
    *(
        _with_kernel(name, label, kernel, times)
        for name in ("erode", "dilate")
        for label, (kernel, times) in _KERNELS.items()
    ),
    *(
        _morphed(name, label, kernel, times)
        for name in _OPERATIONS
        for label, kernel, times in (
            ("np.ones((3, 3))", np.ones((3, 3), np.uint8), 1),
            ("ellipse of 7x5", _ELLIPSE, 2),
        )
    ),
    *(_eroded_channels(side) for side in (3, 9)),
    Case(
        "morph",
        "cv2.morphologyEx(colour, cv2.MORPH_OPEN, ragged)",
        lambda x: vision.morph(x, "open", RAGGED, channels=True),
        lambda x: cv2.morphologyEx(x, cv2.MORPH_OPEN, RAGGED),
        COLOUR,
    ),
]


def _box(width, height, channels=False):
    return Case(
        "box_blur",
        f"cv2.blur({'colour' if channels else 'plane'}, ({width}, {height}))",
        lambda x: vision.box_blur(x, width, height, channels=channels),
        lambda x: cv2.blur(x, (width, height)),
        COLOUR if channels else ("plane",),
    )


def _gaussian(size, sigmas, channels=False):
    return Case(
        "gaussian_blur",
        f"cv2.GaussianBlur({'colour' if channels else 'plane'}, {size}, {sigmas[0]},"
        f" sigmaY={sigmas[1]})",
        lambda x: vision.gaussian_blur(x, *size, *sigmas, channels=channels),
        lambda x: cv2.GaussianBlur(x, size, sigmas[0], sigmaY=sigmas[1]),
        COLOUR if channels else ("plane",),
    )


def _median(side, channels=False):
    return Case(
        "median_blur",
        f"cv2.medianBlur({'colour' if channels else 'plane'}, {side})",
        lambda x: vision.median_blur(x, side, channels=channels),
        lambda x: cv2.medianBlur(x, side),
        COLOUR if channels else ("plane",),
    )


_DEPTHS = {"u8": "CV_8U", "i16": "CV_16S", "f32": "CV_32F", "f64": "CV_64F"}
_ORDERS = [(1, 0), (0, 1), (1, 1), (2, 0), (0, 2)]


def _sobel(order, side, depth):
    number = getattr(cv2, _DEPTHS[depth])
    return Case(
        "sobel",
        f"cv2.Sobel(plane, cv2.{_DEPTHS[depth]}, {order[0]}, {order[1]}, ksize={side})",
        lambda x: vision.sobel(x, *order, side, depth),
        lambda x: cv2.Sobel(x, number, *order, ksize=side),
    )


def _laplacian(side, depth):
    number = getattr(cv2, _DEPTHS[depth])
    return Case(
        "laplacian",
        f"cv2.Laplacian(plane, cv2.{_DEPTHS[depth]}, ksize={side})",
        lambda x: vision.laplacian(x, side, depth),
        lambda x: cv2.Laplacian(x, number, ksize=side),
    )


_KERNELS_2D = {
    "[[0, -1, 0], [-1, 5, -1], [0, -1, 0]]": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "np.ones((3, 3)) / 9": np.ones((3, 3)) / 9,
    "np.ones((5, 5)) / 25": np.ones((5, 5)) / 25,
    "normal numbers, 4x3": np.random.default_rng(0).normal(size=(4, 3)),
    "np.array([[-1, 0, 1]]) / 8": np.array([[-1, 0, 1]]) / 8,
}


def _filtered(label, kernel, channels):
    return Case(
        "filter_2d",
        f"cv2.filter2D({'colour' if channels else 'plane'}, -1, {label})",
        lambda x: vision.filter_2d(x, kernel, channels=channels),
        lambda x: cv2.filter2D(x, -1, kernel),
        COLOUR if channels else ("plane",),
    )


def _canny(low, high, side, squared, smooth=False):
    def wanted(x):
        x = cv2.GaussianBlur(x, (5, 5), 0) if smooth else x
        return cv2.Canny(x, low, high, apertureSize=side, L2gradient=squared)

    def ours(x):
        x = vision.gaussian_blur(x, 5, 5) if smooth else x
        return vision.canny(x, low, high, side, squared=squared)

    given = "GaussianBlur(plane)" if smooth else "plane"
    call = f"cv2.Canny({given}, {low}, {high}, apertureSize={side}, L2gradient={squared})"
    return Case("canny", call, ours, wanted)


_GAUSSIANS = [
    ((3, 3), (0, 0)),
    ((5, 5), (0, 0)),
    ((7, 9), (0, 0)),
    ((15, 11), (0, 0)),
    ((5, 5), (1.4, 0)),
    ((3, 7), (0.8, 2.5)),
    ((0, 0), (1.5, 0)),
]
FILTERS = [
    *(_box(*box) for box in ((3, 3), (5, 5), (2, 2), (4, 3), (8, 2), (17, 17), (7, 1))),
    _box(3, 5, channels=True),
    *(_gaussian(size, sigmas) for size, sigmas in _GAUSSIANS),
    _gaussian((5, 5), (0, 0), channels=True),
    *(_median(side) for side in (3, 5, 1)),
    _median(3, channels=True),
    *(
        _sobel(order, side, depth)
        for side in (3, -1, 1, 5, 7)
        for order, depth in zip(_ORDERS, [*_DEPTHS, "i16"], strict=True)
        if side != -1 or sum(order) == 1
    ),
    *(_laplacian(side, depth) for depth in _DEPTHS for side in (1, 3, 5)),
    *(_filtered(label, kernel, False) for label, kernel in _KERNELS_2D.items()),
    *(_filtered(label, kernel, True) for label, kernel in _KERNELS_2D.items()),
    *(_canny(50, 150, 3, False, smooth) for smooth in (False, True)),
    *(_canny(200, 100, 3, True, smooth) for smooth in (False, True)),
    _canny(30.5, 60.9, 3, False, smooth=True),
    _canny(200, 900, 5, True, smooth=True),
]
