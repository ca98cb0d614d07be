"""Mutable values of which a copy is kept, so that a later change of them would be lost.

Elements of run-time number are packed (`jaxcar.program.rows`): the rows hold a copy of what was put
into them. Whatever was put there is lent from then on, on the path that put it there, and changing
it in place is refused. A value that nobody else names is never changed again, and works.
"""

from __future__ import annotations

from typing import Any

from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import Instance
from jaxcar.program.kinds import Kind
from jaxcar.program.merge import collapsed
from jaxcar.program.predicate import Bit, both, either, excludes, implies, negate
from jaxcar.program.tensors import Tensor, seen_beside
from jaxcar.program.trace import Trace
from jaxcar.program.values import Choice, Maybe, Optional, Pending
from jaxcar.program.wording import describe

Cells = list[tuple[Any, Bit]]
_PLACES = 16  # of one value, that are told apart by their paths


def is_cell(value: Any) -> bool:
    """Tell whether a value can be changed in place."""
    if isinstance(value, Tensor):
        return value.ndim > 0
    return isinstance(value, (ListValue, DictValue, Instance))


def _parts(value: Any, bit: Bit) -> Cells:
    """Return what a value holds, each with the path on which it does."""
    if isinstance(value, Pending):
        if value.path is None:
            return [(value.joined, bit)]
        return [(value.new, both(bit, value.path)), (value.old, both(bit, negate(value.path)))]
    if isinstance(value, Choice):
        return [(option, both(bit, here)) for here, option in value.options]
    if isinstance(value, Maybe):
        return [(value.value, both(bit, value.defined))]
    if isinstance(value, Optional):
        return [(value.value, both(bit, value.some))]
    if isinstance(value, Instance):
        return [(part, bit) for part in value.fields.values()]
    if isinstance(value, ListValue):
        return [] if value.rows is not None else [(part, bit) for part in value.items]
    if isinstance(value, DictValue):
        return [] if value.rows is not None else [(part, bit) for part in value.entries.values()]
    return [(part, bit) for part in value] if isinstance(value, tuple) else []


def occurrences(value: Any, path: Bit = True) -> Cells:
    """Return every mutable value that a value holds, itself included, with where it is held.

    What is held twice wherever a further place holds it is not gone through again there: values
    that hold each other many times over have more places than can be counted.

    Args:
        value: the value.
        path: the path on which it is held.
    """
    seen: dict[int, list[Bit]] = {}

    def visit(value: Any, bit: Bit, inside: tuple[int, ...]) -> Cells:
        if bit is False or id(value) in inside:
            return []
        before = seen.setdefault(id(value), [])
        bit = True if len(before) >= _PLACES else bit
        if sum(other is True or implies(bit, other) for other in before) >= 2:
            return []
        before.append(bit)
        found: Cells = [(value, bit)] if is_cell(value) else []
        for part, here in _parts(value, bit):
            if is_cell(part) or not isinstance(part, (Tensor, int, float, str)):
                found += visit(part, here, (*inside, id(value)))
        return found

    return visit(value, path, ())


def lend(value: Any, path: Bit) -> None:
    """Refuse from now on to change what was put where a copy of it is kept.

    Args:
        value: what was put there.
        path: the path on which it was.
    """
    for cell, bit in occurrences(value, path):
        group = [cell, *seen_beside(cell)] if isinstance(cell, Tensor) else [cell]
        for member in group:
            member.lent = either(member.lent, bit)


def lend_packed(value: Any, kind: Any) -> None:
    """Lend what is packed once a value becomes one of a kind that holds rows.

    Args:
        value: with elements that are known one by one, perhaps.
        kind: a `Kind`, or what stands for there being none.
    """
    value = collapsed(value)
    if not isinstance(kind, Kind):
        return
    if kind.form in ("rows", "dict rows"):
        if getattr(value, "rows", True) is None:
            for part, bit in _parts(value, True):
                lend(part, bit)
        return
    if kind.form in ("maybe", "optional"):
        inner = value.value if isinstance(value, (Maybe, Optional)) else value
        lend_packed(inner, kind.parts[0])
        return
    if kind.form in ("tuple", "record", "list"):
        items = value.items if isinstance(value, ListValue) else value
        if getattr(value, "rows", None) is None and isinstance(items, (list, tuple)):
            for item, part in zip(items, kind.parts, strict=False):
                lend_packed(item, part)
    elif kind.form in ("dict", "object") and isinstance(value, (DictValue, Instance)):
        entries = value.entries if isinstance(value, DictValue) else value.fields
        for key, part in zip(kind.detail[0], kind.parts, strict=True):
            lend_packed(entries.get(key), part)


def held_twice(value: Any, path: Bit = True) -> list[Any]:
    """Return the mutable values that a value holds in two places at once, where a path leads."""
    seen: dict[int, list[Bit]] = {}
    found: dict[int, Any] = {}
    for cell, bit in occurrences(value, path):
        before = seen.setdefault(id(cell), [])
        if any(not excludes(bit, other) for other in before):
            found[id(cell)] = cell
        before.append(bit)
    return list(found.values())


def freeze_shared(instance: Instance) -> None:
    """Refuse to change at later steps what an object holds in two places: memory keeps two."""
    for cell in held_twice(instance):
        cell.frozen = True


def check_unlent(trace: Trace, target: Any) -> None:
    """Refuse to change a value in place of which a copy was kept, or is gone through."""
    if id(target) in trace.gone_through:
        trace.refuse(
            "JC312",
            f"changing {describe(target)} in place inside a long loop over the values that hold it "
            "is not supported yet",
            fix="go through positions, `for i in range(len(rows))`, or collect the new values",
        )
    if excludes(trace.path, target.lent):
        return
    trace.refuse(
        "JC312",
        f"changing {describe(target)} in place that was put into a list, deque or dict of run-time "
        "size, which holds a copy, is not supported yet",
        fix=f"put a copy there: {_copied(target)}",
    )


def _copied(target: Any) -> str:
    if isinstance(target, Tensor):
        return "xs.append(p.copy())"
    if isinstance(target, Instance):
        return "xs.append((p.x, p.y)), the values of its attributes"
    if isinstance(target, DictValue):
        return f"xs.append({target.form}(e))"
    return f"xs.append({target.form}(row))"
