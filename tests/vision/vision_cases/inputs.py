"""What operations are given: all of it is made of a batch of pictures and a seed."""

import cv2
import numpy as np

CONTOUR_POINTS = 128


def contours_of(masks, most=4, seed=0):
    """Return OpenCV's contours of masks, at most so many of each.

    Returns:
        points i32[N, P, 2] with noise past a contour's end, lengths i32[N], and the list.
    """
    rng = np.random.default_rng(seed)
    found = []
    for i, mask in enumerate(masks):
        method = cv2.CHAIN_APPROX_SIMPLE if i % 2 == 0 else cv2.CHAIN_APPROX_NONE
        every = cv2.findContours(mask, cv2.RETR_LIST, method)[0]
        found += [every[j] for j in rng.permutation(len(every))[:most]]
    found = [contour for contour in found if len(contour) <= CONTOUR_POINTS]
    points = rng.integers(0, 99, (len(found), CONTOUR_POINTS, 2)).astype(np.int32)
    for i, contour in enumerate(found):
        points[i, : len(contour)] = contour[:, 0]
    return points, np.array([len(contour) for contour in found], np.int32), found


def pictures(frames, blobs=None, seed=0):
    """Return the inputs of operations on pictures.

    Args:
        frames: u8[N, H, W, 3].
        blobs: u8[N, H, W] to find contours and components in; the frames' own if not given.
        seed: of the numbers that are not in the frames.

    Returns:
        `colour` and `plane`, another of each, a `mask` and a `blob` of zeros and other values, a
        small `template` of each, and numbers for each: a `level`, a `maximum`, a `figure` of four
        coordinates that may lie outside, and a `segment` of four within the picture.
    """
    rng = np.random.default_rng([seed, *frames.shape])
    N, H, W, _ = frames.shape
    other = np.roll(frames, 1, axis=0)
    plane = np.ascontiguousarray(frames[..., 1])
    return {
        "colour": frames,
        "other_colour": other,
        "plane": plane,
        "other": np.ascontiguousarray(other[..., 1]),
        "mask": (other[..., 2] > 100).astype(np.uint8) * np.uint8(7),
        "blob": blobs_of(frames) if blobs is None else blobs,
        "template": rng.integers(0, 256, (N, 7, 5)).astype(np.uint8),
        "level": rng.choice([-3, 0, 1, 80, 127, 200, 254, 255, 300], N).astype(np.int32),
        "maximum": rng.choice([1, 7, 200, 255, 300], N).astype(np.int32),
        "figure": rng.integers(-10, 55, (N, 4)).astype(np.int32),
        "segment": rng.integers(0, (W, H, W, H), (N, 4)).astype(np.int32),
        "weights": _weights(rng, N),
    }


def blobs_of(frames):
    """Return the masks u8[N, H, W] of a frame's brighter pixels, 0 or 255."""
    return (frames[..., 1] > 100).astype(np.uint8) * np.uint8(255)


def _weights(rng, N):
    """Return f32[N, 3]: alpha, beta and gamma, round numbers and others."""
    usual = [(0.5, 0.5, 0), (0.7, 0.3, 10), (1, -1, 0), (1.5, 0, -20), (0.3, 0.7, 0.5)]
    rows = rng.uniform((-2, -2, -50), (2, 2, 50), (N, 3))
    rows[::2] = rng.permutation(usual * N)[: len(rows[::2])]
    return rows.astype(np.float32)


def shapes(masks, most=4, seed=0):
    """Return the inputs of operations on contours, N of them, no more than masks.

    Args:
        masks: u8[B, H, W].
        most: how many contours of a mask, at most.
        seed: of the choice.

    Returns:
        `points` and `length` of each contour, an `epsilon` (some of them 0) and points to ask for
        near the contour or anywhere: `whole`, `half` and `single` coordinates.
    """
    rng = np.random.default_rng(seed)
    points, lengths, found = (part[: len(masks)] for part in contours_of(masks, most, seed))
    N, sides = len(found), masks.shape[:0:-1]
    share = rng.choice([0, 0.01, 0.02, 0.04], N)
    corner = np.stack([c[rng.integers(0, len(c)), 0] for c in found])
    near = corner + rng.integers(-2, 3, corner.shape)
    asked = np.where(rng.random((N, 1)) < 0.6, near, rng.integers(0, sides, corner.shape))
    asked = asked.astype(np.float32)
    return {
        "points": points,
        "length": lengths,
        "epsilon": share * [cv2.arcLength(c, True) for c in found],
        "whole": asked,
        "half": asked + rng.integers(0, 2, asked.shape) * np.float32(0.5),
        "single": asked + rng.random(asked.shape).astype(np.float32),
    }
