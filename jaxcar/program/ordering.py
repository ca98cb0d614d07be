"""Sorting as Python sorts: stable, by keys that are numbers, tuples of numbers, or text."""

from __future__ import annotations

import ast
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.program.choices import has_choice
from jaxcar.program.containers import DictValue, ListValue, NoKindError, Rows
from jaxcar.program.definitions import FunctionValue
from jaxcar.program.faults import Fault
from jaxcar.program.iteration import iterate
from jaxcar.program.kinds import Kind, has_arrays
from jaxcar.program.merge import collapsed
from jaxcar.program.packing import unpack
from jaxcar.program.predicate import traced
from jaxcar.program.registry import library
from jaxcar.program.rows import compacted, element_kind, gathered, held, row_at, valid
from jaxcar.program.tensors import INT, Tensor, as_tensor
from jaxcar.program.trace import Trace
from jaxcar.program.values import is_numeric, is_static, unwrap_static
from jaxcar.program.wording import describe

_SHORT = 16
# What a lambda is made of that makes numbers of numbers, and changes nothing.
_ARITHMETIC = (
    *(
        ast.Subscript,
        ast.Attribute,
        ast.Constant,
        ast.Name,
        ast.Tuple,
        ast.BinOp,
        ast.UnaryOp,
        ast.Load,
    ),
    *(ast.operator, ast.unaryop),
)


@library("builtins.sorted")
def sorted_(trace: Trace, iterable: Any, *, key: Any = None, reverse: Any = False) -> Any:
    """Return a new sorted list."""
    return sorted_list(trace, iterable, key, reverse)


def sorted_list(trace: Trace, iterable: Any, key: Any, reverse: Any) -> ListValue:
    """Return the elements in order, equal ones as they came."""
    if not isinstance(reverse, (bool, int)):
        trace.refuse(
            "JC406",
            "`reverse` of sorted() must be known before run time",
            fix="write reverse=True, or sort by -x",
        )
    numbers = _rows_of_numbers(trace, iterable) if key is None else None
    if numbers is not None:
        return _sorted_rows(trace, numbers, bool(reverse))
    whole = rows_of_arrays(trace, iterable) or long_rows(trace, iterable, key)
    if key is not None and whole is not None:
        order = order_by_key(trace, whole, key, bool(reverse))
        return ListValue([], trace.path, rows=gathered(whole, order, whole.length))
    items = list(iterate(trace, iterable, ordered=False))
    if not items:
        return ListValue([], trace.path)
    keys = [_key(trace, key, bit, item) for bit, item in items]
    firsts = [k[0] if isinstance(k, tuple) and k else None for k in keys]
    if all(isinstance(x, (int, str)) for x in firsts) and len(set(firsts)) == len(firsts):
        keys = firsts  # nothing after the first element decides
    if all(bit is True for bit, _ in items) and all(is_static(k) for k in keys):
        return _sorted_now(trace, [item for _, item in items], keys, bool(reverse))
    columns = _columns(trace, keys)
    present = jnp.stack([traced(bit) for bit, _ in items])
    order = _order(trace, columns, present, bool(reverse))
    try:
        kind = element_kind([item for _, item in items])
    except NoKindError as error:
        trace.refuse(
            "JC401",
            f"elements of different kinds are sorted: {error.message}",
            fix="sort elements of one kind: key=lambda x: float(...)",
        )
    rows = compacted(kind, [(True, item) for _, item in items])
    sure = sum(bit is True for bit, _ in items)
    count = Tensor(jnp.sum(present, dtype=jnp.int32), INT, True, (sure, len(items)))
    made = gathered(rows, order, count)
    if sure == len(items):
        return ListValue([_free(row_at(made, i)) for i in range(len(items))], trace.path)
    return ListValue([], trace.path, rows=made)


