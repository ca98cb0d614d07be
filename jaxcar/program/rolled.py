"""A loop traced once: its body becomes the body of a `jax.lax.while_loop`.

What the body changes - names, fields, the contents of lists, dicts and arrays - is found by tracing
it, and the kinds of those values are widened until one more turn no longer changes them, as the
structure of memory is. Then the loop is traced for good over their leaves.
"""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from jaxcar.program import fixes
from jaxcar.program.bits import from_bit
from jaxcar.program.containers import Indexed, NoKindError
from jaxcar.program.definitions import Instance
from jaxcar.program.expressions import evaluate_truth
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import position
from jaxcar.program.kinds import Kind, form_of, grown
from jaxcar.program.merge import postponed
from jaxcar.program.packing import pack, unpack, zeros
from jaxcar.program.places import RETURN_PLACE, Place, Snapshot, cells_of, reachable
from jaxcar.program.predicate import Bit, both, depth, either, inner_level, literal, negate, traced
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.structure import join_memory
from jaxcar.program.tensors import Tensor
from jaxcar.program.values import UNSET, Conflict, Maybe, Optional, Pending, Unset

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_ROUNDS = 12
_GROWING = 6  # rounds in a row: such a value grows at every turn
_SHORT = 256
_DEPTH = 5


class Roll:
    """One loop that is traced once.

    Args:
        run: the interpreter.
        node: the loop.
        scope: its scope.
        path: the predicate under which it is entered, counted from the start of the call; of a
            `while`, that its condition holds at first is part of it.
        places: of a `for`, how to reach its elements.
    """

    def __init__(
        self,
        run: Interpreter,
        node: ast.For | ast.While,
        scope: Scope,
        path: Bit,
        places: Indexed | None,
    ) -> None:
        self.run_, self.node, self.scope, self.path, self.sequence = run, node, scope, path, places
        self.trace = run.trace
        self.loop = Loop()

    def run(self) -> Bit:
        """Trace the loop, and return where it was left by `break`; run its `else` too."""
        trace, scope = self.trace, self.scope
        self._check_size()
        outer = trace._path, trace._local
        trace.path, trace.local = both(scope.base, self.path), self.path
        self.before = Snapshot(self.run_, scope)
        # Names that were assigned on some paths are joined now: not inside the body.
        self.entry = [self._settled(content) for content in self.before.contents]
        collecting, trace.collecting = trace.collecting, False
        try:
            kinds = self._fixpoint()
            self._loop(kinds)
        finally:
            trace.collecting = collecting
            trace._path, trace._local = outer
        broken = self.loop.broken
        if isinstance(self.node, ast.For):
            self.run_.block(self.node.orelse, scope, both(self.path, negate(broken)))
        return broken

    def _check_size(self) -> None:
        """Refuse loops inside loops inside loops, and more turns than a step may take."""
        trace = self.trace
        if depth() >= _DEPTH:
            trace.refuse(
                "JC504",
                f"long loops are nested more than {_DEPTH} deep",
                node=self.node,
                fix="work on whole arrays in the innermost loops",
            )
        length = 1 if self.sequence is None else self.sequence.length()
        if isinstance(length, int) and length > trace.limits.turns:
            trace.refuse(
                "JC504",
                f"a loop of {length:,} turns is over the limit {trace.limits.turns:,}",
                node=self.node,
                fix="work on whole arrays, e.g. np.any(mask), np.sum(mask, axis=0)",
            )

    def _settled(self, content: Any) -> Any:
        if isinstance(content, (Pending, Maybe, Optional)):
            return self.trace.narrow(self.trace.settle(content))
        return content

    def _fixpoint(self) -> dict[tuple[int, str], tuple[Place, Kind | Conflict]]:
        """Return every place that a turn changes, with the kind of all that it can hold there."""
        changed: dict[tuple[int, str], tuple[Place, Kind | Conflict]] = {}
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
            node=self.node,
            fix="give every variable one kind and a fixed size before the loop",
        )

    def _trial(self, changed: Any) -> Any:
        """Trace one turn on shapes alone, and return the places with their kinds after it."""
        found: dict[tuple[int, str], tuple[Place, Kind | Conflict]] = {}

        def turn(leaves: Any, bit: jax.Array, place: jax.Array) -> jax.Array:
            start = self._set(changed, leaves)
            self._turn(place)
            self._goes_on(place, self._alive())
            found.update(self._changes(changed, start, literal(bit)))
            return jnp.int32(0)

        shapes = jax.eval_shape(lambda: self._zeros(changed))
        self._check_state(shapes)
        bit, place = jax.ShapeDtypeStruct((), bool), jax.ShapeDtypeStruct((), jnp.int32)
        try:
            with inner_level():
                jax.eval_shape(turn, shapes, bit, place)
        finally:
            self.before.restore()
            self.loop = Loop()
        return found

    def _check_state(self, shapes: Any) -> None:
        """Refuse to carry more elements from turn to turn than an array may have."""
        limit = self.trace.limits.array_elements
        size = max((leaf.size for leaf in jax.tree.leaves(shapes)), default=0)
        if size > 2 * limit:  # a number of 64 bits is carried in two parts
            self.trace.refuse(
                "JC507",
                f"what this loop fills has room for more than {limit:,} numbers",
                node=self.node,
                fix=fixes.SMALLER,
            )

    def _zeros(self, changed: Any) -> list[list[jax.Array]]:
        return [zeros(k) if isinstance(k, Kind) else [] for _, k in changed.values()]

    def _set(self, changed: Any, leaves: Any) -> dict[tuple[int, str], Any]:
        """Put everything as it is at the start of a turn; return it."""
        start: dict[tuple[int, str], Any] = {}
        for place, content in zip(self.before.places, self.entry, strict=True):
            place.write(content)
            start[place.key] = content
        for (place, kind), held in zip(changed.values(), leaves, strict=True):
            value = unpack(kind, list(held)) if isinstance(kind, Kind) else kind
            place.write(value)
            start[place.key] = place.read()
        return start

    def _turn(self, place: jax.Array) -> None:
        """Run the body once, from where a turn begins."""
        run, scope, trace, node = self.run_, self.scope, self.trace, self.node
        scope.loops.append(self.loop)
        trace.path, trace.local = both(scope.base, self.path), self.path
        if isinstance(node, ast.For):
            assert self.sequence is not None
            item = self.sequence.get(position(place, self.sequence))
            trace.note(node.target, item)
            run.assign(node.target, item, scope)
        run.block(node.body, scope, self.path)
        scope.loops[:] = [loop for loop in scope.loops if loop is not self.loop]
        trace.path, trace.local = both(scope.base, self.path), self.path
        if any(iterator.used for iterator in self.before.iterators):
            trace.refuse(
                "JC312",
                "using up an iterator inside such a loop is not supported yet",
                fix="make a list of it before the loop, and index it",
            )

    def _alive(self) -> Bit:
        """Return where the loop goes on after a turn, its own condition left out."""
        left = either(self.loop.broken, both(self.scope.returned, negate(self.before.returned)))
        alive = both(self.path, negate(left))
        for frame, raised, _ in self.before.frames:
            alive = both(alive, either(negate(frame.raised), raised))
        return alive

    def _changes(self, changed: Any, start: Any, bit: Bit) -> Any:
        """Return the places that differ from the start of the turn, with widened kinds."""
        after = {place.key: place for place in reachable(self.run_, self.scope)[0]}
        known = {place.key for place in self.before.places}
        # What the body made and only the body holds is no place of the loop's.
        owners = {id(owner) for owner in self.before.owners}
        touched: list[tuple[Place, Any, Any]] = []
        for key, place in after.items():
            if key not in known and id(place.owner) not in owners:
                continue
            old, new = start.get(key, UNSET), place.read()
            if old is UNSET and new is UNSET:
                continue
            if old is UNSET or not place.same(old, new) or key in changed:
                touched.append((place, old, new))
        for place in self.before.places:
            if place.key not in after:
                old = start.get(place.key, UNSET)
                if old is not UNSET:
                    touched.append((place, old, place.read()))
        self._freeze_shared(touched, after)
        found = dict.fromkeys(changed)
        for place, old, new in touched:
            new = place.read() if not isinstance(place.owner, (Scope, Instance)) else new
            kind = self._kind(old, new, bit)
            before = changed.get(place.key, (place, kind))[1]
            if isinstance(kind, Kind) and isinstance(before, Kind):
                kind = grown(kind, before, self.trace.limits.list_capacity)
            found[place.key] = (place, kind)
        return {key: value for key, value in found.items() if value is not None}

    def _freeze_shared(self, touched: Any, after: Any) -> None:
        """Refuse to change in place what a changed place and another one both hold."""
        holders: dict[int, int] = {}
        cells: dict[int, Any] = {}
        for place in after.values():
            if place.name == "":
                continue
            for cell in cells_of(place.read()):
                holders[id(cell)] = holders.get(id(cell), 0) + 1
                cells[id(cell)] = cell
        for place, _, new in touched:
            for cell in cells_of(new) if place.name else ():
                if holders.get(id(cell), 0) > 1:
                    cells[id(cell)].frozen = True

    def _kind(self, old: Any, new: Any, bit: Bit) -> Kind | Conflict:
        old, new = self._settled(old), self._settled(new)
        try:
            joined = self.trace.bounded(join_memory(bit, new, old))
            return form_of(joined, self.trace.limits.list_capacity)
        except NoKindError as error:
            if error.code != "JC401" or error.fix is None:
                return Conflict(error.message)
            return Conflict(error.message, error.fix.removeprefix("give it "))

    def _pack(self, kinds: Any) -> list[list[jax.Array]]:
        packed = []
        for place, kind in kinds.values():
            if isinstance(kind, Kind):
                value = self._settled(place.read())
                packed.append(pack(value, kind) if value is not UNSET else zeros(kind))
            else:
                packed.append([])
        return packed

    def _exits(self) -> list[jax.Array]:
        """Return why lanes left the loop: broken, returned, raised, and what is to be caught."""
        bits: list[Bit] = [self.loop.broken, self.scope.returned]
        for frame, _, before in self.before.frames:
            bits.append(frame.raised)
            for now, then in zip(frame.caught, before, strict=True):
                new = now[len(then) :]
                bits += [_any([bit for k, bit in new if k == kind]) for kind in self.faults]
        return [traced(bit) for bit in bits]

    def _loop(self, kinds: Any) -> None:
        """Trace the `while_loop` and put its results in place."""
        trace, scope = self.trace, self.scope
        self.faults = self._faults_inside(kinds)
        first = self._entry_leaves(kinds)
        sequence = self.sequence
        length = None if sequence is None else self._length()
        alive = both(scope.base, self.path)
        begin = traced(alive)
        if length is not None:
            begin = begin & (length > 0)
        zero = [jnp.bool_(False)] * len(self._exits())
        fault = jnp.asarray(trace.fault, jnp.int32)
        near = None if trace.near is None else jnp.asarray(trace.near)
        turns = jnp.asarray(trace.turns, jnp.int32)
        start = (begin, jnp.int32(0), first, zero, fault, near, turns)

        def turn(state: Any) -> Any:
            _, count, leaves, _, fault, near, turns = state
            with inner_level():
                self._set(kinds, leaves)
                trace.fault, trace.near, trace.turns = fault, near, turns + 1
                self._turn(count)
                going = self._alive()
                going = both(going, self._goes_on(count + 1, going))
                # A lane that has faulted has nothing more to say: the step is void.
                going = both(going, literal(jnp.asarray(trace.fault) == 0))
                packed, exits = self._pack(kinds), self._exits()
                made = (
                    traced(going),
                    count + 1,
                    packed,
                    exits,
                    jnp.asarray(trace.fault, jnp.int32),
                    None if near is None else jnp.asarray(trace.near),
                    jnp.asarray(trace.turns, jnp.int32),
                )
                self.before.restore()
                self.loop = Loop()
            return made

        budget, most = self.trace.limits.while_turns, self.trace.limits.turns
        run = jax.lax.while_loop
        if trace.watch is not None:
            run = functools.partial(trace.watch.loop, self.node)
        if sequence is not None:
            # Few turns need no count of all turns: nested loops are counted by the inner ones.
            short = sequence.fixed and sequence.most is not None and sequence.most <= _SHORT
            end = run(
                lambda state: state[0] if short else state[0] & (state[6] < most), turn, start
            )
        else:
            end = run(lambda state: state[0] & (state[1] < budget) & (state[6] < most), turn, start)
        self._finish(kinds, end)

    def _faults_inside(self, kinds: Any) -> list[Fault]:
        """Return the faults that the body raises where a `try` around the loop sees them."""
        if not self.before.frames:
            return []
        found: set[Fault] = set()

        def turn(leaves: Any, place: jax.Array) -> jax.Array:
            self._set(kinds, leaves)
            self._turn(place)
            self._goes_on(place, True)
            for frame, _, before in self.before.frames:
                for now, then in zip(frame.caught, before, strict=True):
                    found.update(kind for kind, _ in now[len(then) :])
            return jnp.int32(0)

        shapes = jax.eval_shape(lambda: self._zeros(kinds))
        try:
            with inner_level():
                jax.eval_shape(turn, shapes, jax.ShapeDtypeStruct((), jnp.int32))
        finally:
            self.before.restore()
            self.loop = Loop()
        return sorted(found)

    def _entry_leaves(self, kinds: Any) -> list[list[jax.Array]]:
        values = {p.key: v for p, v in zip(self.before.places, self.entry, strict=True)}
        leaves: list[list[jax.Array]] = []
        for place, kind in kinds.values():
            if not isinstance(kind, Kind):
                leaves.append([])
                continue
            value = values.get(place.key, UNSET)
            leaves.append(zeros(kind) if isinstance(value, Unset) else pack(value, kind))
        return leaves

    def _length(self) -> jax.Array:
        assert self.sequence is not None
        length = self.sequence.length()
        value = length.value if isinstance(length, Tensor) else jnp.asarray(length)
        return jnp.minimum(value, 2**31 - 1).astype(jnp.int32)

    def _goes_on(self, count: jax.Array, going: Bit) -> Bit:
        """Return whether there is another turn: an element, or that the condition holds."""
        trace = self.trace
        if self.sequence is not None:
            return literal(count < self._length())
        assert isinstance(self.node, ast.While)
        trace.path, trace.local = both(self.scope.base, going), going
        test = evaluate_truth(self.run_, self.node.test, self.scope)
        trace.note(self.node.test, from_bit(test))
        trace.path, trace.local = both(self.scope.base, self.path), self.path
        return test

    def _finish(self, kinds: Any, end: Any) -> None:
        """Put what the loop left in its places, on the path that entered it."""
        trace, scope = self.trace, self.scope
        going, _, leaves, exits, fault, near, turns = end
        trace.fault, trace.turns = fault, turns
        if near is not None:
            trace.near = near
        old = {p.key: v for p, v in zip(self.before.places, self.before.contents, strict=True)}
        here = both(scope.base, self.path)
        for (place, kind), held in zip(kinds.values(), leaves, strict=True):
            value = unpack(kind, list(held)) if isinstance(kind, Kind) else kind
            if isinstance(place.owner, (Scope, Instance)) and place.name != RETURN_PLACE:
                path = self.path if place.owner is scope else here
                value = postponed(path, value, old.get(place.key, UNSET))
            place.write(value)
        self._leave(list(exits), here)
        if (
            self.sequence is None
            or not self.sequence.fixed
            or (self.sequence.most or 2**31) > _SHORT
        ):
            trace.path, trace.local = here, self.path
            trace.raise_where(Fault.TRIP_LIMIT, literal(going))

    def _leave(self, exits: list[jax.Array], here: Bit) -> None:
        """Take over why lanes left the loop."""
        scope = self.scope
        self.loop.broken = both(self.path, literal(exits.pop(0)))
        returned = exits.pop(0)
        if self._returns():
            scope.returned = either(self.before.returned, both(self.path, literal(returned)))
        if self._never_ends():
            # Whoever has not returned has met the budget, or has raised.
            scope.returned = either(self.before.returned, self.path)
        for frame, raised, before in self.before.frames:
            now = literal(exits.pop(0))
            if self.faults:
                frame.raised = either(raised, both(here, now))
            for caught in range(len(before)):
                for kind in self.faults:
                    bit = both(here, literal(exits.pop(0)))
                    frame.caught[caught].append((kind, bit))

    def _never_ends(self) -> bool:
        test = getattr(self.node, "test", None)
        endless = isinstance(test, ast.Constant) and bool(test.value)
        return endless and self._returns() and not _breaks(self.node.body)

    def _returns(self) -> bool:
        return any(isinstance(child, ast.Return) for child in ast.walk(self.node))


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


def _any(bits: list[Bit]) -> Bit:
    result: Bit = False
    for bit in bits:
        result = either(result, bit)
    return result


def _larger(found: Any, before: Any) -> list[tuple[int, str]]:
    """Return the places whose kinds have half as many parts again, or more, as a round before."""
    return [
        key
        for key, (_, kind) in found.items()
        if key in before and 2 * _parts(kind) >= 3 * _parts(before[key][1])
    ]


def _parts(kind: Kind | Conflict) -> int:
    return 1 + sum(map(_parts, kind.parts)) if isinstance(kind, Kind) else 1
