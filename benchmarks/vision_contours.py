"""Contours and components of masks: microseconds a frame, beside OpenCV's own.

    python benchmarks/vision_contours.py [--repeats 5] [--out FILE]

Masks as a grid world's colours give them, 1024 at once, in each of 4 steps of a scan, as a reward
program is called, on one core; OpenCV runs one frame after another in the same process, from
Python. Every result is summed, so that nothing is left out; compile time is told apart. Features
are area, length and rectangle. The peer of blobs and tiles is `jaxcar.vision.host`, NumPy with
OpenCV.
"""

from __future__ import annotations

from measure import arguments, compiled, report, seconds, use_one_core

use_one_core()

import os

os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"

from collections.abc import Callable
from typing import Any

import cv2
import jax
import jax.numpy as jnp
import numpy as np

from jaxcar import vision
from jaxcar.vision import host

BATCH, STEPS, CONTOURS, POINTS = 1024, 4, 32, 256
Work = Callable[[Any], Any]


def masks(size: int) -> np.ndarray:
    """Return tiles, walls and discs, u8[BATCH, size, size]."""
    rng = np.random.default_rng(0)
    found = np.zeros((BATCH, size, size), np.uint8)
    for b, mask in enumerate(found):
        tiles = (rng.random((size // 8, size // 8)) < 0.1).astype(np.uint8)
        mask[:] = np.kron(tiles, np.ones((8, 8), np.uint8))
        for _ in range(2):
            x, y = rng.integers(6, size - 6, 2)
            cv2.circle(mask, (int(x), int(y)), int(rng.integers(2, 6)), 1, -1)
        if b % 3 == 0:
            mask[::8] = 1
    return found * np.uint8(255)


def total(results: Any) -> jax.Array:
    return sum(
        jnp.sum(jax.lax.convert_element_type(leaf, jnp.float32))
        for leaf in jax.tree.leaves(results)
    )


def contours(mode: str) -> tuple[Work, Work]:
    code = getattr(cv2, f"RETR_{mode.upper()}")

    def ours(frames: jax.Array) -> jax.Array:
        return total(vision.find_contours(frames, mode, contours=CONTOURS, points=POINTS))

    def theirs(frame: np.ndarray) -> None:
        cv2.findContours(frame, code, cv2.CHAIN_APPROX_SIMPLE)

    return ours, theirs


def features(mode: str, polygons: bool = False) -> tuple[Work, Work]:
    code = getattr(cv2, f"RETR_{mode.upper()}")

    def ours(frames: jax.Array) -> jax.Array:
        found = vision.find_contours(frames, mode, contours=CONTOURS, points=POINTS)
        shape = found.points, found.lengths
        length = vision.arc_length(*shape)
        results: list[Any] = [vision.contour_area(*shape), length, vision.bounding_rect(*shape)]
        if polygons:
            results.append(vision.approximate_polygon(*shape, 0.02 * length).lengths)
        return total((results, found.count, found.overflow))

    def theirs(frame: np.ndarray) -> None:
        for contour in cv2.findContours(frame, code, cv2.CHAIN_APPROX_SIMPLE)[0]:
            cv2.contourArea(contour)
            length = cv2.arcLength(contour, True)
            cv2.boundingRect(contour)
            if polygons:
                cv2.approxPolyDP(contour, 0.02 * length, True)

    return ours, theirs


def rectangles() -> tuple[Work, Work]:
    def ours(frames: jax.Array) -> jax.Array:
        found = vision.find_contours(frames, "list", contours=CONTOURS, points=POINTS)
        return total(vision.min_area_rectangle(found.points, found.lengths))

    def theirs(frame: np.ndarray) -> None:
        for contour in cv2.findContours(frame, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
            cv2.minAreaRect(contour)

    return ours, theirs


def silhouettes(one_by_one: bool) -> tuple[Work, Work]:
    """Draw the contours of a mask, filled: in one call, or one after the other in a loop."""

    def ours(frames: jax.Array) -> jax.Array:
        found = vision.find_contours(frames, "list", contours=CONTOURS, points=POINTS)
        size, white = (frames.shape[1], frames.shape[2]), jnp.uint8(255)
        shape = found.points, found.lengths

        def draw(number: jax.Array, canvas: jax.Array) -> jax.Array:
            one = (jax.lax.dynamic_slice_in_dim(part, number, 1, 1) for part in shape)
            return vision.painted(canvas, vision.polygons(size, *one)[0], white)

        canvas = jnp.zeros_like(frames)
        if one_by_one:
            canvas = jax.lax.fori_loop(0, jnp.max(found.count), draw, canvas)
        else:
            canvas = vision.painted(canvas, vision.polygons(size, *shape)[0], white)
        return total((jax.lax.bitcast_convert_type(canvas.reshape(-1, 4), jnp.int32), found.count))

    def theirs(frame: np.ndarray) -> None:
        found, _ = cv2.findContours(frame, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        canvas = np.zeros_like(frame)
        for each in [[contour] for contour in found] if one_by_one else [found]:
            cv2.drawContours(canvas, each, -1, 255, cv2.FILLED)

    return ours, theirs


def components(connectivity: int) -> tuple[Work, Work]:
    def ours(frames: jax.Array) -> jax.Array:
        return total(vision.connected_components(frames, connectivity, components=CONTOURS))

    def theirs(frame: np.ndarray) -> None:
        cv2.connectedComponentsWithStats(frame, connectivity=connectivity)

    return ours, theirs


def blobs(pixels: bool = False, corners: bool = False) -> tuple[Work, Work]:
    def ours(frames: jax.Array) -> jax.Array:
        found = vision.blobs(frames, 4, most=CONTOURS)
        results: list[Any] = [found.count, found.area, found.box, found.centroid, found.overflow]
        if pixels:
            results.append(vision.blob_masks(found.rows, frames.shape[-1]))
        if corners:
            results.append(vision.vertices(frames, found, points=POINTS))
        return total(results)

    def theirs(frame: np.ndarray) -> None:
        for blob in host.blobs(frame, 4):
            if corners:
                _ = blob.vertices

    return ours, theirs


def touching(gap: int) -> tuple[Work, Work]:
    """Whether the two largest blobs of a picture touch."""

    def ours(frames: jax.Array) -> jax.Array:
        rows = vision.blobs(frames, 4, most=CONTOURS).rows
        return total(vision.rows_touch(rows[:, 0], rows[:, 1], gap))

    def theirs(frame: np.ndarray) -> None:
        first, second = [*host.blobs(frame, 4), None, None][:2]
        host.touching(first, second, gap)

    return ours, theirs


def tiles(side: int) -> tuple[Work, Work]:
    def ours(frames: jax.Array) -> jax.Array:
        return total(vision.tiles(frames, side, side))

    return ours, lambda frame: host.tiles(frame, side, side)


CASES = {
    "findContours external": contours("external"),
    "findContours list": contours("list"),
    "findContours tree": contours("tree"),
    "external, features": features("external"),
    "list, features": features("list"),
    "list, features, approxPolyDP": features("list", polygons=True),
    "list, minAreaRect": rectangles(),
    "list, drawContours filled": silhouettes(one_by_one=False),
    "list, drawContours filled, one by one": silhouettes(one_by_one=True),
    "connectedComponentsWithStats 8": components(8),
    "connectedComponentsWithStats 4": components(4),
    "blobs": blobs(),
    "blobs with pixels": blobs(pixels=True),
    "blobs with vertices": blobs(corners=True),
    "two largest blobs touching": touching(3),
    "tiles 8x8 of a mask": tiles(8),
}


def in_steps(work: Work) -> Work:
    def run(frames: jax.Array) -> jax.Array:
        return jax.lax.scan(lambda sofar, now: (sofar + work(now), None), 0.0, frames)[0]

    return run


def blocking(run: Work, frames: jax.Array) -> Callable[[], Any]:
    return lambda: jax.block_until_ready(run(frames))


def one_by_one(work: Work, frames: np.ndarray) -> Callable[[], Any]:
    def run() -> None:
        for frame in frames:
            work(frame)

    return run


def main() -> None:
    options = arguments(__doc__ or "")
    cv2.setNumThreads(1)
    rows = []
    for size in (64, 96):
        frames = masks(size)
        on_device = jnp.stack([jnp.roll(frames, step, axis=0) for step in range(STEPS)])
        for name, (ours, theirs) in CASES.items():
            run, compile_s = compiled(in_steps(ours), on_device)
            own = seconds(blocking(run, on_device), options.repeats)["cpu_s"] / STEPS / BATCH
            peer = seconds(one_by_one(theirs, frames), options.repeats)["cpu_s"] / BATCH
            row = {"op": name, "size": size, "compile_s": compile_s}
            row |= {"us_per_frame": own * 1e6, "opencv_us": peer * 1e6}
            rows.append(row | {"speed_of_opencv": peer / own})
    report("vision_contours", rows, options)


if __name__ == "__main__":
    main()
