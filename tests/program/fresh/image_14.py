"""Number of blocks that lie in the bowl of their own colour (0..3)."""

from __future__ import annotations

import numpy as np

CHANNEL = {"red": 0, "green": 1, "blue": 2}


def dominant(picture: np.ndarray, channel: int, margin: int = 50) -> np.ndarray:
    p = picture.astype(np.int16)
    others = [p[..., c] for c in range(3) if c != channel]
    return p[..., channel] - np.maximum(*others) > margin


def components(mask: np.ndarray) -> list[np.ndarray]:
    """4-connected components, each an (n, 2) array of (row, col)."""
    todo = mask.copy()
    h, w = mask.shape
    parts = []
    while True:
        seeds = np.argwhere(todo)
        if len(seeds) == 0:
            return parts
        r0, c0 = map(int, seeds[0])
        todo[r0, c0] = False
        stack, part = [(r0, c0)], []
        while stack:
            r, c = stack.pop()
            part.append((r, c))
            for rr, cc in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                if 0 <= rr < h and 0 <= cc < w and todo[rr, cc]:
                    todo[rr, cc] = False
                    stack.append((rr, cc))
        parts.append(np.array(part))


def solidity(part: np.ndarray) -> float:
    span = part.max(axis=0) - part.min(axis=0) + 1
    return len(part) / float(span.prod())


def bowl_of(picture: np.ndarray, channel: int) -> tuple[np.ndarray, float] | None:
    rings = [p for p in components(dominant(picture, channel)) if len(p) > 20 and solidity(p) < 0.6]
    if not rings:
        return None
    ring = max(rings, key=len)
    lo, hi = ring.min(axis=0), ring.max(axis=0)
    return (lo + hi) / 2.0, float((hi - lo).mean() / 2.0)


def block_of(picture: np.ndarray, channel: int) -> np.ndarray | None:
    solid = [p for p in components(dominant(picture, channel)) if len(p) > 8 and solidity(p) >= 0.6]
    return max(solid, key=len).mean(axis=0) if solid else None


def blocks_sorted(frame: np.ndarray, initial_frame: np.ndarray) -> int:
    total = 0
    for channel in CHANNEL.values():
        bowl = bowl_of(initial_frame, channel)
        block = block_of(frame, channel)
        if bowl is None or block is None:
            continue
        centre, radius = bowl
        total += bool(np.linalg.norm(block - centre) < 0.8 * radius)
    return total
