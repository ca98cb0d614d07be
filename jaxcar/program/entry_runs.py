"""One run of an entry: its set-up, or a step on what its memory holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from jaxcar.errors import RefusedProgram
from jaxcar.program.containers import DictValue, ListValue
from jaxcar.program.definitions import ClassValue, Instance
from jaxcar.program.entries import Entry, Inputs, Source, bind_setup
from jaxcar.program.host import Host, host_roots
from jaxcar.program.inheritance import check_concrete
from jaxcar.program.interpret import Interpreter
from jaxcar.program.kinds import Kind
from jaxcar.program.layout import lay_in_rows
from jaxcar.program.lending import freeze_shared
from jaxcar.program.merge import collapsed, join_pending
from jaxcar.program.opencv_api import FramePath
from jaxcar.program.returns import Returned, sort_returned
from jaxcar.program.structure import restored
from jaxcar.program.tensors import Tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import Maybe, Optional

Leaves = tuple[jax.Array, ...]
Values = Mapping[str, jax.Array]


def _given(source: Source, values: Values) -> Any:
    if source.form == "absent":
        return None
    array = values[source.name]
    tensor = Tensor(array, np.dtype(array.dtype))
    lay_in_rows(tensor)
    return FramePath(tensor) if source.form == "path" else tensor


def _arguments(
    run: Interpreter, parameters: tuple[tuple[str, Source], ...], values: Values
) -> dict[str, Any]:
    return {
        name: run.host[source.name] if source.form == "host" else _given(source, values)
        for name, source in parameters
        if source.form != "default"
    }


def _interpreter(trace: Trace, entry: Entry, inputs: Inputs, values: Values) -> Interpreter:
    """Return an interpreter of the entry's program that knows what the caller provides."""
    names = [name for name in inputs.declared if host_roots([name])]
    given = {name: values.get(name) for name in names}
    roots = host_roots(names)
    hosts = {root: Host(root, given, trace.host_reads) for root in roots}
    return Interpreter(trace, entry.module, hosts)


def _class_of(run: Interpreter, entry: Entry) -> ClassValue:
    assert entry.class_name is not None
    return run.module.variables[entry.class_name]


def set_up_entry(trace: Trace, entry: Entry, inputs: Inputs, values: Values) -> Instance:
    """Make the entry's object: `__init__`, then `reset`."""
    with trace.refusing():
        run = _interpreter(trace, entry, inputs, values)
        cls = _class_of(run, entry)
        check_concrete(trace, cls)
        instance = Instance(cls, {})
        if "__init__" in cls.generated:
            run.set_up(instance, [], {})
        for name in ("__init__", "reset"):
            parameters = bind_setup(entry, name, inputs)
            if parameters is not None:
                run.call(cls.functions[name], [instance], _arguments(run, parameters, values))
        freeze_shared(instance)
        settle_fields(instance)
        if trace.refusals:
            raise RefusedProgram(trace.refusals)
    return instance


def run_entry(
    trace: Trace, entry: Entry, inputs: Inputs, kind: Kind | None, leaves: Leaves, values: Values
) -> tuple[Instance | None, Returned]:
    """Run the entry on its memory; return its object afterwards and what it returned."""
    with trace.refusing():
        run = _interpreter(trace, entry, inputs, values)
        arguments = _arguments(run, entry.parameters, values)
        if entry.class_name is None:
            function = run.module.variables[entry.name]
            scope = run.enter(function, [], arguments)
            instance = None
        else:
            cls = _class_of(run, entry)
            assert kind is not None
            instance = restored(kind, leaves, trace.classes)
            scope = run.enter(cls.functions[entry.function.name], [instance], arguments)
        if instance is not None:
            freeze_shared(instance)
        settle_fields(instance)
        if trace.refusals:
            raise RefusedProgram(trace.refusals)
        with trace.at(entry.function):
            return instance, sort_returned(trace, scope, run.finish(scope))


def settle_fields(value: Any, seen: set[int] | None = None) -> None:
    """Join what is pending in the fields of an object, and of the objects that it holds."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    parts: Any = ()
    if isinstance(value, Instance):
        for name, field in value.fields.items():
            value.fields[name] = collapsed(join_pending(field))
        parts = value.fields.values()
    elif isinstance(value, (Optional, Maybe)):
        parts = (value.value,)
    elif isinstance(value, DictValue):
        parts = value.entries.values() if value.rows is None else ()
    elif isinstance(value, ListValue):
        parts = value.items if value.rows is None else ()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        settle_fields(part, seen)
