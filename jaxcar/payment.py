"""How completions and numbers become reward: pure functions of what the programs say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError
from jaxcar.observed import Observed

RewardMode = Literal["first_completion", "raw", "potential"]


class Terms(NamedTuple):
    """How an environment pays.

    Attributes:
        weights: one for each sub-task, or none where the programs have no completion bits.
        discount: the learner's, for `potential`.
    """

    weights: tuple[float, ...]
    discount: float


class Before(NamedTuple):
    """What paying needs of the state before a step.

    Attributes:
        credited: bool[K], sub-tasks credited so far.
        phi: f32[], the potential.
    """

    credited: jax.Array
    phi: jax.Array


Payment = Callable[[Before, Observed, jax.Array, jax.Array], tuple[jax.Array, jax.Array]]
"""`(before, seen, credited now, terminated) -> (program_reward f32[], phi f32[])`."""


def credit(credited: jax.Array, completed: jax.Array, in_order: bool = True) -> jax.Array:
    """Credit sub-tasks for what is completed now.

    Args:
        credited: bool[..., K], credited before.
        completed: bool[..., K], completed on this frame.
        in_order: whether a sub-task waits for all before it.

    Returns:
        bool[..., K], credited from now on; what was credited stays so.

    Example:
        >>> credit(jnp.array([False, False]), jnp.array([False, True])).tolist()
        [False, False]
        >>> credit(jnp.array([True, False]), jnp.array([False, True])).tolist()
        [True, True]
    """
    either = credited | completed
    if not in_order:
        return either
    return credited | jnp.cumprod(either, axis=-1).astype(bool)


def potential(weights: tuple[float, ...], seen: Observed, credited: jax.Array) -> jax.Array:
    """Return phi: the weighted share of credited sub-tasks, or the programs' number.

    Args:
        weights: K weights; none for programs that only return a number.
        seen: what the programs say.
        credited: bool[K].

    Returns:
        f32[].
    """
    if not weights:
        return seen.number
    share = jnp.asarray(weights, jnp.float32) / math.fsum(weights)
    return jnp.where(credited, share, 0.0).sum()


def checked_weights(weights: float | Sequence[float], count: int) -> tuple[float, ...]:
    """Return K weights from one or K, refusing what cannot be paid."""
    values = tuple(weights) if isinstance(weights, Sequence) else (weights,) * count
    values = tuple(float(value) for value in values)
    if len(values) != count:
        raise JaxcarError(
            "one weight for each sub-task, or one for all",
            where="weights",
            got=f"{len(values)} weights",
            expected=f"{count}, one for each completion bit of the programs",
        )
    if not all(math.isfinite(value) and value >= 0 for value in values):
        raise JaxcarError("weights must be finite and not negative", where="weights", got=values)
    return values


def make_payment(mode: RewardMode, count: int, numbers: int, terms: Terms) -> Payment:
    """Return the function that pays.

    Args:
        mode: how to pay.
        count: K, how many completion bits the programs have.
        numbers: how many of their entries return a number.
        terms: weights and discount.

    Returns:
        `(before, seen, credited, terminated) -> (program_reward, phi)`.

    Raises:
        JaxcarError: for an unknown mode, or terms that the mode cannot use.
    """
    if mode not in get_args(RewardMode):
        raise JaxcarError(
            "unknown way to pay", where="reward", got=mode, expected=", ".join(get_args(RewardMode))
        )
    if mode == "first_completion":
        if count == 0:
            raise JaxcarError(
                "first_completion needs programs that say what is completed",
                where="programs",
                got="programs that return numbers only",
                fix='return a bool, or use reward="raw" or "potential"',
            )
        return _first_completion(terms)
    if mode == "raw":
        if numbers == 0:
            raise JaxcarError(
                "raw needs programs that return a number",
                where="programs",
                got="programs that only say what is completed",
                fix='return a number, or use reward="first_completion"',
            )
        return lambda before, seen, credited, terminated: (seen.number, before.phi)
    if not 0.0 <= terms.discount <= 1.0:
        raise JaxcarError("a discount lies in [0, 1]", where="discount", got=terms.discount)
    if count and math.fsum(terms.weights) == 0.0:
        raise JaxcarError("potential needs a weight above 0", where="weights", got=terms.weights)
    return _potential(terms)


def _first_completion(terms: Terms) -> Payment:
    def pay(
        before: Before, seen: Observed, credited: jax.Array, terminated: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        weights = jnp.asarray(terms.weights, jnp.float32)
        return jnp.where(credited & ~before.credited, weights, 0.0).sum(), before.phi

    return pay


def _potential(terms: Terms) -> Payment:
    def pay(
        before: Before, seen: Observed, credited: jax.Array, terminated: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        held = (seen.fault != 0).any() | seen.non_finite
        phi = jnp.where(held, before.phi, potential(terms.weights, seen, credited))
        phi = jnp.where(terminated, 0.0, phi)
        return terms.discount * phi - before.phi, phi

    return pay
