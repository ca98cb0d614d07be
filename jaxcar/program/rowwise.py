"""Loops over rows: what a turn asks of its row alone is asked of all rows at once, before the loop.

`for c in contours: if cv2.contourArea(c) > 100: ...` measures one contour in each turn, and each
measure is a loop of its own that waits for the longest contour of all frames. In the traced body
those measures (operations on whole batches, `jaxcar.vision.batches`) hang on nothing but the number
of the turn and on what was there before the loop: they are made for every row together, and the
turn looks its results up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, JaxprEqn, Literal, Var, jaxpr_as_fun

from jaxcar.program.equations import variables
from jaxcar.vision.batches import NAME

_LARGEST = 2048  # elements of a row: of whole pictures there would be too many at once


class _Rows(NamedTuple):
    """A value of the body for every turn.

    Attributes:
        value: with an axis of turns in front, or without where it is the same for all.
        varies: whether it has that axis.
    """

    value: Any
    varies: bool


def while_rows(
    goes_on: Callable[[Any], jax.Array],
    turn: Callable[[Any], Any],
    start: Any,
    place: Callable[[Any], Any],
    most: int,
    count: Any,
) -> Any:
    """Do what `jax.lax.while_loop` does, with the measures of rows made beforehand.

    Args:
        goes_on: a state to bool[].
        turn: a state to the next one.
        start: the first state, whose turn is number 0.
        place: from a state, its number of the turn, i32[]; one more after each turn.
        most: how many turns there are at most.
        count: how many there are unless the loop is left before, i32[] or an int.

    Returns:
        The last state.
    """
    closed, shape = jax.make_jaxpr(turn, return_shape=True)(start)
    structure = jax.tree.structure(shape)
    numbered = jax.tree.unflatten(jax.tree.structure(start), closed.jaxpr.invars)
    body = _Body(closed, place(numbered), most, count)
    if not body.measures:
        return jax.lax.while_loop(goes_on, _as_function(closed, structure), start)
    tables = body.tables()

    def looked_up(state: Any) -> Any:
        flat = body.run(jax.tree.leaves(state), place(state), tables)
        return jax.tree.unflatten(structure, flat)

    return jax.lax.while_loop(goes_on, looked_up, start)


def _as_function(closed: ClosedJaxpr, structure: Any) -> Callable[[Any], Any]:
    run = jaxpr_as_fun(closed)
    return lambda state: jax.tree.unflatten(structure, run(*jax.tree.leaves(state)))


class _Body:
    """The traced body of a loop.

    Args:
        closed: its equations.
        place: the number of the turn among its inputs.
        most: how many turns there are at most.
        count: how many there are.
    """

    def __init__(self, closed: ClosedJaxpr, place: Var, most: int, count: Any) -> None:
        self.closed, self.place, self.most, self.count = closed, place, most, count
        known = {place, *closed.jaxpr.constvars}
        producer: dict[Var, JaxprEqn] = {}
        self.measures: list[JaxprEqn] = []
        for eqn in closed.jaxpr.eqns:
            if eqn.effects or not known.issuperset(variables(eqn.invars)):
                continue
            if max(np.prod(var.aval.shape) for var in eqn.outvars) > _LARGEST:
                continue
            known.update(eqn.outvars)
            producer.update(dict.fromkeys(eqn.outvars, eqn))
            if eqn.primitive.name == NAME:
                self.measures.append(eqn)
        self.needed = _ancestors(self.measures, producer)

    def tables(self) -> dict[Var, _Rows]:
        """Return what the measures find, for every turn."""
        numbers = _Rows(np.arange(self.most, dtype=np.int32), True)
        found: dict[Any, _Rows] = {self.place: numbers}
        found.update(
            (var, _Rows(value, False))
            for var, value in zip(self.closed.jaxpr.constvars, self.closed.consts, strict=True)
        )
        for eqn in self.closed.jaxpr.eqns:
            if id(eqn) in self.needed:
                given = [
                    _Rows(atom.val, False) if isinstance(atom, Literal) else found[atom]
                    for atom in eqn.invars
                ]
                if eqn.primitive.name == NAME:
                    given = self._for_turns_alone(eqn, given)
                found.update(
                    zip(eqn.outvars, _for_all(self.closed, eqn, given, self.most), strict=True)
                )
        results = {var for eqn in self.measures for var in eqn.outvars}
        return {var: found[var] for var in results}

    def _for_turns_alone(self, eqn: JaxprEqn, given: list[_Rows]) -> list[_Rows]:
        """Leave a measure nothing to do for the turns that there are not."""
        if not any(rows.varies for rows in given):
            return given
        place = eqn.params["work"].spared
        value = given[place].value
        if not given[place].varies:
            value = jnp.broadcast_to(value, (self.most, *jnp.shape(value)))
        there = jnp.arange(self.most, dtype=jnp.int32) < self.count
        there = there.reshape(-1, *[1] * (value.ndim - 1))
        given[place] = _Rows(jnp.where(there, value, jnp.zeros((), value.dtype)), True)
        return given

    def run(self, state: Sequence[Any], place: jax.Array, tables: dict[Var, _Rows]) -> list[Any]:
        """Return the next state: the equations that are left, with results from the tables."""
        jaxpr = self.closed.jaxpr
        rest = [eqn for eqn in jaxpr.eqns if eqn not in self.measures]
        read = {var for eqn in rest for var in variables(eqn.invars)} | set(
            variables(jaxpr.outvars)
        )
        known = [var for var in tables if var in read]
        values = [
            jax.lax.dynamic_index_in_dim(tables[var].value, place, keepdims=False)
            if tables[var].varies
            else tables[var].value
            for var in known
        ]
        left = jaxpr.replace(invars=[*jaxpr.invars, *known], eqns=rest)
        found: list[Any] = jaxpr_as_fun(ClosedJaxpr(left, self.closed.consts))(*state, *values)
        return found


def _ancestors(measures: Sequence[JaxprEqn], producer: dict[Var, JaxprEqn]) -> set[int]:
    """Return the identities of the equations that lead to some, and theirs."""
    found: set[int] = set()
    pending = list(measures)
    while pending:
        eqn = pending.pop()
        if id(eqn) not in found:
            found.add(id(eqn))
            pending += [producer[var] for var in variables(eqn.invars) if var in producer]
    return found


def _for_all(closed: ClosedJaxpr, eqn: JaxprEqn, given: Sequence[_Rows], most: int) -> list[_Rows]:
    """Return the results of an equation of a traced body for every turn."""
    alone = _alone(closed, eqn)
    if not any(rows.varies for rows in given):
        return [_Rows(value, False) for value in alone(*(rows.value for rows in given))]
    if eqn.primitive.name == "dynamic_slice" and _takes_rows_in_turn(eqn, given, most):
        return [_Rows(given[0].value[:most, None], True)]
    work = jax.vmap(alone, [0 if rows.varies else None for rows in given])
    values = [rows.value for rows in given]
    if not all(isinstance(value, (np.ndarray, np.generic, int, float, bool)) for value in values):
        return [_Rows(value, True) for value in work(*values)]
    # Numbers of turns, and what is made of them alone, stay known.
    with jax.ensure_compile_time_eval():
        return [_Rows(np.asarray(value), True) for value in work(*values)]


def _alone(closed: ClosedJaxpr, eqn: JaxprEqn) -> Callable[..., list[Any]]:
    """Return a function of an equation's operands, literals included."""
    inputs: list[Any] = [
        Var(atom.aval) if isinstance(atom, Literal) else atom for atom in eqn.invars
    ]
    jaxpr = closed.jaxpr.replace(
        constvars=[], invars=inputs, outvars=eqn.outvars, eqns=[eqn.replace(invars=inputs)]
    )
    run: Callable[..., list[Any]] = jaxpr_as_fun(ClosedJaxpr(jaxpr, []))
    return run


def _takes_rows_in_turn(eqn: JaxprEqn, given: Sequence[_Rows], most: int) -> bool:
    """Tell whether turn i slices row i, whole, from an array that is the same for all turns."""
    array, first, *others = given
    shape, sizes = jnp.shape(array.value), eqn.params["slice_sizes"]
    whole = not array.varies and tuple(sizes) == (1, *shape[1:]) and shape[0] >= most
    if not whole or not first.varies or not isinstance(first.value, np.ndarray):
        return False
    straight = np.array_equal(first.value, np.arange(most))
    zero = all(not isinstance(x.value, jax.core.Tracer) and not np.any(x.value) for x in others)
    return straight and zero
