"""The return rule: which part of what an entry returns is the reward, and which says completed."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.program.containers import DictValue
from jaxcar.program.merge import collapsed, merge
from jaxcar.program.scope import Scope
from jaxcar.program.tensors import BOOL, FLOAT, Selected, Tensor, as_tensor, shape_of
from jaxcar.program.trace import PoisonReadError, Trace
from jaxcar.program.values import Choice, Inert, Maybe, Optional, Poison, Text, is_numeric
from jaxcar.program.wording import describe

_FIX = "return one bool (completed), one number (reward), (number, dict), or (bool, number)"


@dataclasses.dataclass(frozen=True)
class Returned:
    """What an entry returned, sorted.

    Args:
        completed: bool[], or None where the entry gives no completion.
        reward: f64[], or None where it gives no number.
        components: name to f64[].
    """

    completed: jax.Array | None
    reward: jax.Array | None
    components: dict[str, jax.Array]

    def parts(self) -> list[jax.Array]:
        """Return all that is there."""
        found = [self.completed, self.reward, *self.components.values()]
        return [part for part in found if part is not None]


def sort_returned(trace: Trace, scope: Scope, value: Any) -> Returned:
    """Apply the return rule: bool, number, (number, dict), or (bool, number); text is inert.

    Args:
        trace: the present tracing.
        scope: the finished call, which knows what each `return` gave.
        value: the joined value.
    """
    value = collapsed(trace.settle(value))
    if isinstance(value, Poison):
        raise PoisonReadError
    if isinstance(value, Optional) or value is None:
        trace.refuse(
            "JC605", "some paths of the entry return None", fix="return a value at the end as well"
        )
    parts = value if isinstance(value, tuple) else (value,)
    parts = tuple(_whole(collapsed(part)) for part in parts)
    parts = tuple(part for part in parts if not isinstance(part, (str, Text, Inert)))
    if not parts:
        trace.refuse("JC605", f"the entry returns {describe(value)}", fix=_FIX)
    if any(isinstance(part, Optional) for part in parts):
        trace.refuse("JC605", "a part of what the entry returns is None on some paths", fix=_FIX)
    if any(isinstance(part, Tensor) and BOOL in (part.mixed or ()) for part in parts):
        trace.refuse(
            "JC605",
            "the entry returns a bool on some paths and a number on others: completed or reward?",
            notes=[f"it returns {words}" for words in dict.fromkeys(scope.returns)],
            fix="return bool(...) on every path, or float(...) on every path",
        )
    bools = [part for part in parts if _is_bool(part)]
    numbers = [part for part in parts if _is_number(part)]
    dicts = [part for part in parts if isinstance(part, DictValue)]
    fits = len(bools) <= 1 and len(numbers) <= 1 and len(bools) + len(numbers) >= 1
    fits = fits and len(dicts) <= bool(numbers)
    if not fits or len(bools) + len(numbers) + len(dicts) != len(parts):
        words_of = ", ".join(describe(part) for part in parts)
        fix = _fix_of(parts)
        trace.refuse("JC605", f"the entry returns ({words_of}): what is the reward?", fix=fix)
    completed = as_tensor(bools[0]).value.reshape(()) if bools else None
    reward = _number(numbers[0]) if numbers else None
    return Returned(completed, reward, _components(trace, dicts))


def _fix_of(parts: tuple[Any, ...]) -> str:
    """Return what to return instead of these parts."""
    arrays = [isinstance(x, Selected) or (is_numeric(x) and not _is_scalar(x)) for x in parts]
    if any(arrays):
        return "reduce it: return mask.any(), mask.all() or x.sum()"
    if len(parts) == 1 and isinstance(parts[0], DictValue):
        return "return (number, dict): the reward, and its components"
    return _FIX


def _whole(value: Any) -> Any:
    """Return a number of path-dependent dtype as one float: only its value counts here."""
    if not isinstance(value, Choice) or not all(_is_number(x) for _, x in value.options):
        return value
    result = Tensor(_number(value.options[0][1]), FLOAT, True)
    for bit, option in value.options[1:]:
        result = merge(bit, Tensor(_number(option), FLOAT, True), result)
    return result


def _is_bool(value: Any) -> bool:
    return _is_scalar(value) and as_tensor(value).dtype == BOOL


def _is_number(value: Any) -> bool:
    return _is_scalar(value) and as_tensor(value).dtype != BOOL


def _is_scalar(value: Any) -> bool:
    return is_numeric(value) and all(n == 1 for n in shape_of(value))


def _number(value: Any) -> jax.Array:
    return as_tensor(value).value.astype(FLOAT).reshape(())


def _components(trace: Trace, dicts: list[DictValue]) -> dict[str, jax.Array]:
    found: dict[str, jax.Array] = {}
    for key, value in (dicts[0].entries if dicts else {}).items():
        if isinstance(value, (str, Text, Inert)):
            continue
        # A component that some paths leave out is 0 there; None likewise.
        inner, present = _whole(collapsed(value)), jnp.bool_(True)
        if isinstance(inner, Maybe):
            inner, present = inner.value, _bit(inner.defined)
        if isinstance(inner, Optional):
            inner, present = inner.value, present & _bit(inner.some)
        if isinstance(inner, Tensor) or is_numeric(inner):
            if not _is_scalar(inner) or not isinstance(key, str):
                trace.refuse("JC605", f"the component {key!r} is {describe(inner)}", fix=_FIX)
            found[key] = jnp.where(present, _number(inner), 0.0)
    return found


def _bit(bit: Any) -> jax.Array:
    return jnp.asarray(bit) if isinstance(bit, bool) else bit.value
