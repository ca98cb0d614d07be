"""What a cell of the grid may hold, in the numbering of Farama minigrid.

A cell is (object, colour, state). Packed into one number it is a *cell code*,
`(object * 6 + colour) * 3 + state`, which fits a uint8.
"""

from __future__ import annotations

from enum import IntEnum

import jax
import jax.numpy as jnp


class Object(IntEnum):
    """The kinds of things that a cell holds."""

    UNSEEN = 0
    EMPTY = 1
    WALL = 2
    FLOOR = 3
    DOOR = 4
    KEY = 5
    BALL = 6
    BOX = 7
    GOAL = 8
    LAVA = 9
    AGENT = 10


class Colour(IntEnum):
    """The colours of things."""

    RED = 0
    GREEN = 1
    BLUE = 2
    PURPLE = 3
    YELLOW = 4
    GREY = 5


class DoorState(IntEnum):
    """The states of a door; everything else is in state 0."""

    OPEN = 0
    CLOSED = 1
    LOCKED = 2


class Action(IntEnum):
    """What an agent can do."""

    LEFT = 0
    RIGHT = 1
    FORWARD = 2
    PICKUP = 3
    DROP = 4
    TOGGLE = 5
    DONE = 6


NUM_OBJECTS, NUM_COLOURS, NUM_STATES = len(Object), len(Colour), len(DoorState)

EMPTY = (int(Object.EMPTY), 0, 0)
WALL = (int(Object.WALL), int(Colour.GREY), 0)
GOAL = (int(Object.GOAL), int(Colour.GREEN), 0)


def code_of(kind: int, colour: int = 0, state: int = 0) -> int:
    """Pack one cell that is known while tracing.

    Args:
        kind: an `Object`.
        colour: a `Colour`.
        state: a `DoorState`, or 0.

    Returns:
        The cell code.
    """
    return (int(kind) * NUM_COLOURS + int(colour)) * NUM_STATES + int(state)


def pack(cells: jax.Array) -> jax.Array:
    """Pack cells into cell codes.

    Args:
        cells: integers `[..., 3]` of (object, colour, state).

    Returns:
        `uint8[...]`.

    Example:
        >>> int(pack(jnp.array([4, 4, 2])))  # a locked yellow door
        86
    """
    cells = cells.astype(jnp.uint8)
    return (cells[..., 0] * NUM_COLOURS + cells[..., 1]) * NUM_STATES + cells[..., 2]


def unpack(codes: jax.Array) -> jax.Array:
    """Unpack cell codes; the inverse of `pack`.

    Args:
        codes: integers `[...]`.

    Returns:
        `uint8[..., 3]` of (object, colour, state).

    Example:
        >>> unpack(jnp.array(86)).tolist()
        [4, 4, 2]
    """
    codes = codes.astype(jnp.uint8)
    per_object = NUM_COLOURS * NUM_STATES
    kind, rest = codes // per_object, codes % per_object
    return jnp.stack([kind, rest // NUM_STATES, rest % NUM_STATES], axis=-1)


def can_enter(kind: jax.Array, state: jax.Array) -> jax.Array:
    """Tell whether an agent may step onto a cell.

    Args:
        kind: the cell's object, integers of any shape.
        state: the cell's state, of the same shape.

    Returns:
        `bool`, of that shape.
    """
    plain = (kind == Object.EMPTY) | (kind == Object.FLOOR)
    special = (kind == Object.GOAL) | (kind == Object.LAVA)
    return plain | special | ((kind == Object.DOOR) & (state == DoorState.OPEN))


def can_carry(kind: jax.Array) -> jax.Array:
    """Tell whether an object can be picked up.

    Args:
        kind: objects, integers of any shape.

    Returns:
        `bool`, of that shape.
    """
    return (kind == Object.KEY) | (kind == Object.BALL) | (kind == Object.BOX)


def is_opaque(kind: jax.Array, state: jax.Array) -> jax.Array:
    """Tell whether a cell hides what lies behind it.

    Args:
        kind: the cell's object, integers of any shape.
        state: the cell's state, of the same shape.

    Returns:
        `bool`, of that shape.
    """
    return (kind == Object.WALL) | ((kind == Object.DOOR) & (state != DoorState.OPEN))
