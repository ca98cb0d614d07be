"""Pictures in pure JAX, with OpenCV's results bit by bit."""

from jaxcar.vision.circle import Circle, min_enclosing_circle
from jaxcar.vision.colour import (
    absolute_difference,
    bgr_to_gray,
    bgr_to_hsv,
    in_range,
    swap_red_blue,
)
from jaxcar.vision.components import Components, connected_components
from jaxcar.vision.contours import Contours, find_contours
from jaxcar.vision.hull import Hulls, convex_hull
from jaxcar.vision.inside import is_contour_convex, point_polygon_test
from jaxcar.vision.moments import Moments, contour_moments, picture_moments
from jaxcar.vision.polygon import Polygons, approximate_polygon
from jaxcar.vision.shape import arc_length, bounding_rect, contour_area

__all__ = [
    "Circle",
    "Components",
    "Contours",
    "Hulls",
    "Moments",
    "Polygons",
    "absolute_difference",
    "approximate_polygon",
    "arc_length",
    "bgr_to_gray",
    "bgr_to_hsv",
    "bounding_rect",
    "connected_components",
    "contour_area",
    "contour_moments",
    "convex_hull",
    "find_contours",
    "in_range",
    "is_contour_convex",
    "min_enclosing_circle",
    "picture_moments",
    "point_polygon_test",
    "swap_red_blue",
]
