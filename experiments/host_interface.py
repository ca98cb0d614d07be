"""What a published reward function reads of its simulator, found in its text.

Text2Reward's and RoboGen's functions take `self` and read `self.tcp.pose.p`, or call functions of
the simulator's interface such as `get_joint_limit(self, "Oven", "joint_0")`. Each becomes an input
of that very name, whose shape and dtype a table of rules gives: the suites' own documentation of
the interface (Text2Reward's prompts, RoboGen's gpt_reward_api.py, gymnasium's spaces). A call that
returns a tuple becomes one input per element, such as `get_joint_limit(...)[0]`.
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

import jax
import numpy as np
from published import Published, free_names

Shape = jax.ShapeDtypeStruct
Rules = tuple[tuple[str, tuple[Shape, ...]], ...]  # one shape: a value; several: a tuple of them

_BOOL = (Shape((), np.bool_),)


def _f32(*shape: int) -> tuple[Shape]:
    return (Shape(shape, np.float32),)


def _f64(*shape: int) -> tuple[Shape]:
    return (Shape(shape, np.float64),)


# Patterns of a path's end, where `()` stands for any arguments; the first that fits decides.
# Sapien gives f32; numbers that ManiSkill2 keeps as Python floats are f64.
_MANISKILL: Rules = (
    (r"\.check_\w+\(\)", _BOOL),
    (r"\.robot\.qvel|\.get_qvel\(\)", _f32(9)),
    (r"\.(qpos|qvel|link_qpos)", _f32()),
    (r"\.(target_qpos|target_angle|current_angle|cube_half_size|hole_radius)", _f64()),
    (r"\.(goal_height|goal_to_obstacle_dist|init_bucket_height|last_angle_diff)", _f64()),
    (r"\.get_max_impulse_norm\(\)", _f64()),
    (r"\.(p|velocity|angular_velocity|goal_pos|goal_position)", _f32(3)),
    (r"\.(half_size|base_half_size|bucket_center_offset)", _f32(3)),
    (r"\.q", _f32(4)),
    (r"\.target_xy", _f32(2)),
    (r"\.to_transformation_matrix\(\)", _f32(4, 4)),
    (r"\.get_ee_coords(_sample)?\(\)", _f32(4, 3)),
    (r"\.target_(handle|link)_pcd|\._?get_(\w+_)?pcd\(\)|transform_points\(\)", _f32(16, 3)),
)
_METAWORLD: Rules = (
    (r"\.(ee_position|position|goal_position)|\._get_pos_goal\(\)", _f64(3)),
    (r"\.gripper_openness", _f64()),
)
_PAIR, _THREE = _f64(3) * 2, _f64(3) * 3
_ROBOGEN: Rules = (
    (r"get_(position|velocity|orientation|link_state)\(\)|\.COM_init_pos", _f64(3)),
    (r"get_(eef_pos|finger_pos|bounding_box|bounding_box_link|initial_pos_orient)\(\)", _PAIR),
    (r"get_robot_velocity\(\)", _PAIR),
    (r"get_robot_pose\(\)", _f64(3) + _f64(4)),
    (r"get_robot_direction\(\)", _THREE),
    (r"get_joint_limit\(\)", _f64() * 2),
    (r"get_(joint_state|finger_distance|energy_reward|initial_joint_angle)\(\)", _f64()),
    (r"(in_bbox|check_grasped|grasped|gripper_close_to_object(_link)?)\(\)", _BOOL),
    (r"compute_obj_to_center_dist\(\)", _f64()),
    (r"get_link_pc\(\)", _f64(16, 3)),
)
_RULES = {"maniskill": _MANISKILL, "metaworld": _METAWORLD, "robogen": _ROBOGEN}

# gymnasium's observation spaces, and the actions and observations of the robots.
_PLAIN = {
    ("maniskill", "action"): _f32(7),
    ("metaworld", "action"): _f32(4),
    ("metaworld", "obs"): _f64(39),
    ("CartPole-v1", "observations"): _f32(4),
    ("LunarLander-v3", "observations"): _f32(8),
    ("Hopper-v5", "observations"): _f64(11),
    ("Swimmer-v5", "observations"): _f64(8),
    ("highway-v0", "observations"): _f32(5, 5),
    ("highway-fast-v0", "observations"): _f32(5, 5),
    ("ALE/Pacman-v5", "observations"): (Shape((250, 160, 3), np.uint8),),
    **{("", name): _BOOL for name in ("is_success", "is_failure", "terminated", "truncated")},
}


class _Path(NamedTuple):
    """A path of the caller's: as an input is named, and with all arguments left out."""

    name: str
    plain: str


