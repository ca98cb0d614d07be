"""Kernels of morphology, bit by bit as OpenCV's."""

import cv2
import numpy as np
import pytest
from vision_cases.windows import ELEMENTS

from jaxcar import vision


@pytest.mark.parametrize("shape", ELEMENTS)
def test_structuring_elements(shape):
    for width in range(1, 26):
        for height in range(1, 26):
            ours = vision.structuring_element(shape, width, height)
            theirs = cv2.getStructuringElement(ELEMENTS[shape], (width, height))
            np.testing.assert_array_equal(ours, theirs)
            assert ours.dtype == theirs.dtype
