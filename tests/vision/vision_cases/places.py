"""Operations that move pixels, draw figures or search: geometry, drawing, matching."""

import functools

import cv2
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.vision import FILLED, Point
from vision_cases.case import Case

COLOUR = ("colour",)
INTERPOLATIONS = {"nearest": "INTER_NEAREST", "linear": "INTER_LINEAR", "area": "INTER_AREA"}
_TURNS = {
    "90_clockwise": "ROTATE_90_CLOCKWISE",
    "180": "ROTATE_180",
    "90_counterclockwise": "ROTATE_90_COUNTERCLOCKWISE",
}
_BORDERS = {
    "constant": "BORDER_CONSTANT",
    "replicate": "BORDER_REPLICATE",
    "reflect": "BORDER_REFLECT",
    "reflect_101": "BORDER_REFLECT_101",
    "wrap": "BORDER_WRAP",
}


def _kind(channels):
    """Return the name of a picture with channels, or of one without."""
    return "colour" if channels else "plane"


def _resized(target, name, channels=False):
    number = getattr(cv2, INTERPOLATIONS[name])
    return Case(
        "resize",
        f"cv2.resize({_kind(channels)}, {target}, interpolation=cv2.{INTERPOLATIONS[name]})",
        lambda x: vision.resize(x, *target, name, channels=channels),
        lambda x: cv2.resize(x, target, interpolation=number),
        (_kind(channels),),
    )


def _flipped(code, channels):
    return Case(
        "flip",
        f"cv2.flip({_kind(channels)}, {code})",
        lambda x: vision.flip(x, code, channels=channels),
        lambda x: cv2.flip(x, code),
        (_kind(channels),),
    )


def _turned(turn, channels):
    number = getattr(cv2, _TURNS[turn])
    return Case(
        "rotate",
        f"cv2.rotate({_kind(channels)}, cv2.{_TURNS[turn]})",
        lambda x: vision.rotate(x, turn, channels=channels),
        lambda x: cv2.rotate(x, number),
        (_kind(channels),),
    )


def _bordered(border, channels):
    number = getattr(cv2, _BORDERS[border])
    value = np.array([7, 8, 9], np.uint8) if channels else 0
    rim = (2, 3, 1, 4)
    return Case(
        "add_border",
        f"cv2.copyMakeBorder({_kind(channels)}, 2, 3, 1, 4, cv2.{_BORDERS[border]}"
        f"{', value=(7, 8, 9)' if channels else ''})",
        lambda x: vision.add_border(x, *rim, border, value, channels=channels),
        lambda x: cv2.copyMakeBorder(x, *rim, number, value=(7, 8, 9) if channels else 0),
        (_kind(channels),),
    )


GEOMETRY = [
    *(
        _resized(target, name)
        for name in INTERPOLATIONS
        for target in ((8, 8), (32, 32), (13, 40), (84, 84))
    ),
    *(_resized((84, 84), name, channels=True) for name in INTERPOLATIONS),
    *(_flipped(code, channels) for channels in (True, False) for code in (0, 1, -1)),
    *(_turned(turn, channels) for channels in (True, False) for turn in _TURNS),
    Case(
        "crop",
        "colour[4:7, 1:3]",
        lambda x: vision.crop(x, 4, 1, 3, 2, channels=True),
        lambda x: x[4:7, 1:3],
        COLOUR,
    ),
    *(_bordered(border, channels) for channels in (True, False) for border in _BORDERS),
]


def _corners(figure):
    """Return two points of i32[..., 4]."""
    x, y, u, v = (figure[..., i] for i in range(4))
    return Point(x, y), Point(u, v)


def _shown(operation, thickness, call, theirs, ours, inputs=("plane", "figure")):
    """Draw on a plane in the colour 9."""

    def wanted(picture, figure):
        return theirs(picture.copy(), figure.tolist(), thickness)

    def drawn(picture, figure):
        mask = ours(picture.shape[-2:], figure, thickness)
        return vision.painted(picture, mask, jnp.uint8(9))

    return Case(operation, call, drawn, wanted, inputs)


