"""Operations on masks and their contours: contours, features and components."""

import cv2
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from vision_cases.case import Case

CONTOURS, POINTS, COMPONENTS = 64, 256, 63
SHAPE = ("points", "length")


def _padded(rows, count, shape, dtype=np.int32):
    """Write rows in front of zeros: dtype[count, *shape]."""
    result = np.zeros((count, *shape), dtype)
    for i, row in enumerate(rows):
        result[i, : len(row)] = row
    return result


def _or_nothing(overflow, leaves):
    """Leave the flag alone where a picture overflows."""

    def shown(leaf):
        lanes = overflow.reshape(overflow.shape + (1,) * (leaf.ndim - overflow.ndim))
        return jnp.where(lanes, jnp.zeros_like(leaf), leaf)

    return overflow, *(shown(leaf) for leaf in leaves)


def _contours(mode, method):
    codes = getattr(cv2, f"RETR_{mode.upper()}"), getattr(cv2, f"CHAIN_APPROX_{method.upper()}")

    def ours(mask):
        found = vision.find_contours(mask, mode, method, contours=CONTOURS, points=POINTS)
        *leaves, overflow = found
        return _or_nothing(overflow, leaves)

    def theirs(mask):
        found, hierarchy = cv2.findContours(mask, *codes)
        over = len(found) > CONTOURS or any(len(contour) > POINTS for contour in found)
        found = [] if over else [contour[:, 0] for contour in found]
        links = np.full((CONTOURS, 4), 0 if over else -1, np.int32)
        links[: len(found)] = hierarchy[0] if found else -1
        return (
            np.bool_(over),
            _padded(found, CONTOURS, (POINTS, 2), np.int16),
            np.array([len(c) for c in found] + [0] * (CONTOURS - len(found)), np.int32),
            np.int32(len(found)),
            links,
        )

    call = f"cv2.findContours(mask, cv2.RETR_{mode.upper()}, cv2.CHAIN_APPROX_{method.upper()})"
    return Case("find_contours", call, ours, theirs, ("blob",), bounded=True)


def _components(connectivity):
    def ours(mask):
        *leaves, overflow = vision.connected_components(mask, connectivity, components=COMPONENTS)
        return _or_nothing(overflow, leaves)

    def theirs(mask):
        count, labels, stats, centres = cv2.connectedComponentsWithStats(
            mask, connectivity=connectivity
        )
        over = count > COMPONENTS + 1
        keep = 0 if over else count
        return (
            np.bool_(over),
            np.int32(keep),
            labels * (not over),
            _padded(stats[:keep], COMPONENTS + 1, (5,)),
            _padded(centres[:keep], COMPONENTS + 1, (2,), np.float64),
        )

    call = f"cv2.connectedComponentsWithStats(mask, connectivity={connectivity})"
    return Case("connected_components", call, ours, theirs, ("blob",), bounded=True)


def _of(function):
    """Give a function the contour of its points and length."""
    return lambda points, length, *more: function(points[:length, None], *more)


def _measure(operation, name, flag):
    ours, theirs = getattr(vision, operation), getattr(cv2, name)
    return Case(
        operation,
        f"cv2.{name}(contour, {flag})",
        lambda p, n: ours(p, n, flag),
        _of(lambda c: np.float64(theirs(c, flag))),
        SHAPE,
    )


