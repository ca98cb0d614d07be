"""The host loop: jitted chunks of updates, and between them evaluation, metrics, checkpoints."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxcar.errors import RunError
from jaxcar.run import checkpoint
from jaxcar.run.metrics import Evaluated, Measurement, MetricsLog, finite
from jaxcar.run.scores import evaluated, score

if TYPE_CHECKING:
    from jaxcar.envs.task import Task
    from jaxcar.run.arms import Arm
    from jaxcar.run.config import RunConfig
    from jaxcar.run.display import Display
    from jaxcar.run.signals import StopWish
    from jaxcar.run.store import RunDirectory

VERIFY, TRAIN, EVALUATE, FINAL, FILM = range(5)


def key_for(seed: int, purpose: int) -> jax.Array:
    """Make the key of one purpose of a run; every purpose has its own, fixed by the seed.

    Args:
        seed: the run's seed.
        purpose: one of this module's names, such as `EVALUATE`.

    Returns:
        A typed key, made anew at every call.
    """
    return jax.random.fold_in(jax.random.key(seed), purpose)


class Context(NamedTuple):
    """What the training of every arm shares."""

    run: RunDirectory
    config: RunConfig
    task: Task
    display: Display
    wish: StopWish

    @property
    def log(self) -> MetricsLog:
        """Return the run's metrics."""
        return MetricsLog(self.run.metrics)


class Compiled(NamedTuple):
    """An arm's functions, compiled ahead of time, so that no clock sees a compiler.

    Attributes:
        chunk: `(states, params) -> (states, metrics)`; the states' buffers are donated.
        evaluate: `(networks, key, greedy) -> Scores`, leading axes [S, E].
        seconds: what compiling took.
    """

    chunk: Callable[..., Any]
    evaluate: Callable[..., Any]
    seconds: float


def train_arm(context: Context, arm: Arm) -> Any:
    """Train one arm to its end, from its last checkpoint if there is one.

    Args:
        context: the run.
        arm: the arm.

    Returns:
        The learners' states, leading axis S.

    Raises:
        RunError: a loss is not finite, or the run cannot be written.
        Interrupted: the run was asked to stop; the state is saved.
    """
    config, display = context.config, context.display
    states = initial_states(config, context.task, arm)
    states, last = _resume(context, arm, states)
    display.begin(arm.name, last.steps if last else 0, config.train.total_steps)
    if last is not None and last.kind == "final":
        display.end(arm.name, "was finished before")
        return states
    display.say(f"{arm.name}: compiling")
    compiled = _compile(config, context.task, arm, states)
    display.say(f"{arm.name}: compiled in {compiled.seconds:.1f} s")
    states, last = _train(context, arm, compiled, states, last)
    checkpoint.save(context.run.checkpoints(arm.name), last.update, states)
    _finish(context, arm, compiled, states, last)
    return states


def initial_states(config: RunConfig, task: Task, arm: Arm) -> Any:
    """Make the states of all of an arm's learners; arms share their seeds' keys.

    Args:
        config: the configuration.
        task: the task.
        arm: the arm.

    Returns:
        States with leading axis S.
    """
    keys = jax.random.split(key_for(config.seed, TRAIN), config.seeds)
    return jax.jit(jax.vmap(arm.learner.init, (0, None)))(keys, task.params)


def _resume(context: Context, arm: Arm, states: Any) -> tuple[Any, Measurement | None]:
    """Go back to the last checkpoint, and drop what was measured after it."""
    folder = context.run.checkpoints(arm.name)
    saved = checkpoint.updates(folder)
    at = saved[-1] if saved else 0
    kept = context.log.keep(lambda m: m.arm != arm.name or m.update <= at)
    own = [m for m in kept if m.arm == arm.name]
    if not saved:
        return states, None
    if not own or own[-1].update != at:
        raise RunError(
            "the metrics lack the line of the last checkpoint",
            where=context.run.metrics,
            expected=f"a line of arm {arm.name} at update {at}",
            fix=f"delete {folder / str(at)} to resume from the one before it",
        )
    return checkpoint.restore(folder, at, states), own[-1]


def _compile(config: RunConfig, task: Task, arm: Arm, states: Any) -> Compiled:
    def chunk(states: Any, params: Any) -> Any:
        def update(states: Any, _: None) -> Any:
            return jax.vmap(arm.learner.update, (0, None))(states, params)

        return jax.lax.scan(update, states, length=config.updates_per_chunk)

    def evaluate(networks: Any, key: jax.Array, greedy: jax.Array) -> Any:
        def of_seed(network: Any) -> Any:
            act = policy_of(arm, network, greedy)
            return score(arm.test_env, task, act, key, config.evaluate.episodes)

        return jax.vmap(of_seed)(networks)

    began = time.perf_counter()
    key = key_for(config.seed, EVALUATE)
    compiled_chunk = jax.jit(chunk, donate_argnums=0).lower(states, task.params).compile()
    compiled_evaluate = jax.jit(evaluate).lower(states.network, key, np.bool_(False)).compile()
    return Compiled(compiled_chunk, compiled_evaluate, time.perf_counter() - began)


