"""A traced function as a list of equations: counted, freed of what nobody reads, and called."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal, Var, jaxpr_as_fun

from jaxcar.vision.batches import NAME


@dataclasses.dataclass(frozen=True)
class Equations:
    """A function that was traced once; calling it repeats its equations.

    Args:
        closed: the equations that its results need, and no others.
        result: the shapes of what it returns, in its own structure.

    Example:
        >>> import jax.numpy as jnp
        >>> shape = jax.ShapeDtypeStruct((), jnp.float32)
        >>> double = Equations.of(lambda x: {"twice": 2 * x, "was": (x, x * x)[0]}, shape)
        >>> count_equations(double.closed.jaxpr), float(double(4.0)["twice"])
        (1, 8.0)
    """

    closed: ClosedJaxpr
    result: Any

    @classmethod
    def of(cls, function: Callable[..., Any], *shapes: Any) -> Equations:
        """Trace a function on arguments of the given shapes."""
        closed, result = jax.make_jaxpr(function, return_shape=True)(*shapes)
        return cls(part(closed, closed.jaxpr.invars, closed.jaxpr.outvars), result)

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns."""
        flat = jaxpr_as_fun(self.closed)(*jax.tree.leaves(arguments))
        return jax.tree.unflatten(jax.tree.structure(self.result), flat)


def variables(atoms: Sequence[Any]) -> list[Var]:
    """Return the atoms that are no constants."""
    return [atom for atom in atoms if not isinstance(atom, Literal)]


def part(closed: ClosedJaxpr, inputs: Sequence[Var], outputs: Sequence[Any]) -> ClosedJaxpr:
    """Return the equations that lead from `inputs` to `outputs`, and no others."""
    given, needed = set(inputs), set(variables(outputs)) - set(inputs)
    equations = []
    for eqn in reversed(closed.jaxpr.eqns):
        if any(var in needed for var in eqn.outvars):
            equations.append(eqn)
            needed.update(var for var in variables(eqn.invars) if var not in given)
    jaxpr = Jaxpr(
        constvars=closed.jaxpr.constvars,
        invars=list(inputs),
        outvars=list(outputs),
        eqns=equations[::-1],
        effects=closed.jaxpr.effects,
        debug_info=closed.jaxpr.debug_info,
    )
    return ClosedJaxpr(jaxpr, closed.consts)


def count_equations(jaxpr: Any) -> int:
    """Return how many operations a jaxpr holds, those inside loops and calls included."""
    total = 0
    for equation in jaxpr.eqns:
        inside = 0
        for value in equation.params.values():
            for inner in value if isinstance(value, (tuple, list)) else (value,):
                inner = getattr(inner, "jaxpr", inner)
                if hasattr(inner, "eqns"):
                    inside += count_equations(inner)
        name = equation.primitive.name
        # A call of a function is no operation beside those of the function.
        own = _LOOPS if name == NAME else name not in _CALLS
        total += inside + own
    return total


_LOOPS = 100  # operations that one on whole batches stands for: it is lowered to loops
_CALLS = ("jit", "pjit", "closed_call", "core_call")
