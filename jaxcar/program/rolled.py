"""A loop traced once: its body becomes the body of a `jax.lax.while_loop`.

What the body changes - names, fields, the contents of lists, dicts and arrays - is found by tracing
it, and the kinds of those values are widened until one more turn no longer changes them, as the
structure of memory is. Then the loop is traced for good over their leaves.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from jaxcar.program import fixes
from jaxcar.program.containers import NoKindError
from jaxcar.program.definitions import Instance
from jaxcar.program.kinds import Kind, form_of, grown
from jaxcar.program.lending import held_twice, lend_packed
from jaxcar.program.loop_body import Kinds, LoopBody
from jaxcar.program.merge import collapsed
from jaxcar.program.places import Place, cells_of, reachable
from jaxcar.program.predicate import Bit, both, depth, inner_level, literal, negate
from jaxcar.program.scope import Scope
from jaxcar.program.structure import detached, join_memory
from jaxcar.program.turns import Turns
from jaxcar.program.values import UNSET, Conflict

if TYPE_CHECKING:
    pass

_ROUNDS = 12
_GROWING = 6  # rounds in a row: such a value grows at every turn
_DEPTH = 5


class Roll:
    """One loop that is traced once.

    Args:
        body: its body, not yet entered.
    """

    def __init__(self, body: LoopBody) -> None:
        self.body, self.trace = body, body.trace

    def run(self) -> Bit:
        """Trace the loop, and return where it was left by `break`; run its `else` too."""
        trace, body, scope = self.trace, self.body, self.body.scope
        self._check_size()
        outer = trace._path, trace._local
        trace.path, trace.local = both(scope.base, body.path), body.path
        body.enter()
        collecting, trace.collecting = trace.collecting, False
        try:
            broken = Turns(body, self._fixpoint()).run()
        finally:
            trace.collecting = collecting
            trace._path, trace._local = outer
        if isinstance(body.node, ast.For):
            body.interpreter.block(body.node.orelse, scope, both(body.path, negate(broken)))
        return broken

    def _check_size(self) -> None:
        """Refuse loops inside loops inside loops, and more turns than a step may take."""
        trace = self.trace
        if depth() >= _DEPTH:
            trace.refuse(
                "JC504",
                f"long loops are nested more than {_DEPTH} deep",
                node=self.body.node,
                fix="work on whole arrays in the innermost loops",
            )
        length = 1 if self.body.sequence is None else self.body.sequence.length()
        if isinstance(length, int) and length > trace.limits.turns:
            trace.refuse(
                "JC504",
                f"a loop of {length:,} turns is over the limit {trace.limits.turns:,}",
                node=self.body.node,
                fix="work on whole arrays, e.g. np.any(mask), np.sum(mask, axis=0)",
            )

    def _fixpoint(self) -> Kinds:
        """Return every place that a turn changes, with the kind of all that it can hold there."""
        changed: Kinds = {}
        growing: dict[tuple[int, str], int] = {}
        for _ in range(_ROUNDS):
            found = self._trial(changed)
            if found == changed:
                return changed
            growing = {key: growing.get(key, 0) + 1 for key in _larger(found, changed)}
            if max(growing.values(), default=0) >= _GROWING:
                break
            changed = found
        self.trace.refuse(
            "JC401",
            "what this loop changes has no fixed structure: it changes at every turn",
            node=self.body.node,
            fix="give every variable one kind and a fixed size before the loop",
        )

    def _trial(self, changed: Kinds) -> Any:
        """Trace one turn on shapes alone, and return the places with their kinds after it."""
        found: Kinds = {}

        def turn(leaves: Any, bit: jax.Array, place: jax.Array) -> jax.Array:
            start = self.body.set(changed, leaves)
            cells = [cell for value in start.values() for cell in cells_of(value)]
            self.lent = {id(cell): (cell, cell.lent) for cell in cells}
            self.body.turn(place)
            self.body.goes_on(place, self.body.alive())
            found.update(self._changes(changed, start, literal(bit)))
            return jnp.int32(0)

        shapes = jax.eval_shape(lambda: self.body.zeros(changed))
        self._check_state(shapes)
        bit, place = jax.ShapeDtypeStruct((), bool), jax.ShapeDtypeStruct((), jnp.int32)
        try:
            with inner_level():
                jax.eval_shape(turn, shapes, bit, place)
        finally:
            self.body.restore()
        return found

    def _check_state(self, shapes: Any) -> None:
        """Refuse to carry more elements from turn to turn than an array may have."""
        limit = self.trace.limits.array_elements
        size = max((leaf.size for leaf in jax.tree.leaves(shapes)), default=0)
        if size > 2 * limit:  # a number of 64 bits is carried in two parts
            self.trace.refuse(
                "JC507",
                f"what this loop fills has room for more than {limit:,} numbers",
                node=self.body.node,
                fix=fixes.SMALLER,
            )

    def _changes(self, changed: Kinds, start: Any, bit: Bit) -> Any:
        """Return the places that differ from the start of the turn, with widened kinds."""
        for place, kind in changed.values():
            lend_packed(self.body.settled(place.read()), kind)
        after = {place.key: place for place in reachable(self.body.interpreter, self.body.scope)[0]}
        known = {place.key for place in self.body.before.places}
        # What the body made and only the body holds is no place of the loop's.
        owners = {id(owner) for owner in self.body.before.owners}
        touched: list[tuple[Place, Any, Any]] = []
        for key, place in after.items():
            if key not in known and id(place.owner) not in owners:
                continue
            old, new = start.get(key, UNSET), place.read()
            if old is UNSET and new is UNSET:
                continue
            if old is UNSET or not place.same(old, new) or key in changed:
                touched.append((place, old, new))
        for place in self.body.before.places:
            if place.key not in after:
                old = start.get(place.key, UNSET)
                if old is not UNSET:
                    touched.append((place, old, place.read()))
        touched += self._freeze_shared(touched, after, start)
        found = dict.fromkeys(changed)
        for place, old, new in touched:
            new = place.read() if not isinstance(place.owner, (Scope, Instance)) else new
            kind = self._kind(old, new, bit)
            before = changed.get(place.key, (place, kind))[1]
            if isinstance(kind, Kind) and isinstance(before, Kind):
                kind = grown(kind, before, self.trace.limits.list_capacity)
            found[place.key] = (place, kind)
        return {key: value for key, value in found.items() if value is not None}

    def _freeze_shared(self, touched: Any, after: Any, start: Any) -> list[Any]:
        """Refuse to change in place what a changed place and another one both hold.

        Returns:
            The contents that are changed by that alone.
        """
        named = tuple(place.read() for place in after.values() if place.name)
        path = both(self.body.scope.base, self.body.path)
        shared = {id(cell) for cell in held_twice(named, path)}
        frozen: set[tuple[int, str]] = set()
        for _, _, new in touched:
            for cell in cells_of(new):
                if id(cell) in shared and not cell.frozen:
                    cell.frozen = True
                    frozen.add((id(cell), ""))
        here = {place.key for place, _, _ in touched}
        known = frozen & set(start) - here
        return [(after[key], start[key], after[key].read()) for key in known if key in after]

    def _at_start(self, value: Any) -> Any:
        """Return a copy of a value that says what was lent before the turn, not in it."""
        cells = [cell for cell in cells_of(value) if id(cell) in self.lent]
        now = [cell.lent for cell in cells]
        for cell in cells:
            cell.lent = self.lent[id(cell)][1]
        copy = detached(collapsed(value))
        for cell, bit in zip(cells, now, strict=True):
            cell.lent = bit
        return copy

    def _kind(self, old: Any, new: Any, bit: Bit) -> Kind | Conflict:
        old, new = self._at_start(self.body.settled(old)), self.body.settled(new)
        try:
            joined = self.trace.bounded(join_memory(bit, new, old))
            return form_of(joined, self.trace.limits.list_capacity)
        except NoKindError as error:
            if error.code != "JC401" or error.fix is None:
                return Conflict(error.message)
            return Conflict(error.message, error.fix.removeprefix("give it "))


def _larger(found: Any, before: Any) -> list[tuple[int, str]]:
    """Return the places whose kinds have half as many parts again, or more, as a round before."""
    return [
        key
        for key, (_, kind) in found.items()
        if key in before and 2 * _parts(kind) >= 3 * _parts(before[key][1])
    ]


def _parts(kind: Kind | Conflict) -> int:
    return 1 + sum(map(_parts, kind.parts)) if isinstance(kind, Kind) else 1
