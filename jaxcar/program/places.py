"""Where values are kept: every place that a loop's body can reach, its content and its return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jaxcar.program.containers import DictValue, LazyItems, ListValue
from jaxcar.program.definitions import BoundMethod, FunctionValue, Instance
from jaxcar.program.scope import Scope
from jaxcar.program.tensors import Tensor
from jaxcar.program.values import UNSET, Choice, Maybe, Optional, Pending

if TYPE_CHECKING:
    from jaxcar.program.interpret import Interpreter


RETURN_PLACE = "#returned"
# The list that a comprehension fills.
OUT = "#out"


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
            return (
                owner.value if self.name == RETURN_PLACE else owner.variables.get(self.name, UNSET)
            )
        if isinstance(owner, Instance):
            return owner.fields.get(self.name, UNSET)
        return _content(owner)

    def write(self, value: Any) -> None:
        """Keep a value there."""
        owner = self.owner
        if isinstance(owner, Scope):
            if self.name == RETURN_PLACE:
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
        copy.lent = owner.lent
        return copy
    if isinstance(owner, DictValue):
        entries = {} if owner.rows is not None else dict(owner.entries)
        made = DictValue(
            entries, owner.frozen, owner.unordered, owner.form, owner.rows, owner.default
        )
        made.lent = owner.lent
        return made
    copy_of = Tensor(owner.value, owner.dtype, owner.python, owner.bounds)
    copy_of.frozen, copy_of.lent = owner.frozen, owner.lent
    copy_of.value = owner.value
    return copy_of


def _set_content(owner: Any, value: Any) -> None:
    owner.lent = value.lent
    if isinstance(owner, Tensor):
        owner.value, owner.bounds, owner.frozen = value.value, value.bounds, value.frozen
    elif isinstance(owner, ListValue):
        owner.items = [] if value.rows is not None else list(value.items)
        owner.rows, owner.frozen = value.rows, value.frozen
    else:
        owner.entries = {} if value.rows is not None else dict(value.entries)
        owner.rows, owner.frozen, owner.unordered = value.rows, value.frozen, value.unordered


def _same_content(a: Any, b: Any) -> bool:
    if (a.lent is False) != (b.lent is False):
        return False
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
        self.turns = trace.turns
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
                # Its mark outlives the turn; the path that it names does not.
                owner.lent = owner.lent is not False
        for place, content in zip(self.places, self.contents, strict=True):
            place.write(content)
        trace.fault, trace.near, trace.gone = self.fault, self.near, self.gone
        trace.turns = self.turns
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
            places += [Place(value, RETURN_PLACE)] if value is scope else []
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


def holders(run: Interpreter, scope: Scope, wanted: Any) -> int:
    """Return how many names, fields and elements that code in a scope can reach hold a value."""
    count, seen = 0, set()
    pending: list[Any] = [*run.scopes, scope]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Scope):
            inner = [*value.variables.values(), value.outer]
        else:
            inner = list(value.fields.values()) if isinstance(value, Instance) else _parts(value)
        count += sum(part is wanted for part in inner)
        pending += [part for part in inner if part is not None]
    return count
