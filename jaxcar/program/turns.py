"""The turns of a loop whose kinds are known: a `jax.lax.while_loop` over what its body changes.

Lists that grow from turn to turn get all the room that the limits allow, and every turn works on
all of it, for few elements as for many. So an outermost loop turns with little room first; the
lanes that need more begin anew, in a second loop with all of it.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import operator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.errors import RefusedProgram
from jaxcar.program.bits import any_of
from jaxcar.program.containers import ListValue
from jaxcar.program.definitions import Instance
from jaxcar.program.faults import Fault, fault_kind
from jaxcar.program.kinds import Kind, form_of
from jaxcar.program.loop_body import Kinds, LoopBody
from jaxcar.program.merge import postponed
from jaxcar.program.packing import pack, unpack
from jaxcar.program.places import OUT, RETURN_PLACE
from jaxcar.program.predicate import Bit, both, depth, either, inner_level, literal, traced
from jaxcar.program.rowwise import while_rows
from jaxcar.program.scope import Scope
from jaxcar.program.trace import PoisonReadError
from jaxcar.program.values import UNSET

_SHORT = 256
_LITTLE_ROOM = 64


class _State(NamedTuple):
    """What is carried from turn to turn.

    Attributes:
        going: bool[], whether there is another turn.
        place: i32[], the turns so far.
        leaves: of every place that changes.
        exits: bool[] each: why the lane left the loop.
        fault: i32[], the first fault.
        near: the near-ties, or None.
        turns: i32[], the turns of all loops so far.
    """

    going: jax.Array
    place: jax.Array
    leaves: list[list[jax.Array]]
    exits: list[jax.Array]
    fault: jax.Array
    near: jax.Array | None
    turns: jax.Array


class Turns:
    """The turns of a loop.

    Args:
        body: the loop's body.
        kinds: every place that a turn changes, with the kind of all that it can hold there.
    """

    def __init__(self, body: LoopBody, kinds: Kinds) -> None:
        self.body, self.trace = body, body.trace
        self.kinds = _without_spare_room(body, kinds)
        self.faults = self._faults_inside()

    def run(self) -> Bit:
        """Trace the loop, put its results in place, and return where it was left by `break`."""
        start = self._start()
        little = self._with_little_room()
        if little is not None:
            start = self._first_turns(little, start)
        self._finish(self._while(self.kinds, start))
        return self.body.loop.broken

    def _start(self) -> _State:
        trace, body = self.trace, self.body
        begin = traced(both(body.scope.base, body.path))
        if body.sequence is not None:
            begin = begin & (body.length() > 0)
        return _State(
            going=begin,
            place=jnp.int32(0),
            leaves=body.entry_leaves(self.kinds),
            exits=[jnp.bool_(False)] * len(self._exits()),
            fault=jnp.asarray(trace.fault, jnp.int32),
            near=None if trace.near is None else jnp.asarray(trace.near),
            turns=jnp.asarray(trace.turns, jnp.int32),
        )

    def _with_little_room(self) -> Kinds | None:
        """Return kinds with less room for lists that grow without a known bound, where it fits."""
        room = self.trace.limits.list_capacity
        if depth() > 0 or self.trace.watch is not None or room <= _LITTLE_ROOM:
            return None
        little: Kinds = {}
        entry = {
            place.key: value
            for place, value in zip(self.body.before.places, self.body.entry, strict=True)
        }
        for key, (place, kind) in self.kinds.items():
            little[key] = (place, kind)
            if not isinstance(kind, Kind) or not _grows(kind, room):
                continue
            value = entry.get(key, UNSET)
            if value is not UNSET and _grows(form_of(value), _LITTLE_ROOM + 1):
                return None
            little[key] = (place, _smaller(kind, room))
        return little if little != self.kinds else None

    def _first_turns(self, little: Kinds, start: _State) -> _State:
        """Turn with little room, and return where the loop with all room begins.

        Lanes that have ended, end there; those that needed more room begin anew.
        """
        trace, body = self.trace, self.body
        limits = trace.limits
        trace.limits = dataclasses.replace(limits, list_capacity=_LITTLE_ROOM)
        try:
            end = self._while(little, start._replace(leaves=body.entry_leaves(little)))
        except (RefusedProgram, PoisonReadError):
            body.restore()
            trace.fault, trace.near, trace.turns = start.fault, start.near, start.turns
            return start
        finally:
            trace.limits = limits
        leaves = []
        for (_, kind), (_, small), held in zip(
            self.kinds.values(), little.values(), end.leaves, strict=True
        ):
            if isinstance(kind, Kind) and isinstance(small, Kind) and small != kind:
                held = pack(unpack(small, list(held)), kind)
            leaves.append(held)
        full = (fault_kind(end.fault) == Fault.CAPACITY_LIMIT) & (start.fault == 0)
        return jax.tree.map(
            lambda before, after: jnp.where(full, before, after), start, end._replace(leaves=leaves)
        )

    def _while(self, kinds: Kinds, start: _State) -> _State:
        """Trace the `while_loop`, and return how every lane leaves it."""
        trace, sequence = self.trace, self.body.sequence
        budget, most = trace.limits.while_turns, trace.limits.turns

        def goes_on(state: _State) -> jax.Array:
            going = state.going
            if sequence is None:
                going = going & (state.place < budget)
            return going if self._is_short() else going & (state.turns < most)

        turn = functools.partial(self._turn, kinds)
        end: _State
        if trace.watch is not None:
            end = trace.watch.loop(self.body.node, goes_on, turn, start)
        elif self._is_short():
            assert sequence is not None and sequence.most is not None
            number, count = operator.attrgetter("place"), self.body.length()
            end = while_rows(goes_on, turn, start, number, sequence.most, count)
        else:
            end = jax.lax.while_loop(goes_on, turn, start)
        return end

    def _is_short(self) -> bool:
        """Tell whether the turns are known to be few: no count of all turns is needed then."""
        sequence = self.body.sequence
        if sequence is None or (sequence.most or 2**31) > _SHORT:
            return False
        changing = sequence.changing
        return sequence.fixed or (changing is not None and (id(changing), "") not in self.kinds)

    def _turn(self, kinds: Kinds, state: _State) -> _State:
        trace, body = self.trace, self.body
        with inner_level():
            body.set(kinds, state.leaves)
            trace.fault, trace.near, trace.turns = state.fault, state.near, state.turns + 1
            body.turn(state.place)
            going = body.alive()
            going = both(going, body.goes_on(state.place + 1, going))
            # A lane that has faulted has nothing more to say: the step is void.
            going = both(going, literal(jnp.asarray(trace.fault) == 0))
            packed, exits = body.pack(kinds), self._exits()
            made = _State(
                going=traced(going),
                place=state.place + 1,
                leaves=packed,
                exits=exits,
                fault=jnp.asarray(trace.fault, jnp.int32),
                near=None if state.near is None else jnp.asarray(trace.near),
                turns=jnp.asarray(trace.turns, jnp.int32),
            )
            body.restore()
        return made

    def _exits(self) -> list[jax.Array]:
        """Return why lanes left the loop: broken, returned, raised, and what is to be caught."""
        bits: list[Bit] = [self.body.loop.broken, self.body.scope.returned]
        for frame, _, before in self.body.before.frames:
            bits.append(frame.raised)
            for now, then in zip(frame.caught, before, strict=True):
                new = now[len(then) :]
                bits += [any_of([bit for c, bit in new if c == code]) for code in self.faults]
        return [traced(bit) for bit in bits]

    def _faults_inside(self) -> list[int]:
        """Return the codes of what the body raises where a `try` around the loop sees it."""
        if not self.body.before.frames:
            return []
        found: set[int] = set()

        def turn(leaves: Any, place: jax.Array) -> jax.Array:
            self.body.set(self.kinds, leaves)
            self.body.turn(place)
            self.body.goes_on(place, True)
            for frame, _, before in self.body.before.frames:
                for now, then in zip(frame.caught, before, strict=True):
                    found.update(code for code, _ in now[len(then) :])
            return jnp.int32(0)

        shapes = jax.eval_shape(lambda: self.body.zeros(self.kinds))
        try:
            with inner_level():
                jax.eval_shape(turn, shapes, jax.ShapeDtypeStruct((), jnp.int32))
        finally:
            self.body.restore()
        return sorted(found)

    def _finish(self, end: _State) -> None:
        """Put what the loop left in its places, on the path that entered it."""
        trace, scope = self.trace, self.body.scope
        trace.fault, trace.turns = end.fault, end.turns
        if end.near is not None:
            trace.near = end.near
        old = {
            p.key: v
            for p, v in zip(self.body.before.places, self.body.before.contents, strict=True)
        }
        here = both(scope.base, self.body.path)
        for (place, kind), held in zip(self.kinds.values(), end.leaves, strict=True):
            value = unpack(kind, list(held)) if isinstance(kind, Kind) else kind
            if isinstance(place.owner, (Scope, Instance)) and place.name != RETURN_PLACE:
                path = self.body.path if place.owner is scope else here
                value = postponed(path, value, old.get(place.key, UNSET))
            place.write(value)
        self._leave(list(end.exits), here)
        if not self._is_short():
            trace.path, trace.local = here, self.body.path
            trace.raise_where(Fault.TRIP_LIMIT, literal(end.going))

    def _leave(self, exits: list[jax.Array], here: Bit) -> None:
        """Take over why lanes left the loop."""
        scope = self.body.scope
        self.body.loop.broken = both(self.body.path, literal(exits.pop(0)))
        returned = exits.pop(0)
        if self._returns():
            scope.returned = either(
                self.body.before.returned, both(self.body.path, literal(returned))
            )
        if self._never_ends():
            # Whoever has not returned has met the budget, or has raised.
            scope.returned = either(self.body.before.returned, self.body.path)
        for frame, raised, before in self.body.before.frames:
            now = literal(exits.pop(0))
            if self.faults:
                frame.raised = either(raised, both(here, now))
            for caught in range(len(before)):
                for code in self.faults:
                    bit = both(here, literal(exits.pop(0)))
                    frame.caught[caught].append((code, bit))

    def _never_ends(self) -> bool:
        test = getattr(self.body.node, "test", None)
        endless = isinstance(test, ast.Constant) and bool(test.value)
        return endless and self._returns() and not _breaks(self.body.node.body)

    def _returns(self) -> bool:
        return any(isinstance(child, ast.Return) for child in ast.walk(self.body.node))


def _without_spare_room(body: LoopBody, kinds: Kinds) -> Kinds:
    """Return the kinds with little room for what a comprehension makes of few elements.

    Its list is empty before the loop: one of an outer loop may hold any number by then.
    """
    sequence, node = body.sequence, body.node
    few = sequence is not None and (sequence.most or 2**31) <= _LITTLE_ROOM
    nested = any(isinstance(x, (ast.For, ast.While)) for part in node.body for x in ast.walk(part))
    made = body.scope.variables.get(OUT)
    if not isinstance(made, ListValue) or made.rows is not None or made.items:
        return kinds
    if not few or nested or (id(made), "") not in kinds:
        return kinds
    place, kind = kinds[id(made), ""]
    room = body.trace.limits.list_capacity
    if not isinstance(kind, Kind) or kind.form != "rows" or kind.detail[-1] < room:
        return kinds
    small = Kind(kind.form, kind.parts, (*kind.detail[:-1], _LITTLE_ROOM), kind.lent)
    return kinds if room <= _LITTLE_ROOM else kinds | {place.key: (place, small)}


def _grows(kind: Kind, room: int) -> bool:
    """Tell whether a value of this kind holds a list with at least so much room."""
    own = kind.form in ("rows", "dict rows") and kind.detail[-1] >= room
    return own or any(_grows(part, room) for part in kind.parts)


def _smaller(kind: Kind, room: int) -> Kind:
    """Return the kind with little room in place of all."""
    detail = kind.detail
    if kind.form in ("rows", "dict rows") and detail[-1] >= room:
        detail = (*detail[:-1], _LITTLE_ROOM)
    return Kind(kind.form, tuple(_smaller(part, room) for part in kind.parts), detail, kind.lent)


def _breaks(body: list[ast.stmt]) -> bool:
    """Tell whether a loop with this body is left by a `break` of its own."""
    for statement in body:
        if isinstance(statement, ast.Break):
            return True
        inner = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
        inner += getattr(statement, "finalbody", [])
        inner += [x for handler in getattr(statement, "handlers", []) for x in handler.body]
        if isinstance(statement, (ast.For, ast.While)):
            inner = list(statement.orelse)
        if not isinstance(statement, (ast.FunctionDef, ast.ClassDef)) and _breaks(inner):
            return True
    return False
