"""Equal equations are computed once, and contours of several masks are followed together.

Programs ask the same thing of the same frame again and again: every helper converts it, masks it
and finds its contours. XLA joins equal arithmetic, but not equal loops; so equations are compared
here. What is then left of operations on whole batches (`jaxcar.vision.batches`) is made in stages:
those of one kind that do not need each other's results become one, with one loop for all of them.
"""

from __future__ import annotations

import collections
from collections.abc import Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal, Var

from jaxcar.program.equations import variables
from jaxcar.vision.batches import NAME, bind_again

_LARGEST = 1 << 16  # elements of constants that are compared


def shared(closed: ClosedJaxpr) -> ClosedJaxpr:
    """Compute equal equations once.

    Args:
        closed: a traced function without effects.

    Returns:
        The same function.

    Example:
        >>> def twice(x):
        ...     return jnp.sin(x) + jnp.sin(x)
        >>> [eqn.primitive.name for eqn in shared(jax.make_jaxpr(twice)(1.0)).jaxpr.eqns]
        ['sin', 'add']
    """
    same: dict[Any, Any] = {}
    constants: dict[Hashable, Var] = {}
    for var, value in zip(closed.jaxpr.constvars, closed.consts, strict=True):
        key = _constant(value)
        if key is not None:
            same[var] = constants.setdefault(key, var)
    found: dict[Hashable, JaxprEqn] = {}
    equations = []
    for eqn in closed.jaxpr.eqns:
        eqn = eqn.replace(invars=_renamed(eqn.invars, same))
        key = _meaning(eqn)
        first = found.setdefault(key, eqn) if key is not None else eqn
        if first is eqn:
            equations.append(eqn)
        else:
            same.update(zip(eqn.outvars, first.outvars, strict=True))
    return _with(closed, equations, same)


def gathered(closed: ClosedJaxpr) -> ClosedJaxpr:
    """Make operations on whole batches together where they do not need each other.

    Args:
        closed: a traced function without effects.

    Returns:
        The same function; its equations stand in another order.
    """
    if sum(eqn.primitive.name == NAME for eqn in closed.jaxpr.eqns) < 2:
        return closed
    stages = _stages(closed.jaxpr.eqns)
    plain: dict[int, list[JaxprEqn]] = collections.defaultdict(list)
    whole: dict[int, dict[Hashable, list[JaxprEqn]]] = collections.defaultdict(dict)
    for eqn, stage in zip(closed.jaxpr.eqns, stages, strict=True):
        if eqn.primitive.name == NAME:
            whole[stage].setdefault(_kind(eqn), []).append(eqn)
        else:
            plain[stage].append(eqn)
    equations: list[JaxprEqn] = []
    same: dict[Any, Any] = {}
    for stage in range(max(stages) + 1):
        for group in whole[stage].values():
            renamed = [eqn.replace(invars=_renamed(eqn.invars, same)) for eqn in group]
            equations += renamed if len(renamed) == 1 else _together(renamed, same)
        equations += [eqn.replace(invars=_renamed(eqn.invars, same)) for eqn in plain[stage]]
    return _with(closed, equations, same)


def _stages(equations: Sequence[JaxprEqn]) -> list[int]:
    """Return when each equation is computed; one on whole batches begins a stage of its own.

    Each comes as early as it can, but for operations on whole batches that can wait for another of
    their kind.
    """
    first = _in_stages(equations, {})
    whole = [i for i, eqn in enumerate(equations) if eqn.primitive.name == NAME]
    latest = _latest(equations, first)
    begun: dict[Hashable, set[int]] = collections.defaultdict(set)
    for i in whole:
        begun[_kind(equations[i])].add(first[i])
    waiting = {
        i: max(stage for stage in begun[_kind(equations[i])] if stage <= latest[i]) for i in whole
    }
    return _in_stages(equations, waiting)


