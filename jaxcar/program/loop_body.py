"""The body of a loop that is traced once: one turn of it, from leaves to leaves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from jaxcar.program.bits import from_bit
from jaxcar.program.containers import Indexed
from jaxcar.program.expressions import evaluate_truth
from jaxcar.program.iteration import position
from jaxcar.program.kinds import Kind
from jaxcar.program.lending import lend_packed
from jaxcar.program.packing import pack, unpack, zeros
from jaxcar.program.places import Place, Snapshot, cells_of
from jaxcar.program.predicate import Bit, both, either, literal, negate
from jaxcar.program.scope import Loop, Scope
from jaxcar.program.tensors import Tensor
from jaxcar.program.values import UNSET, Conflict, Maybe, Optional, Pending, Unset

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter

Kinds = dict[tuple[int, str], tuple[Place, Kind | Conflict]]


class LoopBody:
    """The body of one loop, and everything that it can change.

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
        self.interpreter, self.node, self.scope, self.path = run, node, scope, path
        self.sequence, self.trace = places, run.trace
        self.loop = Loop()

    def enter(self) -> None:
        """Take note of everything as it is before the loop, on the path that enters it."""
        self.before = Snapshot(self.interpreter, self.scope)
        # Names that were assigned on some paths are joined now: not inside the body.
        self.entry = [self.settled(content) for content in self.before.contents]
        contents = zip(self.before.places, self.entry, strict=True)
        self.by_key = {place.key: content for place, content in contents}

    def restore(self) -> None:
        """Put everything back as it was before the loop."""
        self.before.restore()
        self.loop = Loop()

    def settled(self, content: Any) -> Any:
        """Return what a name holds, joined where it was assigned on some paths only."""
        if isinstance(content, (Pending, Maybe, Optional)):
            return self.trace.narrow(self.trace.settle(content))
        return content

    def zeros(self, kinds: Kinds) -> list[list[jax.Array]]:
        """Return leaves of zeros for every place."""
        return [zeros(k) if isinstance(k, Kind) else [] for _, k in kinds.values()]

    def set(self, kinds: Kinds, leaves: Any) -> dict[tuple[int, str], Any]:
        """Put everything as it is at the start of a turn; return it."""
        start: dict[tuple[int, str], Any] = {}
        for place, content in zip(self.before.places, self.entry, strict=True):
            place.write(content)
            start[place.key] = content
        for (place, kind), held in zip(kinds.values(), leaves, strict=True):
            value = unpack(kind, list(held)) if isinstance(kind, Kind) else kind
            place.write(value)
            start[place.key] = place.read()
        # What was put into a list before the loop is copied where the loop packs that list.
        for key, content in self.by_key.items():
            if key in kinds:
                lend_packed(content, kinds[key][1])
        return start

    def turn(self, place: jax.Array) -> None:
        """Run the body once, from where a turn begins."""
        run, scope, trace, node = self.interpreter, self.scope, self.trace, self.node
        scope.loops.append(self.loop)
        outer = trace.gone_through
        trace.path, trace.local = both(scope.base, self.path), self.path
        if isinstance(node, ast.For):
            assert self.sequence is not None
            item = self.sequence.get(position(place, self.sequence))
            trace.note(node.target, item)
            run.assign(node.target, item, scope)
            held = cells_of(self.sequence.holder)[1:]
            trace.gone_through = outer | {id(cell) for cell in held}
        try:
            run.block(node.body, scope, self.path)
        finally:
            trace.gone_through = outer
        self._check_sequence()
        scope.loops[:] = [loop for loop in scope.loops if loop is not self.loop]
        trace.path, trace.local = both(scope.base, self.path), self.path
        if any(iterator.used for iterator in self.before.iterators):
            trace.refuse(
                "JC312",
                "using up an iterator inside such a loop is not supported yet",
                fix="make a list of it before the loop, and index it",
            )

    def _check_sequence(self) -> None:
        """Raise what going through a sequence raises that the turn has changed."""
        if self.sequence is not None and self.sequence.check is not None:
            trace, alive = self.trace, self.alive()
            trace.path, trace.local = both(self.scope.base, alive), alive
            self.sequence.check()

    def alive(self) -> Bit:
        """Return where the loop goes on after a turn, its own condition left out."""
        left = either(self.loop.broken, both(self.scope.returned, negate(self.before.returned)))
        alive = both(self.path, negate(left))
        for frame, raised, _ in self.before.frames:
            alive = both(alive, either(negate(frame.raised), raised))
        return alive

    def goes_on(self, count: jax.Array, going: Bit) -> Bit:
        """Return whether there is another turn: an element, or that the condition holds."""
        trace = self.trace
        if self.sequence is not None:
            return literal(count < self.length())
        assert isinstance(self.node, ast.While)
        trace.path, trace.local = both(self.scope.base, going), going
        test = evaluate_truth(self.interpreter, self.node.test, self.scope)
        trace.note(self.node.test, from_bit(test))
        trace.path, trace.local = both(self.scope.base, self.path), self.path
        return test

    def length(self) -> jax.Array:
        """Return how many elements a `for` goes through as things stand: i32[]."""
        assert self.sequence is not None
        length = self.sequence.length()
        value = length.value if isinstance(length, Tensor) else jnp.asarray(length)
        return jnp.minimum(value, 2**31 - 1).astype(jnp.int32)

    def pack(self, kinds: Kinds) -> list[list[jax.Array]]:
        """Return the leaves of every place as it is now."""
        packed = []
        for place, kind in kinds.values():
            if isinstance(kind, Kind):
                value = self.settled(place.read())
                packed.append(pack(value, kind) if value is not UNSET else zeros(kind))
            else:
                packed.append([])
        return packed

    def entry_leaves(self, kinds: Kinds) -> list[list[jax.Array]]:
        """Return the leaves of every place as it was before the loop."""
        leaves: list[list[jax.Array]] = []
        for place, kind in kinds.values():
            if not isinstance(kind, Kind):
                leaves.append([])
                continue
            value = self.by_key.get(place.key, UNSET)
            leaves.append(zeros(kind) if isinstance(value, Unset) else pack(value, kind))
        return leaves
