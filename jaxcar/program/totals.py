"""NumPy's names that sum up: reductions, running totals, averages, and those that pass over nan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jaxcar.program import fixes
from jaxcar.program.construction import arrayed, dtype_of
from jaxcar.program.reductions import reduction
from jaxcar.program.registry import library
from jaxcar.program.trace import Trace
from jaxcar.program.ufuncs import ufunc

_PLAIN = {"any": (), "all": (), "min": ("amin",), "max": ("amax",)}
_TYPED = ("sum", "prod", "mean")
Method = Callable[..., Any]


def no_out(trace: Trace, out: Any) -> None:
    """Refuse `out=`."""
    if out is not None:
        trace.refuse("JC403", "the argument `out` is not taken here", fix=fixes.NO_OUT)


def no_dtype(trace: Trace, name: str, dtype: Any) -> None:
    """Refuse `dtype=`."""
    if dtype is not None:
        trace.refuse("JC403", f"`dtype=` of np.{name}", fix="convert first: x.astype(dtype)")


def plain(name: str) -> Method:
    """Return any, all, min or max with exactly the parameters that NumPy's has."""

    def reduce(
        trace: Trace,
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = None,
    ) -> Any:
        no_out(trace, out)
        return reduction(trace, name, a, axis, keepdims, initial=initial, chosen=where)

    def test(
        trace: Trace,
        a: Any,
        axis: Any = None,
        out: Any = None,
        keepdims: Any = False,
        *,
        where: Any = None,
    ) -> Any:
        no_out(trace, out)
        return reduction(trace, name, a, axis, keepdims, chosen=where)

    return test if name in ("any", "all") else reduce


def typed(name: str) -> Method:
    """Return sum, prod or mean with exactly the parameters that NumPy's has."""

    def reduce(
        trace: Trace,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = None,
    ) -> Any:
        no_out(trace, out)
        kind = None if dtype is None else dtype_of(trace, dtype, None)
        return reduction(trace, name, a, axis, keepdims, dtype=kind, initial=initial, chosen=where)

    def mean(
        trace: Trace,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        *,
        where: Any = None,
    ) -> Any:
        return reduce(trace, a, axis, dtype, out, keepdims, None, where)

    return mean if name == "mean" else reduce


def spread(name: str) -> Method:
    """Return std or var with exactly the parameters that NumPy's has."""

    def deviation(
        trace: Trace,
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: Any = None,
        ddof: Any = 0,
        keepdims: Any = False,
    ) -> Any:
        no_out(trace, out)
        no_dtype(trace, name, dtype)
        return reduction(trace, name, a, axis, keepdims, ddof)

    return deviation


def position(name: str) -> Method:
    """Return argmin or argmax with exactly the parameters that NumPy's has."""

    def place(
        trace: Trace, a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False
    ) -> Any:
        no_out(trace, out)
        return reduction(trace, name, a, axis, keepdims)

    return place


REDUCTIONS: dict[str, Method] = {
    **{name: plain(name) for name in _PLAIN},
    **{name: typed(name) for name in _TYPED},
    **{name: spread(name) for name in ("std", "var")},
    **{name: position(name) for name in ("argmin", "argmax")},
}
for _name, _function in REDUCTIONS.items():
    library(f"numpy.{_name}", *(f"numpy.{alias}" for alias in _PLAIN.get(_name, ())))(_function)


@library("numpy.count_nonzero")
def count_nonzero(trace: Trace, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    """Count the true elements."""
    return reduction(trace, "count_nonzero", a, axis, keepdims)


@library("numpy.ptp")
def ptp(trace: Trace, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    """Return the largest minus the smallest element."""
    no_out(trace, out)
    a = arrayed(trace, a)
    ends = [reduction(trace, name, a, axis, keepdims) for name in ("max", "min")]
    return ufunc(trace, "subtract", *ends, library=True)