def _rows_of_numbers(trace: Trace, iterable: Any) -> Rows | None:
    """Return the rows of a list or set of numbers of one dtype, whose length is not known."""
    value = collapsed(trace.present(iterable))
    rows = value.rows if isinstance(value, (ListValue, DictValue)) else None
    if rows is None or rows.kind.form != "tensor" or len(rows.leaves) > 1:
        return None
    if rows.leaves[0].ndim > 1 or (rows.length.bounds or (0, 0))[0] >= rows.capacity:
        return None
    return rows


def rows_of_arrays(trace: Trace, value: Any) -> Rows | None:
    """Return the rows of a list of contours or blobs, or of what holds such."""
    value = collapsed(trace.present(value))
    rows = value.rows if isinstance(value, ListValue) else None
    return rows if rows is not None and has_arrays(rows.kind) else None


def long_rows(trace: Trace, value: Any, key: Any) -> Rows | None:
    """Return the rows of a long list that is sorted by numbers in its elements."""
    value = collapsed(trace.present(value))
    rows = value.rows if isinstance(value, ListValue) else None
    if rows is None or rows.capacity <= _SHORT or rows.kind.form not in ("tuple", "record"):
        return None
    if not isinstance(key, FunctionValue) or not isinstance(key.node, ast.Lambda):
        return None
    numbers = all(_of_numbers(part) for part in rows.kind.parts)
    parts = ast.walk(key.node.body)
    return rows if numbers and all(isinstance(x, _ARITHMETIC) for x in parts) else None


def _of_numbers(kind: Kind) -> bool:
    """Tell whether values of a kind are numbers, or tuples of them."""
    if kind.form in ("tuple", "record"):
        return all(map(_of_numbers, kind.parts))
    return kind.form == "tensor" and not kind.detail[1]


def leading_by_key(trace: Trace, rows: Rows, key: Any, largest: bool) -> Any:
    """Return the position of the first of rows with the smallest or largest key, i32[].

    Args:
        trace: the present tracing.
        rows: the elements.
        key: a function from an element to a number or a tuple of numbers.
        largest: whether the largest is looked for.
    """
    marks = trace.mapped(key, ListValue([], trace.path, rows=rows)).rows
    assert marks is not None
    best = valid(rows)
    for column in _marks(trace, marks):
        values = jnp.pad(column, (0, rows.capacity))[: rows.capacity]
        if values.dtype.kind == "f":
            trace.doubt(_close(values) & best[:, None] & best[None, :])
            trace.raise_where(Fault.UNSPECIFIED_LIMIT, jnp.any(best & jnp.isnan(values)))
        values = values.astype(jnp.int32) if values.dtype.kind == "b" else values
        worst = _least(values.dtype) if largest else -_least(values.dtype) - 1
        inside = jnp.where(best, values, jnp.asarray(worst, values.dtype))
        best &= values == (jnp.max(inside) if largest else jnp.min(inside))
    return jax.lax.argmax(best, 0, jnp.int32)


def _least(dtype: Any) -> Any:
    return -jnp.inf if dtype.kind == "f" else int(jnp.iinfo(dtype).min)


def order_by_key(trace: Trace, rows: Rows, key: Any, reverse: bool) -> Any:
    """Return the stable order of rows by a key, which is computed in a loop that is traced once.

    Args:
        trace: the present tracing.
        rows: the elements.
        key: a function from an element to a number or a tuple of numbers.
        reverse: whether the largest comes first.

    Returns:
        i32[capacity], with the positions of what is past the length at the end.
    """
    marks = trace.mapped(key, ListValue([], trace.path, True, form="tuple", rows=rows)).rows
    assert marks is not None
    present = valid(rows)
    columns = [jnp.pad(c, (0, rows.capacity))[: rows.capacity] for c in _marks(trace, marks)]
    for column in columns:
        if column.dtype.kind == "f":
            trace.doubt(_close(column) & present[:, None] & present[None, :])
    return _order(trace, columns, present, reverse)


def _marks(trace: Trace, rows: Rows) -> list[Any]:
    """Return what to sort by, the most important first: arrays of one number per element."""
    mark = unpack(rows.kind, list(rows.leaves)) if rows.kind.form in ("tensor", "tuple") else None
    return _numbers(trace, mark)