def _rectangle(thickness):
    return _shown(
        "rectangle",
        thickness,
        f"cv2.rectangle(plane, (x, y), (u, v), 9, {thickness})",
        lambda x, r, n: cv2.rectangle(x, r[:2], r[2:], 9, n),
        lambda size, r, n: vision.rectangle(size, *_corners(r), n),
    )


def _circle(thickness):
    return _shown(
        "circle",
        thickness,
        f"cv2.circle(plane, (x, y), radius, 9, {thickness})",
        lambda x, r, n: cv2.circle(x, r[:2], abs(r[2]), 9, n),
        lambda size, r, n: vision.circle(
            size, _corners(r)[0], jnp.abs(r[..., 2]), filled=n == FILLED
        ),
    )


def _thick_line(thickness):
    return _shown(
        "thick_line",
        thickness,
        f"cv2.line(plane, (x, y), (u, v), 9, {thickness}), both ends in the picture",
        lambda x, r, n: cv2.line(x, r[:2], r[2:], 9, n),
        lambda size, r, n: vision.thick_line(size, *_corners(r), n)[0],
        ("plane", "segment"),
    )


def _painted(picture, figure):
    mask = vision.rectangle(picture.shape[-3:-1], *_corners(figure), FILLED)
    return vision.painted(picture, mask, np.array([1, 2, 3], np.uint8), channels=True)


def _found_again(method, picture):
    planes = vision.split(picture)
    return vision.matches(planes, [plane[..., 3:9, 2:7] for plane in planes], method).values


def _found_by_opencv(number, picture):
    return cv2.matchTemplate(picture, np.ascontiguousarray(picture[3:9, 2:7]), number)


def _template_case(method, code, call, inputs, cut=lambda x: x):
    number = getattr(cv2, code)
    return Case(
        "match_template",
        call.format(code=code),
        lambda x, t: vision.match_template(x, cut(t), method),
        lambda x, t: cv2.matchTemplate(x, np.ascontiguousarray(cut(t)), number),
        inputs,
        tolerance=1e-3,
    )


DRAWING = [
    *(_rectangle(thickness) for thickness in (FILLED, 1, 2, 3, 4, 5, 8)),
    *(_circle(thickness) for thickness in (FILLED, 1)),
    _shown(
        "line",
        1,
        "cv2.line(plane, (x, y), (u, v), 9), both ends in the picture",
        lambda x, r, n: cv2.line(x, r[:2], r[2:], 9, n),
        lambda size, r, n: vision.line(size, *_corners(r))[0],
        ("plane", "segment"),
    ),
    *(_thick_line(thickness) for thickness in (2, 3, 5, 8)),
    Case(
        "painted",
        "cv2.rectangle(colour, (x, y), (u, v), (1, 2, 3), -1)",
        _painted,
        lambda x, r: cv2.rectangle(x.copy(), r[:2].tolist(), r[2:].tolist(), (1, 2, 3), -1),
        ("colour", "figure"),
    ),
]

METHODS = {
    "correlation": "TM_CCORR_NORMED",
    "coefficient": "TM_CCOEFF_NORMED",
    "difference": "TM_SQDIFF_NORMED",
}
MATCHING = [
    *(
        _template_case(
            method,
            code,
            "cv2.matchTemplate(plane, noise of 7x5, cv2.{code})",
            ("plane", "template"),
        )
        for method, code in METHODS.items()
    ),
    *(
        Case(
            "matches",
            f"cv2.matchTemplate(colour, its own pixels, cv2.{code})",
            functools.partial(_found_again, method),
            functools.partial(_found_by_opencv, getattr(cv2, code)),
            ("colour",),
            tolerance=1e-1,  # windows that are almost flat
        )
        for method, code in METHODS.items()
    ),
]
