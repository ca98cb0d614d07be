import cv2
import numpy as np


def blue_pixels(img):
    r, g, b = cv2.split(img.astype(np.int16))
    return (b > 100) & (b - r > 50) & (b - g > 30)


def green_zone(img):
    """(x0, y0, x1, y1) of the interior of the green outline, or None."""
    r, g, b = cv2.split(img.astype(np.int16))
    green = ((g > 100) & (g - r > 50) & (g - b > 50)).astype(np.uint8)
    pts = cv2.findNonZero(green)
    if pts is None:
        return None
    x, y, w, h = cv2.boundingRect(pts)
    return x + 1, y + 1, x + w - 1, y + h - 1


def share_in_green_zone(frame, initial_frame):
    zone = green_zone(initial_frame)
    blue = blue_pixels(frame)
    total = blue.sum()
    if zone is None or total == 0:
        return 0.0
    x0, y0, x1, y1 = zone
    return float(blue[y0:y1, x0:x1].sum() / total)


def spread(frame):
    """Root mean square distance of blue pixels to their mean, in units of picture width."""
    pts = np.argwhere(blue_pixels(frame)).astype(float)
    if len(pts) < 2:
        return 0.0
    return float(np.sqrt(((pts - pts.mean(axis=0)) ** 2).sum(axis=1).mean()) / frame.shape[1])


def all_in_green_zone(frame, initial_frame):
    return share_in_green_zone(frame, initial_frame) > 0.95
