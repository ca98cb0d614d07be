"""Operations that work pixel by pixel, or add pixels up: colour, masks, thresholds, statistics."""

import cv2
import numpy as np

from jaxcar import vision
from vision_cases.case import Case

COLOUR, MASKED = ("colour",), ("plane", "mask")
_LOW, _HIGH = np.array([10, 0, 50]), np.array([200, 255, 120])


def _converted(operation, code, ours, inputs=COLOUR):
    number = getattr(cv2, code)
    call = f"cv2.cvtColor({inputs[0]}, cv2.{code})"
    return Case(operation, call, ours, lambda x: cv2.cvtColor(x, number), inputs)


CONVERSIONS = [
    _converted("bgr_to_hsv", "COLOR_BGR2HSV", vision.bgr_to_hsv),
    _converted("bgr_to_hsv", "COLOR_BGR2HSV_FULL", lambda x: vision.bgr_to_hsv(x, full=True)),
    _converted("bgr_to_gray", "COLOR_BGR2GRAY", vision.bgr_to_gray),
    _converted("bgr_to_ycrcb", "COLOR_BGR2YCrCb", vision.bgr_to_ycrcb),
    _converted("bgr_to_lab", "COLOR_BGR2LAB", vision.bgr_to_lab),
    _converted("hsv_to_bgr", "COLOR_HSV2BGR", vision.hsv_to_bgr),
    _converted("swap_red_blue", "COLOR_BGR2RGB", vision.swap_red_blue),
]
COLOURS = [
    *CONVERSIONS,
    _converted("gray_to_bgr", "COLOR_GRAY2BGR", vision.gray_to_bgr, ("plane",)),
    Case(
        "in_range",
        "cv2.inRange(colour, (10, 0, 50), (200, 255, 120))",
        lambda x: vision.in_range(x, _LOW, _HIGH),
        lambda x: cv2.inRange(x, _LOW, _HIGH),
        COLOUR,
    ),
    Case(
        "in_range",
        "cv2.inRange(plane, 10, 99)",
        lambda x: vision.in_range(x, np.int32(10), np.int32(99)),
        lambda x: cv2.inRange(x, 10, 99),
    ),
    Case(
        "absolute_difference",
        "cv2.absdiff(colour, other)",
        vision.absolute_difference,
        cv2.absdiff,
        ("colour", "other_colour"),
    ),
]


def _bitwise(name):
    ours, theirs = getattr(vision, name), getattr(cv2, name)
    return [
        Case(name, f"cv2.{name}(plane, other)", ours, theirs, ("plane", "other")),
        Case(
            name,
            f"cv2.{name}(plane, other, mask=mask)",
            ours,
            lambda x, y, m: theirs(x, y, mask=m),
            ("plane", "other", "mask"),
        ),
        Case(
            name,
            f"cv2.{name}(colour, other, mask=mask)",
            lambda x, y, m: ours(x, y, m, channels=True),
            lambda x, y, m: theirs(x, y, mask=m),
            ("colour", "other_colour", "mask"),
        ),
    ]


def _sums(name):
    ours, theirs = getattr(vision, name), getattr(cv2, name)
    scalar = np.array([10, 20, -30], np.int32)
    return [
        Case(name, f"cv2.{name}(colour, other)", ours, theirs, ("colour", "other_colour")),
        *(
            Case(
                name,
                f"cv2.{name}(plane, ({number},))",
                lambda x, n=number: ours(x, np.int32(n)),
                lambda x, n=number: theirs(x, (n, n, n, n)),
            )
            for number in (10, -3, 300)
        ),
        Case(
            name,
            f"cv2.{name}(colour, (10, 20, -30, 0))",
            lambda x: ours(x, scalar),
            lambda x: theirs(x, (10, 20, -30, 0)),
            COLOUR,
        ),
    ]


