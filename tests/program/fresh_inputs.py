"""The tasks that the fresh programs were written for: their inputs, and values that exercise them.

The programs in `fresh/` were written by large language models that were told the task and the names
of the state alone, and are kept word for word.
"""

from __future__ import annotations

import pathlib

import jax
import numpy as np

FOLDER = pathlib.Path(__file__).parent / "fresh"
_SINGLE, _DOUBLE, _WHOLE, _TRUTH = np.float32, np.float64, np.int64, np.bool_


def _shapes(**named):
    return {name: jax.ShapeDtypeStruct(shape, dtype) for name, (shape, dtype) in named.items()}


TASKS = {
    "push": _shapes(
        ee_pos=((3,), _SINGLE),
        ee_vel=((3,), _SINGLE),
        cube_pos=((3,), _SINGLE),
        cube_euler=((3,), _SINGLE),
        cube_vel=((3,), _SINGLE),
        goal_pos=((3,), _SINGLE),
        gripper_width=((), _SINGLE),
        action=((7,), _SINGLE),
    ),
    "quadruped": _shapes(
        base_pos=((3,), _DOUBLE),
        base_quat=((4,), _DOUBLE),
        base_lin_vel=((3,), _DOUBLE),
        base_ang_vel=((3,), _DOUBLE),
        joint_pos=((12,), _DOUBLE),
        joint_vel=((12,), _DOUBLE),
        joint_torques=((12,), _DOUBLE),
        foot_contacts=((4,), _TRUTH),
        command=((3,), _DOUBLE),
    ),
    "grid": _shapes(
        grid=((8, 8), _WHOLE),
        agent_pos=((2,), _WHOLE),
        agent_dir=((), _WHOLE),
        carrying=((), _WHOLE),
        door_open=((), _TRUTH),
    ),
    "blocks": _shapes(
        block_xy=((6, 2), _DOUBLE),
        block_color=((6,), _WHOLE),
        block_present=((6,), _TRUTH),
        bowl_xy=((3, 2), _DOUBLE),
        bowl_color=((3,), _WHOLE),
        held=((), _WHOLE),
    ),
    "stack": _shapes(
        ee_pos=((3,), _SINGLE),
        ee_quat=((4,), _SINGLE),
        gripper_width=((), _SINGLE),
        cube_a_pos=((3,), _SINGLE),
        cube_a_quat=((4,), _SINGLE),
        cube_b_pos=((3,), _SINGLE),
        grasped=((), _TRUTH),
        qvel=((9,), _SINGLE),
        action=((8,), _SINGLE),
    ),
    "door": _shapes(
        ee_pos=((3,), _DOUBLE),
        handle_pos=((3,), _DOUBLE),
        drawer_opening=((), _DOUBLE),
        door_angle=((), _DOUBLE),
        joint_vel=((7,), _DOUBLE),
        contact_forces=((2, 3), _DOUBLE),
    ),
    "mobile": _shapes(
        pose=((3,), _DOUBLE),
        goal=((2,), _DOUBLE),
        lidar=((36,), _DOUBLE),
        obstacles=((5, 2), _DOUBLE),
        velocity=((2,), _DOUBLE),
        battery=((), _DOUBLE),
        visited_waypoints=((4,), _TRUTH),
        waypoints=((4, 2), _DOUBLE),
    ),
    "pole": _shapes(
        cart_position=((), _SINGLE),
        cart_velocity=((), _SINGLE),
        pole_angle=((), _SINGLE),
        pole_velocity=((), _SINGLE),
        observations=((4,), _SINGLE),
        step=((), np.int32),
        is_success=((), _TRUTH),
        is_failure=((), _TRUTH),
    ),
    "valve": _shapes(
        finger_pos=((2, 3), _DOUBLE),
        valve_angle=((), _DOUBLE),
        target_angle=((), _DOUBLE),
        tip_forces=((2,), _DOUBLE),
        object_dropped=((), _TRUTH),
        last_actions=((3, 6), _DOUBLE),
    ),
    "warehouse": _shapes(
        shelf_items=((5, 4), _WHOLE),
        order=((6,), _WHOLE),
        robot_cell=((2,), _WHOLE),
        carried=((3,), _WHOLE),
        delivered=((6,), _WHOLE),
    ),
}
_NUMBERS = {
    "push": (1, 2, 3, 4, 25, 26),
    "quadruped": (5, 6, 7, 27, 28),
    "grid": (8, 9, 10, 29, 30, 31),
    "blocks": (11, 12, 32, 33),
    "stack": (13, 14, 15, 34),
    "door": (16, 17, 35),
    "mobile": (18, 19, 36, 37),
    "pole": (20, 21, 38),
    "valve": (22, 23, 39),
    "warehouse": (24, 40),
}
TASK_OF = {f"state_{n:02d}": task for task, numbers in _NUMBERS.items() for n in numbers}


def frame_of(name):
    """The shape of the picture that an image program was written for."""
    number = int(name[-2:])
    sizes = {18: (64, 96, 3), 19: (80, 80, 3), 20: (64, 64, 3)}
    return sizes.get(number, (64, 64, 3) if number <= 8 else (96, 96, 3))


def values_of(task, batch, steps, seed=0):
    """Usual and extreme values of a task's state: [batch, steps, ...] by name."""
    rng = np.random.default_rng(seed)
    return {
        name: _values(rng, name, (batch, steps, *shape.shape), np.dtype(shape.dtype))
        for name, shape in TASKS[task].items()
    }


def _values(rng, name, shape, dtype):
    if dtype == np.bool_:
        return rng.random(shape) < 0.4
    if dtype.kind == "i":
        return _whole_numbers(rng, name, shape).astype(dtype)
    if name == "lidar":
        return np.where(rng.random(shape) < 0.3, np.inf, rng.random(shape) * 5)
    if name.endswith("quat"):
        made = rng.normal(size=shape)
        return (made / np.linalg.norm(made, axis=-1, keepdims=True)).astype(dtype)
    if name in ("battery", "drawer_opening", "gripper_width"):
        return (rng.random(shape) * (0.08 if name == "gripper_width" else 0.3)).astype(dtype)
    if name.endswith(("pos", "xy")):
        # Some coordinates agree exactly, so that distances of 0 occur.
        made = np.where(rng.random(shape) < 0.3, 0.02, rng.normal(size=shape) * 0.1)
        return made.astype(dtype)
    scale = rng.choice([0.05, 1.0], shape[:2]).reshape(*shape[:2], *(1,) * (len(shape) - 2))
    return (rng.normal(size=shape) * scale).astype(dtype)


def _whole_numbers(rng, name, shape):
    if name == "grid":
        cells = rng.choice([0, 0, 0, 0, 0, 1, 1, 2], shape)
        lanes, steps = np.arange(shape[0])[:, None], np.arange(shape[1])
        for kind in (3, 4, 5):
            cells[lanes, steps, *rng.integers(0, 8, (2, *shape[:2]))] = kind
        return cells
    ranges = {"agent_pos": (0, 8), "robot_cell": (0, 5), "held": (-1, 6), "step": (0, 500)}
    if name == "carrying":
        return rng.choice([0, 3], shape)
    return rng.integers(*ranges.get(name, (0, 4)), shape)