def inputs_of(program: Published) -> dict[str, Shape]:
    """Return the inputs that a program needs, as `compile_reward(inputs=...)` takes them."""
    tree = ast.parse(program.source)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    entry = next((node for node in functions if node.name == program.entry), None)
    if entry is None:
        return {}
    found: dict[str, Shape] = {}
    for arg in entry.args.args:
        kinds = _PLAIN.get((program.task, arg.arg)) or _PLAIN.get(("", arg.arg))
        if kinds:
            found[arg.arg] = kinds[0]
    if program.task in _RULES:
        found |= _Reader(tree, _RULES[program.task]).declared()
        if not any(name.startswith("self.") for name in found):
            found["self.unread"] = Shape(
                (), np.int32
            )  # so that `self` is an object of the caller's
    return found


class _Reader:
    """Finds the caller's paths in a program; a name that is given an object stands for its path."""

    def __init__(self, tree: ast.Module, rules: Rules) -> None:
        self.tree = tree
        self.rules = rules
        self.paths = {"self": _Path("self", "self")}
        self.paths |= {name: _Path(name, name) for name in free_names(tree)}

    def declared(self) -> dict[str, Shape]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                path = self._path(node.value)
                if path is not None and not self._kinds(path):
                    self.paths[node.targets[0].id] = path
        found: dict[str, Shape] = {}
        for node in ast.walk(self.tree):
            path = self._path(node) if isinstance(node, ast.expr) else None
            kinds = self._kinds(path) if path is not None else ()
            if path is not None and len(kinds) == 1:
                found[path.name] = kinds[0]
            elif path is not None:
                found |= {f"{path.name}[{i}]": kind for i, kind in enumerate(kinds)}
        return found

    def _kinds(self, path: _Path) -> tuple[Shape, ...]:
        fits = (kinds for pattern, kinds in self.rules if re.search(f"({pattern})$", path.plain))
        return next(fits, ())

    def _path(self, node: ast.expr) -> _Path | None:
        """Return the path that an expression is, or None; nothing is looked up behind a value."""
        if isinstance(node, ast.Name):
            return self.paths.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self._object(node.value)
            return base and _Path(f"{base.name}.{node.attr}", f"{base.plain}.{node.attr}")
        if isinstance(node, ast.Call):
            base = self._object(node.func)
            return base and _Path(f"{base.name}({self._arguments(node)})", f"{base.plain}()")
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            base = self._object(node.value)
            return base and _Path(f"{base.name}[{node.slice.value!r}]", f"{base.plain}[]")
        return None

    def _object(self, node: ast.expr) -> _Path | None:
        path = self._path(node)
        return None if path is None or self._kinds(path) else path

    def _arguments(self, call: ast.Call) -> str:
        """Return the arguments as a name holds them: all of them, or none where one is computed."""
        words = [self._word(argument) for argument in call.args]
        words += [
            word and f"{keyword.arg}={word}"
            for keyword in call.keywords
            for word in [self._word(keyword.value)]
        ]
        return ", ".join(word for word in words if word) if all(words) else ""

    def _word(self, node: ast.expr) -> str | None:
        path = self._object(node)
        if path is not None:
            return path.name
        try:
            return repr(ast.literal_eval(node))
        except ValueError:
            return None
