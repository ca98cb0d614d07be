"""What the caller provides beside plain inputs: attributes and calls of its own objects.

Published reward functions read `self.tcp.pose.p` or call `get_position(self, "Oven")`. The caller
declares each of these as an input under that very text, and the compiled program reads the input:

    inputs={"self.tcp.pose.p": ..., "self.agent.check_grasp()": ..., "get_position(self, 'Oven')": ...}

A name that ends in `()` stands for a call with any arguments; one with arguments in the brackets
stands for that call alone, and goes first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from jaxcar.program.trace import Trace
from jaxcar.program.values import Tensor, is_static, unwrap_static


def host_roots(names: Any) -> frozenset[str]:
    """Return the first names of declared paths and calls: what a program may refer to.

    Example:
        >>> sorted(host_roots(["self.tcp.pose.p", "get_position(self, 'Oven')", "action"]))
        ['get_position', 'self']
    """
    return frozenset(
        name.replace("(", ".").partition(".")[0] for name in names if "." in name or "(" in name
    )


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

    def _at(self, path: str) -> Any:
        if path not in self.values:
            return Host(path, self.values, self.read)
        self.read.add(path)
        value = self.values[path]
        return value if value is None else Tensor(value, np.dtype(value.dtype))

    def call(
        self, trace: Trace, node: ast.Call, evaluate: Callable[[ast.expr], Any]
    ) -> Any:
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
            if path in self.values or any(name.startswith(f"{path}.") for name in self.values):
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


def _words(value: Any) -> str:
    """Return an argument as the caller writes it: constants, and objects by their path."""
    if isinstance(value, Host):
        return value.path
    if is_static(value) and not isinstance(value, np.ndarray):
        return repr(unwrap_static(value))
    return "..."
