"""The public names of `jaxcar.vision` and the modules that have them; the package loads them."""

from jaxcar.vision.arithmetic import add, add_weighted, stretch, subtract
from jaxcar.vision.blobs import Blob, Blobs, blob_masks, blobs, largest, vertices
from jaxcar.vision.borders import add_border
from jaxcar.vision.circle import Circle, min_enclosing_circle
from jaxcar.vision.colour import (
    absolute_difference,
    bgr_to_gray,
    bgr_to_hsv,
    bgr_to_ycrcb,
    gray_to_bgr,
    hsv_to_bgr,
    in_range,
    swap_red_blue,
)
from jaxcar.vision.components import Components, connected_components
from jaxcar.vision.contours import Contours, find_contours
from jaxcar.vision.derivatives import filter_2d, laplacian, sobel
from jaxcar.vision.drawing import FILLED, Point, circle, line, painted, rectangle
from jaxcar.vision.edges import canny
from jaxcar.vision.float_shape import float_arc_length, float_bounding_rect, float_contour_area
from jaxcar.vision.geometry import crop, flip, resize, rotate
from jaxcar.vision.hull import Hulls, convex_hull
from jaxcar.vision.inside import is_contour_convex, point_polygon_test
from jaxcar.vision.lab import bgr_to_lab
from jaxcar.vision.masks import bitwise_and, bitwise_not, bitwise_or, bitwise_xor
from jaxcar.vision.matching import Matches, match_template, matches
from jaxcar.vision.median import median_blur
from jaxcar.vision.moments import Moments, contour_moments, picture_moments
from jaxcar.vision.morphology import dilate, erode, morph, structuring_element
from jaxcar.vision.planes import merge, split
from jaxcar.vision.polygon import Polygons, approximate_polygon
from jaxcar.vision.relations import (
    distance,
    inside,
    mask_rows,
    moved,
    rows_touch,
    touching,
)
from jaxcar.vision.rotated_rectangle import (
    RotatedRectangle,
    min_area_rectangle,
    rectangle_corners,
)
from jaxcar.vision.shape import arc_length, bounding_rect, contour_area
from jaxcar.vision.shares import box_region, fraction, tiles
from jaxcar.vision.silhouette import polygons
from jaxcar.vision.smoothing import box_blur, gaussian_blur
from jaxcar.vision.statistics import (
    Extremes,
    count_nonzero,
    extremes,
    mean,
    mean_and_deviation,
    totals,
)
from jaxcar.vision.stroke import thick_line
from jaxcar.vision.thresholds import binned, histogram, otsu_level, threshold

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
