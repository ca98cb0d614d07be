"""Every operation of the table beside OpenCV: on many pictures, under vmaps, with 64-bit types."""

import functools
import inspect

import jax
import numpy as np
import pytest
from masks import random_masks, real_masks
from vision_cases import CASES
from vision_cases.case import compare
from vision_cases.inputs import pictures, shapes
from vision_cases.refusals import REFUSALS
from vision_frames import SHAPES, frames

from jaxcar import JaxcarError, vision

COUNT = 600
HAVE_TESTS_OF_THEIR_OWN = {"find_contours", "connected_components"}
# OpenCV has no such: `test_blobs.py` compares them with `jaxcar.vision.host`.
OF_BLOBS = {
    *(
        "blobs",
        "blob_masks",
        "box_region",
        "distance",
        "fraction",
        "inside",
        "largest",
        "mask_rows",
    ),
    *("moved", "rows_touch", "tiles", "touching", "vertices"),
}


@functools.cache
def inputs_of(size, count):
    """The inputs of every operation, of so many pictures, masks and contours."""
    half = count // 2
    blobs = np.concatenate([real_masks(half, *size), random_masks(count - half, *size)])
    return {**pictures(frames(*size, count), blobs), **shapes(blobs)}


def marked(case):
    slow = [pytest.mark.slow] if case.operation in HAVE_TESTS_OF_THEIR_OWN else []
    return pytest.param(case, id=case.call.replace("cv2.", ""), marks=slow)


@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_results_are_opencvs(case, size):
    compare(case, inputs_of(size, COUNT))


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_the_same_under_two_vmaps_and_with_wide_types(case):
    inputs = {name: value[:12] for name, value in inputs_of((16, 16), 24).items()}

    def nested(*arrays):
        with jax.enable_x64(True):
            arrays = [array.reshape(3, 4, *array.shape[1:]) for array in arrays]
            found = jax.jit(jax.vmap(jax.vmap(case.ours)))(*arrays)
            return jax.tree.map(lambda leaf: np.asarray(leaf).reshape(12, *leaf.shape[2:]), found)

    compare(case, inputs, nested)


def test_the_table_holds_every_operation():
    public = {name for name in vision.__all__ if inspect.isfunction(getattr(vision, name))}
    # A kernel is no picture: `test_morphology.py` draws all of them.
    assert {case.operation for case in CASES} == public - {"structuring_element"} - OF_BLOBS
    assert len({case.call for case in CASES}) == len(CASES)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.call)
def test_what_is_refused(refusal):
    with pytest.raises(JaxcarError, match=refusal.said):
        refusal.refused()
