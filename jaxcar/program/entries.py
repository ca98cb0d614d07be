"""The entry of a program: which function is the reward, and what its parameters are given."""

from __future__ import annotations

import ast
import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from jaxcar.errors import JaxcarError, RefusedProgram
from jaxcar.lang.diagnostic import Diagnostic, diagnostic
from jaxcar.lang.members import methods_of
from jaxcar.lang.resolve import ResolvedModule, called_methods, called_names
from jaxcar.program.host import host_roots

FRAME_NAMES = ("frame", "image", "img")
PATH_NAMES = ("image_path", "frame_path", "img_path", "path")


class Source(NamedTuple):
    """What a parameter is given.

    Attributes:
        form: "input" (each step), "initial" (at init), "previous" (kept by the program), "path"
            (the frame as a path for `cv2.imread`), "host" (an object of the caller's, of which
            attributes and calls are declared), "absent" (None), or "default".
        name: the input's name, as callers of `init` and `step` give it.
    """

    form: str
    name: str


@dataclasses.dataclass(frozen=True)
class Entry:
    """One reward function of a program.

    Args:
        name: the function's name, or "Class.method".
        module: the checked program.
        function: the entry's node.
        class_name: the class whose method it is, or None.
        parameters: what each parameter is given, in order, `self` left out.
    """

    name: str
    module: ResolvedModule
    function: ast.FunctionDef
    class_name: str | None
    parameters: tuple[tuple[str, Source], ...]


@dataclasses.dataclass(frozen=True)
class Inputs:
    """What a program may look at.

    Args:
        declared: name to shape and dtype, or None for an argument that is always None.
        frame: the shape of the picture, (H, W, 3), or None.
    """

    declared: Mapping[str, jax.ShapeDtypeStruct | None]
    frame: tuple[int, int, int] | None

    def shapes(self) -> dict[str, jax.ShapeDtypeStruct]:
        """Return the shape and dtype of every input, pictures included."""
        found = {name: shape for name, shape in self.declared.items() if shape is not None}
        if self.frame is not None:
            picture = jax.ShapeDtypeStruct(self.frame, np.uint8)
            for name in ("frame", "initial_frame", "previous_frame"):
                found.setdefault(name, picture)
        return found

    def source_of(self, parameter: str) -> Source | None:
        """Return what a parameter of this name is given, or None where nothing fits."""
        if parameter in self.declared:
            absent = self.declared[parameter] is None
            return Source("absent" if absent else "input", parameter)
        if parameter in host_roots(self.declared):
            return Source("host", parameter)
        if self.frame is None:
            return None
        if parameter in FRAME_NAMES:
            return Source("input", "frame")
        if parameter in PATH_NAMES:
            return Source("path", "frame")
        for prefix, form in (
            ("current_", "input"),
            ("initial_", "initial"),
            ("previous_", "previous"),
        ):
            rest = parameter.removeprefix(prefix)
            if rest != parameter and rest in FRAME_NAMES:
                name = "frame" if form == "input" else f"{prefix}frame"
                return Source(form, name)
        return None

    def names(self) -> tuple[str, ...]:
        """Return every parameter name that is given something."""
        pictures: tuple[str, ...] = ()
        if self.frame is not None:
            pictures = (
                *FRAME_NAMES,
                "current_frame",
                "initial_frame",
                "previous_frame",
                "image_path",
            )
        return (*self.declared, *pictures)


