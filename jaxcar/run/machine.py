"""What a run was made on: versions, system and devices."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from typing import Any

_PACKAGES = ("jaxcar", "jax", "jaxlib", "flax", "optax", "gymnax", "numpy", "orbax-checkpoint")


def describe() -> dict[str, Any]:
    """Describe this machine and its software.

    Returns:
        `started` (UTC), `system`, `processors`, `devices` and `versions` by package.
    """
    import jax

    devices = jax.devices()
    return {
        "started": datetime.datetime.now(datetime.UTC).isoformat(sep=" ", timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "devices": f"{len(devices)} x {devices[0].device_kind}, {os.cpu_count()} processors",
        "versions": {"python": platform.python_version()}
        | {name: version for name in _PACKAGES if (version := _version(name))},
    }


def _version(name: str) -> str | None:
    if name == "jaxcar":
        from jaxcar.version import __version__

        return __version__
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
