"""Push-cube-to-pad reward with memory.

The camera looks at the table at an angle, so the hand may hide the cube for
some steps.  We therefore track the last trusted position of the cube and
ignore pictures in which too little of it can be seen.
"""
import logging
import math
from dataclasses import dataclass
from typing import Optional, Tuple

import cv2
import numpy as np

logger = logging.getLogger(__name__)

MIN_VISIBLE_FRACTION = 0.35
MOVED_PX = 3.0
CLOSE_PX = 18.0
MOVE_BONUS = 0.1
CLOSE_BONUS = 0.3
SUCCESS_BONUS = 1.0
PROGRESS_WEIGHT = 0.02


@dataclass(frozen=True)
class Blob:
    area: float
    centre: Tuple[float, float]
    bottom: Tuple[float, float]

    def distance_to(self, point: Tuple[float, float]) -> float:
        return math.hypot(self.bottom[0] - point[0], self.bottom[1] - point[1])


def largest_contour(mask: np.ndarray):
    kernel = np.ones((2, 2), np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(contours, key=cv2.contourArea, default=None)


def to_blob(contour) -> Optional[Blob]:
    if contour is None or cv2.contourArea(contour) < 4:
        return None
    m = cv2.moments(contour)
    centre = (m["m10"] / m["m00"], m["m01"] / m["m00"])
    points = contour.reshape(-1, 2)
    low = points[points[:, 1] >= points[:, 1].max() - 1]
    bottom = (float(low[:, 0].mean()), float(low[:, 1].mean()))
    return Blob(area=float(cv2.contourArea(contour)), centre=centre, bottom=bottom)


class PushCubeReward:
    def __init__(self):
        self.reset()

    def reset(self):
        self._pad_contour = None
        self._pad_centre = None
        self._first: Optional[Blob] = None
        self._last: Optional[Blob] = None
        self._paid = set()

    def step(self, frame):
        hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        cube = self._find_cube(hsv)

        if self._pad_contour is None:
            self._find_pad(hsv)
        if self._pad_contour is None:
            logger.debug("goal pad not visible yet")
            return 0.0

        if self._first is None:
            self._first = self._last = cube
            return 0.0

        if cube is None or cube.area < MIN_VISIBLE_FRACTION * self._first.area:
            return 0.0

        before = self._last.distance_to(self._pad_centre)
        now = cube.distance_to(self._pad_centre)
        reward = PROGRESS_WEIGHT * (before - now)
        self._last = cube

        if math.dist(cube.centre, self._first.centre) > MOVED_PX:
            reward += self._once("moved", MOVE_BONUS)
        if now < CLOSE_PX:
            reward += self._once("close", CLOSE_BONUS)
        if cv2.pointPolygonTest(self._pad_contour, cube.bottom, False) >= 0:
            reward += self._once("on_pad", SUCCESS_BONUS)
        return float(reward)

    def _once(self, name, bonus):
        if name in self._paid:
            return 0.0
        self._paid.add(name)
        return bonus

    def _find_cube(self, hsv):
        return to_blob(largest_contour(cv2.inRange(hsv, (42, 90, 30), (85, 255, 255))))

    def _find_pad(self, hsv):
        contour = largest_contour(cv2.inRange(hsv, (20, 90, 90), (35, 255, 255)))
        if contour is None or cv2.contourArea(contour) < 10:
            return
        self._pad_contour = cv2.convexHull(contour)
        m = cv2.moments(self._pad_contour)
        self._pad_centre = (m["m10"] / m["m00"], m["m01"] / m["m00"])
