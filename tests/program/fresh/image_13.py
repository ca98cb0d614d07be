import cv2
import numpy as np

RANGES = {
    "red": [((0, 100, 60), (10, 255, 255)), ((170, 100, 60), (180, 255, 255))],
    "green": [((40, 80, 40), (85, 255, 255))],
    "blue": [((100, 80, 40), (130, 255, 255))],
}


def color_mask(image, name):
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    mask = np.zeros(image.shape[:2], np.uint8)
    for lo, hi in RANGES[name]:
        mask |= cv2.inRange(hsv, np.array(lo), np.array(hi))
    return mask


def find_bowl(image, name):
    """The bowl is a ring: the biggest outer contour that has a hole in it."""
    contours, tree = cv2.findContours(color_mask(image, name), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return None
    rings = [c for c, (_, _, child, _) in zip(contours, tree[0]) if child >= 0]
    if not rings:
        return None
    (x, y), r = cv2.minEnclosingCircle(max(rings, key=cv2.contourArea))
    return x, y, r


def block_in_bowl(frame, initial_frame, name):
    bowl = find_bowl(initial_frame, name)
    if bowl is None:
        return False
    x, y, r = bowl
    inside = np.zeros(frame.shape[:2], np.uint8)
    cv2.circle(inside, (int(round(x)), int(round(y))), max(1, int(r * 0.65)), 255, -1)
    before = cv2.countNonZero(color_mask(initial_frame, name) & inside)
    after = cv2.countNonZero(color_mask(frame, name) & inside)
    return after - before > 12


def red_block_in_red_bowl(frame, initial_frame):
    return block_in_bowl(frame, initial_frame, "red")


def green_block_in_green_bowl(frame, initial_frame):
    return block_in_bowl(frame, initial_frame, "green")


def blue_block_in_blue_bowl(frame, initial_frame):
    return block_in_bowl(frame, initial_frame, "blue")