def _in_stages(equations: Sequence[JaxprEqn], waiting: dict[int, int]) -> list[int]:
    """Return the earliest stage of each equation; of some it is given."""
    made: dict[Var, int] = collections.defaultdict(int)
    stages = []
    for i, eqn in enumerate(equations):
        ready = max((made[var] for var in variables(eqn.invars)), default=0)
        ready = waiting.get(i, ready + (eqn.primitive.name == NAME))
        made.update(dict.fromkeys(eqn.outvars, ready))
        stages.append(ready)
    return stages


def _latest(equations: Sequence[JaxprEqn], first: Sequence[int]) -> list[int]:
    """Return the last stage in which each equation may come, with all that read it where it is."""
    end = max(first)
    needed: dict[Var, int] = collections.defaultdict(lambda: end)
    latest = [end] * len(equations)
    for i in reversed(range(len(equations))):
        eqn = equations[i]
        latest[i] = min((needed[var] for var in eqn.outvars), default=end)
        by = first[i] - 1 if eqn.primitive.name == NAME else latest[i]
        for var in variables(eqn.invars):
            needed[var] = min(needed[var], by)
    return latest


def _constant(value: Any) -> Hashable:
    """Return what makes a constant equal to another; None for those that are not compared."""
    if isinstance(value, jax.core.Tracer) or np.size(value) > _LARGEST:
        return None
    if not isinstance(value, (np.ndarray, np.generic, jax.Array)):
        return None
    if isinstance(value, jax.Array) and jax.dtypes.issubdtype(value.dtype, jax.dtypes.extended):
        return None
    plain = np.asarray(value)
    return (plain.dtype, plain.shape, plain.tobytes(), getattr(value, "weak_type", False))


def _atom(atom: Any) -> Hashable:
    if isinstance(atom, Literal):
        value = np.asarray(atom.val)
        return (str(atom.aval), value.dtype, value.tobytes())
    return atom


def _meaning(eqn: JaxprEqn) -> Hashable:
    """Return what makes an equation equal to another; None where it stands for itself alone."""
    if eqn.effects:
        return None
    atoms = tuple(_atom(atom) for atom in eqn.invars)
    shapes = tuple(str(var.aval) for var in eqn.outvars)
    key = (eqn.primitive, tuple(sorted(eqn.params.items(), key=lambda x: x[0])), atoms, shapes)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _kind(eqn: JaxprEqn) -> Hashable:
    shapes = tuple(str(atom.aval) for atom in eqn.invars)
    return (eqn.params["work"], eqn.params["front"], shapes)


def _renamed(atoms: Sequence[Any], same: dict[Any, Any]) -> list[Any]:
    return [atom if isinstance(atom, Literal) else same.get(atom, atom) for atom in atoms]


def _together(group: Sequence[JaxprEqn], same: dict[Any, Any]) -> list[JaxprEqn]:
    """Return the equations that do the work of a group at once; `same` tells where results are."""
    count = len(group[0].invars)

    def work(*operands: jax.Array) -> list[jax.Array]:
        columns = [jnp.stack(operands[i::count]) for i in range(count)]
        results = bind_again(group[0].params, *columns)
        return [result[i] for i in range(len(group)) for result in results]

    operands = [atom for eqn in group for atom in eqn.invars]
    avals: list[Any] = [atom.aval for atom in operands]
    shapes = [jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in avals]
    with jax.enable_x64(True):
        traced = jax.make_jaxpr(work)(*shapes).jaxpr
    inner: dict[Any, Any] = dict(zip(traced.invars, operands, strict=True))
    results = [var for eqn in group for var in eqn.outvars]
    same.update(zip(results, traced.outvars, strict=True))
    return [eqn.replace(invars=_renamed(eqn.invars, inner)) for eqn in traced.eqns]


def _with(closed: ClosedJaxpr, equations: Sequence[JaxprEqn], same: dict[Any, Any]) -> ClosedJaxpr:
    old = closed.jaxpr
    jaxpr = Jaxpr(
        constvars=old.constvars,
        invars=old.invars,
        outvars=_renamed(old.outvars, same),
        eqns=list(equations),
        effects=old.effects,
        debug_info=old.debug_info,
    )
    return ClosedJaxpr(jaxpr, closed.consts)
