"""The names of `jaxcar.vision.host`: blobs of masks, how they lie, and shares of pictures."""

from __future__ import annotations

from jaxcar.lang.scopes import Scopes

MODULE = "jaxcar.vision.host"
FUNCTIONS = {
    "blobs(mask, min_area=1)": "list of the blobs of a mask, the largest first: pixels that hold"
    " together, sideways or diagonally; min_area in pixels",
    "largest(blobs)": "the blob of the largest area; None where there is none",
    "inside(inner, outer)": "whether the box of one lies within the box of another: blobs, boxes"
    " (left, top, width, height) or points (x, y)",
    "touching(a, b, gap=1)": "whether pixels of two come within `gap` pixels, 1 for neighbours:"
    " blobs or masks",
    "distance(a, b)": "pixels between two centroids: blobs or points (x, y)",
    "moved(before, after, pixels=1)": "whether a centroid has moved by more than so many pixels:"
    " blobs or points",
    "fraction(mask, within=...)": "share of pixels that are set, 0 to 1: everywhere, or within a"
    " blob, a mask or a box",
    "tiles(picture, rows, columns)": "mean of each tile: colours float64[rows, columns, 3] of a"
    " frame, shares float64[rows, columns] of a mask",
}
TYPES = {"Blob": "for annotations"}
ATTRIBUTES = {
    "area": "pixels",
    "box": "left, top, width and height in pixels, ints",
    "centroid": "mean x and mean y of the pixels, floats",
    "mask": "its pixels, bool[height, width], read-only",
    "vertices": "corners of its outline: 3 of a triangle, 4 of a square, 8 of most discs",
}

EXAMPLE = """\
from jaxcar.vision.host import blobs, distance, inside, largest, moved, touching

def red(frame):
    return (frame[:, :, 0] > 180) & (frame[:, :, 1] < 100)

def blue(frame):
    return (frame[:, :, 2] > 180) & (frame[:, :, 0] < 100)

def cube_in_bowl(frame):
    cube = largest(blobs(red(frame), min_area=4))
    bowl = largest(blobs(blue(frame), min_area=4))
    return inside(cube, bowl)

def cube_touched(frame, initial_frame):
    cube, before = largest(blobs(red(frame))), largest(blobs(red(initial_frame)))
    return moved(before, cube, pixels=3) or touching(cube, blue(frame), gap=2)

def nearer_square(frame):
    squares = [b for b in blobs(blue(frame), min_area=4) if b.vertices == 4]
    return min((distance(b, (32, 32)) for b in squares), default=99.0) < 20
"""

_BOX = "read its box: left, top, width, height = blob.box"
_CENTROID = "read its centroid: x, y = blob.centroid"
# What models write for attributes of blobs that have other names.
HINTS = {
    **dict.fromkeys(("center", "centre", "cx", "cy", "x", "y", "position", "pos"), _CENTROID),
    **dict.fromkeys(("bbox", "bounding_box", "rect", "bounds", "left", "top", "right"), _BOX),
    **dict.fromkeys(("bottom", "width", "height", "w", "h"), _BOX),
    **dict.fromkeys(("corners", "num_vertices", "n_vertices", "sides"), "read blob.vertices"),
    **dict.fromkeys(("size", "count", "num_pixels"), "read its area: blob.area"),
    **dict.fromkeys(("pixels", "coords", "points"), "read its pixels: np.argwhere(blob.mask)"),
    **dict.fromkeys(
        ("color", "colour", "mean_color"), "take the mean of its pixels: frame[blob.mask].mean(0)"
    ),
    **dict.fromkeys(
        ("contour", "outline"),
        "call cv2.findContours(blob.mask.astype(np.uint8), mode, method)",
    ),
}


# What models write for functions that have other names, or that need none.
INSTEAD = {
    **dict.fromkeys(("find_blobs", "get_blobs", "components"), "write blobs(mask, min_area=1)"),
    **dict.fromkeys(("count", "count_blobs"), "write len(blobs(mask))"),
    **dict.fromkeys(("overlap", "overlapping", "overlaps"), "write touching(a, b, gap=0)"),
    **dict.fromkeys(("contains", "within"), "write inside(inner, outer)"),
    **dict.fromkeys(("near", "close"), "write distance(a, b) < 5, in pixels"),
    **dict.fromkeys(("gone", "exists"), "write largest(found) is None"),
    "smallest": "write min(found, key=lambda blob: blob.area, default=None)",
    "find_contours": "write cv2.findContours(mask, mode, method)",
    "connected_components": "write blobs(mask)",
    "color_mask": "write cv2.inRange(frame, np.array(low), np.array(high))",
}


def uses_blobs(scopes: Scopes) -> bool:
    """Return whether a program imports the module, or a name of it."""
    return any(
        binding.kind == "import" and binding.path.startswith(MODULE)
        for scope in scopes.values()
        for bindings in scope.names.values()
        for binding in bindings
    )