def _stretched(low, high):
    return Case(
        "stretch",
        f"cv2.normalize(plane, None, {low}, {high}, cv2.NORM_MINMAX)",
        lambda x: vision.stretch(x // 2 + 20, low, high),
        lambda x: cv2.normalize(x // 2 + 20, None, low, high, cv2.NORM_MINMAX),
    )


def _blended(x, y, weights):
    alpha, beta, gamma = weights.tolist()
    return cv2.addWeighted(x, alpha, y, beta, gamma)


def _blend(x, y, weights):
    alpha, beta, gamma = (weights[..., i, None, None] for i in range(3))
    return vision.add_weighted(x, alpha, y, beta, gamma)


MASKS = [
    *(case for name in ("and", "or", "xor") for case in _bitwise(f"bitwise_{name}")),
    Case("bitwise_not", "cv2.bitwise_not(plane)", vision.bitwise_not, cv2.bitwise_not),
    Case(
        "bitwise_not",
        "cv2.bitwise_not(plane, mask=mask)",
        vision.bitwise_not,
        lambda x, m: cv2.bitwise_not(x, mask=m),
        MASKED,
    ),
    Case("split", "cv2.split(colour)", vision.split, lambda x: tuple(cv2.split(x)), COLOUR),
    Case(
        "merge",
        "cv2.merge([plane, other, mask])",
        lambda *planes: vision.merge(planes),
        lambda *planes: cv2.merge(planes),
        ("plane", "other", "mask"),
    ),
    *(case for name in ("add", "subtract") for case in _sums(name)),
    Case(
        "add_weighted",
        "cv2.addWeighted(plane, alpha, other, beta, gamma)",
        _blend,
        _blended,
        ("plane", "other", "weights"),
    ),
    *(_stretched(low, high) for low, high in ((0, 255), (10, 99), (0, 1), (200, 3))),
]

_KINDS = {
    "binary": "THRESH_BINARY",
    "binary_inverse": "THRESH_BINARY_INV",
    "truncate": "THRESH_TRUNC",
    "to_zero": "THRESH_TOZERO",
    "to_zero_inverse": "THRESH_TOZERO_INV",
}


def _threshold(kind, code):
    number = getattr(cv2, code)

    def ours(x, level, maximum):
        return vision.threshold(x, level[..., None, None], maximum[..., None, None], kind)

    return Case(
        "threshold",
        f"cv2.threshold(plane, level, maximum, cv2.{code})",
        ours,
        lambda x, level, maximum: cv2.threshold(x, int(level), int(maximum), number)[1],
        ("plane", "level", "maximum"),
    )


def _counted(x, mask=None, bins=256, low=0, high=256):
    counts = cv2.calcHist([x], [0], mask, [bins], [low, high])
    return counts.ravel().astype(np.int32)


def _binned(bins, low, high):
    return Case(
        "binned",
        f"cv2.calcHist([plane], [0], None, [{bins}], [{low}, {high}])",
        lambda x: vision.binned(vision.histogram(x), bins, low, high),
        lambda x: _counted(x, None, bins, low, high),
    )


THRESHOLDS = [
    *(_threshold(kind, code) for kind, code in _KINDS.items()),
    Case(
        "otsu_level",
        "cv2.threshold(plane, 0, 255, cv2.THRESH_OTSU)[0]",
        vision.otsu_level,
        lambda x: np.int32(cv2.threshold(x, 0, 255, cv2.THRESH_OTSU)[0]),
    ),
    Case(
        "histogram",
        "cv2.calcHist([plane], [0], None, [256], [0, 256])",
        vision.histogram,
        _counted,
    ),
    Case(
        "histogram",
        "cv2.calcHist([plane], [0], mask, [256], [0, 256])",
        vision.histogram,
        _counted,
        MASKED,
    ),
    *(
        _binned(*bins)
        for bins in ((16, 0, 256), (8, 0, 256), (10, 0, 256), (7, 20, 201), (180, 0, 180))
    ),
]


def _spread(x, mask=None):
    return tuple(part[:, 0] for part in cv2.meanStdDev(x, mask=mask))


def _extremes(x, mask=None):
    smallest, greatest, *places = cv2.minMaxLoc(x, mask)
    return np.uint8(smallest), np.uint8(greatest), *(np.array(at, np.int32) for at in places)


STATISTICS = [
    Case(
        "count_nonzero",
        "cv2.countNonZero(plane)",
        vision.count_nonzero,
        lambda x: np.int32(cv2.countNonZero(x)),
    ),
    Case(
        "totals",
        "cv2.sumElems(colour)",
        vision.totals,
        lambda x: np.array(cv2.sumElems(x)[:3], np.int32),
        COLOUR,
    ),
    Case("mean", "cv2.mean(colour)", vision.mean, lambda x: np.array(cv2.mean(x)), COLOUR),
    Case(
        "mean",
        "cv2.mean(colour, mask)",
        vision.mean,
        lambda x, m: np.array(cv2.mean(x, m)),
        ("colour", "mask"),
    ),
    Case(
        "mean_and_deviation", "cv2.meanStdDev(colour)", vision.mean_and_deviation, _spread, COLOUR
    ),
    Case(
        "mean_and_deviation",
        "cv2.meanStdDev(colour, mask=mask)",
        vision.mean_and_deviation,
        _spread,
        ("colour", "mask"),
    ),
    Case("extremes", "cv2.minMaxLoc(plane)", vision.extremes, _extremes),
    Case("extremes", "cv2.minMaxLoc(plane, mask)", vision.extremes, _extremes, MASKED),
]
