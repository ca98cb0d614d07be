"""What a run comes to: success with its interval, steps to 90 %, speed; the names are fixed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from jaxcar.run.metrics import Evaluated, Measurement

LEVEL = 0.95
SOLVED = 0.9
_RESAMPLES = 10_000


class Interval(NamedTuple):
    """A mean over seeds and its 95 % interval."""

    mean: float
    low: float
    high: float


def success_interval(
    success: Sequence[float], episodes: int, resamples: int = _RESAMPLES
) -> Interval:
    """Give the mean success over seeds with a 95 % interval from a two-level bootstrap.

    Seeds are resampled with replacement, and each resampled seed's success is drawn from its
    Jeffreys posterior Beta(k + 1/2, n - k + 1/2), k successes in n episodes: the interval holds
    both the spread between seeds and that of finitely many episodes, and does not collapse when
    all episodes succeed. With few seeds it is too narrow, as every bootstrap over them is.

    Args:
        success: each seed's share of successful episodes.
        episodes: n, how many episodes each seed played.
        resamples: how many draws.

    Returns:
        The mean and the interval, which holds the mean; the same every time.

    Example:
        >>> mean, low, high = success_interval([1.0, 1.0, 1.0, 1.0], 512)
        >>> mean, high, 0.99 < low < 1.0
        (1.0, 1.0, True)
    """
    shares = np.asarray(success, float)
    generator = np.random.default_rng(0)
    chosen = generator.integers(0, len(shares), (resamples, len(shares)))
    count = np.round(shares * episodes)[chosen]
    drawn = generator.beta(count + 0.5, episodes - count + 0.5).mean(axis=1)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    mean = float(shares.mean())
    return Interval(mean, min(float(low), mean), max(float(high), mean))


def mean_interval(values: Sequence[float | None], resamples: int = 2_000) -> Interval:
    """Give the mean over seeds with a 95 % percentile bootstrap interval over seeds.

    Args:
        values: one value a seed; None where it was not finite.
        resamples: how many draws.

    Returns:
        The mean and the interval, all NaN where no seed has a value.
    """
    known = np.asarray([value for value in values if value is not None], float)
    if not known.size:
        return Interval(math.nan, math.nan, math.nan)
    chosen = np.random.default_rng(0).integers(0, known.size, (resamples, known.size))
    low, high = np.quantile(known[chosen].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(known.mean()), float(low), float(high))


def steps_to(measurements: Sequence[Measurement], share: float = SOLVED) -> int | None:
    """Give the median over seeds of the first evaluated step with success of at least `share`.

    A seed that never reached it counts as later than all that did; of an even number of seeds the
    lower middle one is taken.

    Args:
        measurements: one arm's chunks.
        share: the success asked for.

    Returns:
        Environment steps of one seed; None where fewer than half of the seeds reached it.
    """
    chunks = [m for m in measurements if m.kind == "chunk"]
    if not chunks:
        return None
    first = [
        min((m.steps for m in chunks if m.sampled.success[seed] >= share), default=math.inf)
        for seed in range(len(chunks[0].sampled.success))
    ]
    median = sorted(first)[(len(first) - 1) // 2]
    return None if math.isinf(median) else int(median)


def of_arm(measurements: Sequence[Measurement], arm: str) -> list[Measurement]:
    """Pick one arm's measurements, in order."""
    return [m for m in measurements if m.arm == arm]


def final(measurements: Sequence[Measurement]) -> Measurement:
    """Pick the final measurement of one arm, or its last chunk while there is none."""
    return next((m for m in measurements if m.kind == "final"), measurements[-1])


def equal_steps(measurements: Sequence[Measurement]) -> dict[str, tuple[int, Evaluated]]:
    """Compare the arms where both were evaluated: at the steps of the one that stopped first.

    Args:
        measurements: all arms' measurements.

    Returns:
        By arm, the steps (the same for every arm if all are evaluated equally often) and the
        evaluation there.
    """
    by_arm: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        if measurement.kind == "chunk":
            by_arm.setdefault(measurement.arm, []).append(measurement)
    if not by_arm:
        return {}
    shared = min(chunks[-1].steps for chunks in by_arm.values())
    picked = {arm: [m for m in chunks if m.steps <= shared] for arm, chunks in by_arm.items()}
    return {arm: (ms[-1].steps, ms[-1].sampled) for arm, ms in picked.items() if ms}


def summarise(
    task_id: str,
    verdict: dict[str, Any] | None,
    measurements: Sequence[Measurement],
    wall_s: float,
) -> dict[str, Any]:
    """Write up a run.

    Args:
        task_id: the task.
        verdict: the verdict as data, None where no program was verified.
        measurements: all arms' measurements.
        wall_s: seconds from the start of the run to here.

    Returns:
        What `summary.json` holds. `success` is of the final sampled evaluation; `steps` and
        `steps_to_90` count one seed's environment steps; `steps_per_s` is over all seeds, without
        compiling and evaluating; `faults` are a program's, over all seeds and steps.
    """
    arms = {}
    for arm in dict.fromkeys(m.arm for m in measurements):
        own = of_arm(measurements, arm)
        last = final(own)
        interval = success_interval(last.sampled.success, last.sampled.episodes)
        seeds = len(last.sampled.success)
        arms[arm] = {
            "success": interval.mean,
            "success_ci": [interval.low, interval.high],
            "steps_to_90": steps_to(own),
            "steps_per_s": seeds * last.steps / last.train_s if last.train_s > 0 else 0.0,
            "steps": last.steps,
            "faults": last.faults,
        }
    compile_s = sum(final(of_arm(measurements, arm)).compile_s for arm in arms)
    short = verdict and {"accepted": verdict["accepted"], "subtasks": verdict["subtasks"]}
    return {
        "task": task_id,
        "verdict": short,
        "arms": arms,
        "compile_s": compile_s,
        "wall_s": wall_s,
    }
