"""Grid worlds, exact against Farama minigrid: dynamics, view and pictures."""

from jaxcar.envs.grid.cells import Action, Colour, DoorState, Object
from jaxcar.envs.grid.env import GridEnv
from jaxcar.envs.grid.farama import from_minigrid
from jaxcar.envs.grid.layouts import DoorKey, Empty
from jaxcar.envs.grid.picture import Picture
from jaxcar.envs.grid.state import GridParams, GridState

__all__ = [
    "Action",
    "Colour",
    "DoorKey",
    "DoorState",
    "Empty",
    "GridEnv",
    "GridParams",
    "GridState",
    "Object",
    "Picture",
    "from_minigrid",
]
