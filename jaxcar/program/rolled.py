"""A loop traced once: its body becomes the body of a `jax.lax.while_loop`.

What the body changes - names, fields, the contents of lists, dicts and arrays - is found by tracing
it, and the kinds of those values are widened until one more turn no longer changes them, as the
structure of memory is. Then the loop is traced for good over their leaves.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.program.expressions import evaluate_truth
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import position
from jaxcar.program.merge import postponed
from jaxcar.program.predicate import Bit, both, either, inner_level, literal, negate, traced
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.structure import (
    Kind,
    NoKindError,
    form_of,
    grown,
    join_memory,
    pack,
    unpack,
    zeros,
)
from jaxcar.program.values import (
    UNSET,
    BoundMethod,
    Choice,
    Conflict,
    DictValue,
    FunctionValue,
    Indexed,
    Instance,
    LazyItems,
    ListValue,
    Maybe,
    Optional,
    Pending,
    Tensor,
    Unset,
)

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

_ROUNDS = 12
_RETURNED = "#returned"


class Place(NamedTuple):
    """Where a value is kept: a name of a scope, a field of an object, or a container's content.

    Attributes:
        owner: the scope, object, list, dict or array.
        name: the name or field; "" for a content.
    """

    owner: Any
    name: str

    @property
    def key(self) -> tuple[int, str]:
        """What tells places apart."""
        return (id(self.owner), self.name)

    def read(self) -> Any:
        """Return what is kept there."""
        owner = self.owner
        if isinstance(owner, Scope):
            return owner.value if self.name == _RETURNED else owner.variables.get(self.name, UNSET)
        if isinstance(owner, Instance):
            return owner.fields.get(self.name, UNSET)
        return _content(owner)

    def write(self, value: Any) -> None:
        """Keep a value there."""
        owner = self.owner
        if isinstance(owner, Scope):
            if self.name == _RETURNED:
                owner.value = value
            elif value is UNSET:
                owner.variables.pop(self.name, None)
            else:
                owner.variables[self.name] = value
        elif isinstance(owner, Instance):
            if value is UNSET:
                owner.fields.pop(self.name, None)
            else:
                owner.fields[self.name] = value
        else:
            _set_content(owner, value)

    def same(self, a: Any, b: Any) -> bool:
        """Tell whether two contents of the place are the same."""
        if isinstance(self.owner, (Scope, Instance)):
            return a is b
        return _same_content(a, b)


def _content(owner: Any) -> Any:
    """Return a copy of a container that holds the same values."""
    if isinstance(owner, ListValue):
        items = [] if owner.rows is not None else list(owner.items)
        copy = ListValue(items, owner.born, owner.frozen, owner.form, owner.maxlen, owner.rows)
        return copy
    if isinstance(owner, DictValue):
        entries = {} if owner.rows is not None else dict(owner.entries)
        return DictValue(
            entries, owner.frozen, owner.unordered, owner.form, owner.rows, owner.default
        )
    copy_of = Tensor(owner.value, owner.dtype, owner.python, owner.bounds)
    copy_of.frozen = owner.frozen
    copy_of.value = owner.value
    return copy_of


def _set_content(owner: Any, value: Any) -> None:
    if isinstance(owner, Tensor):
        owner.value, owner.bounds, owner.frozen = value.value, value.bounds, value.frozen
    elif isinstance(owner, ListValue):
        owner.items = [] if value.rows is not None else list(value.items)
        owner.rows, owner.frozen = value.rows, value.frozen
    else:
        owner.entries = {} if value.rows is not None else dict(value.entries)
        owner.rows, owner.frozen, owner.unordered = value.rows, value.frozen, value.unordered


def _same_content(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return a.value is b.value and a.frozen == b.frozen
    if a.rows is not b.rows or a.frozen != b.frozen:
        return False
    if a.rows is not None:
        return True
    if isinstance(a, ListValue):
        return len(a.items) == len(b.items) and all(
            x is y for x, y in zip(a.items, b.items, strict=True)
        )
    return list(a.entries) == list(b.entries) and all(
        a.entries[key] is b.entries[key] for key in a.entries
    )


class Snapshot:
    """All that a loop's body could change, as it is now.

    Args:
        run: the interpreter.
        scope: the scope of the loop.
    """

    def __init__(self, run: Interpreter, scope: Scope) -> None:
        self.run = run
        self.scope = scope
        self.places, self.owners = reachable(run, scope)
        self.contents = [place.read() for place in self.places]
        self.iterators = [x for x in _iterators(self.places) if not x.used]
        trace = run.trace
        self.fault, self.near, self.gone = trace.fault, trace.near, trace.gone
        self.returned, self.returns = scope.returned, list(scope.returns)
        self.frames = [(f, f.raised, [list(c) for c in f.caught]) for f in trace.frames]
        self.loops = list(scope.loops)
        self.depth = len(run.scopes)
        self.path = trace._path, trace._local

    def restore(self) -> None:
        """Put everything back."""
        trace = self.run.trace
        for owner in self.owners:
            if isinstance(owner, Scope):
                owner.variables.clear()
            elif isinstance(owner, Instance):
                owner.fields.clear()
        for place, content in zip(self.places, self.contents, strict=True):
            place.write(content)
        trace.fault, trace.near, trace.gone = self.fault, self.near, self.gone
        self.scope.returned, self.scope.returns = self.returned, list(self.returns)
        trace.frames[:] = [frame for frame, _, _ in self.frames]
        for frame, raised, caught in self.frames:
            frame.raised, frame.caught = raised, [list(c) for c in caught]
        self.scope.loops[:] = self.loops
        del self.run.scopes[self.depth :]
        trace._path, trace._local = self.path


def reachable(run: Interpreter, scope: Scope) -> tuple[list[Place], list[Any]]:
    """Return every place that code in a scope can reach, and the scopes and objects among them."""
    owners: list[Any] = []
    found: dict[tuple[int, str], Place] = {}
    seen: set[int] = set()
    pending: list[Any] = [*run.scopes, scope]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, (Scope, Instance)):
            owners.append(value)
        if isinstance(value, Scope):
            places = [Place(value, name) for name in value.variables]
            places += [Place(value, _RETURNED)] if value is scope else []
            pending += [*value.variables.values(), *([value.outer] if value.outer else [])]
        elif isinstance(value, Instance):
            places = [Place(value, name) for name in value.fields]
            pending += list(value.fields.values())
        elif isinstance(value, (ListValue, DictValue)) or (
            isinstance(value, Tensor) and value.ndim > 0
        ):
            places = [Place(value, "")]
            pending += _parts(value)
        else:
            places = []
            pending += _parts(value)
        found.update({place.key: place for place in places})
    return list(found.values()), owners


def _parts(value: Any) -> list[Any]:
    """Return what a value holds."""
    if isinstance(value, ListValue):
        return [] if value.rows is not None else list(value.items)
    if isinstance(value, DictValue):
        return [] if value.rows is not None else list(value.entries.values())
    if isinstance(value, (Maybe, Optional)):
        return [value.value]
    if isinstance(value, Pending):
        return [value.new, value.old, value.joined]
    if isinstance(value, Choice):
        return [option for _, option in value.options]
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, FunctionValue):
        return [value.closure, *value.defaults, *value.keyword_defaults.values()]
    if isinstance(value, BoundMethod):
        return [value.instance]
    return []


def _iterators(places: list[Place]) -> list[LazyItems]:
    return [x for place in places if isinstance(x := place.read(), LazyItems)]


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

    def _settled(self, content: Any) -> Any:
        if isinstance(content, (Pending, Maybe, Optional)):
            return self.trace.narrow(self.trace.settle(content))
        return content

    def _fixpoint(self) -> dict[tuple[int, str], tuple[Place, Kind | Conflict]]:
        """Return every place that a turn changes, with the kind of all that it can hold there."""
        changed: dict[tuple[int, str], tuple[Place, Kind | Conflict]] = {}
        for _ in range(_ROUNDS):
            found = self._trial(changed)
            if found == changed:
                return changed
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
        bit, place = jax.ShapeDtypeStruct((), bool), jax.ShapeDtypeStruct((), jnp.int32)
        try:
            with inner_level():
                jax.eval_shape(turn, shapes, bit, place)
        finally:
            self.before.restore()
            self.loop = Loop()
        return found

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
        scope.loops.remove(self.loop)
        trace.path, trace.local = both(scope.base, self.path), self.path
        if any(iterator.used for iterator in self.before.iterators):
            trace.refuse("JC312", "using up an iterator inside such a loop is not supported yet")

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
            joined = join_memory(bit, new, old)
            return form_of(joined, self.trace.limits.list_capacity)
        except NoKindError as error:
            return Conflict(error.message)

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
        start = (begin, jnp.int32(0), first, zero, fault, near)

        def turn(state: Any) -> Any:
            _, count, leaves, _, fault, near = state
            with inner_level():
                self._set(kinds, leaves)
                trace.fault, trace.near = fault, near
                self._turn(count)
                going = self._alive()
                going = both(going, self._goes_on(count + 1, going))
                # A lane that has faulted has nothing more to say: the step is void.
                going = both(going, literal(jnp.asarray(trace.fault) == 0))
                packed, exits = self._pack(kinds), self._exits()
                made = (
                    traced(going), count + 1, packed, exits,
                    jnp.asarray(trace.fault, jnp.int32),
                    None if near is None else jnp.asarray(trace.near),
                )
                self.before.restore()
                self.loop = Loop()
            return made

        budget = self.trace.limits.while_turns
        if sequence is not None:
            end = jax.lax.while_loop(lambda state: state[0], turn, start)
        else:
            end = jax.lax.while_loop(lambda state: state[0] & (state[1] < budget), turn, start)
        self._finish(kinds, end)

    def _faults_inside(self, kinds: Any) -> list[Fault]:
        """Return the kinds of fault that the body raises where a `try` around the loop sees them."""
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
        leaves = []
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
        return value.astype(jnp.int32)

    def _goes_on(self, count: jax.Array, going: Bit) -> Bit:
        """Return whether there is another turn: an element, or that the condition holds."""
        trace = self.trace
        if self.sequence is not None:
            return literal(count < self._length())
        assert isinstance(self.node, ast.While)
        trace.path, trace.local = both(self.scope.base, going), going
        test = evaluate_truth(self.run_, self.node.test, self.scope)
        trace.path, trace.local = both(self.scope.base, self.path), self.path
        return test

    def _finish(self, kinds: Any, end: Any) -> None:
        """Put what the loop left in its places, on the path that entered it."""
        trace, scope = self.trace, self.scope
        going, _, leaves, exits, fault, near = end
        trace.fault = fault
        if near is not None:
            trace.near = near
        old = {p.key: v for p, v in zip(self.before.places, self.before.contents, strict=True)}
        here = both(scope.base, self.path)
        for (place, kind), held in zip(kinds.values(), leaves, strict=True):
            value = unpack(kind, list(held)) if isinstance(kind, Kind) else kind
            if isinstance(place.owner, (Scope, Instance)) and place.name != _RETURNED:
                path = self.path if place.owner is scope else here
                value = postponed(path, value, old.get(place.key, UNSET))
            place.write(value)
        self._leave(list(exits), here)
        if self.sequence is None:
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


def cells_of(value: Any) -> list[Any]:
    """Return the mutable values that a value holds, itself included."""
    found, pending, seen = [], [value], set()
    while pending:
        part = pending.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, (ListValue, DictValue, Instance)) or (
            isinstance(part, Tensor) and part.ndim > 0
        ):
            found.append(part)
        if not isinstance(part, (FunctionValue, BoundMethod)):
            pending += list(part.fields.values()) if isinstance(part, Instance) else _parts(part)
    return found

