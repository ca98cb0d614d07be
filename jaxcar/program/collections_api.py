"""The builtins that make collections, and those of the module collections."""

from __future__ import annotations

from typing import Any

from jaxcar.program import dicts, lists, sets
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.iteration import iterate, known_items
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace


@library("builtins.list")
def list_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a list of the elements."""
    if isinstance(sequence, ListValue) and sequence.rows is not None:
        made = lists.copy(trace, sequence)
        made.form, made.maxlen, made.frozen = "list", None, False
        return made
    return lists.from_items(trace, list(iterate(trace, sequence)))


@library("builtins.tuple")
def tuple_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a tuple of the elements."""
    if isinstance(sequence, ListValue) and sequence.form == "tuple":
        return sequence
    return tuple(known_items(trace, sequence, "a tuple"))


@library("builtins.set", "builtins.frozenset")
def set_(trace: Trace, sequence: Any = ()) -> Any:
    """Return a set of the elements."""
    if isinstance(sequence, DictValue) and sequence.form == "set":
        return dicts.copy(trace, sequence)
    return sets.from_collection(trace, sequence)


@library("builtins.dict", "collections.OrderedDict")
def dict_(trace: Trace, entries: Any = None, **keywords: Any) -> Any:
    """Return a dict of the entries."""
    made = DictValue({})
    dicts.update(trace, made, entries, **keywords)
    return made


@library("collections.defaultdict")
def default_dict(trace: Trace, factory: Any = None, entries: Any = None) -> Any:
    """Return a dict that makes missing values."""
    made = DictValue({}, default=factory)
    dicts.update(trace, made, entries)
    return made


@library("collections.deque")
def deque_(trace: Trace, items: Any = (), maxlen: Any = None) -> Any:
    """Return a deque of the elements."""
    if maxlen is not None and (not isinstance(maxlen, int) or maxlen < 0):
        trace.refuse(
            "JC406",
            "`maxlen` of deque() must be a number known before run time",
            fix="write a number: deque(maxlen=10)",
        )
    return lists.from_items(trace, list(iterate(trace, items)), "deque", maxlen)
