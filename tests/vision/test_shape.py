"""Measures of contours without points."""

import numpy as np

from jaxcar import vision


def test_empty_contours():
    points, none = np.zeros((2, 4, 2), np.int32), np.zeros(2, np.int32)
    assert not vision.bounding_rect(points, none).any()
    assert not vision.contour_area(points, none).any()
    assert not vision.arc_length(points, none).any()
