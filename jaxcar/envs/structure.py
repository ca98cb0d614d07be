"""What a loop carries keeps its structure, shapes and dtypes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from jaxcar.errors import JaxcarError


def strong(tree: Any) -> Any:
    """Fix every leaf's dtype: Python numbers are weakly typed, and loops want one type.

    Args:
        tree: a pytree of numbers and arrays.

    Returns:
        The same numbers as arrays with types of their own.

    Example:
        >>> strong({"time": 0})["time"].weak_type
        False
    """
    return jax.tree.map(_strong_leaf, tree)


def matching(new: Any, old: Any, what: str) -> Any:
    """Give a loop's new value the types of its old one, and refuse a change of type.

    Args:
        new: a pytree; Python numbers take the old leaf's dtype where that loses nothing.
        old: what it replaces, made by `strong`.
        what: its name, for the message.

    Returns:
        `new`, with arrays of the old dtypes as leaves.

    Raises:
        JaxcarError: where structure, a shape or a dtype differs.

    Example:
        >>> int(matching(1, strong(0), "count"))
        1
    """
    structure: Any  # the type of a tree definition has no public name
    old_leaves, structure = jax.tree.flatten(old)
    new_leaves, new_structure = jax.tree.flatten(new)
    if new_structure != structure:
        raise JaxcarError(
            f"the {what} changes its structure between the reset and a step",
            got=new_structure,
            expected=structure,
        )
    leaves = [_like(leaf, like, what) for leaf, like in zip(new_leaves, old_leaves, strict=True)]
    return jax.tree.unflatten(structure, leaves)


def select(condition: jax.Array, on_true: Any, on_false: Any) -> Any:
    """Choose one of two pytrees of one structure.

    Args:
        condition: bool[].
        on_true: the choice where it holds.
        on_false: the choice where it does not.

    Returns:
        The chosen one, leaf by leaf.
    """
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), on_true, on_false)


def _strong_leaf(leaf: Any) -> jax.Array:
    leaf = jnp.asarray(leaf)
    return leaf if _is_key(leaf) else jax.lax.convert_element_type(leaf, leaf.dtype)


def _like(leaf: Any, like: jax.Array, what: str) -> jax.Array:
    leaf = jnp.asarray(leaf)
    kind = jnp.result_type(leaf, like) if jax.typeof(leaf).weak_type else leaf.dtype
    if leaf.shape != like.shape or kind != like.dtype:
        raise JaxcarError(
            f"the {what} changes its type between the reset and a step",
            got=f"{leaf.dtype}{list(leaf.shape)}",
            expected=f"{like.dtype}{list(like.shape)}",
            fix="give the first value the dtype and shape of the later ones",
        )
    return leaf if _is_key(leaf) else jax.lax.convert_element_type(leaf, like.dtype)


def _is_key(leaf: jax.Array) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
