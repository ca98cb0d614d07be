"""`jaxcar run`: from a configuration to a report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tyro

from jaxcar.errors import ConfigError, JaxcarError
from jaxcar.run import execute
from jaxcar.run.config import RunConfig, load_config
from jaxcar.run.display import RichDisplay
from jaxcar.run.signals import Interrupted, stop_wish

if TYPE_CHECKING:
    from jaxcar.run.store import RunDirectory


@dataclass(frozen=True)
class Resume:
    """Go on with a run that was stopped, exactly where it was saved."""

    resume: str
    """The run's directory."""


def main(arguments: list[str], name: str = "run") -> int:
    """Run a configuration, or resume a run.

    Args:
        arguments: `CONFIG [flags]` or `--resume RUN`.
        name: the command that was called, for messages.

    Returns:
        The exit code.

    Raises:
        JaxcarError: whatever is known to go wrong, in words.
    """
    if any(argument.split("=")[0] == "--resume" for argument in arguments):
        resumed = tyro.cli(Resume, prog=f"jaxcar {name}", args=arguments)
        run, config = execute.reopen(resumed.resume)
        return carry_out(config, lambda: run)
    config = configure(arguments, name)
    if name == "train":
        execute.check_trainable(config)
    return carry_out(config, lambda: execute.begin(config))


def configure(arguments: list[str], name: str) -> RunConfig:
    """Read the configuration file and let flags override it.

    Args:
        arguments: `CONFIG [flags]`.
        name: the command that was called.

    Returns:
        The configuration.

    Raises:
        ConfigError: it cannot be used.
    """
    if arguments[:1] in (["-h"], ["--help"]):
        tyro.cli(RunConfig, prog=f"jaxcar {name} CONFIG", args=["--help"])
    if not arguments or arguments[0].startswith("-"):
        raise ConfigError(
            "no configuration is named",
            got=arguments[0] if arguments else "nothing",
            expected=f"jaxcar {name} CONFIG [flags]",
            fix=f"for example: jaxcar {name} configs/doorkey.yaml",
        )
    config = load_config(arguments[0])
    return tyro.cli(
        RunConfig, prog=f"jaxcar {name} {arguments[0]}", args=arguments[1:], default=config
    )


def carry_out(config: RunConfig, directory: Callable[[], RunDirectory]) -> int:
    """Do the run, with a display, and print what came of it.

    Args:
        config: the configuration.
        directory: opens or makes the run's directory.

    Returns:
        The exit code: 0, or 130 after Ctrl-C.
    """
    with stop_wish() as wish, RichDisplay() as display:
        run = directory()
        display.say(f"run directory: {run.path}")
        try:
            outcome = execute.execute(config, run, display, wish)
        except (Interrupted, KeyboardInterrupt) as stop:
            display.say(f"stopped; go on with: jaxcar train --resume {run.path}")
            return stop.exit_code if isinstance(stop, Interrupted) else 130
        except JaxcarError:
            display.say(f"the run ends here; what it stored is in {run.path}")
            raise
    print_outcome(outcome)
    return 0


def print_outcome(outcome: execute.Outcome) -> None:
    """Print a run's summary as a table, on standard output.

    Args:
        outcome: a finished run.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=outcome.summary["task"], title_justify="left", box=None, pad_edge=False)
    for column in ("reward", "success", "95 % interval", "steps to 90 %", "steps", "steps/s"):
        table.add_column(column, justify="left" if column == "reward" else "right")
    for name, arm in outcome.summary["arms"].items():
        low, high = arm["success_ci"]
        table.add_row(name, *_cells(arm, low, high))
    Console(file=sys.stdout, highlight=False).print(table)
    print(f"report:  {outcome.run.report}")
    print(f"summary: {outcome.run.summary}")


def _cells(arm: dict[str, Any], low: float, high: float) -> list[str]:
    solved = arm["steps_to_90"]
    return [
        f"{arm['success']:.1%}",
        f"{low:.1%} - {high:.1%}",
        "not reached" if solved is None else f"{solved:,}",
        f"{arm['steps']:,}",
        f"{arm['steps_per_s']:,.0f}",
    ]