def make_inputs(inputs: Mapping[str, Any] | None, frame: tuple[int, int, int] | None) -> Inputs:
    """Check the caller's declaration of inputs.

    Raises:
        JaxcarError: the declaration is not a mapping of names to shapes, or the frame's shape is
            not (H, W, 3).
    """
    declared: dict[str, jax.ShapeDtypeStruct | None] = {}
    if inputs is not None and not isinstance(inputs, Mapping):
        raise JaxcarError(
            "the inputs are not a mapping",
            where="inputs=",
            got=type(inputs).__name__,
            expected="{name: jax.ShapeDtypeStruct(shape, dtype)}",
        )
    for name, shape in (inputs or {}).items():
        if shape is not None and not (hasattr(shape, "shape") and hasattr(shape, "dtype")):
            raise JaxcarError(
                "an input's shape is not known",
                where=f"inputs[{name!r}]",
                got=shape,
                expected="jax.ShapeDtypeStruct(shape, dtype), or None for an absent argument",
            )
        declared[name] = (
            None
            if shape is None
            else jax.ShapeDtypeStruct(tuple(shape.shape), np.dtype(shape.dtype))
        )
    if frame is not None:
        sizes = tuple(frame) if isinstance(frame, Sequence) else (frame,)
        whole = all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes)
        if not whole or len(sizes) != 3 or sizes[2] != 3:
            raise JaxcarError(
                "a frame must be a colour picture",
                where="frame=",
                got=frame,
                expected="(height, width, 3)",
            )
        frame = (int(sizes[0]), int(sizes[1]), 3)
    return Inputs(declared, frame)


def find_entries(module: ResolvedModule, entry: str | None, inputs: Inputs) -> tuple[Entry, ...]:
    """Return the reward functions of a program.

    Args:
        module: the checked program.
        entry: "function" or "Class.method" where the caller names it.
        inputs: what parameters may be given.

    Raises:
        RefusedProgram: none fits, several classes could be meant, or a parameter has no input.
    """
    chosen = [_named(module, entry)] if entry is not None else _candidates(module, inputs)
    made, faults = [], []
    for class_name, function in chosen:
        parameters, problems = _bind(module, function, class_name is not None, inputs)
        name = function.name if class_name is None else f"{class_name}.{function.name}"
        made.append(Entry(name, module, function, class_name, parameters))
        faults += problems
    if faults:
        raise RefusedProgram(faults)
    return tuple(made)


def _refuse(module: ResolvedModule, code: str, message: str, place: ast.AST, fix: str) -> Any:
    raise RefusedProgram([diagnostic(code, message, module.source, place, fix=fix)])


def public_methods(module: ResolvedModule, node: ast.ClassDef) -> list[ast.FunctionDef]:
    """Return the methods that nothing in the class calls, private ones and set-up left out."""
    called = called_methods(node, module.classes)
    return [
        method
        for method in methods_of(node, module.classes).values()
        if method.name not in called
        and not method.decorator_list
        and (method.name == "__call__" or not method.name.startswith("_"))
        and method.name != "reset"
    ]


def _named(module: ResolvedModule, entry: str) -> tuple[str | None, ast.FunctionDef]:
    head, _, method = entry.partition(".")
    if not method and head in module.functions:
        return None, module.functions[head]
    known = [*module.functions]
    for name, node in module.classes.items():
        methods = methods_of(node, module.classes)
        if name == head and method in methods:
            return head, methods[method]
        known += [f"{name}.{each}" for each in methods]
    close = [*difflib.get_close_matches(entry, known, 1), *(known if len(known) == 1 else ())]
    kind = "method" if "." in entry else "function"
    there = ", ".join(known) or "none"
    fix = f"define a {kind} of this name, or ask for one that there is: {there}"
    if close:
        name, wanted = close[0], entry.rpartition(".")[2]
        fix = f"rename {'the method' if '.' in name else 'the function'} to {wanted!r}, or ask for "
        fix += f"entry={name!r}"
    return _refuse(module, "JC604", f"the entry {entry!r} does not exist", module.tree, fix)


def _used_outside(module: ResolvedModule, node: ast.ClassDef) -> bool:
    """Tell whether anything but the class itself names it."""
    return any(
        isinstance(child, ast.Name) and child.id == node.name
        for statement in module.tree.body
        if statement is not node
        for child in ast.walk(statement)
    )