def _train(
    context: Context, arm: Arm, compiled: Compiled, states: Any, last: Measurement | None
) -> tuple[Any, Measurement]:
    """Run chunks until the steps are used up or every seed has arrived."""
    config = context.config
    folder = context.run.checkpoints(arm.name)
    compile_s = compiled.seconds + (last.compile_s if last else 0.0)
    saved_at = time.monotonic()
    reason = _reason_to_stop(config, last)
    context.wish.check()
    while reason is None:
        states, measurement, speed = _chunk(context, arm, compiled, states, last)
        last = dataclasses.replace(measurement, compile_s=compile_s)
        context.log.append(last)
        context.display.show(last, speed)
        reason = _reason_to_stop(config, last)
        due = time.monotonic() - saved_at >= 60 * config.checkpoint_minutes
        if due or context.wish.number is not None:
            checkpoint.save(folder, last.update, states)
            saved_at = time.monotonic()
        context.wish.check()
    assert last is not None, "an arm has at least one chunk"
    context.display.end(arm.name, reason)
    return states, last


def _chunk(
    context: Context, arm: Arm, compiled: Compiled, states: Any, last: Measurement | None
) -> tuple[Any, Measurement, float]:
    """Train for one chunk and evaluate; also returns the chunk's steps per second, all seeds."""
    config = context.config
    began = time.perf_counter()
    states, metrics = jax.block_until_ready(compiled.chunk(states, context.task.params))
    train_s = time.perf_counter() - began
    update = config.updates_per_chunk + (last.update if last else 0)
    host = {name: np.asarray(value) for name, value in metrics._asdict().items()}
    _refuse_non_finite(arm.name, update, config.updates_per_chunk, host)
    found, evaluate_s = _evaluate(context, compiled, states, EVALUATE, False)
    measurement = Measurement(
        kind="chunk",
        arm=arm.name,
        update=update,
        steps=update * config.train.steps_per_update,
        compile_s=0.0,
        train_s=train_s + (last.train_s if last else 0.0),
        evaluate_s=evaluate_s + (last.evaluate_s if last else 0.0),
        faults=int(host["faults"].sum()) + (last.faults if last else 0),
        train={name: _means(values) for name, values in host.items()},
        sampled=found,
    )
    return states, measurement, config.seeds * config.evaluate.every / train_s


def _evaluate(
    context: Context, compiled: Compiled, states: Any, purpose: int, greedy: bool
) -> tuple[Evaluated, float]:
    began = time.perf_counter()
    key = key_for(context.config.seed, purpose)
    scores = jax.block_until_ready(compiled.evaluate(states.network, key, np.bool_(greedy)))
    return evaluated(scores, context.task), time.perf_counter() - began


def _finish(context: Context, arm: Arm, compiled: Compiled, states: Any, last: Measurement) -> None:
    """Evaluate on episodes that no decision was made on, sampled and greedy."""
    sampled, sampled_s = _evaluate(context, compiled, states, FINAL, False)
    greedy, greedy_s = _evaluate(context, compiled, states, FINAL, True)
    context.log.append(
        dataclasses.replace(
            last,
            kind="final",
            evaluate_s=last.evaluate_s + sampled_s + greedy_s,
            sampled=sampled,
            greedy=greedy,
        )
    )


def _reason_to_stop(config: RunConfig, last: Measurement | None) -> str | None:
    if last is None:
        return None
    stop_at = config.evaluate.stop_at
    if stop_at is not None and min(last.sampled.success) >= stop_at:
        return f"every seed succeeds in {stop_at:.0%} of its episodes, after {last.steps:,} steps"
    if last.steps >= config.train.total_steps:
        return f"all {last.steps:,} steps are used"
    return None


def _refuse_non_finite(arm: str, update: int, length: int, host: dict[str, np.ndarray]) -> None:
    """Stop on the first update whose loss or gradient was not finite; it is not saved."""
    broken = np.argwhere(host["non_finite_update"] > 0)
    if broken.size:
        first, seed = broken[0]
        raise RunError(
            "training broke down: a loss or a gradient is not finite",
            where=f"arm {arm}, seed {seed}, update {update - length + first + 1}",
            got=", ".join(f"{n} {host[n][first, seed]:g}" for n in ("policy_loss", "value_loss")),
            fix="lower train.learning_rate or the reward's weights; the checkpoints are sound",
        )


def _means(values: np.ndarray) -> list[float | None]:
    """The mean over a chunk's updates of each seed, over those that have a number."""
    known = np.isfinite(values)
    sums, counts = np.where(known, values, 0).sum(axis=0), known.sum(axis=0)
    return [finite(s / n) if n else None for s, n in zip(sums, counts, strict=True)]


def policy_of(arm: Arm, network: Any, greedy: Any) -> Callable[..., Any]:
    """Make a learner's policy with greediness as an array, so that one compilation serves both.

    Args:
        arm: the arm.
        network: one learner's network.
        greedy: bool[], whether to take the likeliest action rather than to draw one.

    Returns:
        `(key, obs, state) -> action` for one environment.
    """
    sampled, likeliest = arm.learner.policy(network), arm.learner.policy(network, greedy=True)

    def act(key: jax.Array, obs: Any, state: Any) -> Any:
        pair = sampled(key, obs, state), likeliest(key, obs, state)
        return jax.tree.map(lambda drawn, best: jnp.where(greedy, best, drawn), *pair)

    return act
