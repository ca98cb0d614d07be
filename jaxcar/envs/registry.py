"""Task ids and what they build. Importing this module imports no environment."""

from __future__ import annotations

import difflib
import importlib
import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from jaxcar.errors import JaxcarError, UnknownTask

if TYPE_CHECKING:
    from jaxcar.envs.task import Task

Factory = Callable[..., "Task"]


def _grid_factory(builder: str, task_id: str, *layout: Any) -> Factory:
    """Import `jaxcar.envs.grid.tasks` and bind one of its builders to a layout."""
    tasks = importlib.import_module("jaxcar.envs.grid.tasks")
    return partial(getattr(tasks, builder), task_id, *layout)


def _grid_loaders() -> dict[str, Callable[[], Factory]]:
    loaders: dict[str, Callable[[], Factory]] = {}
    for size in (5, 6, 8, 16):
        task_id = f"MiniGrid-Empty-{size}x{size}-v0"
        loaders[task_id] = partial(_grid_factory, "empty", task_id, size, False)
    for size in (5, 6):
        task_id = f"MiniGrid-Empty-Random-{size}x{size}-v0"
        loaders[task_id] = partial(_grid_factory, "empty", task_id, size, True)
    for size in (5, 6, 8, 16):
        task_id = f"MiniGrid-DoorKey-{size}x{size}-v0"
        loaders[task_id] = partial(_grid_factory, "door_key", task_id, size)
    return loaders


_loaders: dict[str, Callable[[], Factory]] = _grid_loaders()


def _suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else otherwise


def task_ids() -> tuple[str, ...]:
    """List the ids that `make` knows, in the order in which they were registered.

    Returns:
        The ids.

    Example:
        >>> "MiniGrid-DoorKey-8x8-v0" in task_ids()
        True
    """
    return tuple(_loaders)


def register(task_id: str, factory: Factory) -> None:
    """Make a task known under an id.

    Args:
        task_id: the id, which must be free.
        factory: called as `factory(**options)` by each `make`; returns a `Task`. Its keyword
            parameters are the options that `make` accepts.

    Raises:
        JaxcarError: the id is taken, or the factory cannot be called.

    Example:
        >>> from dataclasses import replace
        >>> def small(*, tile_size: int = 8):
        ...     return replace(make("MiniGrid-Empty-5x5-v0", tile_size=tile_size), id="Small-v0")
        >>> register("Small-v0", small)
        >>> make("Small-v0", tile_size=16).frame_shape
        (80, 80, 3)
    """
    if task_id in _loaders:
        raise JaxcarError("this task id is taken", got=task_id, fix="choose another id")
    if not callable(factory):
        raise JaxcarError(
            "a task factory must be callable",
            where=task_id,
            got=type(factory).__name__,
            expected="factory(**options) -> Task",
        )
    _loaders[task_id] = lambda: factory


def make(task_id: str, **options: Any) -> Task:
    """Build a task by its id.

    Args:
        task_id: one of `task_ids()`.
        **options: what the task lets its user choose; for grids `tile_size`, `highlight` and
            `observation`.

    Returns:
        The task. Grid environments of equal options compare equal, so that jitted functions
        which close over them are not compiled again.

    Raises:
        UnknownTask: no task has this id.
        JaxcarError: the task has no such option, or not this value of it.

    Example:
        >>> make("MiniGrid-DoorKey-8x8-v0", tile_size=8).frame_shape
        (64, 64, 3)
    """
    if task_id not in _loaders:
        raise UnknownTask(
            "unknown task",
            got=task_id,
            fix=_suggestion(task_id, _loaders, "`jaxcar tasks` lists the tasks"),
        )
    factory = _loaders[task_id]()
    _check_options(task_id, factory, options)
    return factory(**options)


def _check_options(task_id: str, factory: Factory, options: dict[str, Any]) -> None:
    parameters = inspect.signature(factory).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return
    by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    known = [parameter.name for parameter in parameters if parameter.kind in by_name]
    for name in options:
        if name not in known:
            raise JaxcarError(
                "unknown task option",
                where=task_id,
                got=name,
                expected=", ".join(known) or "no options",
                fix=_suggestion(name, known, "leave it out"),
            )
