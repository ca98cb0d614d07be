"""Pictures for the tests of vision: noise, and what grid worlds and table-tops look like."""

import numpy as np
import pytest

QUICK = [(16, 16), (33, 47)]
SHAPES = [*QUICK, *(pytest.param(size, marks=pytest.mark.slow) for size in ((64, 64), (17, 9)))]
COUNT = 1200


def noise(rng, H, W):
    levels = int(rng.choice([2, 4, 32, 256]))
    return (rng.integers(0, levels, (H, W, 3)) * (255 // (levels - 1))).astype(np.uint8)


def tiles(rng, H, W):
    """Tiles of few colours on a dark ground, some with a border or a disc."""
    side = int(rng.integers(3, 9))
    palette = rng.integers(0, 256, (5, 3))
    ids = np.where(rng.random((-(-H // side), -(-W // side))) < 0.6, 0, rng.integers(0, 5))
    ids = np.where(rng.random(ids.shape) < 0.3, rng.integers(0, 5, ids.shape), ids)
    frame = palette[ids].repeat(side, 0).repeat(side, 1)[:H, :W].copy()
    frame[::side] = frame[:, ::side] = int(rng.integers(0, 120))
    y, x = np.mgrid[0:H, 0:W]
    cy, cx, radius = rng.integers(0, H), rng.integers(0, W), rng.integers(1, 8)
    frame[(y - cy) ** 2 + (x - cx) ** 2 <= radius**2] = palette[1]
    return frame.astype(np.uint8)


def plain(rng, H, W):
    """Empty, full, a single pixel, a border, or a ramp."""
    frame = np.full((H, W, 3), rng.choice([0, 255]), np.uint8)
    kind = rng.integers(0, 4)
    if kind == 1:
        frame[rng.integers(0, H), rng.integers(0, W)] = rng.integers(0, 256, 3)
    elif kind == 2:
        frame[[0, -1]] = frame[:, [0, -1]] = rng.integers(0, 256, 3)
    elif kind == 3:
        frame[:] = (np.arange(W) * 255 // max(W - 1, 1)).astype(np.uint8)[None, :, None]
    return frame


def frames(H, W, count=COUNT, seed=0):
    """Return u8[count, H, W, 3]: half noise, half tiles and plain pictures."""
    rng = np.random.default_rng([seed, H, W])
    makers = (noise, tiles, noise, tiles, noise, plain)
    return np.stack([makers[i % 6](rng, H, W) for i in range(count)])


def planes(H, W, count=COUNT, seed=0):
    """Return u8[count, H, W]."""
    return np.ascontiguousarray(frames(H, W, count, seed)[..., 1])


def masks(H, W, count=COUNT, seed=0):
    """Return u8[count, H, W] of 0 and other values."""
    return (planes(H, W, count, seed + 1) > 100).astype(np.uint8) * np.uint8(7)


def each(function, *batches):
    """Call OpenCV on one picture after the other."""
    return np.stack([function(*items) for items in zip(*batches, strict=True)])


def every_colour():
    """Yield 256 pictures u8[256, 256, 3] that hold each of 2**24 colours once."""
    green, red = np.mgrid[0:256, 0:256].astype(np.uint8)
    for blue in range(256):
        yield np.stack([np.full_like(green, blue), green, red], axis=-1)
