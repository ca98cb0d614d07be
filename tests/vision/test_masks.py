"""Masks, saturating arithmetic, thresholds and statistics, bit by bit as OpenCV's."""

import cv2
import jax
import numpy as np
import pytest
from vision_frames import QUICK, SHAPES, each, frames, masks, planes

from jaxcar import vision
from jaxcar.vision import thresholds

BITWISE = [
    (vision.bitwise_and, cv2.bitwise_and),
    (vision.bitwise_or, cv2.bitwise_or),
    (vision.bitwise_xor, cv2.bitwise_xor),
]
KINDS = {
    "binary": cv2.THRESH_BINARY,
    "binary_inverse": cv2.THRESH_BINARY_INV,
    "truncate": cv2.THRESH_TRUNC,
    "to_zero": cv2.THRESH_TOZERO,
    "to_zero_inverse": cv2.THRESH_TOZERO_INV,
}


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize(("ours", "theirs"), BITWISE)
def test_bitwise(size, ours, theirs):
    a, b, mask = planes(*size), planes(*size, seed=1), masks(*size)
    np.testing.assert_array_equal(jax.jit(ours)(a, b), each(theirs, a, b))
    wanted = each(lambda x, y, m: theirs(x, y, mask=m), a, b, mask)
    np.testing.assert_array_equal(jax.jit(ours)(a, b, mask), wanted)
    a, b = frames(*size), frames(*size, seed=1)
    wanted = each(lambda x, y, m: theirs(x, y, mask=m), a, b, mask)
    ours = jax.jit(ours, static_argnames="channels")
    np.testing.assert_array_equal(ours(a, b, mask, channels=True), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_bitwise_not(size):
    a, mask = planes(*size), masks(*size)
    np.testing.assert_array_equal(vision.bitwise_not(a), each(cv2.bitwise_not, a))
    wanted = each(lambda x, m: cv2.bitwise_not(x, mask=m), a, mask)
    np.testing.assert_array_equal(vision.bitwise_not(a, mask), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_split_and_merge(size):
    pictures = frames(*size)
    parts = jax.jit(vision.split)(pictures)
    wanted = [cv2.split(picture) for picture in pictures]
    for channel, part in enumerate(parts):
        np.testing.assert_array_equal(part, np.stack([planes[channel] for planes in wanted]))
    back = jax.jit(lambda *planes: vision.merge(planes))(*parts)
    np.testing.assert_array_equal(back, np.stack([cv2.merge(planes) for planes in wanted]))


@pytest.mark.parametrize("size", SHAPES)
def test_sums_saturate(size):
    a, b = frames(*size), frames(*size, seed=1)
    for ours, theirs in ((vision.add, cv2.add), (vision.subtract, cv2.subtract)):
        np.testing.assert_array_equal(jax.jit(ours)(a, b), each(theirs, a, b))
        for number in (10, -3, 300):
            wanted = each(lambda x, f=theirs, n=number: f(x, (n, n, n, n)), a)
            np.testing.assert_array_equal(jax.jit(ours)(a, np.int32(number)), wanted)
        wanted = each(lambda x, f=theirs: f(x, (10, 20, -30, 0)), a)
        np.testing.assert_array_equal(jax.jit(ours)(a, np.array([10, 20, -30], np.int32)), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_weighted_sums(size):
    a, b = planes(*size), planes(*size, seed=1)
    ours = jax.jit(vision.add_weighted)
    rng = np.random.default_rng(0)
    weights = [(0.5, 0.5, 0), (0.7, 0.3, 10), (1, -1, 0), (1.5, 0, -20), (0.3, 0.7, 0.5)]
    weights += [tuple(rng.uniform((-2, -2, -50), (2, 2, 50))) for _ in range(5)]
    for alpha, beta, gamma in weights:
        x, y = (a, b) if alpha != 0.7 else (a[:200], b[:200])
        wanted = each(
            lambda p, q, s=(alpha, beta, gamma): cv2.addWeighted(p, s[0], q, *s[1:]), x, y
        )
        found = ours(x, np.float32(alpha), y, np.float32(beta), np.float32(gamma))
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_stretch(size):
    a = planes(*size) // 2 + 20
    for low, high in ((0, 255), (10, 99), (0, 1), (200, 3)):
        wanted = each(
            lambda x, low=low, high=high: cv2.normalize(x, None, low, high, cv2.NORM_MINMAX), a
        )
        np.testing.assert_array_equal(jax.jit(vision.stretch)(a, low, high), wanted)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SHAPES)
def test_threshold(size, kind):
    a = planes(*size)
    ours = jax.jit(vision.threshold, static_argnames="kind")
    for level, maximum in ((127, 255), (0, 1), (-3, 200), (255, 255), (300, 7), (80, 300)):
        wanted = each(lambda x, t=level, m=maximum: cv2.threshold(x, t, m, KINDS[kind])[1], a[::3])
        found = ours(a[::3], np.int32(level), np.int32(maximum), kind=kind)
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_otsu(size):
    a = planes(*size)
    wanted = each(lambda x: cv2.threshold(x, 0, 255, cv2.THRESH_OTSU)[0], a)
    np.testing.assert_array_equal(jax.jit(vision.otsu_level)(a), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_histograms(size):
    a, mask = planes(*size), masks(*size)
    wanted = each(lambda x: cv2.calcHist([x], [0], None, [256], [0, 256]).ravel(), a)
    counts = jax.jit(vision.histogram)(a)
    np.testing.assert_array_equal(counts, wanted)
    masked = each(lambda x, m: cv2.calcHist([x], [0], m, [256], [0, 256]).ravel(), a, mask)
    np.testing.assert_array_equal(jax.jit(vision.histogram)(a, mask), masked)
    for bins, low, high in ((16, 0, 256), (8, 0, 256), (10, 0, 256), (7, 20, 201), (180, 0, 180)):
        wanted = each(
            lambda x, n=bins, s=(low, high): cv2.calcHist([x], [0], None, [n], list(s)).ravel(), a
        )
        np.testing.assert_array_equal(thresholds.binned(counts, bins, low, high), wanted)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("size", SHAPES)
def test_statistics(size, wide):
    a, mask = frames(*size), masks(*size)
    with jax.enable_x64(wide):
        np.testing.assert_array_equal(
            jax.jit(vision.count_nonzero)(a[..., 0]), each(cv2.countNonZero, a[..., 0].copy())
        )
        mean, spread = jax.jit(vision.mean), jax.jit(vision.mean_and_deviation)
        np.testing.assert_array_equal(mean(a), each(cv2.mean, a))
        np.testing.assert_array_equal(mean(a, mask), each(cv2.mean, a, mask))
        wanted = each(lambda x: np.stack(cv2.meanStdDev(x))[..., 0], a)
        np.testing.assert_array_equal(np.stack(spread(a), 1), wanted)
        wanted = each(lambda x, m: np.stack(cv2.meanStdDev(x, mask=m))[..., 0], a, mask)
        np.testing.assert_array_equal(np.stack(spread(a, mask), 1), wanted)


@pytest.mark.parametrize("size", SHAPES)
def test_extremes(size):
    a, mask = planes(*size), masks(*size)
    for found, wanted in (
        (jax.jit(vision.extremes)(a), [cv2.minMaxLoc(x) for x in a]),
        (
            jax.jit(vision.extremes)(a, mask),
            [cv2.minMaxLoc(x, m) for x, m in zip(a, mask, strict=True)],
        ),
    ):
        for ours, theirs in zip(found, zip(*wanted, strict=True), strict=True):
            np.testing.assert_array_equal(ours, np.array(theirs))


def test_tall_pictures_do_not_overflow():
    tall = np.full((2, 300, 5, 3), 255, np.uint8)
    assert jax.jit(vision.totals)(tall).tolist() == [[300 * 5 * 255] * 3] * 2
    assert jax.jit(vision.count_nonzero)(tall[..., 0]).tolist() == [1500] * 2
    tall[:, 280, 2] = 3
    assert jax.jit(vision.extremes)(tall[..., 0]).smallest_at.tolist() == [[2, 280]] * 2


def test_one_picture_as_in_a_batch():
    (H, W), _ = QUICK
    a = frames(H, W, 6)
    np.testing.assert_array_equal(jax.jit(vision.mean)(a[5]), jax.jit(vision.mean)(a)[5])
    counts = jax.jit(vision.histogram)
    np.testing.assert_array_equal(counts(a[5, ..., 0]), counts(a[..., 0])[5])
