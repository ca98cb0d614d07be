import cv2
import numpy as np


def cube_mask(img):
    hsv = cv2.cvtColor(img, cv2.COLOR_RGB2HSV)
    return cv2.inRange(hsv, np.array([40, 80, 40]), np.array([85, 255, 255]))


def pad_mask(img):
    hsv = cv2.cvtColor(img, cv2.COLOR_RGB2HSV)
    return cv2.inRange(hsv, np.array([20, 80, 80]), np.array([36, 255, 255]))


def centroid(mask):
    m = cv2.moments(mask, binaryImage=True)
    if m["m00"] < 5:
        return None
    return np.array([m["m10"] / m["m00"], m["m01"] / m["m00"]])


def cube_moved(frame, initial_frame):
    a, b = centroid(cube_mask(initial_frame)), centroid(cube_mask(frame))
    if a is None or b is None:
        return False
    return bool(np.linalg.norm(a - b) > 3.0)


def cube_near_pad(frame, initial_frame):
    cube, pad = centroid(cube_mask(frame)), centroid(pad_mask(initial_frame))
    if cube is None or pad is None:
        return False
    return bool(np.linalg.norm(cube - pad) < 20.0)


def cube_on_pad(frame, initial_frame):
    cube, pad = cube_mask(frame), pad_mask(initial_frame)
    ys, xs = np.nonzero(cube)
    if len(xs) < 5:
        return False
    # the bottom of the cube is what touches the table
    foot_y = int(ys.max())
    foot_x = int(round(xs[ys >= foot_y - 2].mean()))
    contours, _ = cv2.findContours(pad, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return False
    hull = cv2.convexHull(max(contours, key=cv2.contourArea))
    return cv2.pointPolygonTest(hull, (foot_x, foot_y), False) >= 0