def _numbers(trace: Trace, mark: Any) -> list[Any]:
    if isinstance(mark, tuple):
        return [column for part in mark for column in _numbers(trace, part)]
    if not isinstance(mark, Tensor) or mark.ndim != 1:
        trace.refuse(
            "JC312",
            "sorting contours or blobs by such a key is not supported yet",
            fix="sort by one number, or a tuple of numbers: key=cv2.contourArea",
        )
    return [mark.value]


def _sorted_rows(trace: Trace, rows: Rows, reverse: bool) -> ListValue:
    present = valid(rows)
    if rows.leaves[0].dtype.kind == "f":
        trace.doubt(_close(rows.leaves[0]) & present[:, None] & present[None, :])
    order = _order(trace, [rows.leaves[0]], present, reverse)
    return ListValue([], trace.path, rows=gathered(rows, order, rows.length))


def _free(value: Any) -> Any:
    return value if isinstance(value, Tensor) and value.ndim == 0 else held(value)


def _key(trace: Trace, key: Any, bit: Any, item: Any) -> Any:
    with trace.under(bit):
        return trace.present(item if key is None else trace.apply(key, [item]))


def _sorted_now(trace: Trace, items: list[Any], keys: list[Any], reverse: bool) -> ListValue:
    try:
        order = sorted(range(len(items)), key=lambda i: unwrap_static(keys[i]), reverse=reverse)
    except (TypeError, ValueError) as error:
        trace.refuse(
            "JC404",
            f"sorted(): Python raises {type(error).__name__}: {str(error).splitlines()[0]}",
            fix="sort by one number: key=lambda x: float(...)",
        )
    return ListValue([items[i] for i in order], trace.path)


def _columns(trace: Trace, keys: list[Any]) -> list[Any]:
    """Return what to sort by, the most important first: arrays of one number per element."""
    if all(isinstance(key, (tuple, ListValue)) for key in keys):
        rows = [key.items if isinstance(key, ListValue) else key for key in keys]
        if len({len(row) for row in rows}) > 1:
            trace.refuse(
                "JC312",
                "sorting by tuples of different lengths is not supported yet",
                fix="give all tuples one length",
            )
        return [c for i in range(len(rows[0])) for c in _columns(trace, [row[i] for row in rows])]
    for key in keys:
        if has_choice(key) or not is_numeric(key) or as_tensor(key).ndim:
            trace.refuse(
                "JC312",
                f"sorting by {describe(key)} is not supported yet",
                fix="sort by one number, or by a tuple of numbers: key=lambda x: float(...)",
            )
    tensors = [as_tensor(key) for key in keys]
    common = np.result_type(*(t.value.dtype for t in tensors))
    column = jnp.stack([t.value.astype(common) for t in tensors])
    if common.kind == "f":
        trace.doubt(_close(column))
    return [column]


def _close(column: Any) -> Any:
    a, b = column[:, None], column[None, :]
    scale = jnp.maximum(jnp.abs(a), jnp.abs(b))
    return (jnp.abs(a - b) <= 1e-9 * scale) & (a != b)


def _order(trace: Trace, columns: list[Any], present: Any, reverse: bool) -> Any:
    """Return the stable order of the elements; absent ones come last."""
    # Python's sort puts nan where its comparisons, all false, happen to leave it.
    several = jnp.sum(present) > 1
    for column in columns:
        if column.dtype.kind == "f":
            lost = jnp.any(jnp.isnan(column) & present) & several
            trace.raise_where(Fault.UNSPECIFIED_LIMIT, lost)
    # `reverse` keeps equal elements as they came: sort backwards by the negated rank.
    columns = [_rank(column) if reverse else column for column in columns]
    columns = [-column for column in columns] if reverse else columns
    keys = [*reversed(columns), ~present]
    return jnp.lexsort(keys).astype(jnp.int32)


def _rank(column: Any) -> Any:
    """Return how many elements are smaller: ints that order as the column does."""
    smaller = column[None, :] < column[:, None]
    return jnp.sum(smaller, axis=1, dtype=jnp.int32)
