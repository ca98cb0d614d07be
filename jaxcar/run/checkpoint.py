"""Checkpoints of a learner's state, written by orbax: each appears whole or not at all."""

from __future__ import annotations

import pathlib
import shutil
from typing import TYPE_CHECKING, Any, TypeVar

from jaxcar.errors import RunError

if TYPE_CHECKING:
    import jax

State = TypeVar("State")
KEPT = 2


def save(folder: pathlib.Path, update: int, state: Any) -> None:
    """Write a state, and drop all but the last few checkpoints of the folder.

    Args:
        folder: where an arm's checkpoints are.
        update: how many updates made the state; the checkpoint's name.
        state: any pytree of arrays, typed keys among them.

    Raises:
        RunError: it cannot be written.
    """
    import orbax.checkpoint as ocp

    target = folder.absolute() / str(update)
    if target.exists():
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ocp.StandardCheckpointer() as checkpointer:
            checkpointer.save(target, _leaves(state))
            checkpointer.wait_until_finished()
        for old in updates(folder)[:-KEPT]:
            shutil.rmtree(folder / str(old))
    except (OSError, ValueError) as error:
        raise RunError(
            "the checkpoint cannot be written",
            where=target,
            got=str(error).splitlines()[0],
            fix="free the disk, then resume the run",
        ) from None


def updates(folder: pathlib.Path) -> list[int]:
    """List the checkpoints of a folder.

    Args:
        folder: where an arm's checkpoints are; it need not exist.

    Returns:
        Their numbers of updates, ascending. What a killed run left half-written has another name
        and is not among them.
    """
    if not folder.is_dir():
        return []
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())


def restore(folder: pathlib.Path, update: int, like: State) -> State:
    """Read a state.

    Args:
        folder: where an arm's checkpoints are.
        update: which one.
        like: a state of the same structure, shapes and dtypes; its values do not matter.

    Returns:
        The state as it was saved, bit for bit.

    Raises:
        RunError: the checkpoint is damaged, or is of another learner.
    """
    import jax
    import orbax.checkpoint as ocp

    source = folder.absolute() / str(update)
    wanted = jax.eval_shape(_leaves, like)
    try:
        with ocp.StandardCheckpointer() as checkpointer:
            stored = checkpointer.metadata(source).item_metadata
            kinds = {name: _kind(leaf) for name, leaf in dict(stored or {}).items()}
            if kinds != {name: _kind(leaf) for name, leaf in wanted.items()}:
                raise ValueError("arrays of other shapes or types")
            found = checkpointer.restore(source, wanted)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            "the checkpoint does not fit this run",
            where=source,
            got=(str(error).splitlines() or [type(error).__name__])[0],
            expected="a state of the configuration's own learner, undamaged",
            fix=f"restore the run's config.yaml, or delete {source.name!r} to resume before it",
        ) from None
    leaves, structure = jax.tree.flatten(like)
    restored = [
        jax.random.wrap_key_data(found[str(i)], impl=jax.random.key_impl(leaf))
        if _is_key(leaf)
        else found[str(i)]
        for i, leaf in enumerate(leaves)
    ]
    return jax.tree.unflatten(structure, restored)


def _leaves(state: Any) -> dict[str, jax.Array]:
    """The leaves by their number; typed keys as the integers they are made of."""
    import jax

    return {
        str(i): jax.random.key_data(leaf) if _is_key(leaf) else leaf
        for i, leaf in enumerate(jax.tree.leaves(state))
    }


def _kind(leaf: Any) -> tuple[tuple[int, ...], str]:
    return tuple(leaf.shape), str(leaf.dtype)


def _is_key(leaf: Any) -> bool:
    import jax

    return jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
