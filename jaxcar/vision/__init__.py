"""Pictures in pure JAX, with OpenCV's results: exactly, but where a docstring states the error.

Public names are loaded, all together, when one of them is first used: `jaxcar.vision.host`, which
is plain Python, can be imported without JAX.
"""

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaxcar.vision.public import *

__all__ = [
    "FILLED",
    "Blob",
    "Blobs",
    "Circle",
    "Components",
    "Contours",
    "Extremes",
    "Hulls",
    "Matches",
    "Moments",
    "Point",
    "Polygons",
    "RotatedRectangle",
    "absolute_difference",
    "add",
    "add_border",
    "add_weighted",
    "approximate_polygon",
    "arc_length",
    "bgr_to_gray",
    "bgr_to_hsv",
    "bgr_to_lab",
    "bgr_to_ycrcb",
    "binned",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "blob_masks",
    "blobs",
    "bounding_rect",
    "box_blur",
    "box_region",
    "canny",
    "circle",
    "connected_components",
    "contour_area",
    "contour_moments",
    "convex_hull",
    "count_nonzero",
    "crop",
    "dilate",
    "distance",
    "erode",
    "extremes",
    "filter_2d",
    "find_contours",
    "flip",
    "float_arc_length",
    "float_bounding_rect",
    "float_contour_area",
    "fraction",
    "gaussian_blur",
    "gray_to_bgr",
    "histogram",
    "hsv_to_bgr",
    "in_range",
    "inside",
    "is_contour_convex",
    "laplacian",
    "largest",
    "line",
    "mask_rows",
    "match_template",
    "matches",
    "mean",
    "mean_and_deviation",
    "median_blur",
    "merge",
    "min_area_rectangle",
    "min_enclosing_circle",
    "morph",
    "moved",
    "otsu_level",
    "painted",
    "picture_moments",
    "point_polygon_test",
    "polygons",
    "rectangle",
    "rectangle_corners",
    "resize",
    "rotate",
    "rows_touch",
    "sobel",
    "split",
    "stretch",
    "structuring_element",
    "subtract",
    "swap_red_blue",
    "thick_line",
    "threshold",
    "tiles",
    "totals",
    "touching",
    "vertices",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'jaxcar.vision' has no attribute {name!r}")
    public = importlib.import_module("jaxcar.vision.public")
    globals().update({each: getattr(public, each) for each in __all__})
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        # Importing a module puts it here, in the place of a function that may have its name.
        if name not in __all__ or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
