import cv2
import numpy as np


def hsv_mask(img, hue_lo, hue_hi, s_min=120, v_min=70):
    hsv = cv2.cvtColor(img, cv2.COLOR_RGB2HSV)
    return cv2.inRange(hsv, (hue_lo, s_min, v_min), (hue_hi, 255, 255))


def yellow_blobs(img):
    """Yellow connected components as (area, x, y, w, h), largest bounding box first."""
    mask = hsv_mask(img, 22, 38)
    n, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    blobs = []
    for i in range(1, n):
        x, y, w, h, area = stats[i]
        if area >= 3:
            blobs.append((int(area), int(x), int(y), int(w), int(h)))
    return sorted(blobs, key=lambda b: b[3] * b[4], reverse=True)


def key_picked_up(frame, initial_frame):
    blobs = yellow_blobs(initial_frame)
    if len(blobs) < 2:
        return False
    _, x, y, w, h = blobs[-1]
    patch = hsv_mask(frame, 22, 38)[y:y + h, x:x + w]
    return cv2.countNonZero(patch) == 0


def door_opened(frame, initial_frame):
    blobs = yellow_blobs(initial_frame)
    if not blobs:
        return False
    _, x, y, w, h = blobs[0]
    # The panel covers the middle of the tile; an open door leaves it black.
    cx, cy = x + w // 2, y + h // 2
    before = hsv_mask(initial_frame, 22, 38)[cy - 2:cy + 2, cx - 2:cx + 2]
    after = hsv_mask(frame, 22, 38)[cy - 2:cy + 2, cx - 2:cx + 2]
    return cv2.countNonZero(before) > 4 and cv2.countNonZero(after) <= cv2.countNonZero(before) // 3


def goal_reached(frame, initial_frame):
    goal = hsv_mask(initial_frame, 50, 70)
    contours, _ = cv2.findContours(goal, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return False
    gx, gy, gw, gh = cv2.boundingRect(max(contours, key=cv2.contourArea))

    red = cv2.bitwise_or(hsv_mask(frame, 0, 8), hsv_mask(frame, 172, 179))
    m = cv2.moments(red, binaryImage=True)
    if m["m00"] == 0:
        return False
    ax, ay = m["m10"] / m["m00"], m["m01"] / m["m00"]
    return gx <= ax <= gx + gw and gy <= ay <= gy + gh
