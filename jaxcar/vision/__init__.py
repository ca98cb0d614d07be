"""Pictures in pure JAX, with OpenCV's results bit by bit."""

from jaxcar.vision.arithmetic import add, add_weighted, stretch, subtract
from jaxcar.vision.borders import add_border
from jaxcar.vision.colour import (
    absolute_difference,
    bgr_to_gray,
    bgr_to_hsv,
    bgr_to_ycrcb,
    gray_to_bgr,
    in_range,
    swap_red_blue,
)
from jaxcar.vision.derivatives import filter_2d, laplacian, sobel
from jaxcar.vision.drawing import FILLED, Point, circle, line, painted, rectangle
from jaxcar.vision.edges import canny
from jaxcar.vision.geometry import crop, flip, resize, rotate
from jaxcar.vision.masks import bitwise_and, bitwise_not, bitwise_or, bitwise_xor
from jaxcar.vision.matching import match_template
from jaxcar.vision.median import median_blur
from jaxcar.vision.morphology import dilate, erode, morph, structuring_element
from jaxcar.vision.planes import merge, split
from jaxcar.vision.smoothing import box_blur, gaussian_blur
from jaxcar.vision.statistics import (
    Extremes,
    count_nonzero,
    extremes,
    mean,
    mean_and_deviation,
    totals,
)
from jaxcar.vision.thresholds import binned, histogram, otsu_level, threshold

__all__ = [
    "FILLED",
    "Extremes",
    "Point",
    "absolute_difference",
    "add",
    "add_border",
    "add_weighted",
    "bgr_to_gray",
    "bgr_to_hsv",
    "bgr_to_ycrcb",
    "binned",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "box_blur",
    "canny",
    "circle",
    "count_nonzero",
    "crop",
    "dilate",
    "erode",
    "extremes",
    "filter_2d",
    "flip",
    "gaussian_blur",
    "gray_to_bgr",
    "histogram",
    "in_range",
    "laplacian",
    "line",
    "match_template",
    "mean",
    "mean_and_deviation",
    "median_blur",
    "merge",
    "morph",
    "otsu_level",
    "painted",
    "rectangle",
    "resize",
    "rotate",
    "sobel",
    "split",
    "stretch",
    "structuring_element",
    "subtract",
    "swap_red_blue",
    "threshold",
    "totals",
]