def _candidates(module: ResolvedModule, inputs: Inputs) -> list[tuple[str | None, ast.FunctionDef]]:
    called = called_names(module)
    functions = [node for name, node in module.functions.items() if name not in called]
    classes = [
        node
        for node in module.classes.values()
        if not _used_outside(module, node) and (not functions or public_methods(module, node))
    ]
    if len(classes) > 1 or (classes and functions):
        names = ", ".join([*(c.name for c in classes), *(f.name for f in functions)])
        return _refuse(
            module,
            "JC602",
            f"several definitions could be the reward: {names}",
            classes[-1],
            "leave one, or name it: entry='Class.method' or entry='function'",
        )
    if not classes:
        if not functions:
            fix = "define one function for each sub-task: def name(frame): ... return bool"
            return _refuse(
                module, "JC601", "the program defines no reward function", module.tree, fix
            )
        return [(None, node) for node in functions]
    methods = public_methods(module, classes[0])
    if len(methods) > 1:
        # Helpers that are left over take what a caller would have: no inputs.
        fitting = [method for method in methods if not _bind(module, method, True, inputs)[1]]
        methods = fitting if len(fitting) == 1 else methods
    if len(methods) != 1:
        names = ", ".join(method.name for method in methods) or "none"
        several = "prefix the others with an underscore, or name it: entry='Class.method'"
        return _refuse(
            module,
            "JC602" if methods else "JC601",
            f"the class needs one public method that no other method calls; it has: {names}",
            classes[0],
            several if methods else "define one public method: def step(self, frame)",
        )
    return [(classes[0].name, methods[0])]


def _bind(
    module: ResolvedModule, function: ast.FunctionDef, method: bool, inputs: Inputs
) -> tuple[tuple[tuple[str, Source], ...], list[Diagnostic]]:
    """Return what each parameter is given, and a diagnostic for each that gets nothing."""
    names = [*function.args.posonlyargs, *function.args.args][1 if method else 0 :]
    with_default = {arg.arg for arg in names[len(names) - len(function.args.defaults) :]}
    pairs = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    with_default |= {arg.arg for arg, default in pairs if default is not None}
    bound, faults = [], []
    for arg in (*names, *function.args.kwonlyargs):
        source = inputs.source_of(arg.arg)
        if source is None and arg.arg in with_default:
            source = Source("default", arg.arg)
        if source is None:
            faults.append(_unknown_parameter(module, function.name, arg, inputs))
        else:
            bound.append((arg.arg, source))
    return tuple(bound), faults


# What programs of other interfaces are given.
_STATES = ("state", "states", "obs", "observation", "observations", "info", "env", "env_state")


def _unknown_parameter(
    module: ResolvedModule, name: str, arg: ast.arg, inputs: Inputs
) -> Diagnostic:
    known = inputs.names()
    close = difflib.get_close_matches(arg.arg, known, 1)
    fix = f"did you mean `{close[0]}`?" if close else "rename it to one of these"
    if arg.arg in _STATES:
        there = [name for name in known if name.isidentifier()]
        shown = ", ".join(there[:2] if inputs.frame is None else ["frame"]) or "ee_pos, cube_pos"
        fix = f"take the fields themselves as parameters: def {name}({shown})"
    if not known:
        fix = "declare what there is: frame=(H, W, 3), or inputs={name: shape and dtype}"
    return diagnostic(
        "JC603",
        f"the parameter `{arg.arg}` is not an input",
        module.source,
        arg,
        notes=[f"the inputs are: {', '.join(known) or 'none declared'}"],
        fix=fix,
    )


def bind_setup(entry: Entry, name: str, inputs: Inputs) -> tuple[tuple[str, Source], ...] | None:
    """Return what `__init__` or `reset` of the entry's class is given; None if there is none."""
    if entry.class_name is None:
        return None
    owner = entry.module.classes[entry.class_name]
    node = methods_of(owner, entry.module.classes).get(name)
    if node is None:
        return None
    parameters, faults = _bind(entry.module, node, True, inputs)
    if faults:
        raise RefusedProgram(faults)
    return parameters
