"""Masks that contours and components are compared on: random ones, and such as tasks show."""

import cv2
import numpy as np


def _tiles(rng, H, W):
    """A grid world's mask of one kind of object: walls, tiles, discs and rings."""
    size = int(rng.integers(3, 9))
    grid = rng.random((-(-H // size), -(-W // size))) < rng.choice([0.1, 0.25, 0.5])
    mask = np.kron(grid, np.ones((size, size)))[:H, :W].astype(np.uint8)
    if rng.random() < 0.5:
        mask[::size] = 1
        mask[:, ::size] = 1
    for _ in range(int(rng.integers(0, 4))):
        centre = int(rng.integers(0, W)), int(rng.integers(0, H))
        thickness = int(rng.choice([-1, 1, 2]))
        cv2.circle(mask, centre, int(rng.integers(1, 8)), int(rng.integers(0, 2)), thickness)
    return mask


def _rings(rng, H, W):
    """Rings within rings, some of them open."""
    mask = np.zeros((H, W), np.uint8)
    gap = int(rng.integers(2, 4))
    for inset in range(int(rng.integers(0, 3)), min(H, W) // 2, gap):
        cv2.rectangle(mask, (inset, inset), (W - 1 - inset, H - 1 - inset), 1, 1)
    if rng.random() < 0.5:
        mask[int(rng.integers(0, H)), int(rng.integers(0, W))] ^= 1
    return mask


def _shapes(rng, H, W):
    """Polygons and lines, also over the picture's rim."""
    mask = np.zeros((H, W), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        corners = rng.integers(-3, max(H, W) + 3, (int(rng.integers(2, 6)), 2)).astype(np.int32)
        if rng.random() < 0.5:
            cv2.fillPoly(mask, [corners], int(rng.random() < 0.8))
        else:
            cv2.polylines(mask, [corners], True, int(rng.random() < 0.8))
    return mask


def real_masks(count, H, W, seed=0):
    """u8[count, H, W], 0 or 255: what rendered tasks look like."""
    rng = np.random.default_rng(seed)
    kinds = (_tiles, _rings, _shapes)
    masks = np.stack([kinds[i % 3](rng, H, W) for i in range(count)])
    masks[0], masks[1] = 0, 1
    masks[2] = 0
    masks[2, H // 2, W // 2] = 1
    return masks * np.uint8(255)


def random_masks(count, H, W, seed=0):
    """u8[count, H, W] of noise, from nearly empty to nearly full."""
    rng = np.random.default_rng(seed)
    density = rng.choice([0.003, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 0.997], (count, 1, 1))
    return ((rng.random((count, H, W)) < density) * rng.integers(1, 256, (count, 1, 1))).astype(
        np.uint8
    )