def _hull(clockwise):
    def theirs(contour):
        corners = cv2.convexHull(contour, clockwise=clockwise)[:, 0]
        return _padded([corners], 1, (POINTS // 2, 2), np.int16)[0], np.int32(len(corners))

    def ours(points, length):
        found = vision.convex_hull(points, length, clockwise)
        return found.points, found.lengths

    call = f"cv2.convexHull(contour, clockwise={clockwise})"
    return Case("convex_hull", call, ours, _of(theirs), SHAPE)


def _polygon(contour, epsilon):
    corners = cv2.approxPolyDP(contour, float(epsilon), True)[:, 0]
    return _padded([corners], 1, (POINTS // 2, 2), np.int16)[0], np.int32(len(corners))


def _asked(grain, measure):
    return Case(
        "point_polygon_test",
        f"cv2.pointPolygonTest(contour, {grain} coordinates, {measure})",
        lambda p, n, at: vision.point_polygon_test(p, n, at, measure),
        _of(lambda c, at: np.float64(cv2.pointPolygonTest(c, at.tolist(), measure))),
        (*SHAPE, grain),
    )


def _circle(contour):
    centre, radius = cv2.minEnclosingCircle(contour)
    return (*np.float32(centre), np.float32(radius))


def _boxed(points, length):
    return vision.rectangle_corners(vision.min_area_rectangle(points, length))


def _box(contour):
    return cv2.boxPoints(cv2.minAreaRect(contour))


def _rectangle_around(contour):
    (x, y), (width, height), angle = cv2.minAreaRect(contour)
    return tuple(np.float32(part) for part in (x, y, width, height, angle))


def _drawn(filled):
    """Draw one contour on a blank picture of 64x64."""

    def theirs(contour):
        picture = np.zeros((64, 64), np.uint8)
        return cv2.drawContours(picture, [contour], -1, 1, -1 if filled else 1).astype(bool)

    def ours(points, length):
        pixels, _ = vision.polygons(
            (64, 64), points[..., None, :, :], length[..., None], filled=filled
        )
        return pixels

    call = f"cv2.drawContours(blank, [contour], -1, 1, {-1 if filled else 1})"
    return Case("polygons", call, ours, _of(theirs), SHAPE)


def _all(moments):
    return {name: np.float64(value) for name, value in moments.items()}


def _spatial(moments):
    return {name: value for name, value in moments.items() if name[:2] not in ("mu", "nu")}


def _raw_sizes(leaves):
    """Return the raw moment of each moment's order, normalised for `nu`, as its error's scale."""
    names = sorted(cv2.moments(np.zeros((1, 1), np.uint8)))
    moments = dict(zip(names, leaves, strict=True))
    scales = []
    for name in names:
        order = name.lstrip("mun")
        raw = np.abs(moments[f"m{order}"])
        if name.startswith("nu"):
            raw = raw / np.maximum(moments["m00"], 1) ** (1 + sum(map(int, order)) / 2)
        scales.append(raw)
    return scales


def _picture_moments(binary):
    def ours(x):
        return vision.picture_moments(x, binary)._asdict()

    call = f"cv2.moments(plane, {binary})"
    return [
        Case(
            "picture_moments",
            f"{call}, m00 to m03",
            lambda x: _spatial(ours(x)),
            lambda x: _spatial(_all(cv2.moments(x, binary))),
        ),
        Case(
            "picture_moments",
            f"{call}, all: error as a share of the raw moment",
            ours,
            lambda x: _all(cv2.moments(x, binary)),
            tolerance=2e-15,
            scale=_raw_sizes,
        ),
    ]


FEATURES = [
    *(
        _contours(mode, method)
        for mode in ("external", "list", "tree", "ccomp")
        for method in ("simple", "none")
    ),
    *(_measure("contour_area", "contourArea", flag) for flag in (False, True)),
    *(_measure("arc_length", "arcLength", flag) for flag in (True, False)),
    Case(
        "bounding_rect",
        "cv2.boundingRect(contour)",
        vision.bounding_rect,
        _of(lambda c: np.array(cv2.boundingRect(c), np.int32)),
        SHAPE,
    ),
    Case(
        "contour_moments",
        "cv2.moments(contour)",
        lambda p, n: vision.contour_moments(p, n)._asdict(),
        _of(lambda c: _all(cv2.moments(c))),
        SHAPE,
    ),
    *_picture_moments(False),
    *_picture_moments(True),
    Case(
        "approximate_polygon",
        "cv2.approxPolyDP(contour, share * length, True)",
        lambda p, n, e: tuple(vision.approximate_polygon(p, n, e)),
        _of(_polygon),
        (*SHAPE, "epsilon"),
    ),
    *(_hull(clockwise) for clockwise in (False, True)),
    Case(
        "is_contour_convex",
        "cv2.isContourConvex(contour)",
        vision.is_contour_convex,
        _of(lambda c: np.bool_(cv2.isContourConvex(c))),
        SHAPE,
    ),
    *(_asked(grain, flag) for grain in ("whole", "half", "single") for flag in (False, True)),
    Case(
        "min_area_rectangle",
        "cv2.minAreaRect(contour)",
        lambda p, n: tuple(vision.min_area_rectangle(p, n)),
        _of(_rectangle_around),
        SHAPE,
    ),
    Case("rectangle_corners", "cv2.boxPoints(cv2.minAreaRect(contour))", _boxed, _of(_box), SHAPE),
    *(
        Case(
            operation,
            f"cv2.{name} of those corners",
            lambda p, n, measure=ours: measure(_boxed(p, n)),
            _of(lambda c, measure=theirs: measure(_box(c))),
            SHAPE,
        )
        for operation, name, ours, theirs in (
            (
                "float_contour_area",
                "contourArea",
                vision.float_contour_area,
                lambda box: np.float64(cv2.contourArea(box)),
            ),
            (
                "float_arc_length",
                "arcLength",
                lambda box: vision.float_arc_length(box, True),
                lambda box: np.float64(cv2.arcLength(box, True)),
            ),
            (
                "float_bounding_rect",
                "boundingRect",
                vision.float_bounding_rect,
                lambda box: np.array(cv2.boundingRect(box), np.int32),
            ),
        )
    ),
    *(_drawn(filled) for filled in (True, False)),
    Case(
        "min_enclosing_circle",
        "cv2.minEnclosingCircle(contour)",
        lambda p, n: tuple(vision.min_enclosing_circle(p, n)),
        _of(_circle),
        SHAPE,
        tolerance=1e-5,
    ),
]
COMPONENTS_OF_MASKS = [_components(connectivity) for connectivity in (8, 4)]
