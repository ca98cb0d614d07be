"""The one place that steps environments in a loop: whole episodes, and the learner's rollouts.

`play` runs complete, fresh episodes and folds each of them into an accumulator; verification and
evaluation are built on it. `collect` is the training scan: environments that are done continue
from a pool of resets, because a layout and a picture are too dear to make at every step. Both use
the same single step, for any gymnax environment, whatever its observations' structure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxcar.envs.structure import matching, select, strong
from jaxcar.errors import JaxcarError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gymnax.environments.environment import Environment

    Act = Callable[[jax.Array, Any, Any], Any]


class Step(NamedTuple):
    """One transition of one environment; `reward` follows `action`.

    Attributes:
        obs: the observation that the action was chosen on.
        state: the environment's state at `obs`.
        action: the action taken.
        reward: f32[], the environment's reward for it.
        next_obs: the true next observation, before any reset.
        next_state: the true next state, before any reset.
        terminated: bool[], the episode ended in the task's own terms.
        truncated: bool[], the episode was cut off by a time limit, and did not terminate.
        info: the environment's dictionary, as it is.
    """

    obs: Any
    state: Any
    action: Any
    reward: jax.Array
    next_obs: Any
    next_state: Any
    terminated: jax.Array
    truncated: jax.Array
    info: dict[str, Any]

    @property
    def done(self) -> jax.Array:
        """Say whether the episode is over: bool[]."""
        return self.terminated | self.truncated


class Fold(NamedTuple):
    """An accumulator of one episode, written for one environment; the loops vmap it.

    Attributes:
        init: `(obs, state) -> acc`, at the reset.
        update: `(acc, step) -> acc`, after every step of the episode, the last one included.
            It keeps the accumulator's structure, shapes and dtypes.

    Example:
        >>> length = Fold(lambda obs, state: 0, lambda acc, step: acc + 1)
        >>> length.update(length.init(None, None), None)
        1
    """

    init: Callable[[Any, Any], Any]
    update: Callable[[Any, Step], Any]


class ResetPool(NamedTuple):
    """Fresh resets to continue from.

    Attributes:
        obs: observations, leading axis P.
        state: their states, leading axis P.
    """

    obs: Any
    state: Any


class RolloutCarry(NamedTuple):
    """What a rollout hands to the next one.

    Attributes:
        key: one typed key, never used twice.
        obs: current observations, leading axis B.
        state: current states, leading axis B.
        tally: the accumulators of the unfinished episodes, leading axis B.
    """

    key: jax.Array
    obs: Any
    state: Any
    tally: Any


class Transition(NamedTuple):
    """What `collect` shows to its `record` at every step of one environment.

    Attributes:
        step: the step, as `play` sees it.
        note: what the policy returned beside its action.
        tally: the episode's accumulator, with this step.
    """

    step: Step
    note: Any
    tally: Any


EMPTY_FOLD = Fold(lambda obs, state: (), lambda acc, step: ())
"""The accumulator that keeps nothing."""


def play(
    env: Environment,
    params: Any,
    act: Act,
    fold: Fold,
    key: jax.Array,
    episodes: int,
    *,
    max_steps: int | None = None,
) -> Any:
    """Play complete fresh episodes and fold each of them; pure, works under jit and vmap.

    Every environment is reset afresh; the loop ends when all episodes have. An episode that is
    over is frozen: its accumulator sees only its own steps. Every environment and step has a key
    of its own, so the same key plays the same episodes.

    Args:
        env: a gymnax environment.
        params: its parameters; may be traced.
        act: `(key, obs, state) -> action` for one environment.
        fold: the accumulator.
        key: a typed key.
        episodes: E, how many episodes to play.
        max_steps: cuts every episode after so many steps, which is then truncated; the
            environment's own time limit holds besides. Needed where `params` has no
            `max_steps_in_episode`.

    Returns:
        The accumulators of the finished episodes, every leaf with leading axis E.

    Raises:
        JaxcarError: for a number of episodes or steps below one, an environment without a bound
            on its episodes, or a fold that changes its accumulator's type.

    Example:
        >>> import gymnax
        >>> env, params = gymnax.make("CartPole-v1")
        >>> count = Fold(lambda obs, state: 0, lambda acc, step: acc + 1)
        >>> push_left = lambda key, obs, state: 0
        >>> lengths = play(env, params, push_left, count, jax.random.key(0), 3)
        >>> lengths.shape, bool((lengths < 20).all())
        ((3,), True)
    """
    _check_size("episodes", episodes)
    limit = _limit(params, max_steps)
    key_reset, key_lanes = jax.random.split(key)
    keys = jax.random.split(key_lanes, episodes)
    obs, state = _reset(env, params, key_reset, episodes)
    acc = jax.vmap(lambda o, s: strong(fold.init(o, s)))(obs, state)

    def lane(
        time: jax.Array, alive: jax.Array, key: jax.Array, obs: Any, state: Any, acc: Any
    ) -> tuple[Any, ...]:
        key_act, key_step = jax.random.split(jax.random.fold_in(key, time))
        step = _step(env, params, act(key_act, obs, state), key_step, obs, state)
        step = step._replace(truncated=~step.terminated & (step.truncated | (time + 1 >= limit)))
        new = (step.next_obs, step.next_state, matching(fold.update(acc, step), acc, "fold"))
        return alive & ~step.done, *select(alive, new, (obs, state, acc))

    def advance(loop: tuple[Any, ...]) -> tuple[Any, ...]:
        time, alive, obs, state, acc = loop
        return (
            time + 1,
            *jax.vmap(lane, (None, 0, 0, 0, 0, 0))(time, alive, keys, obs, state, acc),
        )

    start = (jnp.int32(0), jnp.ones(episodes, bool), obs, state, acc)
    return jax.lax.while_loop(lambda loop: loop[1].any(), advance, start)[-1]


def make_pool(env: Environment, params: Any, key: jax.Array, size: int) -> ResetPool:
    """Make a pool of fresh resets, to be made anew for every rollout.

    Args:
        env: a gymnax environment.
        params: its parameters; may be traced.
        key: a typed key.
        size: P, how many resets to make.

    Returns:
        The pool, every leaf with leading axis P.

    Raises:
        JaxcarError: for a size below one.

    Example:
        >>> import gymnax
        >>> env, params = gymnax.make("CartPole-v1")
        >>> make_pool(env, params, jax.random.key(0), 16).obs.shape
        (16, 4)
    """
    _check_size("reset_pool", size)
    return ResetPool(*_reset(env, params, key, size))


def start(
    env: Environment, params: Any, key: jax.Array, num_envs: int, fold: Fold = EMPTY_FOLD
) -> RolloutCarry:
    """Reset `num_envs` environments afresh for the first rollout.

    Args:
        env: a gymnax environment.
        params: its parameters; may be traced.
        key: a typed key; the rollouts' randomness comes from it.
        num_envs: B.
        fold: the accumulator of unfinished episodes, the same as `collect` is given.

    Returns:
        The carry of `collect`.

    Raises:
        JaxcarError: for a number of environments below one.
    """
    _check_size("num_envs", num_envs)
    key_reset, key_run = jax.random.split(key)
    obs, state = _reset(env, params, key_reset, num_envs)
    tally = jax.vmap(lambda o, s: strong(fold.init(o, s)))(obs, state)
    return RolloutCarry(key_run, obs, state, tally)


def collect(
    env: Environment,
    params: Any,
    act: Callable[[jax.Array, Any, Any], tuple[Any, Any]],
    carry: RolloutCarry,
    length: int,
    pool: ResetPool,
    *,
    fold: Fold = EMPTY_FOLD,
    record: Callable[[Transition], Any] = lambda transition: transition,
) -> tuple[RolloutCarry, Any]:
    """Step B environments `length` times; those that are done continue from the pool.

    A done environment takes an entry chosen uniformly at random, with replacement. The pool is
    made anew for every rollout, so every episode starts from a draw of the reset distribution;
    two episodes of one rollout may share their start. An environment that keeps a key in its
    state shares that key too.

    Args:
        env: a gymnax environment.
        params: its parameters; may be traced.
        act: `(key, obs, state) -> (action, note)` for one environment; the note is any pytree to
            keep, such as the action's log-probability.
        carry: from `start`, or from the rollout before.
        length: T, steps to take in every environment.
        pool: from `make_pool`.
        fold: accumulates each episode across rollouts, starting anew at every reset.
        record: picks what is kept of every transition of one environment. XLA drops the rest.

    Returns:
        The next carry, and the trajectory: `record`'s results, every leaf with leading axes
        [T, B]. `step.next_obs` is the true next observation, before the reset, at time t; the
        observation that the policy acts on at t + 1 is that, or the pool's where t was done.

    Raises:
        JaxcarError: for a length below one, or a fold that changes its accumulator's type.

    Example:
        >>> import gymnax
        >>> env, params = gymnax.make("CartPole-v1")
        >>> key_start, key_pool = jax.random.split(jax.random.key(0))
        >>> carry = start(env, params, key_start, 4)
        >>> pool = make_pool(env, params, key_pool, 8)
        >>> push_left = lambda key, obs, state: (0, ())
        >>> carry, trajectory = collect(env, params, push_left, carry, 20, pool)
        >>> trajectory.step.reward.shape
        (20, 4)
    """
    _check_size("length", length)
    size = jax.tree.leaves(pool)[0].shape[0]
    num_envs = jax.tree.leaves(carry.state)[0].shape[0]

    def lane(
        key_data: jax.Array, pick: jax.Array, obs: Any, state: Any, tally: Any
    ) -> tuple[Any, Any]:
        key_act, key_step = jax.random.wrap_key_data(key_data, impl=impl)
        action, note = act(key_act, obs, state)
        step = _step(env, params, action, key_step, obs, state)
        tally = matching(fold.update(tally, step), tally, "fold")
        kept = record(Transition(step, note, tally))
        fresh = jax.tree.map(lambda leaf: leaf[pick], pool)
        anew = (*fresh, matching(fold.init(*fresh), tally, "fold"))
        return select(step.done, anew, (step.next_obs, step.next_state, tally)), kept

    def advance(
        now: tuple[Any, ...], random: tuple[jax.Array, jax.Array]
    ) -> tuple[tuple[Any, ...], Any]:
        return jax.vmap(lane)(*random, *now)

    # All randomness of the scan is drawn before it: with few environments, drawing it step by
    # step costs more than stepping them. The keys travel as bits, since under vmap the scan's
    # inputs are transposed, which JAX's check for key reuse takes for a use.
    impl = jax.random.key_impl(carry.key)
    key_next, key_lanes, key_pick = jax.random.split(carry.key, 3)
    keys = jax.random.split(key_lanes, (length, num_envs, 2))
    picks = jax.random.randint(key_pick, (length, num_envs), 0, size)
    random = (jax.random.key_data(keys), picks)
    after, trajectory = jax.lax.scan(advance, tuple(carry[1:]), random)
    return RolloutCarry(key_next, *after), trajectory


def _step(env: Environment, params: Any, action: Any, key: jax.Array, obs: Any, state: Any) -> Step:
    """Take one step of one environment, without a reset."""
    next_obs, next_state, reward, terminated, info = env.step_env(key, state, action, params)
    terminated = jnp.asarray(terminated, bool)
    truncated = jnp.asarray(env.is_truncated(next_state, params), bool) & ~terminated
    return Step(
        obs=obs,
        state=state,
        action=action,
        reward=jnp.asarray(reward, jnp.float32),
        next_obs=matching(next_obs, obs, "observation"),
        next_state=matching(next_state, state, "state"),
        terminated=terminated,
        truncated=truncated,
        info=info,
    )


def _reset(env: Environment, params: Any, key: jax.Array, count: int) -> tuple[Any, Any]:
    """Reset `count` environments, with keys of their own."""
    keys = jax.random.split(key, count)
    return jax.vmap(lambda key: strong(env.reset_env(key, params)))(keys)


def _limit(params: Any, max_steps: int | None) -> Any:
    if max_steps is not None:
        _check_size("max_steps", max_steps)
        return max_steps
    limit = getattr(params, "max_steps_in_episode", None)
    if limit is None:
        raise JaxcarError(
            "the environment's episodes have no bound",
            where="params.max_steps_in_episode",
            expected="a time limit",
            fix="pass max_steps",
        )
    return limit


def _check_size(name: str, size: int) -> None:
    if size < 1:
        raise JaxcarError(f"{name} must be at least 1", where=name, got=size)
