"""The `jaxcar` command. Exit codes: 0 done, 1 refused, rejected or failed, 2 misuse, 130 Ctrl-C."""

from __future__ import annotations

import difflib
import importlib
import os
import pathlib
import sys
from collections.abc import Sequence

from jaxcar.errors import (
    ConfigError,
    JaxcarError,
    RefusedProgram,
    RejectedReward,
    ReplyError,
    RunError,
)
from jaxcar.version import __version__

FAILED, MISUSE, STOPPED = 1, 2, 130

COMMANDS = {
    "run": "run a configuration: programs, verdict, training, report",
    "train": "train on given program files, or resume a run that was stopped",
    "check": "check a reward program, and say what is wrong with it",
    "explain": "show what each line of a program gives on pictures or inputs",
    "verify": "verify programs on a task's expert and random episodes",
    "tasks": "list the tasks",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the `jaxcar` command.

    Args:
        argv: its arguments; those of the process if None.

    Returns:
        The exit code.

    Example:
        >>> main(["chekc"])
        2
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["--version"], ["-V"]):
        print(f"jaxcar {__version__}")
        return 0
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage())
        return 0 if arguments else MISUSE
    try:
        return _call(arguments[0], arguments[1:])
    except SystemExit as stop:  # tyro ends so, after a message of its own
        return stop.code if isinstance(stop.code, int) else MISUSE
    except KeyboardInterrupt:
        print("stopped at once; what was saved before is intact", file=sys.stderr)
        return STOPPED
    except JaxcarError as error:
        print(f"error: {error}", file=sys.stderr)
        failed = isinstance(error, RefusedProgram | RejectedReward | ReplyError | RunError)
        return FAILED if failed else MISUSE


def _call(name: str, arguments: list[str]) -> int:
    """Import a command's module and call it."""
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        raise ConfigError(
            f"unknown command {name!r}",
            expected=", ".join(COMMANDS),
            fix=f"did you mean {near[0]!r}?" if near else "`jaxcar --help` tells what there is",
        )
    keep_compilations()
    module = importlib.import_module(f"jaxcar.commands.{name}")
    return module.main(arguments)


def keep_compilations() -> None:
    """Let JAX keep what it compiles in the user's cache folder, unless told where or not to.

    `JAX_COMPILATION_CACHE_DIR` names another folder; `JAX_ENABLE_COMPILATION_CACHE=false` keeps
    nothing. Where the folder cannot be made, nothing is kept.
    """
    if "JAX_COMPILATION_CACHE_DIR" in os.environ or "jax" in sys.modules:
        return
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    folder = pathlib.Path(home) / "jaxcar" / "xla"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.3")


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    tail = "`jaxcar COMMAND --help` tells the arguments, `jaxcar --version` the version."
    return "\n".join(["usage: jaxcar COMMAND [arguments]", "", *lines, "", tail])
