"""NumPy's names that shift, repeat, frame and cut arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaxcar.program import fixes
from jaxcar.program.array_shapes import known, moved
from jaxcar.program.construction import arrayed
from jaxcar.program.containers import ListValue
from jaxcar.program.refusals import refuse_operands
from jaxcar.program.registry import library
from jaxcar.program.tensors import Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import check_size, fold
from jaxcar.program.values import is_numeric, is_static
from jaxcar.program.wording import describe


@library("numpy.roll")
def roll(trace: Trace, a: Any, shift: Any, axis: Any = None) -> Any:
    """Shift the elements around."""
    steps, place = known(trace, "roll", shift, axis)
    return moved(trace, "roll", arrayed(trace, a), lambda x: np.roll(x, steps, place))


@library("numpy.tile")
def tile(trace: Trace, A: Any, reps: Any) -> Any:  # noqa: N803 - NumPy's own name
    """Repeat the whole array."""
    (counts,) = known(trace, "tile", reps)
    a = arrayed(trace, A)
    _check_repeats(trace, a, counts)
    return moved(trace, "tile", a, lambda x: np.tile(x, counts))


@library("numpy.repeat")
def repeat(trace: Trace, a: Any, repeats: Any, axis: Any = None) -> Any:
    """Repeat each element."""
    counts, place = known(trace, "repeat", repeats, axis)
    if np.asarray(counts).dtype.kind not in "biu":
        trace.refuse(
            "JC404",
            f"np.repeat takes how often as whole numbers, not {describe(repeats)}: NumPy raises "
            "TypeError",
            fix="give it an int, or a list of as many ints as there are elements",
        )
    a = arrayed(trace, a)
    _check_repeats(trace, a, np.max(counts) if np.size(counts) else 0)
    return moved(trace, "repeat", a, lambda x: np.repeat(x, counts, place))


def _check_repeats(trace: Trace, a: Any, counts: Any) -> None:
    size = as_tensor(a).value.size if is_numeric(a) else 1
    check_size(trace, (size, *(abs(int(n)) for n in np.atleast_1d(counts).reshape(-1))))


@library("numpy.diagonal")
def diagonal(trace: Trace, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    """Return the diagonal; it cannot be written."""
    values = known(trace, "diagonal", offset, axis1, axis2)
    made = moved(trace, "diagonal", arrayed(trace, a), lambda x: np.diagonal(x, *values), view=True)
    if isinstance(made, Tensor):
        made.frozen = True
    return made


@library("numpy.diag")
def diag(trace: Trace, v: Any, k: Any = 0) -> Any:
    """Return the diagonal of a matrix, or the matrix with this diagonal."""
    (offset,) = known(trace, "diag", k)
    v = arrayed(trace, v)
    if is_numeric(v) and as_tensor(v).ndim == 2:
        return diagonal(trace, v, offset)
    if is_numeric(v) and as_tensor(v).ndim == 1 and isinstance(offset, int):
        side = as_tensor(v).shape[0] + abs(offset)
        check_size(trace, (side, side))
    if is_static(v):
        return fold(trace, np.diag, v, k)
    return moved(trace, "diag", v, lambda x: np.diag(x + 1, offset) - 1, filler=0)


def _define_triangle(name: str) -> None:
    @library(f"numpy.{name}")
    def triangle(trace: Trace, m: Any, k: Any = 0) -> Any:
        (offset,) = known(trace, name, k)
        m = arrayed(trace, m)
        if is_static(m):
            return fold(trace, getattr(np, name), m, k)
        return moved(trace, name, m, lambda x: getattr(np, name)(x + 1, offset) - 1, filler=0)


_define_triangle("tril")
_define_triangle("triu")


@library("numpy.pad")
def pad(
    trace: Trace, array: Any, pad_width: Any, mode: Any = "constant", *, constant_values: Any = 0
) -> Any:
    """Put a border around an array."""
    width, form, value = known(trace, "pad", pad_width, mode, constant_values)
    if form not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        trace.refuse(
            "JC403",
            f"np.pad does not take mode={form!r} here",
            fix="use 'constant', 'edge', 'reflect', 'symmetric' or 'wrap'",
        )
    array = arrayed(trace, array)
    if not is_numeric(array):
        refuse_operands(trace, "pad", array)
    most = max((abs(int(n)) for n in np.reshape(width, -1)), default=0)
    check_size(trace, tuple(n + 2 * most for n in as_tensor(array).shape))
    if form != "constant":
        return moved(trace, "pad", array, lambda x: np.pad(x, width, mode=form))
    if not isinstance(value, (bool, int, float, np.generic)):
        trace.refuse(
            "JC403",
            "np.pad takes one number as `constant_values` here",
            fix="write one number: constant_values=0",
        )
    if is_static(array):
        return fold(trace, np.pad, array, width, constant_values=value)
    filler = fold(
        trace, lambda: np.pad(np.zeros(1, as_tensor(array).dtype), (1, 0), constant_values=value)[0]
    )
    return moved(
        trace, "pad", array, lambda x: np.pad(x + 1, width, constant_values=0) - 1, filler=filler
    )


@library("numpy.delete")
def delete(trace: Trace, arr: Any, obj: Any, axis: Any = None) -> Any:
    """Leave out elements."""
    which, place = known(trace, "delete", obj, axis)
    return moved(trace, "delete", arrayed(trace, arr), lambda x: np.delete(x, which, place))


def _define_split(name: str) -> None:
    @library(f"numpy.{name}")
    def split(trace: Trace, ary: Any, indices_or_sections: Any, axis: Any = 0) -> Any:
        where, place = known(trace, name, indices_or_sections, axis)
        array = arrayed(trace, ary)
        if not is_numeric(array):
            refuse_operands(trace, name, array)
        if isinstance(where, int) and where > trace.limits.list_capacity:
            trace.refuse("JC505", f"a list of {where} items is over the limit", fix=fixes.FEWER)
        sample = np.empty(as_tensor(array).shape, bool)
        count = len(fold(trace, getattr(np, name), sample, where, place))

        def part(number: int) -> Any:
            return moved(
                trace, name, array, lambda x: getattr(np, name)(x, where, place)[number], view=True
            )

        if count > trace.limits.list_capacity:
            trace.refuse("JC505", f"a list of {count} items is over the limit", fix=fixes.FEWER)
        return ListValue([part(i) for i in range(count)], trace.path)


_define_split("split")
_define_split("array_split")


@library("numpy.meshgrid")
def meshgrid(trace: Trace, *xi: Any, indexing: Any = "xy", sparse: Any = False) -> Any:
    """Return the coordinates of a grid, one array per axis."""
    style, thin = known(trace, "meshgrid", indexing, sparse)
    vectors = [arrayed(trace, x) for x in xi]
    if not all(is_numeric(v) for v in vectors):
        refuse_operands(trace, "meshgrid", *vectors)
    sizes = [np.arange(as_tensor(v).value.size) for v in vectors]
    check_size(trace, tuple(s.size for s in sizes))
    grids = fold(trace, lambda: np.meshgrid(*sizes, indexing=style, sparse=thin))
    return tuple(
        moved(trace, "meshgrid", v, lambda x, grid=grid: grid)  # type: ignore[misc]
        for v, grid in zip(vectors, grids, strict=True)
    )
