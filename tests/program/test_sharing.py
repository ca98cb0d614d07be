"""Equal work is done once, contours of several masks together, measures of rows before the loop."""

import collections

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import jaxpr_as_fun
from oracle import differences

from jaxcar.program import compile_reward
from jaxcar.program.sharing import gathered, shared
from jaxcar.vision.batches import Work, in_batches

HELPERS = """import cv2
import numpy as np


def biggest(frame, low, high):
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    mask = cv2.inRange(hsv, np.array([low, 80, 80]), np.array([high, 255, 255]))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    return cv2.boundingRect(max(contours, key=cv2.contourArea))


"""
TOGETHER = (
    HELPERS
    + """def near(frame):
    green = biggest(frame, 40, 80)
    red = biggest(frame, 0, 10)
    if green is None or red is None:
        return False
    return abs(green[0] - red[0]) < 20


def both(frame):
    return biggest(frame, 40, 80) is not None and biggest(frame, 0, 10) is not None
"""
)
LOOP = """import cv2
import numpy as np


def squares(frame):
    mask = cv2.inRange(frame, np.array([100, 0, 0]), np.array([255, 99, 99]))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    count = 0
    for c in contours:
        if cv2.contourArea(c) < 3:
            continue
        around = cv2.arcLength(c, True)
        corners = cv2.approxPolyDP(c, 0.05 * around, True)
        if len(corners) == 4:
            count += 1
        if count == 3:
            break
    return count
"""


def frames(count=24, seed=0):
    rng = np.random.default_rng(seed)
    tiles = rng.integers(0, 4, (count, 8, 8))
    colours = np.array([[20, 200, 40], [210, 20, 20], [0, 0, 0], [90, 90, 90]], np.uint8)
    return colours[tiles].repeat(4, 1).repeat(4, 2)


def works(program, shape=(32, 32, 3)):
    """Return the operations on whole batches of one traced step, and those inside its loops."""
    frame = jax.ShapeDtypeStruct(shape, np.uint8)
    memory = jax.eval_shape(lambda f: program.init(initial_frame=f), frame)
    step = jax.make_jaxpr(lambda m, f: program.step(m, frame=f))(memory, frame)
    found = {"outside": collections.Counter(), "inside": collections.Counter()}

    def look(jaxpr, where):
        for eqn in jaxpr.eqns:
            if eqn.primitive.name == "whole_batch":
                found[where][eqn.params["work"].name.split()[0]] += 1
            inner = "inside" if eqn.primitive.name in ("while", "scan", "cond") else where
            for value in jax.tree.leaves(eqn.params, is_leaf=lambda x: hasattr(x, "jaxpr")):
                if hasattr(value, "jaxpr"):
                    look(value.jaxpr, inner)

    look(step.jaxpr, "outside")
    return found


def compare(text):
    given = frames(96).reshape(12, 8, 32, 32, 3)
    resets = np.zeros((12, 8), bool)
    resets[:, 0] = True
    program = compile_reward(text, frame=(32, 32, 3))
    found, counts = differences(program, {"frame": given}, resets)
    assert not found, found[:3]
    assert counts["limits"] == 0
    return program


def test_contours_of_several_masks_are_found_together():
    """Two helpers on two masks, by two entries: one search for all, and one of each measure."""
    program = compare(TOGETHER)
    assert works(program) == {
        "outside": {"find_contours": 1, "area": 1, "rectangle": 1},
        "inside": {},
    }


def test_measures_of_rows_are_made_before_the_loop():
    program = compare(LOOP)
    assert works(program) == {
        "outside": {"find_contours": 1, "area": 1, "length": 1, "polygon": 1},
        "inside": {},
    }


def test_measures_that_need_the_loop_stay_in_it():
    text = LOOP.replace("0.05 * around", "0.02 * (count + 1) * around")
    found = works(compare(text))
    assert found["inside"] == {"polygon": 1}
    assert found["outside"] == {"find_contours": 1, "area": 1, "length": 1}


DOUBLE = Work("double", lambda frames: 2 * frames, (1,))


def names(closed):
    return [eqn.primitive.name for eqn in closed.jaxpr.eqns]


def test_equal_equations_are_computed_once():
    def function(x, y):
        return jnp.sin(x) * jnp.sin(y) + jnp.cos(x), jnp.sin(x) - jnp.float32(3) * jnp.float32(1)

    closed = jax.make_jaxpr(function)(1.0, 2.0)
    once = shared(closed)
    assert names(once).count("sin") == 2 and names(closed).count("sin") == 3
    wanted = jaxpr_as_fun(closed)(0.5, 0.25)
    assert jaxpr_as_fun(once)(0.5, 0.25) == wanted


def test_literals_and_constants_of_other_dtypes_are_not_equal():
    def function(x):
        return x * jnp.float32(2), x.astype(jnp.int32) * 2, x + np.ones(3), x + np.ones(3, np.int32)

    closed = jax.make_jaxpr(function)(jnp.arange(3.0))
    wanted = jaxpr_as_fun(closed)(jnp.arange(3.0))
    for ours, other in zip(jaxpr_as_fun(shared(closed))(jnp.arange(3.0)), wanted, strict=True):
        assert ours.dtype == other.dtype
        np.testing.assert_array_equal(ours, other)


def test_operations_wait_for_others_of_their_kind():
    """One comes early, one needs a result of another kind: both are made at the later time."""
    add = Work("add", lambda frames: frames + 1, (1,))

    def function(x, y):
        early = in_batches(DOUBLE, x)
        late = in_batches(DOUBLE, in_batches(add, y))
        return early * 3, late, early + late

    x, y = jnp.arange(3.0), jnp.ones(3)
    closed = gathered(jax.make_jaxpr(function)(x, y))
    kinds = [e.params["work"].name for e in closed.jaxpr.eqns if e.primitive.name == "whole_batch"]
    assert kinds == ["add", "double"]
    for ours, wanted in zip(jaxpr_as_fun(closed)(x, y), function(x, y), strict=True):
        np.testing.assert_array_equal(ours, wanted)


def test_operations_that_need_each_other_stay_apart():
    def function(x):
        return in_batches(DOUBLE, in_batches(DOUBLE, x))

    closed = gathered(jax.make_jaxpr(function)(jnp.ones(3)))
    assert names(closed).count("whole_batch") == 2
    np.testing.assert_array_equal(jaxpr_as_fun(closed)(jnp.ones(3))[0], [4.0, 4.0, 4.0])
