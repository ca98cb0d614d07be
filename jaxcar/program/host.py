"""What the caller provides beside plain inputs: attributes and calls of its own objects.

Published reward functions read `self.tcp.pose.p` or call `get_position(self, "Oven")`. The caller
declares each of these as an input under that very text, and the compiled program reads the input:

    inputs={"self.tcp.pose.p": ..., "self.agent.check_grasp()": ...,
            "get_position(self, 'Oven')": ...}

A name that ends in `()` stands for a call with any arguments; one with arguments in the brackets
stands for that call alone, and goes first. A tuple is declared by its elements:
"get_pose(self)[0]" and so on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_static, unwrap_static


def host_roots(names: Any) -> frozenset[str]:
    """Return the first names of declared paths and calls: what a program may refer to.

    Example:
        >>> sorted(host_roots(["self.tcp.pose.p", "get_position(self, 'Oven')", "action"]))
        ['get_position', 'self']
    """
    found: set[str] = set()
    for name in names:
        if any(mark in name for mark in ".(["):
            found.add(re.split(r"[.(\[]", name, maxsplit=1)[0])
            # Objects that are arguments of a declared call are the caller's too.
            for arguments in re.findall(r"\(([^()]*)\)", name):
                words = (word.strip().partition(".")[0] for word in arguments.split(","))
                found.update(word for word in words if word.isidentifier())
    return frozenset(found)


class Host:
    """An object or function of the caller's, known by its path.

    Args:
        path: such as "self.tcp".
        values: the declared inputs by name.
        read: the names of those that were read so far.
    """

    def __init__(self, path: str, values: Mapping[str, Any], read: set[str]) -> None:
        self.path = path
        self.values = values
        self.read = read

    def attribute(self, name: str) -> Any:
        """Return an attribute: an input where one is declared, else the longer path."""
        return self._at(f"{self.path}.{name}")

    def element(self, index: Any) -> Any:
        """Return an element: an input where one is declared, else the longer path."""
        return self._at(f"{self.path}[{index!r}]")

    def _at(self, path: str) -> Any:
        if path not in self.values:
            parts = _tuple_size(path, self.values)
            if parts and f"{path}[0]" in self.values:
                return tuple(self._at(f"{path}[{i}]") for i in range(parts))
            return Host(path, self.values, self.read)
        self.read.add(path)
        value = self.values[path]
        return value if value is None else Tensor(value, np.dtype(value.dtype))

    def call(self, trace: Trace, node: ast.Call, evaluate: Callable[[ast.expr], Any]) -> Any:
        """Return what the caller declared for this call.

        Args:
            trace: the present tracing.
            node: the call.
            evaluate: gives an argument's value.
        """
        words = [_words(evaluate(argument)) for argument in node.args]
        words += [f"{k.arg}={_words(evaluate(k.value))}" for k in node.keywords]
        exact, any_call = f"{self.path}({', '.join(words)})", f"{self.path}()"
        for path in (exact, any_call):
            longer = (f"{path}.", f"{path}[")
            if path in self.values or any(name.startswith(longer) for name in self.values):
                return self._at(path)
        trace.refuse(
            "JC603",
            f"the call `{exact}` is not an input",
            node=node,
            notes=[f"the inputs are: {', '.join(self.values)}"],
            fix=f"declare it: inputs={{{exact!r}: shape and dtype}}",
        )


def refuse_host(trace: Trace, value: Host) -> Any:
    """Refuse to use an object of the caller's as a value."""
    trace.refuse(
        "JC603",
        f"`{value.path}` is not an input",
        notes=[f"the inputs are: {', '.join(value.values)}"],
        fix=f"declare it: inputs={{{value.path!r}: shape and dtype}}",
    )


def _tuple_size(path: str, names: Mapping[str, Any]) -> int:
    """Return how many elements of a path are declared, from 0 on without a gap."""
    count = 0
    while f"{path}[{count}]" in names:
        count += 1
    return count


def _words(value: Any) -> str:
    """Return an argument as the caller writes it: constants, and objects by their path."""
    if isinstance(value, Host):
        return value.path
    if is_static(value) and not isinstance(value, np.ndarray):
        return repr(unwrap_static(value))
    return "..."
