"""Hoisting: what a step computes from the initial inputs alone is computed once an episode.

A step is traced to a list of equations. Those that depend on initial inputs only move to `init`;
memory then holds what the rest of the step reads of them, instead of whole pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Var, jaxpr_as_fun

from jaxcar.program.equations import part, variables
from jaxcar.program.sharing import gathered, shared

# Equations that cost no more than reading what they make: repeated at every step where their
# operands are smaller than their result.
_CHEAP = frozenset(
    [
        "convert_element_type",
        "broadcast_in_dim",
        "reshape",
        "squeeze",
        "slice",
        "rev",
        "transpose",
        "select_n",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "and",
        "or",
        "not",
    ]
)


class Hoisted(NamedTuple):
    """A function of initial and other inputs, split in two.

    Attributes:
        before: initial inputs to a list of arrays to keep.
        after: (what was kept, the other inputs) to the function's result.
        moved: how many equations moved out of the step.
    """

    before: Callable[[Any], list[jax.Array]]
    after: Callable[[list[jax.Array], Any], Any]
    moved: int


def hoist(function: Callable[[Any, Any], Any], initial: Any, other: Any) -> Hoisted:
    """Split `function(initial, other)` so that work on `initial` alone is done beforehand.

    Args:
        function: pure and traceable.
        initial: a pytree of shapes and dtypes of the inputs that are known beforehand.
        other: a pytree of shapes and dtypes of the others.

    Returns:
        The two parts; `after(before(initial), other)` equals `function(initial, other)`. What is
        kept takes at most as many bytes as `initial`: otherwise `initial` itself is kept.

    Example:
        >>> import jax.numpy as jnp
        >>> shape = jax.ShapeDtypeStruct((64,), jnp.float32)
        >>> parts = hoist(lambda a, b: jnp.sum(a) * b, shape, shape)
        >>> kept = parts.before(jnp.ones(64))
        >>> [leaf.shape for leaf in kept], float(parts.after(kept, jnp.ones(64))[0])
        ([()], 64.0)
    """
    closed, shapes = jax.make_jaxpr(function, return_shape=True)(initial, other)
    closed = shared(closed)
    structure = jax.tree.structure(shapes)
    known_inputs = closed.jaxpr.invars[: len(jax.tree.leaves(initial))]
    split = _Split(closed, known_inputs)
    frontier = split.frontier()
    if _size(frontier) > _size(known_inputs):
        frontier = split.needed_inputs()
    first = part(closed, known_inputs, frontier)
    rest_inputs = closed.jaxpr.invars[len(known_inputs) :]
    second = part(closed, [*frontier, *rest_inputs], closed.jaxpr.outvars)
    run_first, run_second = (jaxpr_as_fun(gathered(half)) for half in (first, second))

    def before(initial: Any) -> list[jax.Array]:
        return list(run_first(*jax.tree.leaves(initial)))

    def after(kept: list[jax.Array], other: Any) -> Any:
        return jax.tree.unflatten(structure, run_second(*kept, *jax.tree.leaves(other)))

    return Hoisted(before, after, len(first.jaxpr.eqns))


class _Split:
    """The equations of a jaxpr, sorted by whether they depend on the known inputs alone.

    Args:
        closed: the jaxpr.
        known_inputs: the inputs that are known beforehand.
    """

    def __init__(self, closed: ClosedJaxpr, known_inputs: Sequence[Var]) -> None:
        self.closed = closed
        self.known: set[Var] = set(known_inputs)
        self.producer = {var: eqn for eqn in closed.jaxpr.eqns for var in eqn.outvars}
        constants = set(closed.jaxpr.constvars)
        for eqn in closed.jaxpr.eqns:
            operands = variables(eqn.invars)
            if all(var in constants for var in operands):
                constants.update(eqn.outvars)
            elif all(var in constants or var in self.known for var in operands):
                self.known.update(eqn.outvars)

    def needed_inputs(self) -> list[Var]:
        """Return the known inputs without which the result cannot be computed."""
        read, pending = self._read_outside(), list(self._read_outside() & self.known)
        while pending:
            eqn = self.producer.get(pending.pop())
            for var in variables(eqn.invars) if eqn is not None else ():
                if var in self.known and var not in read:
                    read.add(var)
                    pending.append(var)
        return [var for var in self.closed.jaxpr.invars if var in read and var in self.known]

    def _read_outside(self) -> set[Var]:
        """Return every variable that an equation outside the known part, or the result, reads."""
        read = set(variables(self.closed.jaxpr.outvars))
        for eqn in self.closed.jaxpr.eqns:
            if not any(var in self.known for var in eqn.outvars):
                read.update(variables(eqn.invars))
        return read

    def frontier(self) -> list[Var]:
        """Return the known variables to keep, the smaller side of cheap equations."""
        kept = self._read_outside() & self.known
        shrinking = True
        while shrinking:
            shrinking = False
            for var in sorted(kept, key=lambda var: -_size([var])):
                operands = self._operands(var)
                if operands is None or _size([v for v in operands if v not in kept]) > _size([var]):
                    continue
                kept.remove(var)
                kept.update(operands)
                shrinking = True
                break
        order = {var: i for i, var in enumerate(self._in_order())}
        return sorted(kept, key=order.__getitem__)

    def _in_order(self) -> list[Var]:
        made = [var for eqn in self.closed.jaxpr.eqns for var in eqn.outvars]
        return [*self.closed.jaxpr.invars, *made]

    def _operands(self, var: Var) -> list[Var] | None:
        """Return the known operands of the cheap equation that makes a variable, else None."""
        eqn = self.producer.get(var)
        if eqn is None or eqn.primitive.name not in _CHEAP or len(eqn.outvars) != 1:
            return None
        return [operand for operand in variables(eqn.invars) if operand in self.known]


def _size(variables: Sequence[Any]) -> int:
    return sum(
        int(np.prod(var.aval.shape)) * np.dtype(var.aval.dtype).itemsize for var in variables
    )
