"""Pictures in pure JAX, with OpenCV's results bit by bit."""

from jaxcar.vision.colour import (
    absolute_difference,
    bgr_to_gray,
    bgr_to_hsv,
    in_range,
    swap_red_blue,
)

__all__ = ["absolute_difference", "bgr_to_gray", "bgr_to_hsv", "in_range", "swap_red_blue"]
