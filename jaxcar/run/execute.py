"""A run from beginning to end; every stage is stored, so a stopped run goes on where it was."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import jax

from jaxcar.envs.registry import make
from jaxcar.errors import ConfigError
from jaxcar.run import machine, programs, schema, store, summary
from jaxcar.run.arms import Arm, build_arms
from jaxcar.run.config import RunConfig
from jaxcar.run.film import film, write_film
from jaxcar.run.metrics import MetricsLog
from jaxcar.run.report import write_report
from jaxcar.run.train import FILM, Context, key_for, policy_of, train_arm
from jaxcar.verification.judge import find_preset

if TYPE_CHECKING:
    from jaxcar.run.display import Display
    from jaxcar.run.signals import StopWish
    from jaxcar.run.store import RunDirectory

_FILMED_SEED = 0


class Outcome(NamedTuple):
    """A finished run: its directory, and what `summary.json` there holds."""

    run: RunDirectory
    summary: dict[str, Any]


def begin(config: RunConfig) -> RunDirectory:
    """Check everything that can be checked at once, then make the run's directory.

    Args:
        config: the configuration.

    Returns:
        A new directory with the configuration, and the program files if there are any.

    Raises:
        JaxcarError: a task, option, program or setting cannot be used; nothing is written then.
        RunError: the directory cannot be made.
    """
    task = make(config.task.id, **config.task.options)
    find_preset(config.verify.preset)
    sources = programs.read_sources(config.programs) if config.needs_program else []
    if sources:
        build_arms(config, task, programs.compile_sources(sources, task))
    elif config.needs_program:
        programs.client_for(config)
    assert config.out is not None, "load_config fills in the directory"
    run = store.create(config.out, schema.to_yaml(config))
    if sources:
        stored = store.write_programs(run, [(source.name, source.text) for source in sources])
        own = dataclasses.replace(config, programs=tuple(f"programs/{file}" for file in stored))
        store.write(run.config, schema.to_yaml(own))
    store.write_json(run.machine, machine.describe())
    return run


def reopen(path: str) -> tuple[RunDirectory, RunConfig]:
    """Open a run that was stopped.

    Args:
        path: its directory.

    Returns:
        The run and its configuration.

    Raises:
        RunError: there is no run.
        ConfigError: its configuration was changed into one that cannot be used.
    """
    run = store.open_run(path)
    return run, schema.load(RunConfig, run.config)


def execute(config: RunConfig, run: RunDirectory, display: Display, wish: StopWish) -> Outcome:
    """Do whatever of a run is not done yet: programs, verdict, training, film, report.

    Args:
        config: the run's configuration.
        run: its directory.
        display: told of every stage.
        wish: whether to stop.

    Returns:
        The finished run.

    Raises:
        RejectedReward: the programs are rejected; nothing is trained.
        Interrupted: the run was asked to stop, and can be resumed.
        JaxcarError: whatever else is known to go wrong, in words.
    """
    began = time.monotonic()
    earlier = _seconds_before(MetricsLog(run.metrics))
    if not run.machine.exists():
        store.write_json(run.machine, machine.describe())
    task = make(config.task.id, **config.task.options)
    store.write_json(run.task, {"id": task.id, "text": task.text})
    program = None
    if config.needs_program:
        program = programs.obtain(config, task, run, display)
        wish.check()
    arms = build_arms(config, task, program)
    context = Context(run, config, task, display, wish)
    networks = {arm.name: train_arm(context, arm).network for arm in arms}
    display.say("filming the trained policy")
    _film(context, arms, networks, program)
    found = summary.summarise(
        task.id,
        store.read_json(run.verdict) if run.verdict.exists() else None,
        context.log.read(),
        earlier + time.monotonic() - began,
    )
    store.write_json(run.summary, found)
    write_report(run)
    return Outcome(run, found)


def check_trainable(config: RunConfig) -> None:
    """Refuse a configuration that would ask a model where only training is wanted.

    Args:
        config: the configuration.

    Raises:
        ConfigError: an arm needs programs and no files are given.
    """
    if config.needs_program and not config.programs:
        raise ConfigError(
            "`jaxcar train` asks no model, and no program files are given",
            where="programs",
            got="none",
            expected="files of reward programs, or --arms sparse",
            fix="give --programs FILE..., or use `jaxcar run`",
        )


def _film(context: Context, arms: list[Arm], networks: dict[str, Any], program: Any) -> None:
    """Film the program's arm if there is one, and what its programs say of every frame."""
    run, config, task = context.run, context.config, context.task
    if run.film.exists():
        return
    arm = next((arm for arm in arms if arm.name == "program"), arms[0])
    network = jax.tree.map(lambda leaf: leaf[_FILMED_SEED], networks[arm.name])

    def shoot(network: Any, key: jax.Array) -> Any:
        return film(arm.env, task, policy_of(arm, network, False), key)

    filmed = jax.jit(shoot)(network, key_for(config.seed, FILM))
    names = [] if arm.env is task.env else programs.bit_names(program)
    write_film(run, filmed, task, names, arm.name, _FILMED_SEED)


def _seconds_before(log: MetricsLog) -> float:
    """What the measured work of a stopped run took, as far as it is known."""
    measurements = log.read()
    last = [
        summary.final(summary.of_arm(measurements, arm)) for arm in {m.arm for m in measurements}
    ]
    return sum(m.compile_s + m.train_s + m.evaluate_s for m in last)
